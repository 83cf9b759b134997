//! The host that a request names.

/// Name and port of `host[:port]`; the port that is not written is `default`. `None` if it is no authority of HTTP.
///
/// Answers repeat the host (`WWW-Authenticate`), so nothing passes that could end a quoted string. An empty host is one that the
/// client does not know (RFC 9112 §3.2).
pub(crate) fn split(text: &str, default: u16) -> Option<(&str, u16)> {
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let end = rest.find(']')? + 2;
            (text.get(..end)?, text.get(end..)?)
        }
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => default,
        None => return None,
        Some("") => default,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().ok().filter(|port| *port != 0)?
        }
        Some(_) => return None,
    };
    is_host(name).then_some((name, port))
}

fn is_host(name: &str) -> bool {
    match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&byte)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hosts_are_names_and_addresses_with_a_port_or_without() {
        assert_eq!(split("Contoso.localhost", 80), Some(("Contoso.localhost", 80)));
        assert_eq!(split("h:8080", 80), Some(("h", 8080)));
        assert_eq!(split("[::1]:8080", 80), Some(("[::1]", 8080)));
        assert_eq!(split("[::1]", 443), Some(("[::1]", 443)));
        assert_eq!(split("h:", 80), Some(("h", 80)));
        assert_eq!(split("", 80), Some(("", 80)));
        for wrong in ["a b", "a\"b", "h:0", "h:65536", "h:+1", "a:1:2", "[::1", "[::1]x", "[h]", "user@h", "h/p", "é"]
        {
            assert_eq!(split(wrong, 80), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([a-z0-9.:\\[\\]]|\\PC){0,20}") {
            let _ = split(&text, 80);
        }
    }
}
