//! `context` itself.

use csharp::{
    Value,
    surface::{Kind, TypeDef, acts, reads},
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.IContext",
    kind: Kind::Interface,
    members: &[
        reads("bool Tracing { get; }", |cx, _| Ok(Value::Bool(cx.host.flag(csharp::host::Flag::Tracing))), "Whether the request is traced."),
        acts("void Trace(string message)", |cx, args| {
            cx.trace(args.opt_str(1).cloned().unwrap_or_default());
            Ok(Value::Null)
        }, "Adds a line to the trace."),
    ],
    doc: "The request being handled.",
    ..TypeDef::CLASS
};
