//! [`Value`]: what an expression computes with. Numbers, enums, dates and short strings live in the value itself.

mod array;
mod composite;
mod constant;
mod object;

use std::{any::Any, cell::RefCell, cmp::Ordering, fmt, rc::Rc};

use rust_decimal::Decimal;

pub use self::{
    array::{Array, Items},
    composite::{Anonymous, Tuple, TypeObject, all_equal, combined_hash},
    constant::Const,
    object::{Collection, Iter, Object, from_fn, snapshot},
};
use crate::{
    surface::TypeDef,
    text::Str,
    ty::{Def, Prim, Ty},
};

/// A value at run time. Its C# type is known: [`Value::ty`].
#[derive(Clone, Default)]
#[expect(missing_docs, reason = "the built-in types speak for themselves")]
pub enum Value {
    /// `null`, and `T?` without a value.
    #[default]
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
    /// An enum, or a struct that fits one machine word (`DateTime`, `TimeSpan`), or a handle to what the host holds.
    Word(Def, u64),
    /// Everything else.
    Object(Rc<dyn Object>),
}

impl Value {
    /// Wraps an object.
    pub fn object(object: impl Object) -> Self {
        Self::Object(Rc::new(object))
    }

    /// A string.
    pub fn str(text: impl Into<Str>) -> Self {
        Self::Str(text.into())
    }

    /// A string, or `null`.
    pub fn str_or_null(text: Option<impl Into<Str>>) -> Self {
        text.map_or(Self::Null, Self::str)
    }

    /// A `byte[]`.
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Self::object(Array { element: Ty::BYTE, lengths: None, items: RefCell::new(Items::Bytes(bytes)) })
    }

    /// A `T[]`.
    pub fn array(element: Ty, items: Vec<Value>) -> Self {
        Self::object(Array::new(element, items))
    }

    /// A `string[]`.
    pub fn strings(items: impl IntoIterator<Item = impl Into<Str>>) -> Self {
        Self::array(Ty::STRING, items.into_iter().map(Value::str).collect())
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether dropping it has anything to do.
    #[inline]
    pub(crate) fn owns(&self) -> bool {
        match self {
            Self::Object(_) => true,
            Self::Str(text) => text.is_shared(),
            _ => false,
        }
    }

    /// The object as its Rust type.
    pub fn downcast<T: Object>(&self) -> Option<&T> {
        match self {
            Self::Object(object) => (&**object as &dyn Any).downcast_ref(),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&Str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The run-time type; `Ty::Null` for `null`.
    pub fn ty(&self) -> Ty {
        match self {
            Self::Null => Ty::Null,
            Self::Bool(_) => Ty::BOOL,
            Self::Char(_) => Ty::CHAR,
            Self::SByte(_) => Ty::Prim(Prim::SByte),
            Self::Byte(_) => Ty::BYTE,
            Self::Short(_) => Ty::Prim(Prim::Short),
            Self::UShort(_) => Ty::Prim(Prim::UShort),
            Self::Int(_) => Ty::INT,
            Self::UInt(_) => Ty::UINT,
            Self::Long(_) => Ty::LONG,
            Self::ULong(_) => Ty::ULONG,
            Self::Float(_) => Ty::FLOAT,
            Self::Double(_) => Ty::DOUBLE,
            Self::Decimal(_) => Ty::DECIMAL,
            Self::Str(_) => Ty::STRING,
            Self::Word(def, _) => Ty::named(def.0),
            Self::Object(object) => object.ty(),
        }
    }

    /// `object.Equals`: same type and same value.
    pub fn equals(&self, other: &Value) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Char(left), Self::Char(right)) => left == right,
            (Self::SByte(left), Self::SByte(right)) => left == right,
            (Self::Byte(left), Self::Byte(right)) => left == right,
            (Self::Short(left), Self::Short(right)) => left == right,
            (Self::UShort(left), Self::UShort(right)) => left == right,
            (Self::Int(left), Self::Int(right)) => left == right,
            (Self::UInt(left), Self::UInt(right)) => left == right,
            (Self::Long(left), Self::Long(right)) => left == right,
            (Self::ULong(left), Self::ULong(right)) => left == right,
            // Unlike `==`, NaN equals itself.
            (Self::Float(left), Self::Float(right)) => left == right || (left.is_nan() && right.is_nan()),
            (Self::Double(left), Self::Double(right)) => left == right || (left.is_nan() && right.is_nan()),
            (Self::Decimal(left), Self::Decimal(right)) => left == right,
            (Self::Str(left), Self::Str(right)) => left == right,
            (Self::Word(def, left), Self::Word(other, right)) => {
                def == other && word_key(*def, *left) == word_key(*other, *right)
            }
            (Self::Object(left), Self::Object(right)) => Rc::ptr_eq(left, right) || left.equals(other),
            (Self::Object(left), _) if !other.is_null() => left.equals(other),
            _ => false,
        }
    }

    /// A hash that agrees with [`Value::equals`].
    pub fn hash_code(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        match self {
            Self::Null => 0,
            Self::Bool(value) => u64::from(*value),
            Self::Char(value) => u64::from(*value) * 0x1_0001,
            Self::SByte(value) => *value as u64,
            Self::Byte(value) => u64::from(*value),
            Self::Short(value) => *value as u64,
            Self::UShort(value) => u64::from(*value),
            Self::Int(value) => *value as u64,
            Self::UInt(value) => u64::from(*value),
            Self::Long(value) => (*value as i32 ^ (*value >> 32) as i32) as u64,
            Self::ULong(value) => (*value as i32 ^ (*value >> 32) as i32) as u64,
            Self::Float(value) if *value == 0.0 => 0,
            Self::Float(value) => u64::from(value.to_bits()),
            Self::Double(value) if *value == 0.0 => 0,
            Self::Double(value) => (value.to_bits() as i32 ^ (value.to_bits() >> 32) as i32) as u64,
            Self::Decimal(value) => {
                let mut hasher = DefaultHasher::new();
                value.hash(&mut hasher);
                hasher.finish()
            }
            Self::Str(text) => {
                let mut hasher = DefaultHasher::new();
                text.hash(&mut hasher);
                hasher.finish()
            }
            Self::Word(def, word) if def.0.enum_def().is_some() => *word,
            Self::Word(def, word) => {
                let key = word_key(*def, *word);
                (key as i32 ^ (key >> 32) as i32) as u64
            }
            Self::Object(object) => object.hash().unwrap_or_else(|| Rc::as_ptr(object).cast::<u8>() as u64 >> 4),
        }
    }

    /// `Comparer<T>.Default` for values of one type, except that strings compare by unit: culture is the caller's matter.
    /// `None` where the type has no order.
    pub fn compare(&self, other: &Value) -> Option<Ordering> {
        /// NaN sorts before everything.
        fn floats(left: f64, right: f64) -> Ordering {
            left.partial_cmp(&right).unwrap_or_else(|| right.is_nan().cmp(&left.is_nan()))
        }
        Some(match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Less,
            (_, Self::Null) => Ordering::Greater,
            (Self::Bool(left), Self::Bool(right)) => left.cmp(right),
            (Self::Char(left), Self::Char(right)) => left.cmp(right),
            (Self::SByte(left), Self::SByte(right)) => left.cmp(right),
            (Self::Byte(left), Self::Byte(right)) => left.cmp(right),
            (Self::Short(left), Self::Short(right)) => left.cmp(right),
            (Self::UShort(left), Self::UShort(right)) => left.cmp(right),
            (Self::Int(left), Self::Int(right)) => left.cmp(right),
            (Self::UInt(left), Self::UInt(right)) => left.cmp(right),
            (Self::Long(left), Self::Long(right)) => left.cmp(right),
            (Self::ULong(left), Self::ULong(right)) => left.cmp(right),
            (Self::Float(left), Self::Float(right)) => floats(f64::from(*left), f64::from(*right)),
            (Self::Double(left), Self::Double(right)) => floats(*left, *right),
            (Self::Decimal(left), Self::Decimal(right)) => left.cmp(right),
            (Self::Str(left), Self::Str(right)) => left.compare_ordinal(right),
            (Self::Word(def, left), Self::Word(other, right)) if def == other => {
                word_key(*def, *left).cmp(&word_key(*other, *right))
            }
            (Self::Object(left), _) => return left.compare(other),
            _ => return None,
        })
    }

    /// `default(T)`.
    pub fn default_of(ty: &Ty) -> Value {
        match ty {
            Ty::Tuple(tuple) => Value::object(Tuple {
                ty: tuple.clone(),
                items: RefCell::new(tuple.items.iter().map(Value::default_of).collect()),
            }),
            Ty::Named(Def(TypeDef { default: Some(make), .. }), args) => make(args),
            _ => Const::default_of(ty).value(),
        }
    }
}

fn word_key(def: Def, word: u64) -> i64 {
    def.0.word.map_or(word as i64, |ops| (ops.key)(word))
}

/// A [`Value`] as the key of a map, compared by `Equals`.
#[derive(Clone, Debug)]
pub struct Key(pub Value);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0.equals(&other.0)
    }
}

impl Eq for Key {}

impl std::hash::Hash for Key {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash_code());
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Char(value) => Str::from_unit(*value).fmt(f),
            Self::SByte(value) => value.fmt(f),
            Self::Byte(value) => value.fmt(f),
            Self::Short(value) => value.fmt(f),
            Self::UShort(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::UInt(value) => value.fmt(f),
            Self::Long(value) => value.fmt(f),
            Self::ULong(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Double(value) => value.fmt(f),
            Self::Decimal(value) => value.fmt(f),
            Self::Str(value) => value.fmt(f),
            Self::Word(def, value) => write!(f, "{}({value})", def.0.name),
            Self::Object(object) => f.write_str(&object.ty().full_name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_takes_three_words() {
        assert_eq!((size_of::<Value>(), size_of::<crate::Result<Value>>()), (24, 24));
    }
}
