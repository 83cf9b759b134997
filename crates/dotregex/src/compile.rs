//! From the tree to instructions.

use crate::node::{Node, Unit};
use crate::program::{Inst, Program};

pub(crate) fn compile(node: &Node, groups: usize, back: bool) -> Program {
    let mut compiler = Compiler { code: Vec::new(), registers: 0 };
    compiler.node(node, back);
    compiler.code.push(Inst::Match);
    Program { code: compiler.code, registers: compiler.registers, groups }
}

struct Compiler {
    code: Vec<Inst>,
    registers: usize,
}

impl Compiler {
    fn registers(&mut self, count: usize) -> usize {
        self.registers += count;
        self.registers - count
    }

    /// Emits an instruction whose target is set later.
    fn open(&mut self, inst: Inst) -> usize {
        self.code.push(inst);
        self.code.len() - 1
    }

    /// Lets the instruction at `index` lead here.
    fn close(&mut self, index: usize) {
        let here = self.code.len();
        if let Some(
            Inst::Jump(target)
            | Inst::Split { other: target }
            | Inst::FenceOr { other: target, .. }
            | Inst::IfGroup { no: target, .. },
        ) = self.code.get_mut(index)
        {
            *target = here;
        }
    }

    fn node(&mut self, node: &Node, back: bool) {
        match node {
            Node::Empty => {}
            Node::Unit(unit) => self.code.push(Inst::Unit { unit: unit.clone(), back }),
            Node::Assertion(assertion) => self.code.push(Inst::Assertion(*assertion)),
            Node::Concat(nodes) => self.concat(nodes, back),
            Node::Either(nodes) => self.either(nodes, back),
            Node::Loop { min, max, lazy, body } => self.repeat(*min, *max, *lazy, body, back),
            Node::Capture { group, uncapture, body } => {
                let register = self.registers(1);
                self.code.push(Inst::Mark { register });
                self.node(body, back);
                self.code.push(Inst::Capture { group: *group, uncapture: *uncapture, register });
            }
            Node::Look { behind, negative, body } => {
                let register = self.registers(2);
                if *negative {
                    let fence = self.open(Inst::FenceOr { register, other: 0 });
                    self.node(body, *behind);
                    self.code.push(Inst::Refuse { register });
                    self.close(fence);
                } else {
                    self.code.push(Inst::Fence { register });
                    self.node(body, *behind);
                    self.code.push(Inst::Commit { register, rewind: true });
                }
            }
            Node::Atomic(body) => {
                let register = self.registers(2);
                self.code.push(Inst::Fence { register });
                self.node(body, back);
                self.code.push(Inst::Commit { register, rewind: false });
            }
            Node::Reference { group, fold, ecma } => {
                self.code.push(Inst::Reference { group: *group, fold: *fold, ecma: *ecma, back });
            }
            Node::IfGroup { group, yes, no } => {
                let test = self.open(Inst::IfGroup { group: *group, no: 0 });
                self.yes_no(test, yes, no, back);
            }
            Node::IfMatch { test, yes, no } => {
                let register = self.registers(2);
                let fence = self.open(Inst::FenceOr { register, other: 0 });
                self.node(test, back);
                self.code.push(Inst::Commit { register, rewind: true });
                self.yes_no(fence, yes, no, back);
            }
        }
    }

    fn yes_no(&mut self, test: usize, yes: &Node, no: &Node, back: bool) {
        self.node(yes, back);
        let end = self.open(Inst::Jump(0));
        self.close(test);
        self.node(no, back);
        self.close(end);
    }

    /// In order of the text read: backwards, the last comes first. Plain units in a row become one instruction.
    fn concat(&mut self, nodes: &[Node], back: bool) {
        let mut run: Vec<u16> = Vec::new();
        let mut rest = nodes.len();
        while rest > 0 {
            let node = &nodes[if back { rest - 1 } else { nodes.len() - rest }];
            rest -= 1;
            if let Node::Unit(Unit::One { unit, fold: false }) = node {
                run.push(*unit);
                continue;
            }
            self.literal(&mut run, back);
            self.node(node, back);
        }
        self.literal(&mut run, back);
    }

    fn literal(&mut self, run: &mut Vec<u16>, back: bool) {
        match run.as_slice() {
            [] => {}
            [unit] => {
                let unit = Unit::One { unit: *unit, fold: false };
                self.code.push(Inst::Unit { unit, back });
            }
            units => self.code.push(Inst::Literal { units: units.into(), back }),
        }
        run.clear();
    }

    fn either(&mut self, nodes: &[Node], back: bool) {
        let mut ends = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            if index + 1 == nodes.len() {
                self.node(node, back);
            } else {
                let split = self.open(Inst::Split { other: 0 });
                self.node(node, back);
                ends.push(self.open(Inst::Jump(0)));
                self.close(split);
            }
        }
        for end in ends {
            self.close(end);
        }
    }

    fn repeat(&mut self, min: u32, max: u32, lazy: bool, body: &Node, back: bool) {
        if let Node::Unit(unit) = body {
            self.code.push(Inst::Repeat { unit: unit.clone(), min, max, lazy, back });
            return;
        }
        match (min, max, lazy) {
            (_, 0, _) => {}
            (1, 1, _) => self.node(body, back),
            (0, 1, false) => {
                let split = self.open(Inst::Split { other: 0 });
                self.node(body, back);
                self.close(split);
            }
            _ => {
                let counter = self.registers(2);
                self.code.push(Inst::LoopStart { counter });
                let start = self.open(Inst::Jump(0));
                let first = self.code.len();
                self.node(body, back);
                self.close(start);
                self.code.push(Inst::LoopNext { counter, min, max, lazy, body: first });
            }
        }
    }
}
