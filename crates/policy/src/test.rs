//! What the tests of this crate share.

use std::{
    future::Future,
    pin::pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use base::{Clock, Entropy, Sleep, Timestamp};

use crate::{
    Body, Exchange, LocalFuture, Method, Outbound, OutboundError, OutboundRequest, OutboundResponse, Url,
    exchange::{Arrival, Client, HostParts, Tasks},
    metrics::NoMetrics,
    outbound::OutboundErrorKind,
};

/// Runs a future whose every wait is over at once.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
        std::thread::yield_now();
    }
}

/// A GET that just came in.
pub(crate) fn exchange(url: &str, headers: &[(&str, &str)]) -> Exchange {
    let clock = Arc::new(Noon);
    let host = HostParts {
        clock: clock.clone(),
        entropy: Arc::new(Noon),
        outbound: Box::new(Noon),
        stores: kv::Stores::in_memory(clock, 1 << 20),
        shared: Arc::default(),
        tasks: Box::new(Noon),
        metrics: Box::new(NoMetrics),
        token_endpoint: None,
        offload: None,
    };
    let url = Url::parse(url).unwrap();
    let headers = headers.iter().copied().collect();
    Exchange::new(
        Rc::new(host),
        Arrival { method: Method::GET, url, headers, body: Body::empty(), client: Client::default() },
    )
}

/// A host where nothing moves and nobody answers.
struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(43_200)
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
    fn sleep(&self, _: Duration) -> Sleep {
        Box::pin(std::future::ready(()))
    }
}

impl Entropy for Noon {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

impl Tasks for Noon {
    fn spawn(&self, _: LocalFuture<'static, ()>) -> bool {
        false
    }
}

impl Outbound for Noon {
    fn send(&self, _: OutboundRequest) -> LocalFuture<'_, Result<OutboundResponse, OutboundError>> {
        let kind = OutboundErrorKind::Connection;
        Box::pin(std::future::ready(Err(OutboundError { kind, message: "nobody is there".into() })))
    }
}
