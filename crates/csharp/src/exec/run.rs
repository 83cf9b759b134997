//! Runs functions: frames, operations, exceptions.

use std::{array, mem::ManuallyDrop, rc::Rc, sync::Arc};

use super::{
    closure::Sequence,
    code::*,
    frame::{Cell, Frame, Pending, Walk},
    join::join,
};
use crate::{
    call::{Cx, Raise, Result},
    exception,
    ty::Ty,
    value::{Array, Collection, Object, Value},
};

/// Runs the text itself.
pub(crate) fn run(code: &Arc<Code>, cx: &mut Cx<'_>) -> Result<Value> {
    if let Some(func) = code.functions.first()
        && let (true, Some(Op::Return(Some(node)))) = (func.is_expression && func.is_bare(), func.ops.first())
    {
        cx.meter.steps(func.cost)?;
        let (slots, ints, cells) = (&mut [][..], &mut [][..], &mut [][..]);
        // Expressions never need what a frame owns.
        let mut frame = ManuallyDrop::new(Frame { code, func, slots, ints, cells, rest: None });
        return match node {
            Node::Bool(node) => Ok(Value::Bool(node.eval(&mut frame, cx)?)),
            Node::Int(node) => Ok(Value::Int(node.eval(&mut frame, cx)?)),
            Node::Lookup(lookup) => lookup.find(&*cx.host, cx.surface, &mut cx.meter),
            Node::Join(parts) => join(parts, &mut frame, cx),
            node => node.eval(&mut frame, cx),
        };
    }
    let mut value = Value::Null;
    call(code, 0, &[], cx, &mut [], &mut value)?;
    Ok(value)
}

/// Why the operations stop. The value is in `out`.
pub(super) enum Exit {
    Return,
    /// An item of an iterator; it goes on at the operation that `pc` then names.
    Yield,
}

/// Calls a function with the cells it captures. `ref` and `out` arguments are left in `args`.
pub(super) fn call(
    code: &Arc<Code>,
    function: usize,
    cells: &[Cell],
    cx: &mut Cx<'_>,
    args: &mut [Value],
    out: &mut Value,
) -> Result<()> {
    let func = &code.functions[function];
    if let Some(ty) = &func.iterator {
        let args = args.iter_mut().map(std::mem::take).collect();
        *out = Value::object(Sequence::new(code.clone(), function, cells.to_vec(), args, ty.clone()));
        return Ok(());
    }
    cx.meter.steps(func.cost)?;
    cx.meter.enter()?;
    if let (true, Some(Op::Return(Some(value))), [arg]) = (func.takes_one, func.ops.first(), &mut *args) {
        let mut slots = [std::mem::take(arg)];
        // Expressions never need what a frame owns.
        let frame = Frame { code, func, slots: &mut slots, ints: &mut [], cells: &mut [], rest: None };
        let result = value.write(&mut ManuallyDrop::new(frame), cx, out);
        cx.meter.leave();
        return result;
    }
    let result = match func.slots.max(func.ints).max(func.cells) {
        0 => sized::<0>(code, func, cells, cx, args, out),
        1 => sized::<1>(code, func, cells, cx, args, out),
        2..=3 => sized::<3>(code, func, cells, cx, args, out),
        4..=8 => sized::<8>(code, func, cells, cx, args, out),
        _ => {
            let mut slots = vec![Value::Null; func.slots];
            let mut ints = vec![0; func.ints];
            let mut own = vec![None; func.cells];
            cx.meter.allocate(func.slots * size_of::<Value>())?;
            enter(
                Frame { code, func, slots: &mut slots, ints: &mut ints, cells: &mut own, rest: None },
                cells,
                cx,
                args,
                out,
            )
        }
    };
    cx.meter.leave();
    result
}

/// Calls a function whose frame fits `N` variables of each kind: it needs no allocation.
fn sized<const N: usize>(
    code: &Arc<Code>,
    func: &Func,
    cells: &[Cell],
    cx: &mut Cx<'_>,
    args: &mut [Value],
    out: &mut Value,
) -> Result<()> {
    let mut slots: [Value; N] = array::from_fn(|_| Value::Null);
    let mut own: [Option<Cell>; N] = array::from_fn(|_| None);
    let mut ints = [0; N];
    let frame = Frame { code, func, slots: &mut slots, ints: &mut ints, cells: &mut own, rest: None };
    enter(frame, cells, cx, args, out)
}

fn enter(mut frame: Frame<'_>, cells: &[Cell], cx: &mut Cx<'_>, args: &mut [Value], out: &mut Value) -> Result<()> {
    bind(&mut frame, cells, args);
    match frame.func.ops.first() {
        // Most lambdas and expressions: nothing to jump to, nothing to catch.
        Some(Op::Return(Some(value))) if frame.func.is_expression => value.write(&mut frame, cx, out)?,
        _ => {
            go(&mut frame, cx, &mut 0, out)?;
        }
    }
    for (param, arg) in frame.func.params.iter().zip(args) {
        if param.by_ref {
            *arg = frame.load(param.loc);
        }
    }
    Ok(())
}

/// Puts captured cells and arguments into a new frame.
pub(super) fn bind(frame: &mut Frame<'_>, cells: &[Cell], args: &mut [Value]) {
    for (own, captured) in frame.cells.iter_mut().zip(cells) {
        *own = Some(captured.clone());
    }
    for (param, arg) in frame.func.params.iter().zip(args) {
        frame.declare(param.loc, std::mem::take(arg));
    }
}

/// Runs operations from `pc` until the function ends or pauses.
pub(super) fn go(frame: &mut Frame<'_>, cx: &mut Cx<'_>, pc: &mut usize, out: &mut Value) -> Result<Exit> {
    loop {
        match operate(frame, cx, pc, out) {
            Ok(exit) => return Ok(exit),
            Err(raise) => *pc = handle(frame, cx, pc.saturating_sub(1), raise)?,
        }
    }
}

/// Finds who handles what operation `at` has raised: where to go on.
#[cold]
fn handle(frame: &mut Frame<'_>, cx: &mut Cx<'_>, at: usize, raise: Raise) -> Result<usize> {
    // A limit or a missing body ends the evaluation: neither `catch` nor `finally` sees it.
    let Raise::Exception(exception) = raise else { return Err(raise) };
    let func = frame.func;
    for region in func.regions.iter().filter(|region| (region.start..region.end).contains(&at)) {
        match &region.handler {
            Handler::Catch(clauses) => {
                for clause in clauses {
                    if !cx.surface.is_a(&Ty::named(exception.def), &clause.ty) {
                        continue;
                    }
                    let value = Value::Object(exception.clone());
                    frame.slots[clause.slot] = value.clone();
                    if let Some(var) = clause.var {
                        frame.declare(var, value);
                    }
                    let passes = match clause.filter.as_ref().map(|filter| filter.eval(frame, cx)) {
                        None => true,
                        Some(Ok(passes)) => passes,
                        // An exception in a filter counts as `false`.
                        Some(Err(Raise::Exception(_))) => false,
                        Some(Err(raise)) => return Err(raise),
                    };
                    if passes {
                        frame.rest().pending.truncate(region.depth);
                        return Ok(clause.target);
                    }
                }
            }
            Handler::Finally(start) => {
                frame.rest().pending.truncate(region.depth);
                frame.rest().pending.push(Pending::Raise(Raise::Exception(exception)));
                return Ok(*start);
            }
        }
    }
    Err(Raise::Exception(exception))
}

/// Runs operations until one raises; `pc` then names the one after it.
fn operate(frame: &mut Frame<'_>, cx: &mut Cx<'_>, pc: &mut usize, out: &mut Value) -> Result<Exit> {
    /// The index lives in a register; whoever looks at `pc` finds it there when the operations stop.
    macro_rules! attempt {
        ($at:ident, $result:expr) => {
            match $result {
                Ok(value) => value,
                Err(raise) => {
                    *pc = $at;
                    return Err(raise);
                }
            }
        };
    }
    let func = frame.func;
    let mut at = *pc;
    while let Some(op) = func.ops.get(at) {
        at += 1;
        match op {
            Op::Nop => {}
            Op::IntEffect(node) => {
                attempt!(at, node.eval(frame, cx));
            }
            Op::Effect(node) => attempt!(at, node.write(frame, cx, out)),
            Op::Assign(loc, node) => {
                attempt!(at, node.write(frame, cx, out));
                frame.store(*loc, std::mem::take(out));
            }
            Op::Count { slot, by, limit, target, cost } => {
                let value = frame.ints[*slot].wrapping_add(*by);
                frame.ints[*slot] = value;
                if value < attempt!(at, limit.operand(frame, cx)) {
                    attempt!(at, cx.meter.steps(*cost));
                    at = *target;
                }
            }
            Op::Spin(spin) => attempt!(at, spin.run(frame.ints, &mut cx.meter)),
            Op::Jump(target) => at = *target,
            Op::Loop { target, cost } => {
                attempt!(at, cx.meter.steps(*cost));
                at = *target;
            }
            Op::JumpIf(condition, target) => {
                if attempt!(at, condition.eval(frame, cx)) {
                    at = *target;
                }
            }
            Op::JumpUnless(condition, target) => {
                if !attempt!(at, condition.eval(frame, cx)) {
                    at = *target;
                }
            }
            Op::LoopIf { condition, target, cost } => {
                if attempt!(at, condition.eval(frame, cx)) {
                    attempt!(at, cx.meter.steps(*cost));
                    at = *target;
                }
            }
            Op::Declare(Loc::Int(slot), Some(Node::Int(value))) => {
                frame.ints[*slot] = attempt!(at, value.eval(frame, cx));
            }
            Op::Declare(loc, value) => {
                let value = match value {
                    Some(value) => attempt!(at, value.eval(frame, cx)),
                    None => Value::Null,
                };
                frame.declare(*loc, value);
            }
            Op::Alias { cell, target } => {
                let shared = frame.cell(*target).clone();
                frame.cells[*cell] = Some(shared);
            }
            Op::Match(matching) => {
                let value = frame.slots[matching.slot].clone();
                let passes = matching.test.passes(&value, frame, cx)
                    && match &matching.guard {
                        Some(guard) => attempt!(at, guard.eval(frame, cx)),
                        None => true,
                    };
                if passes {
                    at = matching.target;
                }
            }
            Op::Walk { source, walk } => {
                let source = attempt!(at, source.eval(frame, cx));
                let started = match source.downcast::<Array>() {
                    Some(_) => Walk::Array(source, 0),
                    None => Walk::Iter(attempt!(at, cx.iterate(&source))),
                };
                let walks = &mut frame.rest().walks;
                walks.resize_with(func.walks, Walk::default);
                walks[*walk] = started;
            }
            Op::WalkNext { walk, item, end } => {
                let next = match &mut frame.rest().walks[*walk] {
                    Walk::Over => None,
                    Walk::Array(array, index) => {
                        *index += 1;
                        array.downcast::<Array>().and_then(|array| array.item(*index - 1))
                    }
                    Walk::Iter(iter) => attempt!(at, iter.next(cx)),
                };
                match next {
                    Some(value) => frame.declare(*item, value),
                    None => {
                        frame.rest().walks[*walk] = Walk::Over;
                        at = *end;
                    }
                }
            }
            Op::Return(Some(value)) => {
                attempt!(at, value.write(frame, cx, out));
                return Ok(Exit::Return);
            }
            Op::Return(None) => break,
            Op::Result(value) => {
                let value = attempt!(at, value.eval(frame, cx));
                frame.rest().result = value;
            }
            Op::End => {
                *out = std::mem::take(&mut frame.rest().result);
                return Ok(Exit::Return);
            }
            Op::CallFinally(finally) => {
                frame.rest().pending.push(Pending::Continue(at));
                at = func.finallys[*finally];
            }
            Op::EndFinally => match frame.rest().pending.pop() {
                Some(Pending::Continue(next)) => at = next,
                Some(Pending::Raise(raise)) => attempt!(at, Err(raise)),
                None => break,
            },
            Op::Throw(value) => {
                let value = attempt!(at, value.eval(frame, cx));
                attempt!(at, Err(raise(value)));
            }
            Op::Rethrow(slot) => attempt!(at, Err(raise(frame.slots[*slot].clone()))),
            Op::Yield(value) => {
                attempt!(at, value.write(frame, cx, out));
                *pc = at;
                return Ok(Exit::Yield);
            }
            Op::Statement(span) => {
                if let Some(observer) = &mut cx.observer {
                    observer.statement(*span);
                }
            }
        }
    }
    *out = Value::Null;
    Ok(Exit::Return)
}

/// What `throw value` raises.
pub(super) fn raise(value: Value) -> Raise {
    let Value::Object(object) = value else { return exception::null_reference() };
    let any: Rc<dyn std::any::Any> = object as Rc<dyn Object>;
    match any.downcast::<exception::Exception>() {
        Ok(exception) => Raise::Exception(exception),
        Err(_) => exception::null_reference(), // the binder lets only exceptions be thrown
    }
}
