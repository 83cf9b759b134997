//! `System.Object`, `System.ValueType`, `System.Enum` and `System.Type`.

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    surface::{Kind, TypeDef, pure, reads},
    ty::Def,
    value::TypeObject,
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Object",
    members: &[
        pure("Object()", new, "A plain object."),
        reads("string ToString()", to_string, "The object as text."),
        reads("bool Equals(object obj)", equals, "Whether both have the same type and value."),
        reads("int GetHashCode()", hash, "A number that equal objects share."),
        pure("Type GetType()", get_type, "The run-time type."),
        reads("static bool Equals(object objA, object objB)", equals, "Whether both are null or equal."),
        reads("static bool ReferenceEquals(object objA, object objB)", same, "Whether both are one object."),
    ],
    doc: "The base of everything.",
    ..TypeDef::CLASS
};

pub(crate) static VALUE_TYPE: TypeDef =
    TypeDef { name: "System.ValueType", doc: "The base of all value types.", ..TypeDef::CLASS };

pub(crate) static ENUM: TypeDef = TypeDef {
    name: "System.Enum",
    bases: &["IComparable"],
    members: &[
        pure(
            "string ToString(string format)",
            enum_format,
            "The name (`G`, `F`), the number (`D`) or hexadecimal (`X`).",
        ),
        pure("bool HasFlag(Enum flag)", has_flag, "Whether all bits of the flag are set."),
        pure("static object Parse(Type enumType, string value)", parse, "The value with this name or number."),
        pure(
            "static object Parse(Type enumType, string value, bool ignoreCase)",
            parse,
            "The value with this name or number.",
        ),
        pure(
            "static bool TryParse<TEnum>(string value, out TEnum result) where TEnum : struct",
            try_parse,
            "Whether it is a name or number.",
        ),
        pure(
            "static bool TryParse<TEnum>(string value, bool ignoreCase, out TEnum result) where TEnum : struct",
            try_parse,
            "Whether it is a name or number.",
        ),
        pure("static string[] GetNames(Type enumType)", names, "All names, by value."),
        pure("static bool IsDefined(Type enumType, object value)", is_defined, "Whether a name or value exists."),
    ],
    doc: "The base of all enums.",
    ..TypeDef::CLASS
};

pub(crate) static TYPE: TypeDef = TypeDef {
    name: "System.Type",
    members: &[
        pure("string Name { get; }", type_name, "The name without namespace."),
        pure("string FullName { get; }", type_full_name, "The name with namespace."),
        pure("string Namespace { get; }", type_namespace, "The namespace."),
        pure("static bool operator ==(Type left, Type right)", equals, "Whether both are the same type."),
        pure("static bool operator !=(Type left, Type right)", differ, "Whether they are different types."),
    ],
    doc: "A type.",
    ..TypeDef::CLASS
};

struct Plain;

impl csharp::Object for Plain {
    fn ty(&self) -> Ty {
        Ty::OBJECT
    }
}

fn new(_cx: &mut Cx<'_>, _args: Args<'_>) -> Result<Value> {
    Ok(Value::object(Plain))
}

pub(crate) fn to_string(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    cx.text(args.value(0)).map(Value::Str)
}

pub(crate) fn equals(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(args.value(0).equals(args.value(1))))
}

fn differ(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(!args.value(0).equals(args.value(1))))
}

fn same(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(match (args.value(0), args.value(1)) {
        (Value::Null, Value::Null) => true,
        (Value::Object(left), Value::Object(right)) => std::rc::Rc::ptr_eq(left, right),
        (Value::Str(left), Value::Str(right)) => left == right,
        _ => false, // boxed values are never the same object
    }))
}

fn hash(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let hash = args.value(0).hash_code();
    Ok(Value::Int(match args.value(0) {
        Value::Str(_) | Value::Decimal(_) | Value::Object(_) => (hash ^ (hash >> 32)) as i32,
        _ => hash as i32,
    }))
}

fn get_type(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let _ = cx;
    Ok(Value::object(TypeObject { ty: args.value(0).ty(), def: &TYPE }))
}

fn type_name(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let ty = &args.this::<TypeObject>()?.ty;
    let full = match ty {
        Ty::Named(def, generics) if !generics.is_empty() => format!("{}`{}", def.0.simple_name(), generics.len()),
        Ty::Named(def, _) => def.0.simple_name().rsplit('+').next().unwrap_or_default().into(),
        Ty::Nullable(_) => "Nullable`1".into(),
        other => other.clr_name(),
    };
    let name = match ty {
        Ty::Array(element, _) => element.clr_name().rsplit('.').next().unwrap_or_default().to_owned() + "[]",
        _ => full.rsplit('.').next().unwrap_or_default().to_owned(),
    };
    Ok(Value::str(name))
}

fn type_full_name(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::str(args.this::<TypeObject>()?.ty.clr_name()))
}

fn type_namespace(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let name = match &args.this::<TypeObject>()?.ty {
        Ty::Named(def, _) => def.0.namespace(),
        _ => "System",
    };
    Ok(Value::str(name))
}

fn enum_of(value: &Value) -> Option<(&'static TypeDef, u64)> {
    match value {
        Value::Word(Def(def), bits) => Some((def, *bits)),
        _ => None,
    }
}

fn enum_format(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let format = args.opt_str(1).cloned().unwrap_or_default();
    format_enum(cx, args.value(0), &format.to_text()).map(Value::str)
}

/// `Enum.ToString(format)`.
pub(crate) fn format_enum(cx: &mut Cx<'_>, value: &Value, format: &str) -> Result<String> {
    let bits = enum_of(value).map_or(0, |(_, bits)| bits);
    Ok(match format {
        "" | "G" | "g" | "F" | "f" => cx.text(value)?.to_text().into_owned(),
        "D" | "d" => (bits as i64).to_string(),
        "X" | "x" => format!("{:08X}", bits as u32),
        _ => {
            return Err(exception::format(
                "Format String can be only \"G\", \"g\", \"X\", \"x\", \"F\", \"f\", \"D\" or \"d\".",
            ));
        }
    })
}

fn has_flag(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(args.word(0) & args.word(1) == args.word(1)))
}

/// Names, combined with commas, or a number.
fn find(def: &'static TypeDef, text: &str, ignore_case: bool) -> Option<i64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return Some(number);
    }
    let values = def.enum_def()?.values;
    text.split(',').try_fold(0, |bits, name| {
        let name = name.trim();
        let same = |known: &str| if ignore_case { known.eq_ignore_ascii_case(name) } else { known == name };
        values.iter().find(|(known, _)| same(known)).map(|(_, value)| bits | value)
    })
}

fn enum_type(args: &Args<'_>) -> Result<&'static TypeDef> {
    let ty = &args.object_or::<TypeObject>(0, "enumType")?.ty;
    match ty.def() {
        Some(def) if matches!(def.kind, Kind::Enum(_)) => Ok(def),
        _ => Err(exception::argument("Type provided must be an Enum.", "enumType")),
    }
}

fn parse(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let def = enum_type(&args)?;
    let text = args.str(1, "value")?;
    if text.to_text().trim().is_empty() {
        return Err(exception::argument("Must specify valid information for parsing in the string.", "value"));
    }
    match find(def, &text.to_text(), args.bool(2)) {
        Some(value) => Ok(Value::enumeration(def, value)),
        None => Err(exception::argument(&format!("Requested value '{text}' was not found."), "")),
    }
}

fn try_parse(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let (ty, last) = (args.ty(0).clone(), args.len() - 1);
    let ignore_case = last == 2 && args.bool(1);
    let found =
        ty.def().zip(args.opt_str(0)).and_then(|(def, text)| Some((def, find(def, &text.to_text(), ignore_case)?)));
    args.set(last, found.map_or_else(|| Value::default_of(&ty), |(def, value)| Value::enumeration(def, value)));
    Ok(Value::Bool(found.is_some()))
}

fn names(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let values = enum_type(&args)?.enum_def().map_or(&[][..], |def| def.values);
    let mut sorted: Vec<_> = values.to_vec();
    sorted.sort_by_key(|(_, value)| *value as u64);
    Ok(Value::strings(sorted.into_iter().map(|(name, _)| name)))
}

fn is_defined(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let values = enum_type(&args)?.enum_def().map_or(&[][..], |def| def.values);
    let found = match args.value(1) {
        Value::Str(name) => values.iter().any(|(known, _)| *name == *known),
        _ => values.iter().any(|(_, value)| *value == args.long(1)),
    };
    Ok(Value::Bool(found))
}
