//! Listening sockets that are there before anybody accepts, and after: whoever connects waits in their queues.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use handover::Handed;

use super::Inheritance;
use crate::{output::Failed, plane::listening};

/// The socket under `name` of the predecessor, or a new one on `address`; `flag` sets that.
pub(crate) fn listen(
    address: Option<SocketAddr>,
    inheritance: &mut Inheritance,
    name: &str,
    flag: &str,
) -> Result<Option<TcpListener>, Failed> {
    let Some(address) = address else { return Ok(None) };
    if let Some(inherited) = inheritance.sockets(name, Some(address)).into_iter().next() {
        return Ok(Some(inherited));
    }
    let bound = TcpListener::bind(address).and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
    bound.map(Some).map_err(|error| listening(&format!("{name} ({address})"), flag, &error))
}

/// A socket with the same queue, to accept with.
pub(crate) fn copy(listener: &TcpListener) -> io::Result<tokio::net::TcpListener> {
    tokio::net::TcpListener::from_std(listener.try_clone()?)
}

/// A copy for a successor.
pub(crate) fn handed(name: &str, socket: &TcpListener) -> io::Result<Handed> {
    Ok(Handed { name: name.to_owned(), fd: socket.try_clone()?.into() })
}
