//! `llm-emit-token-metric`: counts the tokens that a language model used.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "llm-emit-token-metric",
    aliases: &["azure-openai-emit-token-metric"],
    summary: "Emits how many tokens a language model used, with dimensions.",
    notes: "It emits the metrics Total Tokens, Prompt Tokens and Completion Tokens.",
    sections: Sections::INBOUND,
    attrs: &[Attr::or("namespace", Kind::Text, "API Management", "The namespace of the metrics.")],
    children: &[Child {
        name: "dimension",
        count: (0, 5),
        attrs: &[
            Attr::required("name", Kind::Name, "The name of the dimension.").expr(),
            Attr::optional("value", Kind::Text, "Its value; without one that of `context` of the same name.").expr(),
        ],
        doc: "A dimension of the metrics.",
        ..Child::BASE
    }],
    examples: &[Example {
        title: "Tokens by caller",
        policy: "<llm-emit-token-metric namespace=\"llm\">\n  <dimension name=\"Caller\" value=\"@(context.Request.IpAddress)\" />\n  \
                 <dimension name=\"API ID\" />\n</llm-emit-token-metric>",
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
