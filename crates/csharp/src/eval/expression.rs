//! Expressions as closures.

use std::{cell::RefCell, sync::Arc};

use smallvec::SmallVec;

use super::{
    Cell, Delegate, Frame, Loc, Lower, Node, call,
    number::{BoolNode, is_a},
    place::{PlaceCode, Spot, item},
};
use crate::{
    arith,
    call::{Args, Cx, Native, Result},
    exception,
    host::NoHost,
    ir::{Arg, Conversion, Expr, FnId, Kind, Part, Pattern},
    limits::{Limits, Meter},
    surface::{MemberId, Purity, TypeDef},
    text::StrBuilder,
    ty::Ty,
    value::{Anonymous, Array, Collection, Const, Items, Tuple, TypeObject, Value},
};

/// What fills one argument.
enum ArgCode {
    Value(Node),
    Place(PlaceCode, Option<Node>),
}

pub(super) type Matcher = Box<dyn Fn(&mut Frame<'_>, &mut Cx<'_>, &Value) -> bool + Send + Sync>;

impl Lower<'_> {
    pub(super) fn expression(&self, expr: &Expr) -> Node {
        if expr.ty == Ty::BOOL
            && matches!(
                expr.kind,
                Kind::Binary { kind: crate::ir::NumKind::Int, .. }
                    | Kind::And(..)
                    | Kind::Or(..)
                    | Kind::Not(_)
                    | Kind::Equal { .. }
                    | Kind::Same { .. }
                    | Kind::IsType(..)
                    | Kind::IsPattern(..)
            )
        {
            let test = self.bool(expr);
            return Box::new(move |frame, cx| test(frame, cx).map(Value::Bool));
        }
        match &expr.kind {
            Kind::Error => Box::new(|_, _| Err(exception::invalid_operation("The expression does not compile."))),
            Kind::Const(value) => constant(value),
            Kind::Default => {
                let ty = expr.ty.clone();
                Box::new(move |_, _| Ok(Value::default_of(&ty)))
            }
            Kind::Var(var) => {
                let loc = self.loc(*var);
                Box::new(move |frame, _| Ok(frame.get(loc)))
            }
            Kind::Assign(place, value) => {
                if let crate::ir::Place::Var(var) = &**place {
                    let (loc, value) = (self.loc(*var), self.expression(value));
                    let name = self.watched(*var);
                    return Box::new(move |frame, cx| {
                        let value = value(frame, cx)?;
                        frame.set(loc, value.clone());
                        if let (Some(observer), Some(name)) = (&mut cx.observer, &name) {
                            observer.local(name, &value);
                        }
                        Ok(value)
                    });
                }
                let (place, value) = (self.place(place), self.expression(value));
                Box::new(move |frame, cx| {
                    let spot = (place.find)(frame, cx)?;
                    let value = value(frame, cx)?;
                    (place.write)(frame, cx, &spot, value.clone())?;
                    Ok(value)
                })
            }
            Kind::Update { place, old, new, gives_old } => self.update(place, *old, new, *gives_old),
            Kind::Let { var, value, body } => {
                let (loc, value, body) = (self.loc(*var), self.expression(value), self.expression(body));
                Box::new(move |frame, cx| {
                    let value = value(frame, cx)?;
                    frame.declare(loc, value);
                    body(frame, cx)
                })
            }
            Kind::Then(first, second) => {
                let (first, second) = (self.expression(first), self.expression(second));
                Box::new(move |frame, cx| {
                    first(frame, cx)?;
                    second(frame, cx)
                })
            }
            Kind::Call { member, args, types, created } => self.member(*member, args, types, *created),
            Kind::CallFunction { function, args } => self.call_function(*function, args),
            Kind::Invoke { delegate, args } => {
                let (delegate, args) = (self.expression(delegate), self.args(args));
                Box::new(move |frame, cx| {
                    let delegate = delegate(frame, cx)?;
                    with_args(&args, frame, cx, |cx, values| cx.call(&delegate, values))
                })
            }
            Kind::Lambda(function) => {
                let (sources, ty, index) = (self.captured_by(*function), expr.ty.clone(), function.0 as usize);
                Box::new(move |frame, cx| {
                    cx.meter.allocate(64 + 16 * sources.len())?;
                    let captured = captured(frame, &sources);
                    Ok(Value::object(Delegate { ty: ty.clone(), code: frame.code.clone(), function: index, captured }))
                })
            }
            Kind::Binary { op, kind, checked, left, right } => {
                if *kind == crate::ir::NumKind::Int && expr.ty == Ty::INT {
                    let node = self.int(expr);
                    if !matches!(op, crate::ir::BinOp::Shl | crate::ir::BinOp::Shr) {
                        return Box::new(move |frame, cx| node(frame, cx).map(Value::Int));
                    }
                }
                let (op, kind, checked) = (*op, *kind, *checked);
                let (left, right) = (self.expression(left), self.expression(right));
                Box::new(move |frame, cx| {
                    let left = left(frame, cx)?;
                    arith::binary(op, kind, checked, &left, &right(frame, cx)?)
                })
            }
            Kind::Negate { kind, checked, operand } => {
                let (kind, checked, operand) = (*kind, *checked, self.expression(operand));
                Box::new(move |frame, cx| arith::negate(kind, checked, &operand(frame, cx)?))
            }
            Kind::Complement { operand, .. } => {
                let operand = self.expression(operand);
                Box::new(move |frame, cx| arith::complement(&operand(frame, cx)?))
            }
            Kind::Not(_) | Kind::And(..) | Kind::Or(..) | Kind::Equal { .. } | Kind::Same { .. } | Kind::IsType(..) | Kind::IsPattern(..) => {
                let test = self.bool(expr);
                Box::new(move |frame, cx| test(frame, cx).map(Value::Bool))
            }
            Kind::Lifted { operands, body, null } => {
                let operands: Vec<(Loc, Node)> = operands.iter().map(|(var, value)| (self.loc(*var), self.expression(value))).collect();
                let (body, null) = (self.expression(body), null.clone());
                Box::new(move |frame, cx| {
                    let mut is_null = false;
                    for (loc, value) in &operands {
                        let value = value(frame, cx)?;
                        is_null |= value.is_null();
                        frame.declare(*loc, value);
                    }
                    if is_null { Ok(null.value()) } else { body(frame, cx) }
                })
            }
            Kind::ThreeValued { or, left, right } => {
                let (decisive, left, right) = (*or, self.expression(left), self.expression(right));
                Box::new(move |frame, cx| {
                    let (left, right) = (left(frame, cx)?, right(frame, cx)?);
                    let decides = |value: &Value| matches!(value, Value::Bool(value) if *value == decisive);
                    Ok(match () {
                        () if decides(&left) || decides(&right) => Value::Bool(decisive),
                        () if left.is_null() || right.is_null() => Value::Null,
                        () => Value::Bool(!decisive),
                    })
                })
            }
            Kind::Concat(parts) => {
                let parts: Vec<Node> = parts.iter().map(|part| self.expression(part)).collect();
                Box::new(move |frame, cx| {
                    let mut out = StrBuilder::default();
                    for part in &parts {
                        let value = part(frame, cx)?;
                        match &value {
                            Value::Str(text) => out.push(text),
                            Value::Null => {}
                            value => {
                                let text = cx.text(value)?;
                                out.push(&text);
                            }
                        }
                    }
                    cx.meter.text(out.byte_len())?;
                    Ok(Value::Str(out.finish()))
                })
            }
            Kind::Interpolate(parts) => self.interpolate(parts),
            Kind::Convert(conversion, inner) => self.convert(conversion, inner, &expr.ty),
            Kind::As(inner, ty) => {
                let (inner, ty) = (self.expression(inner), ty.clone());
                Box::new(move |frame, cx| {
                    let value = inner(frame, cx)?;
                    Ok(if is_a(cx, &value, &ty) { value } else { Value::Null })
                })
            }
            Kind::Conditional(test, then, otherwise) => {
                let span = test.span;
                let (test, then, otherwise) = (self.bool(test), self.expression(then), self.expression(otherwise));
                Box::new(move |frame, cx| {
                    let taken = test(frame, cx)?;
                    if let Some(observer) = &mut cx.observer {
                        observer.branch(span, taken);
                    }
                    if taken { then(frame, cx) } else { otherwise(frame, cx) }
                })
            }
            Kind::Coalesce(left, var, present, right) => {
                let (left, loc) = (self.expression(left), self.loc(*var));
                let (present, right) = (self.expression(present), self.expression(right));
                Box::new(move |frame, cx| match left(frame, cx)? {
                    Value::Null => right(frame, cx),
                    value => {
                        frame.declare(loc, value);
                        present(frame, cx)
                    }
                })
            }
            Kind::NullConditional { target, var, access } => {
                let (target, loc, access) = (self.expression(target), self.loc(*var), self.expression(access));
                Box::new(move |frame, cx| match target(frame, cx)? {
                    Value::Null => Ok(Value::Null),
                    value => {
                        frame.declare(loc, value);
                        access(frame, cx)
                    }
                })
            }
            Kind::NewArray { element, lengths } => {
                let (element, lengths): (Ty, Vec<Node>) = (element.clone(), lengths.iter().map(|length| self.expression(length)).collect());
                Box::new(move |frame, cx| {
                    let mut sizes = Vec::new();
                    for length in &lengths {
                        let size = match length(frame, cx)? {
                            Value::Int(size) => i64::from(size),
                            Value::UInt(size) => i64::from(size),
                            Value::Long(size) => size,
                            _ => i64::MAX,
                        };
                        sizes.push(usize::try_from(size).map_err(|_| exception::overflow("Arithmetic operation resulted in an overflow."))?);
                    }
                    new_array(cx, &element, sizes)
                })
            }
            Kind::ArrayOf { element, items, lengths } => {
                let (element, lengths) = (element.clone(), lengths.clone());
                let items: Vec<Node> = items.iter().map(|item| self.expression(item)).collect();
                Box::new(move |frame, cx| {
                    cx.meter.allocate(items.len() * size_of::<Value>())?;
                    let mut values = Vec::with_capacity(items.len());
                    for item in &items {
                        values.push(item(frame, cx)?);
                    }
                    let mut array = Array::new(element.clone(), values);
                    array.lengths.clone_from(&lengths);
                    Ok(Value::object(array))
                })
            }
            Kind::Element(array, indices) => self.element(array, indices),
            Kind::ArrayLength(array) => {
                let array = self.expression(array);
                Box::new(move |frame, cx| {
                    let array = array(frame, cx)?;
                    let array = array.downcast::<Array>().ok_or_else(exception::null_reference)?;
                    Ok(Value::Int(array.count() as i32))
                })
            }
            Kind::Tuple(ty, items) => {
                let (ty, items): (_, Vec<Node>) = (ty.clone(), items.iter().map(|item| self.expression(item)).collect());
                Box::new(move |frame, cx| {
                    let mut values = Vec::with_capacity(items.len());
                    for item in &items {
                        values.push(item(frame, cx)?);
                    }
                    Ok(Value::object(Tuple { ty: ty.clone(), items: RefCell::new(values) }))
                })
            }
            Kind::Anonymous(ty, items) => {
                let (ty, items): (_, Vec<Node>) = (ty.clone(), items.iter().map(|item| self.expression(item)).collect());
                Box::new(move |frame, cx| {
                    cx.meter.allocate((items.len() + 2) * size_of::<Value>())?;
                    let mut values = Vec::with_capacity(items.len());
                    for item in &items {
                        values.push(item(frame, cx)?);
                    }
                    Ok(Value::object(Anonymous { ty: ty.clone(), items: values }))
                })
            }
            Kind::Field(target, index) => {
                let (target, index) = (self.expression(target), *index);
                Box::new(move |frame, cx| match target(frame, cx)? {
                    Value::Null => Err(exception::null_reference()),
                    value => Ok(item(&value, index)),
                })
            }
            Kind::Throw(inner) => {
                let inner = self.expression(inner);
                Box::new(move |frame, cx| {
                    let value = inner(frame, cx)?;
                    Err(super::statement::thrown(&value))
                })
            }
            Kind::TypeOf(ty, def) => {
                let (ty, def) = (ty.clone(), *def);
                Box::new(move |_, _| Ok(Value::object(TypeObject { ty: ty.clone(), def })))
            }
        }
    }

    /// The name of a variable, if the text has one for it.
    pub(super) fn watched(&self, var: crate::ir::VarId) -> Option<Arc<str>> {
        self.unit.vars.get(var.0 as usize).filter(|var| var.named).map(|var| var.name.clone())
    }

    fn update(&self, place: &crate::ir::Place, old: crate::ir::VarId, new: &Expr, gives_old: bool) -> Node {
        let temp = self.loc(old);
        if let crate::ir::Place::Var(var) = place {
            let loc = self.loc(*var);
            if let (Loc::Slot(at), Loc::Slot(temp), true) = (loc, temp, new.ty == Ty::INT) {
                return self.update_int(at, temp, new, gives_old);
            }
            let new = self.expression(new);
            return Box::new(move |frame, cx| {
                let before = frame.get(loc);
                frame.declare(temp, before.clone());
                let after = new(frame, cx)?;
                frame.set(loc, after.clone());
                Ok(if gives_old { before } else { after })
            });
        }
        let (place, new) = (self.place(place), self.expression(new));
        Box::new(move |frame, cx| {
            let spot: Spot = (place.find)(frame, cx)?;
            let before = (place.read)(frame, cx, &spot)?;
            frame.declare(temp, before.clone());
            let after = new(frame, cx)?;
            (place.write)(frame, cx, &spot, after.clone())?;
            Ok(if gives_old { before } else { after })
        })
    }

    /// `i++`, `s += …` on a local `int`.
    fn update_int(&self, at: usize, temp: usize, new: &Expr, gives_old: bool) -> Node {
        let new = self.int(new);
        Box::new(move |frame, cx| {
            let before = if let Some(Value::Int(value)) = frame.slots.get(at) { *value } else { 0 };
            if let Some(place) = frame.slots.get_mut(temp) {
                *place = Value::Int(before);
            }
            let after = new(frame, cx)?;
            if let Some(place) = frame.slots.get_mut(at) {
                *place = Value::Int(after);
            }
            Ok(Value::Int(if gives_old { before } else { after }))
        })
    }

    fn args(&self, args: &[Arg]) -> Vec<ArgCode> {
        let code = |arg: &Arg| match arg {
            Arg::Value(value) => ArgCode::Value(self.expression(value)),
            Arg::Place(place, current) => ArgCode::Place(self.place(place), current.as_ref().map(|current| self.expression(current))),
        };
        args.iter().map(code).collect()
    }

    fn member(&self, id: MemberId, args: &[Arg], types: &Arc<[Ty]>, created: Option<&'static TypeDef>) -> Node {
        let info = self.surface.member(id);
        let run: Native = info.row.run;
        let checks_null = !info.is_static
            && matches!(args.first(), Some(Arg::Value(receiver)) if !receiver.ty.is_value_type() && receiver.as_const().is_none());
        if info.row.purity == Purity::Pure && created.is_none()
            && let Some(value) = self.computed(run, args, types)
        {
            return constant(&value);
        }
        let types = types.clone();
        let values: Option<Vec<&Expr>> =
            args.iter().map(|arg| if let Arg::Value(value) = arg { Some(value) } else { None }).collect();
        if created.is_none() {
            match values.as_deref() {
                Some([]) => return Box::new(move |_, cx| run(cx, Args::new(&mut [], &types))),
                Some([only]) => {
                    let only = self.expression(only);
                    return Box::new(move |frame, cx| {
                        let only = only(frame, cx)?;
                        if checks_null && only.is_null() {
                            return Err(exception::null_reference());
                        }
                        run(cx, Args::new(&mut [only], &types))
                    });
                }
                Some([first, second]) => {
                    let (first, second) = (self.expression(first), self.expression(second));
                    return Box::new(move |frame, cx| {
                        let first = first(frame, cx)?;
                        let second = second(frame, cx)?;
                        if checks_null && first.is_null() {
                            return Err(exception::null_reference());
                        }
                        run(cx, Args::new(&mut [first, second], &types))
                    });
                }
                Some([first, second, third]) => {
                    let (first, second, third) = (self.expression(first), self.expression(second), self.expression(third));
                    return Box::new(move |frame, cx| {
                        let first = first(frame, cx)?;
                        let second = second(frame, cx)?;
                        let third = third(frame, cx)?;
                        if checks_null && first.is_null() {
                            return Err(exception::null_reference());
                        }
                        run(cx, Args::new(&mut [first, second, third], &types))
                    });
                }
                _ => {}
            }
        }
        let args = self.args(args);
        Box::new(move |frame, cx| {
            with_args(&args, frame, cx, |cx, values| {
                if checks_null && values.first().is_some_and(Value::is_null) {
                    return Err(exception::null_reference());
                }
                run(
                    cx,
                    match created {
                        Some(def) => Args::of_constructor(values, &types, def),
                        None => Args::new(values, &types),
                    },
                )
            })
        })
    }

    /// The result of a pure member on constants, if it can be had now.
    fn computed(&self, run: Native, args: &[Arg], types: &[Ty]) -> Option<Const> {
        let values = args.iter().map(|arg| match arg {
            Arg::Value(value) => value.as_const().map(Const::value),
            Arg::Place(..) => None,
        });
        let mut values: Vec<Value> = values.collect::<Option<_>>()?;
        let mut host = NoHost;
        let limits = Limits { steps: 10_000, depth: 10, memory: 1 << 16, output: 1 << 14 };
        let mut cx = Cx::new(&mut host, self.surface, Meter::new(&limits));
        Const::of(&run(&mut cx, Args::new(&mut values, types)).ok()?)
    }

    /// Where the functions that a function calls find the variables they share, in this function's frame.
    fn captured_by(&self, function: FnId) -> Vec<Option<usize>> {
        let cell = |var| match self.layouts[self.function].locs.get(var) {
            Some(Loc::Cell(at)) => Some(*at),
            _ => None,
        };
        self.captures.get(&function).into_iter().flatten().map(cell).collect()
    }

    fn call_function(&self, function: FnId, args: &[Arg]) -> Node {
        let (sources, index, args) = (self.captured_by(function), function.0 as usize, self.args(args));
        Box::new(move |frame, cx| {
            let captured = captured(frame, &sources);
            let code = frame.code;
            with_args(&args, frame, cx, |cx, values| call(code, index, &captured, values, cx))
        })
    }

    fn interpolate(&self, parts: &[Part]) -> Node {
        enum Piece {
            Text(crate::Str),
            Hole(Node, i32, String),
        }
        let pieces: Vec<Piece> = parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => Piece::Text(text.clone()),
                Part::Hole { value, alignment, format } => {
                    Piece::Hole(self.expression(value), *alignment, format.to_text().into_owned())
                }
            })
            .collect();
        Box::new(move |frame, cx| {
            let mut out = StrBuilder::default();
            for piece in &pieces {
                match piece {
                    Piece::Text(text) => out.push(text),
                    Piece::Hole(node, alignment, format) => {
                        let value = node(frame, cx)?;
                        let text = cx.format(&value, format)?;
                        let width = alignment.unsigned_abs() as usize;
                        cx.meter.text(text.byte_len().max(width))?;
                        let blanks = if width > 0 { " ".repeat(width.saturating_sub(text.len())) } else { String::new() };
                        if *alignment > 0 {
                            out.push_str(&blanks);
                        }
                        out.push(&text);
                        if *alignment < 0 {
                            out.push_str(&blanks);
                        }
                    }
                }
            }
            cx.meter.text(out.byte_len())?;
            Ok(Value::Str(out.finish()))
        })
    }

    fn convert(&self, conversion: &Conversion, inner: &Expr, to: &Ty) -> Node {
        let from = inner.ty.clone();
        let inner = self.expression(inner);
        let to = to.clone();
        match conversion {
            Conversion::Same => inner,
            Conversion::Numeric { checked } => {
                let checked = *checked;
                Box::new(move |frame, cx| arith::convert(&inner(frame, cx)?, &to, checked))
            }
            Conversion::Cast => Box::new(move |frame, cx| {
                let value = inner(frame, cx)?;
                if value.is_null() {
                    return if to.is_value_type() && !to.is_nullable() { Err(exception::null_reference()) } else { Ok(value) };
                }
                if is_a(cx, &value, &to) || matches!(to, Ty::Param(..)) {
                    return Ok(value);
                }
                Err(exception::cannot_cast(&value.ty(), &to))
            }),
            Conversion::Unwrap => Box::new(move |frame, cx| match inner(frame, cx)? {
                Value::Null => Err(exception::invalid_operation("Nullable object must have a value.")),
                value => Ok(value),
            }),
            Conversion::Retype => {
                let _ = from;
                let target = match to.unwrap_nullable() {
                    Ty::Tuple(tuple) => Some(tuple.clone()),
                    _ => None,
                };
                Box::new(move |frame, cx| {
                    let value = inner(frame, cx)?;
                    Ok(match (&target, value.downcast::<Tuple>()) {
                        (Some(ty), Some(tuple)) => Value::object(Tuple { ty: ty.clone(), items: tuple.items.clone() }),
                        _ => value,
                    })
                })
            }
        }
    }

    pub(super) fn pattern(&self, pattern: &Pattern) -> Matcher {
        match pattern {
            Pattern::Type(ty, var) => {
                let (ty, loc) = (ty.clone(), var.map(|var| self.loc(var)));
                Box::new(move |frame, cx, value| {
                    let fits = is_a(cx, value, &ty);
                    if let (true, Some(loc)) = (fits, loc) {
                        frame.declare(loc, value.clone());
                    }
                    fits
                })
            }
            Pattern::Any(var) => {
                let loc = var.map(|var| self.loc(var));
                Box::new(move |frame, _, value| {
                    if let Some(loc) = loc {
                        frame.declare(loc, value.clone());
                    }
                    true
                })
            }
            Pattern::Const(constant) => {
                let constant = constant.clone();
                Box::new(move |_, _, value| match (&constant, value) {
                    (Const::Str(text), Value::Str(value)) => text == value,
                    (Const::Int(one), Value::Int(other)) => one == other,
                    (constant, value) => constant.value().equals(value),
                })
            }
        }
    }

    /// A condition with its place, for branches.
    pub(super) fn test(&self, expr: &Expr) -> BoolNode {
        let (span, test) = (expr.span, self.bool(expr));
        Box::new(move |frame, cx| {
            let taken = test(frame, cx)?;
            if let Some(observer) = &mut cx.observer {
                observer.branch(span, taken);
            }
            Ok(taken)
        })
    }
}

fn constant(value: &Const) -> Node {
    match value {
        Const::Bool(value) => {
            let value = *value;
            Box::new(move |_, _| Ok(Value::Bool(value)))
        }
        Const::Int(value) => {
            let value = *value;
            Box::new(move |_, _| Ok(Value::Int(value)))
        }
        other => {
            let value = other.clone();
            Box::new(move |_, _| Ok(value.value()))
        }
    }
}

fn captured(frame: &Frame<'_>, sources: &[Option<usize>]) -> Box<[Cell]> {
    sources.iter().map(|at| at.and_then(|at| frame.cells.get(at)).cloned().unwrap_or_default()).collect()
}

/// Evaluates arguments, calls, and stores what `ref` and `out` arguments have become.
fn with_args(
    args: &[ArgCode],
    frame: &mut Frame<'_>,
    cx: &mut Cx<'_>,
    call: impl FnOnce(&mut Cx<'_>, &mut [Value]) -> Result<Value>,
) -> Result<Value> {
    let mut values: SmallVec<[Value; 6]> = SmallVec::new();
    let mut spots: SmallVec<[(usize, Spot); 2]> = SmallVec::new();
    for (at, arg) in args.iter().enumerate() {
        match arg {
            ArgCode::Value(node) => values.push(node(frame, cx)?),
            ArgCode::Place(place, current) => {
                spots.push((at, (place.find)(frame, cx)?));
                values.push(match current {
                    Some(current) => current(frame, cx)?,
                    None => Value::Null,
                });
            }
        }
    }
    let result = call(cx, &mut values)?;
    for (at, spot) in spots {
        if let (ArgCode::Place(place, _), Some(value)) = (&args[at], values.get_mut(at)) {
            (place.write)(frame, cx, &spot, std::mem::take(value))?;
        }
    }
    Ok(result)
}

fn new_array(cx: &mut Cx<'_>, element: &Ty, sizes: Vec<usize>) -> Result<Value> {
    let total = sizes.iter().try_fold(1_usize, |total, size| total.checked_mul(*size));
    let total = total.filter(|total| *total <= i32::MAX as usize).ok_or(crate::Raise::Limit(crate::limits::Limit::Memory))?;
    let width = if *element == Ty::BYTE { 1 } else { size_of::<Value>() };
    cx.meter.allocate(total.saturating_mul(width))?;
    let items = if *element == Ty::BYTE { Items::Bytes(vec![0; total]) } else { Items::Values(vec![Value::default_of(element); total]) };
    let lengths = (sizes.len() > 1).then(|| sizes.into_boxed_slice());
    Ok(Value::object(Array { element: element.clone(), lengths, items: RefCell::new(items) }))
}
