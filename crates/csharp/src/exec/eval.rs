//! Evaluates expression nodes.

use std::{cell::RefCell, rc::Rc};

use super::{
    closure::Closure,
    code::*,
    frame::{Cell, Frame},
    place::{item, read_element},
    run::{call, raise},
    types::{cast, is_instance},
};
use crate::{
    arith,
    call::{Args, Cx, Result},
    exception,
    text::{Str, StrBuilder},
    ty::{Prim, Ty},
    value::{Anonymous, Array, Collection, Items, Tuple, TypeObject, Value},
};

impl Node {
    pub(super) fn eval(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
        match self {
            Self::Const(value) => Ok(value.value()),
            Self::Slot(slot) => Ok(f.slots[*slot].clone()),
            Self::Cell(cell) => Ok(f.cell(*cell).borrow().clone()),
            Self::Int(node) => node.eval(f, cx).map(Value::Int),
            Self::Bool(node) => node.eval(f, cx).map(Value::Bool),
            Self::Call(node) => gather(&node.args, f, cx, |values, _, cx| node.target.call(values, cx)),
            Self::Store(parts) => store(&parts.0, &parts.1, f, cx),
            Self::Update(update) => update.eval(f, cx),
            Self::Let(parts) => {
                let (loc, value, body) = &**parts;
                let value = value.eval(f, cx)?;
                f.declare(*loc, value);
                body.eval(f, cx)
            }
            Self::Then(pair) => {
                pair.0.eval(f, cx)?;
                pair.1.eval(f, cx)
            }
            Self::Function(node) => {
                gather(&node.args, f, cx, |values, f, cx| call_function(node.function, &node.cells, values, f, cx))
            }
            Self::Invoke(node) => {
                let delegate = node.0.eval(f, cx)?;
                gather(&node.1, f, cx, |values, _, cx| {
                    cx.meter.step()?;
                    cx.call(&delegate, values)
                })
            }
            Self::CallByRef(node) => call_by_ref(&node.0, &node.1, f, cx),
            Self::Lambda(node) => {
                let cells = cells(&node.cells, f);
                cx.meter.allocate(size_of::<Closure>() + cells.len() * size_of::<Cell>())?;
                Ok(Value::object(Closure::new(f.code.clone(), node.function, cells, node.ty.clone())))
            }
            Self::Binary(node) => node.eval(f, cx),
            Self::Negate(kind, checked, operand) => arith::negate(*kind, *checked, &operand.eval(f, cx)?),
            Self::Complement(operand) => arith::complement(&operand.eval(f, cx)?),
            Self::Conditional(parts) => {
                if parts.0.eval(f, cx)? {
                    parts.1.eval(f, cx)
                } else {
                    parts.2.eval(f, cx)
                }
            }
            Self::Coalesce(parts) => {
                let (left, loc, present, absent) = &**parts;
                match left.eval(f, cx)? {
                    Value::Null => absent.eval(f, cx),
                    value => {
                        f.declare(*loc, value);
                        present.eval(f, cx)
                    }
                }
            }
            Self::NullConditional(parts) => {
                let (target, loc, access) = &**parts;
                match target.eval(f, cx)? {
                    Value::Null => Ok(Value::Null),
                    value => {
                        f.declare(*loc, value);
                        access.eval(f, cx)
                    }
                }
            }
            Self::Numeric(parts) => {
                let value = parts.0.eval(f, cx)?;
                match (&value, &parts.1) {
                    (Value::Int(value), Ty::Prim(Prim::Long)) => Ok(Value::Long(i64::from(*value))),
                    (Value::Int(value), Ty::Prim(Prim::Double)) => Ok(Value::Double(f64::from(*value))),
                    (Value::Char(value), Ty::Prim(Prim::Int)) => Ok(Value::Int(i32::from(*value))),
                    (value, ty) => arith::convert(value, ty, parts.2),
                }
            }
            Self::Cast(parts) => cast(parts.0.eval(f, cx)?, &parts.1, cx.surface),
            Self::Unwrap(node) => match node.eval(f, cx)? {
                Value::Null => Err(exception::invalid_operation("Nullable object must have a value.")),
                value => Ok(value),
            },
            Self::As(parts) => {
                let value = parts.0.eval(f, cx)?;
                Ok(if is_instance(&value, &parts.1, cx.surface) { value } else { Value::Null })
            }
            Self::Element(parts) => read_element(&parts.0, &parts.1, f, cx),
            Self::Field(node, at) => item(&node.eval(f, cx)?, *at),
            Self::Concat(items) => gather(items, f, cx, |values, _, cx| concat(values, cx)),
            Self::Interpolate(parts) => gather(&parts.0, f, cx, |values, _, cx| interpolate(values, &parts.1, cx)),
            Self::Lifted(lifted) => lifted.eval(f, cx),
            Self::ThreeValued { or, pair } => {
                let (left, right) = (pair.0.eval(f, cx)?, pair.1.eval(f, cx)?);
                Ok(match (left, right) {
                    (Value::Bool(left), Value::Bool(right)) => {
                        Value::Bool(if *or { left | right } else { left & right })
                    }
                    (Value::Bool(known), _) | (_, Value::Bool(known)) if known == *or => Value::Bool(known),
                    _ => Value::Null,
                })
            }
            Self::NewArray(parts) => new_array(&parts.0, &parts.1, f, cx),
            Self::ArrayOf(array) => array.eval(f, cx),
            Self::Tuple(ty, items) => {
                let items = RefCell::new(eval_all(items, f, cx)?);
                Ok(Value::object(Tuple { ty: ty.clone(), items }))
            }
            Self::Anonymous(ty, items) => {
                let items = eval_all(items, f, cx)?;
                Ok(Value::object(Anonymous { ty: ty.clone(), items }))
            }
            Self::Copy(node) => Ok(copy(node.eval(f, cx)?)),
            Self::Default(ty) => Ok(Value::default_of(ty)),
            Self::Throw(value) => Err(raise(value.eval(f, cx)?)),
            Self::TypeOf(parts) => Ok(Value::object(TypeObject { ty: parts.0.clone(), def: parts.1 })),
            Self::Watch(parts) => {
                let value = parts.1.eval(f, cx)?;
                if let Some(observer) = &mut cx.observer {
                    observer.local(&parts.0, &value);
                }
                Ok(value)
            }
        }
    }
}

impl IntNode {
    /// The value; for a local or a constant without a call.
    #[allow(clippy::inline_always, reason = "every operand of every node goes through it: measured")]
    #[inline(always)]
    pub(super) fn operand(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<i32> {
        match self {
            Self::Local(slot) => Ok(f.ints[*slot]),
            Self::Const(value) => Ok(*value),
            node => node.eval(f, cx),
        }
    }

    pub(super) fn eval(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<i32> {
        Ok(match self {
            Self::Const(value) => *value,
            Self::Local(slot) => f.ints[*slot],
            Self::Set(slot, value) => {
                let value = value.operand(f, cx)?;
                f.ints[*slot] = value;
                value
            }
            Self::AddTo(slot, value) => {
                // The old value is read before the operand runs, which may change the variable.
                let old = f.ints[*slot];
                let value = old.wrapping_add(value.operand(f, cx)?);
                f.ints[*slot] = value;
                value
            }
            Self::PostAdd(slot, by) => {
                let old = f.ints[*slot];
                f.ints[*slot] = old.wrapping_add(*by);
                old
            }
            Self::Add(pair) => pair.0.operand(f, cx)?.wrapping_add(pair.1.operand(f, cx)?),
            Self::AddConst(node, by) => node.operand(f, cx)?.wrapping_add(*by),
            Self::RemConst(node, by) => node.operand(f, cx)?.wrapping_rem(*by),
            Self::Binary { op, checked, pair } => {
                let (left, right) = (pair.0.operand(f, cx)?, pair.1.operand(f, cx)?);
                arith::int(*op, *checked, left, right)?
            }
            Self::Shift { left, pair } => {
                let (value, by) = (pair.0.operand(f, cx)?, pair.1.operand(f, cx)? as u32);
                if *left { value.wrapping_shl(by) } else { value.wrapping_shr(by) }
            }
            Self::Conditional(parts) => {
                if parts.0.eval(f, cx)? {
                    parts.1.operand(f, cx)?
                } else {
                    parts.2.operand(f, cx)?
                }
            }
            Self::ArrayLength(array) => {
                let array = array.eval(f, cx)?;
                array.downcast::<Array>().ok_or_else(exception::null_reference)?.count() as i32
            }
            Self::Value(node) => match node.eval(f, cx)? {
                Value::Int(value) => value,
                _ => return Err(exception::null_reference()), // the binder gives every `int` as one
            },
        })
    }
}

impl BoolNode {
    pub(super) fn eval(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<bool> {
        Ok(match self {
            Self::Const(value) => *value,
            Self::Not(node) => !node.eval(f, cx)?,
            Self::And(pair) => pair.0.eval(f, cx)? && pair.1.eval(f, cx)?,
            Self::Or(pair) => pair.0.eval(f, cx)? || pair.1.eval(f, cx)?,
            Self::CompareInt(op, pair) => {
                let (left, right) = (pair.0.operand(f, cx)?, pair.1.operand(f, cx)?);
                arith::compare(*op, &left, &right)
            }
            Self::Compare(node) => matches!(node.eval(f, cx)?, Value::Bool(true)),
            Self::EqualText { node, text, negated } => {
                let value = node.eval(f, cx)?;
                matches!(&value, Value::Str(value) if value == text) != *negated
            }
            Self::Equal { pair, negated } => {
                let (left, right) = (pair.0.eval(f, cx)?, pair.1.eval(f, cx)?);
                left.equals(&right) != *negated
            }
            Self::Same { pair, negated } => {
                let (left, right) = (pair.0.eval(f, cx)?, pair.1.eval(f, cx)?);
                same(&left, &right) != *negated
            }
            Self::IsNull { node, negated } => node.eval(f, cx)?.is_null() != *negated,
            Self::Is(parts) => {
                let value = parts.0.eval(f, cx)?;
                parts.1.passes(&value, f, cx)
            }
            Self::Value(node) => matches!(node.eval(f, cx)?, Value::Bool(true)),
            Self::Watch(node, span) => {
                let taken = node.eval(f, cx)?;
                if let Some(observer) = &mut cx.observer {
                    observer.branch(*span, taken);
                }
                taken
            }
        })
    }
}

impl Binary {
    #[inline(never)]
    fn eval(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
        let (left, right) = (self.left.eval(f, cx)?, self.right.eval(f, cx)?);
        arith::binary(self.op, self.kind, self.checked, &left, &right)
    }
}

impl Target {
    pub(super) fn call(&self, values: &mut [Value], cx: &mut Cx<'_>) -> Result<Value> {
        cx.meter.step()?;
        if self.check && values.first().is_some_and(Value::is_null) {
            return Err(exception::null_reference());
        }
        let args = match self.created {
            Some(def) => Args::of_constructor(values, &self.types, def),
            None => Args::new(values, &self.types),
        };
        (self.run)(cx, args)
    }
}

impl Update {
    #[inline(never)]
    fn eval(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
        if let (Place::Var(loc), false) = (&self.place, self.gives_old) {
            let old = f.load(*loc);
            f.declare(self.old, old);
            let new = self.new.eval(f, cx)?;
            f.store(*loc, new.clone());
            return Ok(new);
        }
        let target = self.place.resolve(f, cx)?;
        let old = target.read(f, cx)?;
        f.declare(self.old, old.clone());
        let new = self.new.eval(f, cx)?;
        target.write(new.clone(), f, cx)?;
        Ok(if self.gives_old { old } else { new })
    }
}

impl Lifted {
    #[inline(never)]
    fn eval(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
        let mut is_null = false;
        for (loc, operand) in &self.operands {
            let value = operand.eval(f, cx)?;
            is_null |= value.is_null();
            f.declare(*loc, value);
        }
        if is_null { Ok(self.null.value()) } else { self.body.eval(f, cx) }
    }
}

impl ArrayOf {
    #[inline(never)]
    fn eval(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
        cx.meter.allocate(self.items.len() * size_of::<Value>())?;
        let array = Array::new(self.element.clone(), eval_all(&self.items, f, cx)?);
        Ok(Value::object(Array { lengths: self.lengths.clone(), ..array }))
    }
}

/// Evaluates nodes and hands the values on. Up to four need no allocation.
#[inline]
pub(super) fn gather<T>(
    nodes: &[Node],
    f: &mut Frame<'_>,
    cx: &mut Cx<'_>,
    then: impl FnOnce(&mut [Value], &mut Frame<'_>, &mut Cx<'_>) -> Result<T>,
) -> Result<T> {
    match nodes {
        [] => then(&mut [], f, cx),
        [a] => {
            let mut values = [a.eval(f, cx)?];
            then(&mut values, f, cx)
        }
        [a, b] => {
            let mut values = [a.eval(f, cx)?, b.eval(f, cx)?];
            then(&mut values, f, cx)
        }
        [a, b, c] => {
            let mut values = [a.eval(f, cx)?, b.eval(f, cx)?, c.eval(f, cx)?];
            then(&mut values, f, cx)
        }
        [a, b, c, d] => {
            let mut values = [a.eval(f, cx)?, b.eval(f, cx)?, c.eval(f, cx)?, d.eval(f, cx)?];
            then(&mut values, f, cx)
        }
        _ => {
            let mut values = eval_all(nodes, f, cx)?;
            then(&mut values, f, cx)
        }
    }
}

fn eval_all(nodes: &[Node], f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Vec<Value>> {
    nodes.iter().map(|node| node.eval(f, cx)).collect()
}

#[inline]
fn store(place: &Place, value: &Node, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
    if let Place::Var(loc) = place {
        let value = value.eval(f, cx)?;
        f.store(*loc, value.clone());
        return Ok(value);
    }
    let target = place.resolve(f, cx)?;
    let value = value.eval(f, cx)?;
    target.write(value.clone(), f, cx)?;
    Ok(value)
}

fn cells(captured: &[usize], f: &mut Frame<'_>) -> Vec<Cell> {
    captured.iter().map(|cell| f.cell(*cell).clone()).collect()
}

#[inline(never)]
fn call_function(
    function: usize,
    captured: &[usize],
    values: &mut [Value],
    f: &mut Frame<'_>,
    cx: &mut Cx<'_>,
) -> Result<Value> {
    let cells = cells(captured, f);
    call(f.code, function, &cells, cx, values)
}

/// A call whose callee leaves values for places of the caller.
#[inline(never)]
fn call_by_ref(callee: &Callee, args: &[RefArg], f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
    let delegate = match callee {
        Callee::Delegate(delegate) => delegate.eval(f, cx)?,
        _ => Value::Null,
    };
    let (mut values, mut places) = (Vec::with_capacity(args.len()), Vec::new());
    for (at, arg) in args.iter().enumerate() {
        if let Some(place) = &arg.place {
            places.push((at, place.resolve(f, cx)?));
        }
        values.push(match &arg.input {
            Some(input) => input.eval(f, cx)?,
            None => Value::Null,
        });
    }
    let result = match callee {
        Callee::Member(target) => target.call(&mut values, cx)?,
        Callee::Function { function, cells } => call_function(*function, cells, &mut values, f, cx)?,
        Callee::Delegate(_) => cx.call(&delegate, &mut values)?,
    };
    for (at, place) in places {
        let value = values.get_mut(at).map(std::mem::take).unwrap_or_default();
        place.write(value, f, cx)?;
    }
    Ok(result)
}

#[inline(never)]
fn new_array(element: &Ty, lengths: &[Node], f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
    let overflow = || exception::overflow("Arithmetic operation resulted in an overflow.");
    let mut sizes = Vec::with_capacity(lengths.len());
    for length in lengths {
        let length = length.eval(f, cx)?;
        let length = Args::new(&mut [length], &[]).long(0);
        sizes.push(usize::try_from(length).map_err(|_| overflow())?);
    }
    let count = sizes.iter().try_fold(1_usize, |count, size| count.checked_mul(*size)).ok_or_else(overflow)?;
    let width = if *element == Ty::BYTE { 1 } else { size_of::<Value>() };
    cx.meter.allocate(count.saturating_mul(width))?;
    let items = match element {
        Ty::Prim(Prim::Byte) => Items::Bytes(vec![0; count]),
        Ty::Tuple(_) => Items::Values((0..count).map(|_| Value::default_of(element)).collect()),
        _ => Items::Values(vec![Value::default_of(element); count]),
    };
    let lengths = (sizes.len() > 1).then(|| sizes.into_boxed_slice());
    Ok(Value::object(Array { element: element.clone(), lengths, items: RefCell::new(items) }))
}

/// Whether two references are one. Strings of the same text are: literals are shared, and no expression can tell
/// whether others are.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        // Strings made at run time are never one object, whatever they say: `context.Variables["x"] == "y"` is false.
        // Constants were compared when the text was compiled.
        (Value::Object(left), Value::Object(right)) => Rc::ptr_eq(left, right),
        // A handle to what the host holds is the thing itself.
        (Value::Word(def, left), Value::Word(other, right)) => {
            def == other && left == right && !crate::ty::Ty::named(def.0).is_value_type()
        }
        _ => false,
    }
}

/// A tuple of one's own; anything else as it is.
fn copy(value: Value) -> Value {
    match value.downcast::<Tuple>() {
        Some(tuple) => {
            let items = tuple.items.borrow().iter().cloned().map(copy).collect();
            Value::object(Tuple { ty: tuple.ty.clone(), items: RefCell::new(items) })
        }
        None => value,
    }
}

#[inline(never)]
fn concat(values: &mut [Value], cx: &mut Cx<'_>) -> Result<Value> {
    for value in values.iter_mut() {
        if value.as_str().is_none() {
            *value = Value::Str(cx.text(value)?);
        }
    }
    join(values, cx)
}

#[inline(never)]
fn interpolate(values: &mut [Value], formats: &[(i32, Str)], cx: &mut Cx<'_>) -> Result<Value> {
    for (value, (alignment, format)) in values.iter_mut().zip(formats) {
        let text = match (&*value, format.as_str()) {
            (Value::Str(text), _) => text.clone(),
            (Value::Null, _) => Str::EMPTY,
            (value, Some(format)) if !format.is_empty() => cx.format(value, format)?,
            (value, _) => cx.text(value)?,
        };
        *value = Value::Str(align(text, *alignment, cx)?);
    }
    join(values, cx)
}

fn align(text: Str, alignment: i32, cx: &mut Cx<'_>) -> Result<Str> {
    let width = alignment.unsigned_abs() as usize;
    let Some(missing) = width.checked_sub(text.len()).filter(|missing| *missing > 0) else { return Ok(text) };
    cx.meter.text(width)?;
    let padding = Str::from(" ".repeat(missing));
    Ok(if alignment < 0 { text.concat(&padding) } else { padding.concat(&text) })
}

/// Strings one after the other. What stays short needs no allocation.
fn join(values: &[Value], cx: &mut Cx<'_>) -> Result<Value> {
    let texts = || values.iter().filter_map(Value::as_str);
    let total: usize = texts().map(Str::byte_len).sum();
    let mut short = [0; 22];
    let mut end = 0;
    let fits = total <= short.len()
        && texts().all(|text| {
            let Some(bytes) = text.as_ascii() else { return false };
            short[end..end + bytes.len()].copy_from_slice(bytes);
            end += bytes.len();
            true
        });
    if let (true, Ok(text)) = (fits, std::str::from_utf8(&short[..end])) {
        return Ok(Value::str(text));
    }
    cx.meter.text(total)?;
    let mut builder = StrBuilder::with_capacity(total);
    texts().for_each(|text| builder.push(text));
    Ok(Value::Str(builder.finish()))
}
