//! What is left to do once the policies, or the whole exchange, are over: exactly once, however they ended.

use std::{fmt, sync::Arc};

use super::Exchange;
use crate::{Fault, Place, Section, record::Ending};

/// What became of an exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Over {
    /// Bytes of the request's body that came.
    pub request_size: u64,
    /// Bytes of the response's body that were sent.
    pub response_size: u64,
    /// How it ended.
    pub ending: Ending,
}

type Work = Box<dyn FnOnce(&Over)>;

/// Work for the moment when nothing more of an exchange will be sent.
#[derive(Default)]
pub struct Settlements(Vec<Work>);

impl Settlements {
    /// Does it.
    pub fn run(self, over: &Over) {
        for work in self.0 {
            work(over);
        }
    }
}

impl fmt::Debug for Settlements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} settlements", self.0.len())
    }
}

/// Work of a policy that waits until the policies are over: it sees the response that goes back.
///
/// The same rule as for [`crate::Policy::run`]: it may be run again once a body is there.
pub trait Postponed {
    /// Does it.
    fn run(&self, exchange: &mut Exchange) -> Result<(), Fault>;
}

/// Work that waits, with the policy that it belongs to.
pub(super) struct Waiting {
    work: Box<dyn Postponed>,
    section: Section,
    place: Option<Arc<Place>>,
}

impl Waiting {
    fn stamp(&self, fault: Fault) -> Fault {
        match &self.place {
            Some(place) => fault.at(place, self.section),
            None => fault.in_section(self.section),
        }
    }
}

impl Exchange {
    /// Leaves `work` for the end of outbound, or of on-error. A fault of it is one of the policy that is running.
    pub fn postpone(&mut self, work: impl Postponed + 'static) {
        self.postponed.push(Waiting { work: Box::new(work), section: self.section, place: None });
    }

    /// Leaves `work` for the moment when nothing more will be sent.
    pub fn when_over(&mut self, work: impl FnOnce(&Over) + 'static) {
        self.settlements.0.push(Box::new(work));
    }

    /// Says whose work it is that was just left.
    pub(crate) fn place_postponed(&mut self, place: &Arc<Place>) {
        for waiting in self.postponed.iter_mut().rev().take_while(|waiting| waiting.place.is_none()) {
            waiting.place = Some(Arc::clone(place));
        }
    }

    /// Does what was left for the end of the policies, all of it; gives the first fault.
    pub async fn run_postponed(&mut self) -> Result<(), Fault> {
        let mut outcome = Ok(());
        for waiting in std::mem::take(&mut self.postponed) {
            let done = loop {
                match waiting.work.run(self) {
                    Err(fault) if fault.is_unfinished() => match self.fulfil(&fault, &waiting).await {
                        Ok(()) => {}
                        failed => break failed,
                    },
                    done => break done,
                }
            };
            self.forget(&waiting);
            outcome = outcome.and(done.map_err(|fault| waiting.stamp(fault)));
        }
        outcome
    }

    /// Does what was left for the end of the policies, as far as it can be done at once: nobody gets a response any more.
    pub fn abandon_postponed(&mut self) {
        for waiting in std::mem::take(&mut self.postponed) {
            // A fault has no one to be told to.
            let _ = self.without_waiting(|exchange| waiting.work.run(exchange));
        }
    }

    /// What must be done when the exchange is over. Whoever takes it does it.
    pub fn take_settlements(&mut self) -> Settlements {
        std::mem::take(&mut self.settlements)
    }
}
