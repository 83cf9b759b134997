//! All services of the process, as one immutable value.

use std::{collections::HashMap, sync::Arc};

use foldhash::fast::RandomState;
use store::{Key, Position};

use crate::service::{Problem, ServiceSnapshot};

/// The configuration at one position of the change feed. A request pins one for its whole life.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Everything up to here is in it.
    pub position: Position,
    /// Oldest first.
    services: Vec<Arc<ServiceSnapshot>>,
    hosts: HashMap<String, usize, RandomState>,
    default: Option<usize>,
}

impl Snapshot {
    /// Puts services together, oldest first. `default` answers for hosts that nobody has; else the oldest does.
    pub(crate) fn new(position: Position, services: Vec<Arc<ServiceSnapshot>>, default: Option<&Key>) -> Self {
        let mut hosts = HashMap::default();
        for (number, service) in services.iter().enumerate() {
            let own = format!("{}.localhost", service.entity.name.to_lowercase());
            for host in std::iter::once(own).chain(service.hosts.iter().map(|host| host.name.to_string())) {
                // Of two services with one host the older keeps it.
                hosts.entry(host).or_insert(number);
            }
        }
        let named = default.and_then(|key| services.iter().position(|service| service.key == *key));
        let default = named.or(if services.is_empty() { None } else { Some(0) });
        Self { position, services, hosts, default }
    }

    /// The service that answers for a `Host` header, port or not; the default one for a host that nobody has.
    pub fn by_host(&self, host: &str) -> Option<&Arc<ServiceSnapshot>> {
        let name = without_port(host).trim_end_matches('.');
        let number = match self.hosts.get(name) {
            Some(number) => Some(number),
            // Host names are written in lower case, but for people.
            None if name.bytes().any(|byte| byte.is_ascii_uppercase()) => self.hosts.get(&name.to_ascii_lowercase()),
            None => None,
        };
        self.services.get(*number.or(self.default.as_ref())?)
    }

    /// The service at this key.
    pub fn service(&self, key: &Key) -> Option<&Arc<ServiceSnapshot>> {
        self.services.iter().find(|service| service.key == *key)
    }

    /// All services, oldest first.
    pub fn services(&self) -> &[Arc<ServiceSnapshot>] {
        &self.services
    }

    /// Stored documents that cannot be used.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.services.iter().flat_map(|service| &service.problems)
    }
}

fn without_port(host: &str) -> &str {
    let behind_bracket = host.rfind(']').map_or(0, |at| at + 1);
    match host.get(behind_bracket..).and_then(|rest| rest.find(':')) {
        Some(at) => host.get(..behind_bracket + at).unwrap_or(host),
        None => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_part_of_a_host() {
        let hosts = ["a.localhost:8080", "a.localhost", "[::1]:80", "[::1]", "", ":"].map(without_port);
        assert_eq!(hosts, ["a.localhost", "a.localhost", "[::1]", "[::1]", "", ""]);
    }
}
