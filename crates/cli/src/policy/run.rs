//! `tollgate policy run`: one document on one request, with the engine of the gateway.

use std::{path::Path, rc::Rc, sync::Arc};

use base::Clock;
use engine::http_text;
use outbound::{Client, ClientSettings, Deadlines, native_roots};
use policy::{
    LocalFuture, NamedValue, Outbound, OutboundError, OutboundRequest, OutboundResponse, Scope, Url,
    entity::Backend,
    exchange::{HostParts, LeftBehind},
    login::INSTANCE_METADATA,
    metrics::NoMetrics,
    tokens::TokenEndpoint,
};
use tokio::task::LocalSet;
use workbench::{
    Kind,
    check::excerpt,
    kind_of, run,
    stage::{Answer, Call, Context, FakeClock, Pattern, Play, Reply, Script, Services, Stage, Text},
};

use super::{catalogue, scope, tree};
use crate::{
    arguments::{Run, TextFormat},
    host::{SystemClock, SystemEntropy},
    output::{Failed, Output},
};

/// Prints the response and the trace.
pub(super) fn run(arguments: &Run, out: &mut Output<'_>) -> Result<(), Failed> {
    let catalogue = catalogue()?;
    let script = script(arguments)?;
    let play = Play::compile(&catalogue, &script).map_err(|found| {
        let all = found.iter().map(|found| excerpt(&found.text.path, &found.text.text, &found.diagnostic, out.colour));
        Failed::new(format!("the document does not compile\n\n{}", all.collect::<Vec<_>>().join("\n\n")))
    })?;
    for warning in &play.warnings {
        let text = excerpt(&warning.text.path, &warning.text.text, &warning.diagnostic, out.colour);
        out.say(&format!("{text}\n"))?;
    }
    let context = match &arguments.context {
        Some(path) => {
            Context::read(&tree::text(path)?).map_err(|error| Failed::usage(format!("{}: {error}", path.display())))?
        }
        None => Context::default(),
    };
    let request = message(&arguments.request)?;
    let wrong = |error: String| Failed::usage(error);
    let (outcome, calls) = match &arguments.backend {
        Some(backend) if backend.contains("://") => {
            let base = Url::parse(backend).ok_or_else(|| Failed::usage(format!("`{backend}` is no absolute URL")))?;
            live(base, &catalogue, &play, &script, &context, &request)?
        }
        backend => {
            let reply = match backend {
                Some(path) => {
                    let reply = Reply::of(message(Path::new(path))?);
                    reply.map_err(|error| Failed::usage(format!("{path}: {error}")))?
                }
                None => http_text::read("HTTP/1.1 200 OK").and_then(Reply::of).map_err(wrong)?,
            };
            let answer = Answer { to: Pattern::parse("*"), reply, delay: std::time::Duration::ZERO, times: None };
            let start = context.timestamp().map_err(wrong)?.unwrap_or_else(|| SystemClock.now());
            let clock = Arc::new(FakeClock::at(start));
            let time: Arc<dyn Clock> = Arc::<FakeClock>::clone(&clock);
            let services = Services::new(time, vec![answer]);
            let stage = Stage::new(clock, Box::new(services.clone()));
            let outcome = stage.play(&catalogue, &play, &script, &context, &request).map_err(wrong)?;
            (outcome, services.take_calls())
        }
    };
    out.print(&match arguments.format {
        TextFormat::Human => run::human(&outcome, &calls),
        TextFormat::Json => format!("{:#}\n", run::json(&outcome, &calls)),
    })
}

/// What the document is compiled with. Fragments in the folders that are named, and in `fragments` beside it, are known.
fn script(arguments: &Run) -> Result<Script, Failed> {
    let mut script = Script::default();
    let path = tree::shown(&arguments.document);
    let text: Arc<str> = tree::text(&arguments.document)?.into();
    let of_path = match kind_of(&path, false) {
        Kind::Policies(scope) => scope,
        Kind::Fragment(_) => None,
    };
    let scope = scope(arguments.scope.as_deref())?.or(of_path).unwrap_or(Scope::Api);
    script.documents.insert(scope, Text { path, text });
    let beside = arguments.document.parent().unwrap_or(Path::new("")).join("fragments");
    let mut folders = arguments.fragments.clone();
    folders.extend(beside.is_dir().then_some(beside));
    for (path, _) in tree::files(&folders, &tree::is_document)? {
        let (path, text) = (tree::shown(&path), tree::text(&path)?);
        if let Kind::Fragment(id) = kind_of(&path, true) {
            script.fragments.insert(id.to_ascii_lowercase(), Text { path, text: text.into() });
        }
    }
    for pair in &arguments.entities {
        let (id, url) = pair.split_once('=').unwrap_or((pair, ""));
        let url = Url::parse(url)
            .ok_or_else(|| Failed::usage(format!("`{pair}` is no backend; write --entity id=http://host/path")))?;
        let backend = Backend { id: id.into(), url: Some(url), ..Backend::default() };
        script.backends.insert(id.to_ascii_lowercase(), Arc::new(backend));
    }
    for pair in &arguments.named_values {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| Failed::usage(format!("`{pair}` is no named value; write --named-value name=value")))?;
        script.named_values.insert(name.to_ascii_lowercase(), NamedValue { value: value.into(), secret: false });
    }
    Ok(script)
}

fn message(path: &Path) -> Result<http_text::Message, Failed> {
    let text = tree::text(path)?;
    http_text::read(&text).map_err(|error| Failed::usage(format!("{}: {error}", path.display())))
}

/// Runs it with a real backend in the place of the one that the document calls.
fn live(
    base: Url,
    catalogue: &Arc<policy::Catalogue>,
    play: &Play,
    script: &Script,
    context: &Context,
    request: &http_text::Message,
) -> Result<(workbench::stage::Outcome, Vec<Call>), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failed::new)?;
    LocalSet::new().block_on(&runtime, async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let deadlines = Deadlines::new(Arc::clone(&clock));
        let settings = ClientSettings {
            connect_timeout: std::time::Duration::from_secs(30),
            roots: native_roots(),
            ..ClientSettings::default()
        };
        let client = Client::new(settings, Rc::clone(&deadlines));
        tokio::task::spawn_local(deadlines.run(|_| {}));
        let calls = Rc::default();
        let outbound = Elsewhere { client, base, calls: Rc::clone(&calls) };
        let behind = LeftBehind::default();
        let host = HostParts {
            stores: kv::Stores::in_memory(Arc::clone(&clock), kv::DEFAULT_CACHE_SIZE),
            clock,
            entropy: Arc::new(SystemEntropy),
            outbound: Box::new(outbound),
            shared: Arc::default(),
            tasks: Box::new(behind.clone()),
            metrics: Box::new(NoMetrics),
            token_endpoint: Url::parse(INSTANCE_METADATA).map(TokenEndpoint::InstanceMetadata),
            offload: None,
        };
        let outcome = Stage::play_live(Rc::new(host), catalogue, play, script, context, request).await;
        behind.run().await;
        Ok((outcome.map_err(Failed::usage)?, calls.take()))
    })
}

/// Sends what is meant for the usual backend to a real one; other calls go where they are meant to go.
struct Elsewhere {
    client: Client,
    base: Url,
    calls: Rc<std::cell::RefCell<Vec<Call>>>,
}

impl Outbound for Elsewhere {
    fn send(&self, mut request: OutboundRequest) -> LocalFuture<'_, Result<OutboundResponse, OutboundError>> {
        if &*request.url.host == "backend.example" {
            let path = self.base.joined(&request.url.path);
            request.url = Url { path, query: request.url.query.clone(), ..self.base.clone() };
        }
        let call = Call {
            method: request.method.as_str().to_owned(),
            url: request.url.to_string(),
            headers: request.headers.clone(),
            body: request.body.bytes().unwrap_or_default().to_vec(),
            expected: true,
        };
        self.calls.borrow_mut().push(call);
        self.client.send(request)
    }
}
