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
        pure(
            "static TEnum Parse<TEnum>(string value) where TEnum : struct",
            parse_generic,
            "The value with this name or number.",
        ),
        pure(
            "static TEnum Parse<TEnum>(string value, bool ignoreCase) where TEnum : struct",
            parse_generic,
            "The value with this name or number.",
        ),
        pure(
            "static bool TryParse(Type enumType, string value, out object result)",
            try_parse_typed,
            "Whether it is a name or number.",
        ),
        pure(
            "static bool TryParse(Type enumType, string value, bool ignoreCase, out object result)",
            try_parse_typed,
            "Whether it is a name or number.",
        ),
        pure("static string GetName(Type enumType, object value)", name, "The name of a value, or null."),
        pure("static Array GetValues(Type enumType)", values, "All values, in order."),
        pure(
            "static Type GetUnderlyingType(Type enumType)",
            |_, args| enum_type(&args).map(|_| type_value(Ty::INT)),
            "The type behind it.",
        ),
        pure("static object ToObject(Type enumType, object value)", to_object, "A number as a value of the enum."),
        pure("static object ToObject(Type enumType, int value)", to_object, "A number as a value of the enum."),
        pure("static string Format(Type enumType, object value, string format)", format_static, "A value in a format."),
        pure("string ToString(IFormatProvider provider)", to_string, "The name."),
        pure("string ToString(string format, IFormatProvider provider)", enum_format, "The value in a format."),
        pure("int CompareTo(object target)", compare_to, "Which is smaller; ArgumentException for another type."),
        pure("TypeCode GetTypeCode()", super::type_code::of_value, "The type behind it."),
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
        pure(
            "bool IsArray { get; }",
            |_, args| of_type(&args, |ty| matches!(ty, Ty::Array(..))),
            "Whether it is an array's.",
        ),
        pure("bool IsEnum { get; }", |_, args| of_type(&args, Ty::is_enum), "Whether it is an enum."),
        pure("bool IsValueType { get; }", |_, args| of_type(&args, Ty::is_value_type), "Whether it is a value type."),
        pure(
            "bool IsClass { get; }",
            |_, args| of_type(&args, |ty| !ty.is_value_type() && !ty.is_interface()),
            "Whether it is a class.",
        ),
        pure("bool IsInterface { get; }", |_, args| of_type(&args, Ty::is_interface), "Whether it is an interface."),
        pure(
            "bool IsGenericType { get; }",
            |_, args| of_type(&args, |ty| !ty.args().is_empty() || matches!(ty, Ty::Nullable(_) | Ty::Tuple(_))),
            "Whether it has type arguments.",
        ),
        pure(
            "bool IsAssignableFrom(Type c)",
            is_assignable_from,
            "Whether a variable of this type can hold the other.",
        ),
        pure("bool IsInstanceOfType(object o)", is_instance, "Whether an object has this type."),
        pure("Type GetElementType()", element_type, "The type of an array's items, or null."),
        pure("Type[] GetGenericArguments()", generic_arguments, "The type arguments."),
        pure("static TypeCode GetTypeCode(Type type)", type_code, "Which basic type it is."),
        pure("static bool operator ==(Type left, Type right)", equals, "Whether both are the same type."),
        pure("static bool operator !=(Type left, Type right)", differ, "Whether they are different types."),
    ],
    doc: "A type.",
    ..TypeDef::CLASS
};

/// What types are at run time: the one class that derives from `Type`.
pub(crate) static RUNTIME_TYPE: TypeDef =
    TypeDef { name: "System.RuntimeType", bases: &["Type"], doc: "A type of a running program.", ..TypeDef::CLASS };

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
    Ok(Value::object(TypeObject { ty: args.value(0).ty(), def: &RUNTIME_TYPE }))
}

/// A type as a value.
pub(crate) fn type_value(ty: Ty) -> Value {
    Value::object(TypeObject { ty, def: &RUNTIME_TYPE })
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

fn of_type(args: &Args<'_>, test: fn(&Ty) -> bool) -> Result<Value> {
    Ok(Value::Bool(test(&args.this::<TypeObject>()?.ty)))
}

fn is_assignable_from(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let ty = &args.this::<TypeObject>()?.ty;
    let fits = args.object::<TypeObject>(1).is_some_and(|other| {
        cx.surface.is_a(&other.ty, ty) || matches!(ty, Ty::Nullable(inner) if **inner == other.ty)
    });
    Ok(Value::Bool(fits))
}

fn is_instance(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let ty = &args.this::<TypeObject>()?.ty;
    let value = args.value(1);
    Ok(Value::Bool(!value.is_null() && cx.surface.is_a(&value.ty(), ty.unwrap_nullable())))
}

fn element_type(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(match &args.this::<TypeObject>()?.ty {
        Ty::Array(element, _) => type_value((**element).clone()),
        _ => Value::Null,
    })
}

fn generic_arguments(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let all: Vec<Ty> = match &args.this::<TypeObject>()?.ty {
        Ty::Nullable(inner) => vec![(**inner).clone()],
        Ty::Tuple(tuple) => tuple.items.clone(),
        ty => ty.args().to_vec(),
    };
    Ok(Value::array(Ty::named(&TYPE), all.into_iter().map(type_value).collect()))
}

fn type_code(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let Some(found) = args.object::<TypeObject>(0) else {
        return Ok(Value::enumeration(&super::type_code::DEF, 0));
    };
    let code = if found.ty == Ty::STRING { 18 } else { super::type_code::code(&Value::default_of(&found.ty)).max(1) };
    Ok(Value::enumeration(&super::type_code::DEF, code))
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

fn parse_generic(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let ty = args.ty(0);
    let def = ty.def().filter(|_| ty.is_enum());
    let def = def.ok_or_else(|| exception::argument("Type provided must be an Enum.", "enumType"))?;
    let text = args.str(0, "value")?.to_text().into_owned();
    if text.trim().is_empty() {
        return Err(exception::argument("Must specify valid information for parsing in the string.", "value"));
    }
    let found = find(def, &text, args.bool(1)).map(|value| Value::enumeration(def, value));
    found.ok_or_else(|| exception::argument(&format!("Requested value '{text}' was not found."), ""))
}

fn try_parse_typed(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let (def, last) = (enum_type(&args)?, args.len() - 1);
    let ignore_case = last == 3 && args.bool(2);
    let found = args.opt_str(1).and_then(|text| find(def, &text.to_text(), ignore_case));
    args.set(last, found.map_or(Value::Null, |value| Value::enumeration(def, value)));
    Ok(Value::Bool(found.is_some()))
}

/// The number of a value that is an enum's or a whole number.
fn number(args: &Args<'_>, index: usize) -> Result<i64> {
    match args.some(index, "value")? {
        Value::Word(_, bits) => Ok(*bits as i64),
        value if value.ty().prim().is_some_and(csharp::Prim::is_integral) => Ok(args.long(index)),
        _ => Err(exception::argument(
            "The value passed in must be an enum base or an underlying type for an enum, such as an Int32.",
            "value",
        )),
    }
}

fn name(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (def, wanted) = (enum_type(&args)?, number(&args, 1)?);
    let values = def.enum_def().map_or(&[][..], |def| def.values);
    Ok(values.iter().find(|(_, value)| *value == wanted).map_or(Value::Null, |(name, _)| Value::str(*name)))
}

fn values(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let def = enum_type(&args)?;
    let mut all: Vec<i64> = def.enum_def().map_or(&[][..], |def| def.values).iter().map(|(_, value)| *value).collect();
    all.sort_by_key(|value| *value as u64);
    Ok(Value::array(Ty::named(def), all.into_iter().map(|value| Value::enumeration(def, value)).collect()))
}

fn to_object(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::enumeration(enum_type(&args)?, number(&args, 1)?))
}

fn format_static(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let value = Value::enumeration(enum_type(&args)?, number(&args, 1)?);
    let format = args.str(2, "format")?.to_text().into_owned();
    format_enum(cx, &value, &format).map(Value::str)
}

fn compare_to(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    super::numbers::ordering(args.value(0), args.value(1)).map(Value::Int)
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
