//! `cosmosdb-data-source`: the document of a GraphQL resolver that asks a Cosmos DB container.

use policy::prelude::*;

const LIQUID: Attr = Attr::optional("template", Kind::OneOf(&["liquid"]), "How the text is to be read.");

const PARTITION_KEY: Child = Child {
    name: "partition-key",
    count: (0, 1),
    attrs: &[
        Attr::or("data-type", Kind::OneOf(&["string", "number", "bool", "none", "null"]), "string", "Its type."),
        LIQUID,
    ],
    content: Content::Text(Kind::Text, true),
    doc: "The partition key.",
    ..Child::BASE
};

const ID: Child =
    Child { name: "id", count: (1, 1), attrs: &[LIQUID], content: Content::Text(Kind::Text, true), doc: "The item's id.", ..Child::BASE };

const ETAG: Child = Child {
    name: "etag",
    count: (0, 1),
    attrs: &[Attr::or("type", Kind::OneOf(&["match", "no-match"]), "match", "Which items are meant."), LIQUID],
    content: Content::Text(Kind::Text, true),
    doc: "The version of the item that is meant.",
    ..Child::BASE
};

const CONSISTENCY: Attr = Attr::optional(
    "consistency-level",
    Kind::OneOf(&["bounded-staleness", "consistent-prefix", "eventual", "session", "strong"]),
    "How fresh the data must be.",
);
const PRE_TRIGGER: Attr = Attr::optional("pre-trigger", Kind::Name, "What runs before.");
const POST_TRIGGER: Attr = Attr::optional("post-trigger", Kind::Name, "What runs behind.");

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "cosmosdb-data-source",
    summary: "Resolves a GraphQL field with items of a Cosmos DB container.",
    notes: "It is the root of a resolver's document. One of `query-request`, `read-request`, `delete-request` and `write-request` says what is done.",
    documents: Documents::RESOLVER,
    children: &[
        Child {
            name: "connection-info",
            count: (1, 1),
            children: &[
                Child {
                    name: "connection-string",
                    count: (1, 1),
                    attrs: &[Attr::or("use-managed-identity", Kind::Bool, "false", "Whether the gateway's identity opens it.")],
                    content: Content::Text(Kind::Text, true),
                    doc: "The connection string.",
                    ..Child::BASE
                },
                Child {
                    name: "database-name",
                    count: (1, 1),
                    content: Content::Text(Kind::Name, true),
                    doc: "The database.",
                    ..Child::BASE
                },
                Child {
                    name: "container-name",
                    count: (1, 1),
                    content: Content::Text(Kind::Name, true),
                    doc: "The container.",
                    ..Child::BASE
                },
            ],
            doc: "How to reach the container.",
            ..Child::BASE
        },
        Child {
            name: "query-request",
            count: (0, 1),
            attrs: &[Attr::optional("enable-low-precision-order-by", Kind::Bool, "Whether order may be less precise.")],
            children: &[
                Child {
                    name: "sql-statement",
                    count: (1, 1),
                    content: Content::Text(Kind::Text, true),
                    doc: "The query.",
                    ..Child::BASE
                },
                Child {
                    name: "parameters",
                    count: (0, 1),
                    children: &[Child {
                        name: "parameter",
                        attrs: &[Attr::required("name", Kind::Name, "Its name, with `@`.")],
                        content: Content::Text(Kind::Text, true),
                        doc: "A parameter of the query.",
                        ..Child::BASE
                    }],
                    doc: "The parameters of the query.",
                    ..Child::BASE
                },
                PARTITION_KEY,
                Child {
                    name: "paging",
                    count: (0, 1),
                    children: &[
                        Child {
                            name: "max-item-count",
                            count: (0, 1),
                            attrs: &[LIQUID],
                            content: Content::Text(Kind::Text, true),
                            doc: "The most items of a page.",
                            ..Child::BASE
                        },
                        Child {
                            name: "continuation-token",
                            count: (0, 1),
                            attrs: &[LIQUID],
                            content: Content::Text(Kind::Text, true),
                            doc: "Where the page begins.",
                            ..Child::BASE
                        },
                    ],
                    doc: "The page that is wanted.",
                    ..Child::BASE
                },
            ],
            doc: "Asks for items.",
            ..Child::BASE
        },
        Child {
            name: "read-request",
            count: (0, 1),
            attrs: &[CONSISTENCY, PRE_TRIGGER, POST_TRIGGER],
            children: &[ID, PARTITION_KEY, ETAG],
            doc: "Reads an item.",
            ..Child::BASE
        },
        Child {
            name: "delete-request",
            count: (0, 1),
            attrs: &[CONSISTENCY, PRE_TRIGGER, POST_TRIGGER],
            children: &[ID, PARTITION_KEY, ETAG],
            doc: "Deletes an item.",
            ..Child::BASE
        },
        Child {
            name: "write-request",
            count: (0, 1),
            attrs: &[
                Attr::or("type", Kind::OneOf(&["insert", "replace", "upsert"]), "upsert", "How it is written."),
                CONSISTENCY,
                Attr::or("indexing-directive", Kind::OneOf(&["default", "include", "exclude"]), "default", "Whether it is indexed."),
                PRE_TRIGGER,
                POST_TRIGGER,
            ],
            content: Content::Only(&["set-body"]),
            children: &[Child { count: (0, 1), ..ID }, PARTITION_KEY, ETAG],
            doc: "Writes an item.",
        },
        Child {
            name: "response",
            count: (0, 1),
            content: Content::Only(&["set-body", "publish-event"]),
            doc: "What becomes of the result.",
            ..Child::BASE
        },
    ],
    examples: &[Example {
        title: "Read an item",
        policy: "<cosmosdb-data-source>\n  <connection-info>\n    \
                 <connection-string use-managed-identity=\"true\">AccountEndpoint=https://cosmos.example:443/;</connection-string>\n    \
                 <database-name>shop</database-name>\n    <container-name>orders</container-name>\n  </connection-info>\n  \
                 <read-request>\n    <id>7</id>\n    <partition-key data-type=\"number\">1</partition-key>\n  </read-request>\n\
                 </cosmosdb-data-source>",
        ..Example::BASE
    }],
    ..PolicyDef::NOT_YET
};
