//! A head becomes a request in our types, if it is one that can be answered.

use std::rc::Rc;

use ::http1::{Decoder, Framing, RequestHead};
use policy::exchange::{Arrival, Body, Version};

use super::{body::RequestBody, wire::Wire};
use crate::{completion::Traffic, protocol::Peer, respond::Refusal, worker::Worker};

pub(super) fn arrival(
    worker: &Worker,
    wire: &Rc<Wire>,
    peer: &Peer,
    head: RequestHead,
    traffic: &Rc<Traffic>,
) -> Result<Arrival, Refusal> {
    let limit = worker.settings.limits.body;
    begin_body(wire, &head);
    if let (Framing::Length(length), Some(limit)) = (head.framing, limit)
        && length > limit
    {
        return Err(Refusal::BodyTooLarge);
    }
    let target = std::str::from_utf8(&head.target).map_err(|_| Refusal::Target)?;
    let (authority, target) = split(target).ok_or(Refusal::Target)?;
    // RFC 9112 §3.2: two lines, or none in HTTP/1.1, are answered with 400. Routing must not depend on which one is read.
    let host = match (&head.host, authority) {
        _ if head.hosts => return Err(Refusal::Host),
        (None, _) if head.version != Version::Http10 => return Err(Refusal::Host),
        // A target that names the host wins over the header (§3.2.2).
        (_, Some(authority)) => authority.as_bytes(),
        (Some(host), None) => host,
        (None, None) => b"",
    };
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let url = peer.url(host, path, query)?;
    let mut headers = head.headers;
    peer.forward(&mut headers);
    Ok(Arrival {
        method: head.method,
        url,
        headers,
        body: body(wire, head.framing, limit, traffic),
        client: peer.client(head.version),
    })
}

/// What follows on the connection, whoever will read it.
fn begin_body(wire: &Wire, head: &RequestHead) {
    wire.expect(head.framing);
    wire.awaits_continue.set(head.expects_continue);
    *wire.body.borrow_mut() = match head.framing {
        Framing::Empty => None,
        framing => Some(Decoder::new(framing)),
    };
}

fn body(wire: &Rc<Wire>, framing: Framing, limit: Option<u64>, traffic: &Rc<Traffic>) -> Body {
    match framing {
        Framing::Empty => Body::empty(),
        // It came with the head.
        Framing::Length(length) if length <= wire.came.borrow().len() as u64 => {
            let whole = wire.came.borrow_mut().split_to(length as usize).freeze();
            *wire.body.borrow_mut() = None;
            wire.awaits_continue.set(false);
            traffic.came.set(length);
            Body::full(whole)
        }
        _ => Body::stream(RequestBody::new(wire, limit, traffic)),
    }
}

/// The host that a target names, if it is a whole URL, and its path and query. `None` for what names no path.
fn split(target: &str) -> Option<(Option<&str>, &str)> {
    // `*` asks for the server itself; no API is there.
    if target.starts_with('/') || target == "*" {
        return Some((None, target));
    }
    let is_http = |scheme: &&str| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let scheme = ["http://", "https://"].into_iter().find(is_http)?;
    let rest = target.get(scheme.len()..)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    // An empty path is the root (RFC 9110 §4.2.3).
    match target {
        "" => Some((Some(authority), "/")),
        _ if target.starts_with('/') => Some((Some(authority), target)),
        _ => None,
    }
}
