//! [`Const`]: constants of a compiled program.

use rust_decimal::Decimal;

use super::Value;
use crate::{
    surface::Kind,
    text::Str,
    ty::{Def, Prim, Ty},
};

/// A constant of a compiled program: a value that threads can share.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "twins of `Value`")]
pub enum Const {
    Null,
    Bool(bool),
    Char(u16),
    SByte(i8),
    Byte(u8),
    Short(i16),
    UShort(u16),
    Int(i32),
    UInt(u32),
    Long(i64),
    ULong(u64),
    Float(f32),
    Double(f64),
    Decimal(Decimal),
    Str(Str),
    Word(Def, u64),
}

impl Const {
    /// As a value.
    pub fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Char(value) => Value::Char(*value),
            Self::SByte(value) => Value::SByte(*value),
            Self::Byte(value) => Value::Byte(*value),
            Self::Short(value) => Value::Short(*value),
            Self::UShort(value) => Value::UShort(*value),
            Self::Int(value) => Value::Int(*value),
            Self::UInt(value) => Value::UInt(*value),
            Self::Long(value) => Value::Long(*value),
            Self::ULong(value) => Value::ULong(*value),
            Self::Float(value) => Value::Float(*value),
            Self::Double(value) => Value::Double(*value),
            Self::Decimal(value) => Value::Decimal(*value),
            Self::Str(value) => Value::Str(value.clone()),
            Self::Word(def, value) => Value::Word(*def, *value),
        }
    }

    /// Of a value; `None` for an object.
    pub fn of(value: &Value) -> Option<Const> {
        Some(match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Char(value) => Self::Char(*value),
            Value::SByte(value) => Self::SByte(*value),
            Value::Byte(value) => Self::Byte(*value),
            Value::Short(value) => Self::Short(*value),
            Value::UShort(value) => Self::UShort(*value),
            Value::Int(value) => Self::Int(*value),
            Value::UInt(value) => Self::UInt(*value),
            Value::Long(value) => Self::Long(*value),
            Value::ULong(value) => Self::ULong(*value),
            Value::Float(value) => Self::Float(*value),
            Value::Double(value) => Self::Double(*value),
            Value::Decimal(value) => Self::Decimal(*value),
            Value::Str(value) => Self::Str(value.clone()),
            Value::Word(def, value) => Self::Word(*def, *value),
            Value::Object(_) => return None,
        })
    }

    /// `default(T)`, but for tuples, which are objects.
    pub fn default_of(ty: &Ty) -> Const {
        match ty {
            Ty::Prim(prim) => match prim {
                Prim::Object | Prim::String => Self::Null,
                Prim::Bool => Self::Bool(false),
                Prim::Char => Self::Char(0),
                Prim::SByte => Self::SByte(0),
                Prim::Byte => Self::Byte(0),
                Prim::Short => Self::Short(0),
                Prim::UShort => Self::UShort(0),
                Prim::Int => Self::Int(0),
                Prim::UInt => Self::UInt(0),
                Prim::Long => Self::Long(0),
                Prim::ULong => Self::ULong(0),
                Prim::Float => Self::Float(0.0),
                Prim::Double => Self::Double(0.0),
                Prim::Decimal => Self::Decimal(Decimal::ZERO),
            },
            Ty::Named(def, _) if matches!(def.0.kind, Kind::Struct | Kind::Enum(_)) => Self::Word(*def, 0),
            _ => Self::Null,
        }
    }

    /// `value` as a constant of numeric type `ty`; `None` where it does not fit.
    pub fn integer(ty: &Ty, value: i64) -> Option<Const> {
        Some(match ty.unwrap_nullable().prim()? {
            Prim::Char => Self::Char(value.try_into().ok()?),
            Prim::SByte => Self::SByte(value.try_into().ok()?),
            Prim::Byte => Self::Byte(value.try_into().ok()?),
            Prim::Short => Self::Short(value.try_into().ok()?),
            Prim::UShort => Self::UShort(value.try_into().ok()?),
            Prim::Int => Self::Int(value.try_into().ok()?),
            Prim::UInt => Self::UInt(value.try_into().ok()?),
            Prim::Long => Self::Long(value),
            Prim::ULong => Self::ULong(value.try_into().ok()?),
            Prim::Float => Self::Float(value as f32),
            Prim::Double => Self::Double(value as f64),
            Prim::Decimal => Self::Decimal(value.into()),
            Prim::Object | Prim::String | Prim::Bool => return None,
        })
    }
}
