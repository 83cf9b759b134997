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
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Steps => "the expression takes too many steps",
            Self::Depth => "the expression nests calls too deeply",
            Self::Memory => "the expression uses too much memory",
            Self::Output => "the expression builds a text that is too large",
            Self::Regex => "a regular expression takes too long",
        })
    }
}

/// What is left of [`Limits`].
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    steps: u64,
    depth: u32,
    memory: usize,
    output: usize,
}

impl Meter {
    /// A full meter.
    pub fn new(limits: &Limits) -> Self {
        Self { steps: limits.steps, depth: limits.depth, memory: limits.memory, output: limits.output }
    }

    /// One step. Natives that loop call it once per round.
    #[inline]
    pub fn step(&mut self) -> Result<()> {
        match self.steps.checked_sub(1) {
            Some(rest) => {
                self.steps = rest;
                Ok(())
            }
            None => Err(Raise::Limit(Limit::Steps)),
        }
    }

    /// `count` steps at once.
    pub fn steps(&mut self, count: u64) -> Result<()> {
        self.steps = self.steps.checked_sub(count).ok_or(Raise::Limit(Limit::Steps))?;
        Ok(())
    }

    /// The steps that are left, for a loop that counts them in a register; [`Meter::set_left`] ends it.
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
        Ok(())
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
