//! Counting loops whose bodies are plain `int` arithmetic: they run on a few registers, with one dispatch at most for each
//! assignment.

use super::code::{IntNode, Node, Op};
use crate::{call::Result, ir::BinOp, limits::Meter};

/// How many variables, constants and intermediate results such a loop may have. A power of two: an index is cut to it.
const REGISTERS: usize = 16;

type Registers = [i32; REGISTERS];

/// A loop that ends with `counter += by; if (counter < limit)` back.
pub(super) struct Spin {
    /// The slots of the frame behind the first registers.
    slots: Vec<usize>,
    constants: Vec<(u8, i32)>,
    steps: Vec<Step>,
    counter: u8,
    by: i32,
    limit: u8,
    /// Steps of the meter for each round.
    cost: u64,
}

/// An assignment.
#[derive(Clone, Copy)]
struct Step {
    into: u8,
    /// All ones where the result is added to what is there.
    keep: i32,
    sum: Sum,
    left: u8,
    right: u8,
}

#[derive(Clone, Copy)]
enum Sum {
    Copy,
    Add,
    Sub,
    Mul,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    /// By a constant: its absolute value, and 2⁶⁴ divided by it, rounded up.
    Rem {
        divisor: u64,
        inverse: u64,
    },
}

impl Spin {
    /// Of the operations of a body and the end of its loop, if they are plain enough.
    pub(super) fn of(body: &[Op], counter: usize, by: i32, limit: &IntNode, cost: u64) -> Option<Self> {
        let mut spin =
            Self { slots: Vec::new(), constants: Vec::new(), steps: Vec::new(), counter: 0, by, limit: 0, cost };
        let mut builder = Builder { spin: &mut spin, used: 0 };
        // Slots come first: what is written back is what they are.
        for op in body {
            builder.slots_of(op)?;
        }
        let counter = builder.slot(counter)?;
        if let IntNode::Local(slot) = limit {
            builder.slot(*slot)?;
        }
        for op in body {
            builder.assignment(op)?;
        }
        let limit = builder.leaf(limit)?;
        (spin.counter, spin.limit) = (counter, limit);
        Some(spin)
    }

    pub(super) fn run(&self, ints: &mut [i32], meter: &mut Meter<'_>) -> Result<()> {
        let mut registers = [0; REGISTERS];
        for (register, slot) in registers.iter_mut().zip(&self.slots) {
            *register = ints[*slot];
        }
        for (register, value) in &self.constants {
            registers[at(*register)] = *value;
        }
        self.spin(&mut registers, meter)?;
        for (register, slot) in registers.iter().zip(&self.slots) {
            ints[*slot] = *register;
        }
        Ok(())
    }

    fn spin(&self, registers: &mut Registers, meter: &mut Meter<'_>) -> Result<()> {
        let [step] = self.steps.as_slice() else {
            return self.rounds(registers, meter, |registers| {
                for step in &self.steps {
                    let value = step.value(registers);
                    step.assign(registers, value);
                }
            });
        };
        // A single assignment is told apart once, not in every round.
        let step = *step;
        let (left, right) = (at(step.left), at(step.right));
        macro_rules! rounds {
            ($registers:ident, $value:expr) => {
                self.rounds(registers, meter, |$registers| {
                    let value = $value;
                    step.assign($registers, value);
                })
            };
        }
        match step.sum {
            Sum::Copy => rounds!(r, r[left]),
            Sum::Add => rounds!(r, r[left].wrapping_add(r[right])),
            Sum::Sub => rounds!(r, r[left].wrapping_sub(r[right])),
            Sum::Mul => rounds!(r, r[left].wrapping_mul(r[right])),
            Sum::Rem { divisor, inverse } => rounds!(r, remainder(r[left], divisor, inverse)),
            _ => rounds!(r, step.value(r)),
        }
    }

    #[inline]
    fn rounds(&self, registers: &mut Registers, meter: &mut Meter<'_>, body: impl Fn(&mut Registers)) -> Result<()> {
        let (counter, limit, by, cost) = (at(self.counter), at(self.limit), self.by, self.cost);
        let mut left = meter.left();
        loop {
            body(registers);
            let count = registers[counter].wrapping_add(by);
            registers[counter] = count;
            if count >= registers[limit] {
                meter.set_left(left);
                return Ok(());
            }
            left = match left.checked_sub(cost) {
                Some(rest) => rest,
                None => {
                    meter.set_left(left);
                    meter.more(cost)?;
                    meter.left()
                }
            };
        }
    }
}

impl Step {
    #[inline]
    fn value(self, registers: &Registers) -> i32 {
        let (left, right) = (registers[at(self.left)], registers[at(self.right)]);
        match self.sum {
            Sum::Copy => left,
            Sum::Add => left.wrapping_add(right),
            Sum::Sub => left.wrapping_sub(right),
            Sum::Mul => left.wrapping_mul(right),
            Sum::And => left & right,
            Sum::Or => left | right,
            Sum::Xor => left ^ right,
            Sum::ShiftLeft => left.wrapping_shl(right as u32),
            Sum::ShiftRight => left.wrapping_shr(right as u32),
            Sum::Rem { divisor, inverse } => remainder(left, divisor, inverse),
        }
    }

    #[inline]
    fn assign(self, registers: &mut Registers, value: i32) {
        let place = &mut registers[at(self.into)];
        *place = (*place & self.keep).wrapping_add(value);
    }
}

#[inline]
fn at(register: u8) -> usize {
    usize::from(register) % REGISTERS
}

/// `value % divisor` by two multiplications (Lemire, Kaser and Kurz, "Faster remainder by direct computation"); the sign
/// is that of the value.
#[inline]
fn remainder(value: i32, divisor: u64, inverse: u64) -> i32 {
    let fraction = inverse.wrapping_mul(u64::from(value.unsigned_abs()));
    let rest = ((u128::from(fraction) * u128::from(divisor)) >> 64) as i32;
    if value < 0 { -rest } else { rest }
}

struct Builder<'s> {
    spin: &'s mut Spin,
    used: u8,
}

impl Builder<'_> {
    fn register(&mut self) -> Option<u8> {
        let register = self.used;
        self.used += 1;
        (usize::from(register) < REGISTERS).then_some(register)
    }

    fn slot(&mut self, slot: usize) -> Option<u8> {
        if let Some(known) = self.spin.slots.iter().position(|known| *known == slot) {
            return u8::try_from(known).ok();
        }
        let register = self.register()?;
        self.spin.slots.push(slot);
        Some(register)
    }

    /// Gives every variable its register.
    fn slots_of(&mut self, op: &Op) -> Option<()> {
        let (slot, value) = assigned(op)?;
        self.slot(slot)?;
        self.slots_in(value)
    }

    fn slots_in(&mut self, node: &IntNode) -> Option<()> {
        match node {
            IntNode::Const(_) => Some(()),
            IntNode::Local(slot) => self.slot(*slot).map(|_| ()),
            IntNode::AddConst(inner, _) | IntNode::MulConst(inner, _) | IntNode::RemConst(inner, _) => {
                self.slots_in(inner)
            }
            IntNode::Add(pair) | IntNode::Binary { checked: false, pair, .. } | IntNode::Shift { pair, .. } => {
                self.slots_in(&pair.0)?;
                self.slots_in(&pair.1)
            }
            _ => None,
        }
    }

    fn assignment(&mut self, op: &Op) -> Option<()> {
        let (slot, value) = assigned(op)?;
        let into = self.slot(slot)?;
        let adds = matches!(op, Op::IntEffect(IntNode::AddTo(..)));
        self.step(into, if adds { -1 } else { 0 }, value)
    }

    fn step(&mut self, into: u8, keep: i32, node: &IntNode) -> Option<()> {
        let (sum, left, right) = match node {
            IntNode::Const(_) | IntNode::Local(_) => {
                let leaf = self.leaf(node)?;
                (Sum::Copy, leaf, leaf)
            }
            IntNode::AddConst(inner, by) => (Sum::Add, self.leaf(inner)?, self.leaf(&IntNode::Const(*by))?),
            IntNode::MulConst(inner, by) => (Sum::Mul, self.leaf(inner)?, self.leaf(&IntNode::Const(*by))?),
            IntNode::RemConst(inner, by) => {
                let divisor = u64::from(by.unsigned_abs());
                let inverse = (u64::MAX / divisor.max(1)).wrapping_add(1);
                let leaf = self.leaf(inner)?;
                (Sum::Rem { divisor, inverse }, leaf, leaf)
            }
            IntNode::Add(pair) => (Sum::Add, self.leaf(&pair.0)?, self.leaf(&pair.1)?),
            IntNode::Shift { left, pair } => {
                let sum = if *left { Sum::ShiftLeft } else { Sum::ShiftRight };
                (sum, self.leaf(&pair.0)?, self.leaf(&pair.1)?)
            }
            IntNode::Binary { op, checked: false, pair } => {
                let sum = match op {
                    BinOp::Add => Sum::Add,
                    BinOp::Sub => Sum::Sub,
                    BinOp::Mul => Sum::Mul,
                    BinOp::BitAnd => Sum::And,
                    BinOp::BitOr => Sum::Or,
                    BinOp::BitXor => Sum::Xor,
                    _ => return None,
                };
                (sum, self.leaf(&pair.0)?, self.leaf(&pair.1)?)
            }
            _ => return None,
        };
        self.spin.steps.push(Step { into, keep, sum, left, right });
        Some(())
    }

    /// The register of an operand; what is computed gets one of its own.
    fn leaf(&mut self, node: &IntNode) -> Option<u8> {
        match node {
            IntNode::Local(slot) => self.slot(*slot),
            IntNode::Const(value) => {
                if let Some((register, _)) = self.spin.constants.iter().find(|(_, known)| known == value) {
                    return Some(*register);
                }
                let register = self.register()?;
                self.spin.constants.push((register, *value));
                Some(register)
            }
            node => {
                let register = self.register()?;
                self.step(register, 0, node)?;
                Some(register)
            }
        }
    }
}

/// The variable that an operation assigns to, and what it gets or what is added.
fn assigned(op: &Op) -> Option<(usize, &IntNode)> {
    match op {
        Op::IntEffect(IntNode::Set(slot, value) | IntNode::AddTo(slot, value)) => Some((*slot, value)),
        Op::Declare(super::code::Loc::Int(slot), Some(Node::Int(value))) => Some((*slot, value)),
        _ => None,
    }
}
