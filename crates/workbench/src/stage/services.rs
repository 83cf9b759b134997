//! Services that policies call: made of answers that a test gives, or a single answer for everybody.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use base::Clock;
use engine::http_text::{Message, Start};
use policy::{
    Body, Headers, LocalFuture, Outbound, OutboundError, OutboundRequest, OutboundResponse, Status, exchange::Version,
    outbound::OutboundErrorKind,
};

/// What a call is answered with.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Which calls: `GET http://backend.example/orders/*`. Without a method every one; without a query the query does not
    /// count; `*` stands for any text.
    pub to: Pattern,
    /// What comes back.
    pub reply: Reply,
    /// How long it takes.
    pub delay: Duration,
    /// How often this answer is given; without it, for ever.
    pub times: Option<u32>,
}

/// What comes back.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A response.
    Response {
        /// Its status.
        status: Status,
        /// Its reason phrase, if it is not the usual one.
        reason: Option<Arc<str>>,
        /// Its headers.
        headers: Headers,
        /// Its body.
        body: Vec<u8>,
    },
    /// No connection.
    ConnectionFailure(String),
    /// Nothing, for ever.
    Silence,
}

impl Reply {
    /// The response that a text writes.
    pub fn of(message: Message) -> Result<Self, String> {
        match message.start {
            Start::Response { status, reason } => {
                let reason = reason.filter(|reason| reason != status.reason()).map(Into::into);
                Ok(Self::Response { status, reason, headers: message.headers, body: message.body })
            }
            Start::Request { .. } => Err("a request is no answer; a response begins with HTTP/1.1 200 OK".into()),
        }
    }
}

/// A method and a URL with `*` for any text.
#[derive(Clone, Debug)]
pub struct Pattern {
    method: Option<String>,
    url: String,
}

impl Pattern {
    /// Reads `[METHOD] URL`.
    pub fn parse(text: &str) -> Self {
        match text.trim().split_once(' ') {
            Some((method, url)) => {
                Self { method: Some(method.to_owned()).filter(|method| method != "*"), url: url.trim().to_owned() }
            }
            None => Self { method: None, url: text.trim().to_owned() },
        }
    }

    /// Whether it means this call.
    pub fn fits(&self, method: &str, url: &str) -> bool {
        let url = if self.url.contains('?') { url } else { url.split('?').next().unwrap_or_default() };
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method)) && wildcard(&self.url, url)
    }
}

/// Whether `text` is `pattern` with something in the place of each `*`.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A call that was made.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Vec<u8>,
    /// Whether some answer was meant for it.
    pub expected: bool,
}

/// The services of one test.
#[derive(Clone)]
pub struct Services(Rc<Parts>);

struct Parts {
    clock: Arc<dyn Clock>,
    answers: RefCell<Vec<Answer>>,
    calls: RefCell<Vec<Call>>,
}

impl Services {
    /// Services that give these answers: the first that fits and is not used up. Where there are none at all, everybody
    /// gets an empty 200.
    pub fn new(clock: Arc<dyn Clock>, answers: Vec<Answer>) -> Self {
        Self(Rc::new(Parts { clock, answers: RefCell::new(answers), calls: RefCell::default() }))
    }

    /// The calls so far; none is told twice.
    pub fn take_calls(&self) -> Vec<Call> {
        self.0.calls.take()
    }

    fn answer(&self, method: &str, url: &str) -> Option<Answer> {
        let mut answers = self.0.answers.borrow_mut();
        if answers.is_empty() {
            let reply = Reply::Response { status: Status::OK, reason: None, headers: Headers::new(), body: Vec::new() };
            return Some(Answer { to: Pattern::parse("*"), reply, delay: Duration::ZERO, times: None });
        }
        let fits = |answer: &&mut Answer| answer.times != Some(0) && answer.to.fits(method, url);
        let answer = answers.iter_mut().find(fits)?;
        answer.times = answer.times.map(|left| left - 1);
        Some(answer.clone())
    }
}

impl Outbound for Services {
    fn send(&self, mut request: OutboundRequest) -> LocalFuture<'_, Result<OutboundResponse, OutboundError>> {
        Box::pin(async move {
            // A body that breaks off is sent as far as it goes.
            let body = request.body.collect(u64::MAX).await.unwrap_or_default().to_vec();
            let (method, url) = (request.method.as_str().to_owned(), request.url.to_string());
            let answer = self.answer(&method, &url);
            let headers = request.headers.clone();
            let call = Call { method: method.clone(), url: url.clone(), headers, body, expected: answer.is_some() };
            self.0.calls.borrow_mut().push(call);
            let failed = |kind, message: String| Err(OutboundError { kind, message });
            let host = request.url.authority();
            let Some(answer) = answer else {
                let message = format!("No answer of the test fits {method} {url}.");
                return failed(OutboundErrorKind::Connection, message);
            };
            let limit = request.response_timeout;
            let timed_out =
                || failed(OutboundErrorKind::Timeout, format!("The backend {host} did not answer within {limit:?}."));
            let waits = match &answer.reply {
                Reply::Silence => limit,
                _ => answer.delay.min(limit),
            };
            if !waits.is_zero() {
                self.0.clock.sleep(waits).await;
            }
            match answer.reply {
                Reply::Silence => timed_out(),
                _ if answer.delay > limit => timed_out(),
                Reply::ConnectionFailure(why) => {
                    failed(OutboundErrorKind::Connection, format!("No connection to {host}: {why}."))
                }
                Reply::Response { status, reason, headers, body } => {
                    let body = Body::full(body);
                    Ok(OutboundResponse { version: Version::Http11, status, reason, headers, body, tunnel: None })
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, fits) in [
            ("http://a/*", "http://a/b/c", true),
            ("*", "anything", true),
            ("http://a/*/d", "http://a/b/c/d", true),
            ("http://a/*/d", "http://a/b/c", false),
            ("http://a/b", "http://a/bc", false),
        ] {
            assert_eq!(wildcard(pattern, text), fits, "{pattern} {text}");
        }
        assert!(Pattern::parse("GET http://a/b").fits("GET", "http://a/b?x=1"));
        assert!(!Pattern::parse("GET http://a/b?x=2").fits("GET", "http://a/b?x=1"));
        assert!(!Pattern::parse("POST http://a/b").fits("GET", "http://a/b"));
    }
}
