//! HTTP on a connection: hyper reads and writes, our types go in and out.

mod answer;
mod io;

use std::{
    cell::RefCell,
    convert::Infallible,
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::{Pin, pin},
    rc::Rc,
    sync::Arc,
    task::Poll,
};

use bytes::Bytes;
use hyper::{
    Request, Response,
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use outbound::{LocalExecutor, Stream, wire::headers_from};
use policy::{
    HeaderName, HeaderValue, Headers, Method, Url,
    exchange::{Arrival, Client, Scheme, Version},
};

use self::{
    answer::AnswerBody,
    io::{RequestBody, Watched},
};
use crate::{
    authority,
    completion::Completion,
    pipeline,
    respond::{self, Refusal},
    watch::{Order, Watch},
    worker::Worker,
};

/// The other end of a connection.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// The TLS version; none for plain text.
    pub(crate) tls: Option<&'static str>,
    /// The client's certificate in DER, whether or not anybody trusts it.
    pub(crate) certificate: Option<Bytes>,
    /// The address as `X-Forwarded-For` takes it.
    forwarded: HeaderValue,
    /// The host that the last request named: mostly the next one names it as well.
    host: RefCell<(Bytes, Arc<str>, u16)>,
}

impl Peer {
    pub(crate) fn new(address: SocketAddr, tls: Option<&'static str>, certificate: Option<Bytes>) -> Self {
        let forwarded = HeaderValue::parse(&address.ip().to_canonical().to_string()).unwrap_or_default();
        Self { address, tls, certificate, forwarded, host: RefCell::default() }
    }
}

/// Serves a connection to its end.
pub(crate) async fn serve(worker: Rc<Worker>, stream: Stream, peer: Peer, watch: Rc<Watch>) {
    let Some(is_http2) = watch.unless_closed(speaks_http2(&worker, &stream)).await else { return };
    let io = TokioIo::new(Watched::new(stream, Rc::clone(&watch)));
    let limits = worker.settings.limits;
    let (peer, watched) = (Rc::new(peer), Rc::clone(&watch));
    let service = service_fn(move |request| {
        let (worker, peer, watch) = (Rc::clone(&worker), Rc::clone(&peer), Rc::clone(&watched));
        async move { Ok::<_, Infallible>(respond(&worker, &peer, watch, request).await) }
    });
    let outcome = if is_http2 {
        let mut builder = http2::Builder::new(LocalExecutor);
        builder.max_concurrent_streams(limits.streams).max_header_list_size(limits.head as u32);
        run(pin!(builder.serve_connection(io, service)), &watch, http2::Connection::graceful_shutdown).await
    } else {
        let mut builder = http1::Builder::new();
        // Slow and idle clients are the business of the worker's tick: hyper would arm a timer for each request.
        builder.header_read_timeout(None).max_headers(limits.headers).max_header_size(limits.head);
        run(pin!(builder.serve_connection(io, service)), &watch, http1::Connection::graceful_shutdown).await
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a client's connection ended early");
    }
}

/// Polls a connection and passes the worker's orders on to it.
async fn run<C: Future<Output = hyper::Result<()>>>(
    mut connection: Pin<&mut C>,
    watch: &Watch,
    finish: impl Fn(Pin<&mut C>),
) -> hyper::Result<()> {
    let mut told = false;
    poll_fn(|cx| {
        watch.register(cx.waker());
        match watch.order() {
            Order::Serve => {}
            Order::Drain if told => {}
            Order::Drain => {
                told = true;
                finish(connection.as_mut());
            }
            Order::Close => return Poll::Ready(Ok(())),
        }
        connection.as_mut().poll(cx)
    })
    .await
}

/// Whether the client speaks HTTP/2: agreed on with TLS; without it, by starting with HTTP/2's preface. The first three letters of
/// that are no method of HTTP/1.
async fn speaks_http2(worker: &Worker, stream: &Stream) -> bool {
    const PREFACE: &[u8; 3] = b"PRI";
    let Stream::Plain(tcp) = stream else { return stream.is_http2() };
    let mut first = [0; PREFACE.len()];
    loop {
        match tcp.peek(&mut first).await {
            Ok(count) if count == first.len() => return first == *PREFACE,
            // A part of the preface, which is too little to tell: look again when more may have come.
            Ok(count) if count > 0 && PREFACE.starts_with(&first[..count]) => {
                worker.host.clock.sleep(std::time::Duration::from_millis(10)).await;
            }
            _ => return false,
        }
    }
}

async fn respond(
    worker: &Rc<Worker>,
    peer: &Peer,
    watch: Rc<Watch>,
    request: Request<Incoming>,
) -> Response<AnswerBody> {
    let is_head = request.method() == http::Method::HEAD;
    let is_http2 = request.version() == http::Version::HTTP_2;
    let completion = Completion::begin(worker, Rc::clone(&watch));
    let finished = match arrival(worker, peer, &watch, request, &completion) {
        Ok(arrival) => pipeline::answer(worker, completion, arrival).await,
        Err(refusal) => respond::refuse(completion, refusal),
    };
    let close = finished.closes || (watch.order() == Order::Drain && !is_http2);
    answer::write(finished, is_head, close && !is_http2)
}

/// A request in our types, if it is one that can be answered.
fn arrival(
    worker: &Worker,
    peer: &Peer,
    watch: &Rc<Watch>,
    request: Request<Incoming>,
    completion: &Completion,
) -> Result<Arrival, Refusal> {
    let (head, incoming) = request.into_parts();
    let limits = &worker.settings.limits;
    let target = head.uri.path_and_query().ok_or(Refusal::Target)?;
    if target.as_str().len() > limits.url {
        return Err(Refusal::UrlTooLong);
    }
    let length = hyper::body::Body::size_hint(&incoming).lower();
    if limits.body.is_some_and(|limit| length > limit) {
        return Err(Refusal::BodyTooLarge);
    }
    let mut headers = headers_from(&head.headers);
    let (host, port) = host(peer, &head)?;
    // The URL has it. In the headers it would name this host to the backend, unless a policy sets it on purpose.
    headers.remove("host");
    forward(&mut headers, peer);
    Ok(Arrival {
        method: Method::parse(head.method.as_str()).ok_or(Refusal::Target)?,
        url: Url {
            scheme: if peer.tls.is_some() { Scheme::Https } else { Scheme::Http },
            host,
            port,
            path: target.path().into(),
            query: target.query().map(Into::into),
        },
        headers,
        body: RequestBody::of(incoming, watch, limits.body, completion.traffic()),
        client: Client {
            address: Some(peer.address.ip().to_canonical()),
            version: match head.version {
                http::Version::HTTP_10 => Version::Http10,
                http::Version::HTTP_2 => Version::Http2,
                _ => Version::Http11,
            },
            tls: peer.tls,
            certificate: peer.certificate.clone(),
        },
    })
}

/// The host that a request names. An absolute target wins over the header (RFC 9112 §3.2.2), and HTTP/2 has only that.
fn host(peer: &Peer, head: &http::request::Parts) -> Result<(Arc<str>, u16), Refusal> {
    let mut lines = head.headers.get_all(http::header::HOST).iter();
    let line = lines.next();
    // RFC 9112 §3.2: two lines, or none in HTTP/1.1, are answered with 400. Routing must not depend on which one is read.
    if lines.next().is_some() {
        return Err(Refusal::Host);
    }
    let text = match (head.uri.authority(), line) {
        (Some(authority), _) => authority.as_str(),
        (None, Some(line)) => line.to_str().map_err(|_| Refusal::Host)?,
        (None, None) if head.version == http::Version::HTTP_10 => "",
        (None, None) => return Err(Refusal::Host),
    };
    let mut last = peer.host.borrow_mut();
    if last.0 != text.as_bytes() || last.2 == 0 {
        let default = if peer.tls.is_some() { 443 } else { 80 };
        let (name, port) = authority::split(text, default).ok_or(Refusal::Host)?;
        *last = (Bytes::copy_from_slice(text.as_bytes()), name.to_ascii_lowercase().into(), port);
    }
    Ok((Arc::clone(&last.1), last.2))
}

/// Adds the client to those that the request came through.
fn forward(headers: &mut Headers, peer: &Peer) {
    const NAME: HeaderName = HeaderName::from_static("X-Forwarded-For");
    let before = headers.joined(NAME.as_str());
    let value = match before {
        None => peer.forwarded.clone(),
        Some(before) => HeaderValue::parse(&format!("{before}, {}", peer.forwarded.text())).unwrap_or_default(),
    };
    headers.set(NAME, value);
}
