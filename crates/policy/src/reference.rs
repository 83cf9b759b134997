//! The manual of policies, written from their definitions.

use std::fmt::Write as _;

use crate::{Attr, Catalogue, Child, Content, Documents, Need, Once, PolicyDef, Section, Sections};

/// The reference as Markdown. The same catalogue always gives the same text.
pub fn reference(catalogue: &Catalogue) -> String {
    let mut page = String::from(
        "# Policies\n\nThis page is generated from the catalogue (`cargo xtask gen`); every example on it is a test.\n",
    );
    for def in catalogue.policies() {
        page.push_str(&entry(def));
    }
    let gaps = catalogue.gaps();
    if !gaps.is_empty() {
        page.push_str("\n## Known, and not run yet\n\nA document that holds one of these is refused with a message that says so.\n\n");
        for name in gaps {
            let _ = writeln!(page, "- `{name}`");
        }
    }
    page
}

fn entry(def: &PolicyDef) -> String {
    let mut text = format!("\n## `{}`\n\n{}\n", def.name, def.summary);
    if !def.runs {
        text.push_str("\n**Tollgate knows and checks it, and cannot run it yet**: a document that holds it is refused, or its requests are answered with 501.\n");
    }
    if !def.notes.is_empty() {
        let _ = writeln!(text, "\n{}", def.notes);
    }
    if !def.aliases.is_empty() {
        let _ = writeln!(text, "\nAlso written: {}.", quoted(def.aliases));
    }
    if def.documents == Documents::RESOLVER {
        text.push_str("\n- In the documents of GraphQL resolvers only\n");
    } else {
        let _ = writeln!(text, "\n- Sections: {}{}", def.sections.words(), beyond(def.also));
        let _ = writeln!(text, "- Scopes: {}", def.scopes.words());
    }
    match def.once {
        Once::Never => {}
        Once::PerSection => text.push_str("- Once per section\n"),
        Once::PerDocument => text.push_str("- Once per document\n"),
    }
    text.push_str(&holds(def.content));
    text.push_str(&attributes(def.attrs));
    children(&mut text, def.children, 0);
    for example in def.examples {
        let _ = write!(text, "\n### {}\n\n```xml\n{}\n```\n", example.title, example.policy.trim());
        let place = if example.section == Section::Inbound { "" } else { example.section.word() };
        if !place.is_empty() && !example.policy.trim_start().starts_with("<policies") {
            let _ = writeln!(text, "\nIn `{place}`.");
        }
        if example.then.is_empty() {
            continue;
        }
        let _ = write!(text, "\n```http\n{}\n```\n", example.given.trim());
        if example.repeat > 1 {
            let _ = writeln!(text, "\nSent {} times. At last:", example.repeat);
        }
        if !example.backend.is_empty() {
            let _ = write!(text, "\nThe backend answers\n\n```http\n{}\n```\n", example.backend.trim());
        }
        let whom = if example.then.starts_with("HTTP/") { "The client gets" } else { "The backend gets" };
        let _ = write!(text, "\n{whom}\n\n```http\n{}\n```\n", example.then.trim());
    }
    text
}

fn beyond(sections: Sections) -> String {
    if sections == Sections::NONE { String::new() } else { format!(" (accepted besides: {})", sections.words()) }
}

fn holds(content: Content) -> String {
    match content {
        Content::Nothing => String::new(),
        Content::Text(kind, true) => format!("- Text: {}, or an expression\n", kind.word()),
        Content::Text(kind, false) => format!("- Text: {}\n", kind.word()),
        Content::Policies => "- Holds policies\n".into(),
        Content::Only(names) => format!("- Holds {}\n", quoted(names)),
        Content::Verbatim => "- Holds text, an expression, or XML as it is\n".into(),
    }
}

fn attributes(attrs: &[Attr]) -> String {
    if attrs.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n| Attribute | Value | Default | Expression | |\n|---|---|---|---|---|\n");
    for attr in attrs {
        let default = match attr.need {
            Need::Required => "required".to_owned(),
            Need::Optional => String::new(),
            Need::Or(default) => format!("`{default}`"),
        };
        let expr = if attr.expr { "yes" } else { "no" };
        let _ = writeln!(text, "| `{}` | {} | {default} | {expr} | {} |", attr.name, attr.kind.word(), attr.doc);
    }
    text
}

fn children(text: &mut String, children: &[Child], depth: usize) {
    if depth == 0 && !children.is_empty() {
        text.push_str("\nChildren:\n\n");
    }
    for child in children {
        let count = match child.count {
            (1, 1) => "one",
            (0, 1) => "at most one",
            (1, _) => "one or more",
            _ => "any number",
        };
        let attrs: Vec<_> = child.attrs.iter().map(|attr| attr.name).collect();
        let attrs = if attrs.is_empty() { String::new() } else { format!(" ({})", quoted(&attrs)) };
        let _ = writeln!(text, "{}- `{}`, {count}{attrs}: {}", "  ".repeat(depth), child.name, child.doc);
        self::children(text, child.children, depth + 1);
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
