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
        reads("string Source { get; }", |cx, _| text(cx, Text::ErrorSource), "The element that failed."),
        reads("string Reason { get; }", |cx, _| text(cx, Text::ErrorReason), "A code for the reason."),
        reads("string Message { get; }", |cx, _| text(cx, Text::ErrorMessage), "What went wrong."),
        reads("string Scope { get; }", |cx, _| text(cx, Text::ErrorScope), "The scope of the document."),
        reads("string Section { get; }", |cx, _| text(cx, Text::ErrorSection), "The section."),
        reads("string Path { get; }", |cx, _| text(cx, Text::ErrorPath), "Where in the document."),
        reads("string PolicyId { get; }", |cx, _| text(cx, Text::ErrorPolicyId), "The id attribute of the element."),
    ],
    doc: "The error being handled.",
    ..TypeDef::CLASS
};
