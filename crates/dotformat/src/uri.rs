//! `System.Uri`: absolute URIs by their components, relative references as text.

use crate::Result;
use crate::web::{check_scheme_name, default_port, is_uri_byte, percent, push_percent, unescape, uri_error};

/// Which references a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UriKind {
    /// Either.
    RelativeOrAbsolute,
    /// With a scheme.
    Absolute,
    /// Without one.
    Relative,
}

/// A URI or a relative reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri {
    original: String,
    absolute: Option<Absolute>,
}

/// The escaped components of an absolute URI.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Absolute {
    scheme: String,
    /// Absent in `urn:a:b`.
    authority: Option<Authority>,
    path: String,
    /// With its question mark.
    query: String,
    /// With its hash.
    fragment: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Authority {
    user_info: String,
    host: String,
    port: Option<u16>,
}

impl Uri {
    /// `new Uri(text, kind)`.
    pub fn parse(text: &str, kind: UriKind) -> Result<Self> {
        let trimmed = text.trim_matches([' ', '\t', '\r', '\n']);
        let absolute = match kind {
            UriKind::Relative => None,
            _ => Absolute::parse(trimmed)?,
        };
        match (kind, &absolute) {
            (UriKind::Absolute, None) if trimmed.is_empty() => Err(uri_error("Invalid URI: The URI is empty.")),
            (UriKind::Absolute, None) => Err(uri_error("Invalid URI: The format of the URI could not be determined.")),
            (UriKind::Relative, _) if Absolute::parse(trimmed).is_ok_and(|found| found.is_some()) => Err(uri_error(
                "A relative URI cannot be created because the 'uriString' parameter represents an absolute URI.",
            )),
            _ => Ok(Self { original: text.to_owned(), absolute }),
        }
    }

    /// `new Uri(base, relative)`.
    pub fn join(&self, relative: &str) -> Result<Self> {
        let Some(base) = &self.absolute else {
            return Err(uri_error("This operation is not supported for a relative URI."));
        };
        let relative = relative.trim_matches([' ', '\t', '\r', '\n']);
        let own_scheme = relative.strip_prefix(&base.scheme).and_then(|rest| rest.strip_prefix(':'));
        let relative = own_scheme.filter(|rest| !rest.starts_with("//")).unwrap_or(relative);
        if let Ok(Some(absolute)) = Absolute::parse(relative) {
            return Ok(Self { original: relative.to_owned(), absolute: Some(absolute) });
        }
        let prefix = base.prefix();
        let text = match relative.chars().next() {
            None => base.text(),
            Some('/') if relative.starts_with("//") => format!("{}:{relative}", base.scheme),
            Some('/' | '\\') => format!("{prefix}{relative}"),
            Some('?') => format!("{prefix}{}{relative}", base.path),
            Some('#') => format!("{prefix}{}{}{relative}", base.path, base.query),
            Some(_) => {
                let folder = base.path.rfind('/').map_or("/", |slash| &base.path[..=slash]);
                format!("{prefix}{folder}{relative}")
            }
        };
        Self::parse(&text, UriKind::Absolute)
    }

    /// `OriginalString`.
    pub fn original(&self) -> &str {
        &self.original
    }

    /// `IsAbsoluteUri`.
    pub fn is_absolute(&self) -> bool {
        self.absolute.is_some()
    }

    /// `AbsoluteUri`: escaped. Nothing for a relative reference, as with all that follow.
    pub fn absolute_uri(&self) -> Option<String> {
        self.absolute.as_ref().map(Absolute::text)
    }

    /// `Scheme`, lower case.
    pub fn scheme(&self) -> Option<&str> {
        self.absolute.as_ref().map(|uri| uri.scheme.as_str())
    }

    /// `UserInfo`.
    pub fn user_info(&self) -> Option<&str> {
        self.absolute.as_ref().map(|uri| uri.authority.as_ref().map_or("", |a| a.user_info.as_str()))
    }

    /// `Host`, lower case; an IPv6 address in brackets.
    pub fn host(&self) -> Option<&str> {
        self.absolute.as_ref().map(|uri| uri.authority.as_ref().map_or("", |a| a.host.as_str()))
    }

    /// `Port`: the scheme's if none is written, -1 if it has none.
    pub fn port(&self) -> Option<i32> {
        let uri = self.absolute.as_ref()?;
        let written = uri.authority.as_ref().and_then(|authority| authority.port);
        let default = uri.authority.as_ref().and_then(|_| default_port(&uri.scheme));
        Some(written.or(default).map_or(-1, i32::from))
    }

    /// `IsDefaultPort`.
    pub fn is_default_port(&self) -> Option<bool> {
        let uri = self.absolute.as_ref()?;
        Some(uri.authority.as_ref().is_none_or(|authority| authority.port.is_none()))
    }

    /// `Authority`: host, and port unless it is the default.
    pub fn authority(&self) -> Option<String> {
        self.absolute.as_ref().map(|uri| uri.authority.as_ref().map_or(String::new(), Authority::host_and_port))
    }

    /// `AbsolutePath`, escaped.
    pub fn absolute_path(&self) -> Option<&str> {
        self.absolute.as_ref().map(|uri| uri.path.as_str())
    }

    /// `Query` with its question mark, escaped.
    pub fn query(&self) -> Option<&str> {
        self.absolute.as_ref().map(|uri| uri.query.as_str())
    }

    /// `Fragment` with its hash, escaped.
    pub fn fragment(&self) -> Option<&str> {
        self.absolute.as_ref().map(|uri| uri.fragment.as_str())
    }

    /// `PathAndQuery`.
    pub fn path_and_query(&self) -> Option<String> {
        self.absolute.as_ref().map(|uri| format!("{}{}", uri.path, uri.query))
    }

    /// `LocalPath`, unescaped.
    pub fn local_path(&self) -> Option<String> {
        self.absolute.as_ref().map(|uri| unescape(&uri.path, |_| true))
    }

    /// `Segments`: each with the slash that ends it.
    pub fn segments(&self) -> Option<Vec<&str>> {
        self.absolute.as_ref().map(|uri| uri.path.split_inclusive('/').collect())
    }

    /// `GetLeftPart(UriPartial.Authority)`.
    pub fn left_part_authority(&self) -> Option<String> {
        self.absolute.as_ref().map(Absolute::prefix)
    }

    /// `IsLoopback`.
    pub fn is_loopback(&self) -> bool {
        self.host().is_some_and(|host| {
            matches!(host, "localhost" | "loopback" | "[::1]") || host.strip_prefix("127.").is_some()
        })
    }
}

impl std::fmt::Display for Uri {
    /// `ToString()`: unescaped where that cannot change the meaning.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(uri) = &self.absolute else { return f.write_str(&self.original) };
        let readable = |text: &str| unescape(text, |c| !c.is_control() && !"%;/?:@&=+$,#[]!'()*\\".contains(c));
        let rest = format!("{}{}{}", uri.path, uri.query, uri.fragment);
        write!(f, "{}{}", uri.prefix(), readable(&rest))
    }
}

impl Authority {
    fn parse(text: &str, scheme: &str) -> Result<Self> {
        let (user_info, rest) = text.rsplit_once('@').unwrap_or(("", text));
        let bracket = rest.rfind(']').map_or(0, |end| end + 1);
        let (host, port) = match rest[bracket..].rfind(':') {
            Some(colon) => (&rest[..bracket + colon], &rest[bracket + colon + 1..]),
            None => (rest, ""),
        };
        let port = match port {
            "" => None,
            digits => Some(
                digits
                    .parse::<u16>()
                    .ok()
                    .filter(|_| digits.bytes().all(|b| b.is_ascii_digit()))
                    .ok_or_else(|| uri_error("Invalid URI: Invalid port specified."))?,
            ),
        };
        let valid = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_');
        let ipv6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let ok = match ipv6 {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => host.chars().all(valid) && (!host.is_empty() || scheme == "file"),
        };
        if !ok {
            return Err(uri_error("Invalid URI: The hostname could not be parsed."));
        }
        let port = port.filter(|port| default_port(scheme) != Some(*port));
        Ok(Self { user_info: escaped(user_info), host: host.to_lowercase(), port })
    }

    fn host_and_port(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }
}

impl Absolute {
    /// Nothing if the text has no scheme.
    fn parse(text: &str) -> Result<Option<Self>> {
        let Some((scheme, rest)) = text.split_once(':') else { return Ok(None) };
        if !check_scheme_name(scheme) || scheme.len() < 2 {
            return Ok(None);
        }
        let scheme = scheme.to_ascii_lowercase();
        let hierarchical = default_port(&scheme).is_some() || scheme == "file";
        let Some(rest) = rest.strip_prefix("//") else {
            if hierarchical {
                return Ok(None);
            }
            let (path, query, fragment) = split(rest);
            return Ok(Some(Self {
                scheme,
                authority: None,
                path: escaped(path),
                query: escaped(query),
                fragment: escaped(fragment),
            }));
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let authority = Authority::parse(authority, &scheme)?;
        let (path, query, fragment) = split(rest);
        let path = if hierarchical { path.replace('\\', "/") } else { path.to_owned() };
        let path = without_dots(&escaped(&path));
        let path = if path.is_empty() && hierarchical { "/".into() } else { path };
        let (query, fragment) = (escaped(query), escaped(fragment));
        Ok(Some(Self { scheme, authority: Some(authority), path, query, fragment }))
    }

    /// Scheme and authority.
    fn prefix(&self) -> String {
        let scheme = &self.scheme;
        match &self.authority {
            Some(authority) if authority.user_info.is_empty() => format!("{scheme}://{}", authority.host_and_port()),
            Some(authority) => format!("{scheme}://{}@{}", authority.user_info, authority.host_and_port()),
            None => format!("{scheme}:"),
        }
    }

    fn text(&self) -> String {
        format!("{}{}{}{}", self.prefix(), self.path, self.query, self.fragment)
    }
}

/// Path, query with its mark, fragment with its hash.
fn split(text: &str) -> (&str, &str, &str) {
    let (text, fragment) = text.split_at(text.find('#').unwrap_or(text.len()));
    let (path, query) = text.split_at(text.find('?').unwrap_or(text.len()));
    (path, query, fragment)
}

/// Escapes what a URI may not hold, keeps escapes, and takes those of unreserved characters away.
fn escaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match percent(bytes, at) {
            Some(found) if found.is_ascii_alphanumeric() || b"-_.~".contains(&found) => out.push(char::from(found)),
            Some(_) => out.push_str(&text[at..at + 3]),
            None => {
                if is_uri_byte(byte) {
                    out.push(char::from(byte));
                } else {
                    push_percent(&mut out, byte);
                }
                at += 1;
                continue;
            }
        }
        at += 3;
    }
    out
}

/// Resolves `.` and `..`.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').collect();
    for (index, segment) in segments.iter().enumerate() {
        let last = index + 1 == segments.len();
        match *segment {
            "." | ".." => {
                if *segment == ".." && kept.len() > 1 {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    kept.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn absolute(text: &str) -> Uri {
        Uri::parse(text, UriKind::Absolute).unwrap()
    }

    #[test]
    fn components_are_those_of_the_recorded_cases() {
        let uri = absolute("https://user:pw@Example.COM:8443/a/b/../c%20d?x=1&y=%C3%A9#frag");
        assert_eq!(uri.to_string(), "https://user:pw@example.com:8443/a/c d?x=1&y=é#frag");
        assert_eq!(uri.absolute_uri().as_deref(), Some("https://user:pw@example.com:8443/a/c%20d?x=1&y=%C3%A9#frag"));
        assert_eq!(uri.segments(), Some(vec!["/", "a/", "c%20d"]));
        assert_eq!((uri.host(), uri.port()), (Some("example.com"), Some(8443)));
        assert_eq!(uri.local_path().as_deref(), Some("/a/c d"));
        assert_eq!(uri.left_part_authority().as_deref(), Some("https://user:pw@example.com:8443"));
    }

    #[test]
    fn absolute_uris_are_escaped_and_normalised() {
        for (text, uri) in [
            ("http://a/%41%7e%2F%3f%25%20x", "http://a/A~%2F%3f%25%20x"),
            ("http://a/%zz", "http://a/%25zz"),
            ("http://a/<>\"{}|\\^`[]", "http://a/%3C%3E%22%7B%7D%7C/%5E%60[]"),
            ("HTTP://EXAMPLE.com:080/A/./b/../c", "http://example.com/A/c"),
            ("http://a?x", "http://a/?x"),
            ("http://a/../../b", "http://a/b"),
            ("http://h/a/..", "http://h/"),
            ("http://h/a/.", "http://h/a/"),
            ("http://h/%2e%2e/x", "http://h/x"),
            ("urn:a:b", "urn:a:b"),
            ("  http://a/b  ", "http://a/b"),
        ] {
            assert_eq!(absolute(text).absolute_uri().as_deref(), Some(uri), "{text}");
        }
        for (text, message) in [
            ("http://", "Invalid URI: The hostname could not be parsed."),
            ("http://a:99999/", "Invalid URI: Invalid port specified."),
            ("relative/path", "Invalid URI: The format of the URI could not be determined."),
        ] {
            assert_eq!(Uri::parse(text, UriKind::Absolute).unwrap_err().message, message, "{text}");
        }
        assert!(!Uri::parse("/relative", UriKind::RelativeOrAbsolute).unwrap().is_absolute());
    }

    #[test]
    fn references_resolve_against_a_base() {
        for (relative, uri) in [
            ("g", "http://a/b/c/g"),
            ("../g", "http://a/b/g"),
            ("/g", "http://a/g"),
            ("?y", "http://a/b/c/d?y"),
            ("#s", "http://a/b/c/d?q#s"),
            ("", "http://a/b/c/d?q"),
            ("//g/h", "http://g/h"),
            ("../../../g", "http://a/g"),
            ("http://x/y", "http://x/y"),
            ("http:g", "http://a/b/c/g"),
            ("g é", "http://a/b/c/g%20%C3%A9"),
        ] {
            assert_eq!(absolute("http://a/b/c/d?q").join(relative).unwrap().absolute_uri().as_deref(), Some(uri));
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "(http|urn|file)?:?/{0,3}[a-z%0-9:/?#@.é\\[\\]\\\\]{0,30}|\\PC{0,30}") {
            if let Ok(uri) = Uri::parse(&text, UriKind::RelativeOrAbsolute) {
                let _ = (uri.to_string(), uri.segments(), uri.port(), uri.join("../x?y#z"), uri.join(&text));
            }
        }
    }
}
