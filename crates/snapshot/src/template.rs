//! The URL template of an operation: `/orders/{id}/lines/{line}.json?kind={kind}`.

use std::sync::Arc;

use crate::path::fold;

/// A template taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    /// The segments of its path.
    pub(crate) segments: Vec<Segment>,
    /// Under which name the rest of the path is matched, where it ends in `*` or `{*name}`.
    pub(crate) rest: Option<Arc<str>>,
    /// What the query must have.
    pub(crate) query: Vec<QueryRule>,
}

/// One segment of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Text, in lower case.
    Literal(String),
    /// `{name}`: any text but the empty one.
    Parameter(Arc<str>),
    /// Text and parameters mixed: `{name}.json`.
    Pattern(Pattern),
}

/// A segment of text and parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// Text before the first parameter, in lower case.
    head: String,
    /// Each parameter with the text behind it, in lower case; the text of all but the last is not empty.
    parts: Vec<(Arc<str>, String)>,
}

/// What a query must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueryRule {
    /// The parameter.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: QueryValue,
}

/// The value that a query parameter must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QueryValue {
    /// Any; matched under this name.
    Parameter(Arc<str>),
    /// This one, compared without regard to case.
    Literal(String),
}

impl Template {
    /// Reads a template. The error says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (path, query) = split_query(text);
        let path = path.trim_matches('/');
        let mut segments = Vec::new();
        let mut rest = None;
        let mut texts = split_path(path).peekable();
        while let Some(segment) = texts.next() {
            let last = texts.peek().is_none();
            match wildcard(segment) {
                Some(name) if last => rest = Some(name.into()),
                Some(_) if segment != "*" => {
                    return Err(format!("`{segment}` can only be the last segment of `{text}`"));
                }
                _ => segments.push(Segment::parse(segment)?),
            }
        }
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(QueryRule::parse);
        Ok(Self { segments, rest, query: query.collect::<Result<_, _>>()? })
    }

    /// The names of the path's parameters in order, the rest aside.
    pub(crate) fn parameters(&self) -> Vec<Arc<str>> {
        let names = self.segments.iter().flat_map(|segment| match segment {
            Segment::Literal(_) => Vec::new(),
            Segment::Parameter(name) => vec![Arc::clone(name)],
            Segment::Pattern(pattern) => pattern.parts.iter().map(|(name, _)| Arc::clone(name)).collect(),
        });
        names.collect()
    }
}

impl Segment {
    fn parse(text: &str) -> Result<Self, String> {
        let mut head = String::new();
        let mut parts: Vec<(Arc<str>, String)> = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("`{text}` has a `{{` without its `}}`"))?;
            if name.is_empty() {
                return Err(format!("`{text}` has a parameter without a name"));
            }
            match parts.last_mut() {
                None => fold(before, &mut head),
                Some(_) if before.is_empty() => return Err(format!("`{text}` needs text between its parameters")),
                Some((_, behind)) => fold(before, behind),
            }
            parts.push((name.into(), String::new()));
            rest = after;
        }
        if rest.contains('}') {
            return Err(format!("`{text}` has a `}}` without its `{{`"));
        }
        match parts.last_mut() {
            None => fold(rest, &mut head),
            Some((_, behind)) => fold(rest, behind),
        }
        Ok(match parts.as_slice() {
            [] => Self::Literal(head),
            [(name, behind)] if head.is_empty() && behind.is_empty() => Self::Parameter(Arc::clone(name)),
            _ => Self::Pattern(Pattern { head, parts }),
        })
    }
}

impl Pattern {
    /// The values of the parameters, in order, if `value` (a decoded segment) fits. Each parameter takes as little as it
    /// can, and at least one character.
    pub(crate) fn captures<'v>(&self, value: &'v str) -> Option<Vec<&'v str>> {
        let mut rest = strip(value, &self.head)?;
        let mut captures = Vec::with_capacity(self.parts.len());
        for (at, (_, behind)) in self.parts.iter().enumerate() {
            let last = at + 1 == self.parts.len();
            let end = if last { rest.len().checked_sub(behind.len())? } else { find_past_first(rest, behind)? };
            let (capture, after) = rest.split_at_checked(end)?;
            if capture.is_empty() {
                return None;
            }
            rest = strip(after, behind)?;
            captures.push(capture);
        }
        rest.is_empty().then_some(captures)
    }

    /// How much text it fixes: of two patterns the one with more is tried first.
    pub(crate) fn weight(&self) -> usize {
        self.head.len() + self.parts.iter().map(|(_, behind)| behind.len()).sum::<usize>()
    }

    /// Whether both fit the same values, whatever their parameters are called.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        let texts = |pattern: &Self| pattern.parts.iter().map(|(_, behind)| behind.clone()).collect::<Vec<_>>();
        self.head == other.head && texts(self) == texts(other)
    }
}

impl QueryRule {
    fn parse(pair: &str) -> Result<Self, String> {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let parameter = value.strip_prefix('{').and_then(|value| value.strip_suffix('}'));
        if name.is_empty() || parameter.is_some_and(str::is_empty) {
            return Err(format!("`{pair}` has no name"));
        }
        let value =
            parameter.map_or_else(|| QueryValue::Literal(value.to_owned()), |name| QueryValue::Parameter(name.into()));
        Ok(Self { name: name.to_owned(), value })
    }
}

/// The name under which a wildcard segment matches: `*` itself, or that of `{*name}`.
fn wildcard(segment: &str) -> Option<&str> {
    match segment {
        "*" => Some("*"),
        _ => segment.strip_prefix("{*")?.strip_suffix('}').filter(|name| !name.is_empty()),
    }
}

/// The query starts at the first `?` outside of braces.
fn split_query(text: &str) -> (&str, &str) {
    let mut depth = 0_usize;
    for (at, char) in text.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '?' if depth == 0 => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    (text, "")
}

fn split_path(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(move |_| !path.is_empty())
}

/// What follows `prefix` (in lower case) in `text`.
fn strip<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    same(start, prefix).then_some(rest)
}

/// Where `needle` (in lower case) first stands in `text`, past its first character.
fn find_past_first(text: &str, needle: &str) -> Option<usize> {
    let starts = text.char_indices().skip(1).map(|(at, _)| at);
    starts.into_iter().find(|at| text.get(*at..at + needle.len()).is_some_and(|found| same(found, needle)))
}

fn same(text: &str, folded: &str) -> bool {
    text.eq_ignore_ascii_case(folded) || text.to_lowercase() == folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_template_is_taken_apart() {
        let template = Template::parse("/Orders/{id}/x{a}-{b}.JSON/{*tail}?kind={k}&fixed=1").unwrap();
        assert_eq!(template.segments[0], Segment::Literal("orders".into()));
        assert_eq!(template.segments[1], Segment::Parameter("id".into()));
        let Segment::Pattern(pattern) = &template.segments[2] else { panic!("a pattern") };
        assert_eq!(pattern.captures("X1-2-3.json"), Some(vec!["1", "2-3"]));
        assert_eq!(pattern.captures("x-2.json"), None);
        assert_eq!(pattern.captures("x1-.json"), None);
        assert_eq!(template.rest.as_deref(), Some("tail"));
        assert_eq!(template.parameters(), ["id".into(), "a".into(), "b".into()]);
        assert_eq!(template.query[0].value, QueryValue::Parameter("k".into()));
        assert_eq!(template.query[1].value, QueryValue::Literal("1".into()));
        assert_eq!(Template::parse("/*").unwrap().rest.as_deref(), Some("*"));
        assert_eq!(Template::parse("").unwrap(), Template::parse("/").unwrap());
    }

    #[test]
    fn broken_templates_are_named() {
        for text in ["/{a", "/a}", "/{}", "/{a}{b}", "/{*a}/b", "?={a}", "?a={}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_template_and_no_value_make_it_panic(
            template in "(\\{|\\}|/|\\*|\\?|=|&|[a-z]|É|ß|%41){0,20}", value in "([a-z]|É|ß|-|\\PC){0,10}",
        ) {
            if let Ok(template) = Template::parse(&template) {
                for segment in &template.segments {
                    if let Segment::Pattern(pattern) = segment {
                        let _ = pattern.captures(&value);
                    }
                }
            }
        }

        #[test]
        fn a_pattern_finds_its_values(a in "[a-z]{1,5}", b in "[a-z.]{1,5}") {
            let template = Template::parse("/p{a}-{b}.json").unwrap();
            let Segment::Pattern(pattern) = &template.segments[0] else { panic!("a pattern") };
            let value = format!("P{a}-{b}.Json");
            prop_assert_eq!(pattern.captures(&value), Some(vec![a.as_str(), b.as_str()]));
        }
    }
}
