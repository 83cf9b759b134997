//! Arithmetic of the built-in types as C# defines it, for constants and at run time alike.

use dotformat as df;
use rust_decimal::Decimal;

use crate::{
    call::{Raise, Result},
    exception,
    ir::{BinOp, NumKind},
    ty::{Prim, Ty},
    value::Value,
};

fn overflow() -> Raise {
    exception::overflow("Arithmetic operation resulted in an overflow.")
}

fn of_decimal(result: df::Result<Decimal>) -> Result<Decimal> {
    result.map_err(|error| match error.kind {
        df::ErrorKind::DivideByZero => exception::divide_by_zero(),
        _ => exception::overflow(error.message),
    })
}

macro_rules! integer_ops {
    ($name:ident, $ty:ty) => {
        /// One operator on one representation.
        #[inline]
        pub(crate) fn $name(op: BinOp, checked: bool, left: $ty, right: $ty) -> Result<$ty> {
            Ok(match op {
                BinOp::Add if checked => left.checked_add(right).ok_or_else(overflow)?,
                BinOp::Add => left.wrapping_add(right),
                BinOp::Sub if checked => left.checked_sub(right).ok_or_else(overflow)?,
                BinOp::Sub => left.wrapping_sub(right),
                BinOp::Mul if checked => left.checked_mul(right).ok_or_else(overflow)?,
                BinOp::Mul => left.wrapping_mul(right),
                BinOp::Div | BinOp::Rem if right == 0 => return Err(exception::divide_by_zero()),
                // The one quotient that does not fit overflows in both contexts, and its remainder too.
                BinOp::Div => left.checked_div(right).ok_or_else(overflow)?,
                BinOp::Rem => left.checked_rem(right).ok_or_else(overflow)?,
                BinOp::BitAnd => left & right,
                BinOp::BitOr => left | right,
                BinOp::BitXor => left ^ right,
                BinOp::Shl | BinOp::Shr | BinOp::Lt | BinOp::Gt | BinOp::Le | BinOp::Ge | BinOp::Eq | BinOp::Ne => 0,
            })
        }
    };
}

integer_ops!(int, i32);
integer_ops!(uint, u32);
integer_ops!(long, i64);
integer_ops!(ulong, u64);

/// A comparison.
#[inline]
pub(crate) fn compare<T: PartialOrd>(op: BinOp, left: &T, right: &T) -> bool {
    match op {
        BinOp::Lt => left < right,
        BinOp::Gt => left > right,
        BinOp::Le => left <= right,
        BinOp::Ge => left >= right,
        BinOp::Eq => left == right,
        BinOp::Ne => left != right,
        _ => false,
    }
}

fn real(op: BinOp, left: f64, right: f64) -> f64 {
    match op {
        BinOp::Add => left + right,
        BinOp::Sub => left - right,
        BinOp::Mul => left * right,
        BinOp::Div => left / right,
        _ => left % right,
    }
}

/// A binary operator of the language on operands of representation `kind`. The right operand of a shift is an `int`.
pub(crate) fn binary(op: BinOp, kind: NumKind, checked: bool, left: &Value, right: &Value) -> Result<Value> {
    let is_comparison = matches!(op, BinOp::Lt | BinOp::Gt | BinOp::Le | BinOp::Ge | BinOp::Eq | BinOp::Ne);
    let is_shift = matches!(op, BinOp::Shl | BinOp::Shr);
    Ok(match (kind, left, right) {
        (NumKind::Int, Value::Int(left), Value::Int(right)) if is_comparison => Value::Bool(compare(op, left, right)),
        (NumKind::Int, Value::Int(left), Value::Int(by)) if is_shift => Value::Int(match op {
            BinOp::Shl => left.wrapping_shl(*by as u32 & 31),
            _ => left.wrapping_shr(*by as u32 & 31),
        }),
        (NumKind::Int, Value::Int(left), Value::Int(right)) => Value::Int(int(op, checked, *left, *right)?),
        (NumKind::UInt, Value::UInt(left), Value::UInt(right)) if is_comparison => {
            Value::Bool(compare(op, left, right))
        }
        (NumKind::UInt, Value::UInt(left), Value::Int(by)) if is_shift => Value::UInt(match op {
            BinOp::Shl => left.wrapping_shl(*by as u32 & 31),
            _ => left.wrapping_shr(*by as u32 & 31),
        }),
        (NumKind::UInt, Value::UInt(left), Value::UInt(right)) => Value::UInt(uint(op, checked, *left, *right)?),
        (NumKind::Long, Value::Long(left), Value::Long(right)) if is_comparison => {
            Value::Bool(compare(op, left, right))
        }
        (NumKind::Long, Value::Long(left), Value::Int(by)) if is_shift => Value::Long(match op {
            BinOp::Shl => left.wrapping_shl(*by as u32 & 63),
            _ => left.wrapping_shr(*by as u32 & 63),
        }),
        (NumKind::Long, Value::Long(left), Value::Long(right)) => Value::Long(long(op, checked, *left, *right)?),
        (NumKind::ULong, Value::ULong(left), Value::ULong(right)) if is_comparison => {
            Value::Bool(compare(op, left, right))
        }
        (NumKind::ULong, Value::ULong(left), Value::Int(by)) if is_shift => Value::ULong(match op {
            BinOp::Shl => left.wrapping_shl(*by as u32 & 63),
            _ => left.wrapping_shr(*by as u32 & 63),
        }),
        (NumKind::ULong, Value::ULong(left), Value::ULong(right)) => Value::ULong(ulong(op, checked, *left, *right)?),
        (NumKind::Float, Value::Float(left), Value::Float(right)) if is_comparison => {
            Value::Bool(compare(op, left, right))
        }
        (NumKind::Float, Value::Float(left), Value::Float(right)) => Value::Float(match op {
            BinOp::Add => left + right,
            BinOp::Sub => left - right,
            BinOp::Mul => left * right,
            BinOp::Div => left / right,
            _ => left % right,
        }),
        (NumKind::Double, Value::Double(left), Value::Double(right)) if is_comparison => {
            Value::Bool(compare(op, left, right))
        }
        (NumKind::Double, Value::Double(left), Value::Double(right)) => Value::Double(real(op, *left, *right)),
        (NumKind::Decimal, Value::Decimal(left), Value::Decimal(right)) if is_comparison => {
            Value::Bool(compare(op, left, right))
        }
        (NumKind::Decimal, Value::Decimal(left), Value::Decimal(right)) => Value::Decimal(of_decimal(match op {
            BinOp::Add => df::decimal_add(*left, *right),
            BinOp::Sub => df::decimal_sub(*left, *right),
            BinOp::Mul => df::decimal_mul(*left, *right),
            BinOp::Div => df::decimal_div(*left, *right),
            _ => df::decimal_rem(*left, *right),
        })?),
        (NumKind::Bool, Value::Bool(left), Value::Bool(right)) => Value::Bool(match op {
            BinOp::BitAnd => left & right,
            BinOp::BitOr => left | right,
            BinOp::BitXor | BinOp::Ne => left != right,
            _ => left == right,
        }),
        _ => return Err(exception::null_reference()), // operands of other types: not what the binder makes
    })
}

/// `-x`.
pub(crate) fn negate(kind: NumKind, checked: bool, value: &Value) -> Result<Value> {
    Ok(match (kind, value) {
        (NumKind::Int, Value::Int(value)) if checked => Value::Int(value.checked_neg().ok_or_else(overflow)?),
        (NumKind::Int, Value::Int(value)) => Value::Int(value.wrapping_neg()),
        (NumKind::Long, Value::Long(value)) if checked => Value::Long(value.checked_neg().ok_or_else(overflow)?),
        (NumKind::Long, Value::Long(value)) => Value::Long(value.wrapping_neg()),
        (NumKind::Float, Value::Float(value)) => Value::Float(-value),
        (NumKind::Double, Value::Double(value)) => Value::Double(-value),
        (NumKind::Decimal, Value::Decimal(value)) => Value::Decimal(-*value),
        _ => return Err(exception::null_reference()),
    })
}

/// `~x`.
pub(crate) fn complement(value: &Value) -> Result<Value> {
    Ok(match value {
        Value::Int(value) => Value::Int(!value),
        Value::UInt(value) => Value::UInt(!value),
        Value::Long(value) => Value::Long(!value),
        Value::ULong(value) => Value::ULong(!value),
        _ => return Err(exception::null_reference()),
    })
}

/// A numeric value of any representation.
enum Number {
    Integer(i128),
    Real(f64),
    Decimal(Decimal),
}

fn number(value: &Value) -> Option<Number> {
    Some(match value {
        Value::Char(value) => Number::Integer((*value).into()),
        Value::SByte(value) => Number::Integer((*value).into()),
        Value::Byte(value) => Number::Integer((*value).into()),
        Value::Short(value) => Number::Integer((*value).into()),
        Value::UShort(value) => Number::Integer((*value).into()),
        Value::Int(value) => Number::Integer((*value).into()),
        Value::UInt(value) => Number::Integer((*value).into()),
        Value::Long(value) => Number::Integer((*value).into()),
        Value::ULong(value) => Number::Integer((*value).into()),
        Value::Word(_, value) => Number::Integer((*value as i64).into()),
        Value::Float(value) => Number::Real((*value).into()),
        Value::Double(value) => Number::Real(*value),
        Value::Decimal(value) => Number::Decimal(*value),
        _ => return None,
    })
}

/// The integer `value` in representation `to`; the low bits where it does not fit.
fn integer(value: i128, to: Prim) -> Value {
    match to {
        Prim::Char => Value::Char(value as u16),
        Prim::SByte => Value::SByte(value as i8),
        Prim::Byte => Value::Byte(value as u8),
        Prim::Short => Value::Short(value as i16),
        Prim::UShort => Value::UShort(value as u16),
        Prim::Int => Value::Int(value as i32),
        Prim::UInt => Value::UInt(value as u32),
        Prim::Long => Value::Long(value as i64),
        _ => Value::ULong(value as u64),
    }
}

fn range(to: Prim) -> (i128, i128) {
    match to {
        Prim::Char | Prim::UShort => (0, u16::MAX.into()),
        Prim::SByte => (i8::MIN.into(), i8::MAX.into()),
        Prim::Byte => (0, u8::MAX.into()),
        Prim::Short => (i16::MIN.into(), i16::MAX.into()),
        Prim::Int => (i32::MIN.into(), i32::MAX.into()),
        Prim::UInt => (0, u32::MAX.into()),
        Prim::Long => (i64::MIN.into(), i64::MAX.into()),
        _ => (0, u64::MAX.into()),
    }
}

/// 2⁶³.
const TWO_63: f64 = (1_u64 << 63) as f64;

/// What the x64 instructions behind `conv` give for a number that does not fit: the "indefinite" integer.
fn truncate(value: f64, to: Prim) -> i128 {
    let fits = |min: f64, max: f64| value >= min && value < max;
    match to {
        Prim::Long | Prim::UInt => {
            let long = if fits(-TWO_63, TWO_63) { value as i64 } else { i64::MIN };
            long.into()
        }
        Prim::ULong if fits(TWO_63, 2.0 * TWO_63) => value as i128,
        Prim::ULong => {
            let long = if fits(-TWO_63, TWO_63) { value as i64 } else { i64::MIN };
            (long as u64).into()
        }
        _ if value > -2_147_483_649.0 && value < 2_147_483_648.0 => value as i128,
        _ => i32::MIN.into(),
    }
}

/// A numeric conversion to the built-in type or enum `to`.
pub(crate) fn convert(value: &Value, to: &Ty, checked: bool) -> Result<Value> {
    let to_prim = match (to, to.def().and_then(|def| def.enum_def())) {
        (Ty::Named(def, _), Some(values)) => {
            let bits = convert(value, &Ty::Prim(values.underlying), checked)?;
            let Some(Number::Integer(bits)) = number(&bits) else { return Err(exception::null_reference()) };
            return Ok(Value::Word(*def, bits as i64 as u64));
        }
        (Ty::Prim(prim), _) => *prim,
        _ => return Err(exception::null_reference()),
    };
    let Some(from) = number(value) else { return Err(exception::null_reference()) };
    Ok(match (to_prim, from) {
        (Prim::Float, Number::Integer(value)) => Value::Float(value as f32),
        (Prim::Float, Number::Real(value)) => Value::Float(value as f32),
        (Prim::Float, Number::Decimal(value)) => Value::Float(df::decimal_to_single(value)),
        (Prim::Double, Number::Integer(value)) => Value::Double(value as f64),
        (Prim::Double, Number::Real(value)) => Value::Double(value),
        (Prim::Double, Number::Decimal(value)) => Value::Double(df::decimal_to_double(value)),
        (Prim::Decimal, Number::Integer(value)) => Value::Decimal(Decimal::from_i128_with_scale(value, 0)),
        (Prim::Decimal, Number::Real(real)) => Value::Decimal(of_decimal(match value {
            Value::Float(single) => df::single_to_decimal(*single),
            _ => df::double_to_decimal(real),
        })?),
        (Prim::Decimal, Number::Decimal(value)) => Value::Decimal(value),
        (_, Number::Integer(value)) => {
            let (min, max) = range(to_prim);
            if checked && !(min..=max).contains(&value) {
                return Err(overflow());
            }
            integer(value, to_prim)
        }
        (_, Number::Real(value)) => {
            let (min, max) = range(to_prim);
            let whole = value.trunc();
            if checked && !(whole >= min as f64 && whole <= max as f64 && !(max > 1 << 53 && whole >= max as f64)) {
                return Err(overflow());
            }
            integer(truncate(value, to_prim), to_prim)
        }
        // A decimal that does not fit overflows in both contexts: the conversion is a method, not an instruction.
        (_, Number::Decimal(value)) => {
            let (min, max) = range(to_prim);
            let whole = value.trunc().mantissa();
            if !(min..=max).contains(&whole) {
                let kind = match to_prim {
                    Prim::Char => "a character",
                    Prim::SByte => "a signed byte",
                    Prim::Byte => "an unsigned byte",
                    Prim::Short => "an Int16",
                    Prim::UShort => "a UInt16",
                    Prim::Int => "an Int32",
                    Prim::UInt => "a UInt32",
                    Prim::Long => "an Int64",
                    _ => "a UInt64",
                };
                return Err(exception::overflow(format!("Value was either too large or too small for {kind}.")));
            }
            integer(whole, to_prim)
        }
    })
}
