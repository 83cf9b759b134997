//! `invoke-dapr-binding`: triggers an output binding through the Dapr sidecar.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "invoke-dapr-binding",
    summary: "Triggers an output binding of Dapr.",
    sections: Sections::INBOUND.or(Sections::OUTBOUND).or(Sections::ON_ERROR),
    scopes: Scopes::NO_WORKSPACE,
    attrs: &[
        Attr::required("name", Kind::Name, "The binding.").expr(),
        Attr::optional("operation", Kind::Name, "The operation of the binding."),
        Attr::or("ignore-error", Kind::Bool, "false", "Whether a failure does not matter."),
        Attr::optional("response-variable-name", Kind::Name, "The variable that gets the answer."),
        Attr::or("timeout", Kind::Int(1, 240), "5", "How many seconds to wait.").expr(),
        Attr::optional("template", Kind::OneOf(&["Liquid"]), "How the text of `data` is to be read."),
        Attr::optional("content-type", Kind::Name, "The content type of the data."),
    ],
    children: &[
        Child {
            name: "metadata",
            count: (0, 1),
            children: &[Child {
                name: "item",
                attrs: &[Attr::required("key", Kind::Name, "Its name.").expr()],
                content: Content::Text(Kind::Text, true),
                doc: "A piece of metadata.",
                ..Child::BASE
            }],
            doc: "What the binding wants to know besides.",
            ..Child::BASE
        },
        Child {
            name: "data",
            count: (0, 1),
            content: Content::Text(Kind::Text, true),
            doc: "What the binding gets.",
            ..Child::BASE
        },
    ],
    examples: &[Example {
        title: "A message",
        policy: "<invoke-dapr-binding name=\"mail\" operation=\"create\">\n  <metadata>\n    \
                 <item key=\"to\">@(context.User.Email)</item>\n  </metadata>\n  <data>hello</data>\n</invoke-dapr-binding>",
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
