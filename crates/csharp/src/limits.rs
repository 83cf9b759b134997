//! What one evaluation may spend.

use crate::call::{Raise, Result};

/// Bounds of one evaluation.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Statements, calls and items enumerated.
    pub steps: u64,
    /// Nested calls of lambdas, local functions and lazy sequences. Each takes native stack: the default fits the two
    /// megabytes that a thread has.
    pub depth: u32,
    /// Bytes allocated, counted and never given back.
    pub memory: usize,
    /// Bytes of one text that the evaluation builds or returns.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 50_000_000, depth: 100, memory: 256 << 20, output: 64 << 20 }
    }
}

/// How many steps an evaluation takes before it is asked again whether it may go on: some microseconds of the quickest, some
/// hundred of the slowest.
const SLICE: u64 = 4000;

/// From so many bytes on, memory counts as steps.
const LARGE: usize = 4096;

/// The bytes that are filled in the time of a step.
const STRIDE: usize = 64;

/// Who says, every few thousand steps, whether an evaluation may go on. Steps say little of time: one may add two numbers or
/// call a member.
pub trait Watch {
    /// Whether it may. `ahead` steps are about to be taken at once.
    fn goes_on(&self, ahead: u64) -> std::result::Result<(), Limit>;
}

/// Which bound was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Too many steps.
    Steps,
    /// Calls nested too deeply.
    Depth,
    /// Too much memory.
    Memory,
    /// A text too large.
    Output,
    /// A regular expression took too long.
    Regex,
    /// Too much time.
    Time,
    /// More time than one thread gives it that has others to serve: it must run again on another.
    Turn,
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Steps => "the expression takes too many steps",
            Self::Depth => "the expression nests calls too deeply",
            Self::Memory => "the expression uses too much memory",
            Self::Output => "the expression builds a text that is too large",
            Self::Regex => "a regular expression takes too long",
            Self::Time => "the expression takes too long",
            Self::Turn => "the expression takes longer than its turn",
        })
    }
}

/// What is left of [`Limits`].
#[derive(Clone, Copy)]
pub struct Meter<'w> {
    /// Until somebody is asked.
    steps: u64,
    /// Beyond these.
    beyond: u64,
    depth: u32,
    memory: usize,
    output: usize,
    watch: Option<&'w dyn Watch>,
}

impl From<&Limits> for Meter<'_> {
    fn from(limits: &Limits) -> Self {
        Self::new(limits)
    }
}

impl<'w> Meter<'w> {
    /// A full meter.
    pub fn new(limits: &Limits) -> Self {
        let Limits { steps, depth, memory, output } = *limits;
        Self { steps, beyond: 0, depth, memory, output, watch: None }
    }

    /// A full meter that somebody watches.
    pub fn watched(limits: &Limits, watch: Option<&'w dyn Watch>) -> Self {
        let steps = if watch.is_some() { limits.steps.min(SLICE) } else { limits.steps };
        Self { steps, beyond: limits.steps - steps, watch, ..Self::new(limits) }
    }

    /// One step. Natives that loop call it once per round.
    #[inline]
    pub fn step(&mut self) -> Result<()> {
        match self.steps.checked_sub(1) {
            Some(rest) => {
                self.steps = rest;
                Ok(())
            }
            None => self.more(1),
        }
    }

    /// `count` steps at once.
    pub fn steps(&mut self, count: u64) -> Result<()> {
        match self.steps.checked_sub(count) {
            Some(rest) => {
                self.steps = rest;
                Ok(())
            }
            None => self.more(count),
        }
    }

    /// Takes `count` steps, for which the slice is too short.
    #[cold]
    pub(crate) fn more(&mut self, count: u64) -> Result<()> {
        let Some(watch) = self.watch else { return Err(Raise::Limit(Limit::Steps)) };
        let missing = count - self.steps;
        let rest = self.beyond.checked_sub(missing).ok_or(Raise::Limit(Limit::Steps))?;
        watch.goes_on(missing).map_err(Raise::Limit)?;
        self.steps = rest.min(SLICE);
        self.beyond = rest - self.steps;
        Ok(())
    }

    /// Who is asked whether the evaluation may go on, for natives that take long and can stop on the way.
    pub fn watch(&self) -> Option<&'w dyn Watch> {
        self.watch
    }

    /// The steps until somebody must be asked, for a loop that counts them in a register; [`Meter::set_left`] ends it.
    pub(crate) fn left(&self) -> u64 {
        self.steps
    }

    /// Sets what a loop has left.
    pub(crate) fn set_left(&mut self, steps: u64) {
        self.steps = steps;
    }

    /// Memory that is about to be used.
    pub fn allocate(&mut self, bytes: usize) -> Result<()> {
        self.memory = self.memory.checked_sub(bytes).ok_or(Raise::Limit(Limit::Memory))?;
        // To fill much memory takes time, too.
        if bytes < LARGE { Ok(()) } else { self.steps((bytes / STRIDE) as u64) }
    }

    /// A text of `bytes` is about to be built.
    pub fn text(&mut self, bytes: usize) -> Result<()> {
        if bytes > self.output {
            return Err(Raise::Limit(Limit::Output));
        }
        self.allocate(bytes)
    }

    /// Enters a call; [`Meter::leave`] ends it.
    pub fn enter(&mut self) -> Result<()> {
        self.depth = self.depth.checked_sub(1).ok_or(Raise::Limit(Limit::Depth))?;
        Ok(())
    }

    /// Ends a call.
    pub fn leave(&mut self) {
        self.depth += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    struct Patient(Cell<u32>);

    impl Watch for Patient {
        fn goes_on(&self, _ahead: u64) -> std::result::Result<(), Limit> {
            self.0.set(self.0.get().checked_sub(1).ok_or(Limit::Turn)?);
            Ok(())
        }
    }

    #[test]
    fn a_watched_meter_asks_after_each_slice_and_counts_every_step() {
        let patient = Patient(Cell::new(2));
        let mut meter = Meter::watched(&Limits { steps: 10_000, ..Limits::default() }, Some(&patient));
        let taken = std::iter::repeat_with(|| meter.step()).take_while(|step| step.is_ok()).count();
        assert_eq!((taken, patient.0.get()), (10_000, 0));
        assert!(matches!(meter.step(), Err(Raise::Limit(Limit::Steps))));

        let mut meter = Meter::watched(&Limits::default(), Some(&patient));
        let taken = std::iter::repeat_with(|| meter.step()).take_while(|step| step.is_ok()).count();
        assert_eq!(taken as u64, SLICE);
        assert!(matches!(meter.steps(2), Err(Raise::Limit(Limit::Turn))));
    }
}
