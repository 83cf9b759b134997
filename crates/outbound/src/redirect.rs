//! Following redirects, for `forward-request follow-redirects` and for links.

use policy::{Method, OutboundRequest, OutboundResponse, Url, exchange::Body};

use crate::client::is_same_origin;

/// As .NET's `HttpClientHandler` does by default.
const MOST: u32 = 50;

/// A request that can be sent again.
pub(crate) struct Replay {
    left: u32,
    /// The body, if it is in memory.
    body: Option<bytes::Bytes>,
}

impl Replay {
    /// Keeps what is in memory; a body that streams can only follow redirects that drop it.
    pub(crate) async fn of(body: &mut Body) -> Self {
        let whole = if body.bytes().is_some() { body.collect(u64::MAX).await.ok() } else { None };
        Self { left: MOST, body: whole }
    }

    /// If `response` sends us elsewhere, aims `request` there and gives the body to send.
    pub(crate) fn next(&mut self, request: &mut OutboundRequest, response: &OutboundResponse) -> Option<Body> {
        let status = response.status.code();
        if !matches!(status, 301 | 302 | 303 | 307 | 308) || self.left == 0 {
            return None;
        }
        let location = response.headers.first("location")?.text().into_owned();
        let next = resolve(&request.url, &location)?;
        if request.url.scheme.is_tls() && !next.scheme.is_tls() {
            // What was sent in secret is not repeated in the open.
            return None;
        }
        let drops_body = status == 303 || (matches!(status, 301 | 302) && request.method == Method::POST);
        let body = if drops_body {
            self.body = Some(bytes::Bytes::new());
            if request.method != Method::HEAD {
                request.method = Method::GET;
            }
            for name in ["content-type", "content-encoding", "content-language"] {
                request.headers.remove(name);
            }
            Body::empty()
        } else {
            Body::full(self.body.clone()?)
        };
        if !is_same_origin(&request.url, &next) {
            // Credentials were meant for the first server only.
            for name in ["authorization", "cookie", "host"] {
                request.headers.remove(name);
            }
        }
        self.left -= 1;
        request.url = next;
        Some(body)
    }
}

/// RFC 3986 §5.2, for the forms that occur in `location`.
fn resolve(base: &Url, reference: &str) -> Option<Url> {
    let reference = reference.split('#').next().unwrap_or_default();
    if reference.contains("://") {
        return Url::parse(reference);
    }
    let origin = format!("{}://{}", base.scheme.as_str(), base.authority());
    if reference.starts_with("//") {
        return Url::parse(&format!("{}:{reference}", base.scheme.as_str()));
    }
    if reference.starts_with('/') {
        return Url::parse(&format!("{origin}{reference}"));
    }
    if reference.starts_with('?') {
        return Url::parse(&format!("{origin}{}{reference}", base.path));
    }
    let (path, query) = reference.split_once('?').map_or((reference, None), |(path, query)| (path, Some(query)));
    let mut segments: Vec<&str> = base.path.split('/').collect();
    segments.pop();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." if segments.len() > 1 => {
                segments.pop();
            }
            ".." => {}
            segment => segments.push(segment),
        }
    }
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Url::parse(&format!("{origin}{}{query}", segments.join("/")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_location_makes_it_panic(reference in "(/|\\.|\\?|#|:|[a-z]|\\PC){0,20}") {
            let _ = resolve(&Url::parse("http://h/a/b").unwrap(), &reference);
        }
    }

    #[test]
    fn locations_resolve_against_the_request() {
        let base = Url::parse("http://h:81/a/b?x=1").unwrap();
        let resolved = |reference| resolve(&base, reference).unwrap().to_string();
        assert_eq!(resolved("http://other/c"), "http://other/c");
        assert_eq!(resolved("//other/c"), "http://other/c");
        assert_eq!(resolved("/c?d"), "http://h:81/c?d");
        assert_eq!(resolved("c"), "http://h:81/a/c");
        assert_eq!(resolved("../c#f"), "http://h:81/c");
        assert_eq!(resolved("?y=2"), "http://h:81/a/b?y=2");
    }
}
