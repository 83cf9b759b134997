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
        reads("string Id { get; }", |cx, _| text(cx, Text::OperationId), "Its id.").asks(|_| Text::OperationId.into()),
        reads("string Method { get; }", |cx, _| text(cx, Text::OperationMethod), "Its HTTP method.")
            .asks(|_| Text::OperationMethod.into()),
        reads("string Name { get; }", |cx, _| text(cx, Text::OperationName), "Its display name.")
            .asks(|_| Text::OperationName.into()),
        reads("string UrlTemplate { get; }", |cx, _| text(cx, Text::OperationUrlTemplate), "Its URL template.")
            .asks(|_| Text::OperationUrlTemplate.into()),
    ],
    doc: "The operation that the request means.",
    ..TypeDef::CLASS
};
