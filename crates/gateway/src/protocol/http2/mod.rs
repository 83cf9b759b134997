//! HTTP/2 with a client: hyper reads and writes, our types go in and out.

mod answer;
mod io;
mod websocket;

use std::{convert::Infallible, future::poll_fn, pin::pin, rc::Rc, task::Poll};

use hyper::{Request, Response, body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::TokioIo;
use outbound::{LocalExecutor, Stream, wire::headers_from};
use policy::{
    Method,
    exchange::{Arrival, Version},
};

use self::{
    answer::AnswerBody,
    io::{RequestBody, Watched},
};
use super::Peer;
use crate::{
    completion::Completion,
    pipeline,
    respond::{self, Refusal},
    watch::{Order, Watch},
    worker::Worker,
};

/// Serves a connection to its end.
pub(super) async fn serve(worker: Rc<Worker>, stream: Stream, peer: Peer, watch: Rc<Watch>) {
    let io = TokioIo::new(Watched::new(stream, Rc::clone(&watch)));
    let limits = worker.settings.limits;
    let (peer, watched) = (Rc::new(peer), Rc::clone(&watch));
    let service = service_fn(move |request| {
        let (worker, peer, watch) = (Rc::clone(&worker), Rc::clone(&peer), Rc::clone(&watched));
        // It is large, and hyper and the runtime move it several times before it runs.
        Box::pin(async move { Ok::<_, Infallible>(respond(&worker, &peer, watch, request).await) })
    });
    let mut builder = http2::Builder::new(LocalExecutor);
    builder.enable_connect_protocol();
    builder.max_concurrent_streams(limits.streams).max_header_list_size(limits.head as u32);
    let mut connection = pin!(builder.serve_connection(io, service));
    let mut told = false;
    // Passes the worker's orders on to the connection.
    let outcome = poll_fn(|cx| {
        watch.register(cx.waker());
        match watch.order() {
            Order::Serve => {}
            Order::Part | Order::Drain if told => {}
            Order::Part | Order::Drain => {
                told = true;
                connection.as_mut().graceful_shutdown();
            }
            Order::Close => return Poll::Ready(Ok(())),
        }
        std::future::Future::poll(connection.as_mut(), cx)
    })
    .await;
    if let Err(error) = outcome {
        tracing::debug!(%error, "a client's connection ended early");
    }
}

async fn respond(
    worker: &Rc<Worker>,
    peer: &Peer,
    watch: Rc<Watch>,
    mut request: Request<Incoming>,
) -> Response<AnswerBody> {
    let is_head = request.method() == http::Method::HEAD;
    let completion = Completion::begin(worker, Rc::clone(&watch));
    let (handshake, upgrade) = websocket::asked(&mut request, completion.traffic()).unzip();
    let mut finished = match arrival(worker, peer, &watch, request, &completion) {
        Ok(mut arrival) => {
            if upgrade.is_some() {
                arrival.method = Method::GET;
                websocket::with_key(&mut arrival.headers, worker);
            }
            pipeline::answer(worker, completion, arrival, upgrade).await
        }
        Err(refusal) => respond::refuse(completion, refusal),
    };
    if let Some(handshake) = handshake
        && let Some(tunnel) = websocket::opened(&mut finished.response)
    {
        handshake.carry(tunnel, finished.completion);
        return answer::opened(&finished.response);
    }
    answer::write(finished, is_head)
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
    let url = peer.url(host(&head)?, target.path(), target.query())?;
    // The URL has it. In the headers it would name this host to the backend, unless a policy sets it on purpose.
    headers.remove("host");
    peer.forward(&mut headers);
    Ok(Arrival {
        method: Method::parse(head.method.as_str()).ok_or(Refusal::Target)?,
        url,
        headers,
        body: RequestBody::of(incoming, watch, limits.body, completion.traffic()),
        client: peer.client(Version::Http2),
    })
}

/// The host that a request names: `:authority`, or a `host` line where a client leaves that out (RFC 9113 §8.3.1).
fn host(head: &http::request::Parts) -> Result<&[u8], Refusal> {
    let mut lines = head.headers.get_all(http::header::HOST).iter();
    let line = lines.next();
    if lines.next().is_some() {
        return Err(Refusal::Host);
    }
    match (head.uri.authority(), line) {
        (Some(authority), _) => Ok(authority.as_str().as_bytes()),
        (None, Some(line)) => Ok(line.as_bytes()),
        (None, None) => Err(Refusal::Host),
    }
}
