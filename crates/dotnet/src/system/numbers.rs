//! The numeric types: `System.SByte` to `System.UInt64`, `System.Single`, `System.Double`, `System.Decimal`.

use csharp::{
    Args, Cx, Decimal, Result, Str, Value, exception,
    surface::{Kind, TypeDef, pure},
};
use dotformat::{
    IntType, MidpointRounding, NumberStyles, decimal_round, parse_decimal, parse_double, parse_integer, parse_single,
};

use super::format::raise;

macro_rules! integers {
    ($($name:ident = $class:literal $keyword:literal $prim:ident $variant:ident $rust:ty, $parse:ident, $try_parse:ident, $max:ident, $min:ident;)*) => {$(
        pub(crate) static $name: TypeDef = TypeDef {
            name: concat!("System.", $class),
            kind: Kind::Struct,
            bases: &["IComparable", concat!("IComparable<", $keyword, ">"), concat!("IEquatable<", $keyword, ">"), "IFormattable"],
            members: &[
                pure(concat!("const ", $keyword, " MaxValue"), $max, "The largest value."),
                pure(concat!("const ", $keyword, " MinValue"), $min, "The smallest value."),
                pure(concat!("static ", $keyword, " Parse(string s)"), $parse, "Reads a number."),
                pure(concat!("static ", $keyword, " Parse(string s, IFormatProvider provider)"), $parse, "Reads a number."),
                pure(concat!("static ", $keyword, " Parse(string s, NumberStyles style)"), $parse, "Reads a number in a style."),
                pure(concat!("static ", $keyword, " Parse(string s, NumberStyles style, IFormatProvider provider)"), $parse, "Reads a number in a style."),
                pure(concat!("static bool TryParse(string s, out ", $keyword, " result)"), $try_parse, "Reads a number, if it is one."),
                pure(concat!("static bool TryParse(string s, NumberStyles style, IFormatProvider provider, out ", $keyword, " result)"), $try_parse, "Reads a number in a style, if it is one."),
                pure("string ToString()", super::object::to_string, "The number as text."),
                pure("string ToString(string format)", to_string_format, "The number in a format."),
                pure("string ToString(IFormatProvider provider)", super::object::to_string, "The number as text; only the invariant culture exists."),
                pure("string ToString(string format, IFormatProvider provider)", to_string_format, "The number in a format."),
                pure(concat!("int CompareTo(", $keyword, " value)"), compare_to, "-1, 0 or 1."),
                pure(concat!("bool Equals(", $keyword, " obj)"), super::object::equals, "Whether both are the same number."),
            ],
            doc: "A whole number.",
            ..TypeDef::CLASS
        };

        fn $max(_cx: &mut Cx<'_>, _args: Args<'_>) -> Result<Value> {
            Ok(Value::$variant(<$rust>::MAX))
        }

        fn $min(_cx: &mut Cx<'_>, _args: Args<'_>) -> Result<Value> {
            Ok(Value::$variant(<$rust>::MIN))
        }

        fn $parse(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
            let text = args.str(0, "s")?;
            let number = parse_integer(&text.to_text(), style(&args, NumberStyles::INTEGER), IntType::$prim).map_err(raise)?;
            Ok(Value::$variant(number as $rust))
        }

        fn $try_parse(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
            let style = style(&args, NumberStyles::INTEGER);
            let number = args.opt_str(0).and_then(|text| parse_integer(&text.to_text(), style, IntType::$prim).ok());
            args.set(args.len() - 1, Value::$variant(number.unwrap_or_default() as $rust));
            Ok(Value::Bool(number.is_some()))
        }
    )*};
}

integers! {
    SBYTE = "SByte" "sbyte" SByte SByte i8, parse_sbyte, try_parse_sbyte, max_sbyte, min_sbyte;
    BYTE = "Byte" "byte" Byte Byte u8, parse_byte, try_parse_byte, max_byte, min_byte;
    INT16 = "Int16" "short" Int16 Short i16, parse_short, try_parse_short, max_short, min_short;
    UINT16 = "UInt16" "ushort" UInt16 UShort u16, parse_ushort, try_parse_ushort, max_ushort, min_ushort;
    INT32 = "Int32" "int" Int32 Int i32, parse_int, try_parse_int, max_int, min_int;
    UINT32 = "UInt32" "uint" UInt32 UInt u32, parse_uint, try_parse_uint, max_uint, min_uint;
    INT64 = "Int64" "long" Int64 Long i64, parse_long, try_parse_long, max_long, min_long;
    UINT64 = "UInt64" "ulong" UInt64 ULong u64, parse_ulong, try_parse_ulong, max_ulong, min_ulong;
}

macro_rules! reals {
    ($($name:ident = $class:literal $keyword:literal, $parse:ident, $try_parse:ident, [$($row:expr),* $(,)?];)*) => {$(
        pub(crate) static $name: TypeDef = TypeDef {
            name: concat!("System.", $class),
            kind: Kind::Struct,
            bases: &["IComparable", concat!("IComparable<", $keyword, ">"), concat!("IEquatable<", $keyword, ">"), "IFormattable"],
            members: &[
                pure(concat!("static ", $keyword, " Parse(string s)"), $parse, "Reads a number."),
                pure(concat!("static ", $keyword, " Parse(string s, IFormatProvider provider)"), $parse, "Reads a number."),
                pure(concat!("static ", $keyword, " Parse(string s, NumberStyles style)"), $parse, "Reads a number in a style."),
                pure(concat!("static ", $keyword, " Parse(string s, NumberStyles style, IFormatProvider provider)"), $parse, "Reads a number in a style."),
                pure(concat!("static bool TryParse(string s, out ", $keyword, " result)"), $try_parse, "Reads a number, if it is one."),
                pure(concat!("static bool TryParse(string s, NumberStyles style, IFormatProvider provider, out ", $keyword, " result)"), $try_parse, "Reads a number in a style, if it is one."),
                pure("string ToString()", super::object::to_string, "The number as text."),
                pure("string ToString(string format)", to_string_format, "The number in a format."),
                pure("string ToString(IFormatProvider provider)", super::object::to_string, "The number as text; only the invariant culture exists."),
                pure("string ToString(string format, IFormatProvider provider)", to_string_format, "The number in a format."),
                pure(concat!("int CompareTo(", $keyword, " value)"), compare_to, "-1, 0 or 1."),
                pure(concat!("bool Equals(", $keyword, " obj)"), super::object::equals, "Whether both are the same number."),
                $($row),*
            ],
            doc: "A real number.",
            ..TypeDef::CLASS
        };
    )*};
}

reals! {
    SINGLE = "Single" "float", parse_float, try_parse_float, [
        pure("const float MaxValue", |_, _| Ok(Value::Float(f32::MAX)), "The largest finite value."),
        pure("const float MinValue", |_, _| Ok(Value::Float(f32::MIN)), "The smallest finite value."),
        pure("const float Epsilon", |_, _| Ok(Value::Float(f32::from_bits(1))), "The smallest positive value."),
        pure("const float NaN", |_, _| Ok(Value::Float(f32::NAN)), "Not a number."),
        pure("const float PositiveInfinity", |_, _| Ok(Value::Float(f32::INFINITY)), "Infinity."),
        pure("const float NegativeInfinity", |_, _| Ok(Value::Float(f32::NEG_INFINITY)), "Negative infinity."),
        pure("static bool IsNaN(float f)", is_nan, "Whether it is not a number."),
        pure("static bool IsInfinity(float f)", is_infinity, "Whether it is infinite."),
    ];
    DOUBLE = "Double" "double", parse_double_text, try_parse_double, [
        pure("const double MaxValue", |_, _| Ok(Value::Double(f64::MAX)), "The largest finite value."),
        pure("const double MinValue", |_, _| Ok(Value::Double(f64::MIN)), "The smallest finite value."),
        pure("const double Epsilon", |_, _| Ok(Value::Double(f64::from_bits(1))), "The smallest positive value."),
        pure("const double NaN", |_, _| Ok(Value::Double(f64::NAN)), "Not a number."),
        pure("const double PositiveInfinity", |_, _| Ok(Value::Double(f64::INFINITY)), "Infinity."),
        pure("const double NegativeInfinity", |_, _| Ok(Value::Double(f64::NEG_INFINITY)), "Negative infinity."),
        pure("static bool IsNaN(double d)", is_nan, "Whether it is not a number."),
        pure("static bool IsInfinity(double d)", is_infinity, "Whether it is infinite."),
    ];
    DECIMAL = "Decimal" "decimal", parse_decimal_text, try_parse_decimal, [
        pure("const decimal MaxValue", |_, _| Ok(Value::Decimal(Decimal::MAX)), "The largest value."),
        pure("const decimal MinValue", |_, _| Ok(Value::Decimal(Decimal::MIN)), "The smallest value."),
        pure("const decimal Zero", |_, _| Ok(Value::Decimal(Decimal::ZERO)), "0."),
        pure("const decimal One", |_, _| Ok(Value::Decimal(Decimal::ONE)), "1."),
        pure("const decimal MinusOne", |_, _| Ok(Value::Decimal(Decimal::NEGATIVE_ONE)), "-1."),
        pure("static decimal Round(decimal d)", super::math::round, "Rounded; a midpoint to the even neighbour."),
        pure("static decimal Round(decimal d, int decimals)", super::math::round, "Rounded to some decimals."),
        pure("static decimal Round(decimal d, MidpointRounding mode)", round_to_whole, "Rounded in a mode."),
        pure("static decimal Round(decimal d, int decimals, MidpointRounding mode)", super::math::round, "Rounded to some decimals in a mode."),
        pure("static decimal Floor(decimal d)", |_, args| whole(&args, MidpointRounding::ToNegativeInfinity), "The whole number below."),
        pure("static decimal Ceiling(decimal d)", |_, args| whole(&args, MidpointRounding::ToPositiveInfinity), "The whole number above."),
        pure("static decimal Truncate(decimal d)", |_, args| whole(&args, MidpointRounding::ToZero), "Without its fraction."),
        pure("static decimal Negate(decimal d)", |_, args| Ok(Value::Decimal(-args.decimal(0))), "With the other sign."),
        pure("static int Compare(decimal d1, decimal d2)", compare_to, "Which is smaller."),
        pure("static bool Equals(decimal d1, decimal d2)", super::object::equals, "Whether both are the same."),
        pure("static decimal Add(decimal d1, decimal d2)", |_, args| calculated(&args, dotformat::decimal_add), "The sum."),
        pure("static decimal Subtract(decimal d1, decimal d2)", |_, args| calculated(&args, dotformat::decimal_sub), "The difference."),
        pure("static decimal Multiply(decimal d1, decimal d2)", |_, args| calculated(&args, dotformat::decimal_mul), "The product."),
        pure("static decimal Divide(decimal d1, decimal d2)", |_, args| calculated(&args, dotformat::decimal_div), "The quotient."),
        pure("static decimal Remainder(decimal d1, decimal d2)", |_, args| calculated(&args, dotformat::decimal_rem), "The rest of a division."),
    ];
}

fn whole(args: &Args<'_>, mode: MidpointRounding) -> Result<Value> {
    decimal_round(args.decimal(0), 0, mode).map(Value::Decimal).map_err(raise)
}

fn round_to_whole(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    whole(&args, super::math::mode(&args)?)
}

fn calculated(args: &Args<'_>, by: fn(Decimal, Decimal) -> dotformat::Result<Decimal>) -> Result<Value> {
    by(args.decimal(0), args.decimal(1)).map(Value::Decimal).map_err(raise)
}

/// The style among the arguments: an enum, wherever the overload has it.
fn style(args: &Args<'_>, default: NumberStyles) -> NumberStyles {
    match args.value(1) {
        Value::Word(_, bits) => NumberStyles(*bits as u32),
        _ => default,
    }
}

fn to_string_format(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let format = args.opt_str(1).cloned().unwrap_or_default();
    cx.format(args.value(0), &format.to_text()).map(Value::Str)
}

pub(crate) fn compare_to(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    match args.value(0).compare(args.value(1)) {
        Some(order) => Ok(Value::Int(order as i32)),
        None => Err(exception::argument("Object must be of the same type.", "")),
    }
}

fn parse_with<T>(
    args: &Args<'_>,
    parse: fn(&str, NumberStyles) -> dotformat::Result<T>,
    default: NumberStyles,
) -> Result<T> {
    let text: &Str = args.str(0, "s")?;
    parse(&text.to_text(), style(args, default)).map_err(raise)
}

fn try_with<T>(
    args: &Args<'_>,
    parse: fn(&str, NumberStyles) -> dotformat::Result<T>,
    default: NumberStyles,
) -> Option<T> {
    args.opt_str(0).and_then(|text| parse(&text.to_text(), style(args, default)).ok())
}

fn give<T: Default>(mut args: Args<'_>, found: Option<T>, wrap: fn(T) -> Value) -> Result<Value> {
    let is_there = found.is_some();
    args.set(args.len() - 1, wrap(found.unwrap_or_default()));
    Ok(Value::Bool(is_there))
}

const REAL: NumberStyles = NumberStyles(NumberStyles::FLOAT.0 | NumberStyles::ALLOW_THOUSANDS.0);

fn parse_float(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    parse_with(&args, parse_single, REAL).map(Value::Float)
}

fn try_parse_float(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = try_with(&args, parse_single, REAL);
    give(args, found, Value::Float)
}

fn parse_double_text(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    parse_with(&args, parse_double, REAL).map(Value::Double)
}

fn try_parse_double(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = try_with(&args, parse_double, REAL);
    give(args, found, Value::Double)
}

fn parse_decimal_text(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    parse_with(&args, parse_decimal, NumberStyles::NUMBER).map(Value::Decimal)
}

fn try_parse_decimal(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = try_with(&args, parse_decimal, NumberStyles::NUMBER);
    give(args, found, Value::Decimal)
}

fn is_nan(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(args.double(0).is_nan()))
}

fn is_infinity(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(args.double(0).is_infinite()))
}
