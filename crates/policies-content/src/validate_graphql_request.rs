//! `validate-graphql-request`: checks a GraphQL query against the API's schema, its size, its depth and who may ask what.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "validate-graphql-request",
    summary: "Checks a GraphQL request against the API's schema, and authorizes what it asks for.",
    notes: "An invalid request is answered with a GraphQL `errors` block; the errors are also in the variable.",
    sections: Sections::INBOUND,
    scopes: Scopes::NO_OPERATION,
    attrs: &[
        Attr::optional("error-variable-name", Kind::Name, "The variable that gets the errors.").expr(),
        Attr::required("max-size", Kind::Int(1, 102_400), "The most bytes that a request may have.").expr(),
        Attr::or("max-depth", Kind::Int(1, i64::MAX), "6", "How deep its selections may nest.").expr(),
    ],
    children: &[Child {
        name: "authorize",
        count: (0, 1),
        children: &[Child {
            name: "rule",
            attrs: &[
                Attr::required("path", Kind::Name, "`/Type/field`, `/Type`, or `/__*` for introspection."),
                Attr::or("action", Kind::OneOf(&["allow", "remove", "reject", "ignore"]), "allow", "What happens to it.").expr(),
            ],
            doc: "A rule; the most specific path counts.",
            ..Child::BASE
        }],
        doc: "Who may ask for what.",
        ..Child::BASE
    }],
    examples: &[Example {
        title: "No introspection",
        policy: "<validate-graphql-request error-variable-name=\"errors\" max-size=\"10240\" max-depth=\"4\">\n  <authorize>\n    \
                 <rule path=\"/__*\" action=\"reject\" />\n    \
                 <rule path=\"/Mutation/deleteUser\" action=\"@(context.User == null ? &quot;reject&quot; : &quot;allow&quot;)\" />\n  \
                 </authorize>\n</validate-graphql-request>",
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
