//! `send-request`: calls another service and keeps its answer in a variable.

use std::{rc::Rc, time::Duration};

use policy::{
    Body, OutboundError, OutboundRequest, Seat, base::within,
    csharp::{Str, Value as CSharp},
    exchange::{BodyError, Coding, HostParts, Mode},
    outbound::OutboundErrorKind,
    prelude::*,
};

use crate::forward_request::failure;

/// The policies that a call holds.
pub(crate) const HOLDS: &[&str] = &[
    "set-method", "set-header", "set-body", "authentication-basic", "authentication-certificate", "authentication-managed-identity", "proxy",
];

/// The children of a call that are no policies.
pub(crate) const CHILDREN: &[Child] =
    &[Child { count: (0, 1), ..Child::texts("set-url", Kind::Url, "Where it goes. A copy goes where the request goes without it.") }];

/// What a call begins as.
pub(crate) const MODE: Attr =
    Attr::or("mode", Kind::OneOf(Mode::WORDS), "new", "Whether it begins as an empty GET, or as a copy of the request.").expr();

/// How long a call may take.
pub(crate) const TIMEOUT: Attr =
    Attr::or("timeout", Kind::Int(0, 86_400), "60", "Seconds until the whole answer must be there.").expr();

const SECONDS: u64 = 60;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "send-request",
    summary: "Calls another service and keeps its answer in a variable, as an `IResponse`.",
    notes: "The answer is read to its end, up to the limit for bodies in memory; a status of 400 or more is an answer like any other. \
            A call without one is a failure with the reason `Timeout` or `BackendConnectionFailure`, or leaves `null` in the variable if \
            `ignore-error` is true. Redirects are not followed. A copy has the request's method, URL, headers and body, as policies have \
            changed them so far. The body of the answer can be read more than once.",
    attrs: &[
        MODE,
        Attr::required("response-variable-name", Kind::Name, "The variable for the answer."),
        TIMEOUT,
        Attr::or("ignore-error", Kind::Bool, "false", "Whether a call that brings no answer leaves `null` and does no more."),
    ],
    content: Content::Only(HOLDS),
    children: CHILDREN,
    examples: &[
        Example {
            title: "Ask another service before the backend is called",
            policy: r#"<send-request mode="new" response-variable-name="introspection" timeout="10" ignore-error="false">
  <set-url>https://auth.example/introspect</set-url>
  <set-method>POST</set-method>
  <set-header name="Content-Type"><value>application/x-www-form-urlencoded</value></set-header>
  <set-body>@("token=" + context.Request.Headers.GetValueOrDefault("X-Token"))</set-body>
</send-request>
<set-header name="X-User"><value>@((string)((IResponse)context.Variables["introspection"]).Body.As<JObject>()["sub"])</value></set-header>"#,
            given: "GET /resource/1 HTTP/1.1\nX-Token: abc",
            backend: "HTTP/1.1 200 OK\n\n{\"active\": true, \"sub\": \"ann\"}",
            then: "GET http://backend.example/resource/1 HTTP/1.1\nX-User: ann",
            ..Example::BASE
        },
        Example {
            title: "Send the request somewhere else as well",
            section: Section::Outbound,
            policy: r#"<send-request mode="copy" response-variable-name="audit">
  <set-url>http://audit.example/log</set-url>
</send-request>"#,
            given: "POST /resource/1 HTTP/1.1\nX-A: 1\n\nhello",
            then: "POST http://audit.example/log HTTP/1.1\nX-A: 1\n\nhello",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let call = CallTemplate::compile(element, cx);
        let variable = cx.literal(element, "response-variable-name");
        let ignore_error = cx.literal_or(element, "ignore-error", false);
        Some(Step::later(SendRequest { call: call?, variable: variable?, ignore_error: ignore_error? }))
    },
    ..PolicyDef::BASE
};

struct SendRequest {
    call: CallTemplate,
    variable: Arc<str>,
    ignore_error: bool,
}

/// A call as its document describes it.
pub(crate) struct CallTemplate {
    mode: Value<Mode>,
    url: Option<Value<Url>>,
    timeout: Value<u64>,
    policies: Block,
}

/// A call that only has to be sent. It has nothing to do with the exchange any more.
pub(crate) struct Ready {
    host: Rc<HostParts>,
    request: OutboundRequest,
    /// How large the answer may be.
    largest: u64,
}

/// An answer with its whole body.
pub(crate) struct Answer {
    status: Status,
    reason: Arc<str>,
    headers: policy::Headers,
    body: policy::Bytes,
}

impl CallTemplate {
    pub(crate) fn compile(element: &Element, cx: &mut Compiler<'_>) -> Option<Self> {
        let mode = cx.attr_or(element, "mode", Mode::New);
        let timeout = cx.attr_or(element, "timeout", SECONDS);
        let child = element.elements().find(|child| child.name == "set-url");
        let url = child.map(|child| cx.text(child));
        let policies = cx.call_block(element, CHILDREN);
        if url.is_none() && mode.as_ref().and_then(Value::literal) == Some(&Mode::New) {
            let message = format!("<{}> needs <set-url>: only a copy knows where to go.", element.name);
            cx.error("PX0109", message, element.name_span);
            return None;
        }
        let url = match url {
            Some(url) => Some(url?),
            None => None,
        };
        Some(Self { mode: mode?, url, timeout: timeout?, policies })
    }

    /// Makes the call out of what the exchange is now.
    pub(crate) async fn make(&self, exchange: &mut Exchange, source: &'static str) -> Result<Ready, Fault> {
        let drafted = self.draft(exchange).await;
        // Whatever came of it, the children of the next policy change the request again.
        let call = *exchange.call.take().unwrap_or_default();
        let (mode, timeout) = drafted?;
        let Some(url) = call.url else {
            return Err(Fault::new(source, "UrlNotFound", "The call has no set-url and is no copy of the request."));
        };
        let body = match call.body {
            Some(body) => body,
            None if mode == Mode::Copy => exchange.copied_body().await?,
            None => Body::empty(),
        };
        let backend = exchange.backend_of(&url).cloned();
        Ok(Ready {
            host: Rc::clone(&exchange.host),
            largest: exchange.body_limit(),
            request: OutboundRequest {
                backend,
                headers: call.headers,
                body,
                proxy: call.proxy,
                client_certificate: call.client_certificate,
                anchors: exchange.entities.service.anchors.clone(),
..OutboundRequest::new(call.method, url, timeout)
            },
        })
    }

    async fn draft(&self, exchange: &mut Exchange) -> Result<(Mode, Duration), Fault> {
        let mode = *self.mode.get(exchange)?;
        let timeout = Duration::from_secs(*self.timeout.get(exchange)?);
        let url = Value::optional(&self.url, exchange)?;
        exchange.begin_call(mode);
        if let (Some(call), Some(url)) = (&mut exchange.call, url) {
            call.url = Some(url.into_owned());
        }
        self.policies.run(exchange).await?;
        Ok((mode, timeout))
    }
}

impl Ready {
    /// Method and address, without the query: it may hold a key.
    pub(crate) fn place(&self) -> String {
        let url = &self.request.url;
        format!("{} {}://{}{}", self.request.method, url.scheme.as_str(), url.authority(), url.path)
    }

    /// Sends it and waits for the whole answer.
    pub(crate) async fn send(self) -> Result<Answer, OutboundError> {
        let Self { host, request, largest } = self;
        let limit = request.response_timeout;
        let server = request.url.authority();
        let work = async {
            let mut response = host.outbound.send(request).await?;
            let coding = Coding::of(&response.headers);
            let collected = response.body.collect(largest).await;
            let read = match coding {
                Some(coding) => collected.and_then(|body| coding.decode(&body, largest)),
                None => collected,
            };
            let body = read.map_err(|error| OutboundError {
                kind: match error {
                    BodyError::TooLarge { .. } | BodyError::Transform(_) => OutboundErrorKind::Protocol,
                    BodyError::TimedOut => OutboundErrorKind::Timeout,
                    BodyError::Aborted(_) => OutboundErrorKind::Connection,
                },
                message: format!("The answer of {server} cannot be read: {error}."),
            })?;
            if coding.is_some() && !body.is_empty() {
                response.headers.remove("Content-Encoding");
                response.headers.remove("Content-Length");
            }
            let reason = response.reason.unwrap_or_else(|| response.status.reason().into());
            Ok(Answer { status: response.status, reason, headers: response.headers, body })
        };
        match within(&*host.clock, limit, work).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let message = format!("{server} did not answer within {limit:?}.");
                Err(OutboundError { kind: OutboundErrorKind::Timeout, message })
            }
        }
    }
}

impl Answer {
    /// As expressions see it.
    fn into_value(self) -> CSharp {
        let mut headers: Vec<(Str, Vec<Str>)> = Vec::with_capacity(self.headers.len());
        for (name, value) in self.headers.iter() {
            let value = Str::from(&*value.text());
            match headers.iter_mut().find(|(known, _)| known.to_text().eq_ignore_ascii_case(name.as_str())) {
                Some((_, values)) => values.push(value),
                None => headers.push((Str::from(name.as_str()), vec![value])),
            }
        }
        CSharp::object(dotnet::Response {
            status: self.status.code(),
            reason: Str::from(&*self.reason),
            headers,
            body: Rc::from(&self.body[..]),
        })
    }
}

impl SendRequest {
    /// Keeps the answer, or says why there is none.
    fn keep(&self, exchange: &mut Exchange, place: &str, answer: Result<Answer, OutboundError>) -> Result<Flow, Fault> {
        exchange.note(|_| match &answer {
            Ok(answer) => format!("{place} was answered with {} {}.", answer.status.code(), answer.reason),
            Err(error) => format!("{place} was not answered: {error}"),
        });
        let value = match answer {
            Ok(answer) => answer.into_value(),
            Err(_) if self.ignore_error => CSharp::Null,
            Err(error) => return Err(failure(DEF.name, error)),
        };
        exchange.variables.set(&self.variable, value);
        Ok(Flow::Continue)
    }
}

impl LaterPolicy for SendRequest {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let call = self.call.make(exchange, DEF.name).await?;
            let place = call.place();
            let answer = call.send().await;
            self.keep(exchange, &place, answer)
        })
    }

    fn run_beside<'a>(&'a self, seat: &'a Seat<'_, '_>) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let call = self.call.make(&mut *seat.hold().await, DEF.name).await?;
            let place = call.place();
            // The others have the exchange as long as this waits.
            let answer = call.send().await;
            self.keep(&mut *seat.hold().await, &place, answer)
        })
    }
}
