//! A backend that speaks HTTP/2 over real sockets, frame by frame, as gRPC servers do.
//!
//! | path | answer |
//! |---|---|
//! | `/grpc/Unary` | the message that came, then trailers with `grpc-status: 0` |
//! | `/grpc/ServerStream` | the message that came three times; the second and the third once the test calls [`H2Backend::release`] |
//! | `/grpc/ClientStream` | one message with the bytes of all that came |
//! | `/grpc/Both` | each message as soon as it has come |
//! | `/grpc/Fail` | trailers only: `grpc-status: 5` |
//! | `/grpc/Break` | a message, then the stream is reset |
//! | `/grpc/Hang` | none; whether the caller gives up is counted |
//! | `/refuse` | the first time the stream is refused unseen (`REFUSED_STREAM`), afterwards like anything else |
//! | `/hold` | 200, once the test calls [`H2Backend::release`] |
//! | anything else | 200 with the body that came |

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream, server::SendResponse};
use http::{HeaderMap, Request, Response, header::HeaderValue};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    runtime::{Builder, LocalOptions},
    sync::{Semaphore, oneshot, watch},
};
use tokio_rustls::TlsAcceptor;

/// How it behaves.
#[derive(Clone, Default)]
pub struct H2Settings {
    /// How many streams it takes at a time on one connection; it does not say without one.
    pub most_streams: Option<u32>,
    /// With this it speaks TLS. The protocols that it offers are the configuration's.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

/// A running backend. Dropping it stops it.
pub struct H2Backend {
    address: SocketAddr,
    state: Arc<State>,
    _stop: oneshot::Sender<()>,
}

struct State {
    connections: AtomicUsize,
    /// Open streams, and the most that were open on one connection.
    most_at_once: AtomicUsize,
    resets: AtomicUsize,
    refused: AtomicUsize,
    seen: Mutex<Vec<Request<()>>>,
    releases: Semaphore,
    leaving: watch::Sender<u32>,
}

impl H2Backend {
    /// Listens on a free port of loopback, without TLS.
    pub fn start() -> Self {
        Self::with(H2Settings::default())
    }

    /// The same with these settings.
    pub fn with(settings: H2Settings) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        listener.set_nonblocking(true).expect("a socket need not block");
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = Arc::new(State {
            connections: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
            resets: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            seen: Mutex::default(),
            releases: Semaphore::new(0),
            leaving: watch::channel(0).0,
        });
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
            runtime.expect("a runtime starts").block_on(async {
                tokio::select! {
                    () = accept(listener, settings, shared) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address, state, _stop: stop }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Connections that were accepted.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// The most streams that were open at a time on one connection.
    pub fn most_at_once(&self) -> usize {
        self.state.most_at_once.load(Ordering::SeqCst)
    }

    /// Streams that callers gave up.
    pub fn resets(&self) -> usize {
        self.state.resets.load(Ordering::SeqCst)
    }

    /// The heads of the requests that came, in order.
    pub fn seen(&self) -> Vec<Request<()>> {
        self.state.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets one stream that waits go on.
    pub fn release(&self) {
        self.state.releases.add_permits(1);
    }

    /// Takes no further request on the connections that are open: `GOAWAY`. What is under way goes on.
    pub fn leave(&self) {
        self.state.leaving.send_modify(|times| *times += 1);
    }
}

async fn accept(listener: std::net::TcpListener, settings: H2Settings, state: Arc<State>) {
    let listener = TcpListener::from_std(listener).expect("the socket is one of this runtime");
    let tls = settings.tls.map(TlsAcceptor::from);
    while let Ok((tcp, _)) = listener.accept().await {
        state.connections.fetch_add(1, Ordering::SeqCst);
        let _ = tcp.set_nodelay(true);
        let (tls, state) = (tls.clone(), Arc::clone(&state));
        tokio::task::spawn_local(async move {
            match tls {
                None => connection(tcp, settings.most_streams, state).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(tcp).await {
                        connection(stream, settings.most_streams, state).await;
                    }
                }
            }
        });
    }
}

async fn connection(io: impl AsyncRead + AsyncWrite + Unpin, most_streams: Option<u32>, state: Arc<State>) {
    let mut builder = h2::server::Builder::new();
    if let Some(most) = most_streams {
        builder.max_concurrent_streams(most);
    }
    let Ok(mut connection) = builder.handshake::<_, Bytes>(io).await else { return };
    let mut leaving = state.leaving.subscribe();
    let open = Arc::new(AtomicUsize::new(0));
    loop {
        tokio::select! {
            next = connection.accept() => {
                let Some(Ok((request, respond))) = next else { return };
                let now = open.fetch_add(1, Ordering::SeqCst) + 1;
                state.most_at_once.fetch_max(now, Ordering::SeqCst);
                let (state, open) = (Arc::clone(&state), Arc::clone(&open));
                tokio::task::spawn_local(async move {
                    // A caller that is gone wants no answer.
                    let _ = serve(&state, request, respond).await;
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
            Ok(()) = leaving.changed() => connection.graceful_shutdown(),
        }
    }
}

async fn serve(state: &State, request: Request<RecvStream>, mut out: SendResponse<Bytes>) -> Result<(), h2::Error> {
    let (head, mut body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let seen = Request::from_parts(head, ());
    state.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    let (_, method) = path.split_once("/grpc/").unwrap_or_default();
    match method {
        "Unary" => {
            let message = next(&mut body).await?.unwrap_or_default();
            let mut answer = begin(&mut out)?;
            answer.send_data(message, false)?;
            answer.send_trailers(status("0"))
        }
        "ServerStream" => {
            let message = next(&mut body).await?.unwrap_or_default();
            let mut answer = begin(&mut out)?;
            for turn in 0..3 {
                if turn > 0 {
                    released(state).await;
                }
                answer.send_data(message.clone(), false)?;
            }
            answer.send_trailers(status("0"))
        }
        "ClientStream" => {
            let mut all = Vec::new();
            while let Some(message) = next(&mut body).await? {
                all.extend_from_slice(&message);
            }
            let mut answer = begin(&mut out)?;
            answer.send_data(all.into(), false)?;
            answer.send_trailers(status("0"))
        }
        "Both" => {
            let mut answer = begin(&mut out)?;
            while let Some(message) = next(&mut body).await? {
                answer.send_data(message, false)?;
            }
            answer.send_trailers(status("0"))
        }
        "Fail" => {
            let mut response = response();
            response.headers_mut().extend(status("5"));
            response.headers_mut().insert("grpc-message", HeaderValue::from_static("no such thing"));
            out.send_response(response, true).map(drop)
        }
        "Break" => {
            let mut answer = begin(&mut out)?;
            answer.send_data(Bytes::from_static(b"begun"), false)?;
            released(state).await;
            answer.send_reset(Reason::INTERNAL_ERROR);
            Ok(())
        }
        "Hang" => {
            std::future::poll_fn(|cx| out.poll_reset(cx)).await?;
            state.resets.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }
        _ => {
            if path.contains("/refuse") && state.refused.fetch_add(1, Ordering::SeqCst) == 0 {
                out.send_reset(Reason::REFUSED_STREAM);
                return Ok(());
            }
            if path.contains("/hold") {
                released(state).await;
            }
            let mut all = Vec::new();
            while let Some(message) = next(&mut body).await? {
                all.extend_from_slice(&message);
            }
            let mut answer = out.send_response(Response::new(()), false)?;
            answer.send_data(all.into(), true)
        }
    }
}

async fn released(state: &State) {
    if let Ok(permit) = state.releases.acquire().await {
        permit.forget();
    }
}

/// The next bytes that came.
async fn next(body: &mut RecvStream) -> Result<Option<Bytes>, h2::Error> {
    let Some(bytes) = body.data().await.transpose()? else { return Ok(None) };
    body.flow_control().release_capacity(bytes.len())?;
    Ok(Some(bytes))
}

fn response() -> Response<()> {
    let mut response = Response::new(());
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
    response
}

fn begin(out: &mut SendResponse<Bytes>) -> Result<SendStream<Bytes>, h2::Error> {
    out.send_response(response(), false)
}

fn status(code: &'static str) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static(code));
    trailers
}
