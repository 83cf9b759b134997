//! One handler for every path: ARM ids are not what path routers are made for.

use std::sync::Arc;

use arm::{Code, Error, Result};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, header, request::Parts},
    response::Response,
};
use bytes::Bytes;
use control::{Answer, Control};

use crate::{gateways, oauth, wire};

/// How large requests may be, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The body of a management call.
    pub body: usize,
}

impl Default for Limits {
    /// 8 MiB: twice the largest document that can be imported inline.
    fn default() -> Self {
        Self { body: 8 * 1024 * 1024 }
    }
}

/// Sign-in and token requests are small.
const FORM_LIMIT: usize = 64 * 1024;

#[derive(Clone)]
struct Server {
    control: Arc<Control>,
    limits: Limits,
}

/// The management API, sign-in and metadata as one service. Paths that are none of theirs get an ARM error.
pub fn router(control: Arc<Control>, limits: Limits) -> Router {
    Router::new().fallback(handle).with_state(Server { control, limits })
}

async fn handle(State(server): State<Server>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let id = server.control.request_id();
    let answer = server.answer(&parts, body).await.unwrap_or_else(|error| {
        let error = control::told(error);
        match &error.cause {
            Some(cause) => tracing::error!(request = %id, method = %parts.method, path = parts.uri.path(), %error, %cause, "management call failed"),
            None => tracing::debug!(request = %id, method = %parts.method, path = parts.uri.path(), %error, "management call refused"),
        }
        let answer = Answer::refused(&error);
        if error.status() == 401 { challenge(&server.control, &error, answer) } else { answer }
    });
    let mut response = wire::response(answer);
    let headers = response.headers_mut();
    wire::set(headers, "x-ms-request-id", &id);
    let correlation = parts.headers.get("x-ms-correlation-request-id").and_then(|value| value.to_str().ok());
    wire::set(headers, "x-ms-correlation-request-id", correlation.unwrap_or(&id));
    if let Some(client) = parts.headers.get("x-ms-client-request-id") {
        headers.insert("x-ms-client-request-id", client.clone());
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}

impl Server {
    async fn answer(&self, parts: &Parts, body: axum::body::Body) -> Result<Answer> {
        let path = wire::path(&parts.uri)?;
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        if let ["metadata", "endpoints"] = words.as_slice() {
            let query = wire::query(&parts.uri);
            let version = query.iter().find(|(name, _)| name.eq_ignore_ascii_case("api-version"));
            return Ok(Answer::json(200, self.control.metadata(version.map(|(_, version)| version.as_str()))));
        }
        if path.first().is_some_and(|first| first == gateways::ROOT) {
            return gateways::answer(&self.control, parts, &words, body).await;
        }
        if !path.first().is_some_and(|first| is_resource_manager(first)) {
            let body = wire::body(body, FORM_LIMIT).await?;
            let answer = oauth::answer(&self.control, parts, &path, &body).await;
            let nothing = || Error::new(Code::ResourceNotFound, format!("Nothing is at '{}'.", parts.uri.path()));
            return answer.unwrap_or_else(|| Err(nothing()));
        }
        // Nobody's body is read before it is known who sends it.
        let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let caller = self.control.authenticate(authorization).await?;
        let body: Bytes = wire::body(body, self.limits.body).await?;
        self.control.call(&wire::call(parts, caller, body)?).await
    }
}

fn is_resource_manager(first: &str) -> bool {
    ["subscriptions", "tenants", "providers"].iter().any(|known| known.eq_ignore_ascii_case(first))
}

/// Tells a client without a good token where to get one.
fn challenge(control: &Control, error: &Error, answer: Answer) -> Answer {
    let settings = control.settings();
    let wrong = match error.code {
        Code::AuthenticationFailed => String::new(),
        _ => format!(", error=\"invalid_token\", error_description=\"{}\"", error.message.replace(['"', '\\'], "'")),
    };
    let uri = format!("{}/{}", settings.origin, settings.tenant);
    answer.header("www-authenticate", format!("Bearer authorization_uri=\"{uri}\"{wrong}"))
}
