//! [`Outbound`]: how steps reach other services. The crate `outbound` implements it; the engine opens no socket.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    Body, HeaderValue, Headers, Method, Status, Url,
    entity::{Backend, ClientCertificate, Proxy},
    exchange::{Tunnel, Upgrade, Version},
    fabric::{FabricCluster, FabricPartition},
    step::LocalFuture,
    trust::Anchors,
};

/// The HTTP version to speak with a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HttpVersion {
    /// HTTP/1.1.
    #[default]
    One,
    /// HTTP/2.
    Two,
    /// HTTP/2 if the server offers it, else HTTP/1.1.
    TwoOrOne,
}

/// A call of another service.
pub struct OutboundRequest {
    /// Its method.
    pub method: Method,
    /// The full URL.
    pub url: Url,
    /// Its headers; framing headers are the sender's matter.
    pub headers: Headers,
    /// Its body.
    pub body: Body,
    /// The backend entity, if it is one: credentials, TLS, breaker.
    pub backend: Option<Arc<Backend>>,
    /// How long to wait for a connection; the sender's default without one.
    pub connect_timeout: Option<Duration>,
    /// How long to wait for the response's head.
    pub response_timeout: Duration,
    /// How long the body waits for the server's `100 Continue`, in HTTP/1.1; it is not asked for without one.
    pub continue_timeout: Option<Duration>,
    /// The version to speak.
    pub http_version: HttpVersion,
    /// A proxy that a policy names; it goes before the backend's own.
    pub proxy: Option<Arc<Proxy>>,
    /// A certificate that a policy names; it goes before the backend's own.
    pub client_certificate: Option<Arc<ClientCertificate>>,
    /// Authorities of the service that vouch for servers as the operating system's do.
    pub anchors: Option<Arc<Anchors>>,
    /// Whether redirects are followed.
    pub follow_redirects: bool,
    /// Another protocol to ask for, in place of a body and over HTTP/1.1; only then may the answer be a 101.
    pub upgrade: Option<Upgrade>,
}

impl OutboundRequest {
    /// A plain request over HTTP/1.1, without headers and body. `limit` is how long to wait for the response's head.
    pub fn new(method: Method, url: Url, limit: Duration) -> Self {
        Self {
            method,
            url,
            headers: Headers::new(),
            body: Body::empty(),
            backend: None,
            connect_timeout: None,
            response_timeout: limit,
            continue_timeout: None,
            http_version: HttpVersion::One,
            proxy: None,
            client_certificate: None,
            anchors: None,
            follow_redirects: false,
            upgrade: None,
        }
    }
}

/// What came back.
pub struct OutboundResponse {
    /// The version the server spoke.
    pub version: Version,
    /// Its status.
    pub status: Status,
    /// The reason phrase, if it is not the usual one.
    pub reason: Option<Arc<str>>,
    /// Its headers; framing headers are removed.
    pub headers: Headers,
    /// Its body, still arriving.
    pub body: Body,
    /// What follows a 101.
    pub tunnel: Option<Tunnel>,
}

/// Why there was no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundError {
    /// Which step failed.
    pub kind: OutboundErrorKind,
    /// What is wrong, without secrets.
    pub message: String,
}

/// The step of a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboundErrorKind {
    /// The address is not allowed, or not usable.
    Address,
    /// No connection: name, network, TLS, or the connection broke.
    Connection,
    /// The response's head did not come in time.
    Timeout,
    /// What came was not HTTP.
    Protocol,
    /// The body of the request could not be read from the client.
    RequestBody,
    /// The backend's breaker is open, or no member of its pool may be called.
    Unavailable {
        /// When to try again.
        retry_after: Option<Duration>,
        /// What the caller reads.
        status: Status,
    },
}

impl fmt::Display for OutboundError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for OutboundError {}

/// Sends requests to other services. One per worker.
pub trait Outbound {
    /// Settles which member of the pool a request goes to, if its backend is one. After that `request.backend` is the member, and
    /// `request.url` lies below the member's.
    ///
    /// Gives the `Set-Cookie` that will lead the client back to that member, if the pool wants it and the request does not name one.
    fn choose(&self, request: &mut OutboundRequest) -> Result<Option<HeaderValue>, OutboundError> {
        let _ = request;
        Ok(None)
    }

    /// Finds where a partition of a Service Fabric service lives: the address of a replica's listener. `again` asks anew, because what
    /// was found before has not served.
    fn locate<'a>(
        &'a self,
        cluster: &'a FabricCluster,
        partition: &'a FabricPartition,
        again: bool,
    ) -> LocalFuture<'a, Result<Url, OutboundError>> {
        let _ = (cluster, partition, again);
        let message = "There is no cluster to ask here.".to_owned();
        Box::pin(std::future::ready(Err(OutboundError { kind: OutboundErrorKind::Address, message })))
    }

    /// Says that a partition may not live any more where [`Outbound::locate`] has found it: the next request asks anew.
    fn doubt(&self, cluster: &FabricCluster, partition: &FabricPartition) {
        let _ = (cluster, partition);
    }

    /// Sends one and waits for the response's head.
    fn send(&self, request: OutboundRequest) -> LocalFuture<'_, Result<OutboundResponse, OutboundError>>;
}
