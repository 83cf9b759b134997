//! Delegates made of lambdas, and enumerables made of iterators.

use std::{rc::Rc, sync::Arc};

use super::{
    code::Code,
    frame::{Cell, Frame, Rest},
    run::{Exit, bind, call, go},
};
use crate::{
    call::{Cx, Result},
    ty::Ty,
    value::{Iter, Object, Value},
};

/// A delegate.
pub(super) struct Closure {
    code: Arc<Code>,
    function: usize,
    cells: Vec<Cell>,
    ty: Ty,
}

impl Closure {
    pub(super) fn new(code: Arc<Code>, function: usize, cells: Vec<Cell>, ty: Ty) -> Self {
        Self { code, function, cells, ty }
    }
}

impl Object for Closure {
    fn ty(&self) -> Ty {
        self.ty.clone()
    }

    fn invoke(&self, cx: &mut Cx<'_>, args: &mut [Value]) -> Option<Result<Value>> {
        let mut out = Value::Null;
        Some(call(&self.code, self.function, &self.cells, cx, args, &mut out).map(|()| out))
    }
}

/// What calling an iterator gives. Nothing of it runs before it is enumerated; each enumeration starts anew.
pub(super) struct Sequence {
    code: Arc<Code>,
    function: usize,
    cells: Vec<Cell>,
    args: Vec<Value>,
    ty: Ty,
}

impl Sequence {
    pub(super) fn new(code: Arc<Code>, function: usize, cells: Vec<Cell>, args: Vec<Value>, ty: Ty) -> Self {
        Self { code, function, cells, args, ty }
    }
}

impl Object for Sequence {
    fn ty(&self) -> Ty {
        self.ty.clone()
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let func = &self.code.functions[self.function];
        let mut run = Running {
            code: self.code.clone(),
            function: self.function,
            slots: vec![Value::Null; func.slots],
            ints: vec![0; func.ints],
            cells: vec![None; func.cells],
            rest: None,
            pc: Some(0),
        };
        let mut args = self.args.clone();
        run.with_frame(|frame| bind(frame, &self.cells, &mut args));
        Some(Box::new(run))
    }
}

/// An iterator between two items: a frame that outlives the call.
struct Running {
    code: Arc<Code>,
    function: usize,
    slots: Vec<Value>,
    ints: Vec<i32>,
    cells: Vec<Option<Cell>>,
    rest: Option<Box<Rest>>,
    /// The next operation; none once it has ended.
    pc: Option<usize>,
}

impl Running {
    fn with_frame<T>(&mut self, run: impl FnOnce(&mut Frame<'_>) -> T) -> T {
        let code = self.code.clone();
        let mut frame = Frame {
            code: &code,
            func: &code.functions[self.function],
            slots: &mut self.slots,
            ints: &mut self.ints,
            cells: &mut self.cells,
            rest: self.rest.take(),
        };
        let result = run(&mut frame);
        self.rest = frame.rest;
        result
    }
}

impl Iter for Running {
    fn next(&mut self, cx: &mut Cx<'_>) -> Result<Option<Value>> {
        let Some(mut at) = self.pc.take() else { return Ok(None) };
        cx.meter.step()?;
        cx.meter.enter()?;
        let mut item = Value::Null;
        let exit = self.with_frame(|frame| go(frame, cx, &mut at, &mut item));
        cx.meter.leave();
        match exit? {
            Exit::Yield => {
                self.pc = Some(at);
                Ok(Some(item))
            }
            Exit::Return => Ok(None),
        }
    }
}
