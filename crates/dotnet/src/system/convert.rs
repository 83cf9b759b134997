//! `System.Convert`: every conversion goes through [`to`], which asks for the type that was wanted.

use csharp::{
    Args, Cx, Decimal, Prim, Result, Str, Ty, Value, exception,
    surface::{EnumDef, Kind, TypeDef, pure, reads},
    ty::Def,
    value::{Array, Object, TypeObject},
};
use dotformat::{
    DateTimeStyles, IntType, NumberStyles, decimal_to_double, decimal_to_integer, decimal_to_single, double_to_decimal,
    from_base64, parse_bool, parse_char, parse_date_time, parse_decimal, parse_double, parse_integer, parse_single,
    single_to_decimal, to_base64,
};

use super::{date_time, format::raise};

/// One method with an overload for each type it converts from, then further rows.
macro_rules! conversions {
    ($($target:literal $name:literal $run:expr;)* [$($more:expr),* $(,)?]) => { &[
        $(
            reads(concat!("static ", $target, " ", $name, "(object value)"), $run, concat!("As `", $target, "`.")),
            reads(concat!("static ", $target, " ", $name, "(object value, IFormatProvider provider)"), $run, concat!("As `", $target, "`.")),
            pure(concat!("static ", $target, " ", $name, "(bool value)"), $run, concat!("As `", $target, "`.")),
            pure(concat!("static ", $target, " ", $name, "(char value)"), $run, concat!("As `", $target, "`.")),
            pure(concat!("static ", $target, " ", $name, "(sbyte value)"), $run, concat!("As `", $target, "`.")),
            pure(concat!("static ", $target, " ", $name, "(byte value)"), $run, concat!("As `", $target, "`.")),
            pure(concat!("static ", $target, " ", $name, "(short value)"), $run, concat!("As `", $target, "`.")),
            pure(concat!("static ", $target, " ", $name, "(ushort value)"), $run, concat!("As `", $target, "`.")),
            pure(concat!("static ", $target, " ", $name, "(int value)"), $run, concat!("As `", $target, "`.")),
            pure(concat!("static ", $target, " ", $name, "(uint value)"), $run, concat!("As `", $target, "`.")),
            pure(concat!("static ", $target, " ", $name, "(long value)"), $run, concat!("As `", $target, "`.")),
            pure(concat!("static ", $target, " ", $name, "(ulong value)"), $run, concat!("As `", $target, "`.")),
            pure(concat!("static ", $target, " ", $name, "(float value)"), $run, concat!("As `", $target, "`.")),
            pure(concat!("static ", $target, " ", $name, "(double value)"), $run, concat!("As `", $target, "`.")),
            pure(concat!("static ", $target, " ", $name, "(decimal value)"), $run, concat!("As `", $target, "`.")),
            pure(concat!("static ", $target, " ", $name, "(DateTime value)"), $run, concat!("As `", $target, "`.")),
            reads(concat!("static ", $target, " ", $name, "(string value)"), $run, concat!("As `", $target, "`.")),
            reads(concat!("static ", $target, " ", $name, "(string value, IFormatProvider provider)"), $run, concat!("As `", $target, "`.")),
        )*
        $($more),*
    ] };
}

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Convert",
    kind: Kind::Static,
    members: conversions! {
        "bool" "ToBoolean" |cx, args| to(cx, args.value(0), Prim::Bool);
        "char" "ToChar" |cx, args| to(cx, args.value(0), Prim::Char);
        "sbyte" "ToSByte" |cx, args| to(cx, args.value(0), Prim::SByte);
        "byte" "ToByte" |cx, args| to(cx, args.value(0), Prim::Byte);
        "short" "ToInt16" |cx, args| to(cx, args.value(0), Prim::Short);
        "ushort" "ToUInt16" |cx, args| to(cx, args.value(0), Prim::UShort);
        "int" "ToInt32" |cx, args| to(cx, args.value(0), Prim::Int);
        "uint" "ToUInt32" |cx, args| to(cx, args.value(0), Prim::UInt);
        "long" "ToInt64" |cx, args| to(cx, args.value(0), Prim::Long);
        "ulong" "ToUInt64" |cx, args| to(cx, args.value(0), Prim::ULong);
        "float" "ToSingle" |cx, args| to(cx, args.value(0), Prim::Float);
        "double" "ToDouble" |cx, args| to(cx, args.value(0), Prim::Double);
        "decimal" "ToDecimal" |cx, args| to(cx, args.value(0), Prim::Decimal);
        "DateTime" "ToDateTime" |cx, args| to_date_time(cx, args.value(0));
        [
            reads("static string ToString(object value)", |cx, args| cx.text(args.value(0)).map(Value::Str), "As text; empty for null."),
            reads("static string ToString(object value, IFormatProvider provider)", |cx, args| cx.text(args.value(0)).map(Value::Str), "As text; empty for null."),
            pure("static TypeCode GetTypeCode(object value)", super::type_code::of_value, "Which basic type it is."),
            pure("static string ToString(bool value)", super::object::to_string, "As text."),
            pure("static string ToString(char value)", super::object::to_string, "As text."),
            pure("static string ToString(sbyte value)", super::object::to_string, "As text."),
            pure("static string ToString(byte value)", super::object::to_string, "As text."),
            pure("static string ToString(short value)", super::object::to_string, "As text."),
            pure("static string ToString(ushort value)", super::object::to_string, "As text."),
            pure("static string ToString(int value)", super::object::to_string, "As text."),
            pure("static string ToString(uint value)", super::object::to_string, "As text."),
            pure("static string ToString(long value)", super::object::to_string, "As text."),
            pure("static string ToString(ulong value)", super::object::to_string, "As text."),
            pure("static string ToString(float value)", super::object::to_string, "As text."),
            pure("static string ToString(double value)", super::object::to_string, "As text."),
            pure("static string ToString(decimal value)", super::object::to_string, "As text."),
            pure("static string ToString(DateTime value)", super::object::to_string, "As text."),
            pure("static string ToString(int value, IFormatProvider provider)", super::object::to_string, "As text."),
            pure("static string ToString(long value, IFormatProvider provider)", super::object::to_string, "As text."),
            pure("static string ToString(double value, IFormatProvider provider)", super::object::to_string, "As text."),
            pure("static string ToString(decimal value, IFormatProvider provider)", super::object::to_string, "As text."),
            pure("static string ToString(bool value, IFormatProvider provider)", super::object::to_string, "As text."),
            pure("static string ToString(DateTime value, IFormatProvider provider)", super::object::to_string, "As text."),
            pure("static string ToString(string value)", |_, mut args| Ok(args.take(0)), "Itself."),
            pure("static string ToString(string value, IFormatProvider provider)", |_, mut args| Ok(args.take(0)), "Itself."),
            pure("static string ToString(byte value, int toBase)", in_base, "The digits to base 2, 8, 10 or 16."),
            pure("static string ToString(short value, int toBase)", in_base, "The digits to base 2, 8, 10 or 16."),
            pure("static string ToString(int value, int toBase)", in_base, "The digits to base 2, 8, 10 or 16."),
            pure("static string ToString(long value, int toBase)", in_base, "The digits to base 2, 8, 10 or 16."),
            pure("static byte ToByte(string value, int fromBase)", |_, args| from_base(&args, Prim::Byte, 32), "Reads digits to base 2, 8, 10 or 16."),
            pure("static sbyte ToSByte(string value, int fromBase)", |_, args| from_base(&args, Prim::SByte, 32), "Reads digits to base 2, 8, 10 or 16."),
            pure("static short ToInt16(string value, int fromBase)", |_, args| from_base(&args, Prim::Short, 32), "Reads digits to base 2, 8, 10 or 16."),
            pure("static ushort ToUInt16(string value, int fromBase)", |_, args| from_base(&args, Prim::UShort, 32), "Reads digits to base 2, 8, 10 or 16."),
            pure("static int ToInt32(string value, int fromBase)", |_, args| from_base(&args, Prim::Int, 32), "Reads digits to base 2, 8, 10 or 16."),
            pure("static uint ToUInt32(string value, int fromBase)", |_, args| from_base(&args, Prim::UInt, 32), "Reads digits to base 2, 8, 10 or 16."),
            pure("static long ToInt64(string value, int fromBase)", |_, args| from_base(&args, Prim::Long, 64), "Reads digits to base 2, 8, 10 or 16."),
            pure("static ulong ToUInt64(string value, int fromBase)", |_, args| from_base(&args, Prim::ULong, 64), "Reads digits to base 2, 8, 10 or 16."),
            reads("static object ChangeType(object value, Type conversionType)", change_type, "As another type."),
            reads("static object ChangeType(object value, Type conversionType, IFormatProvider provider)", change_type, "As another type."),
            reads("static string ToBase64String(byte[] inArray)", base64, "As Base64."),
            reads("static string ToBase64String(byte[] inArray, Base64FormattingOptions options)", base64, "As Base64, perhaps in lines of 76 characters."),
            reads("static string ToBase64String(byte[] inArray, int offset, int length)", base64_part, "A part as Base64."),
            reads("static string ToBase64String(byte[] inArray, int offset, int length, Base64FormattingOptions options)", base64_part, "A part as Base64."),
            pure("static byte[] FromBase64String(string s)", bytes_of_base64, "The bytes that Base64 stands for."),
            reads("static byte[] FromBase64CharArray(char[] inArray, int offset, int length)", bytes_of_chars, "The bytes that Base64 stands for."),
            reads("static bool IsDBNull(object value)", |_, _| Ok(Value::Bool(false)), "Never: there is no database."),
        ]
    },
    doc: "Conversions between the built-in types.",
    ..TypeDef::CLASS
};

pub(crate) static BASE64_FORMATTING_OPTIONS: TypeDef = TypeDef {
    name: "System.Base64FormattingOptions",
    kind: EnumDef::flags(&[("None", 0), ("InsertLineBreaks", 1)]),
    doc: "Whether Base64 is broken into lines.",
    ..TypeDef::CLASS
};

/// `value` as the built-in type `target`, as `IConvertible` does it.
pub(crate) fn to(cx: &mut Cx<'_>, value: &Value, target: Prim) -> Result<Value> {
    Ok(match (value, target) {
        (_, Prim::Object) => value.clone(),
        (_, Prim::String) => cx.text(value).map(Value::Str)?,
        (Value::Null, _) => Value::default_of(&Ty::Prim(target)),
        (Value::Str(text), _) => of_text(text, target)?,
        (Value::Object(_), _) => return of_object(cx, value, target),
        (Value::Word(..), _) if value.ty().def().is_some_and(|def| def.enum_def().is_some()) => {
            return to(cx, &Value::Long(Args::new(&mut [value.clone()], &[]).long(0)), target);
        }
        (Value::Word(..), _) => return Err(no_conversion(value, target)),
        (Value::Bool(_), Prim::Bool) | (Value::Char(_), Prim::Char) => value.clone(),
        (Value::Bool(_) | Value::Float(_) | Value::Double(_) | Value::Decimal(_), Prim::Char)
        | (Value::Char(_), Prim::Bool | Prim::Float | Prim::Double | Prim::Decimal) => {
            return Err(no_conversion(value, target));
        }
        (_, Prim::Bool) => Value::Bool(!matches!(value, Value::Bool(false)) && !is_zero(value)),
        (_, Prim::Float) => Value::Float(match value {
            Value::Float(number) => *number,
            Value::Double(number) => *number as f32,
            Value::Decimal(number) => decimal_to_single(*number),
            _ => integer(value)? as f32,
        }),
        (_, Prim::Double) => Value::Double(match value {
            Value::Float(number) => f64::from(*number),
            Value::Double(number) => *number,
            Value::Decimal(number) => decimal_to_double(*number),
            _ => integer(value)? as f64,
        }),
        (_, Prim::Decimal) => Value::Decimal(match value {
            Value::Float(number) => single_to_decimal(*number).map_err(raise)?,
            Value::Double(number) => double_to_decimal(*number).map_err(raise)?,
            Value::Decimal(number) => *number,
            _ => Decimal::from_i128_with_scale(integer(value)?, 0),
        }),
        (_, Prim::Char) => match u16::try_from(integer(value)?) {
            Ok(unit) => Value::Char(unit),
            Err(_) => return Err(exception::overflow("Value was either too large or too small for a character.")),
        },
        _ => {
            let ty = int_type(target);
            let number = integer(value).map_err(|_| raise(ty.overflow()))?;
            if !(ty.min()..=ty.max()).contains(&number) {
                return Err(raise(ty.overflow()));
            }
            of_integer(number, target)
        }
    })
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Float(number) => *number == 0.0,
        Value::Double(number) => *number == 0.0,
        Value::Decimal(number) => number.is_zero(),
        _ => integer(value).is_ok_and(|number| number == 0),
    }
}

/// The whole number that a number, `char` or `bool` is; midpoints go to the even one.
fn integer(value: &Value) -> Result<i128> {
    let of_real = |number: f64| {
        let rounded = number.round_ties_even();
        let fits = rounded.abs() < 1e20;
        if fits { Ok(rounded as i128) } else { Err(raise(IntType::Int64.overflow())) }
    };
    match value {
        Value::Bool(flag) => Ok(i128::from(*flag)),
        Value::ULong(number) => Ok(i128::from(*number)),
        Value::Float(number) => of_real(f64::from(*number)),
        Value::Double(number) => of_real(*number),
        Value::Decimal(number) => {
            let rounded = dotformat::decimal_round(*number, 0, dotformat::MidpointRounding::ToEven).map_err(raise)?;
            match decimal_to_integer(rounded, IntType::Int64) {
                Ok(number) => Ok(number),
                Err(_) => decimal_to_integer(rounded, IntType::UInt64).map_err(raise),
            }
        }
        _ => Ok(i128::from(Args::new(&mut [value.clone()], &[]).long(0))),
    }
}

fn int_type(prim: Prim) -> IntType {
    match prim {
        Prim::SByte => IntType::SByte,
        Prim::Byte => IntType::Byte,
        Prim::Short => IntType::Int16,
        Prim::UShort => IntType::UInt16,
        Prim::UInt => IntType::UInt32,
        Prim::Long => IntType::Int64,
        Prim::ULong => IntType::UInt64,
        _ => IntType::Int32,
    }
}

/// `number`, cut to the bits of `prim`.
fn of_integer(number: i128, prim: Prim) -> Value {
    match prim {
        Prim::SByte => Value::SByte(number as i8),
        Prim::Byte => Value::Byte(number as u8),
        Prim::Short => Value::Short(number as i16),
        Prim::UShort => Value::UShort(number as u16),
        Prim::UInt => Value::UInt(number as u32),
        Prim::Long => Value::Long(number as i64),
        Prim::ULong => Value::ULong(number as u64),
        _ => Value::Int(number as i32),
    }
}

fn of_text(text: &Str, target: Prim) -> Result<Value> {
    let text = &*text.to_text();
    match target {
        Prim::Bool => parse_bool(text).map(Value::Bool),
        Prim::Char => parse_char(text).map(Value::Char),
        Prim::Float => parse_single(text, NumberStyles::FLOAT_AND_THOUSANDS).map(Value::Float),
        Prim::Double => parse_double(text, NumberStyles::FLOAT_AND_THOUSANDS).map(Value::Double),
        Prim::Decimal => parse_decimal(text, NumberStyles::NUMBER).map(Value::Decimal),
        _ => parse_integer(text, NumberStyles::INTEGER, int_type(target)).map(|number| of_integer(number, target)),
    }
    .map_err(raise)
}

/// A `JValue` converts as its explicit conversions do; other objects are not `IConvertible`.
fn of_object(cx: &mut Cx<'_>, value: &Value, target: Prim) -> Result<Value> {
    let surface = cx.surface;
    let not_convertible = || {
        let message = "Unable to cast object of type '{}' to type 'System.IConvertible'.";
        exception::invalid_cast(message.replace("{}", &value.ty().clr_name()))
    };
    if value.ty().def().is_none_or(|def| def.name != "Newtonsoft.Json.Linq.JValue") {
        return Err(not_convertible());
    }
    let mut ty = Some(value.ty());
    while let Some(current) = ty {
        let conversions = surface.info_of(&current).and_then(|info| info.by_name.get("op explicit"));
        let wanted = Ty::Prim(target);
        let found =
            conversions.into_iter().flatten().map(|id| surface.member(*id)).find(|member| member.returns == wanted);
        if let Some(member) = found {
            return (member.row.run)(cx, Args::new(&mut [value.clone()], &[]));
        }
        ty = surface.base(&current);
    }
    Err(not_convertible())
}

fn no_conversion(value: &Value, target: Prim) -> csharp::Raise {
    let short = |name: String| name.rsplit('.').next().unwrap_or_default().to_owned();
    let (from, to) = (short(value.ty().full_name()), short(Ty::Prim(target).full_name()));
    exception::invalid_cast(format!("Invalid cast from '{from}' to '{to}'."))
}

fn to_date_time(cx: &mut Cx<'_>, value: &Value) -> Result<Value> {
    match value {
        Value::Null => Ok(Value::default_of(&Ty::named(&date_time::DEF))),
        Value::Word(def, _) if *def == Def(&date_time::DEF) => Ok(value.clone()),
        Value::Str(text) => date_time::made(parse_date_time(&text.to_text(), DateTimeStyles::NONE, date_time::now(cx))),
        _ => {
            let from = value.ty().full_name();
            let from = from.rsplit('.').next().unwrap_or_default();
            Err(exception::invalid_cast(format!("Invalid cast from '{from}' to 'DateTime'.")))
        }
    }
}

fn change_type(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let ty = args.object_or::<TypeObject>(1, "conversionType")?.ty.clone();
    let value = args.value(0);
    if value.is_null() {
        if !ty.is_value_type() {
            return Ok(Value::Null);
        }
        return Err(exception::invalid_cast("Null object cannot be converted to a value type."));
    }
    match ty.prim() {
        _ if value.ty() == ty => Ok(value.clone()),
        Some(Prim::Object) => Ok(value.clone()),
        Some(prim) => to(cx, value, prim),
        None if ty.def().is_some_and(|def| Def(def) == Def(&date_time::DEF)) => to_date_time(cx, value),
        None => {
            let message = format!("Invalid cast from '{}' to '{}'.", value.ty().clr_name(), ty.clr_name());
            Err(exception::invalid_cast(message))
        }
    }
}

fn radix(args: &Args<'_>) -> Result<u32> {
    match args.int(1) {
        base @ (2 | 8 | 10 | 16) => Ok(base as u32),
        _ => Err(exception::argument("Invalid Base.", "")),
    }
}

/// To another base than ten, negative numbers show their bits.
fn in_base(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let number = args.long(0);
    let bits = match args.value(0) {
        Value::Short(number) => u64::from(*number as u16),
        Value::Int(number) => u64::from(*number as u32),
        _ => number as u64,
    };
    Ok(Value::str(match radix(&args)? {
        2 => format!("{bits:b}"),
        8 => format!("{bits:o}"),
        16 => format!("{bits:x}"),
        _ => number.to_string(),
    }))
}

/// Digits to a base. To another base than ten they are bits, of `width` at most.
fn from_base(args: &Args<'_>, target: Prim, width: u32) -> Result<Value> {
    let base = radix(args)?;
    let Some(text) = args.opt_str(0) else { return Ok(of_integer(0, target)) };
    let text = &*text.to_text();
    let ty = int_type(target);
    if text.is_empty() {
        return Err(exception::out_of_range(
            "Index was out of range. Must be non-negative and less than the size of the collection.",
            "",
        ));
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(_) if base != 10 => {
            return Err(exception::argument("String cannot contain a minus sign if the base is not 10.", ""));
        }
        Some(_) if !ty.is_signed() => {
            return Err(exception::overflow(
                "The string was being parsed as an unsigned number and could not have a negative sign.",
            ));
        }
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let prefix = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let digits = if base == 16 { prefix.unwrap_or(digits) } else { digits };
    let end = digits.find(|c: char| !c.is_digit(base)).unwrap_or(digits.len());
    match end {
        0 => return Err(exception::format("Could not find any recognizable digits.")),
        _ if end < digits.len() => {
            return Err(exception::format("Additional non-parsable characters are at the end of the string."));
        }
        _ => {}
    }
    let too_large = || raise(ty.overflow());
    let number = i128::from_str_radix(digits, base as u32).map_err(|_| too_large())?;
    let number = if negative { -number } else { number };
    // A byte's digits count 8 bits, those of a short 16; anything that does not fit the 32 or 64 read is too large.
    let bits = if base != 10 { ty.bits().min(width) } else { 0 };
    let fits = (ty.min()..=ty.max()).contains(&number) || (base != 10 && number < 1 << bits);
    if fits { Ok(of_integer(number, target)) } else { Err(too_large()) }
}

fn base64(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let bytes = args.bytes(0, "inArray")?;
    cx.meter.text(bytes.len().saturating_mul(3) / 2)?;
    Ok(Value::str(to_base64(&bytes, args.word(1) == 1)))
}

/// The part of `length` items from `offset`.
pub(crate) fn part(bytes: &[u8], offset: i32, length: i32) -> Result<&[u8]> {
    let range = usize::try_from(offset).ok().zip(usize::try_from(length).ok());
    let part = range.and_then(|(offset, length)| bytes.get(offset..offset.checked_add(length)?));
    part.ok_or_else(|| {
        let message = "Offset and length must refer to a position in the string.";
        exception::out_of_range(message, if offset < 0 { "offset" } else { "length" })
    })
}

fn base64_part(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let bytes = args.bytes(0, "inArray")?;
    let part = part(&bytes, args.int(1), args.int(2))?;
    cx.meter.text(part.len().saturating_mul(3) / 2)?;
    Ok(Value::str(to_base64(part, args.word(3) == 1)))
}

fn bytes_of_base64(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = args.str(0, "s")?;
    cx.meter.allocate(text.byte_len())?;
    from_base64(&text.to_text()).map(Value::bytes).map_err(raise)
}

fn bytes_of_chars(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let units = units(args.object_or::<Array>(0, "inArray")?);
    let range = usize::try_from(args.int(1)).ok().zip(usize::try_from(args.int(2)).ok());
    let part = range.and_then(|(offset, length)| units.get(offset..offset.checked_add(length)?));
    let part = part.ok_or_else(|| exception::out_of_range("", "offset"))?;
    cx.meter.allocate(part.len())?;
    from_base64(&String::from_utf16_lossy(part)).map(Value::bytes).map_err(raise)
}

/// The units of a `char[]`.
pub(crate) fn units(array: &Array) -> Vec<u16> {
    debug_assert_eq!(array.ty(), Ty::array(Ty::CHAR));
    array.values().iter().map(|unit| if let Value::Char(unit) = unit { *unit } else { 0 }).collect()
}
