//! `llm-semantic-cache-store`: keeps the answer to a prompt for prompts that mean the same.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "llm-semantic-cache-store",
    aliases: &["azure-openai-semantic-cache-store"],
    summary: "Keeps the answer to a prompt for prompts that mean the same.",
    notes: "It never fails the call.",
    sections: Sections::OUTBOUND,
    scopes: Scopes::NO_WORKSPACE,
    once: Once::PerSection,
    attrs: &[
        Attr::required("duration", Kind::Int(1, i64::MAX), "How many seconds it is kept.").expr(),
        Attr::or("cache-response", Kind::Bool, "false", "Whether this answer is kept, whatever its headers say.").expr(),
    ],
    examples: &[Example {
        title: "For a minute",
        section: Section::Outbound,
        policy: r#"<llm-semantic-cache-store duration="60" />"#,
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
