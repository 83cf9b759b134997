//! [`Value`]: what an expression computes with. Numbers, enums, dates and short strings live in the value itself.

use std::{any::Any, cell::RefCell, cmp::Ordering, fmt, rc::Rc};

use rust_decimal::Decimal;

use crate::{
    call::{Cx, Result},
    surface::{Kind, TypeDef},
    text::Str,
    ty::{AnonymousTy, Def, Prim, TupleTy, Ty},
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

/// An object of the .NET world. Identity is that of its `Rc`.
pub trait Object: Any {
    /// Its run-time type.
    fn ty(&self) -> Ty;

    /// `ToString()`: the type's name unless the type says otherwise.
    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.ty().clr_name().into())
    }

    /// `Equals(other)` for another object; identity has been tried before.
    fn equals(&self, _other: &Value) -> bool {
        false
    }

    /// A hash that agrees with [`Object::equals`]; `None` for identity.
    fn hash(&self) -> Option<u64> {
        None
    }

    /// `IComparable.CompareTo`; `None` where the type has no order.
    fn compare(&self, _other: &Value) -> Option<Ordering> {
        None
    }

    /// `GetEnumerator()`; `None` where it is no `IEnumerable`.
    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        None
    }

    /// The face of lists, arrays and dictionaries.
    fn collection(&self) -> Option<&dyn Collection> {
        None
    }

    /// The value under `key` in a dictionary that the host holds; the outer `None` where it is no such dictionary.
    fn host_lookup(&self, _cx: &Cx<'_>, _key: &Value) -> Option<Option<Value>> {
        None
    }

    /// How many pairs a dictionary has that the host holds.
    fn host_count(&self, _cx: &Cx<'_>) -> Option<usize> {
        None
    }

    /// Calls it, if it is a delegate. Changed arguments (`ref`, `out`) are left in `args`.
    fn invoke(&self, _cx: &mut Cx<'_>, _args: &mut [Value]) -> Option<Result<Value>> {
        None
    }

    /// A deep copy of a mutable object, so that an evaluation which is given up can be undone.
    fn snapshot(&self) -> Option<Value> {
        None
    }
}

/// A running enumeration.
pub trait Iter {
    /// The next item, or `None` at the end.
    fn next(&mut self, cx: &mut Cx<'_>) -> Result<Option<Value>>;
}

/// What `ICollection<T>`, `IList<T>`, `IDictionary<K, V>` and their read-only twins need of an object.
pub trait Collection {
    /// `Count`.
    fn count(&self) -> usize;
    /// The item at `index`.
    fn item(&self, index: usize) -> Option<Value>;
    /// `this[index] = value`; false where `index` does not exist.
    fn set_item(&self, _index: usize, _value: Value) -> Result<bool> {
        Err(crate::exception::not_supported("Collection is read-only."))
    }
    /// `Insert(index, value)`; at `count()` it is `Add`.
    fn insert(&self, _index: usize, _value: Value) -> Result<()> {
        Err(crate::exception::not_supported("Collection was of a fixed size."))
    }
    /// `RemoveAt(index)`.
    fn remove(&self, _index: usize) -> Result<()> {
        Err(crate::exception::not_supported("Collection was of a fixed size."))
    }
    /// `Clear()`.
    fn clear(&self) -> Result<()> {
        Err(crate::exception::not_supported("Collection was of a fixed size."))
    }
    /// `IsReadOnly`.
    fn is_read_only(&self) -> bool {
        false
    }
    /// The value under `key`, in a dictionary.
    fn lookup(&self, _key: &Value) -> Option<Value> {
        None
    }
    /// Sets the value under `key`, in a dictionary.
    fn set_key(&self, _key: Value, _value: Value) -> Result<()> {
        Err(crate::exception::not_supported("Collection is read-only."))
    }
    /// Removes `key` from a dictionary; whether it was there.
    fn remove_key(&self, _key: &Value) -> Result<bool> {
        Err(crate::exception::not_supported("Collection is read-only."))
    }
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

/// `T[]`, `T[,]`. Bytes are kept as bytes.
pub struct Array {
    /// `T`.
    pub element: Ty,
    /// The length of each dimension, where there is more than one.
    pub lengths: Option<Box<[usize]>>,
    /// The items, last dimension first.
    pub items: RefCell<Items>,
}

/// Storage of an array.
pub enum Items {
    /// `byte[]`.
    Bytes(Vec<u8>),
    /// All others.
    Values(Vec<Value>),
}

impl Array {
    /// A `T[]` with these items.
    pub fn new(element: Ty, items: Vec<Value>) -> Self {
        let items = if element == Ty::BYTE {
            Items::Bytes(items.iter().map(|item| if let Value::Byte(byte) = item { *byte } else { 0 }).collect())
        } else {
            Items::Values(items)
        };
        Self { element, lengths: None, items: RefCell::new(items) }
    }

    /// A copy of its items.
    pub fn values(&self) -> Vec<Value> {
        match &*self.items.borrow() {
            Items::Bytes(bytes) => bytes.iter().map(|byte| Value::Byte(*byte)).collect(),
            Items::Values(values) => values.clone(),
        }
    }
}

impl Object for Array {
    fn ty(&self) -> Ty {
        Ty::Array(self.element.clone().into(), self.lengths.as_ref().map_or(1, |lengths| lengths.len() as u8))
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let mut at = 0;
        Some(Box::new(from_fn(move |_| {
            at += 1;
            Ok(self.item(at - 1))
        })))
    }

    fn collection(&self) -> Option<&dyn Collection> {
        Some(self)
    }

    fn snapshot(&self) -> Option<Value> {
        let items = match &*self.items.borrow() {
            Items::Bytes(bytes) => Items::Bytes(bytes.clone()),
            Items::Values(values) => Items::Values(values.iter().map(snapshot).collect()),
        };
        let lengths = self.lengths.clone();
        Some(Value::object(Array { element: self.element.clone(), lengths, items: RefCell::new(items) }))
    }
}

/// A deep copy of what can change in `value`; the value itself where nothing can.
pub fn snapshot(value: &Value) -> Value {
    match value {
        Value::Object(object) => object.snapshot().unwrap_or_else(|| value.clone()),
        _ => value.clone(),
    }
}

impl Collection for Array {
    /// As an `IList<T>` an array takes and gives no items, so it says it is read-only.
    fn is_read_only(&self) -> bool {
        true
    }

    fn count(&self) -> usize {
        match &*self.items.borrow() {
            Items::Bytes(bytes) => bytes.len(),
            Items::Values(values) => values.len(),
        }
    }

    fn item(&self, index: usize) -> Option<Value> {
        match &*self.items.borrow() {
            Items::Bytes(bytes) => bytes.get(index).map(|byte| Value::Byte(*byte)),
            Items::Values(values) => values.get(index).cloned(),
        }
    }

    fn set_item(&self, index: usize, value: Value) -> Result<bool> {
        match (&mut *self.items.borrow_mut(), value) {
            (Items::Bytes(bytes), Value::Byte(byte)) => Ok(bytes.get_mut(index).map(|item| *item = byte).is_some()),
            (Items::Bytes(_), _) => Ok(false),
            (Items::Values(values), value) => Ok(values.get_mut(index).map(|item| *item = value).is_some()),
        }
    }
}

/// An iteration from a function, for [`Object::iterate`].
pub fn from_fn(next: impl FnMut(&mut Cx<'_>) -> Result<Option<Value>>) -> impl Iter {
    struct FromFn<F>(F);
    impl<F: FnMut(&mut Cx<'_>) -> Result<Option<Value>>> Iter for FromFn<F> {
        fn next(&mut self, cx: &mut Cx<'_>) -> Result<Option<Value>> {
            self.0(cx)
        }
    }
    FromFn(next)
}

/// `(1, "a")`. A variable of tuple type holds its own copy.
pub struct Tuple {
    /// Types and names.
    pub ty: std::sync::Arc<TupleTy>,
    /// The items.
    pub items: RefCell<Vec<Value>>,
}

impl Object for Tuple {
    fn ty(&self) -> Ty {
        Ty::Tuple(self.ty.clone())
    }

    fn text(&self, cx: &mut Cx<'_>) -> Result<Str> {
        let mut parts = Vec::new();
        for item in self.items.borrow().iter() {
            parts.push(cx.text(item)?.to_text().into_owned());
        }
        Ok(format!("({})", parts.join(", ")).into())
    }

    fn equals(&self, other: &Value) -> bool {
        other
            .downcast::<Tuple>()
            .is_some_and(|other| self.ty == other.ty && all_equal(&self.items.borrow(), &other.items.borrow()))
    }

    fn hash(&self) -> Option<u64> {
        Some(combined_hash(&self.items.borrow()))
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        let other = other.downcast::<Tuple>()?;
        let (left, right) = (self.items.borrow(), other.items.borrow());
        for (left, right) in left.iter().zip(right.iter()) {
            match left.compare(right)? {
                Ordering::Equal => {}
                unequal => return Some(unequal),
            }
        }
        Some(Ordering::Equal)
    }
}

/// `new { A = 1 }`.
pub struct Anonymous {
    /// Names and types.
    pub ty: std::sync::Arc<AnonymousTy>,
    /// The values of its properties.
    pub items: Vec<Value>,
}

impl Object for Anonymous {
    fn ty(&self) -> Ty {
        Ty::Anonymous(self.ty.clone())
    }

    fn text(&self, cx: &mut Cx<'_>) -> Result<Str> {
        let mut parts = Vec::new();
        for ((name, _), item) in self.ty.fields.iter().zip(&self.items) {
            parts.push(format!("{name} = {}", cx.text(item)?));
        }
        if parts.is_empty() {
            return Ok("{ }".into());
        }
        Ok(format!("{{ {} }}", parts.join(", ")).into())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<Anonymous>().is_some_and(|other| self.ty == other.ty && all_equal(&self.items, &other.items))
    }

    fn hash(&self) -> Option<u64> {
        Some(combined_hash(&self.items))
    }
}

/// Whether items are pairwise equal.
pub fn all_equal(left: &[Value], right: &[Value]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.equals(right))
}

/// One hash of several values.
pub fn combined_hash(items: &[Value]) -> u64 {
    items.iter().fold(17, |hash, item| hash.wrapping_mul(31).wrapping_add(item.hash_code()))
}

/// What `typeof(T)` and `GetType()` give.
pub struct TypeObject {
    /// The type it stands for.
    pub ty: Ty,
    /// `System.Type`.
    pub def: &'static TypeDef,
}

impl Object for TypeObject {
    fn ty(&self) -> Ty {
        Ty::named(self.def)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.ty.clr_name().into())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<TypeObject>().is_some_and(|other| self.ty == other.ty)
    }

    fn hash(&self) -> Option<u64> {
        Some(self.ty.full_name().bytes().fold(7, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_takes_three_words() {
        assert_eq!((size_of::<Value>(), size_of::<Result<Value>>()), (24, 24));
    }
}
