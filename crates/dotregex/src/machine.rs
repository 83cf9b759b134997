//! Runs a program by backtracking, on a stack of its own and within limits.

use crate::class::{is_word, lower};
use crate::error::MatchError;
use crate::node::{Assertion, INFINITE, Unit};
use crate::program::{Inst, Program};
use crate::text::Input;

/// How long and how far a match may search.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// Instructions and ways back taken, over all starting points of one search.
    pub steps: u64,
    /// Entries on the stack of ways back; one takes 24 bytes.
    pub stack: usize,
    /// Asked now and then whether time is up.
    pub timed_out: Option<&'a dyn Fn() -> bool>,
}

impl Default for Limits<'_> {
    /// Ten million steps (some tenths of a second) and about 48 MB.
    fn default() -> Self {
        Self { steps: 10_000_000, stack: 2_000_000, timed_out: None }
    }
}

/// One capture of a group, in UTF-16 units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capture {
    /// Where it begins.
    pub start: usize,
    /// How many units it has.
    pub length: usize,
}

impl Capture {
    /// Where it ends.
    pub fn end(self) -> usize {
        self.start + self.length
    }
}

/// A match: all captures of every group, by index; the first group is the match itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    groups: Vec<Vec<Capture>>,
}

impl Match {
    /// The match itself.
    pub fn whole(&self) -> Capture {
        self.group(0).unwrap_or(Capture { start: 0, length: 0 })
    }

    /// A group's last capture, if it has one.
    pub fn group(&self, index: usize) -> Option<Capture> {
        self.captures(index).last().copied()
    }

    /// All captures of a group in the order they were made.
    pub fn captures(&self, index: usize) -> &[Capture] {
        self.groups.get(index).map_or(&[], Vec::as_slice)
    }

    /// Count of groups.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Never: there always is the match itself.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

/// How often the caller's hook is asked, in steps.
const ASK_EVERY: u64 = 4096;

/// What is done when a way fails, last entry first.
enum Back {
    /// Goes on there.
    Way {
        pc: usize,
        at: usize,
    },
    /// Gives one unit back after a greedy run, down to `least` units from the start of the run.
    Greedy {
        pc: usize,
        at: usize,
        left: u32,
        back: bool,
    },
    /// Takes one unit more in a lazy run, at most `left`.
    Lazy {
        pc: usize,
        at: usize,
        left: u32,
    },
    /// Begins another round of a lazy loop.
    Round {
        pc: usize,
        at: usize,
    },
    Uncapture {
        group: usize,
    },
    Recapture {
        group: usize,
        capture: Capture,
    },
    Register {
        register: usize,
        value: usize,
    },
}

pub(crate) struct Machine<'p, 'l, I> {
    program: &'p Program,
    input: I,
    /// Where the search began: `\G`.
    origin: usize,
    limits: &'l Limits<'l>,
    steps: u64,
    stack: Vec<Back>,
    registers: Vec<usize>,
    groups: Vec<Vec<Capture>>,
}

impl<'p, 'l, I: Input> Machine<'p, 'l, I> {
    pub(crate) fn new(program: &'p Program, input: I, origin: usize, limits: &'l Limits<'l>) -> Self {
        Self {
            program,
            input,
            origin,
            limits,
            steps: 0,
            stack: Vec::new(),
            registers: vec![0; program.registers],
            groups: vec![Vec::new(); program.groups],
        }
    }

    /// Matches at one position.
    pub(crate) fn match_at(&mut self, start: usize) -> Result<Option<Match>, MatchError> {
        self.stack.clear();
        match self.run(start)? {
            Some(end) => {
                let (from, to) = (start.min(end), start.max(end));
                let mut groups = std::mem::take(&mut self.groups);
                if let Some(whole) = groups.first_mut() {
                    whole.push(Capture { start: from, length: to - from });
                }
                Ok(Some(Match { groups }))
            }
            None => Ok(None),
        }
    }

    fn run(&mut self, start: usize) -> Result<Option<usize>, MatchError> {
        let program = self.program;
        let (mut pc, mut at) = (0, start);
        loop {
            self.steps += 1;
            if self.steps.is_multiple_of(ASK_EVERY) {
                self.check()?;
            }
            let going_on = match program.code.get(pc) {
                None | Some(Inst::Match) => return Ok(Some(at)),
                Some(Inst::Unit { unit, back }) => self.step(unit, *back, at),
                Some(Inst::Literal { units, back }) => self.literal(units, *back, at),
                Some(Inst::Repeat { unit, min, max, lazy, back }) => {
                    self.repeat(unit, (*min, *max), *lazy, *back, pc, at)
                }
                Some(Inst::Assertion(assertion)) => self.holds(*assertion, at).then_some(at),
                Some(Inst::Jump(target)) => {
                    pc = *target;
                    continue;
                }
                Some(Inst::Split { other }) => {
                    self.stack.push(Back::Way { pc: *other, at });
                    Some(at)
                }
                Some(Inst::Mark { register }) => {
                    self.set(*register, at);
                    Some(at)
                }
                Some(Inst::Capture { group, uncapture, register }) => {
                    self.capture(*group, *uncapture, self.register(*register), at).then_some(at)
                }
                Some(Inst::Reference { group, fold, ecma, back }) => self.reference(*group, *fold, *ecma, *back, at),
                Some(Inst::LoopStart { counter }) => {
                    self.set(*counter, 0);
                    self.set(*counter + 1, usize::MAX);
                    Some(at)
                }
                Some(Inst::LoopNext { counter, min, max, lazy, body }) => {
                    pc = self.next_round(*counter, (*min, *max), *lazy, *body, pc, at);
                    continue;
                }
                Some(Inst::Fence { register }) => {
                    self.fence(*register, at);
                    Some(at)
                }
                Some(Inst::FenceOr { register, other }) => {
                    self.fence(*register, at);
                    self.stack.push(Back::Way { pc: *other, at });
                    Some(at)
                }
                Some(Inst::Commit { register, rewind }) => {
                    self.forget_ways(self.register(*register));
                    Some(if *rewind { self.register(*register + 1) } else { at })
                }
                Some(Inst::Refuse { register }) => {
                    let fence = self.register(*register);
                    self.undo(fence);
                    None
                }
                Some(Inst::IfGroup { group, no }) => {
                    if self.groups.get(*group).is_none_or(Vec::is_empty) {
                        pc = *no;
                        continue;
                    }
                    Some(at)
                }
            };
            match going_on {
                Some(next) => (pc, at) = (pc + 1, next),
                None => match self.go_back() {
                    Some(way) => (pc, at) = way,
                    None => return Ok(None),
                },
            }
        }
    }

    fn check(&self) -> Result<(), MatchError> {
        if self.limits.timed_out.is_some_and(|timed_out| timed_out()) {
            return Err(MatchError::Timeout);
        }
        if self.steps > self.limits.steps || self.stack.len() > self.limits.stack {
            return Err(MatchError::Budget);
        }
        Ok(())
    }

    fn register(&self, register: usize) -> usize {
        self.registers.get(register).copied().unwrap_or(0)
    }

    fn set(&mut self, register: usize, value: usize) {
        if let Some(slot) = self.registers.get_mut(register) {
            self.stack.push(Back::Register { register, value: *slot });
            *slot = value;
        }
    }

    /// A fence is set before it is read and never read after a way back leads before it: no need to restore it.
    fn fence(&mut self, register: usize, at: usize) {
        let height = self.stack.len();
        if let Some([fence, position]) = self.registers.get_mut(register..register + 2) {
            (*fence, *position) = (height, at);
        }
    }

    /// The position after one unit, if it is there and fits.
    #[inline]
    fn step(&self, unit: &Unit, back: bool, at: usize) -> Option<usize> {
        let index = if back { at.checked_sub(1)? } else { at };
        if index >= self.input.len() || !fits(unit, self.input.at(index)) {
            return None;
        }
        Some(if back { index } else { at + 1 })
    }

    fn literal(&self, units: &[u16], back: bool, at: usize) -> Option<usize> {
        if back {
            let end = at.checked_sub(units.len())?;
            let fit = units.iter().enumerate().all(|(index, unit)| self.input.at(at - 1 - index) == *unit);
            return fit.then_some(end);
        }
        if units.len() > self.input.len() - at {
            return None;
        }
        let fit = units.iter().enumerate().all(|(index, unit)| self.input.at(at + index) == *unit);
        fit.then_some(at + units.len())
    }

    fn repeat(
        &mut self,
        unit: &Unit,
        (min, max): (u32, u32),
        lazy: bool,
        back: bool,
        pc: usize,
        mut at: usize,
    ) -> Option<usize> {
        let room = if back { at } else { self.input.len() - at };
        let most = room.min(max as usize) as u32;
        let wanted = if lazy { min } else { most };
        let mut count = 0;
        while count < wanted {
            let Some(next) = self.step(unit, back, at) else { break };
            at = next;
            count += 1;
        }
        self.steps += u64::from(count / 16);
        if count < min {
            return None;
        }
        if lazy {
            let left = if max == INFINITE { INFINITE } else { max - min };
            if left > 0 {
                self.stack.push(Back::Lazy { pc, at, left });
            }
        } else if count > min {
            self.stack.push(Back::Greedy { pc: pc + 1, at, left: count - min, back });
        }
        Some(at)
    }

    /// Counts a round and says where to go on: into the body or behind the loop.
    fn next_round(
        &mut self,
        counter: usize,
        (min, max): (u32, u32),
        lazy: bool,
        body: usize,
        pc: usize,
        at: usize,
    ) -> usize {
        let count = self.register(counter);
        // A round that matched nothing ends a loop that had its least.
        let stuck = self.register(counter + 1) == at && count >= min as usize;
        if stuck || (max != INFINITE && count >= max as usize) {
            return pc + 1;
        }
        if count >= min as usize {
            if lazy {
                self.stack.push(Back::Round { pc, at });
                return pc + 1;
            }
            self.stack.push(Back::Way { pc: pc + 1, at });
        }
        self.set(counter, count + 1);
        self.set(counter + 1, at);
        body
    }

    fn capture(&mut self, group: Option<usize>, uncapture: Option<usize>, mark: usize, at: usize) -> bool {
        let (mut start, mut end) = (mark.min(at), mark.max(at));
        if let Some(from) = uncapture {
            let Some(capture) = self.groups.get_mut(from).and_then(Vec::pop) else { return false };
            self.stack.push(Back::Recapture { group: from, capture });
            // What is captured lies between the two groups.
            if start >= capture.end() {
                (start, end) = (capture.end(), start);
            } else if end <= capture.start {
                (start, end) = (end, capture.start);
            } else {
                (start, end) = (start.max(capture.start), end.min(capture.end()));
            }
        }
        if let Some(group) = group
            && let Some(captures) = self.groups.get_mut(group)
        {
            captures.push(Capture { start, length: end - start });
            self.stack.push(Back::Uncapture { group });
        }
        true
    }

    fn reference(&self, group: usize, fold: bool, ecma: bool, back: bool, at: usize) -> Option<usize> {
        let Some(capture) = self.groups.get(group).and_then(|captures| captures.last()) else {
            return ecma.then_some(at);
        };
        let start = if back { at.checked_sub(capture.length)? } else { at };
        if start + capture.length > self.input.len() {
            return None;
        }
        let same = (0..capture.length).all(|index| {
            let (a, b) = (self.input.at(capture.start + index), self.input.at(start + index));
            a == b || (fold && lower(a) == lower(b))
        });
        same.then_some(if back { start } else { start + capture.length })
    }

    fn holds(&self, assertion: Assertion, at: usize) -> bool {
        let length = self.input.len();
        let line_feed = u16::from(b'\n');
        match assertion {
            Assertion::LineStart => at == 0 || self.input.at(at - 1) == line_feed,
            Assertion::LineEnd => at == length || self.input.at(at) == line_feed,
            Assertion::Start => at == 0,
            Assertion::Continue => at == self.origin,
            Assertion::EndOrLast => at == length || (at + 1 == length && self.input.at(at) == line_feed),
            Assertion::End => at == length,
            Assertion::Boundary { ecma, negative } => {
                let before = at > 0 && is_word(self.input.at(at - 1), ecma);
                let after = at < length && is_word(self.input.at(at), ecma);
                (before != after) != negative
            }
        }
    }

    /// Undoes what was done since the last way back, and takes it.
    fn go_back(&mut self) -> Option<(usize, usize)> {
        let program = self.program;
        while let Some(entry) = self.stack.pop() {
            match entry {
                Back::Way { pc, at } => return Some((pc, at)),
                Back::Greedy { pc, at, left, back } => {
                    let at = if back { at + 1 } else { at - 1 };
                    if left > 1 {
                        self.stack.push(Back::Greedy { pc, at, left: left - 1, back });
                    }
                    return Some((pc, at));
                }
                Back::Lazy { pc, at, left } => {
                    let Some(Inst::Repeat { unit, back, .. }) = program.code.get(pc) else { continue };
                    let Some(next) = self.step(unit, *back, at) else { continue };
                    let left = if left == INFINITE { INFINITE } else { left - 1 };
                    if left > 0 {
                        self.stack.push(Back::Lazy { pc, at: next, left });
                    }
                    return Some((pc + 1, next));
                }
                Back::Round { pc, at } => {
                    let Some(Inst::LoopNext { counter, body, .. }) = program.code.get(pc) else { continue };
                    self.set(*counter, self.register(*counter) + 1);
                    self.set(*counter + 1, at);
                    return Some((*body, at));
                }
                other => self.undo_one(other),
            }
        }
        None
    }

    fn undo_one(&mut self, entry: Back) {
        match entry {
            Back::Uncapture { group } => {
                self.groups.get_mut(group).and_then(Vec::pop);
            }
            Back::Recapture { group, capture } => {
                if let Some(captures) = self.groups.get_mut(group) {
                    captures.push(capture);
                }
            }
            Back::Register { register, value } => {
                if let Some(slot) = self.registers.get_mut(register) {
                    *slot = value;
                }
            }
            Back::Way { .. } | Back::Greedy { .. } | Back::Lazy { .. } | Back::Round { .. } => {}
        }
    }

    fn undo(&mut self, height: usize) {
        while self.stack.len() > height {
            if let Some(entry) = self.stack.pop() {
                self.undo_one(entry);
            }
        }
    }

    /// Drops the ways back above `height`; what undoes captures and counters stays.
    fn forget_ways(&mut self, height: usize) {
        let mut kept = height;
        for index in height..self.stack.len() {
            if matches!(self.stack[index], Back::Uncapture { .. } | Back::Recapture { .. } | Back::Register { .. }) {
                self.stack.swap(kept, index);
                kept += 1;
            }
        }
        self.stack.truncate(kept);
    }
}

#[inline]
pub(crate) fn fits(unit: &Unit, found: u16) -> bool {
    match unit {
        Unit::One { unit, fold: false } => found == *unit,
        Unit::One { unit, fold: true } => lower(found) == *unit,
        Unit::NotLineFeed => found != u16::from(b'\n'),
        Unit::Any => true,
        Unit::Class { class, fold: false } => class.contains(found),
        Unit::Class { class, fold: true } => class.contains(lower(found)),
    }
}
