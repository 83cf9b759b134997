//! The operations of the management API as its specification lists them, and how a path finds its own.

use std::sync::LazyLock;

use crate::{Action, Method, NAMESPACE};

/// One operation of `Microsoft.ApiManagement`, version 2024-05-01.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// The verb.
    pub method: Method,
    /// The path with its parameters in braces.
    pub path: &'static str,
    /// The specification's name: `Api_CreateOrUpdate`.
    pub name: &'static str,
    /// The status codes that mean success.
    pub success: Vec<u16>,
    /// Whether it may go on after the answer.
    pub long_running: bool,
    /// Whether the answer carries an ETag.
    pub etag: bool,
    /// Whether the specification requires `If-Match`.
    pub requires_match: bool,
    /// Whether the answer is a page of a list.
    pub paged: bool,
    /// The lower-cased type path after the provider, verb of a POST included: `service/apis`,
    /// `service/namedvalues/listvalue`.
    pub kind: String,
    /// Whether the path ends in the name of one resource, and not in a type or an action.
    pub names_one: bool,
}

impl Operation {
    /// The right that a caller needs.
    pub fn action(&self) -> Action {
        let provider = self.segments().skip_while(|segment| !segment.eq_ignore_ascii_case(NAMESPACE)).skip(1);
        let types: Vec<&str> = provider.filter(|segment| !segment.starts_with('{')).collect();
        Action::of(self.method, &format!("{NAMESPACE}/{}", types.join("/")))
    }

    fn segments(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.path.split('/').skip(1)
    }
}

/// Every operation of the specification. Where two share verb and path (`GET apis/{apiId}` reads or exports), the
/// plain one comes last.
pub static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let lines = include_str!("../data/operations.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(read).collect()
});

/// What a path means under a verb.
#[derive(Debug)]
pub enum Matched {
    /// This operation.
    One(&'static Operation),
    /// The path has operations, of other verbs only.
    OtherVerbs(Vec<Method>),
    /// No operation has such a path.
    Nothing,
}

/// Finds the operation of a decoded path. Literal segments compare without case and win over parameters.
pub fn find(method: Method, path: &[&str]) -> Matched {
    let mut best: Option<(usize, &'static Operation)> = None;
    let mut others = Vec::new();
    for operation in OPERATIONS.iter() {
        let Some(literals) = literals(operation, path) else { continue };
        if operation.method != method {
            others.push(operation.method);
        } else if best.is_none_or(|(most, _)| literals >= most) {
            best = Some((literals, operation));
        }
    }
    match best {
        Some((_, operation)) => Matched::One(operation),
        None if others.is_empty() => Matched::Nothing,
        None => {
            others.sort();
            others.dedup();
            Matched::OtherVerbs(others)
        }
    }
}

/// How many literal segments match, if all do.
fn literals(operation: &Operation, path: &[&str]) -> Option<usize> {
    let mut given = path.iter();
    let mut literals = 0;
    for segment in operation.segments() {
        let given = given.next()?;
        if !segment.starts_with('{') {
            if !segment.eq_ignore_ascii_case(given) {
                return None;
            }
            literals += 1;
        }
    }
    given.next().is_none().then_some(literals)
}

fn read(line: &'static str) -> Option<Operation> {
    let mut columns = line.split('\t');
    let (path, method, name) = (columns.next()?, Method::parse(columns.next()?)?, columns.next()?);
    let success = columns.next()?.split(',').filter_map(|code| code.parse().ok()).collect();
    let flags = columns.next()?;
    let types = path.split('/').skip(1).skip_while(|segment| *segment != NAMESPACE).skip(1);
    let kind: Vec<String> = types.filter(|segment| !segment.starts_with('{')).map(str::to_lowercase).collect();
    Some(Operation {
        method,
        path,
        name,
        success,
        long_running: flags.contains('L'),
        etag: flags.contains('E'),
        requires_match: flags.contains('M'),
        paged: flags.contains('P'),
        kind: kind.join("/"),
        names_one: path.ends_with('}'),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: &str = "subscriptions/s/resourcegroups/g/providers/microsoft.apimanagement/service/n";

    fn name(method: Method, rest: &str) -> Option<&'static str> {
        let path = format!("{SERVICE}{rest}");
        match find(method, &path.split('/').collect::<Vec<_>>()) {
            Matched::One(operation) => Some(operation.name),
            _ => None,
        }
    }

    #[test]
    fn the_table_is_whole() {
        let lines = include_str!("../data/operations.tsv").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!((OPERATIONS.len(), lines), (613, 613));
    }

    #[test]
    fn a_path_finds_its_operation_whatever_its_case() {
        assert_eq!(name(Method::Put, "/APIS/echo"), Some("Api_CreateOrUpdate"));
        assert_eq!(name(Method::Get, "/apis/echo"), Some("Api_Get"));
        assert_eq!(name(Method::Get, "/apis/echo/wikis/default"), Some("ApiWiki_Get"));
        assert_eq!(name(Method::Post, "/namedvalues/n/listvalue"), Some("NamedValue_ListValue"));
        assert_eq!(name(Method::Post, "/apis/echo"), None);
    }

    #[test]
    fn operations_name_their_action() {
        let find = |name| OPERATIONS.iter().find(|operation| operation.name == name).unwrap();
        assert_eq!(find("Api_CreateOrUpdate").action().0, "Microsoft.ApiManagement/service/apis/write");
        assert_eq!(
            find("NamedValue_ListValue").action().0,
            "Microsoft.ApiManagement/service/namedValues/listValue/action"
        );
        assert_eq!(find("Api_CreateOrUpdate").kind, "service/apis");
        assert_eq!(find("NamedValue_ListValue").kind, "service/namedvalues/listvalue");
    }
}
