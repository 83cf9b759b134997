//! Listening sockets: one per worker on the same port, so that the kernel spreads connections and no worker wakes another.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use socket2::{Domain, Protocol, Socket, Type};

/// Connections that the kernel holds until a worker takes them.
pub(crate) const BACKLOG: i32 = 4096;

/// `count` sockets on `address`; with port 0 the first one chooses.
pub(crate) fn bind(address: SocketAddr, count: usize) -> io::Result<Vec<TcpListener>> {
    // A second process of the same user could join our port without an error. This socket cannot, so it notices the first process.
    if address.port() != 0 {
        socket(address, false)?;
    }
    let first = socket(address, true)?;
    let address = first.local_addr()?;
    let rest = (1..count).map(|_| socket(address, true));
    std::iter::once(Ok(first)).chain(rest).collect()
}

fn socket(address: SocketAddr, shared: bool) -> io::Result<TcpListener> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"));
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP)).map_err(named)?;
    socket.set_reuse_address(true).map_err(named)?;
    socket.set_reuse_port(shared).map_err(named)?;
    if address.is_ipv6() {
        socket.set_only_v6(false).map_err(named)?;
    }
    socket.set_nonblocking(true).map_err(named)?;
    socket.bind(&address.into()).map_err(named)?;
    if shared {
        socket.listen(BACKLOG).map_err(named)?;
    }
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_share_a_port_that_no_second_process_may_take() {
        let ours = bind("127.0.0.1:0".parse().unwrap(), 2).unwrap();
        let address = ours[0].local_addr().unwrap();
        assert_eq!(ours[1].local_addr().unwrap(), address);
        let refused = bind(address, 1).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AddrInUse);
        assert!(refused.to_string().starts_with(&format!("cannot listen on {address}: ")), "{refused}");
    }
}
