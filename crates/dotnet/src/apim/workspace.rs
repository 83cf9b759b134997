//! `context.Workspace`.

use csharp::{
    host::Text,
    surface::{Kind, TypeDef, reads},
};

use super::text;

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.IWorkspace",
    kind: Kind::Interface,
    members: &[
        reads("string Id { get; }", |cx, _| text(cx, Text::WorkspaceId), "Its id."),
        reads("string Name { get; }", |cx, _| text(cx, Text::WorkspaceName), "Its name."),
    ],
    doc: "The workspace of the API.",
    ..TypeDef::CLASS
};
