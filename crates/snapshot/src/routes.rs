//! The operations of one API as a trie of segments: literal before pattern before parameter before wildcard.
//!
//! A node is reached by one way only, so that a look-up visits each node at most once however the templates overlap.

use std::{collections::HashMap, sync::Arc};

use foldhash::fast::RandomState;
use policy::exchange::url;

use crate::{
    path::{RequestPath, decode},
    template::{Pattern, QueryRule, QueryValue, Segment, Template},
};

/// The operations of an API. `usize` targets are the caller's own numbering.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, Node, RandomState>,
    /// The one that fixes most text first.
    patterns: Vec<(Pattern, Node)>,
    parameter: Option<Box<Node>>,
    /// Operations whose template ends here.
    here: Vec<Leaf>,
    /// Operations whose template goes on with a wildcard.
    wild: Vec<Leaf>,
}

#[derive(Debug)]
struct Leaf {
    /// In upper case; `None` answers all.
    method: Option<String>,
    query: Vec<QueryRule>,
    /// The names of the path's parameters.
    names: Vec<Arc<str>>,
    rest: Option<Arc<str>>,
    target: usize,
}

/// An operation that a request means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Which one.
    pub(crate) target: usize,
    /// The parameters of its template with their decoded values.
    pub(crate) parameters: Vec<(Arc<str>, String)>,
}

impl Routes {
    /// Adds an operation. Of two with the same method and template the first stays.
    pub(crate) fn add(&mut self, method: &str, template: Template, target: usize) {
        let names = template.parameters();
        let mut node = &mut self.root;
        for segment in template.segments {
            node = node.child(segment);
        }
        let method = (method != "*").then(|| method.to_ascii_uppercase());
        let leaf = Leaf { method, query: template.query, names, rest: template.rest, target };
        let leaves = if leaf.rest.is_some() { &mut node.wild } else { &mut node.here };
        leaves.push(leaf);
        // What demands more goes first. The sort keeps the order of equals.
        leaves.sort_by_key(|leaf| (std::cmp::Reverse(leaf.query.len()), leaf.method.is_none()));
    }

    /// The operation for a request whose path starts, for this API, at segment `from`. `query` is as on the wire.
    pub(crate) fn find(&self, method: &str, path: &RequestPath<'_>, from: usize, query: &str) -> Option<Found> {
        let mut search = Search { method, path, query, values: Vec::new() };
        search.node(&self.root, from)
    }
}

impl Node {
    fn child(&mut self, segment: Segment) -> &mut Self {
        match segment {
            Segment::Literal(text) => self.literals.entry(text).or_default(),
            Segment::Parameter(_) => self.parameter.get_or_insert_default(),
            Segment::Pattern(pattern) => {
                let known = self.patterns.iter().position(|(known, _)| known.same_as(&pattern));
                let at = known.unwrap_or_else(|| {
                    let at = self.patterns.partition_point(|(known, _)| known.weight() >= pattern.weight());
                    self.patterns.insert(at, (pattern, Self::default()));
                    at
                });
                &mut self.patterns[at].1
            }
        }
    }
}

struct Search<'a> {
    method: &'a str,
    path: &'a RequestPath<'a>,
    query: &'a str,
    /// The values of the parameters on the way to the node that is looked at.
    values: Vec<String>,
}

impl Search<'_> {
    fn node(&mut self, node: &Node, at: usize) -> Option<Found> {
        if at == self.path.len() {
            return self.leaf(&node.here, at).or_else(|| self.leaf(&node.wild, at));
        }
        if let Some(found) = node.literals.get(self.path.folded(at)).and_then(|child| self.node(child, at + 1)) {
            return Some(found);
        }
        let depth = self.values.len();
        if !node.patterns.is_empty() {
            let value = self.path.value(at);
            for (pattern, child) in &node.patterns {
                let Some(captures) = pattern.captures(&value) else { continue };
                self.values.extend(captures.into_iter().map(str::to_owned));
                if let Some(found) = self.node(child, at + 1) {
                    return Some(found);
                }
                self.values.truncate(depth);
            }
        }
        if let Some(child) = node.parameter.as_ref().filter(|_| !self.path.folded(at).is_empty()) {
            self.values.push(self.path.value(at).into_owned());
            if let Some(found) = self.node(child, at + 1) {
                return Some(found);
            }
            self.values.truncate(depth);
        }
        self.leaf(&node.wild, at)
    }

    /// The first operation whose method and query fit.
    fn leaf(&self, leaves: &[Leaf], at: usize) -> Option<Found> {
        leaves.iter().find_map(|leaf| {
            if leaf.method.as_ref().is_some_and(|method| method != self.method) {
                return None;
            }
            let mut parameters: Vec<_> = leaf.names.iter().cloned().zip(self.values.iter().cloned()).collect();
            if let Some(name) = &leaf.rest {
                parameters.push((Arc::clone(name), decode(self.path.rest(at).trim_start_matches('/')).into_owned()));
            }
            for rule in &leaf.query {
                let mut given = url::pairs(self.query).filter(|(name, _)| name.eq_ignore_ascii_case(&rule.name));
                match &rule.value {
                    QueryValue::Parameter(name) => parameters.push((Arc::clone(name), given.next()?.1)),
                    QueryValue::Literal(value) => drop(given.find(|(_, given)| given.eq_ignore_ascii_case(value))?),
                }
            }
            Some(Found { target: leaf.target, parameters })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OPERATIONS: &[(&str, &str)] = &[
        ("GET", "/"),
        ("GET", "/users/{id}"),
        ("GET", "/users/me"),
        ("POST", "/users/you"),
        ("GET", "/users/{user}/posts/{post}"),
        ("GET", "/users/{id}.json"),
        ("GET", "/users/v{id}.json"),
        ("*", "/any"),
        ("PUT", "/any"),
        ("GET", "/search"),
        ("GET", "/search?q={query}"),
        ("GET", "/search?q={query}&kind=Full"),
        ("GET", "/files/*"),
        ("GET", "/tree/{*rest}"),
        ("DELETE", "/*"),
        ("get", "/caf%C3%A9"),
    ];

    fn routes() -> Routes {
        let mut routes = Routes::default();
        for (target, (method, template)) in OPERATIONS.iter().enumerate() {
            routes.add(method, Template::parse(template).unwrap(), target);
        }
        routes
    }

    /// The template that a request finds, with its parameters as `name=value`.
    fn find(request: &str) -> String {
        let (method, target) = request.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let Some(found) = routes().find(method, &RequestPath::new(path).unwrap(), 0, query) else { return "-".into() };
        let mut text = OPERATIONS[found.target].1.to_owned();
        found.parameters.iter().for_each(|(name, value)| text += &format!(" {name}={value}"));
        text
    }

    #[test]
    fn literals_go_before_patterns_before_parameters_before_wildcards() {
        assert_eq!(find("GET /users/me"), "/users/me");
        assert_eq!(find("GET /users/7"), "/users/{id} id=7");
        assert_eq!(find("GET /users/7.json"), "/users/{id}.json id=7");
        assert_eq!(find("GET /users/v7.json"), "/users/v{id}.json id=7");
        assert_eq!(find("DELETE /users/me"), "/* *=users/me");
        assert_eq!(find("GET /users/7/posts/8"), "/users/{user}/posts/{post} user=7 post=8");
    }

    #[test]
    fn a_method_that_does_not_fit_lets_a_broader_template_answer() {
        assert_eq!(find("GET /users/you"), "/users/{id} id=you");
        assert_eq!(find("POST /users/me"), "-");
        assert_eq!(find("PUT /any"), "/any");
        assert_eq!(routes().find("PUT", &RequestPath::new("/any").unwrap(), 0, "").unwrap().target, 8);
        assert_eq!(routes().find("PURGE", &RequestPath::new("/any").unwrap(), 0, "").unwrap().target, 7);
    }

    #[test]
    fn case_and_trailing_slashes_do_not_count_and_values_are_decoded() {
        assert_eq!(find("GET /USERS/Me/"), "/users/me");
        assert_eq!(find("GET /users/A%20b%2Fc"), "/users/{id} id=A b/c");
        assert_eq!(find("GET /"), "/");
        assert_eq!(find("GET /Caf%C3%89"), "/caf%C3%A9");
        assert_eq!(find("GET /users//posts/8"), "-");
    }

    #[test]
    fn query_parameters_of_the_template_are_required() {
        assert_eq!(find("GET /search"), "/search");
        assert_eq!(find("GET /search?Q=a%20b"), "/search?q={query} query=a b");
        assert_eq!(find("GET /search?kind=full&q=a"), "/search?q={query}&kind=Full query=a");
        assert_eq!(find("GET /search?kind=other&q=a"), "/search?q={query} query=a");
    }

    #[test]
    fn a_wildcard_takes_any_depth_and_none() {
        assert_eq!(find("GET /files/a/B%20c/"), "/files/* *=a/B c/");
        assert_eq!(find("GET /files"), "/files/* *=");
        assert_eq!(find("GET /tree/a/b"), "/tree/{*rest} rest=a/b");
        assert_eq!(find("DELETE /"), "/* *=");
    }

    proptest! {
        /// What a trie finds is what trying every template in the order of precedence finds.
        #[test]
        fn the_trie_agrees_with_trying_every_template(
            templates in prop::collection::vec("(/(a|b|\\{p\\})){0,3}(/\\*)?", 1..8), path in "(/(a|b|c)){0,4}",
        ) {
            let mut trie = Routes::default();
            for (target, template) in templates.iter().enumerate() {
                trie.add("GET", Template::parse(template).unwrap(), target);
            }
            let path = RequestPath::new(&path).unwrap();
            let found = trie.find("GET", &path, 0, "").map(|found| found.target);
            let fitting = templates.iter().enumerate().filter_map(|(at, text)| Some((rank(text, &path)?, at)));
            prop_assert_eq!(found, fitting.min().map(|(_, at)| at));
        }

        #[test]
        fn no_request_makes_it_panic(method in "[A-Z]{0,4}", path in "(/|\\PC|%[0-9]{2}){0,20}", query in "[a-z=&%+]{0,10}") {
            if let Some(path) = RequestPath::new(&path) {
                let _ = routes().find(&method, &path, 0, &query);
            }
        }
    }

    /// How well a template fits: for each segment 0 for a literal, 1 for a parameter, 2 for a wildcard.
    fn rank(template: &str, path: &RequestPath<'_>) -> Option<Vec<u8>> {
        let template = Template::parse(template).unwrap();
        let fits = if template.rest.is_some() {
            template.segments.len() <= path.len()
        } else {
            template.segments.len() == path.len()
        };
        let ranks = template.segments.iter().enumerate().map(|(at, segment)| match segment {
            Segment::Literal(text) => (text == path.folded(at)).then_some(0),
            _ => Some(1),
        });
        let mut ranks = ranks.collect::<Option<Vec<u8>>>().filter(|_| fits)?;
        if template.rest.is_some() {
            ranks.push(2);
        }
        Some(ranks)
    }
}
