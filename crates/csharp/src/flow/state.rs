//! What is known at one point of a text.

/// A variable, numbered in the order of declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(pub(super) usize);

/// The variables that surely have a value at a point. A point that nothing reaches has all of them: whatever is said
/// about it is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct State {
    assigned: Option<Vec<u64>>,
}

impl State {
    /// A point that is reached, with nothing assigned.
    pub(super) fn start() -> Self {
        Self { assigned: Some(Vec::new()) }
    }

    /// A point that nothing reaches.
    pub(super) fn unreachable() -> Self {
        Self { assigned: None }
    }

    pub(super) fn is_reachable(&self) -> bool {
        self.assigned.is_some()
    }

    pub(super) fn is_assigned(&self, slot: Slot) -> bool {
        match &self.assigned {
            None => true,
            Some(words) => words.get(slot.0 / 64).is_some_and(|word| word >> (slot.0 % 64) & 1 == 1),
        }
    }

    pub(super) fn assign(&mut self, slot: Slot) {
        if let Some(words) = &mut self.assigned {
            let index = slot.0 / 64;
            if words.len() <= index {
                words.resize(index + 1, 0);
            }
            if let Some(word) = words.get_mut(index) {
                *word |= 1 << (slot.0 % 64);
            }
        }
    }

    /// A declaration that is reached again, as in a loop, begins anew.
    pub(super) fn unassign(&mut self, slot: Slot) {
        if let Some(word) = self.assigned.as_mut().and_then(|words| words.get_mut(slot.0 / 64)) {
            *word &= !(1 << (slot.0 % 64));
        }
    }

    /// Two ways meet: what both have assigned.
    pub(super) fn join(&mut self, other: &Self) {
        match (&mut self.assigned, &other.assigned) {
            (_, None) => {}
            (None, Some(_)) => *self = other.clone(),
            (Some(words), Some(others)) => {
                words.truncate(others.len());
                for (word, other) in words.iter_mut().zip(others) {
                    *word &= other;
                }
            }
        }
    }

    /// What `other` has assigned too: a `finally` on the way. If its end is not reached, neither is this point.
    pub(super) fn pass_through(&mut self, other: &Self) {
        match (&mut self.assigned, &other.assigned) {
            (_, None) => self.assigned = None,
            (None, _) => {}
            (Some(words), Some(others)) => {
                if words.len() < others.len() {
                    words.resize(others.len(), 0);
                }
                for (word, other) in words.iter_mut().zip(others) {
                    *word |= other;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_both_ways_assign_is_assigned_where_they_meet() {
        let (mut left, mut right) = (State::start(), State::start());
        left.assign(Slot(3));
        left.assign(Slot(70));
        right.assign(Slot(3));
        left.join(&right);
        assert!(left.is_assigned(Slot(3)) && !left.is_assigned(Slot(70)));
        left.join(&State::unreachable());
        assert!(left.is_assigned(Slot(3)));
    }
}
