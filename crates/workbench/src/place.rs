//! What a file is, by its path: whose document, or which fragment.

use policy::Scope;

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A policy document; the scope, if the path says so.
    Policies(Option<Scope>),
    /// The fragment of this id.
    Fragment(String),
}

/// The scope of this name.
pub fn scope(word: &str) -> Option<Scope> {
    const NAMES: &[(Scope, &[&str])] = &[
        (Scope::Global, &["global", "service", "tenant", "all"]),
        (Scope::Workspace, &["workspace", "workspaces"]),
        (Scope::Product, &["product", "products"]),
        (Scope::Api, &["api", "apis"]),
        (Scope::Operation, &["operation", "operations"]),
    ];
    let word = word.to_ascii_lowercase();
    NAMES.iter().find(|(_, names)| names.contains(&word.as_str())).map(|(scope, _)| *scope)
}

/// What the file at `path` holds. Folders are read as extractors write them (`apis/orders/operations/get/policy.xml`,
/// `policy fragments/greeting/policy.xml`), and so are names (`orders.api.xml`, `global.xml`, `greeting.fragment.xml`).
pub fn kind_of(path: &str, is_fragment: bool) -> Kind {
    let path = path.replace('\\', "/");
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty() && *segment != ".").collect();
    let (file, folders) = segments.split_last().map_or(("", &[][..]), |(file, folders)| (*file, folders));
    let stem = stem(file);
    if is_fragment {
        let folder = folders.last().copied().unwrap_or_default();
        let named_by_folder = stem.eq_ignore_ascii_case("policy") && !folder.is_empty();
        return Kind::Fragment(if named_by_folder { folder.to_owned() } else { stem.to_owned() });
    }
    // `orders.api.xml`, `api-orders.xml`: the first or the last word of the name.
    let words: Vec<&str> = stem.split(['.', '-', '_', ' ']).filter(|word| *word != "policy").collect();
    let of_name = words.last().and_then(|word| scope(word)).or_else(|| words.first().and_then(|word| scope(word)));
    // `policy.xml` right below no such folder is nobody's: it may be the service's own, or a loose file.
    let of_folders = folders.iter().rev().find_map(|folder| scope(folder).filter(|_| is_plural(folder)));
    Kind::Policies(of_name.or(of_folders))
}

fn is_plural(folder: &str) -> bool {
    folder.to_ascii_lowercase().ends_with('s')
}

/// The name without what says that it is a policy.
fn stem(file: &str) -> &str {
    let lower = file.to_ascii_lowercase();
    let ends = [".policy.xml", ".fragment.xml", "-fragment.xml", ".rawxml", ".xml", ".policy"];
    let end = ends.iter().find(|end| lower.ends_with(**end)).map_or(0, |end| end.len());
    file.get(..file.len() - end).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_follow_from_folders_and_names() {
        let of = |path: &str| match kind_of(path, false) {
            Kind::Policies(scope) => scope.map(Scope::word),
            Kind::Fragment(_) => None,
        };
        assert_eq!(of("apis/orders/policy.xml"), Some("api"));
        assert_eq!(of("apis/orders/operations/get/policy.xml"), Some("operation"));
        assert_eq!(of("products/starter/policy.xml"), Some("product"));
        assert_eq!(of("workspaces/a/policy.xml"), Some("workspace"));
        assert_eq!(of("src/orders.api.xml"), Some("api"));
        assert_eq!(of("global.policy.xml"), Some("global"));
        assert_eq!(of("examples/Back-end API redundancy.policy.xml"), None);
    }

    #[test]
    fn a_fragment_is_named_by_its_file_or_its_folder() {
        assert_eq!(kind_of("policy fragments/greeting/policy.xml", true), Kind::Fragment("greeting".into()));
        assert_eq!(kind_of("fragments/greeting.xml", true), Kind::Fragment("greeting".into()));
        assert_eq!(kind_of("greeting.fragment.xml", true), Kind::Fragment("greeting".into()));
    }
}
