//! Host names to addresses, with a small cache per worker.

use std::{
    cell::RefCell,
    collections::HashMap,
    future::Future,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

/// How long an answer is believed. The system's resolver tells no TTL; half a minute is
/// what load balancers that change their addresses allow for.
const FRESH_FOR: Duration = Duration::from_secs(30);
/// Names kept; past it the cache starts again.
const MOST_NAMES: usize = 1024;

/// What finds the addresses of a name.
pub trait Names: Send + Sync {
    /// The addresses of `host`, which is no address itself, the best first.
    fn addresses(&self, host: &str) -> Lookup;
}

/// An answer to come.
pub type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// The operating system's resolver.
#[derive(Clone, Copy, Debug)]
pub struct SystemNames;

impl Names for SystemNames {
    fn addresses(&self, host: &str) -> Lookup {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address: SocketAddr| address.ip()).collect())
        })
    }
}

/// A worker's cache.
pub(crate) struct Resolver {
    names: Arc<dyn Names>,
    known: RefCell<HashMap<Box<str>, Known>>,
}

#[derive(Debug)]
struct Known {
    until: Duration,
    addresses: Rc<[IpAddr]>,
}

impl Resolver {
    pub(crate) fn new(names: Arc<dyn Names>) -> Self {
        Self { names, known: RefCell::default() }
    }

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
        for address in self.names.addresses(host).await? {
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
