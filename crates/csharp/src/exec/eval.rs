//! Evaluates expression nodes.

use std::{cell::RefCell, rc::Rc};

use super::{
    closure::Closure,
    code::*,
    frame::{Cell, Frame},
    join::{concat, interpolate, join},
    place::{item, read_element},
    run::{call, raise},
    types::{cast, is_instance},
};
use crate::{
    arith,
    call::{Args, Cx, Result, With},
    exception,
    ir::BinOp,
    ty::{Prim, Ty},
    value::{Anonymous, Array, Const, Items, Tuple, TypeObject, Value},
};

impl Node {
    pub(super) fn eval(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
        let mut value = Value::Null;
        self.write(f, cx, &mut value)?;
        Ok(value)
    }

    /// Evaluates into `out`. Handing a [`Value`] up through a `Result` at every level costs more than most nodes do.
    /// What is short or frequent stands here; the rest is kept out, so that entering this function stays cheap.
    pub(super) fn write(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>, out: &mut Value) -> Result<()> {
        match self {
            Self::Const(value) => constant_to(value, out),
            Self::Slot(slot) => copy_to(&f.slots[*slot], out),
            Self::Int(node) => put(out, Value::Int(node.eval(f, cx)?)),
            Self::Bool(node) => put(out, Value::Bool(node.eval(f, cx)?)),
            Self::Call(node) => return node.write(f, cx, out),
            Self::Fact(fact) => put(out, fact.ask(&*cx.host, &mut cx.meter)?.map_or(Value::Null, Value::str)),
            Self::Lookup(lookup) => put(out, lookup.find(&*cx.host, cx.surface, &mut cx.meter)?),
            Self::Join(parts) => put(out, join(parts, f, cx)?),
            Self::Then(pair) => {
                pair.0.write(f, cx, out)?;
                return pair.1.write(f, cx, out);
            }
            Self::Let(parts) => {
                let (loc, value, body) = &**parts;
                value.write(f, cx, out)?;
                f.declare(*loc, std::mem::take(out));
                return body.write(f, cx, out);
            }
            Self::Conditional(parts) => {
                let branch = if parts.0.eval(f, cx)? { &parts.1 } else { &parts.2 };
                return branch.write(f, cx, out);
            }
            Self::Coalesce(parts) => {
                let (left, loc, present, absent) = &**parts;
                left.write(f, cx, out)?;
                if out.is_null() {
                    return absent.write(f, cx, out);
                }
                f.declare(*loc, std::mem::take(out));
                return present.write(f, cx, out);
            }
            Self::NullConditional(parts) => {
                let (target, loc, access) = &**parts;
                target.write(f, cx, out)?;
                if !out.is_null() {
                    f.declare(*loc, std::mem::take(out));
                    return access.write(f, cx, out);
                }
            }
            Self::Cast(parts) => {
                parts.0.write(f, cx, out)?;
                return cast(out, &parts.1, cx.surface);
            }
            _ => return self.write_rest(f, cx, out),
        }
        Ok(())
    }

    #[inline(never)]
    fn write_rest(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>, out: &mut Value) -> Result<()> {
        match self {
            Self::Cell(cell) => *out = f.cell(*cell).borrow().clone(),
            Self::Store(parts) => return store(&parts.0, &parts.1, f, cx, out),
            Self::Update(update) => *out = update.eval(f, cx)?,
            Self::Function(node) => {
                return gather(&node.args, f, cx, |values, f, cx| {
                    call_function(node.function, &node.cells, values, f, cx, out)
                });
            }
            Self::Invoke(node) => {
                let delegate = node.0.eval(f, cx)?;
                return gather(&node.1, f, cx, |values, _, cx| {
                    cx.meter.step()?;
                    *out = cx.call(&delegate, values)?;
                    Ok(())
                });
            }
            Self::CallByRef(node) => *out = call_by_ref(&node.0, &node.1, f, cx)?,
            Self::Lambda(node) => {
                let cells = cells(&node.cells, f);
                cx.meter.allocate(size_of::<Closure>() + cells.len() * size_of::<Cell>())?;
                *out = Value::object(Closure::new(f.code.clone(), node.function, cells, node.ty.clone()));
            }
            Self::Pipeline(pipeline) => *out = pipeline.eval(f, cx)?,
            Self::Binary(node) => return node.write(f, cx, out),
            Self::Negate(kind, checked, operand) => *out = arith::negate(*kind, *checked, &operand.eval(f, cx)?)?,
            Self::Complement(operand) => *out = arith::complement(&operand.eval(f, cx)?)?,
            Self::Numeric(parts) => {
                parts.0.write(f, cx, out)?;
                *out = match (&*out, &parts.1) {
                    (Value::Int(value), Ty::Prim(Prim::Long)) => Value::Long(i64::from(*value)),
                    (Value::Int(value), Ty::Prim(Prim::Double)) => Value::Double(f64::from(*value)),
                    (Value::Char(value), Ty::Prim(Prim::Int)) => Value::Int(i32::from(*value)),
                    (value, ty) => arith::convert(value, ty, parts.2)?,
                };
            }
            Self::Unwrap(node) => {
                node.write(f, cx, out)?;
                if out.is_null() {
                    return Err(exception::invalid_operation("Nullable object must have a value."));
                }
            }
            Self::As(parts) => {
                parts.0.write(f, cx, out)?;
                if !is_instance(out, &parts.1, cx.surface) {
                    *out = Value::Null;
                }
            }
            Self::Element(parts) => *out = read_element(&parts.0, &parts.1, f, cx)?,
            Self::Field(node, at) => *out = item(&node.eval(f, cx)?, *at)?,
            Self::Concat(parts) => *out = concat(parts, f, cx)?,
            Self::Interpolate(parts) => *out = interpolate(&parts.0, &parts.1, f, cx)?,
            Self::Lifted(lifted) => return lifted.write(f, cx, out),
            Self::ThreeValued { or, pair } => {
                let (left, right) = (pair.0.eval(f, cx)?, pair.1.eval(f, cx)?);
                *out = match (left, right) {
                    (Value::Bool(left), Value::Bool(right)) => {
                        Value::Bool(if *or { left | right } else { left & right })
                    }
                    (Value::Bool(known), _) | (_, Value::Bool(known)) if known == *or => Value::Bool(known),
                    _ => Value::Null,
                };
            }
            Self::NewArray(parts) => *out = new_array(&parts.0, &parts.1, f, cx)?,
            Self::ArrayOf(array) => *out = array.eval(f, cx)?,
            Self::Tuple(ty, items) => {
                let items = RefCell::new(eval_all(items, f, cx)?);
                *out = Value::object(Tuple { ty: ty.clone(), items });
            }
            Self::Anonymous(ty, items) => {
                let items = eval_all(items, f, cx)?;
                *out = Value::object(Anonymous { ty: ty.clone(), items });
            }
            Self::Copy(node) => *out = copy(node.eval(f, cx)?),
            Self::Default(ty) => *out = Value::default_of(ty),
            Self::Throw(value) => return Err(raise(value.eval(f, cx)?)),
            Self::TypeOf(parts) => *out = Value::object(TypeObject { ty: parts.0.clone(), def: parts.1 }),
            Self::Watch(parts) => {
                parts.1.write(f, cx, out)?;
                if let Some(observer) = &mut cx.observer {
                    observer.local(&parts.0, out);
                }
            }
            // The frequent ones are above.
            Self::Const(_)
            | Self::Slot(_)
            | Self::Int(_)
            | Self::Bool(_)
            | Self::Call(_)
            | Self::Fact(_)
            | Self::Lookup(_)
            | Self::Join(_)
            | Self::Then(_)
            | Self::Let(_)
            | Self::Conditional(_)
            | Self::Coalesce(_)
            | Self::NullConditional(_)
            | Self::Cast(_) => return self.write(f, cx, out),
        }
        Ok(())
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
            Self::MulConst(node, by) => node.operand(f, cx)?.wrapping_mul(*by),
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
                let branch = if parts.0.eval(f, cx)? { &parts.1 } else { &parts.2 };
                return branch.eval(f, cx);
            }
            Self::ArrayLength(array) => return array_length(array, f, cx),
            Self::Unbox(lookup) => match lookup.find(&*cx.host, cx.surface, &mut cx.meter)? {
                Value::Int(value) => value,
                other => return unboxed(other, cx),
            },
            Self::Value(node) => return int_value(node, f, cx),
        })
    }
}

#[inline(never)]
fn array_length(array: &Node, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<i32> {
    let array = array.eval(f, cx)?;
    match &array {
        Value::Object(object) => Ok(object.collection().ok_or_else(exception::null_reference)?.count() as i32),
        _ => Err(exception::null_reference()),
    }
}

/// A variable that is no `int`: most often an exception.
#[cold]
fn unboxed(mut value: Value, cx: &mut Cx<'_>) -> Result<i32> {
    cast(&mut value, &Ty::INT, cx.surface)?;
    if let Value::Int(value) = value { Ok(value) } else { Err(exception::null_reference()) }
}

#[inline(never)]
fn int_value(node: &Node, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<i32> {
    match node.eval(f, cx)? {
        Value::Int(value) => Ok(value),
        _ => Err(exception::null_reference()), // the binder gives every `int` as one
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
            Self::Facts(decision) => decision.decide(&*cx.host, &mut cx.meter)?,
            _ => return self.eval_value(f, cx),
        })
    }

    /// Of what is no `bool` or `int` itself.
    #[inline(never)]
    fn eval_value(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<bool> {
        Ok(match self {
            Self::Compare(node) => {
                let mut value = Value::Null;
                node.write(f, cx, &mut value)?;
                matches!(value, Value::Bool(true))
            }
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
            Self::Unbox(lookup) => {
                let mut value = lookup.find(&*cx.host, cx.surface, &mut cx.meter)?;
                cast(&mut value, &Ty::BOOL, cx.surface)?;
                matches!(value, Value::Bool(true))
            }
            Self::Value(node) => matches!(node.eval(f, cx)?, Value::Bool(true)),
            Self::Watch(node, span) => {
                let taken = node.eval(f, cx)?;
                if let Some(observer) = &mut cx.observer {
                    observer.branch(*span, taken);
                }
                taken
            }
            // The others are above.
            Self::Const(_) | Self::Not(_) | Self::And(_) | Self::Or(_) | Self::CompareInt(..) | Self::Facts(_) => {
                return self.eval(f, cx);
            }
        })
    }
}

impl Binary {
    fn write(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>, out: &mut Value) -> Result<()> {
        let mut right = Value::Null;
        self.left.write(f, cx, out)?;
        self.right.write(f, cx, &mut right)?;
        *out = match (self.op, &*out, &right) {
            (BinOp::Add, Value::Long(left), Value::Long(right)) if !self.checked => {
                Value::Long(left.wrapping_add(*right))
            }
            (BinOp::Add, Value::Double(left), Value::Double(right)) => Value::Double(left + right),
            (BinOp::Mul, Value::Double(left), Value::Double(right)) => Value::Double(left * right),
            (_, left, right) => arith::binary(self.op, self.kind, self.checked, left, right)?,
        };
        Ok(())
    }
}

impl Call {
    fn write(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>, out: &mut Value) -> Result<()> {
        let value = match self.args.len() {
            0 => self.target.call(&mut [], cx)?,
            1 => self.with::<1>(f, cx)?,
            2 => self.with::<2>(f, cx)?,
            3 => self.with::<3>(f, cx)?,
            _ => {
                let mut values = eval_all(&self.args, f, cx)?;
                self.target.call(&mut values, cx)?
            }
        };
        put(out, value);
        Ok(())
    }

    /// With `N` arguments, which need no allocation.
    fn with<const N: usize>(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
        let mut values = [const { Value::Null }; N];
        for (node, value) in self.args.iter().zip(&mut values) {
            match node {
                // Without a call for what needs none.
                Node::Const(constant) => constant_to(constant, value),
                Node::Slot(slot) => copy_to(&f.slots[*slot], value),
                Node::Call(call) => call.write(f, cx, value)?,
                node => node.write(f, cx, value)?,
            }
        }
        let result = self.target.call(&mut values, cx);
        drop_values(values);
        result
    }
}

/// Drops values. Most hold nothing that must be given back, which is quicker seen here than asked of each.
#[inline]
fn drop_values<const N: usize>(mut values: [Value; N]) {
    for value in &mut values {
        if value.owns() {
            *value = Value::Null;
        }
    }
    std::mem::forget(values);
}

/// Stores into a place that most often is empty.
#[inline]
fn put(out: &mut Value, value: Value) {
    if out.owns() {
        *out = value;
    } else {
        std::mem::forget(std::mem::replace(out, value));
    }
}

#[inline]
fn constant_to(value: &Const, out: &mut Value) {
    put(
        out,
        match value {
            Const::Word(def, word) => Value::Word(*def, *word),
            Const::Str(text) => Value::Str(text.clone()),
            Const::Null => Value::Null,
            Const::Int(value) => Value::Int(*value),
            Const::Bool(value) => Value::Bool(*value),
            Const::Char(unit) => Value::Char(*unit),
            other => other.value(),
        },
    );
}

impl Target {
    pub(super) fn call(&self, values: &mut [Value], cx: &mut Cx<'_>) -> Result<Value> {
        cx.meter.step()?;
        if self.check && values.first().is_some_and(Value::is_null) {
            return Err(exception::null_reference());
        }
        let with = match (&self.prepared, self.created) {
            (None, None) => With::Nothing,
            (Some(prepared), _) => With::Prepared(prepared),
            (None, Some(def)) => With::Created(def),
        };
        (self.run)(cx, Args::with(values, &self.types, with))
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
    fn write(&self, f: &mut Frame<'_>, cx: &mut Cx<'_>, out: &mut Value) -> Result<()> {
        let mut is_null = false;
        for (loc, operand) in &self.operands {
            let value = operand.eval(f, cx)?;
            is_null |= value.is_null();
            f.declare(*loc, value);
        }
        if is_null {
            *out = self.null.value();
            return Ok(());
        }
        self.body.write(f, cx, out)
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
    let mut few = [const { Value::Null }; 4];
    let Some(values) = few.get_mut(..nodes.len()) else {
        let mut values = eval_all(nodes, f, cx)?;
        return then(&mut values, f, cx);
    };
    for (node, value) in nodes.iter().zip(values.iter_mut()) {
        node.write(f, cx, value)?;
    }
    let result = then(values, f, cx);
    drop_values(few);
    result
}

fn eval_all(nodes: &[Node], f: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Vec<Value>> {
    nodes.iter().map(|node| node.eval(f, cx)).collect()
}

fn store(place: &Place, value: &Node, f: &mut Frame<'_>, cx: &mut Cx<'_>, out: &mut Value) -> Result<()> {
    if let Place::Var(loc) = place {
        value.write(f, cx, out)?;
        f.store(*loc, out.clone());
        return Ok(());
    }
    let target = place.resolve(f, cx)?;
    value.write(f, cx, out)?;
    target.write(out.clone(), f, cx)
}

pub(super) fn cells(captured: &[usize], f: &mut Frame<'_>) -> Vec<Cell> {
    captured.iter().map(|cell| f.cell(*cell).clone()).collect()
}

#[inline(never)]
fn call_function(
    function: usize,
    captured: &[usize],
    values: &mut [Value],
    f: &mut Frame<'_>,
    cx: &mut Cx<'_>,
    out: &mut Value,
) -> Result<()> {
    let cells = cells(captured, f);
    call(f.code, function, &cells, cx, values, out)
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
    let mut result = Value::Null;
    match callee {
        Callee::Member(target) => result = target.call(&mut values, cx)?,
        Callee::Function { function, cells } => call_function(*function, cells, &mut values, f, cx, &mut result)?,
        Callee::Delegate(_) => result = cx.call(&delegate, &mut values)?,
    }
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

/// Clones into place. The kinds that are copied most get there without a detour over the stack.
#[inline]
fn copy_to(value: &Value, out: &mut Value) {
    match value {
        Value::Int(value) => *out = Value::Int(*value),
        Value::Long(value) => *out = Value::Long(*value),
        Value::Double(value) => *out = Value::Double(*value),
        Value::Bool(value) => *out = Value::Bool(*value),
        Value::Word(def, word) => *out = Value::Word(*def, *word),
        Value::Object(object) => *out = Value::Object(object.clone()),
        other => *out = other.clone(),
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
