//! HTTP/1.1 with a client: one request after the other on a connection.

mod answer;
mod body;
mod request;
mod switched;
mod wire;

use std::{
    future::{Future as _, poll_fn},
    pin::pin,
    rc::Rc,
    task::Poll,
    time::Duration,
};

use ::http1::{HeadError, HeadLimits, RequestHead};
use outbound::Stream;

use self::{answer::Asked, wire::Wire};
use super::Peer;
use crate::{
    completion::{Completion, Finished},
    pipeline,
    respond::{self, Refusal},
    watch::{Order, Watch},
    worker::Worker,
};

/// How long a client that was refused may go on sending, so that our answer reaches it before the connection breaks.
pub(super) const LINGER: Duration = Duration::from_secs(2);

/// What came on a connection.
enum Next {
    Request(Box<RequestHead>),
    Refused(HeadError),
    /// Nothing more will.
    Over,
}

/// Serves a connection to its end.
pub(super) async fn serve(worker: &Rc<Worker>, stream: Stream, peer: &Peer, watch: Rc<Watch>) {
    let wire = Wire::new(stream, Rc::clone(&watch));
    if watch.unless_closed(talk(worker, &wire, peer)).await.is_none() && watch.stalls_response() {
        wire.reset();
    }
}

async fn talk(worker: &Rc<Worker>, wire: &Rc<Wire>, peer: &Peer) {
    let limits = worker.settings.limits;
    let limits = HeadLimits { bytes: limits.head, lines: limits.headers, target: limits.url };
    loop {
        let (asked, finished) = match poll_fn(|cx| wire.poll_head(cx, &limits)).await {
            Next::Over => return,
            Next::Refused(error) => {
                let completion = Completion::begin(worker, Rc::clone(wire.watch()));
                (Asked::UNKNOWN, respond::refuse(completion, Refusal::of(error)))
            }
            Next::Request(head) => {
                let asked = Asked::of(&head);
                let Some(mut finished) = exchange(worker, wire, peer, head).await else { return };
                if let Some(tunnel) = switched::opened(&mut finished) {
                    return switched::serve(worker, wire, finished, tunnel).await;
                }
                (asked, finished)
            }
        };
        let closes = finished.closes || !asked.keep_alive || wire.watch().order() >= Order::Part;
        let sent = answer::send(worker, wire, finished, &asked, closes).await;
        if sent.is_err() {
            return;
        }
        if closes || !wire.discard_body().await {
            return linger(worker, wire).await;
        }
    }
}

/// Answers a request; `None` if the client went away.
async fn exchange(worker: &Rc<Worker>, wire: &Rc<Wire>, peer: &Peer, head: Box<RequestHead>) -> Option<Finished> {
    let completion = Completion::begin(worker, Rc::clone(wire.watch()));
    let upgrade = switched::asked(wire, &head, completion.traffic());
    let arrival = match request::arrival(worker, wire, peer, *head, completion.traffic()) {
        Ok(arrival) => arrival,
        Err(refusal) => return Some(respond::refuse(completion, refusal)),
    };
    let mut work = pin!(pipeline::answer(worker, completion, arrival, upgrade));
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(finished) => Poll::Ready(Some(finished)),
        Poll::Pending if wire.has_left(cx) => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Closes a connection on which the client may still be sending: if it were closed at once, the kernel would take our answer back.
async fn linger(worker: &Worker, wire: &Wire) {
    wire.shutdown().await;
    if wire.is_quiet() {
        return;
    }
    tokio::select! {
        () = wire.drain() => {}
        () = worker.host.clock.sleep(LINGER) => {}
    }
}
