//! Subscription keys, and what a request may do with or without one.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use policy::{Headers, entity, exchange::url};
use store::Key;

use crate::service::{Api, Product};

/// A subscription with what its keys open.
#[derive(Debug)]
pub struct Subscription {
    /// What `context` shows.
    pub entity: Arc<entity::Subscription>,
    /// Its owner.
    pub user: Option<Arc<entity::User>>,
    /// Whether its state and its owner's allow calls.
    pub(crate) active: bool,
    /// The service or workspace in which it opens anything.
    pub(crate) domain: Key,
    pub(crate) scope: Scope,
}

/// What the keys of a subscription open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All APIs of the service or workspace.
    All,
    /// The APIs of a product.
    Product(Key),
    /// One API with all its revisions, by the key of the current one.
    Api(Key),
    /// Nothing that is known.
    Nothing,
}

impl Scope {
    /// Reads the `scope` of a subscription that lives in `domain`; `target` is the key it names.
    pub(crate) fn of(domain: &Key, target: Key) -> Self {
        if target == *domain {
            return Self::All;
        }
        match target.below(domain).map(|rest| rest.split('/').collect::<Vec<_>>()).as_deref() {
            Some(["apis"]) => Self::All,
            Some(["apis", name]) => Self::Api(domain.child(&format!("apis/{}", resources::base_name(name)))),
            Some(["products", _]) => Self::Product(target),
            _ => Self::Nothing,
        }
    }
}

/// As whom and for which product a request is handled.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The product whose policies run: that of the key, or an open one.
    pub product: Option<Arc<Product>>,
    /// The subscription whose key was given and counts.
    pub subscription: Option<Arc<Subscription>>,
    /// Whether it was the secondary key.
    pub secondary_key: bool,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// It needs a key and has none.
    KeyMissing,
    /// Its key opens nothing here.
    KeyInvalid,
}

/// All subscription keys of a service, by digest. The keys themselves cannot be found out by the time a look-up takes.
#[derive(Debug, Default)]
pub(crate) struct Keys(HashMap<u64, Vec<Entry>>);

#[derive(Debug)]
struct Entry {
    digest: [u8; 32],
    subscription: Arc<Subscription>,
    secondary: bool,
}

impl Keys {
    /// Indexes the keys of these subscriptions.
    pub(crate) fn new(subscriptions: impl IntoIterator<Item = Arc<Subscription>>) -> Self {
        let mut keys = Self::default();
        for subscription in subscriptions {
            let pair = [(&subscription.entity.primary_key, false), (&subscription.entity.secondary_key, true)];
            for (key, secondary) in pair {
                let key = key.expose();
                if !key.is_empty() {
                    let digest = crypto::hash::sha256(key.as_bytes());
                    let entry = Entry { digest, subscription: Arc::clone(&subscription), secondary };
                    keys.0.entry(bucket(&digest)).or_default().push(entry);
                }
            }
        }
        keys
    }

    /// Decides on a request for `api`.
    pub(crate) fn access(&self, api: &Api, query: &str, headers: &Headers) -> Result<Access, Denied> {
        let given = given_key(api, query, headers);
        if let Some(access) = given.as_deref().and_then(|key| self.opened(api, key)) {
            return Ok(access);
        }
        // A key that opens nothing here counts as none where none is needed.
        let open = api.products.iter().find(|product| product.is_open());
        match open {
            Some(product) => Ok(Access { product: Some(Arc::clone(product)), ..Access::default() }),
            None if !api.entity.subscription_required => Ok(Access::default()),
            None if given.is_some() => Err(Denied::KeyInvalid),
            None => Err(Denied::KeyMissing),
        }
    }

    fn opened(&self, api: &Api, key: &str) -> Option<Access> {
        let digest = crypto::hash::sha256(key.as_bytes());
        let entries = self.0.get(&bucket(&digest))?.iter().filter(|entry| crypto::equal(&entry.digest, &digest));
        let mut usable = entries.filter(|entry| entry.subscription.active && entry.subscription.domain == api.domain);
        usable.find_map(|Entry { subscription, secondary, .. }| {
            let product = match &subscription.scope {
                Scope::All => None,
                Scope::Api(base) if *base == api.base => None,
                Scope::Api(_) | Scope::Nothing => return None,
                Scope::Product(key) => Some(Arc::clone(api.products.iter().find(|product| product.key == *key)?)),
            };
            Some(Access { product, subscription: Some(Arc::clone(subscription)), secondary_key: *secondary })
        })
    }
}

/// The key in the API's header, or without that header in its query parameter. An empty one is none.
fn given_key<'h>(api: &Api, query: &str, headers: &'h Headers) -> Option<Cow<'h, str>> {
    let key = match headers.first(&*api.entity.key_header) {
        Some(value) => match value.text() {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        },
        None => url::pairs(query).find(|(name, _)| name.eq_ignore_ascii_case(&api.entity.key_query))?.1.into(),
    };
    Some(key).filter(|key| !key.is_empty())
}

fn bucket(digest: &[u8; 32]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *digest;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}
