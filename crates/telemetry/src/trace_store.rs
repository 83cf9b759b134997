//! Where finished traces wait for whoever asked for them, and who may ask: in memory, for a while, and never too many.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base::{Clock, Entropy, Timestamp};
use serde_json::Value;

use crate::trace::trace_json;

/// How long a trace is kept.
pub const TRACE_LIFETIME: Duration = Duration::from_hours(1);

/// How many traces are kept, and how many bytes of them. The oldest go first.
const MOST_TRACES: usize = 500;
const MOST_BYTES: usize = 32 << 20;

/// How many credentials are known, expired ones included.
const MOST_CREDENTIALS: usize = 1000;

/// The API that a debug credential is good for. Names compare without case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebugApi {
    service: String,
    workspace: String,
    /// Without `;rev=`.
    api: String,
    /// The revision, if it was named.
    revision: Option<String>,
}

impl DebugApi {
    /// The API of this name in a service, and perhaps in a workspace. `orders;rev=2` is good for that revision alone.
    pub fn new(service: &str, workspace: Option<&str>, api: &str) -> Self {
        let (api, revision) = api.split_once(";rev=").map_or((api, None), |(api, revision)| (api, Some(revision)));
        Self {
            service: service.to_ascii_lowercase(),
            workspace: workspace.unwrap_or_default().to_ascii_lowercase(),
            api: api.to_ascii_lowercase(),
            revision: revision.map(str::to_owned),
        }
    }

    fn holds(&self, called: &Self) -> bool {
        let same = |one: &Self| (one.service.clone(), one.workspace.clone(), one.api.clone());
        same(self) == same(called) && (self.revision.is_none() || self.revision == called.revision)
    }
}

/// What a debug credential is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The call is traced.
    Good,
    /// It was good until then.
    Expired(Timestamp),
    /// It is good for another API, of this name.
    OtherApi(String),
    /// Nobody gave it out.
    Unknown,
}

struct Credential {
    secret: String,
    api: DebugApi,
    expires: Timestamp,
}

struct Trace {
    service: String,
    id: String,
    json: Arc<str>,
    kept: Duration,
}

#[derive(Default)]
struct Content {
    credentials: HashMap<String, Credential>,
    traces: VecDeque<Trace>,
    bytes: usize,
}

/// Traces and debug credentials of a process.
pub struct TraceStore {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    content: Mutex<Content>,
}

impl TraceStore {
    /// An empty one.
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy, content: Mutex::default() }
    }

    /// Gives out a credential that traces calls of an API for a while.
    pub fn issue(&self, api: DebugApi, lifetime: Duration) -> String {
        let (id, secret) = (self.random::<16>(), self.random::<32>());
        let expires = self.clock.now().plus(lifetime);
        let token = format!("{id}.{secret}");
        let mut content = self.content();
        if content.credentials.len() >= MOST_CREDENTIALS {
            let first = content.credentials.iter().min_by_key(|(_, credential)| credential.expires);
            let first = first.map(|(id, _)| id.clone());
            first.map(|id| content.credentials.remove(&id));
        }
        content.credentials.insert(id, Credential { secret, api, expires });
        token
    }

    /// Takes back every credential of a service.
    pub fn revoke(&self, service: &str) {
        let service = service.to_ascii_lowercase();
        self.content().credentials.retain(|_, credential| credential.api.service != service);
    }

    /// What a credential is worth for a call of `called`, whose revision must be named.
    pub fn judge(&self, token: &str, called: &DebugApi) -> Verdict {
        let Some((id, secret)) = token.trim().split_once('.') else { return Verdict::Unknown };
        let content = self.content();
        let known = content.credentials.get(id);
        let known = known.filter(|known| crypto::equal(known.secret.as_bytes(), secret.as_bytes()));
        match known {
            None => Verdict::Unknown,
            Some(known) if known.expires < self.clock.now() => Verdict::Expired(known.expires),
            Some(known) if !known.api.holds(called) => Verdict::OtherApi(known.api.api.clone()),
            Some(_) => Verdict::Good,
        }
    }

    /// Keeps the trace of a call and gives its id, which is a secret.
    pub fn keep(
        &self,
        service: &str,
        request: [u8; 16],
        began: Timestamp,
        entries: &[policy::exchange::TraceEntry],
    ) -> String {
        let id = self.random::<32>();
        let json: Arc<str> = trace_json(service, request, began, entries).to_string().into();
        let kept = self.clock.monotonic();
        let mut content = self.content();
        content.bytes += json.len();
        content.traces.push_back(Trace { service: service.to_ascii_lowercase(), id: id.clone(), json, kept });
        self.forget(&mut content);
        id
    }

    /// The trace of this id.
    pub fn find(&self, service: &str, id: &str) -> Option<Value> {
        let service = service.to_ascii_lowercase();
        let json = self.text(|trace| trace.service == service && crypto::equal(trace.id.as_bytes(), id.as_bytes()))?;
        serde_json::from_str(&json).ok()
    }

    /// The trace of this id, as text, whatever service it is of: whoever knows the id may see it.
    pub fn find_text(&self, id: &str) -> Option<Arc<str>> {
        self.text(|trace| crypto::equal(trace.id.as_bytes(), id.as_bytes()))
    }

    fn text(&self, is_it: impl Fn(&Trace) -> bool) -> Option<Arc<str>> {
        let mut content = self.content();
        self.forget(&mut content);
        content.traces.iter().find(|trace| is_it(trace)).map(|trace| Arc::clone(&trace.json))
    }

    /// Drops what is too old, and the oldest where there is too much.
    fn forget(&self, content: &mut Content) {
        let now = self.clock.monotonic();
        while let Some(oldest) = content.traces.front() {
            let is_old = now.saturating_sub(oldest.kept) > TRACE_LIFETIME;
            if !is_old && content.traces.len() <= MOST_TRACES && content.bytes <= MOST_BYTES {
                break;
            }
            content.bytes -= oldest.json.len();
            content.traces.pop_front();
        }
    }

    fn random<const N: usize>(&self) -> String {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        crypto::text::hex(&bytes)
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for TraceStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TraceStore")
    }
}

#[cfg(test)]
mod tests {
    use policy::{
        Section,
        exchange::{Severity, TraceEntry},
    };
    use testkit::{FixedEntropy, ManualClock};

    use super::*;

    fn store() -> (Arc<ManualClock>, TraceStore) {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_715_949_296)));
        let time: Arc<dyn Clock> = clock.clone();
        (clock, TraceStore::new(time, Arc::new(FixedEntropy::new(3))))
    }

    fn entry(message: &str) -> TraceEntry {
        TraceEntry {
            section: Section::Inbound,
            source: "trace".into(),
            place: None,
            elapsed: Duration::ZERO,
            took: None,
            message: message.into(),
            severity: Severity::Verbose,
            details: Vec::new(),
        }
    }

    #[test]
    fn a_credential_is_good_for_its_api_and_its_time() {
        let (clock, store) = store();
        let api = |name: &str| DebugApi::new("Contoso", None, name);
        let all = store.issue(api("orders"), Duration::from_mins(1));
        let second = store.issue(api("orders;rev=2"), Duration::from_mins(1));
        let judge = |token: &str, name: &str| store.judge(token, &api(name));
        assert_eq!(judge(&all, "Orders;rev=1"), Verdict::Good);
        assert_eq!(judge(&second, "orders;rev=2"), Verdict::Good);
        assert_eq!(judge(&second, "orders;rev=1"), Verdict::OtherApi("orders".into()));
        assert_eq!(judge(&all, "other;rev=1"), Verdict::OtherApi("orders".into()));
        assert_eq!(
            store.judge(&all, &DebugApi::new("contoso", Some("w"), "orders;rev=1")),
            Verdict::OtherApi("orders".into())
        );
        let forged = format!("{}0", &all[..all.len() - 1]);
        assert!(forged == all || judge(&forged, "orders;rev=1") == Verdict::Unknown);
        assert_eq!(judge("", "orders;rev=1"), Verdict::Unknown);
        clock.advance(Duration::from_secs(61));
        assert_eq!(judge(&all, "orders;rev=1"), Verdict::Expired(Timestamp::from_secs(1_715_949_356)));
        store.revoke("CONTOSO");
        assert_eq!(judge(&all, "orders;rev=1"), Verdict::Unknown);
    }

    #[test]
    fn traces_are_of_their_service_and_go_with_time() {
        let (clock, store) = store();
        let id = store.keep("contoso", [1; 16], Timestamp::default(), &[entry("here")]);
        assert_eq!(store.find("contoso", &id).unwrap()["traceEntries"]["inbound"][0]["data"]["message"], "here");
        assert_eq!(store.find("fabrikam", &id), None);
        assert!(store.find_text(&id).is_some());
        clock.advance(TRACE_LIFETIME + Duration::from_secs(1));
        assert_eq!(store.find_text(&id), None);
    }

    #[test]
    fn neither_many_traces_nor_large_ones_fill_the_memory() {
        let (_, store) = store();
        let first = store.keep("contoso", [1; 16], Timestamp::default(), &[entry("first")]);
        for _ in 0..MOST_TRACES {
            store.keep("contoso", [1; 16], Timestamp::default(), &[entry("next")]);
        }
        assert_eq!(store.find_text(&first), None);
        assert_eq!(store.content().traces.len(), MOST_TRACES);
        let large = entry(&"x".repeat(MOST_BYTES / 2));
        for _ in 0..3 {
            store.keep("contoso", [1; 16], Timestamp::default(), std::slice::from_ref(&large));
        }
        assert!(store.content().bytes <= MOST_BYTES);
        for _ in 0..=MOST_CREDENTIALS {
            store.issue(DebugApi::new("contoso", None, "a"), Duration::from_secs(1));
        }
        assert_eq!(store.content().credentials.len(), MOST_CREDENTIALS);
    }
}
