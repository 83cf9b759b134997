//! `publish-event`: tells the subscribers of a GraphQL subscription what a resolver gave.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "publish-event",
    summary: "Tells the subscribers of GraphQL subscriptions what a resolver gave.",
    documents: Documents::RESOLVER,
    children: &[Child {
        name: "targets",
        count: (1, 1),
        children: &[Child {
            name: "graphql-subscription",
            count: (1, usize::MAX),
            attrs: &[Attr::required("id", Kind::Name, "The subscription's field.")],
            doc: "A subscription.",
            ..Child::BASE
        }],
        doc: "Who is told.",
        ..Child::BASE
    }],
    examples: &[Example {
        title: "Inside of a resolver",
        policy: "<http-data-source>\n  <http-request>\n    <set-method>POST</set-method>\n    \
                 <set-url>https://orders.example/orders</set-url>\n  </http-request>\n  <http-response>\n    <publish-event>\n      \
                 <targets>\n        <graphql-subscription id=\"onOrder\" />\n      </targets>\n    </publish-event>\n  \
                 </http-response>\n</http-data-source>",
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
