//! What every table of policies keeps to. Each crate of policies checks itself with [`check_catalogue`].

use std::collections::BTreeSet;

use crate::{Attr, Child, Content, PolicyDef};

/// Registers policies: `policies! { cors, set_header }` writes the `mod` lines and the table `CATALOGUE`.
#[macro_export]
macro_rules! policies {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*
        /// The policies of this crate, in the order of their names.
        pub static CATALOGUE: &[&$crate::PolicyDef] = &[$(&$module::DEF),*];
    };
}

/// Panics if a table breaks a law: sorted, unique, documented, exemplified, and in the crate's `src` one file for each
/// policy and nothing else. For tests; `manifest_dir` is the crate's folder.
pub fn check_catalogue(catalogue: &[&'static PolicyDef], manifest_dir: &str) {
    let names: Vec<_> = catalogue.iter().map(|def| def.name).collect();
    let sorted: BTreeSet<_> = names.iter().copied().collect();
    assert!(
        sorted.iter().copied().eq(names.iter().copied()),
        "the table is not sorted, or a name is in it twice: {names:?}"
    );

    let expected: BTreeSet<_> = names.iter().map(|name| name.replace('-', "_")).collect();
    assert_eq!(expected, modules(manifest_dir), "one file for each policy, and nothing else");

    for def in catalogue {
        let name = def.name;
        assert!(is_sentence(def.summary), "{name}: the summary is no sentence: {:?}", def.summary);
        assert!(!def.examples.is_empty(), "{name} has no example");
        for example in def.examples {
            let says = !example.title.is_empty() && (!def.runs || !example.then.is_empty());
            assert!(says, "{name}: an example says too little");
        }
        check_attrs(name, def.attrs);
        check_children(name, def.content, def.children);
    }
}

/// The files in `src`, without `lib.rs`.
fn modules(manifest_dir: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(format!("{manifest_dir}/src")).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter_map(|name| name.strip_suffix(".rs").map(str::to_owned)).filter(|name| name != "lib").collect()
}

fn check_attrs(owner: &str, attrs: &[Attr]) {
    let names: BTreeSet<_> = attrs.iter().map(|attr| attr.name).collect();
    assert_eq!(names.len(), attrs.len(), "{owner}: an attribute is there twice");
    for attr in attrs {
        assert!(is_sentence(attr.doc), "{owner}/@{}: the documentation is no sentence: {:?}", attr.name, attr.doc);
        if let crate::Need::Or(default) = attr.need {
            assert_eq!(attr.kind.check(default), Ok(()), "{owner}/@{}: the default is no such value", attr.name);
        }
    }
}

fn check_children(owner: &str, content: Content, children: &[Child]) {
    assert!(children.is_empty() || content != Content::Verbatim, "{owner}: verbatim content has no children");
    for child in children {
        assert!(is_sentence(child.doc), "{owner}/{}: the documentation is no sentence: {:?}", child.name, child.doc);
        check_attrs(child.name, child.attrs);
        check_children(child.name, child.content, child.children);
    }
}

fn is_sentence(text: &str) -> bool {
    text.ends_with('.') && text.starts_with(|first: char| first.is_uppercase() || first == '`')
}
