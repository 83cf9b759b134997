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
                pure(concat!("int CompareTo(", $keyword, " value)"), compare_to, "Below, at or above 0, as it is smaller, equal or larger."),
                pure("int CompareTo(object value)", compare_to, "As with a number; ArgumentException for anything else."),
                pure("TypeCode GetTypeCode()", super::type_code::of_value, "Which basic type it is."),
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
                pure(concat!("int CompareTo(", $keyword, " value)"), compare_to, "Below, at or above 0, as it is smaller, equal or larger."),
                pure("int CompareTo(object value)", compare_to, "As with a number; ArgumentException for anything else."),
                pure("TypeCode GetTypeCode()", super::type_code::of_value, "Which basic type it is."),
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
        pure("static bool IsPositiveInfinity(float f)", |_, args| Ok(Value::Bool(args.double(0) == f64::INFINITY)), "Whether it is infinity."),
        pure("static bool IsNegativeInfinity(float f)", |_, args| Ok(Value::Bool(args.double(0) == f64::NEG_INFINITY)), "Whether it is negative infinity."),
        pure("static bool IsFinite(float f)", |_, args| Ok(Value::Bool(args.double(0).is_finite())), "Whether it is a number and not infinite."),
        pure("static bool IsNegative(float f)", |_, args| Ok(Value::Bool(args.double(0).is_sign_negative())), "Whether its sign is set."),
        pure("static bool IsNormal(float f)", is_normal, "Whether it is finite and has all its digits."),
        pure("static bool IsSubnormal(float f)", is_subnormal, "Whether it is so small that it lost digits."),
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
        pure("static bool IsPositiveInfinity(double d)", |_, args| Ok(Value::Bool(args.double(0) == f64::INFINITY)), "Whether it is infinity."),
        pure("static bool IsNegativeInfinity(double d)", |_, args| Ok(Value::Bool(args.double(0) == f64::NEG_INFINITY)), "Whether it is negative infinity."),
        pure("static bool IsFinite(double d)", |_, args| Ok(Value::Bool(args.double(0).is_finite())), "Whether it is a number and not infinite."),
        pure("static bool IsNegative(double d)", |_, args| Ok(Value::Bool(args.double(0).is_sign_negative())), "Whether its sign is set."),
        pure("static bool IsNormal(double d)", is_normal, "Whether it is finite and has all its digits."),
        pure("static bool IsSubnormal(double d)", is_subnormal, "Whether it is so small that it lost digits."),
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
        pure("static byte ToByte(decimal value)", |_, args| cut(&args, IntType::Byte, |number| Value::Byte(number as u8)), "Without its fraction."),
        pure("static sbyte ToSByte(decimal value)", |_, args| cut(&args, IntType::SByte, |number| Value::SByte(number as i8)), "Without its fraction."),
        pure("static short ToInt16(decimal value)", |_, args| cut(&args, IntType::Int16, |number| Value::Short(number as i16)), "Without its fraction."),
        pure("static ushort ToUInt16(decimal value)", |_, args| cut(&args, IntType::UInt16, |number| Value::UShort(number as u16)), "Without its fraction."),
        pure("static int ToInt32(decimal d)", |_, args| cut(&args, IntType::Int32, |number| Value::Int(number as i32)), "Without its fraction."),
        pure("static uint ToUInt32(decimal d)", |_, args| cut(&args, IntType::UInt32, |number| Value::UInt(number as u32)), "Without its fraction."),
        pure("static long ToInt64(decimal d)", |_, args| cut(&args, IntType::Int64, |number| Value::Long(number as i64)), "Without its fraction."),
        pure("static ulong ToUInt64(decimal d)", |_, args| cut(&args, IntType::UInt64, |number| Value::ULong(number as u64)), "Without its fraction."),
        pure("static double ToDouble(decimal d)", |_, args| Ok(Value::Double(real(args.decimal(0)))), "As a `double`."),
        pure("static float ToSingle(decimal d)", |_, args| Ok(Value::Float(real(args.decimal(0)) as f32)), "As a `float`."),
        pure("static int[] GetBits(decimal d)", bits, "Its 96 digits' bits, then scale and sign."),
        pure("static long ToOACurrency(decimal value)", to_currency, "Ten thousandths."),
        pure("static decimal FromOACurrency(long cy)", |_, args| Ok(Value::Decimal(Decimal::new(args.long(0), 4).normalize())), "From ten thousandths."),
        pure("Decimal(int value)", |_, args| Ok(Value::Decimal(args.long(0).into())), "A whole number."),
        pure("Decimal(long value)", |_, args| Ok(Value::Decimal(args.long(0).into())), "A whole number."),
        pure("Decimal(int lo, int mid, int hi, bool isNegative, byte scale)", from_parts, "From its bits, sign and scale."),
    ];
}

fn whole(args: &Args<'_>, mode: MidpointRounding) -> Result<Value> {
    decimal_round(args.decimal(0), 0, mode).map(Value::Decimal).map_err(raise)
}

fn round_to_whole(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    whole(&args, super::math::mode(&args)?)
}

/// Without its fraction, as a whole type.
fn cut(args: &Args<'_>, to: IntType, wrap: fn(i128) -> Value) -> Result<Value> {
    let whole = args.decimal(0).trunc();
    let (min, max) = match to {
        IntType::SByte => (i128::from(i8::MIN), i128::from(i8::MAX)),
        IntType::Byte => (0, i128::from(u8::MAX)),
        IntType::Int16 => (i128::from(i16::MIN), i128::from(i16::MAX)),
        IntType::UInt16 => (0, i128::from(u16::MAX)),
        IntType::Int32 => (i128::from(i32::MIN), i128::from(i32::MAX)),
        IntType::UInt32 => (0, i128::from(u32::MAX)),
        IntType::Int64 => (i128::from(i64::MIN), i128::from(i64::MAX)),
        IntType::UInt64 => (0, i128::from(u64::MAX)),
    };
    let number = whole.mantissa() / 10i128.pow(whole.scale());
    if (min..=max).contains(&number) {
        return Ok(wrap(number));
    }
    Err(exception::overflow("Value was either too large or too small for the type."))
}

fn real(number: Decimal) -> f64 {
    number.to_string().parse().unwrap_or_default()
}

fn bits(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let number = args.decimal(0);
    let digits = number.mantissa().unsigned_abs();
    let sign = if number.is_sign_negative() { i32::MIN } else { 0 };
    let words = [digits as i32, (digits >> 32) as i32, (digits >> 64) as i32, sign | (number.scale() << 16) as i32];
    Ok(Value::array(csharp::Ty::INT, words.into_iter().map(Value::Int).collect()))
}

fn from_parts(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let scale = args.long(4) as u32;
    if scale > 28 {
        return Err(exception::out_of_range("Decimal's scale value must be between 0 and 28, inclusive.", "scale"));
    }
    let word = |at| args.int(at) as u32;
    Ok(Value::Decimal(Decimal::from_parts(word(0), word(1), word(2), args.bool(3), scale)))
}

fn to_currency(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let scaled = decimal_round(args.decimal(0), 4, MidpointRounding::ToEven).map_err(raise)?;
    let units = scaled.mantissa().checked_mul(10i128.pow(4 - scaled.scale().min(4)));
    let units = units.and_then(|units| i64::try_from(units).ok());
    units.map(Value::Long).ok_or_else(|| exception::overflow("Value was either too large or too small for a Currency."))
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
    ordering(args.value(0), args.value(1)).map(Value::Int)
}

/// `left.CompareTo(right)`: null comes before everything; types narrower than `int` give their difference.
pub(crate) fn ordering(left: &Value, right: &Value) -> Result<i32> {
    Ok(match (left, right) {
        (_, Value::Null) => 1,
        (Value::Byte(left), Value::Byte(right)) => i32::from(*left) - i32::from(*right),
        (Value::SByte(left), Value::SByte(right)) => i32::from(*left) - i32::from(*right),
        (Value::Short(left), Value::Short(right)) => i32::from(*left) - i32::from(*right),
        (Value::UShort(left), Value::UShort(right)) => i32::from(*left) - i32::from(*right),
        (Value::Char(left), Value::Char(right)) => i32::from(*left) - i32::from(*right),
        (left, right) => {
            let order = left.compare(right);
            order.ok_or_else(|| exception::argument("Object must be of the same type.", ""))? as i32
        }
    })
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

/// Real numbers cannot be hexadecimal.
fn no_hex(style: NumberStyles) -> Result<()> {
    if style.0 & NumberStyles::HEX_NUMBER.0 & !NumberStyles::INTEGER.0 == 0 {
        return Ok(());
    }
    Err(exception::argument(
        "The number style AllowHexSpecifier is not supported on floating point data types.",
        "style",
    ))
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
    no_hex(style(&args, REAL))?;
    let found = try_with(&args, parse_single, REAL);
    give(args, found, Value::Float)
}

fn parse_double_text(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    parse_with(&args, parse_double, REAL).map(Value::Double)
}

fn try_parse_double(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    no_hex(style(&args, REAL))?;
    let found = try_with(&args, parse_double, REAL);
    give(args, found, Value::Double)
}

fn parse_decimal_text(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    parse_with(&args, parse_decimal, NumberStyles::NUMBER).map(Value::Decimal)
}

fn try_parse_decimal(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    no_hex(style(&args, NumberStyles::NUMBER))?;
    let found = try_with(&args, parse_decimal, NumberStyles::NUMBER);
    give(args, found, Value::Decimal)
}

fn is_nan(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(args.double(0).is_nan()))
}

fn is_normal(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(match args.value(0) {
        Value::Float(number) => number.is_normal(),
        _ => args.double(0).is_normal(),
    }))
}

fn is_subnormal(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(match args.value(0) {
        Value::Float(number) => number.is_subnormal(),
        _ => args.double(0).is_subnormal(),
    }))
}

fn is_infinity(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(args.double(0).is_infinite()))
}
