//! `http-data-source`: the document of a GraphQL resolver that asks an HTTP service.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "http-data-source",
    summary: "Resolves a GraphQL field with an HTTP request.",
    notes: "It is the root of a resolver's document. `context.GraphQL` has the arguments and the parent.",
    documents: Documents::RESOLVER,
    children: &[
        Child {
            name: "http-request",
            count: (1, 1),
            content: Content::Only(&[
                "get-authorization-context",
                "set-backend-service",
                "set-method",
                "include-fragment",
                "set-header",
                "set-body",
                "authentication-certificate",
            ]),
            children: &[Child {
                name: "set-url",
                count: (1, 1),
                content: Content::Text(Kind::Text, true),
                doc: "Where it goes.",
                ..Child::BASE
            }],
            doc: "The request.",
            ..Child::BASE
        },
        Child {
            name: "backend",
            count: (0, 1),
            content: Content::Only(&["forward-request"]),
            doc: "How it is sent.",
            ..Child::BASE
        },
        Child {
            name: "http-response",
            count: (0, 1),
            content: Content::Only(&["set-body", "xml-to-json", "find-and-replace", "publish-event", "include-fragment"]),
            doc: "What becomes of the answer.",
            ..Child::BASE
        },
    ],
    examples: &[Example {
        title: "A field of a query",
        policy: "<http-data-source>\n  <http-request>\n    <set-method>GET</set-method>\n    \
                 <set-url>https://orders.example/orders</set-url>\n    \
                 <set-header name=\"Accept\" exists-action=\"override\">\n      <value>application/json</value>\n    </set-header>\n  \
                 </http-request>\n</http-data-source>",
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
