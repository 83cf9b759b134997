//! Work of a policy that leaves the worker: the policy says what, its block waits for it and runs the policy again, which
//! then finds what came of it. Nothing of the first run has been seen: see [`Fault::is_unfinished`].

use std::{
    any::{Any, TypeId},
    rc::Rc,
    time::Duration,
};

use csharp::host::Side;

use crate::{Body, Exchange, Fault, Status, offload::Wanted};

/// What an exchange knows of work elsewhere.
#[derive(Default)]
pub(crate) struct Away {
    errand: Option<Errand>,
    brought: Vec<Brought>,
    /// Whether everything must be done on this thread, because nobody can wait.
    stays: bool,
    /// The bodies that expressions of the step under way have read without keeping them: they are there again when it runs again.
    read: [Option<Body>; 2],
}

/// What tells work from other work of the same policy: where what does it lies, and what that is. A policy and its first part may lie
/// at the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Site(TypeId, usize);

impl Site {
    /// The site that `part` of a policy is.
    pub(crate) fn of<S: 'static>(part: &S) -> Self {
        Self(TypeId::of::<S>(), std::ptr::from_ref(part).addr())
    }
}

/// What is done on another thread, and what it gives.
type Work = Box<dyn FnOnce(&Wanted) -> Box<dyn Any + Send> + Send>;

/// What is done with that on the worker.
type Arrive = Box<dyn FnOnce(&mut Exchange, Box<dyn Any + Send>) -> Arrived>;

/// Work for another thread.
pub(crate) struct Errand {
    /// What tells it from other work of the same policy.
    pub(crate) site: Site,
    /// What is to be done there.
    pub(crate) work: Work,
    /// What is to be done here with what it gave.
    pub(crate) arrive: Arrive,
}

/// What came of work elsewhere.
pub(crate) enum Arrived {
    /// This, for the policy when it runs again.
    Here(Rc<dyn Any>),
    /// It can be done on the worker only.
    Stays,
    /// Nothing yet: it needs a body first.
    Needs(Side),
}

struct Brought {
    owner: usize,
    site: Site,
    what: Option<Rc<dyn Any>>,
}

/// How a policy finds work that may take long.
pub(crate) enum Found {
    /// Nobody has done it.
    Nothing,
    /// It is done.
    Here(Rc<dyn Any>),
    /// It must be done here, however long it takes.
    Stays,
}

/// How quickly what policies do with large bodies goes, in bytes for each millisecond: parsing, checking, transforming.
const BYTES_PER_MILLISECOND: u128 = 100_000;

impl Exchange {
    /// What came of the work of `site`.
    pub(crate) fn brought(&self, site: Site) -> Found {
        let Some(away) = &self.away else { return Found::Nothing };
        match away.brought.iter().find(|brought| brought.site == site) {
            Some(Brought { what: Some(what), .. }) => Found::Here(Rc::clone(what)),
            Some(_) => Found::Stays,
            None if away.stays => Found::Stays,
            None => Found::Nothing,
        }
    }

    /// Leaves work to the block that runs the policy: it gets this fault, and runs the policy again.
    pub(crate) fn leave(&mut self, errand: Errand) -> Fault {
        self.away.get_or_insert_default().errand = Some(errand);
        Fault::left()
    }

    /// How long the worker may work on one thing; `None` where everything is done on it.
    pub(crate) fn turn(&self) -> Option<Duration> {
        self.host.offload.as_ref()?.budget().turn
    }

    /// Does `work` on `bytes` bytes: at once where that is quick, else on another thread. The fault then is for the block that runs the policy,
    /// as [`Fault::body_needed`] is, and the policy must not have changed anything before. `site` tells it from other work
    /// of the policy: give it a part of the policy.
    pub fn aside<T: Clone + Send + 'static, S: 'static>(
        &mut self,
        site: &S,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let is_long = |turn: Duration| bytes as u128 >= turn.as_millis() * BYTES_PER_MILLISECOND;
        let site = Site::of(site);
        match self.brought(site) {
            Found::Here(what) => match what.downcast_ref::<T>() {
                Some(what) => Ok(what.clone()),
                None => Ok(work()),
            },
            Found::Nothing if self.turn().is_some_and(is_long) => Err(self.leave(Errand {
                site,
                work: Box::new(move |_| Box::new(work())),
                arrive: Box::new(|_, what| match what.downcast::<T>() {
                    Ok(what) => Arrived::Here(Rc::new(*what)),
                    Err(_) => Arrived::Stays,
                }),
            })),
            Found::Nothing | Found::Stays => Ok(work()),
        }
    }

    /// Does what a policy that is not finished waits for: a body, or work on another thread. After that it runs again.
    /// `owner` stands for the policy; [`Exchange::forget`] ends it.
    pub async fn fulfil<O>(&mut self, fault: &Fault, owner: &O) -> Result<(), Fault> {
        self.unread();
        if let Some(side) = fault.needs_body() {
            return self.buffer(Some(side)).await;
        }
        let owner = std::ptr::from_ref(owner).addr();
        let errand = self.away.as_mut().and_then(|away| away.errand.take());
        let (Some(Errand { site, work, arrive }), Some(offload)) = (errand, self.host.offload.clone()) else {
            return Err(Fault::new("", "InternalError", "a policy left work that is not there"));
        };
        let full = |_| {
            let message = "Too much work that takes long is waiting already. Try again later.";
            Fault::new("", "TooBusy", message).with_status(Status::SERVICE_UNAVAILABLE).shown(message)
        };
        let done = offload.run(work).map_err(full)?.await;
        let done = done.ok_or_else(|| Fault::new("", "InternalError", "work of a policy ended with a panic"))?;
        let what = match arrive(self, done) {
            Arrived::Here(what) => Some(what),
            Arrived::Stays => None,
            Arrived::Needs(side) => return self.buffer(Some(side)).await,
        };
        self.away.get_or_insert_default().brought.push(Brought { owner, site, what });
        Ok(())
    }

    /// Forgets what was done elsewhere for a policy that has ended.
    pub fn forget<O>(&mut self, owner: &O) {
        if let Some(away) = &mut self.away {
            let owner = std::ptr::from_ref(owner).addr();
            away.brought.retain(|brought| brought.owner != owner);
            away.read = [None, None];
        }
    }

    /// Notes that an expression read a body without keeping it: nobody else gets it, unless its step runs again.
    pub(crate) fn consume(&mut self, side: Side) {
        let (body, consumed) = match side {
            Side::Request => (&mut self.request.body, &mut self.request.consumed),
            Side::Response => (&mut self.response.body, &mut self.response.consumed),
        };
        let body = std::mem::replace(body, Body::empty());
        if !std::mem::replace(consumed, true) {
            let [request, response] = &mut self.away.get_or_insert_default().read;
            *if side == Side::Request { request } else { response } = Some(body);
        }
    }

    /// Gives back what the step under way has read: it runs again from its start.
    fn unread(&mut self) {
        let Some(away) = &mut self.away else { return };
        let [request, response] = std::mem::take(&mut away.read);
        if let Some(body) = request {
            (self.request.body, self.request.consumed) = (body, false);
        }
        if let Some(body) = response {
            (self.response.body, self.response.consumed) = (body, false);
        }
    }

    /// Does `work` while nobody can wait: everything in it is done on this thread.
    pub fn without_waiting<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        if self.host.offload.is_none() {
            return work(self);
        }
        let before = std::mem::replace(&mut self.away.get_or_insert_default().stays, true);
        let done = work(self);
        self.away.get_or_insert_default().stays = before;
        done
    }
}
