//! A stage on which documents run without a network: the very engine of the gateway, a clock that needs no time, and
//! services that answer what a test says.

mod clock;
mod context;
mod services;

use std::{collections::BTreeMap, rc::Rc, sync::Arc, time::Duration};

use base::{Clock, Diagnostic, Timestamp};
use engine::{
    EffectivePolicy,
    http_text::{Message, Start},
};
use policy::{
    Body, Catalogue, Documents, Environment, Exchange, Fault, FragmentText, Headers, Lookup, NamedValue, Outbound,
    Scope, Shared, Url,
    coverage::{Coverage, Inventory},
    csharp::surface::Surface,
    entity::{Backend, ClientCertificate},
    exchange::{Arrival, Client, HostParts, LeftBehind, Over, TraceEntry, Version},
    kv::Stores,
    login::INSTANCE_METADATA,
    metrics::NoMetrics,
    record::Ending,
    tokens::TokenEndpoint,
};

use serde_json::Value as Json;

pub use clock::{FakeClock, FakeEntropy};
pub use context::Context;
pub(crate) use context::time;
pub use services::{Answer, Call, Pattern, Reply, Services};

use crate::check::format_of;

/// A text with the name that messages give it.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its path.
    pub path: String,
    /// What it says.
    pub text: Arc<str>,
}

/// What documents are compiled with.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// The documents of the scopes.
    pub documents: BTreeMap<Scope, Text>,
    /// Fragments by their ids, lower-case.
    pub fragments: BTreeMap<String, Text>,
    /// Named values by their names, lower-case.
    pub named_values: BTreeMap<String, NamedValue>,
    /// Backends by their ids, lower-case.
    pub backends: BTreeMap<String, Arc<Backend>>,
}

impl Lookup for Script {
    fn named_value(&self, name: &str) -> Option<NamedValue> {
        self.named_values.get(&name.to_ascii_lowercase()).cloned()
    }

    fn fragment(&self, id: &str) -> Option<FragmentText> {
        let fragment = self.fragments.get(&id.to_ascii_lowercase())?;
        Some(FragmentText { text: Arc::clone(&fragment.text), format: format_of(&fragment.text) })
    }

    fn backend(&self, id: &str) -> Option<Arc<Backend>> {
        self.backends.get(&id.to_ascii_lowercase()).cloned()
    }

    // Only its name counts without a network.
    fn certificate(&self, id: &str) -> Option<Arc<ClientCertificate>> {
        Some(Arc::new(ClientCertificate { id: id.into(), ..ClientCertificate::default() }))
    }
}

/// A finding in one of several texts.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Where.
    pub text: Text,
    /// What.
    pub diagnostic: Diagnostic,
}

/// Documents that can run.
pub struct Play {
    policy: EffectivePolicy,
    /// What there is to cover.
    pub inventory: Inventory,
    /// Warnings.
    pub warnings: Vec<Finding>,
}

impl Play {
    /// Compiles the documents of a script, over the default global policy where it has none of its own.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn compile(catalogue: &Catalogue, script: &Script) -> Result<Self, Vec<Finding>> {
        let mut script = script.clone();
        let global = Text { path: "default global policy".into(), text: engine::DEFAULT_GLOBAL.into() };
        script.documents.entry(Scope::Global).or_insert(global);
        let (mut chain, mut findings, mut inventory) = (Vec::new(), Vec::new(), Inventory::default());
        // From narrow to broad.
        for (scope, document) in script.documents.iter().rev() {
            let environment = Environment {
                catalogue,
                lookup: &script,
                scope: *scope,
                document: scope.word(),
                strict_surface: false,
                fail_unsupported: false,
                lenient: false,
                observe: true,
            };
            let format = format_of(&document.text);
            let compiled = engine::compile(&document.text, format, Documents::POLICIES, &environment);
            chain.extend(compiled.document);
            inventory.steps.extend(compiled.inventory.steps);
            inventory.conditions.extend(compiled.inventory.conditions);
            let found = compiled.diagnostics.into_iter();
            findings.extend(found.map(|diagnostic| Finding { text: document.clone(), diagnostic }));
        }
        if chain.len() < script.documents.len() {
            findings.retain(|found| found.diagnostic.severity == base::Severity::Error);
            return Err(findings);
        }
        Ok(Self { policy: EffectivePolicy::join(&chain), inventory, warnings: findings })
    }
}

/// What stays between the requests of a test: time, counters, whatever policies keep.
pub struct Stage {
    clock: Arc<FakeClock>,
    host: Rc<HostParts>,
    /// What the exchanges leave behind.
    behind: LeftBehind,
}

/// When nobody says otherwise, it is 2024-05-17T12:34:56Z.
pub const NOON: Timestamp = Timestamp::from_secs(1_715_949_296);

impl Stage {
    /// A stage at this time, with these services.
    pub fn new(clock: Arc<FakeClock>, outbound: Box<dyn Outbound>) -> Self {
        let time: Arc<dyn Clock> = Arc::<FakeClock>::clone(&clock);
        let behind = LeftBehind::default();
        let host = HostParts {
            clock: Arc::clone(&time),
            entropy: Arc::new(FakeEntropy::default()),
            outbound,
            stores: Stores::in_memory(time, 16 << 20),
            shared: Arc::new(Shared::default()),
            tasks: Box::new(behind.clone()),
            metrics: Box::new(NoMetrics),
            token_endpoint: Url::parse(INSTANCE_METADATA).map(TokenEndpoint::InstanceMetadata),
            offload: None,
        };
        Self { clock, host: Rc::new(host), behind }
    }

    /// Time passes.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Runs a request through the policies.
    ///
    /// # Errors
    /// What is wrong with the request or the context.
    pub fn play(
        &self,
        catalogue: &Catalogue,
        play: &Play,
        script: &Script,
        context: &Context,
        request: &Message,
    ) -> Result<Outcome, String> {
        let mut exchange = self.exchange(catalogue, script, context, request)?;
        let stuck = || "the policies wait for something that never comes".to_owned();
        self.clock.run(perform(&mut exchange, &play.policy)).ok_or_else(stuck)??;
        let outcome = Outcome::of(exchange, catalogue.surface());
        self.clock.run(self.behind.run()).ok_or_else(stuck)?;
        Ok(outcome)
    }

    /// The same on a runtime of the caller's, for services that are real.
    ///
    /// # Errors
    /// What is wrong with the request or the context.
    pub async fn play_live(
        host: Rc<HostParts>,
        catalogue: &Catalogue,
        play: &Play,
        script: &Script,
        context: &Context,
        request: &Message,
    ) -> Result<Outcome, String> {
        let stage = Self { clock: Arc::default(), host, behind: LeftBehind::default() };
        let mut exchange = stage.exchange(catalogue, script, context, request)?;
        perform(&mut exchange, &play.policy).await?;
        Ok(Outcome::of(exchange, catalogue.surface()))
    }

    fn exchange(
        &self,
        catalogue: &Catalogue,
        script: &Script,
        context: &Context,
        request: &Message,
    ) -> Result<Exchange, String> {
        let Start::Request { method, target } = &request.start else {
            return Err("a response is no request; a request begins with GET /path HTTP/1.1".into());
        };
        let path = context.api_path();
        let prefix = if path.is_empty() { String::new() } else { format!("/{path}") };
        let below = |whole: &str| match whole.strip_prefix(&*prefix) {
            Some(rest) if rest.is_empty() || rest.starts_with(['/', '?']) => Some(rest.to_owned()),
            _ => None,
        };
        let url = match (target.contains("://"), below(target)) {
            (true, _) => target.clone(),
            (false, Some(_)) => format!("https://{}{target}", context.host()),
            // A target that does not begin with the API's path lies below it.
            (false, None) => format!("https://{}{prefix}{target}", context.host()),
        };
        let url = Url::parse(&url).ok_or_else(|| format!("\"{target}\" is no path and no absolute URL"))?;
        let inner = below(&url.path).filter(|rest| !rest.is_empty()).unwrap_or_else(|| "/".to_owned());
        let client = Client { address: Some(context.address()?), version: Version::Http11, ..Client::default() };
        let arrival = Arrival {
            method: method.clone(),
            url,
            headers: request.headers.clone(),
            body: Body::full(request.body.clone()),
            client,
        };
        let mut exchange = Exchange::new(Rc::clone(&self.host), arrival);
        exchange.entities = context.entities(&script.backends)?;
        exchange.matched = context.matched(&inner);
        let base = exchange.entities.api.as_ref().and_then(|api| api.service_url.clone());
        exchange.aim(base, inner);
        for (name, value) in context.variables(catalogue.surface())? {
            exchange.variables.set(&name, value);
        }
        exchange.start_coverage();
        Ok(exchange)
    }
}

async fn perform(exchange: &mut Exchange, policy: &EffectivePolicy) -> Result<(), String> {
    engine::inspect(exchange);
    if !engine::preflight(exchange, policy) {
        engine::run(exchange, policy).await;
    }
    engine::transferred(exchange);
    // The body goes to the client, who reads all of it.
    let request_size = exchange.request.body.exact_len().unwrap_or_default();
    let body = exchange.response.body.collect(u64::MAX).await;
    let body = body.map_err(|error| format!("the response broke off: {error}"))?;
    let over = Over { request_size, response_size: body.len() as u64, ending: Ending::Complete };
    exchange.take_settlements().run(&over);
    Ok(())
}

/// What came of a request.
pub struct Outcome {
    /// The status of the response.
    pub status: u16,
    /// Its reason phrase.
    pub reason: String,
    /// Its headers.
    pub headers: Headers,
    /// Its body.
    pub body: Vec<u8>,
    /// `context.LastError`.
    pub error: Option<Fault>,
    /// `context.Variables`.
    pub variables: Vec<(Arc<str>, Json)>,
    /// What happened, without secrets.
    pub trace: Vec<TraceEntry>,
    /// What ran.
    pub coverage: Coverage,
    /// How long it took.
    pub elapsed: Duration,
    /// When it came.
    pub timestamp: Timestamp,
    /// `context.RequestId`.
    pub id: [u8; 16],
}

impl Outcome {
    fn of(mut exchange: Exchange, surface: &Arc<Surface>) -> Self {
        let coverage = exchange.take_coverage().unwrap_or_default();
        let trace = exchange.take_trace().unwrap_or_default();
        let response = &exchange.response;
        Self {
            status: response.status.code(),
            reason: response.reason().to_owned(),
            headers: response.headers.clone(),
            body: response.body.bytes().unwrap_or_default().to_vec(),
            variables: exchange
                .variables
                .iter()
                .map(|(name, value)| (Arc::clone(name), context::json_of(value, surface)))
                .collect(),
            trace,
            coverage,
            elapsed: exchange.elapsed(),
            timestamp: exchange.timestamp,
            id: exchange.id,
            error: exchange.last_error,
        }
    }

    /// The response as HTTP text.
    pub fn text(&self) -> String {
        let first = format!("HTTP/1.1 {} {}", self.status, self.reason);
        engine::http_text::write(first.trim_end(), &self.headers, &Body::full(self.body.clone()))
    }
}
