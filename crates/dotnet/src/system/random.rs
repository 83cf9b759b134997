//! `System.Random`: the runtime's own generator, so that a seed gives the same numbers everywhere.

use std::cell::RefCell;

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    surface::{TypeDef, acts, reads},
    value::{Array, Items, Object},
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Random",
    members: &[
        reads("Random()", unseeded, "A generator with a random seed."),
        reads("Random(int Seed)", seeded, "A generator with a seed."),
        acts(
            "int Next()",
            |_, args| Ok(Value::Int(args.this::<Random>()?.0.borrow_mut().next())),
            "A number from 0 on.",
        ),
        acts("int Next(int maxValue)", below, "A number from 0, below a bound."),
        acts("int Next(int minValue, int maxValue)", between, "A number from one bound, below another."),
        acts(
            "double NextDouble()",
            |_, args| Ok(Value::Double(args.this::<Random>()?.0.borrow_mut().sample())),
            "A number from 0, below 1.",
        ),
        acts("void NextBytes(byte[] buffer)", fill, "Fills an array."),
    ],
    doc: "A generator of pseudo-random numbers.",
    ..TypeDef::CLASS
};

struct Random(RefCell<Generator>);

impl Object for Random {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn snapshot(&self) -> Option<Value> {
        Some(Value::object(Random(RefCell::new(self.0.borrow().clone()))))
    }
}

/// Knuth's subtractive generator, with the distance that the runtime gave it.
#[derive(Clone)]
struct Generator {
    /// Place 0 is not used.
    state: [i32; 56],
    next: usize,
}

const SEED: i32 = 161_803_398;

impl Generator {
    fn new(seed: i32) -> Self {
        let mut state = [0i32; 56];
        let mut last = SEED.wrapping_sub(seed.checked_abs().unwrap_or(i32::MAX));
        state[55] = last;
        let (mut number, mut at) = (1i32, 0);
        for _ in 1..55 {
            at = (at + 21) % 55;
            state[at] = number;
            number = last.wrapping_sub(number);
            if number < 0 {
                number = number.wrapping_add(i32::MAX);
            }
            last = state[at];
        }
        for _ in 1..5 {
            for at in 1..56 {
                let other = (at + 30) % 55 + 1;
                state[at] = state[at].wrapping_sub(state[other]);
                if state[at] < 0 {
                    state[at] = state[at].wrapping_add(i32::MAX);
                }
            }
        }
        Self { state, next: 0 }
    }

    /// From 0, below `i32::MAX`.
    fn next(&mut self) -> i32 {
        self.next = self.next % 55 + 1;
        let other = (self.next + 20) % 55 + 1;
        let mut number = self.state[self.next].wrapping_sub(self.state[other]);
        if number == i32::MAX {
            number -= 1;
        }
        if number < 0 {
            number = number.wrapping_add(i32::MAX);
        }
        self.state[self.next] = number;
        number
    }

    fn sample(&mut self) -> f64 {
        f64::from(self.next()) * (1.0 / f64::from(i32::MAX))
    }

    /// A sample with more bits, for ranges that need them.
    fn wide_sample(&mut self) -> f64 {
        let number = self.next();
        let number = if self.next() % 2 == 0 { -number } else { number };
        (f64::from(number) + f64::from(i32::MAX - 1)) / (2.0 * f64::from(i32::MAX) - 1.0)
    }
}

fn generator(seed: i32) -> Value {
    Value::object(Random(RefCell::new(Generator::new(seed))))
}

fn unseeded(cx: &mut Cx<'_>, _args: Args<'_>) -> Result<Value> {
    let mut seed = [0; 4];
    cx.host.entropy(&mut seed);
    Ok(generator(i32::from_le_bytes(seed)))
}

fn seeded(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(generator(args.int(0)))
}

fn below(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let bound = args.int(1);
    if bound < 0 {
        return Err(exception::out_of_range("'maxValue' must be greater than zero.", "maxValue"));
    }
    let sample = args.this::<Random>()?.0.borrow_mut().sample();
    Ok(Value::Int((sample * f64::from(bound)) as i32))
}

fn between(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (low, high) = (args.int(1), args.int(2));
    if low > high {
        return Err(exception::out_of_range("'minValue' cannot be greater than maxValue.", "minValue"));
    }
    let mut generator = args.this::<Random>()?.0.borrow_mut();
    let range = i64::from(high) - i64::from(low);
    let sample = if range <= i64::from(i32::MAX) { generator.sample() } else { generator.wide_sample() };
    Ok(Value::Int(((sample * range as f64) as i64 + i64::from(low)) as i32))
}

fn fill(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut generator = args.this::<Random>()?.0.borrow_mut();
    if let Items::Bytes(bytes) = &mut *args.object_or::<Array>(1, "buffer")?.items.borrow_mut() {
        for byte in bytes.iter_mut() {
            *byte = generator.next() as u8;
        }
    }
    Ok(Value::Null)
}
