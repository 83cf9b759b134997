//! `context.GraphQL`: what a resolver is asked for. It is null outside of resolvers, which is everywhere until the
//! gateway runs some; policies that name it compile, and may ask whether it is there.

use csharp::{
    Value, exception,
    surface::{Kind, TypeDef, reads},
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.IGraphQL",
    kind: Kind::Interface,
    members: &[
        reads("IGraphQLDataObject Arguments { get; }", |_, _| Ok(Value::Null), "The arguments of the field."),
        reads(
            "IGraphQLDataObject GraphQLArguments { get; }",
            |_, _| Ok(Value::Null),
            "The arguments of the field, under the name that the reference has for them.",
        ),
        reads("IGraphQLDataObject Parent { get; }", |_, _| Ok(Value::Null), "The object that the field belongs to."),
    ],
    doc: "What a resolver is asked for.",
    ..TypeDef::CLASS
};

pub(crate) static DATA: TypeDef = TypeDef {
    name: "PolicyExpressions.IGraphQLDataObject",
    kind: Kind::Interface,
    members: &[reads(
        "JToken this[string key] { get; }",
        |_, _| Err(exception::not_supported("There is no resolver here.")),
        "A field or argument.",
    )],
    doc: "Data of a GraphQL query.",
    ..TypeDef::CLASS
};
