//! Another protocol on the client's connection: what a client asks for with `Upgrade`, and what a backend that agrees opens.

use std::{
    fmt,
    rc::Rc,
    task::{Context, Poll},
};

use bytes::Bytes;

use super::{Body, BodyError, HeaderValue};

/// What a client would rather speak on its connection.
#[derive(Clone)]
pub struct Upgrade {
    /// The protocol, as the client names it.
    pub protocol: HeaderValue,
    sent: Rc<dyn Fn() -> Body>,
}

impl Upgrade {
    /// `sent` gives what the client sends in that protocol. It is read once a backend has agreed, and not before.
    pub fn new(protocol: HeaderValue, sent: impl Fn() -> Body + 'static) -> Self {
        Self { protocol, sent: Rc::new(sent) }
    }

    /// What the client sends.
    pub fn sent(&self) -> Body {
        (self.sent)()
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

/// A connection to a backend that speaks the other protocol. Each way goes on by itself, and ends by itself.
pub trait Switched {
    /// The next bytes from the backend, or `None` once it has said everything.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BodyError>>>;

    /// Carries what the client sends to the backend. Ready once there is no more of it, or nobody to take it.
    fn poll_carry(&mut self, cx: &mut Context<'_>) -> Poll<()>;
}

/// A [`Switched`] connection on its way to whoever serves the client.
pub struct Tunnel(pub Box<dyn Switched>);

impl fmt::Debug for Tunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tunnel")
    }
}
