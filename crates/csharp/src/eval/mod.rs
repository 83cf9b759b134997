//! The executor: the typed IR becomes a tree of closures, each made for the types and constants it works on.

mod delegate;
mod expression;
mod number;
mod place;
mod statement;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
    sync::Arc,
};

use smallvec::SmallVec;

use crate::{
    call::{Cx, Result},
    exception::Exception,
    ir::{FnId, Unit, VarId},
    surface::Surface,
    ty::Ty,
    value::Value,
};
pub(crate) use delegate::Delegate;

/// Evaluates an expression.
type Node = Box<dyn Fn(&mut Frame<'_>, &mut Cx<'_>) -> Result<Value> + Send + Sync>;
/// Runs a statement.
type Action = Box<dyn Fn(&mut Frame<'_>, &mut Cx<'_>) -> Result<Flow> + Send + Sync>;
/// A variable that functions share.
type Cell = Rc<RefCell<Value>>;

/// Where a statement leaves to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
    Return,
    Goto(u32),
    Section(usize),
}

/// A running function.
struct Frame<'c> {
    code: &'c Arc<Code>,
    slots: SmallVec<[Value; 6]>,
    cells: Vec<Cell>,
    result: Value,
    /// The exception that the innermost `catch` handles, for `throw;`.
    caught: Option<Rc<Exception>>,
    /// What `yield return` has given so far.
    yielded: Vec<Value>,
}

/// A compiled text.
pub(crate) struct Code {
    functions: Vec<Compiled>,
    pub(crate) surface: Arc<Surface>,
}

/// A compiled function.
struct Compiled {
    body: Action,
    params: Vec<(Loc, bool)>,
    slots: usize,
    /// Own variables that live in cells, after the captured ones.
    own_cells: usize,
    iterator: Option<Ty>,
}

/// Where a variable lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loc {
    Slot(usize),
    Cell(usize),
}

/// Compiles a bound text.
pub(crate) fn compile(unit: &Unit, captures: &BTreeMap<FnId, BTreeSet<VarId>>, surface: &Arc<Surface>) -> Arc<Code> {
    let layouts: Vec<Layout> = (0..unit.functions.len()).map(|at| Layout::of(FnId(at as u32), unit, captures)).collect();
    let functions = unit.functions.iter().enumerate().map(|(at, function)| {
        let lower = Lower { unit, layouts: &layouts, captures, surface, function: at };
        Compiled {
            body: lower.statement(&function.body),
            params: function.params.iter().map(|param| (lower.loc(param.var), param.by_ref)).collect(),
            slots: layouts[at].slots,
            own_cells: layouts[at].own_cells,
            iterator: function.iterator.clone(),
        }
    });
    Arc::new(Code { functions: functions.collect(), surface: surface.clone() })
}

/// Where the variables of one function live.
struct Layout {
    locs: HashMap<VarId, Loc>,
    slots: usize,
    own_cells: usize,
}

impl Layout {
    fn of(function: FnId, unit: &Unit, captures: &BTreeMap<FnId, BTreeSet<VarId>>) -> Self {
        let mut locs = HashMap::new();
        let mut cells = 0;
        for var in captures.get(&function).into_iter().flatten() {
            locs.insert(*var, Loc::Cell(cells));
            cells += 1;
        }
        let captured = cells;
        let mut slots = 0;
        for (at, var) in unit.vars.iter().enumerate().filter(|(_, var)| var.owner == function) {
            let loc = if var.captured || var.by_ref {
                cells += 1;
                Loc::Cell(cells - 1)
            } else {
                slots += 1;
                Loc::Slot(slots - 1)
            };
            locs.insert(VarId(at as u32), loc);
        }
        Self { locs, slots, own_cells: cells - captured }
    }
}

/// Compiles the nodes of one function.
struct Lower<'u> {
    unit: &'u Unit,
    layouts: &'u [Layout],
    captures: &'u BTreeMap<FnId, BTreeSet<VarId>>,
    surface: &'u Arc<Surface>,
    function: usize,
}

impl Lower<'_> {
    fn loc(&self, var: VarId) -> Loc {
        // A variable always has a place in the functions that use it.
        self.layouts[self.function].locs.get(&var).copied().unwrap_or(Loc::Slot(usize::MAX))
    }
}

impl Frame<'_> {
    #[inline]
    fn get(&self, loc: Loc) -> Value {
        match loc {
            Loc::Slot(at) => self.slots.get(at).cloned().unwrap_or_default(),
            Loc::Cell(at) => self.cells.get(at).map(|cell| cell.borrow().clone()).unwrap_or_default(),
        }
    }

    #[inline]
    fn set(&mut self, loc: Loc, value: Value) {
        match loc {
            Loc::Slot(at) => {
                if let Some(slot) = self.slots.get_mut(at) {
                    *slot = value;
                }
            }
            Loc::Cell(at) => {
                if let Some(cell) = self.cells.get(at) {
                    *cell.borrow_mut() = value;
                }
            }
        }
    }

    /// Declares: a cell is made anew, so that closures of earlier rounds keep theirs.
    fn declare(&mut self, loc: Loc, value: Value) {
        match loc {
            Loc::Slot(_) => self.set(loc, value),
            Loc::Cell(at) => {
                if let Some(cell) = self.cells.get_mut(at) {
                    *cell = Rc::new(RefCell::new(value));
                }
            }
        }
    }
}

/// Runs a function. `ref` and `out` arguments come back changed.
fn call(code: &Arc<Code>, function: usize, captured: &[Cell], args: &mut [Value], cx: &mut Cx<'_>) -> Result<Value> {
    let Some(compiled) = code.functions.get(function) else { return Ok(Value::Null) };
    cx.meter.step()?;
    cx.meter.enter()?;
    let mut frame = Frame {
        code,
        slots: SmallVec::new(),
        cells: Vec::new(),
        result: Value::Null,
        caught: None,
        yielded: Vec::new(),
    };
    frame.slots.resize(compiled.slots, Value::Null);
    if compiled.own_cells + captured.len() > 0 {
        frame.cells.reserve(compiled.own_cells + captured.len());
        frame.cells.extend_from_slice(captured);
        frame.cells.extend((0..compiled.own_cells).map(|_| Cell::default()));
    }
    for ((loc, _), arg) in compiled.params.iter().zip(args.iter_mut()) {
        frame.set(*loc, std::mem::take(arg));
    }
    let done = (compiled.body)(&mut frame, cx);
    cx.meter.leave();
    done?;
    for ((loc, by_ref), arg) in compiled.params.iter().zip(args.iter_mut()) {
        if *by_ref {
            *arg = frame.get(*loc);
        }
    }
    match &compiled.iterator {
        Some(element) => Ok(delegate::sequence(&code.surface, element, frame.yielded)),
        None => Ok(frame.result),
    }
}

/// Runs the text itself.
pub(crate) fn run(code: &Arc<Code>, cx: &mut Cx<'_>) -> Result<Value> {
    call(code, 0, &[], &mut [], cx)
}
