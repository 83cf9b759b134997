//! Traces of single calls: who may have one, and how they are told where it is.

use std::sync::Arc;

use policy::{Body, Exchange, HeaderName, HeaderValue, Response, Status};
use telemetry::{DebugApi, TraceStore, Verdict};

/// Carries a debug credential.
const DEBUG: HeaderName = HeaderName::from_static("Apim-Debug-Authorization");
/// The older way: `true`, with the key of a subscription that allows it.
const TRACE: HeaderName = HeaderName::from_static("Ocp-Apim-Trace");

const TRACE_ID: HeaderName = HeaderName::from_static("Apim-Trace-Id");
const TRACE_LOCATION: HeaderName = HeaderName::from_static("Ocp-Apim-Trace-Location");
const EXPIRED: HeaderName = HeaderName::from_static("Apim-Debug-Authorization-Expired");
const WRONG_API: HeaderName = HeaderName::from_static("Apim-Debug-Authorization-WrongAPI");

/// Below this path the gateway itself shows traces of the older way. What follows is a secret.
const PATH: &str = "/.tollgate/traces/";

/// What is to be said about the trace in the response.
pub(crate) enum Traced {
    /// Keep it; the header holds its id.
    Id,
    /// Keep it; the header holds its URL.
    Location,
    /// There is none, for this reason.
    Refused(HeaderName, String),
}

/// Whether the call is to be traced; if so, it is from now on. Called when routing is done. The headers that ask for it go
/// no further: a credential is nothing for a backend.
pub(crate) fn begin(store: &TraceStore, exchange: &mut Exchange) -> Option<Traced> {
    let headers = &exchange.request.headers;
    // One look at each name's length is all that other calls pay.
    let asks = |name: &HeaderName| matches!(name.as_bytes().len(), 14 | 24) && (*name == DEBUG || *name == TRACE);
    if !headers.iter().any(|(name, _)| asks(name)) {
        return None;
    }
    let token = headers.first(DEBUG.as_str()).map(|value| value.text().into_owned());
    let wants = headers.first(TRACE.as_str()).is_some_and(|value| value.text().trim().eq_ignore_ascii_case("true"));
    exchange.request.headers.remove(DEBUG.as_str());
    exchange.request.headers.remove(TRACE.as_str());
    let traced = match token {
        Some(token) => match store.judge(&token, &called(exchange)) {
            Verdict::Good => Traced::Id,
            Verdict::Expired(at) => {
                let message = format!("The credential expired at {}.", telemetry::instant_text(at));
                return Some(Traced::Refused(EXPIRED, message));
            }
            Verdict::OtherApi(api) => {
                return Some(Traced::Refused(WRONG_API, format!("The credential is for the API {api}.")));
            }
            // Nothing is said to whoever tries.
            Verdict::Unknown => return None,
        },
        None => {
            let allowed = exchange.entities.subscription.as_ref().is_some_and(|one| one.allow_tracing);
            if !wants || !allowed {
                return None;
            }
            Traced::Location
        }
    };
    exchange.start_trace();
    engine::inspect(exchange);
    Some(traced)
}

/// Puts what there is to say on the response, and the trace into the store. Called when the policies are done.
pub(crate) fn end(store: &TraceStore, exchange: &mut Exchange, traced: Traced) {
    engine::transferred(exchange);
    let entries = exchange.take_trace().unwrap_or_default();
    let service = Arc::clone(&exchange.entities.service.name);
    let keep = || store.keep(&service, exchange.id, exchange.timestamp, &entries);
    let (name, value) = match traced {
        Traced::Id => (TRACE_ID, keep()),
        Traced::Location => {
            let url = &exchange.original_url;
            (TRACE_LOCATION, format!("{}://{}{PATH}{}", url.scheme.as_str(), url.authority(), keep()))
        }
        Traced::Refused(name, message) => (name, message),
    };
    if let Some(value) = HeaderValue::parse(&value) {
        exchange.response.headers.set(name, value);
    }
}

/// The trace that a path of the gateway's own names; 404 if it is gone.
pub(crate) fn shown(store: &TraceStore, path: &str) -> Option<Response> {
    let id = path.strip_prefix(PATH)?;
    let Some(json) = store.find_text(id) else { return Some(Response::new(Status::NOT_FOUND)) };
    let mut response = Response::new(Status::OK);
    response.headers.push(HeaderName::from_static("Content-Type"), HeaderValue::from_static("application/json"));
    response.headers.push(HeaderName::from_static("Cache-Control"), HeaderValue::from_static("no-store"));
    response.body = Body::full(json.as_bytes().to_vec());
    Some(response)
}

fn called(exchange: &Exchange) -> DebugApi {
    let entities = &exchange.entities;
    let api = entities.api.as_ref().map(|api| format!("{};rev={}", api.id, api.revision)).unwrap_or_default();
    DebugApi::new(&entities.service.name, entities.workspace.as_ref().map(|workspace| &*workspace.id), &api)
}
