//! [`Url`]: an absolute URL whose parts are shared, so that a copy costs counters and no bytes.

use std::{fmt, sync::Arc};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

/// The schemes a gateway speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names of the schemes")]
pub enum Scheme {
    Http,
    Https,
    Ws,
    Wss,
}

impl Scheme {
    /// As written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }

    /// The port when none is written.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http | Self::Ws => 80,
            Self::Https | Self::Wss => 443,
        }
    }

    /// Whether TLS is spoken.
    pub const fn is_tls(self) -> bool {
        matches!(self, Self::Https | Self::Wss)
    }
}

/// An absolute URL, without user information and fragment. Path and query are as on the wire (percent-encoded).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Url {
    /// The scheme.
    pub scheme: Scheme,
    /// The host: a name, an IPv4 address, or an IPv6 address in brackets.
    pub host: Arc<str>,
    /// The port, written or not.
    pub port: u16,
    /// The path; it begins with `/`.
    pub path: Arc<str>,
    /// What follows `?`, without it.
    pub query: Option<Arc<str>>,
}

impl Url {
    /// Reads an absolute URL; spaces and other characters that a URL cannot hold are percent-encoded.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://")?;
        let scheme = match () {
            () if scheme.eq_ignore_ascii_case("http") => Scheme::Http,
            () if scheme.eq_ignore_ascii_case("https") => Scheme::Https,
            () if scheme.eq_ignore_ascii_case("ws") => Scheme::Ws,
            () if scheme.eq_ignore_ascii_case("wss") => Scheme::Wss,
            () => return None,
        };
        let rest = rest.split('#').next()?;
        let split = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(split);
        let (host, port) = split_authority(authority)?;
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        Some(Self {
            scheme,
            host: host.to_ascii_lowercase().into(),
            port: port.unwrap_or(scheme.default_port()),
            path: if path.is_empty() { "/".into() } else { clean(path).into() },
            query: query.map(|query| clean(query).into()),
        })
    }

    /// `host`, or `host:port` where the port is not the scheme's own.
    pub fn authority(&self) -> String {
        if self.port == self.scheme.default_port() {
            self.host.to_string()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The path, and the query with its `?`: the target of a request line.
    pub fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.to_string(),
        }
    }

    /// The query with its `?`; empty without one.
    pub fn query_string(&self) -> String {
        self.query.as_ref().map_or_else(String::new, |query| format!("?{query}"))
    }

    /// This base with `relative` behind its path: exactly one `/` between them.
    pub fn joined(&self, relative: &str) -> Arc<str> {
        let base = self.path.trim_end_matches('/');
        let relative = relative.trim_start_matches('/');
        match (base.is_empty(), relative.is_empty()) {
            // `https://host/base` with the root of the API is the base as it was written.
            (false, true) => Arc::clone(&self.path),
            _ => format!("{base}/{relative}").into(),
        }
    }

    /// [`Url::joined`] for a path that is shared: behind an empty base it stays as it is.
    pub(crate) fn joined_shared(&self, relative: &Arc<str>) -> Arc<str> {
        let is_whole = relative.starts_with('/') && !relative.starts_with("//");
        if is_whole && matches!(&*self.path, "" | "/") { Arc::clone(relative) } else { self.joined(relative) }
    }

    /// Another path and query on the same server.
    pub fn at(&self, path: Arc<str>, query: Option<Arc<str>>) -> Self {
        Self { scheme: self.scheme, host: Arc::clone(&self.host), port: self.port, path, query }
    }

    /// Whether this is `base` or lies below it: the same server, and whole segments of the path.
    pub fn is_below(&self, base: &Self) -> bool {
        self.scheme == base.scheme
            && self.port == base.port
            && self.host == base.host
            && self
                .path
                .strip_prefix(base.path.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Names and values of the query in order, decoded.
    pub fn query_pairs(&self) -> impl Iterator<Item = (String, String)> {
        pairs(self.query.as_deref().unwrap_or_default())
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.host)?;
        if self.port != self.scheme.default_port() {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)?;
        match &self.query {
            Some(query) => write!(f, "?{query}"),
            None => Ok(()),
        }
    }
}

/// Names and values of a query, decoded as a form is: `+` is a space.
pub fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// Decodes a component of a query.
pub fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Encodes a component of a query as `Uri.EscapeDataString` does.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// All but the unreserved characters of RFC 3986.
const COMPONENT: &AsciiSet = &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What may not stand in a path or query at all; `%` may, because it was written on purpose.
const FORBIDDEN: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'#');

/// Percent-encodes what may not stand in a path or query.
pub fn clean(text: &str) -> String {
    utf8_percent_encode(text, FORBIDDEN).to_string()
}

fn split_authority(authority: &str) -> Option<(&str, Option<u16>)> {
    let after_bracket = authority.rfind(']').map_or(0, |at| at + 1);
    let (host, port) = match authority.get(after_bracket..)?.rfind(':') {
        Some(at) => {
            let (host, port) = authority.split_at(after_bracket + at);
            (host, Some(port.get(1..)?).filter(|port| !port.is_empty()))
        }
        None => (authority, None),
    };
    let name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~[]:%!$&'()*+,;=".contains(&byte));
    let bracketed = host.starts_with('[') == host.ends_with(']') && (host.starts_with('[') || !host.contains(':'));
    (!host.is_empty() && name && bracketed).then_some(())?;
    match port {
        Some(port) => Some((host, Some(port.parse().ok()?))),
        None => Some((host, None)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_are_as_written_and_the_default_port_is_not_printed() {
        let url = Url::parse("HTTPS://Example.com:443/a b?x={1}&y=%20").unwrap();
        assert_eq!((url.port, &*url.host), (443, "example.com"));
        assert_eq!(url.to_string(), "https://example.com/a%20b?x=%7B1%7D&y=%20");
        assert_eq!(Url::parse("http://[::1]:8080").unwrap().to_string(), "http://[::1]:8080/");
        assert_eq!(Url::parse("http://h?x=1").unwrap().target(), "/?x=1");
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for text in [
            "",
            "x",
            "ftp://h/",
            "http://",
            "http://:80/",
            "http://h:99999/",
            "http://a b/",
            "http://u@h/",
            "http://a]/",
        ] {
            assert_eq!(Url::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_base_and_a_relative_path_meet_in_one_slash() {
        let joined = |base: &str, path| Url::parse(base).unwrap().joined(path).to_string();
        assert_eq!(joined("http://h/v1/", "/a"), "/v1/a");
        assert_eq!(joined("http://h", "a"), "/a");
        assert_eq!(joined("http://h", "/"), "/");
        assert_eq!(joined("http://h/v1", "/"), "/v1");
    }

    #[test]
    fn below_means_whole_segments_of_the_same_server() {
        let below = |url: &str, base: &str| Url::parse(url).unwrap().is_below(&Url::parse(base).unwrap());
        for (url, base) in
            [("http://H/a?x", "http://h"), ("http://h/v1/a", "http://h/v1/"), ("http://h/v1", "http://h/v1/")]
        {
            assert!(below(url, base), "{url} {base}");
        }
        for (url, base) in [("http://h/v10", "http://h/v1"), ("https://h/", "http://h/"), ("http://h:8/", "http://h/")]
        {
            assert!(!below(url, base), "{url} {base}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_what_is_read_reads_again(text in "(https?://)?[\\PC]{0,40}") {
            if let Some(url) = Url::parse(&text) {
                prop_assert_eq!(Url::parse(&url.to_string()), Some(url));
            }
        }
    }
}
