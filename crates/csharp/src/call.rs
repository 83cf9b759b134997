//! The contract of natives: what a member's implementation gets ([`Cx`], [`Args`]) and gives ([`Result`], [`Raise`]).

use std::{any::Any, cell::Ref, fmt, rc::Rc, sync::Arc};

use rust_decimal::Decimal;

use crate::{
    exception::{self, Exception},
    host::{Host, Side},
    limits::{Limit, Meter},
    observe::Observer,
    surface::{Surface, TypeDef},
    text::Str,
    ty::{Def, Ty},
    value::{Array, Collection, Items, Iter, Object, Value, from_fn},
};

/// What runs when a member is used. For an instance member the first argument is the receiver, which is never `null`;
/// for an extension method it is the first parameter, which may be. `out` and `ref` arguments are written back with
/// [`Args::set`].
pub type Native = fn(&mut Cx<'_>, Args<'_>) -> Result<Value>;

/// What running something gives.
pub type Result<T> = std::result::Result<T, Raise>;

/// Why an evaluation does not go on.
#[derive(Clone)]
pub enum Raise {
    /// A .NET exception, which C# code may catch.
    Exception(Rc<Exception>),
    /// A limit was passed. No C# code can catch that.
    Limit(Limit),
    /// A body was asked for that is not there yet. The host buffers it and evaluates again.
    Body(Side),
}

impl fmt::Debug for Raise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exception(exception) => write!(f, "{}: {}", exception.def.name, exception.message),
            Self::Limit(limit) => write!(f, "{limit}"),
            Self::Body(side) => write!(f, "{side:?} body needed"),
        }
    }
}

/// What a native may use: the host, the member table, delegates, limits.
pub struct Cx<'a> {
    /// The world outside: clock, entropy, request.
    pub host: &'a mut dyn Host,
    /// The member table.
    pub surface: &'a Surface,
    /// What may still be spent.
    pub meter: Meter<'a>,
    /// Who watches, if anybody.
    pub observer: Option<&'a mut dyn Observer>,
    /// What `context.Trace` was given; handed to the host when the evaluation ends well.
    #[allow(
        clippy::box_collection,
        reason = "few evaluations trace, and each pays for what must be dropped at its end"
    )]
    pub(crate) traces: Option<Box<Vec<Str>>>,
}

impl<'a> Cx<'a> {
    /// A context to run natives in.
    pub fn new(host: &'a mut dyn Host, surface: &'a Surface, meter: Meter<'a>) -> Self {
        Self { host, surface, meter, observer: None, traces: None }
    }

    /// Calls a delegate: `cx.call(predicate, &mut [item])?`.
    pub fn call(&mut self, delegate: &Value, args: &mut [Value]) -> Result<Value> {
        match delegate {
            Value::Object(object) => object.invoke(self, args).unwrap_or_else(|| Err(exception::null_reference())),
            _ => Err(exception::null_reference()),
        }
    }

    /// Calls a predicate.
    pub fn test(&mut self, delegate: &Value, args: &mut [Value]) -> Result<bool> {
        Ok(matches!(self.call(delegate, args)?, Value::Bool(true)))
    }

    /// Starts an enumeration of a string, an array or any other `IEnumerable`.
    pub fn iterate(&mut self, value: &Value) -> Result<Box<dyn Iter>> {
        match value {
            Value::Object(object) => match object.clone().iterate() {
                Some(iter) => Ok(iter),
                None => Err(exception::invalid_cast(format!("{} is not enumerable.", object.ty().clr_name()))),
            },
            Value::Str(text) => {
                let mut units = text.units().into_iter();
                Ok(Box::new(from_fn(move |_| Ok(units.next().map(Value::Char)))))
            }
            _ => Err(exception::null_reference()),
        }
    }

    /// Every item of an `IEnumerable`. Each counts as a step.
    pub fn collect(&mut self, value: &Value) -> Result<Vec<Value>> {
        if let Some(array) = value.downcast::<Array>() {
            return Ok(array.values());
        }
        let mut iter = self.iterate(value)?;
        let mut out = Vec::new();
        while let Some(item) = iter.next(self)? {
            self.meter.step()?;
            self.meter.allocate(size_of::<Value>())?;
            out.push(item);
        }
        Ok(out)
    }

    /// `ToString()` as string concatenation uses it: `null` is empty.
    pub fn text(&mut self, value: &Value) -> Result<Str> {
        match value {
            Value::Null => Ok(Str::EMPTY),
            Value::Str(text) => Ok(text.clone()),
            Value::Object(object) => object.clone().text(self),
            Value::Word(Def(def), word) => Ok(match (def.word, def.enum_def()) {
                (Some(ops), _) => (ops.text)(*word),
                (None, Some(values)) => values.text(*word as i64).into(),
                (None, None) => def.name.into(),
            }),
            _ => Ok((self.surface.hooks().text)(value)),
        }
    }

    /// `ToString(format)` as composite formats use it; an empty format is `ToString()`.
    pub fn format(&mut self, value: &Value, format: &str) -> Result<Str> {
        if format.is_empty() {
            return self.text(value);
        }
        let format_with = self.surface.hooks().format;
        format_with(self, value, format)
    }

    /// Keeps a trace message until the evaluation ends well.
    pub fn trace(&mut self, message: Str) {
        self.traces.get_or_insert_default().push(message);
    }
}

/// What was made of a call's constant arguments when the text was compiled. Threads share it.
pub type Prepared = Arc<dyn Any + Send + Sync>;

/// The arguments of a call.
pub struct Args<'a> {
    values: &'a mut [Value],
    types: &'a [Ty],
    with: With<'a>,
}

/// What few calls have besides.
#[derive(Clone, Copy)]
pub(crate) enum With<'a> {
    Nothing,
    /// The class that `new` names.
    Created(&'static TypeDef),
    Prepared(&'a Prepared),
}

impl<'a> Args<'a> {
    /// The arguments of a call with type arguments `types`.
    pub fn new(values: &'a mut [Value], types: &'a [Ty]) -> Self {
        Self { values, types, with: With::Nothing }
    }

    pub(crate) fn with(values: &'a mut [Value], types: &'a [Ty], with: With<'a>) -> Self {
        Self { values, types, with }
    }

    /// The arguments of a constructor of `def`.
    pub fn of_constructor(values: &'a mut [Value], types: &'a [Ty], def: &'static TypeDef) -> Self {
        Self { values, types, with: With::Created(def) }
    }

    /// Type argument `index`: those of the declaring type first (for a constructor, of the created type), then those of
    /// the method.
    pub fn ty(&self, index: usize) -> &Ty {
        self.types.get(index).unwrap_or(&Ty::OBJECT)
    }

    /// All type arguments.
    pub fn types(&self) -> &'a [Ty] {
        self.types
    }

    /// The class that `new` names, in a constructor.
    pub fn created(&self) -> &'static TypeDef {
        if let With::Created(def) = self.with { def } else { &exception::EXCEPTION }
    }

    /// What [`crate::surface::Member::prepared`] made of the constant arguments, if this call has it.
    pub fn prepared<T: Any>(&self) -> Option<&'a T> {
        if let With::Prepared(prepared) = self.with { prepared.downcast_ref() } else { None }
    }

    /// How many arguments there are, receiver included.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Argument `index`, if there are that many.
    pub fn get(&self, index: usize) -> Option<&Value> {
        self.values.get(index)
    }

    /// Argument `index`.
    pub fn value(&self, index: usize) -> &Value {
        self.values.get(index).unwrap_or(&Value::Null)
    }

    /// Argument `index`, moved out.
    pub fn take(&mut self, index: usize) -> Value {
        self.values.get_mut(index).map(std::mem::take).unwrap_or_default()
    }

    /// Argument `index`, which must not be `null`: otherwise `ArgumentNullException` names `param`.
    pub fn some(&self, index: usize, param: &str) -> Result<&Value> {
        match self.value(index) {
            Value::Null => Err(exception::argument_null(param)),
            value => Ok(value),
        }
    }

    /// Writes an `out` or `ref` argument.
    pub fn set(&mut self, index: usize, value: Value) {
        if let Some(place) = self.values.get_mut(index) {
            *place = value;
        }
    }

    /// The receiver and the other arguments.
    pub fn split_this(self) -> (Value, &'a mut [Value]) {
        match self.values.split_first_mut() {
            Some((first, rest)) => (std::mem::take(first), rest),
            None => (Value::Null, &mut []),
        }
    }

    /// A `bool`.
    pub fn bool(&self, index: usize) -> bool {
        matches!(self.value(index), Value::Bool(true))
    }

    /// A `char`.
    pub fn char(&self, index: usize) -> u16 {
        if let Value::Char(unit) = self.value(index) { *unit } else { 0 }
    }

    /// An `int`.
    pub fn int(&self, index: usize) -> i32 {
        if let Value::Int(value) = self.value(index) { *value } else { 0 }
    }

    /// Any integral argument, enums and `char` included, that fits `long`.
    pub fn long(&self, index: usize) -> i64 {
        match self.value(index) {
            Value::Char(value) => i64::from(*value),
            Value::SByte(value) => i64::from(*value),
            Value::Byte(value) => i64::from(*value),
            Value::Short(value) => i64::from(*value),
            Value::UShort(value) => i64::from(*value),
            Value::Int(value) => i64::from(*value),
            Value::UInt(value) => i64::from(*value),
            Value::Long(value) => *value,
            Value::ULong(value) => *value as i64,
            Value::Word(_, value) => *value as i64,
            _ => 0,
        }
    }

    /// A `ulong`.
    pub fn ulong(&self, index: usize) -> u64 {
        self.long(index) as u64
    }

    /// A `double` or `float`.
    pub fn double(&self, index: usize) -> f64 {
        match self.value(index) {
            Value::Double(value) => *value,
            Value::Float(value) => f64::from(*value),
            _ => 0.0,
        }
    }

    /// A `decimal`.
    pub fn decimal(&self, index: usize) -> Decimal {
        if let Value::Decimal(value) = self.value(index) { *value } else { Decimal::ZERO }
    }

    /// The bits of an enum or one-word struct.
    pub fn word(&self, index: usize) -> u64 {
        if let Value::Word(_, word) = self.value(index) { *word } else { 0 }
    }

    /// A `string` that may be `null`.
    pub fn opt_str(&self, index: usize) -> Option<&Str> {
        self.value(index).as_str()
    }

    /// A `string` that must not be `null`: otherwise `ArgumentNullException` names `param`.
    pub fn str(&self, index: usize, param: &str) -> Result<&Str> {
        self.opt_str(index).ok_or_else(|| exception::argument_null(param))
    }

    /// The receiver of a `string` method.
    pub fn text(&self) -> &Str {
        const EMPTY: &Str = &Str::EMPTY;
        self.opt_str(0).unwrap_or(EMPTY)
    }

    /// An object as its Rust type; `None` for `null` and for any other type.
    pub fn object<T: Object>(&self, index: usize) -> Option<&T> {
        self.value(index).downcast()
    }

    /// The receiver as its Rust type.
    pub fn this<T: Object>(&self) -> Result<&T> {
        self.object(0).ok_or_else(exception::null_reference)
    }

    /// An object that must not be `null`: otherwise `ArgumentNullException` names `param`.
    pub fn object_or<T: Object>(&self, index: usize, param: &str) -> Result<&T> {
        self.object(index).ok_or_else(|| exception::argument_null(param))
    }

    /// A list, array or dictionary; `None` for `null`.
    pub fn collection(&self, index: usize) -> Option<&dyn Collection> {
        match self.value(index) {
            Value::Object(object) => object.collection(),
            _ => None,
        }
    }

    /// A `byte[]` that must not be `null`.
    pub fn bytes(&self, index: usize, param: &str) -> Result<Ref<'_, [u8]>> {
        let array = self.object_or::<Array>(index, param)?;
        Ok(Ref::map(array.items.borrow(), |items| match items {
            Items::Bytes(bytes) => bytes.as_slice(),
            Items::Values(_) => &[],
        }))
    }

    /// The items of an array argument, `params` included; none for `null`.
    pub fn items(&self, index: usize) -> Vec<Value> {
        self.object::<Array>(index).map(Array::values).unwrap_or_default()
    }
}
