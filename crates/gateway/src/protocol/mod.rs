//! HTTP on a connection: bytes in, exchanges, bytes out.
//!
//! HTTP/1.1, which most requests use, is ours from the first byte to the last; HTTP/2 is hyper's.

mod http1;
mod http2;
mod peer;

use std::{rc::Rc, time::Duration};

use outbound::Stream;

pub(crate) use self::peer::Peer;
use crate::{watch::Watch, worker::Worker};

/// Serves a connection to its end.
pub(crate) async fn serve(worker: Rc<Worker>, stream: Stream, peer: Peer, watch: Rc<Watch>) {
    let Some(is_http2) = watch.unless_closed(speaks_http2(&worker, &stream)).await else { return };
    if is_http2 {
        http2::serve(worker, stream, peer, watch).await;
    } else {
        http1::serve(&worker, stream, &peer, watch).await;
    }
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
                worker.host.clock.sleep(Duration::from_millis(10)).await;
            }
            _ => return false,
        }
    }
}
