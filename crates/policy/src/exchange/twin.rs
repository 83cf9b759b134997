//! [`Twin`]: what expressions can see of an exchange, on its way to another thread.

use std::{
    rc::Rc,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use base::{Clock, Entropy, Timestamp};
use bytes::Bytes;
use kv::Stores;

use super::{
    Arrival, Body, BodyError, Client, Entities, Exchange, Frame, Headers, HostParts, Method, Request, Response, Source,
    Status, Target, Tasks, Url,
};
use crate::{
    Fault, LocalFuture, Outbound, OutboundError, OutboundRequest, OutboundResponse, Shared, metrics::NoMetrics,
    outbound::OutboundErrorKind,
};

/// An exchange without its bodies' streams, its variables and its way out.
pub(crate) struct Twin {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    stores: Stores,
    shared: Arc<Shared>,
    id: [u8; 16],
    timestamp: Timestamp,
    began: Duration,
    method: Method,
    url: Url,
    request_headers: Headers,
    request_body: Content,
    request_consumed: bool,
    status: Status,
    reason: Option<Arc<str>>,
    response_headers: Headers,
    response_body: Content,
    response_consumed: bool,
    has_response: bool,
    original_url: Url,
    client: Client,
    entities: Entities,
    matched: Vec<(Arc<str>, String)>,
    last_error: Option<Fault>,
    target: Target,
    is_traced: bool,
}

/// A body as far as it is in memory.
enum Content {
    Whole(Bytes),
    /// With its length, where that is known.
    Unread(Option<u64>),
}

impl Content {
    fn of(body: &Body) -> Self {
        body.whole().map_or_else(|| Self::Unread(body.exact_len()), Self::Whole)
    }

    fn body(self) -> Body {
        match self {
            Self::Whole(bytes) => Body::full(bytes),
            Self::Unread(length) => Body::stream(Unread(length)),
        }
    }
}

impl Twin {
    /// Takes down what there is to see.
    pub(crate) fn of(exchange: &Exchange) -> Self {
        let (request, response, host) = (&exchange.request, &exchange.response, &exchange.host);
        Self {
            clock: Arc::clone(&host.clock),
            entropy: Arc::clone(&host.entropy),
            stores: host.stores.clone(),
            shared: Arc::clone(&host.shared),
            id: exchange.id,
            timestamp: exchange.timestamp,
            began: exchange.began,
            method: request.method.clone(),
            url: request.url.clone(),
            request_headers: request.headers.clone(),
            request_body: Content::of(&request.body),
            request_consumed: request.consumed,
            status: response.status,
            reason: response.reason.clone(),
            response_headers: response.headers.clone(),
            response_body: Content::of(&response.body),
            response_consumed: response.consumed,
            has_response: exchange.has_response,
            original_url: exchange.original_url.clone(),
            client: exchange.client.clone(),
            entities: exchange.entities.clone(),
            matched: exchange.matched.clone(),
            last_error: exchange.last_error.clone(),
            target: exchange.target.clone(),
            is_traced: exchange.is_traced(),
        }
    }

    /// An exchange that looks the same to expressions, and can do nothing else.
    pub(crate) fn exchange(self) -> Exchange {
        let host = HostParts {
            clock: self.clock,
            entropy: self.entropy,
            outbound: Box::new(Nowhere),
            stores: self.stores,
            shared: self.shared,
            tasks: Box::new(Nowhere),
            metrics: Box::new(NoMetrics),
            token_endpoint: None,
            offload: None,
        };
        let arrival = Arrival {
            method: Method::GET,
            url: self.original_url,
            headers: Headers::new(),
            body: Body::empty(),
            client: self.client,
        };
        let mut exchange = Exchange::begun(Rc::new(host), arrival, self.id, self.timestamp, self.began);
        exchange.request = Request {
            method: self.method,
            url: self.url,
            headers: self.request_headers,
            body: self.request_body.body(),
            consumed: self.request_consumed,
            streamed: false,
        };
        exchange.response = Response {
            status: self.status,
            reason: self.reason,
            headers: self.response_headers,
            body: self.response_body.body(),
            consumed: self.response_consumed,
            tunnel: None,
        };
        exchange.has_response = self.has_response;
        exchange.entities = self.entities;
        exchange.matched = self.matched;
        exchange.last_error = self.last_error;
        exchange.target = self.target;
        if self.is_traced {
            exchange.start_trace();
        }
        exchange
    }
}

/// A body that stayed behind.
struct Unread(Option<u64>);

impl Source for Unread {
    fn poll_frame(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<Frame, BodyError>>> {
        Poll::Ready(Some(Err(BodyError::Aborted("it is on another thread".to_owned()))))
    }

    fn exact_len(&self) -> Option<u64> {
        self.0
    }
}

/// No way out.
struct Nowhere;

impl Tasks for Nowhere {
    fn spawn(&self, _: LocalFuture<'static, ()>) -> bool {
        false
    }
}

impl Outbound for Nowhere {
    fn send(&self, _: OutboundRequest) -> LocalFuture<'_, Result<OutboundResponse, OutboundError>> {
        let message = "an expression sends nothing".to_owned();
        let error = OutboundError { kind: OutboundErrorKind::Connection, message };
        Box::pin(std::future::ready(Err(error)))
    }
}
