//! `sql-data-source`: the document of a GraphQL resolver that asks a SQL database.

use policy::prelude::*;

const RESPONSE: Child = Child {
    name: "response",
    count: (0, 1),
    content: Content::Only(&["set-body", "publish-event"]),
    doc: "What becomes of the result.",
    ..Child::BASE
};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "sql-data-source",
    summary: "Resolves a GraphQL field with a SQL statement.",
    notes: "It is the root of a resolver's document.",
    documents: Documents::RESOLVER,
    children: &[
        Child {
            name: "connection-info",
            count: (1, 1),
            content: Content::Only(&["authentication-certificate"]),
            children: &[Child {
                name: "connection-string",
                count: (1, 1),
                attrs: &[Attr::or("use-managed-identity", Kind::Bool, "false", "Whether the gateway's identity opens it.").expr()],
                content: Content::Text(Kind::Text, true),
                doc: "The connection string.",
                ..Child::BASE
            }],
            doc: "How to reach the database.",
            ..Child::BASE
        },
        Child {
            name: "include-fragment",
            attrs: &[Attr::required("fragment-id", Kind::Name, "The fragment.")],
            doc: "A fragment.",
            ..Child::BASE
        },
        Child {
            name: "request",
            count: (1, 1),
            attrs: &[Attr::or("single-result", Kind::Bool, "false", "Whether there is one row at most.").expr()],
            content: Content::Only(&["set-body"]),
            children: &[
                Child {
                    name: "sql-statement",
                    count: (1, 1),
                    content: Content::Text(Kind::Text, true),
                    doc: "The statement.",
                    ..Child::BASE
                },
                Child {
                    name: "parameters",
                    count: (0, 1),
                    children: &[Child {
                        name: "parameter",
                        attrs: &[
                            Attr::required("name", Kind::Name, "Its name, with `@`."),
                            Attr::optional("sql-type", Kind::Name, "Its type."),
                        ],
                        content: Content::Text(Kind::Text, true),
                        doc: "A parameter of the statement.",
                        ..Child::BASE
                    }],
                    doc: "The parameters of the statement.",
                    ..Child::BASE
                },
            ],
            doc: "The request.",
        },
        RESPONSE,
    ],
    examples: &[Example {
        title: "One row",
        policy: "<sql-data-source>\n  <connection-info>\n    \
                 <connection-string use-managed-identity=\"true\">Server=sql.example;Database=orders</connection-string>\n  \
                 </connection-info>\n  <request single-result=\"true\">\n    \
                 <sql-statement>SELECT * FROM orders WHERE id = @id</sql-statement>\n    <parameters>\n      \
                 <parameter name=\"@id\">7</parameter>\n    </parameters>\n  </request>\n</sql-data-source>",
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
