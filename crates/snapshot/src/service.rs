//! One service as requests find it: routes, keys, effective policies.

use std::{collections::HashMap, sync::Arc};

use policy::{Headers, entity};
use store::Key;

use crate::{
    addresses::{Addresses, NoApi},
    build::Operations,
    hosts::HostName,
    keys::{Access, Denied, Keys},
    path::RequestPath,
    policies::Policies,
};

/// The compiled configuration of one service. It never changes.
#[derive(Debug)]
pub struct ServiceSnapshot {
    /// The service's key in the store.
    pub key: Key,
    /// What `context` shows.
    pub entity: Arc<entity::Service>,
    /// What could not be used of its configuration.
    pub problems: Vec<Problem>,
    /// The policies for a request that means no operation: those of the service alone.
    pub policies: Policies,
    pub(crate) addresses: Arc<Addresses>,
    /// By the numbers of `addresses`.
    pub(crate) apis: Vec<Arc<Api>>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) hosts: Vec<Arc<HostName>>,
}

/// A stored document that cannot be used, and why. What does not depend on it works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The document.
    pub key: Key,
    /// What is wrong with it.
    pub message: String,
}

/// One revision of an API.
#[derive(Clone, Debug)]
pub struct Api {
    /// What `context` shows.
    pub entity: Arc<entity::Api>,
    /// The workspace that it lives in.
    pub workspace: Option<Arc<entity::Workspace>>,
    /// Whether it speaks WebSocket instead of HTTP.
    pub websocket: bool,
    /// The products that hold it.
    pub products: Vec<Arc<Product>>,
    /// The service or workspace that it lives in.
    pub(crate) domain: Key,
    /// The key of its current revision.
    pub(crate) base: Key,
    pub(crate) operations: Arc<Operations>,
    /// For operations without a policy document: without a product, then with each of `products`.
    pub(crate) policies: Vec<Policies>,
    /// The same for operations with a document of their own, by number.
    pub(crate) operation_policies: HashMap<usize, Vec<Policies>>,
}

/// A product.
#[derive(Debug)]
pub struct Product {
    /// Its key in the store.
    pub key: Key,
    /// What `context` shows.
    pub entity: Arc<entity::Product>,
}

impl Product {
    /// Whether its APIs can be called without a key: it asks for none, and it is published.
    pub fn is_open(&self) -> bool {
        !self.entity.subscription_required && self.entity.published
    }
}

/// What a request means.
#[derive(Debug)]
pub struct Match<'p> {
    /// The revision of the API.
    pub api: Arc<Api>,
    /// The operation.
    pub operation: Arc<entity::Operation>,
    /// The parameters of the operation's template with their decoded values; a wildcard's is called `*`.
    pub parameters: Vec<(Arc<str>, String)>,
    /// The path below the API as the client wrote it: what goes behind the service URL. It begins with `/`.
    pub path: &'p str,
    number: usize,
}

/// Why a request means no operation.
#[derive(Debug)]
pub enum NotFound {
    /// No API has its path or revision.
    Api,
    /// APIs have its path, but none is of the version that it names, or fails to name.
    Version,
    /// The API has no such operation.
    Operation(Arc<Api>),
}

impl ServiceSnapshot {
    /// Finds the operation that a request means. `path` and `query` are as on the wire, without `?`. `websocket` says whether it
    /// would open a WebSocket.
    pub fn route<'p>(
        &self,
        method: &str,
        path: &'p str,
        query: &str,
        headers: &Headers,
        websocket: bool,
    ) -> Result<Match<'p>, NotFound> {
        let path = RequestPath::new(path).ok_or(NotFound::Api)?;
        let (number, from) = self.addresses.find(&path, query, headers, websocket).map_err(|none| match none {
            NoApi::Path => NotFound::Api,
            NoApi::Version => NotFound::Version,
        })?;
        let api = self.apis.get(number).ok_or(NotFound::Api)?;
        let found = api.operations.routes.find(method, &path, from, query);
        let operation =
            found.and_then(|found| Some((found.target, api.operations.list.get(found.target)?, found.parameters)));
        let (number, operation, parameters) = operation.ok_or_else(|| NotFound::Operation(Arc::clone(api)))?;
        Ok(Match { api: Arc::clone(api), operation: Arc::clone(operation), parameters, path: path.rest(from), number })
    }

    /// Decides whether a request may call `api`, and as whom.
    pub fn access(&self, api: &Api, query: &str, headers: &Headers) -> Result<Access, Denied> {
        self.keys.access(api, query, headers)
    }

    /// The APIs, revisions included, by key.
    pub fn apis(&self) -> &[Arc<Api>] {
        &self.apis
    }
}

impl Match<'_> {
    /// The effective policies of the operation for a request handled in the context of `product`.
    pub fn policies(&self, product: Option<&Arc<Product>>) -> Option<&Policies> {
        self.api.policies_of(Some(self.number), product)
    }
}

impl Api {
    /// The effective policies of an operation, or of the API without one.
    pub(crate) fn policies_of(&self, operation: Option<usize>, product: Option<&Arc<Product>>) -> Option<&Policies> {
        let own = operation.and_then(|number| self.operation_policies.get(&number));
        let at = match product {
            None => 0,
            Some(product) => 1 + self.products.iter().position(|held| held.key == product.key)?,
        };
        own.unwrap_or(&self.policies).get(at)
    }
}
