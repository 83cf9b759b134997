//! `JsonLoadSettings`, `JsonMergeSettings`, `JsonSerializerSettings`.

use std::cell::RefCell;

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    surface::{TypeDef, acts, pure, reads},
    value::Object,
};
use json::{ArrayMerge, Comments, Load, MergeSettings};

use super::{foreign, write};

/// A setting whose values are those of one enum.
macro_rules! setting {
    ($signature:literal, $name:literal, $default:literal, $doc:literal) => {
        reads($signature, |cx, args| get(cx, &args, $name, $default), $doc).with_set(|_, args| set(args, $name))
    };
}

pub(super) static LOAD: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.JsonLoadSettings",
    members: &[
        pure("JsonLoadSettings()", new, "The defaults."),
        setting!(
            "CommentHandling CommentHandling { get; }",
            "Newtonsoft.Json.Linq.CommentHandling",
            0,
            "Whether comments become tokens."
        ),
        setting!(
            "LineInfoHandling LineInfoHandling { get; }",
            "Newtonsoft.Json.Linq.LineInfoHandling",
            1,
            "Without effect: lines are not kept."
        ),
    ],
    doc: "How JSON is read.",
    ..TypeDef::CLASS
};

pub(super) static MERGE: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.JsonMergeSettings",
    members: &[
        pure("JsonMergeSettings()", new, "The defaults."),
        setting!(
            "MergeArrayHandling MergeArrayHandling { get; }",
            "Newtonsoft.Json.Linq.MergeArrayHandling",
            0,
            "How arrays are merged."
        ),
        setting!(
            "MergeNullValueHandling MergeNullValueHandling { get; }",
            "Newtonsoft.Json.Linq.MergeNullValueHandling",
            0,
            "Whether null replaces a value."
        ),
        setting!(
            "StringComparison PropertyNameComparison { get; }",
            "System.StringComparison",
            4,
            "How names are compared."
        ),
    ],
    doc: "How containers are merged.",
    ..TypeDef::CLASS
};

pub(super) static SERIALIZER: TypeDef = TypeDef {
    name: "Newtonsoft.Json.JsonSerializerSettings",
    members: &[
        pure("JsonSerializerSettings()", new, "The defaults."),
        setting!(
            "NullValueHandling NullValueHandling { get; }",
            "Newtonsoft.Json.NullValueHandling",
            0,
            "Whether properties that are null are written."
        ),
        setting!("Formatting Formatting { get; }", "Newtonsoft.Json.Formatting", 0, "On one line or on many."),
        setting!(
            "DateParseHandling DateParseHandling { get; }",
            "Newtonsoft.Json.DateParseHandling",
            1,
            "What becomes of texts that look like dates."
        ),
        acts(
            "int MaxDepth { get; }",
            |_, _| Ok(Value::Int(json::MAX_DEPTH as i32)),
            "How deep JSON may nest when it is read.",
        ),
    ],
    doc: "How objects are written as JSON and read from it.",
    ..TypeDef::CLASS
};

/// Settings of one of the classes: what was set, each by the name of its enum.
struct Settings {
    def: &'static TypeDef,
    set: RefCell<Vec<(&'static str, Value)>>,
}

impl Object for Settings {
    fn ty(&self) -> Ty {
        Ty::named(self.def)
    }
}

fn new(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::object(Settings { def: args.created(), set: RefCell::default() }))
}

fn stored(value: &Value, name: &str) -> Option<Value> {
    let settings = value.downcast::<Settings>()?;
    settings.set.borrow().iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
}

fn number(value: &Value, name: &str, default: u64) -> u64 {
    match stored(value, name) {
        Some(Value::Word(_, value)) => value,
        _ => default,
    }
}

fn get(cx: &Cx<'_>, args: &Args<'_>, name: &str, default: u64) -> Result<Value> {
    Ok(stored(args.value(0), name).unwrap_or_else(|| foreign::word(cx, name, default)))
}

fn set(mut args: Args<'_>, name: &'static str) -> Result<Value> {
    let value = args.take(1);
    args.this::<Settings>()?.set.borrow_mut().push((name, value));
    Ok(Value::Null)
}

/// How to read; null means the defaults.
pub(super) fn load(settings: &Value) -> Load {
    let comments = if number(settings, "Newtonsoft.Json.Linq.CommentHandling", 0) == 1 {
        Comments::Load
    } else {
        Comments::Ignore
    };
    Load { comments, ..Load::default() }
}

/// How to merge; null means the defaults.
pub(super) fn merge(settings: &Value) -> MergeSettings {
    MergeSettings {
        arrays: match number(settings, "Newtonsoft.Json.Linq.MergeArrayHandling", 0) {
            0 => ArrayMerge::Concat,
            1 => ArrayMerge::Union,
            2 => ArrayMerge::Replace,
            _ => ArrayMerge::Merge,
        },
        nulls: number(settings, "Newtonsoft.Json.Linq.MergeNullValueHandling", 0) == 1,
        ignore_case: number(settings, "System.StringComparison", 4) % 2 == 1,
    }
}

/// How to write; null means the defaults.
pub(super) fn write(settings: &Value) -> (write::Options, json::Formatting) {
    let formatting = match number(settings, "Newtonsoft.Json.Formatting", 0) {
        0 => json::Formatting::None,
        _ => json::Formatting::Indented,
    };
    (write::Options { skip_nulls: number(settings, "Newtonsoft.Json.NullValueHandling", 0) == 1 }, formatting)
}

/// Whether texts that look like dates become dates.
pub(super) fn reads_dates(settings: &Value) -> Result<bool> {
    match number(settings, "Newtonsoft.Json.DateParseHandling", 1) {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(exception::not_supported("DateParseHandling.DateTimeOffset is not supported.")),
    }
}
