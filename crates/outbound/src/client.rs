//! The client of one worker: [`policy::Outbound`] over our connection pool.

use std::{cell::Cell, pin::pin, rc::Rc, sync::Arc, time::Duration};

use base::Clock;
use hyper::body::Incoming;
use policy::{
    HeaderValue, LocalFuture, Method, Outbound, OutboundError, OutboundRequest, OutboundResponse, Status, Url,
    entity::BackendTls,
    exchange::{Body, Scheme, Tunnel, Version},
    fabric::{FabricCluster, FabricPartition},
    outbound::{HttpVersion, OutboundErrorKind},
};
use rustls::RootCertStore;

use crate::{
    address::{AddressPolicy, AnyAddress},
    backends::{Backends, Call, choose},
    connect::Connector,
    deadline::Deadlines,
    expect::{self, Gate},
    failure::Failure,
    http1::{self, CallError},
    http2,
    pool::{Place, Pool, PoolSettings},
    redirect,
    request::{Head, Target, apply, failed, is_idempotent, login},
    resolve::{Names, Resolver, SystemNames},
    tls::{Identity, TlsConfigs, TlsProfile},
    tunnel::{BackendTunnel, switches_to},
    way::{Way, Ways},
    wire::headers_from,
};

/// What a client is made with.
#[derive(Clone)]
pub struct ClientSettings {
    /// The connections that are kept.
    pub pool: PoolSettings,
    /// How long opening a connection may take, TLS included, where a request does not say.
    pub connect_timeout: Duration,
    /// Who may vouch for servers. See [`crate::native_roots`].
    pub roots: Arc<RootCertStore>,
    /// Which addresses may be reached.
    pub addresses: Arc<dyn AddressPolicy>,
    /// What finds the addresses of names.
    pub names: Arc<dyn Names>,
    /// What the process knows of backends: one for all clients.
    pub backends: Arc<Backends>,
}

impl Default for ClientSettings {
    /// Trusts nobody, reaches every address, and shares nothing with other clients.
    fn default() -> Self {
        Self {
            pool: PoolSettings::default(),
            connect_timeout: Duration::from_secs(10),
            roots: Arc::new(RootCertStore::empty()),
            addresses: Arc::new(AnyAddress),
            names: Arc::new(SystemNames),
            backends: Arc::default(),
        }
    }
}

/// An HTTP client that stays on its worker. Clones share their connections.
#[derive(Clone)]
pub struct Client(Rc<Parts>);

pub(crate) struct Parts {
    ways: Ways,
    connect_timeout: Duration,
    pub(crate) deadlines: Rc<Deadlines>,
    pub(crate) backends: Arc<Backends>,
    /// When [`Client::sweep`] ran last.
    swept: Cell<Duration>,
}

impl Client {
    /// A client without connections. `deadlines` must be run by the worker, and [`Client::sweep`] be called with its ticks.
    pub fn new(settings: ClientSettings, deadlines: Rc<Deadlines>) -> Self {
        let ClientSettings { pool, connect_timeout, roots, addresses, names, backends } = settings;
        let connector = Connector { resolver: Resolver::new(names), tls: TlsConfigs::new(roots), addresses };
        let pool = Pool::new(pool, Rc::clone(&deadlines), Arc::clone(&backends));
        let swept = Cell::new(deadlines.now());
        let ways = Ways { pool, connector, deadlines: Rc::clone(&deadlines) };
        Self(Rc::new(Parts { ways, connect_timeout, deadlines, backends, swept }))
    }

    /// A client that ticks by itself on the current local runtime, for callers that are no gateway worker.
    pub fn spawn(settings: ClientSettings, clock: Arc<dyn Clock>) -> Self {
        let deadlines = Deadlines::new(clock);
        let client = Self::new(settings, Rc::clone(&deadlines));
        let weak = Rc::downgrade(&client.0);
        tokio::task::spawn_local(async move {
            let ticks = deadlines.run(|now| {
                if let Some(parts) = weak.upgrade() {
                    parts.sweep(now);
                }
            });
            ticks.await;
        });
        client
    }

    /// Closes connections that are dead, idle for too long, too old, or not wanted any more.
    pub fn sweep(&self, now: Duration) {
        self.0.sweep(now);
    }

    /// Connections that wait for a request.
    pub fn idle_connections(&self) -> usize {
        self.0.ways.pool.idle_connections()
    }
}

impl Outbound for Client {
    fn choose(&self, request: &mut OutboundRequest) -> Result<Option<HeaderValue>, OutboundError> {
        choose(&self.0.backends, self.0.deadlines.clock().monotonic(), request)
    }

    fn locate<'a>(
        &'a self,
        cluster: &'a FabricCluster,
        partition: &'a FabricPartition,
        again: bool,
    ) -> LocalFuture<'a, Result<Url, OutboundError>> {
        Box::pin(self.0.locate(cluster, partition, again))
    }

    fn doubt(&self, cluster: &FabricCluster, partition: &FabricPartition) {
        self.0.backends.partitions.doubt(cluster, partition);
    }

    fn send(&self, request: OutboundRequest) -> LocalFuture<'_, Result<OutboundResponse, OutboundError>> {
        match &request.backend {
            Some(backend) if backend.breaker.is_some() || backend.pool.is_some() => Box::pin(self.0.guarded(request)),
            _ => Box::pin(self.0.send(request)),
        }
    }
}

impl Parts {
    fn sweep(&self, now: Duration) {
        for reconnect in self.backends.reconnects(self.swept.replace(now), now) {
            self.ways.pool.retire(&reconnect.host, reconnect.port, reconnect.at);
        }
        self.ways.pool.sweep(now);
    }

    /// [`Parts::send`] for a backend that has a breaker or is a pool.
    async fn guarded(&self, mut request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        let clock = self.deadlines.clock();
        // Whoever has no use for the cookie has not asked before.
        choose(&self.backends, clock.monotonic(), &mut request)?;
        let call = match &request.backend {
            Some(backend) => Call::begin(&self.backends, backend, clock, request.response_timeout)?,
            None => None,
        };
        let outcome = self.send(request).await;
        if let Some(call) = call {
            call.end(&outcome);
        }
        outcome
    }

    pub(crate) async fn send(&self, mut request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
        if let Some(backend) = &request.backend {
            apply(&backend.credentials, &mut request.headers, &mut request.url);
        }
        if request.proxy.is_some() || request.backend.as_ref().is_some_and(|backend| backend.proxy.is_some()) {
            // The client has logged in here, if anywhere.
            request.headers.remove("proxy-authorization");
        }
        if request.upgrade.is_some() {
            // A handshake is for one server, and for a connection of its own.
            request.http_version = HttpVersion::One;
            request.follow_redirects = false;
            request.continue_timeout = None;
        }
        let limit = request.response_timeout;
        let (host, port) = (Arc::clone(&request.url.host), request.url.port);
        let work = pin!(async {
            let mut body = match &request.upgrade {
                Some(upgrade) => upgrade.sent(),
                None => std::mem::take(&mut request.body),
            };
            let mut again = if request.follow_redirects { Some(redirect::Replay::of(&mut body).await) } else { None };
            loop {
                let response = self.call(&request, body).await?;
                let Some(next) = again.as_mut().and_then(|replay| replay.next(&mut request, &response)) else {
                    return Ok(response);
                };
                body = next;
            }
        });
        // Pinned here, so that it is not moved into the wait.
        self.deadlines.within(limit, work).await.unwrap_or_else(|_| {
            Err(failed(
                OutboundErrorKind::Timeout,
                format!("The backend {host}:{port} did not answer within {limit:?}."),
            ))
        })
    }

    /// One request and its answer, whatever the answer is.
    async fn call(&self, request: &OutboundRequest, mut body: Body) -> Result<OutboundResponse, OutboundError> {
        let proxy = request.proxy.as_ref().or(request.backend.as_ref().and_then(|backend| backend.proxy.as_ref()));
        let proxy = proxy.map(|proxy| (proxy.url.host.to_string() + ":" + &proxy.url.port.to_string(), login(proxy)));
        let proxy = proxy.as_ref().map(|(address, login)| (address.as_str(), login.as_deref()));
        let is_tls = request.url.scheme.is_tls();
        let cleartext_http2 = !is_tls && request.http_version == HttpVersion::Two;
        // A proxy passes requests of HTTP/1.1 on; for all else it opens a tunnel.
        let tunnels = is_tls || cleartext_http2 || request.upgrade.is_some();
        // HTTP/2 has flow control instead.
        let gate = request.continue_timeout.filter(|_| !body.is_empty() && request.http_version == HttpVersion::One);
        let gate = gate.map(|limit| (Rc::new(Gate::default()), limit));
        let head = Head {
            method: &request.method,
            url: &request.url,
            headers: &request.headers,
            target: match proxy {
                Some((_, login)) if !is_tls && !tunnels => Target::Absolute { login },
                _ => Target::Origin,
            },
            expects: gate.as_ref().map(|(gate, _)| Rc::clone(gate)),
            upgrade: request.upgrade.as_ref().map(|upgrade| &upgrade.protocol),
        };
        let tls = is_tls.then(|| profile(request));
        let origin = self.ways.pool.origin(&Place {
            host: &request.url.host,
            port: request.url.port,
            tls: tls.as_ref(),
            cleartext_http2,
            proxy,
            tunnels: proxy.is_some() && tunnels,
        });
        let connect_timeout = request.connect_timeout.unwrap_or(self.connect_timeout);
        head.check()?;
        let way = match head.upgrade {
            Some(_) => Box::pin(self.ways.open(&origin, connect_timeout)).await?,
            None => self.ways.find(&origin, request.http_version, connect_timeout).await?,
        };
        // A connection that was kept may have been closed by the other side just now. A request that has had no effect, or
        // may have it twice, is sent once more, on a new one.
        let kept = match &way {
            Way::Http1(lease) => lease.connection.reused,
            Way::Http2(_) => true,
        };
        let copy = if kept { copy(&mut body).await } else { None };
        let gated = |body| match &gate {
            Some((gate, limit)) => expect::behind(gate, Arc::clone(self.deadlines.clock()), *limit, body),
            None => body,
        };
        let shared = match &way {
            Way::Http1(_) => None,
            Way::Http2(ticket) => Some(ticket.mark()),
        };
        let mut failure = match exchange(way, &head, gated(body)).await {
            Ok(response) => return Ok(response),
            Err(failure) => failure,
        };
        let is_safe = failure.untouched || (failure.broke_off && is_idempotent(&request.method));
        let again = failure.unsent.take().or(copy);
        let Some(body) = again.filter(|_| is_safe) else { return Err(failure.explain(&request.url)) };
        match &shared {
            Some(shared) => origin.leave(shared),
            None => origin.distrust(),
        }
        let way = match request.http_version {
            HttpVersion::One => Box::pin(self.ways.open(&origin, connect_timeout)).await?,
            version => Box::pin(self.ways.find(&origin, version, connect_timeout)).await?,
        };
        exchange(way, &head, gated(body)).await.map_err(|failure| failure.explain(&request.url))
    }
}

async fn exchange(way: Way, head: &Head<'_>, mut body: Body) -> Result<OutboundResponse, Failure> {
    match way {
        Way::Http1(mut lease) => {
            let is_head = *head.method == Method::HEAD;
            // What would be said in another protocol is kept until the server agrees.
            let later = head.upgrade.map(|_| Box::new(body.take()));
            let sent = lease
                .connection
                .send(|out, framing| head.write(out, framing), body, is_head, head.expects.as_deref())
                .await;
            let answer = sent.map_err(|error| Failure::of_http1(error, lease.connection.is_untouched()))?;
            let (body, tunnel) = match head.upgrade.zip(later) {
                Some((protocol, later)) if answer.status.code() == 101 && switches_to(&answer, protocol) => {
                    (Body::empty(), Some(Tunnel(Box::new(BackendTunnel::open(lease, *later)))))
                }
                _ if answer.status.code() == 101 => return Err(Failure::of_http1(CallError::Switched, false)),
                _ => (http1::receive(lease, answer.framing).await, None),
            };
            Ok(OutboundResponse {
                version: answer.version,
                status: answer.status,
                reason: answer.reason,
                headers: answer.headers,
                body,
                tunnel,
            })
        }
        Way::Http2(mut ticket) => {
            let message = head.message(body).map_err(|error| Failure {
                kind: error.kind,
                what: error.message,
                untouched: false,
                broke_off: false,
                unsent: None,
            })?;
            let mut refused = match ticket.sender.try_send_request(message).await {
                Ok(answer) => {
                    let (head, incoming): (_, Incoming) = answer.into_parts();
                    return Ok(response(head, http2::receive(incoming, ticket)));
                }
                Err(refused) => refused,
            };
            let unsent = refused.take_message().map(|message| message.into_body().0);
            Err(Failure::of_http2(refused.error(), unsent))
        }
    }
}

fn response(head: http::response::Parts, body: Body) -> OutboundResponse {
    OutboundResponse {
        version: Version::Http2,
        status: Status::new(head.status.as_u16()).unwrap_or(Status::BAD_GATEWAY),
        reason: None,
        headers: headers_from(&head.headers),
        body,
        tunnel: None,
    }
}

fn profile(request: &OutboundRequest) -> TlsProfile {
    let backend = request.backend.as_ref();
    let own = backend.and_then(|backend| backend.credentials.certificate.as_ref());
    TlsProfile {
        judged: backend.map_or_else(BackendTls::default, |backend| backend.tls.clone()),
        anchors: request.anchors.clone(),
        identity: request.client_certificate.as_ref().or(own).cloned().map(Identity),
        offered: request.http_version,
    }
}

/// The body once more, if it is in memory.
async fn copy(body: &mut Body) -> Option<Body> {
    body.bytes()?;
    body.collect(u64::MAX).await.ok().map(Body::full)
}

/// Whether two URLs lead to the same server.
pub(crate) fn is_same_origin(one: &Url, other: &Url) -> bool {
    let origin = |url: &Url| (matches!(url.scheme, Scheme::Https), url.port);
    origin(one) == origin(other) && one.host.eq_ignore_ascii_case(&other.host)
}
