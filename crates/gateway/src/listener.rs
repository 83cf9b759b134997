//! Listening sockets: at least one per worker on the same port, so that the kernel spreads connections and no worker wakes another.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// Connections that the kernel holds until a worker takes them.
pub(crate) const BACKLOG: i32 = 4096;

/// Sockets of one port.
#[derive(Debug, Default)]
pub(crate) struct Port {
    /// One list for each worker.
    pub(crate) by_worker: Vec<Vec<TcpListener>>,
    /// Where they listen: the port that was chosen for port 0.
    pub(crate) address: Option<SocketAddr>,
}

impl Port {
    /// Sockets on `address` for so many workers, those of a predecessor first: all of them, because each has a queue of clients that
    /// believe themselves connected. With port 0 the predecessor's port is taken, or the first socket chooses.
    pub(crate) fn open(address: Option<SocketAddr>, workers: usize, inherited: Vec<TcpListener>) -> io::Result<Self> {
        let Some(address) = address else { return Ok(Self::default()) };
        let is_ours = |socket: &TcpListener| socket.local_addr().is_ok_and(|there| is_same(address, there));
        let mut sockets: Vec<_> = inherited.into_iter().filter(is_ours).collect();
        if sockets.is_empty() {
            // A second process of the same user could join our port without an error. This socket cannot, so it notices the first one.
            if address.port() != 0 {
                socket(address, false)?;
            }
            sockets.push(socket(address, true)?);
        }
        let address = sockets.first().map_or(Ok(address), TcpListener::local_addr)?;
        while sockets.len() < workers {
            sockets.push(socket(address, true)?);
        }
        let mut by_worker: Vec<Vec<_>> = (0..workers).map(|_| Vec::new()).collect();
        for (index, socket) in sockets.into_iter().enumerate() {
            socket.set_nonblocking(true)?;
            bound_unsent(&socket);
            by_worker[index % workers].push(socket);
        }
        Ok(Self { by_worker, address: Some(address) })
    }

    /// Copies of all sockets, for a successor.
    pub(crate) fn copies(&self) -> io::Result<Vec<TcpListener>> {
        self.by_worker.iter().flatten().map(TcpListener::try_clone).collect()
    }
}

/// Bounds what the kernel holds for a client that does not take it; it would hold megabytes. Accepted connections have it from their
/// listener.
fn bound_unsent(socket: &TcpListener) {
    /// Enough for the next moments of the fastest client.
    #[cfg(target_os = "linux")]
    const UNSENT: u32 = 256 * 1024;
    // Where the system does not know it, everything works all the same.
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(socket).set_tcp_notsent_lowat(UNSENT);
}

fn is_same(wanted: SocketAddr, there: SocketAddr) -> bool {
    wanted.ip() == there.ip() && (wanted.port() == 0 || wanted.port() == there.port())
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

    fn open(address: &str, workers: usize, inherited: Vec<TcpListener>) -> io::Result<Port> {
        Port::open(Some(address.parse().unwrap()), workers, inherited)
    }

    fn counts(port: &Port) -> Vec<usize> {
        port.by_worker.iter().map(Vec::len).collect()
    }

    #[test]
    fn workers_share_a_port_that_no_second_process_may_take() {
        let ours = open("127.0.0.1:0", 2, Vec::new()).unwrap();
        let address = ours.address.unwrap();
        assert!(ours.by_worker.iter().flatten().all(|socket| socket.local_addr().unwrap() == address));
        assert_eq!(counts(&ours), [1, 1]);
        let refused = open(&address.to_string(), 1, Vec::new()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AddrInUse);
        assert!(refused.to_string().starts_with(&format!("cannot listen on {address}: ")), "{refused}");
    }

    #[test]
    fn a_successor_takes_every_socket_whatever_number_of_workers_it_has() {
        let two = open("127.0.0.1:0", 2, Vec::new()).unwrap();
        let address = two.address.unwrap().to_string();
        let four = open(&address, 4, two.copies().unwrap()).unwrap();
        assert_eq!((four.address, counts(&four)), (two.address, vec![1, 1, 1, 1]));
        let three = open("127.0.0.1:0", 3, four.copies().unwrap()).unwrap();
        assert_eq!((three.address, counts(&three)), (two.address, vec![2, 1, 1]));
    }

    #[test]
    fn sockets_of_another_address_are_not_taken() {
        let before = open("127.0.0.1:0", 1, Vec::new()).unwrap();
        let after = open("127.0.0.2:0", 1, before.copies().unwrap()).unwrap();
        assert_eq!(counts(&after), [1]);
        assert_ne!(after.address, before.address);
    }
}
