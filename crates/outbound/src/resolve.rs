//! Host names to addresses, with a small cache per worker.

use std::{
    cell::RefCell,
    collections::HashMap,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    rc::Rc,
    time::Duration,
};

/// How long an answer is believed. The system's resolver tells no TTL; half a minute is
/// what load balancers that change their addresses allow for.
const FRESH_FOR: Duration = Duration::from_secs(30);
/// Names kept; past it the cache starts again.
const MOST_NAMES: usize = 1024;

/// A worker's cache.
#[derive(Debug, Default)]
pub(crate) struct Resolver {
    known: RefCell<HashMap<Box<str>, Known>>,
}

#[derive(Debug)]
struct Known {
    until: Duration,
    addresses: Rc<[IpAddr]>,
}

impl Resolver {
    /// The addresses of `host`, at least one. `now` is the worker's coarse time.
    pub(crate) async fn resolve(&self, host: &str, now: Duration) -> io::Result<Rc<[IpAddr]>> {
        if let Ok(address) = host.trim_start_matches('[').trim_end_matches(']').parse() {
            return Ok(Rc::new([address]));
        }
        // RFC 6761: names under `localhost` are this machine, whatever the system's resolver thinks.
        if host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost") {
            return Ok(Rc::new([Ipv4Addr::LOCALHOST.into(), std::net::Ipv6Addr::LOCALHOST.into()]));
        }
        if let Some(known) = self.known.borrow().get(host).filter(|known| known.until > now) {
            return Ok(Rc::clone(&known.addresses));
        }
        let mut found = Vec::new();
        for address in tokio::net::lookup_host((host, 0)).await?.map(|address: SocketAddr| address.ip()) {
            if !found.contains(&address) {
                found.push(address);
            }
        }
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("the name {host} has no address")));
        }
        let found: Rc<[IpAddr]> = found.into();
        let mut known = self.known.borrow_mut();
        if known.len() >= MOST_NAMES {
            known.clear();
        }
        known.insert(host.into(), Known { until: now + FRESH_FOR, addresses: Rc::clone(&found) });
        Ok(found)
    }

    /// Forgets a name whose addresses did not answer.
    pub(crate) fn forget(&self, host: &str) {
        self.known.borrow_mut().remove(host);
    }
}
