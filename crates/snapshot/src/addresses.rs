//! Which API a request means: the longest path, then the version, then the revision.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use policy::{Headers, exchange::url};

use crate::path::{RequestPath, fold};

/// The addresses of all APIs of a service, as a trie of segments. `usize` targets are the caller's own numbering.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    children: HashMap<String, Node, RandomState>,
    apis: Vec<Address>,
}

/// Where one API answers, with its revisions.
#[derive(Debug)]
pub(crate) struct Address {
    /// How a request tells that it means this version.
    pub(crate) version: VersionIn,
    /// Whether it is a WebSocket API, which may share a path with one of HTTP.
    pub(crate) websocket: bool,
    /// The revision that answers without `;rev=`, if it is online.
    pub(crate) current: Option<usize>,
    /// The revisions that are online, by number.
    pub(crate) revisions: HashMap<String, usize>,
}

/// How a request tells the version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum VersionIn {
    /// Not at all, or by the path.
    Path,
    /// By this value of this header.
    Header(String, String),
    /// By this value of this query parameter.
    Query(String, String),
}

/// Why no API is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoApi {
    /// No API has this path, or this revision.
    Path,
    /// APIs have this path, but none is of the version that the request names or fails to name.
    Version,
}

impl Addresses {
    /// Adds an API at `path`: its own, and the version behind it where that is part of the path.
    pub(crate) fn add(&mut self, path: &str, address: Address) {
        let mut node = &mut self.root;
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            let mut folded = String::new();
            fold(segment, &mut folded);
            node = node.children.entry(folded).or_default();
        }
        node.apis.push(address);
    }

    /// The API that a request means, and at which segment its operations start.
    ///
    /// `websocket` says whether it would open a WebSocket: that goes before, where an API speaks it.
    pub(crate) fn find(
        &self,
        path: &RequestPath<'_>,
        query: &str,
        headers: &Headers,
        websocket: bool,
    ) -> Result<(usize, usize), NoApi> {
        let (node, from, revision) = self.longest(path).ok_or(NoApi::Path)?;
        let websocket = node.class(websocket).ok_or(NoApi::Path)?;
        let address = node.choose(websocket, query, headers).ok_or(NoApi::Version)?;
        let target = match revision {
            Some(revision) => address.revisions.get(revision),
            None => address.current.as_ref(),
        };
        target.map(|target| (*target, from)).ok_or(NoApi::Path)
    }

    /// The deepest node with an API on the way of `path`. `;rev=N` can only stand at its end.
    fn longest<'p>(&self, path: &'p RequestPath<'_>) -> Option<(&Node, usize, Option<&'p str>)> {
        let mut longest = None;
        let mut node = &self.root;
        for at in 0..=path.len() {
            if !node.apis.is_empty() {
                longest = Some((node, at, None));
            }
            if at == path.len() {
                break;
            }
            let segment = path.folded(at);
            if segment.contains(';')
                && let Some((name, revision)) = segment.split_once(";rev=")
            {
                let end = if name.is_empty() { Some(node) } else { node.children.get(name) };
                return end.filter(|node| !node.apis.is_empty()).map(|node| (node, at + 1, Some(revision))).or(longest);
            }
            match node.children.get(segment) {
                Some(child) => node = child,
                None => break,
            }
        }
        longest
    }
}

impl Node {
    fn of_class(&self, websocket: bool) -> impl Iterator<Item = &Address> {
        self.apis.iter().filter(move |address| address.websocket == websocket)
    }

    /// Which APIs answer a request, if any does: an HTTP API answers a handshake as the request that it also is.
    fn class(&self, websocket: bool) -> Option<bool> {
        let websocket = websocket && self.of_class(true).next().is_some();
        self.of_class(websocket).next().map(|_| websocket)
    }

    fn choose(&self, websocket: bool, query: &str, headers: &Headers) -> Option<&Address> {
        let mut named = false;
        for address in self.of_class(websocket) {
            let (given, wanted) = match &address.version {
                VersionIn::Path => continue,
                VersionIn::Header(name, wanted) => (headers.first(name).map(|value| value.text().into_owned()), wanted),
                VersionIn::Query(name, wanted) => (
                    url::pairs(query).find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value),
                    wanted,
                ),
            };
            if given.as_deref().is_some_and(|given| given.trim().eq_ignore_ascii_case(wanted)) {
                return Some(address);
            }
            named |= given.is_some();
        }
        // A version that nobody has is no wish for the original one.
        self.of_class(websocket).find(|address| !named && address.version == VersionIn::Path)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(target: usize, version: VersionIn) -> Address {
        Address { version, websocket: false, current: Some(target), revisions: [("1".into(), target)].into() }
    }

    fn find(addresses: &Addresses, path: &str, query: &str, headers: &[(&str, &str)]) -> Result<(usize, usize), NoApi> {
        addresses.find(&RequestPath::new(path).unwrap(), query, &headers.iter().copied().collect(), false)
    }

    #[test]
    fn the_longest_path_wins() {
        let mut addresses = Addresses::default();
        for (target, path) in ["", "shop", "shop/Orders", "other/deep"].into_iter().enumerate() {
            addresses.add(path, address(target, VersionIn::Path));
        }
        let find = |path| find(&addresses, path, "", &[]);
        assert_eq!(find("/shop/orders/7"), Ok((2, 2)));
        assert_eq!(find("/SHOP/order"), Ok((1, 1)));
        assert_eq!(find("/shopping"), Ok((0, 0)));
        assert_eq!(find("/other"), Ok((0, 0)));
        assert_eq!(find("/"), Ok((0, 0)));
    }

    #[test]
    fn revisions_are_named_behind_the_path() {
        let mut addresses = Addresses::default();
        let revisions = [("1".into(), 1), ("3".into(), 3)].into();
        addresses.add("shop", Address { current: Some(3), revisions, ..address(0, VersionIn::Path) });
        addresses.add("", Address { current: None, ..address(9, VersionIn::Path) });
        let find = |path| find(&addresses, path, "", &[]);
        assert_eq!(find("/shop;rev=1/x"), Ok((1, 1)));
        assert_eq!(find("/Shop;Rev=3"), Ok((3, 1)));
        assert_eq!(find("/shop/x"), Ok((3, 1)));
        assert_eq!(find("/shop;rev=2/x"), Err(NoApi::Path));
        assert_eq!(find("/;rev=1/x"), Ok((9, 1)));
        assert_eq!(find("/x"), Err(NoApi::Path));
    }

    #[test]
    fn versions_are_told_by_header_or_query() {
        let header = |value: &str| VersionIn::Header("Api-Version".into(), value.into());
        let query = |value: &str| VersionIn::Query("v".into(), value.into());
        let mut addresses = Addresses::default();
        addresses.add("h", address(1, header("v1")));
        addresses.add("h", address(2, header("v2")));
        addresses.add("q", address(0, VersionIn::Path));
        addresses.add("q", address(3, query("2024-01-01")));
        assert_eq!(find(&addresses, "/h/x", "", &[("api-version", "V2")]), Ok((2, 1)));
        assert_eq!(find(&addresses, "/h/x", "", &[]), Err(NoApi::Version));
        assert_eq!(find(&addresses, "/h/x", "", &[("api-version", "v3")]), Err(NoApi::Version));
        assert_eq!(find(&addresses, "/q/x", "a=b&V=2024-01-01", &[]), Ok((3, 1)));
        assert_eq!(find(&addresses, "/q/x", "a=b", &[]), Ok((0, 1)));
        assert_eq!(find(&addresses, "/q/x", "v=2023-01-01", &[]), Err(NoApi::Version));
    }

    #[test]
    fn a_websocket_api_answers_handshakes_on_a_shared_path_and_nothing_else() {
        let mut addresses = Addresses::default();
        let websocket = |target| Address { websocket: true, ..address(target, VersionIn::Path) };
        addresses.add("p", address(1, VersionIn::Path));
        addresses.add("p", websocket(2));
        addresses.add("alone", websocket(3));
        addresses.add("http", address(4, VersionIn::Path));
        let find = |path, handshake| addresses.find(&RequestPath::new(path).unwrap(), "", &Headers::new(), handshake);
        assert_eq!((find("/p", true), find("/p", false)), (Ok((2, 1)), Ok((1, 1))));
        assert_eq!((find("/alone", true), find("/alone", false)), (Ok((3, 1)), Err(NoApi::Path)));
        assert_eq!((find("/http", true), find("/http", false)), (Ok((4, 1)), Ok((4, 1))));
    }

    proptest! {
        #[test]
        fn no_path_makes_it_panic(path in "(/|[ab]|;rev=|[0-9]|\\PC){0,20}") {
            let mut addresses = Addresses::default();
            addresses.add("a/b", address(1, VersionIn::Path));
            addresses.add("a", address(2, VersionIn::Path));
            if let Some(path) = RequestPath::new(&path) {
                let _ = addresses.find(&path, "", &Headers::new(), false);
            }
        }
    }
}
