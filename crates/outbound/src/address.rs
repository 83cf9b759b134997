//! Which addresses a fetch on behalf of a caller may reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Judges an address after the name was resolved, so that a name cannot point somewhere else later.
pub trait AddressPolicy: Send + Sync {
    /// Whether a connection to `address`, found under `host`, may be opened.
    fn permits(&self, host: &str, address: IpAddr) -> bool;
}

/// Every address: for backends, which the owner of the service configured.
#[derive(Clone, Copy, Debug)]
pub struct AnyAddress;

impl AddressPolicy for AnyAddress {
    fn permits(&self, _: &str, _: IpAddr) -> bool {
        true
    }
}

/// Only addresses of the public internet: for links that a caller of the management API hands in, which must not
/// reach this machine, its network or a cloud's metadata service.
#[derive(Clone, Copy, Debug)]
pub struct PublicAddress;

impl AddressPolicy for PublicAddress {
    fn permits(&self, _: &str, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => is_public_v4(address),
            IpAddr::V6(address) => match embedded_v4(address) {
                Some(address) => is_public_v4(address),
                None => is_public_v6(address),
            },
        }
    }
}

/// The special-purpose registry of IANA (RFC 6890 and later), without the blocks that are globally reachable.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Only 2000::/3 is global unicast; documentation and benchmarking blocks lie inside it.
    (a & 0xe000) == 0x2000 && !(a == 0x2001 && (b == 0x0db8 || b == 0x0002 || b == 0)) && a != 0x3fff
}

/// The IPv4 address inside a mapped, translated (NAT64) or 6to4 address.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match segments {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(join(high, low)),
        [0x2002, high, low, ..] => Some(join(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_callers_reach_the_public_internet_only() {
        let permits = |text: &str| PublicAddress.permits("", text.parse().unwrap());
        for public in ["8.8.8.8", "2606:4700::1111", "::ffff:1.1.1.1", "192.0.66.1"] {
            assert!(permits(public), "{public}");
        }
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "240.0.0.1",
            "224.0.0.1",
        ] {
            assert!(!permits(private), "{private}");
        }
    }
}
