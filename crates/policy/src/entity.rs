//! What the configuration says of a service, an API, a product…: plain immutable data that `context` shows.
//!
//! `snapshot` builds these when it publishes; an exchange holds them by `Arc`.

use std::{
    any::Any,
    collections::HashMap,
    fmt,
    sync::{Arc, OnceLock},
};

use base::{Secret, Timestamp};
use bytes::Bytes;
use json_schema::Definition;

use crate::{
    HeaderName, HeaderValue, Status, Url,
    breaker::BreakerRule,
    fabric::FabricCluster,
    trust::{Anchors, Pins},
};

/// A service instance: `context.Deployment`, and what its settings say for every request.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// Its name.
    pub name: Arc<str>,
    /// Its ARM id.
    pub id: Arc<str>,
    /// Its region.
    pub region: Arc<str>,
    /// `managed`, or the self-hosted gateway's id.
    pub gateway_id: Arc<str>,
    /// This process.
    pub gateway_instance_id: Arc<str>,
    /// Whether the gateway is part of the service.
    pub gateway_is_managed: bool,
    /// How large a body may be that policies have in memory, in bytes; 0 stands for 100 MiB.
    pub body_limit: u64,
    /// The backends and certificates that expressions can name.
    pub directory: Directory,
    /// Who vouches for clients that show a certificate.
    pub authorities: Box<[Authority]>,
    /// The same for backends; none without authorities of its own.
    pub anchors: Option<Arc<Anchors>>,
    /// Whether HTTPS clients are asked for a certificate.
    pub asks_for_certificate: bool,
    /// The service's own identity, if it has one: its object id.
    pub principal: Option<Arc<str>>,
    /// What `get-authorization-context` finds, by provider and authorization, both lower-case.
    pub authorizations: HashMap<(Box<str>, Box<str>), Arc<Authorization>>,
}

/// A certificate authority that an operator put into the service.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Its certificate.
    pub certificate: crypto::x509::Certificate,
    /// Whether chains may end here; otherwise it only leads on to another one.
    pub is_root: bool,
}

/// A way to get tokens for calls in somebody's name: an authorization of the credential manager.
#[derive(Clone, Debug)]
pub struct Authorization {
    /// Its key in the store, which tokens are kept under.
    pub key: Box<str>,
    /// Where its provider's tenants sign in, if that is not the usual place.
    pub login: Option<Url>,
    /// How a token is fetched, or why none can be.
    pub grant: Result<ClientCredentials, String>,
    /// Who may use it.
    pub access: Box<[AccessPolicy]>,
}

/// What the client credentials grant sends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientCredentials {
    /// Where tokens are given out.
    pub token_url: Url,
    /// Who asks.
    pub client_id: Arc<str>,
    /// What proves it.
    pub client_secret: Secret<Arc<str>>,
    /// Further fields of the form: `scope`, `resource`.
    pub fields: Box<[(Arc<str>, Arc<str>)]>,
}

/// Somebody who may use an authorization.
#[derive(Clone, Debug, Default)]
pub struct AccessPolicy {
    /// The object id of an identity.
    pub object_id: Arc<str>,
    /// Its tenant.
    pub tenant_id: Arc<str>,
    /// Applications that may act for it; empty for any.
    pub app_ids: Box<[Arc<str>]>,
}

/// A workspace.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "`context.Workspace`")]
pub struct Workspace {
    pub id: Arc<str>,
    pub name: Arc<str>,
    /// The backends and certificates of this workspace.
    pub directory: Directory,
}

/// What can be found by name at run time. Names are lower-case.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// Backends.
    pub backends: HashMap<Box<str>, Arc<Backend>>,
    /// Certificates.
    pub certificates: HashMap<Box<str>, Arc<ClientCertificate>>,
    /// The same backends by the hosts of their URLs, the longest path first; pools are not among them.
    pub hosts: HashMap<Arc<str>, Vec<Arc<Backend>>>,
}

impl Directory {
    /// Of backends and certificates by name.
    pub fn new(
        backends: HashMap<Box<str>, Arc<Backend>>,
        certificates: HashMap<Box<str>, Arc<ClientCertificate>>,
    ) -> Self {
        let mut hosts: HashMap<Arc<str>, Vec<Arc<Backend>>> = HashMap::new();
        for backend in backends.values().filter(|backend| backend.pool.is_none()) {
            if let Some(url) = &backend.url {
                hosts.entry(Arc::clone(&url.host)).or_default().push(Arc::clone(backend));
            }
        }
        let length = |backend: &Backend| backend.url.as_ref().map_or(0, |url| url.path.trim_end_matches('/').len());
        for backends in hosts.values_mut() {
            backends.sort_by(|one, other| length(other).cmp(&length(one)).then_with(|| one.id.cmp(&other.id)));
        }
        Self { backends, certificates, hosts }
    }

    /// The backend whose URL `url` lies below, the longest one; among equals the first by name.
    pub fn backend_of(&self, url: &Url) -> Option<&Arc<Backend>> {
        if self.hosts.is_empty() {
            return None;
        }
        self.hosts.get(&url.host)?.iter().find(|backend| backend.url.as_ref().is_some_and(|base| url.is_below(base)))
    }
}

/// `context.Api`.
#[derive(Clone, Debug, Default)]
pub struct Api {
    /// The resource's name, without `;rev=`.
    pub id: Arc<str>,
    /// The display name.
    pub name: Arc<str>,
    /// The path suffix, without slashes around it.
    pub path: Arc<str>,
    /// `http`, `https`, `ws`, `wss`.
    pub protocols: Box<[Arc<str>]>,
    /// Where its backend lives, if it says so.
    pub service_url: Option<Url>,
    /// The header that carries a subscription key.
    pub key_header: Arc<str>,
    /// The query parameter that carries a subscription key.
    pub key_query: Arc<str>,
    /// Whether a call needs a subscription key.
    pub subscription_required: bool,
    /// Whether this is the revision that answers without `;rev=`.
    pub is_current_revision: bool,
    /// The revision.
    pub revision: Arc<str>,
    /// The version, empty without one.
    pub version: Arc<str>,
    /// Whether it is one of gRPC, whose backends are called over HTTP/2.
    pub grpc: bool,
}

/// `context.Operation`.
#[derive(Clone, Debug, Default)]
pub struct Operation {
    /// The resource's name.
    pub id: Arc<str>,
    /// The display name.
    pub name: Arc<str>,
    /// The method it answers; `*` stands for any.
    pub method: Arc<str>,
    /// The template, as `/orders/{id}?x={y}`.
    pub url_template: Arc<str>,
    /// Declared parameters of the path, the query and the headers, each name once in its place.
    pub parameters: Box<[Parameter]>,
    /// A declared request body for each content type.
    pub request: Box<[Representation]>,
    /// Declared responses.
    pub responses: Box<[DeclaredResponse]>,
}

impl Operation {
    /// Everything that it declares a schema for.
    pub fn definitions(&self) -> impl Iterator<Item = &Arc<Definition>> {
        let headers = self.responses.iter().flat_map(|response| response.headers.iter());
        let bodies = self.responses.iter().flat_map(|response| response.representations.iter());
        let parameters = self.parameters.iter().chain(headers).filter_map(|one| one.definition.as_ref());
        parameters.chain(self.request.iter().chain(bodies).filter_map(|body| body.definition.as_ref()))
    }

    /// The response that it declares for `status`.
    pub fn response(&self, status: Status) -> Option<&DeclaredResponse> {
        self.responses.iter().find(|response| response.status == status)
    }

    /// The names of the query parameters in its own URL template: those that `rewrite-uri` drops.
    pub fn template_query(&self) -> impl Iterator<Item = &str> {
        let query = self.url_template.split_once('?').map_or("", |(_, query)| query);
        query.split('&').filter_map(|pair| pair.split('=').next()).filter(|name| !name.is_empty())
    }
}

/// A response that an operation declares.
#[derive(Clone, Debug, Default)]
pub struct DeclaredResponse {
    /// Its status.
    pub status: Status,
    /// Its headers.
    pub headers: Box<[Parameter]>,
    /// A body for each content type, in the order they were declared.
    pub representations: Box<[Representation]>,
}

/// A content type with what stands for it.
#[derive(Clone, Debug, Default)]
pub struct Representation {
    /// The content type.
    pub content_type: Arc<str>,
    /// The example, or a sample made from the schema when the snapshot was built; none if neither is there.
    pub example: Option<Bytes>,
    /// What it must be like, where that is declared.
    pub definition: Option<Arc<Definition>>,
}

/// Where a parameter stands in a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum In {
    /// In the path.
    Path,
    /// In the query.
    #[default]
    Query,
    /// In a header: of a request, or of a response.
    Header,
}

/// A declared parameter, or a declared header of a response.
#[derive(Clone, Debug, Default)]
pub struct Parameter {
    /// Its name.
    pub name: Arc<str>,
    /// Where it stands.
    pub place: In,
    /// The type of its value: `string`, `integer`, `number`, `boolean`, `array`, `object`.
    pub kind: Arc<str>,
    /// Whether it must be there.
    pub required: bool,
    /// The values that it may have; any, if there is none.
    pub values: Box<[Arc<str>]>,
    /// What else it must be like.
    pub definition: Option<Arc<Definition>>,
}

/// `context.Product`.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "`context.Product`")]
pub struct Product {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub approval_required: bool,
    pub subscription_required: bool,
    pub subscriptions_limit: Option<i32>,
    pub published: bool,
    pub groups: Box<[Group]>,
    pub apis: Box<[Arc<Api>]>,
}

/// `context.Subscription`.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "`context.Subscription`")]
pub struct Subscription {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub primary_key: Secret<Arc<str>>,
    pub secondary_key: Secret<Arc<str>>,
    pub created: Option<Timestamp>,
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    pub allow_tracing: bool,
}

/// `context.User`.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "`context.User`")]
pub struct User {
    pub id: Arc<str>,
    pub email: Arc<str>,
    pub first_name: Arc<str>,
    pub last_name: Arc<str>,
    pub note: Arc<str>,
    pub registration: Option<Timestamp>,
    pub groups: Box<[Group]>,
    /// (provider, id at the provider).
    pub identities: Box<[(Arc<str>, Arc<str>)]>,
}

/// A group of users.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "`IGroup`")]
pub struct Group {
    pub id: Arc<str>,
    pub name: Arc<str>,
}

/// A backend entity.
#[derive(Clone, Debug, Default)]
pub struct Backend {
    /// The resource's name.
    pub id: Arc<str>,
    /// The whole id of the resource: what the process knows of it is kept under this name. Empty where nothing is kept.
    pub key: Arc<str>,
    /// Its title.
    pub title: Arc<str>,
    /// Its region, if it says so.
    pub azure_region: Option<Arc<str>>,
    /// Its base URL. That of a pool leads to the root of its first member, and stands for the member that a call will go to.
    pub url: Option<Url>,
    /// `http` or `soap`.
    pub protocol: Arc<str>,
    /// What it wants with each call.
    pub credentials: Credentials,
    /// The way to it.
    pub proxy: Option<Arc<Proxy>>,
    /// How its certificate is judged.
    pub tls: BackendTls,
    /// When it is left alone, if ever.
    pub breaker: Option<Arc<BreakerRule>>,
    /// What it is made of, if it is a pool.
    pub pool: Option<Pool>,
    /// Where it is looked up, if it is a service of a Service Fabric cluster. It has no URL then.
    pub fabric: Option<Arc<FabricCluster>>,
    /// What the process knows of it.
    pub known: Slot,
}

/// Where a published entity remembers what belongs to it for longer than it is published, so that this is looked up once.
/// A copy of the entity looks again.
#[derive(Default)]
pub struct Slot(OnceLock<Box<dyn Any + Send + Sync>>);

impl Slot {
    /// What was found first. `None` only if that was of another type.
    pub fn of<T: Any + Send + Sync>(&self, find: impl FnOnce() -> T) -> Option<&T> {
        self.0.get_or_init(|| Box::new(find())).downcast_ref()
    }
}

impl Clone for Slot {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot")
    }
}

/// Query parameters that say who calls: names, each with its values.
pub type QuerySecrets = Box<[(Arc<str>, Box<[Secret<Arc<str>>]>)]>;

/// What a backend wants with each call.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// Headers to set.
    pub headers: Box<[(HeaderName, Box<[HeaderValue]>)]>,
    /// Query parameters to add.
    pub query: QuerySecrets,
    /// The `Authorization` header: scheme and parameter.
    pub authorization: Option<(Arc<str>, Secret<Arc<str>>)>,
    /// A client certificate.
    pub certificate: Option<Arc<ClientCertificate>>,
}

/// A certificate with its key, ready for TLS.
#[derive(Clone, Debug, Default)]
pub struct ClientCertificate {
    /// The resource's name, empty if it is none.
    pub id: Arc<str>,
    /// SHA-1 of the certificate, in upper-case hex.
    pub thumbprint: Arc<str>,
    /// The certificate and those it builds on, DER, the leaf first.
    pub chain: Box<[Bytes]>,
    /// The private key, PKCS #8 DER.
    pub key: Secret<Bytes>,
}

/// An HTTP proxy.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Where it is.
    pub url: Url,
    /// Who calls.
    pub user: Option<Arc<str>>,
    /// With what password.
    pub password: Secret<Arc<str>>,
}

/// How a backend's certificate is judged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BackendTls {
    /// Whether its chain must lead to a trusted root.
    pub validate_chain: bool,
    /// Whether it must name the host.
    pub validate_name: bool,
    /// The certificates that it must be one of; they count instead of a chain.
    pub pins: Option<Arc<Pins>>,
}

impl Default for BackendTls {
    fn default() -> Self {
        Self { validate_chain: true, validate_name: true, pins: None }
    }
}

/// A backend that is made of others.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    /// Its members, by priority.
    pub members: Box<[PoolMember]>,
    /// The cookie that keeps a client at the member it met first, if there is one.
    pub affinity: Option<Arc<str>>,
    /// What callers read when no member may be called, instead of 503.
    pub failure_status: Option<Status>,
}

/// A member of a backend pool.
#[derive(Clone, Debug, Default)]
pub struct PoolMember {
    /// The member.
    pub backend: Arc<Backend>,
    /// What a client's cookie calls it.
    pub token: Arc<str>,
    /// Lower goes first.
    pub priority: u32,
    /// Share among equals.
    pub weight: u32,
}
