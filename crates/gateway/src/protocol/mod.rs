//! HTTP on a connection: hyper reads and writes, our types go in and out.

mod io;

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll},
};

use bytes::Bytes;
use hyper::{
    Request, Response,
    body::Incoming,
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use outbound::{
    LocalExecutor, Stream,
    wire::{WireBody, headers_from, headers_into},
};

use self::io::{RequestBody, Watched};
use crate::{
    arrival::{Answer, Arrival, Version},
    watch::{Order, Watch},
    worker::Worker,
};

/// The other end of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// Whether the connection is TLS.
    pub(crate) secure: bool,
    /// The client's certificate in DER, whether or not anybody trusts it.
    pub(crate) certificate: Option<Bytes>,
}

/// Serves a connection to its end.
pub(crate) async fn serve(worker: Rc<Worker>, stream: Stream, peer: Peer, watch: Rc<Watch>) {
    let is_http2 = stream.is_http2() || speaks_http2(&worker, &stream).await;
    let io = TokioIo::new(Watched::new(stream, Rc::clone(&watch)));
    let limits = worker.settings.limits;
    let (peer, watched) = (Rc::new(peer), Rc::clone(&watch));
    let service = service_fn(move |request| {
        let (worker, peer, watch) = (Rc::clone(&worker), Rc::clone(&peer), Rc::clone(&watched));
        async move { Ok::<_, Infallible>(respond(worker, peer, watch, request).await) }
    });
    let outcome = if is_http2 {
        let mut builder = http2::Builder::new(LocalExecutor);
        builder.max_concurrent_streams(limits.streams).max_header_list_size(limits.head as u32);
        run(pin!(builder.serve_connection(io, service)), &watch, http2::Connection::graceful_shutdown).await
    } else {
        let mut builder = http1::Builder::new();
        // Slow and idle clients are the worker's tick's business: hyper would arm a timer for each request.
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

/// Whether a client without TLS starts with HTTP/2's preface. Its first three letters are no HTTP/1 method.
async fn speaks_http2(worker: &Worker, stream: &Stream) -> bool {
    const PREFACE: &[u8; 3] = b"PRI";
    let Stream::Plain(tcp) = stream else { return false };
    let mut first = [0; PREFACE.len()];
    loop {
        match tcp.peek(&mut first).await {
            Ok(count) if count == first.len() => return first == *PREFACE,
            // A part of the preface, which is too little to tell: look again when more may have come.
            Ok(count) if count > 0 && PREFACE.starts_with(&first[..count]) => {
                worker.clock.sleep(std::time::Duration::from_millis(10)).await;
            }
            _ => return false,
        }
    }
}

async fn respond(worker: Rc<Worker>, peer: Rc<Peer>, watch: Rc<Watch>, request: Request<Incoming>) -> Response<WireBody> {
    watch.begin();
    let (head, incoming) = request.into_parts();
    let version = match head.version {
        http::Version::HTTP_10 => Version::Http10,
        http::Version::HTTP_2 => Version::Http2,
        _ => Version::Http11,
    };
    let arrival = Arrival {
        method: Bytes::copy_from_slice(head.method.as_str().as_bytes()),
        // HTTP/2 and absolute-form targets carry the host in the target, and it wins over the header (RFC 9112 §3.2.2).
        host: head.uri.authority().map(|authority| authority.as_str().into()),
        target: head.uri.path_and_query().map_or("/", |target| target.as_str()).into(),
        version,
        headers: headers_from(&head.headers),
        body: RequestBody::of(incoming, &watch, worker.settings.limits.body),
        peer,
    };
    let is_head = head.method == http::Method::HEAD;
    let draining = worker.is_draining();
    let answer = Worker::answer(worker, watch, arrival).await;
    write(answer, is_head, draining && version != Version::Http2)
}

fn write(answer: Answer, is_head: bool, close: bool) -> Response<WireBody> {
    let Answer { status, reason, headers, body } = answer;
    let mut response = Response::new(WireBody(body));
    // A policy may set any number; what is no status of a final answer cannot be sent.
    let code = http::StatusCode::from_u16(status).ok().filter(|code| !code.is_informational());
    let code = code.unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    *response.status_mut() = code;
    if let Some(reason) = reason.filter(|reason| code.canonical_reason() != Some(reason))
        && let Ok(reason) = hyper::ext::ReasonPhrase::try_from(reason.into_bytes())
    {
        response.extensions_mut().insert(reason);
    }
    headers_into(&headers, response.headers_mut(), is_head || code == http::StatusCode::NOT_MODIFIED);
    if close {
        response.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
    }
    response
}
