//! `context.Backend`.

use csharp::{
    Cx, Result, Value,
    host::Text,
    surface::{EnumDef, Kind, TypeDef, reads},
};

use super::text;

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.IBackend",
    kind: Kind::Interface,
    members: &[
        reads("string Id { get; }", |cx, _| text(cx, Text::BackendId), "Its id."),
        reads("string AzureRegion { get; }", |cx, _| text(cx, Text::BackendRegion), "Its region."),
        reads("BackendType Type { get; }", |cx, _| kind(cx), "One backend or a pool."),
    ],
    doc: "The backend in use.",
    ..TypeDef::CLASS
};

pub(crate) static TYPE: TypeDef = TypeDef {
    name: "PolicyExpressions.BackendType",
    kind: EnumDef::of(&[("Single", 0), ("Pool", 1)]),
    doc: "Kinds of backends.",
    ..TypeDef::CLASS
};

fn kind(cx: &Cx<'_>) -> Result<Value> {
    let is_pool = cx.host.text(Text::BackendType).is_some_and(|text| text == "Pool");
    Ok(Value::enumeration(&TYPE, i64::from(is_pool)))
}
