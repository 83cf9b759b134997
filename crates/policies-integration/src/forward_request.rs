//! `forward-request`: calls the backend and makes its answer the response.

use std::time::Duration;

use policy::{
    Body, OutboundError, OutboundRequest, Response,
    outbound::{HttpVersion, OutboundErrorKind},
    prelude::*,
    redact,
};

words! {
    /// `http-version`.
    enum Version { One = "1", Two = "2", TwoOrOne = "2or1" }
}

/// The service's default.
const TIMEOUT: Duration = Duration::from_mins(5);

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "forward-request",
    summary: "Calls the backend and makes its answer the response.",
    notes: "Bodies stream in both directions and are not held back for `buffer-response`; trailers pass. The timeout counts until the head \
            of the answer is there. `continue-timeout` is accepted and has no effect: the body is sent without waiting for 100 Continue.",
    sections: Sections::BACKEND,
    also: Sections::INBOUND,
    attrs: &[
        Attr::optional("timeout", Kind::Int(0, 3600), "Seconds until the head of the answer must be there; 300 without one.").expr(),
        Attr::optional("timeout-ms", Kind::Int(0, 3_600_000), "The same in milliseconds.").expr(),
        Attr::optional("continue-timeout", Kind::Int(0, 3600), "Seconds to wait for 100 Continue.").expr(),
        Attr::or("http-version", Kind::OneOf(Version::WORDS), "1", "The version of HTTP to speak."),
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
            http_version: match cx.literal_or(element, "http-version", Version::One)? {
                Version::One => HttpVersion::One,
                Version::Two => HttpVersion::Two,
                Version::TwoOrOne => HttpVersion::TwoOrOne,
            },
            follow_redirects: cx.attr_or(element, "follow-redirects", false)?,
            buffer_request: cx.literal_or(element, "buffer-request-body", false)?,
            fail_on_error: cx.literal_or(element, "fail-on-error-status-code", false)?,
        };
        Some(Step::later(forward))
    },
    ..PolicyDef::BASE
};

struct ForwardRequest {
    timeout: Option<Value<u64>>,
    timeout_ms: Option<Value<u64>>,
    http_version: HttpVersion,
    follow_redirects: Value<bool>,
    buffer_request: bool,
    fail_on_error: bool,
}

impl LaterPolicy for ForwardRequest {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let response_timeout = self.timeout(exchange)?;
            let follow_redirects = *self.follow_redirects.get(exchange)?;
            let body = if self.buffer_request {
                exchange.buffer(Some(policy::exchange::Side::Request)).await?;
                Body::full(policy::Bytes::copy_from_slice(exchange.request.body.bytes().unwrap_or_default()))
            } else {
                std::mem::take(&mut exchange.request.body)
            };
            let request = OutboundRequest {
                method: exchange.request.method.clone(),
                url: exchange.request.url.clone(),
                headers: exchange.request.headers.clone(),
                body,
                backend: exchange.target.backend.clone(),
                connect_timeout: None,
                response_timeout,
                http_version: self.http_version,
                proxy: exchange.proxy.clone(),
                client_certificate: exchange.client_certificate.clone(),
                follow_redirects,
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
            let answer = answer.map_err(failure)?;
            exchange.backend_use.answer = Some((answer.version, answer.status));
            let status = answer.status;
            exchange.respond(Response { status, reason: answer.reason, headers: answer.headers, body: answer.body, consumed: false });
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
        })
    }
}

impl ForwardRequest {
    fn timeout(&self, exchange: &mut Exchange) -> Result<Duration, Fault> {
        if let Some(milliseconds) = Value::optional(&self.timeout_ms, exchange)? {
            return Ok(Duration::from_millis(*milliseconds));
        }
        Ok(Value::optional(&self.timeout, exchange)?.map_or(TIMEOUT, |seconds| Duration::from_secs(*seconds)))
    }
}

/// What the caller and `context.LastError` learn of a call that brought no answer.
fn failure(error: OutboundError) -> Fault {
    let fault = |reason| Fault::new("forward-request", reason, error.message.clone());
    match error.kind {
        OutboundErrorKind::Timeout => fault("Timeout"),
        OutboundErrorKind::RequestBody => {
            Fault::new("client", "ClientConnectionFailure", error.message).with_status(Status::CLIENT_CLOSED)
        }
        OutboundErrorKind::Unavailable { retry_after } => {
            let fault = fault("BackendUnavailable").with_status(Status::SERVICE_UNAVAILABLE).shown("Service Unavailable");
            match retry_after {
                Some(wait) => fault.with_header(HeaderName::from_static("Retry-After"), wait.as_secs().max(1).into()),
                None => fault,
            }
        }
        OutboundErrorKind::Address | OutboundErrorKind::Connection | OutboundErrorKind::Protocol => fault("BackendConnectionFailure"),
    }
}
