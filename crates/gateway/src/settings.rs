//! What an operator may set about the gateway's listeners.

use std::{net::SocketAddr, time::Duration};

/// Sizes beyond which a request is refused.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the request target; more is 414.
    pub url: usize,
    /// Bytes of a request head in all; more is 431.
    pub head: usize,
    /// Header lines; more is 431.
    pub headers: usize,
    /// Bytes of a request body that passes through; more is 413. `None` lets any length pass, as the service does.
    pub body: Option<u64>,
    /// Open connections of the process; more are closed at once.
    pub connections: usize,
    /// Requests at a time on one HTTP/2 connection.
    pub streams: u32,
}

impl Default for Limits {
    fn default() -> Self {
        // The URL's limit is the one that the service documents; it documents none for headers.
        Self { url: 16 * 1024, head: 64 * 1024, headers: 128, body: None, connections: 100_000, streams: 256 }
    }
}

/// How long a client may make us wait.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// From the first byte to the end of a head; from connecting, for the first one and for a TLS handshake.
    pub request_head: Duration,
    /// Between two pieces of a request body.
    pub request_body: Duration,
    /// Without the client taking a byte of the response.
    pub response_write: Duration,
    /// Between a response and the next request.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            request_head: Duration::from_secs(30),
            request_body: Duration::from_mins(1),
            response_write: Duration::from_mins(1),
            idle: Duration::from_mins(2),
        }
    }
}

/// Everything about the listeners.
#[derive(Clone, Copy, Debug)]
pub struct GatewaySettings {
    /// Where plain HTTP is served.
    pub http: Option<SocketAddr>,
    /// Where HTTPS is served; needs [`crate::Identities`].
    pub https: Option<SocketAddr>,
    /// Threads, each with sockets of its own. 0 takes one per core.
    pub workers: usize,
    /// Sizes.
    pub limits: Limits,
    /// Patience.
    pub timeouts: Timeouts,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            http: Some(SocketAddr::from(([127, 0, 0, 1], 8080))),
            https: None,
            workers: 0,
            limits: Limits::default(),
            timeouts: Timeouts::default(),
        }
    }
}
