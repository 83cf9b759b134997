//! `llm-content-safety`: asks a content safety service about prompts and completions.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "llm-content-safety",
    summary: "Refuses prompts and completions that a content safety service finds harmful.",
    notes: "Text goes to the backend in windows. A violation is answered with 403; a stream of completions is cut.",
    sections: Sections::INBOUND.or(Sections::OUTBOUND),
    scopes: Scopes::NO_OPERATION,
    attrs: &[
        Attr::required("backend-id", Kind::Name, "The backend of the content safety service.").expr(),
        Attr::or("shield-prompt", Kind::Bool, "false", "Whether prompts are checked for attacks on the model.").expr(),
        Attr::or("enforce-on-completions", Kind::Bool, "false", "Whether completions are checked, too.").expr(),
        Attr::or("window-size", Kind::Int(1, 10_000), "1000", "How many characters of a completion are checked at a time.").expr(),
        Attr::optional("window-overlap-size", Kind::Int(0, 10_000), "How many characters two windows share.").expr(),
    ],
    children: &[
        Child {
            name: "categories",
            count: (0, 1),
            attrs: &[Attr::or(
                "output-type",
                Kind::OneOf(&["FourSeverityLevels", "EightSeverityLevels"]),
                "FourSeverityLevels",
                "How finely harm is graded.",
            )
            .expr()],
            children: &[Child {
                name: "category",
                attrs: &[
                    Attr::required("name", Kind::OneOf(&["Hate", "SelfHarm", "Sexual", "Violence"]), "The kind of harm.").expr(),
                    Attr::required("threshold", Kind::Int(0, 7), "The severity from which on it is refused.").expr(),
                ],
                doc: "A kind of harm that is refused.",
                ..Child::BASE
            }],
            doc: "The kinds of harm that are looked for.",
            ..Child::BASE
        },
        Child {
            name: "blocklists",
            count: (0, 1),
            children: &[Child::texts("id", Kind::Name, "The id of a blocklist.")],
            doc: "Lists of words that are refused.",
            ..Child::BASE
        },
    ],
    examples: &[Example {
        title: "Refuse hate",
        policy: "<llm-content-safety backend-id=\"safety\" shield-prompt=\"true\">\n  <categories output-type=\"EightSeverityLevels\">\n    \
                 <category name=\"Hate\" threshold=\"4\" />\n  </categories>\n  <blocklists>\n    <id>names</id>\n  </blocklists>\n\
                 </llm-content-safety>",
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
