//! `forward-request`: calls the backend and makes its answer the response.

use std::time::Duration;

use policy::{
    Body, OutboundError, OutboundRequest, Response,
    fabric::FabricTarget,
    outbound::{HttpVersion, OutboundErrorKind},
    prelude::*,
    redact,
};

use crate::fabric::forward;

words! {
    /// `http-version`.
    enum Version { One = "1", Two = "2", TwoOrOne = "2or1" }
}

/// How many bytes `buffer-response` collects before they go on.
const PIECE: usize = 8 * 1024;

/// The service's default.
const TIMEOUT: Duration = Duration::from_mins(5);

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "forward-request",
    summary: "Calls the backend and makes its answer the response.",
    notes: "Bodies stream in both directions, and trailers pass. The timeout counts until the head of the answer is there. With \
            `continue-timeout` the body is sent once the backend says 100 Continue, or after that time. A body that came as a stream can be \
            sent again only with `buffer-request-body`. With `buffer-response` pieces of the answer go on together, 8 KB at a time; without \
            it each goes on at once, as server-sent events need it (answers of gRPC always do). The handshake of a WebSocket goes over HTTP/1.1, \
            and what follows it passes as it comes. A failure has the reason `Timeout`, \
            `BackendConnectionFailure`, or `BackendErrorStatusCode` where an error of the backend is one.",
    sections: Sections::BACKEND,
    also: Sections::INBOUND,
    attrs: &[
        Attr::optional("timeout", Kind::Int(0, 3600), "Seconds until the head of the answer must be there; 300 without one.").expr(),
        Attr::optional("timeout-ms", Kind::Int(0, 3_600_000), "The same in milliseconds.").expr(),
        Attr::optional("continue-timeout", Kind::Int(0, 3600), "Seconds to wait for 100 Continue before the body is sent.").expr(),
        Attr::optional("http-version", Kind::OneOf(Version::WORDS), "The version of HTTP to speak; 2 for an API of gRPC, else 1, without one."),
        Attr::or("follow-redirects", Kind::Bool, "false", "Whether redirects are followed instead of passed on.").expr(),
        Attr::or("buffer-request-body", Kind::Bool, "false", "Whether the body is read first, so that a retry can send it again."),
        Attr::or("buffer-response", Kind::Bool, "true", "Whether pieces of the answer may be collected before they go on."),
        Attr::or("fail-on-error-status-code", Kind::Bool, "false", "Whether an answer of 400 to 599 is a failure that on-error handles."),
    ],
    examples: &[Example {
        title: "Treat errors of the backend as errors",
        section: Section::Backend,
        policy: "<policies><inbound><base /></inbound><backend><forward-request timeout=\"20\" fail-on-error-status-code=\"true\" /></backend>\
                 <outbound><base /></outbound><on-error><return-response><set-status code=\"502\" /></return-response></on-error></policies>",
        given: "GET /resource/1 HTTP/1.1",
        backend: "HTTP/1.1 503 Service Unavailable",
        then: "HTTP/1.1 502 Bad Gateway",
        ..Example::BASE
    }],
    compile: |element, cx| {
        if element.attribute("timeout").is_some()
            && let Some(other) = element.attribute("timeout-ms")
        {
            cx.error("PX0108", "timeout and timeout-ms exclude each other.", other.name_span);
            return None;
        }
        let forward = ForwardRequest {
            timeout: cx.optional(element, "timeout")?,
            timeout_ms: cx.optional(element, "timeout-ms")?,
            http_version: match element.attribute("http-version") {
                None => None,
                Some(_) => Some(match cx.literal_or(element, "http-version", Version::One)? {
                    Version::One => HttpVersion::One,
                    Version::Two => HttpVersion::Two,
                    Version::TwoOrOne => HttpVersion::TwoOrOne,
                }),
            },
            follow_redirects: cx.attr_or(element, "follow-redirects", false)?,
            continue_timeout: cx.optional(element, "continue-timeout")?,
            buffer_request: cx.literal_or(element, "buffer-request-body", false)?,
            buffer_response: cx.literal_or(element, "buffer-response", true)?,
            fail_on_error: cx.literal_or(element, "fail-on-error-status-code", false)?,
        };
        Some(Step::later(forward))
    },
    ..PolicyDef::BASE
};

pub(crate) struct ForwardRequest {
    timeout: Option<Value<u64>>,
    timeout_ms: Option<Value<u64>>,
    /// None for the API's own.
    http_version: Option<HttpVersion>,
    follow_redirects: Value<bool>,
    continue_timeout: Option<Value<u64>>,
    buffer_request: bool,
    buffer_response: bool,
    fail_on_error: bool,
}

impl LaterPolicy for ForwardRequest {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        match &exchange.target.fabric {
            None => Box::pin(self.call(exchange)),
            Some(target) => {
                let target = FabricTarget::clone(target);
                Box::pin(forward(self, exchange, target))
            }
        }
    }
}

impl ForwardRequest {
    /// Calls the backend as the exchange has it now.
    pub(crate) async fn call(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let response_timeout = self.timeout(exchange)?;
        let follow_redirects = *self.follow_redirects.get(exchange)?;
        let continue_timeout = Value::optional(&self.continue_timeout, exchange)?;
        let body = self.body(exchange).await?;
        let mut request = OutboundRequest {
            method: exchange.request.method.clone(),
            url: exchange.request.url.clone(),
            headers: exchange.request.headers.clone(),
            body,
            backend: exchange.target.backend.as_ref().or_else(|| exchange.backend_of(&exchange.request.url)).cloned(),
            connect_timeout: None,
            response_timeout,
            continue_timeout: continue_timeout.map(|seconds| Duration::from_secs(*seconds)),
            http_version: self.http_version.unwrap_or_else(|| usual_version(exchange)),
            proxy: exchange.proxy.clone(),
            client_certificate: exchange.client_certificate.clone(),
            anchors: exchange.entities.service.anchors.clone(),
            follow_redirects,
            upgrade: exchange.upgrade.clone(),
        };
        // The record and the trace name the member, so it is chosen here.
        let cookie = match &request.backend {
            Some(backend) if backend.pool.is_some() => {
                exchange.host.outbound.choose(&mut request).map_err(|error| failure(DEF.name, error))?
            }
            _ => None,
        };
        exchange.note(|_| {
            let message = format!("{} {} is sent; the answer may take {response_timeout:?}.", request.method, redact::url(&request.url.to_string()));
            Effect::new(message).with("request", Detail::request(&request.method, &request.url, &request.headers))
        });
        exchange.backend_use.calls += 1;
        exchange.backend_use.sent = Some((request.method.clone(), request.url.clone()));
        let host = exchange.host.clone();
        let began = host.clock.monotonic();
        let answer = host.outbound.send(request).await;
        exchange.backend_use.time += host.clock.monotonic().saturating_sub(began);
        let mut answer = answer.map_err(|error| failure(DEF.name, error))?;
        if self.buffer_response && !is_grpc(&answer.headers) {
            answer.body.gather(PIECE);
        }
        if let Some(cookie) = cookie {
            answer.headers.push(HeaderName::from_static("Set-Cookie"), cookie);
        }
        exchange.backend_use.answer = Some((answer.version, answer.status));
        let status = answer.status;
        exchange.respond(Response { status, reason: answer.reason, headers: answer.headers, body: answer.body, consumed: false, tunnel: answer.tunnel });
        exchange.note(|exchange| {
            let response = &exchange.response;
            let message = format!("The backend answered {} {}.", status.code(), response.reason());
            Effect::new(message.trim_end().to_owned()).with("response", Detail::response(status, response.reason(), &response.headers))
        });
        if self.fail_on_error && (400..600).contains(&status.code()) {
            let message = format!("The backend answered {} {}.", status.code(), status.reason());
            return Err(Fault::new("forward-request", "BackendErrorStatusCode", message).with_status(status));
        }
        Ok(Flow::Continue)
    }

    /// The body to send. One in memory stays, so that it can be sent again.
    async fn body(&self, exchange: &mut Exchange) -> Result<Body, Fault> {
        if exchange.request.streamed {
            let message = "The request body was sent before. To send it again, set buffer-request-body to true.";
            return Err(Fault::new(DEF.name, "RequestBodyNotBuffered", message));
        }
        if self.buffer_request || exchange.request.body.bytes().is_some() {
            return exchange.copied_body().await;
        }
        exchange.request.streamed = true;
        Ok(exchange.request.body.take())
    }

    fn timeout(&self, exchange: &mut Exchange) -> Result<Duration, Fault> {
        if let Some(milliseconds) = Value::optional(&self.timeout_ms, exchange)? {
            return Ok(Duration::from_millis(*milliseconds));
        }
        Ok(Value::optional(&self.timeout, exchange)?.map_or(TIMEOUT, |seconds| Duration::from_secs(*seconds)))
    }
}

/// The version that an API speaks with its backend where the policy does not say.
fn usual_version(exchange: &Exchange) -> HttpVersion {
    match &exchange.entities.api {
        Some(api) if api.grpc => HttpVersion::Two,
        _ => HttpVersion::One,
    }
}

/// Calls of gRPC wait for single messages on both sides.
fn is_grpc(headers: &policy::Headers) -> bool {
    headers.first("Content-Type").is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

/// What the caller and `context.LastError` learn of a call that brought no answer. `source` is the policy.
pub(crate) fn failure(source: &'static str, error: OutboundError) -> Fault {
    let fault = |reason| Fault::new(source, reason, error.message.clone());
    match error.kind {
        OutboundErrorKind::Timeout => fault("Timeout"),
        OutboundErrorKind::RequestBody => {
            Fault::new("client", "ClientConnectionFailure", error.message).with_status(Status::CLIENT_CLOSED)
        }
        OutboundErrorKind::Unavailable { retry_after, status } => {
            let fault = fault("BackendUnavailable").with_status(status).shown(status.reason());
            match retry_after {
                Some(wait) => fault.with_header(HeaderName::from_static("Retry-After"), wait.as_secs().max(1).into()),
                None => fault,
            }
        }
        OutboundErrorKind::Address | OutboundErrorKind::Connection | OutboundErrorKind::Protocol => fault("BackendConnectionFailure"),
    }
}
