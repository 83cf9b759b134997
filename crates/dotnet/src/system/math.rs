//! `System.Math` and `System.MidpointRounding`.

use std::cmp::Ordering;

use csharp::{
    Args, Cx, Decimal, Result, Value, exception,
    surface::{EnumDef, Kind, TypeDef, pure},
};
use dotformat::{MidpointRounding as Mode, decimal_round};

use super::format::raise;

/// What every numeric type has, then further rows.
macro_rules! numeric {
    ($($ty:literal)* ; signed $($signed:literal)* ; $($more:expr),* $(,)?) => { &[
        $(
            pure(concat!("static ", $ty, " Max(", $ty, " val1, ", $ty, " val2)"), max, "The larger one."),
            pure(concat!("static ", $ty, " Min(", $ty, " val1, ", $ty, " val2)"), min, "The smaller one."),
            pure(concat!("static ", $ty, " Clamp(", $ty, " value, ", $ty, " min, ", $ty, " max)"), clamp, "The nearest number between two."),
        )*
        $(
            pure(concat!("static ", $signed, " Abs(", $signed, " value)"), abs, "Without its sign."),
            pure(concat!("static int Sign(", $signed, " value)"), sign, "-1, 0 or 1."),
        )*
        $($more),*
    ] };
}

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Math",
    kind: Kind::Static,
    members: numeric! {
        "sbyte" "byte" "short" "ushort" "int" "uint" "long" "ulong" "float" "double" "decimal";
        signed "sbyte" "short" "int" "long" "float" "double" "decimal";
        pure("const double PI", |_, _| Ok(Value::Double(std::f64::consts::PI)), "π."),
        pure("const double E", |_, _| Ok(Value::Double(std::f64::consts::E)), "e."),
        pure("static double Round(double a)", round, "The nearest whole number; midpoints go to the even one."),
        pure("static double Round(double value, int digits)", round, "To so many places; midpoints go to the even digit."),
        pure("static double Round(double value, MidpointRounding mode)", round, "The nearest whole number."),
        pure("static double Round(double value, int digits, MidpointRounding mode)", round, "To so many places."),
        pure("static decimal Round(decimal d)", round, "The nearest whole number; midpoints go to the even one."),
        pure("static decimal Round(decimal d, int decimals)", round, "To so many places; midpoints go to the even digit."),
        pure("static decimal Round(decimal d, MidpointRounding mode)", round, "The nearest whole number."),
        pure("static decimal Round(decimal d, int decimals, MidpointRounding mode)", round, "To so many places."),
        pure("static double Floor(double d)", |_, args| Ok(Value::Double(args.double(0).floor())), "The largest whole number that is not larger."),
        pure("static decimal Floor(decimal d)", |_, args| whole(&args, Mode::ToNegativeInfinity), "The largest whole number that is not larger."),
        pure("static double Ceiling(double a)", |_, args| Ok(Value::Double(args.double(0).ceil())), "The smallest whole number that is not smaller."),
        pure("static decimal Ceiling(decimal d)", |_, args| whole(&args, Mode::ToPositiveInfinity), "The smallest whole number that is not smaller."),
        pure("static double Truncate(double d)", |_, args| Ok(Value::Double(args.double(0).trunc())), "Without its fraction."),
        pure("static decimal Truncate(decimal d)", |_, args| whole(&args, Mode::ToZero), "Without its fraction."),
        pure("static double Pow(double x, double y)", pow, "x to the power of y."),
        pure("static double Sqrt(double d)", |_, args| Ok(Value::Double(args.double(0).sqrt())), "The square root."),
        pure("static double Cbrt(double d)", |_, args| Ok(Value::Double(args.double(0).cbrt())), "The cube root."),
        pure("static double Exp(double d)", |_, args| Ok(Value::Double(args.double(0).exp())), "e to the power of d."),
        pure("static double Log(double d)", |_, args| Ok(Value::Double(args.double(0).ln())), "The natural logarithm."),
        pure("static double Log(double a, double newBase)", log, "The logarithm to a base."),
        pure("static double Log10(double d)", |_, args| Ok(Value::Double(args.double(0).log10())), "The logarithm to base 10."),
        pure("static double Log2(double x)", |_, args| Ok(Value::Double(args.double(0).log2())), "The logarithm to base 2."),
        pure("static double Sin(double a)", |_, args| Ok(Value::Double(args.double(0).sin())), "The sine."),
        pure("static double Cos(double d)", |_, args| Ok(Value::Double(args.double(0).cos())), "The cosine."),
        pure("static double Tan(double a)", |_, args| Ok(Value::Double(args.double(0).tan())), "The tangent."),
        pure("static double Asin(double d)", |_, args| Ok(Value::Double(args.double(0).asin())), "The inverse sine."),
        pure("static double Acos(double d)", |_, args| Ok(Value::Double(args.double(0).acos())), "The inverse cosine."),
        pure("static double Atan(double d)", |_, args| Ok(Value::Double(args.double(0).atan())), "The inverse tangent."),
        pure("static double Atan2(double y, double x)", |_, args| Ok(Value::Double(args.double(0).atan2(args.double(1)))), "The angle of a point."),
        pure("static double Sinh(double value)", |_, args| Ok(Value::Double(args.double(0).sinh())), "The hyperbolic sine."),
        pure("static double Cosh(double value)", |_, args| Ok(Value::Double(args.double(0).cosh())), "The hyperbolic cosine."),
        pure("static double Tanh(double value)", |_, args| Ok(Value::Double(args.double(0).tanh())), "The hyperbolic tangent."),
        pure("static double IEEERemainder(double x, double y)", ieee_remainder, "What is left of x after the nearest multiple of y."),
        pure("static int DivRem(int a, int b, out int result)", div_rem, "Quotient and remainder."),
        pure("static long DivRem(long a, long b, out long result)", div_rem, "Quotient and remainder."),
        pure("static double Asinh(double d)", |_, args| Ok(Value::Double(args.double(0).asinh())), "The inverse hyperbolic sine."),
        pure("static double Acosh(double d)", |_, args| Ok(Value::Double(args.double(0).acosh())), "The inverse hyperbolic cosine."),
        pure("static double Atanh(double d)", |_, args| Ok(Value::Double(args.double(0).atanh())), "The inverse hyperbolic tangent."),
        pure("static double CopySign(double x, double y)", |_, args| Ok(Value::Double(args.double(0).copysign(args.double(1)))), "x with the sign of y."),
        pure("static double FusedMultiplyAdd(double x, double y, double z)", |_, args| Ok(Value::Double(args.double(0).mul_add(args.double(1), args.double(2)))), "x times y plus z, rounded once."),
        pure("static double ScaleB(double x, int n)", |_, args| Ok(Value::Double(scale_b(args.double(0), args.int(1)))), "x times two to the power of n."),
        pure("static int ILogB(double x)", |_, args| Ok(Value::Int(exponent(args.double(0)))), "The exponent of its binary form."),
        pure("static double BitIncrement(double x)", |_, args| Ok(Value::Double(args.double(0).next_up())), "The next larger number."),
        pure("static double BitDecrement(double x)", |_, args| Ok(Value::Double(args.double(0).next_down())), "The next smaller number."),
        pure("static double MaxMagnitude(double x, double y)", |_, args| Ok(Value::Double(by_magnitude(args.double(0), args.double(1), true))), "The one farther from zero."),
        pure("static double MinMagnitude(double x, double y)", |_, args| Ok(Value::Double(by_magnitude(args.double(0), args.double(1), false))), "The one nearer to zero."),
        pure("static long BigMul(int a, int b)", |_, args| Ok(Value::Long(args.long(0) * args.long(1))), "The product without overflow."),
    },
    doc: "Mathematical functions.",
    ..TypeDef::CLASS
};

pub(crate) static MIDPOINT_ROUNDING: TypeDef = TypeDef {
    name: "System.MidpointRounding",
    kind: EnumDef::of(&[
        ("ToEven", 0),
        ("AwayFromZero", 1),
        ("ToZero", 2),
        ("ToNegativeInfinity", 3),
        ("ToPositiveInfinity", 4),
    ]),
    doc: "Where a midpoint is rounded to.",
    ..TypeDef::CLASS
};

/// The mode among the arguments, wherever the overload has it.
pub(super) fn mode(args: &Args<'_>) -> Result<Mode> {
    let word =
        (1..args.len()).find_map(|at| if let Value::Word(_, word) = args.value(at) { Some(*word) } else { None });
    let modes = [Mode::ToEven, Mode::AwayFromZero, Mode::ToZero, Mode::ToNegativeInfinity, Mode::ToPositiveInfinity];
    let found = modes.get(word.unwrap_or(0) as usize).copied();
    found.ok_or_else(|| {
        exception::argument("The value is not valid for this usage of the type MidpointRounding.", "mode")
    })
}

/// `Round`, for `double` and `decimal`.
pub(super) fn round(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mode = mode(&args)?;
    let places = args.int(1);
    if let Value::Decimal(number) = args.value(0) {
        return decimal_round(*number, places, mode).map(Value::Decimal).map_err(raise);
    }
    if !(0..=15).contains(&places) {
        return Err(exception::out_of_range("Rounding digits must be between 0 and 15, inclusive.", "digits"));
    }
    let number = args.double(0);
    if number.abs() >= 1e16 {
        return Ok(Value::Double(number)); // it has no fraction to round
    }
    let power = 10f64.powi(places);
    Ok(Value::Double(rounded(number * power, mode) / power))
}

fn rounded(number: f64, mode: Mode) -> f64 {
    match mode {
        Mode::ToEven => number.round_ties_even(),
        // The runtime looks at the fraction, so that 0.49999999999999994 stays below.
        Mode::AwayFromZero => number.trunc() + if number.fract().abs() >= 0.5 { number.signum() } else { 0.0 },
        Mode::ToZero => number.trunc(),
        Mode::ToNegativeInfinity => number.floor(),
        Mode::ToPositiveInfinity => number.ceil(),
    }
}

fn whole(args: &Args<'_>, mode: Mode) -> Result<Value> {
    decimal_round(args.decimal(0), 0, mode).map(Value::Decimal).map_err(raise)
}

/// NaN wins, and negative zero is smaller than zero.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Double(left), Value::Double(right)) => Some(left.total_cmp(right)),
        (Value::Float(left), Value::Float(right)) => Some(left.total_cmp(right)),
        _ => left.compare(right),
    }
}

fn is_nan(value: &Value) -> bool {
    matches!(value, Value::Double(number) if number.is_nan())
        || matches!(value, Value::Float(number) if number.is_nan())
}

fn chosen(mut args: Args<'_>, second: Ordering) -> Result<Value> {
    let (left, right) = (args.take(0), args.take(1));
    let takes_second = is_nan(&right) || (!is_nan(&left) && order(&left, &right) == Some(second));
    Ok(if takes_second { right } else { left })
}

fn max(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    chosen(args, Ordering::Less)
}

fn min(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    chosen(args, Ordering::Greater)
}

fn clamp(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let (value, low, high) = (args.take(0), args.take(1), args.take(2));
    if low.compare(&high) == Some(Ordering::Greater) {
        let message = format!("'{}' cannot be greater than {}.", cx.text(&low)?, cx.text(&high)?);
        return Err(exception::argument(&message, ""));
    }
    Ok(match () {
        () if is_nan(&value) => value,
        () if value.compare(&low) == Some(Ordering::Less) => low,
        () if value.compare(&high) == Some(Ordering::Greater) => high,
        () => value,
    })
}

fn abs(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let positive = match args.value(0) {
        Value::SByte(value) => value.checked_abs().map(Value::SByte),
        Value::Short(value) => value.checked_abs().map(Value::Short),
        Value::Int(value) => value.checked_abs().map(Value::Int),
        Value::Long(value) => value.checked_abs().map(Value::Long),
        Value::Float(value) => Some(Value::Float(value.abs())),
        Value::Double(value) => Some(Value::Double(value.abs())),
        Value::Decimal(value) => Some(Value::Decimal(value.abs())),
        _ => None,
    };
    positive.ok_or_else(|| exception::overflow("Negating the minimum value of a twos complement number is invalid."))
}

fn sign(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let order = match args.value(0) {
        Value::Decimal(value) => value.cmp(&Decimal::ZERO),
        Value::Float(_) | Value::Double(_) => args.double(0).partial_cmp(&0.0).ok_or_else(|| {
            csharp::exception::raise(
                &csharp::exception::ARITHMETIC,
                "Function does not accept floating point Not-a-Number values.",
            )
        })?,
        _ => args.long(0).cmp(&0),
    };
    Ok(Value::Int(order as i32))
}

fn pow(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Double(args.double(0).powf(args.double(1))))
}

fn log(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (number, base) = (args.double(0), args.double(1));
    let undefined = base == 1.0 || (number != 1.0 && (base == 0.0 || base == f64::INFINITY));
    Ok(Value::Double(if undefined { f64::NAN } else { number.ln() / base.ln() }))
}

fn ieee_remainder(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (x, y) = (args.double(0), args.double(1));
    let remainder = x % y;
    if remainder == 0.0 || remainder.is_nan() {
        return Ok(Value::Double(remainder));
    }
    let other = remainder - y.abs() * x.signum();
    let nearest = match other.abs().total_cmp(&remainder.abs()) {
        // As far from both: the multiple that is even.
        Ordering::Equal if (x / y).round_ties_even() % 2.0 == 0.0 && (x / y).trunc() % 2.0 != 0.0 => other,
        Ordering::Less => other,
        _ => remainder,
    };
    Ok(Value::Double(nearest))
}

/// In steps that each stay in range, so that only the last may round.
fn scale_b(mut number: f64, mut power: i32) -> f64 {
    while power != 0 {
        let step = power.clamp(-1000, 1000);
        let scaled = number * 2f64.powi(step);
        if scaled == number || scaled == 0.0 || scaled.is_infinite() {
            return scaled;
        }
        number = scaled;
        power -= step;
    }
    number
}

fn exponent(number: f64) -> i32 {
    match number.classify() {
        std::num::FpCategory::Zero => i32::MIN,
        std::num::FpCategory::Nan | std::num::FpCategory::Infinite => i32::MAX,
        std::num::FpCategory::Subnormal => 63 - (number.to_bits() << 1).leading_zeros() as i32 - 1075,
        std::num::FpCategory::Normal => (number.to_bits() >> 52 & 0x7ff) as i32 - 1023,
    }
}

fn by_magnitude(x: f64, y: f64, larger: bool) -> f64 {
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    let order = x.abs().total_cmp(&y.abs()).then(x.total_cmp(&y));
    if (order == Ordering::Greater) == larger { x } else { y }
}

fn div_rem(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let overflow = || exception::overflow("Arithmetic operation resulted in an overflow.");
    let (a, b) = (args.long(0), args.long(1));
    if b == 0 {
        return Err(exception::divide_by_zero());
    }
    if let Value::Int(_) = args.value(0) {
        let quotient = i32::try_from(a / b).map_err(|_| overflow())?;
        args.set(2, Value::Int((a % b) as i32));
        return Ok(Value::Int(quotient));
    }
    let quotient = a.checked_div(b).ok_or_else(overflow)?;
    args.set(2, Value::Long(a.wrapping_rem(b)));
    Ok(Value::Long(quotient))
}
