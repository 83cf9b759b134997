//! `context.LastError`.

use csharp::{
    host::Text,
    surface::{Kind, TypeDef, reads},
};

use super::text;

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.ILastError",
    kind: Kind::Interface,
    members: &[
        reads("string Source { get; }", |cx, _| text(cx, Text::ErrorSource), "The element that failed.")
            .asks(|_| Text::ErrorSource.into()),
        reads("string Reason { get; }", |cx, _| text(cx, Text::ErrorReason), "A code for the reason.")
            .asks(|_| Text::ErrorReason.into()),
        reads("string Message { get; }", |cx, _| text(cx, Text::ErrorMessage), "What went wrong.")
            .asks(|_| Text::ErrorMessage.into()),
        reads("string Scope { get; }", |cx, _| text(cx, Text::ErrorScope), "The scope of the document.")
            .asks(|_| Text::ErrorScope.into()),
        reads("string Section { get; }", |cx, _| text(cx, Text::ErrorSection), "The section.")
            .asks(|_| Text::ErrorSection.into()),
        reads("string Path { get; }", |cx, _| text(cx, Text::ErrorPath), "Where in the document.")
            .asks(|_| Text::ErrorPath.into()),
        reads("string PolicyId { get; }", |cx, _| text(cx, Text::ErrorPolicyId), "The id attribute of the element.")
            .asks(|_| Text::ErrorPolicyId.into()),
    ],
    doc: "The error being handled.",
    ..TypeDef::CLASS
};
