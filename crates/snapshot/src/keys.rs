//! Subscription keys, and what a request may do with or without one.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry as Slot},
    sync::Arc,
};

use foldhash::fast::RandomState;
use policy::{Headers, entity, exchange::url};
use smallvec::SmallVec;
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

/// How many parts the index of keys has. A change copies the parts that it touches: with 75,000 subscriptions a part holds
/// some 300 keys.
const PARTS: usize = 512;

/// All subscription keys of a service, by digest. The keys themselves cannot be found out by the time a look-up takes.
///
/// Snapshots share the parts, so that one subscription that changes costs two of them and not all.
#[derive(Clone, Debug)]
pub(crate) struct Keys(Box<[Arc<Part>]>);

/// By the first bytes of the digest.
type Part = HashMap<u64, SmallVec<[Entry; 1]>, RandomState>;

#[derive(Clone, Debug)]
struct Entry {
    digest: [u8; 32],
    subscription: Arc<Subscription>,
    secondary: bool,
}

impl Default for Keys {
    fn default() -> Self {
        Self(vec![Arc::default(); PARTS].into())
    }
}

impl Keys {
    /// Indexes the keys of a subscription.
    pub(crate) fn add(&mut self, subscription: &Arc<Subscription>) {
        for (digest, secondary) in digests(subscription) {
            let entry = Entry { digest, subscription: Arc::clone(subscription), secondary };
            self.part_mut(&digest).entry(bucket(&digest)).or_default().push(entry);
        }
    }

    /// Takes the keys of a subscription out.
    pub(crate) fn remove(&mut self, subscription: &Arc<Subscription>) {
        for (digest, _) in digests(subscription) {
            if let Slot::Occupied(mut slot) = self.part_mut(&digest).entry(bucket(&digest)) {
                slot.get_mut().retain(|entry| !Arc::ptr_eq(&entry.subscription, subscription));
                if slot.get().is_empty() {
                    slot.remove();
                }
            }
        }
    }

    fn part_mut(&mut self, digest: &[u8; 32]) -> &mut Part {
        Arc::make_mut(&mut self.0[number(digest)])
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
        let entries = self
            .0
            .get(number(&digest))?
            .get(&bucket(&digest))?
            .iter()
            .filter(|entry| crypto::equal(&entry.digest, &digest));
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

/// The digests of the keys that a subscription has, and whether it is the secondary one.
fn digests(subscription: &Subscription) -> impl Iterator<Item = ([u8; 32], bool)> {
    let entity = &subscription.entity;
    [(&entity.primary_key, false), (&entity.secondary_key, true)].into_iter().filter_map(|(key, secondary)| {
        let key = key.expose();
        (!key.is_empty()).then(|| (crypto::hash::sha256(key.as_bytes()), secondary))
    })
}

/// The part that holds a digest.
fn number(digest: &[u8; 32]) -> usize {
    let [.., high, low] = *digest;
    usize::from(u16::from_be_bytes([high, low])) % PARTS
}

fn bucket(digest: &[u8; 32]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *digest;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}
