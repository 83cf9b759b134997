//! The way of a call: operation, version, right, handler.

use std::sync::Arc;

use arc_swap::ArcSwap;
use arm::{ApiVersion, Code, Error, Matched, NAMESPACE, Operation, ResourceId, Result};
use base::{Clock, Entropy};
use crypto::Keyring;
use kv::Counters;
use resources::base_name;
use store::Store;
use tokio::sync::{Mutex, RwLock, Semaphore};

use crate::{
    Answer, Call, Connections, Debugging, Fetch, PolicyCheck, Publication, Settings, gateways::Gateways,
    identity::SigningKeys, manager, route,
};

/// How often a write is prepared again when others changed what it relies on.
const ATTEMPTS: usize = 12;

/// How many secrets are hashed at once.
const HASHES_AT_ONCE: usize = 4;

/// What the management plane is made of.
pub struct Parts {
    /// Where the documents live.
    pub store: Arc<dyn Store>,
    /// What seals secrets; swapped when keys rotate.
    pub keyring: Arc<ArcSwap<Keyring>>,
    /// What the gateway serves.
    pub publication: Arc<dyn Publication>,
    /// What judges policies.
    pub policies: Arc<dyn PolicyCheck>,
    /// Debug credentials and traces.
    pub debugging: Arc<dyn Debugging>,
    /// What limits have counted.
    pub counters: Arc<dyn Counters>,
    /// Connections to backends.
    pub connections: Arc<dyn Connections>,
    /// What fetches `-link` documents.
    pub fetch: Arc<dyn Fetch>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Settings.
    pub settings: Settings,
}

/// The management plane.
pub struct Control {
    pub(crate) parts: Parts,
    pub(crate) signing: SigningKeys,
    /// How many secrets are hashed at once: each takes memory and time on purpose, and anybody may ask for it.
    pub(crate) hashing: Semaphore,
    /// Held for reading from where a secret is sealed to where it is stored, so that [`reseal`](Control::reseal) can wait
    /// for whoever still uses an older key.
    pub(crate) sealing: RwLock<()>,
    /// What is known of self-hosted gateways.
    pub(crate) gateways: Gateways,
    /// Held by the call that prepares its write again.
    contended: Mutex<()>,
}

/// A call on its way, with what is known about it.
pub(crate) struct Context<'a> {
    pub(crate) call: &'a Call,
    pub(crate) operation: &'static Operation,
    pub(crate) version: ApiVersion,
    /// The resource of the path, or the one that a list or an action belongs to.
    pub(crate) id: ResourceId,
}

impl Control {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let hashing = Semaphore::new(HASHES_AT_ONCE);
        Self {
            parts,
            signing: SigningKeys::default(),
            hashing,
            sealing: RwLock::default(),
            gateways: Gateways::default(),
            contended: Mutex::default(),
        }
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    /// An id for a request.
    pub fn request_id(&self) -> String {
        crypto::random::uuid(&*self.parts.entropy)
    }

    /// Answers a call. The error carries what the log should know; [`Answer::refused`] is what the caller gets.
    pub async fn call(&self, call: &Call) -> Result<Answer> {
        let hindered = |answer: &Result<Answer>| matches!(answer, Err(error) if error.code == Code::ConcurrentUpdate);
        let mut answer = self.attempt(call).await;
        if !hindered(&answer) {
            return answer;
        }
        // From here on one at a time, so that writers of one resource do not keep each other from it.
        let _turn = self.contended.lock().await;
        for _ in 0..ATTEMPTS {
            answer = self.attempt(call).await;
            if !hindered(&answer) {
                break;
            }
        }
        answer
    }

    async fn attempt(&self, call: &Call) -> Result<Answer> {
        let path = call.segments();
        if let Some(answer) = manager::answer(self, call, &path).await {
            return answer;
        }
        let operation = match arm::find(call.method, &path) {
            Matched::One(operation) => operation,
            Matched::OtherVerbs(verbs) => {
                let verbs: Vec<&str> = verbs.into_iter().map(arm::Method::as_str).collect();
                let message = format!("The verb {} is not one of {} here.", call.method, verbs.join(", "));
                return Err(Error::new(Code::MethodNotAllowed, message));
            }
            Matched::Nothing => {
                let message = format!("No operation of {NAMESPACE} has the path '{}'.", call.target);
                return Err(Error::new(Code::InvalidResourceType, message));
            }
        };
        let id = self.located(&path).await?;
        // Whoever started an operation may ask how it went: its id is a secret that only the answer told.
        if !matches!(operation.name, "OperationStatus_Get" | "OperationsResults_Get") {
            self.authorize(&call.caller, &operation.action(), &id).await?;
        }
        let kind = format!("{NAMESPACE}/{}", operation.kind);
        let version = ApiVersion::supported(call.param("api-version"), &kind)?;
        let handler = route::handler(operation, call)?;
        route::run(handler, self, &Context { call, operation, version, id }).await
    }

    /// The resource that a path means, or belongs to. `;rev=N` of the current revision means the API itself.
    async fn located(&self, path: &[&str]) -> Result<ResourceId> {
        let Some(located) = resources::locate(path) else {
            // A path of the subscription or of the provider: its right is asked for there.
            let subscription =
                path.get(1).filter(|_| path.first().is_some_and(|s| s.eq_ignore_ascii_case("subscriptions")));
            return Ok(ResourceId::subscription(subscription.copied().unwrap_or_default()));
        };
        let id = self.current_revision(located.id).await?;
        // A product, or a gateway, holds an API with all its revisions.
        let holds = |owner: &ResourceId| matches!(owner.segment(), "products" | "gateways") && id.segment() == "apis";
        let linked = id.parent().filter(holds);
        Ok(linked.map_or_else(|| id.clone(), |owner| owner.child("apis", base_name(id.name()))))
    }
}
