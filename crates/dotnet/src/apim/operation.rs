//! `context.Operation`.

use csharp::{
    host::Text,
    surface::{Kind, TypeDef, reads},
};

use super::text;

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.IOperation",
    kind: Kind::Interface,
    members: &[
        reads("string Id { get; }", |cx, _| text(cx, Text::OperationId), "Its id."),
        reads("string Method { get; }", |cx, _| text(cx, Text::OperationMethod), "Its HTTP method."),
        reads("string Name { get; }", |cx, _| text(cx, Text::OperationName), "Its display name."),
        reads("string UrlTemplate { get; }", |cx, _| text(cx, Text::OperationUrlTemplate), "Its URL template."),
    ],
    doc: "The operation that the request means.",
    ..TypeDef::CLASS
};
