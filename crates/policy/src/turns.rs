//! [`Turns`]: one exchange for several policies that are under way at once (`wait`). One of them has it at a time.

use std::{
    cell::RefCell,
    future::poll_fn,
    ops::{Deref, DerefMut},
    task::{Poll, Waker},
};

use crate::{Exchange, exchange::trace::Open};

/// An exchange that policies take turns at. It never leaves its worker.
pub struct Turns<'e>(RefCell<State<'e>>);

struct State<'e> {
    /// The exchange, while nobody has it.
    free: Option<&'e mut Exchange>,
    waiting: Vec<Waker>,
}

/// One of those who take turns.
pub struct Seat<'t, 'e> {
    turns: &'t Turns<'e>,
    /// The policies that run here, for the trace, while another seat has the exchange.
    open: RefCell<Vec<Open>>,
}

/// The exchange, for as long as one seat has it.
pub struct Held<'s, 't, 'e> {
    seat: &'s Seat<'t, 'e>,
    /// How many policies run around all seats.
    depth: usize,
    /// There until this is dropped.
    exchange: Option<&'e mut Exchange>,
}

impl<'e> Turns<'e> {
    /// Shares an exchange for as long as it is borrowed.
    pub fn new(exchange: &'e mut Exchange) -> Self {
        Self(RefCell::new(State { free: Some(exchange), waiting: Vec::new() }))
    }

    /// A seat for one policy.
    pub fn seat(&self) -> Seat<'_, 'e> {
        Seat { turns: self, open: RefCell::default() }
    }
}

impl<'t, 'e> Seat<'t, 'e> {
    /// Takes the exchange, once nobody else has it. Do not wait for other services with it.
    pub async fn hold(&self) -> Held<'_, 't, 'e> {
        let exchange = poll_fn(|cx| {
            let mut state = self.turns.0.borrow_mut();
            match state.free.take() {
                Some(exchange) => Poll::Ready(exchange),
                None => {
                    // A waker that is there twice costs a poll and nothing else.
                    state.waiting.push(cx.waker().clone());
                    Poll::Pending
                }
            }
        });
        let exchange = exchange.await;
        let depth = exchange.trace_depth();
        exchange.trace_resume(self.open.take());
        Held { seat: self, depth, exchange: Some(exchange) }
    }
}

impl Drop for Held<'_, '_, '_> {
    fn drop(&mut self) {
        let mut exchange = self.exchange.take();
        if let Some(exchange) = &mut exchange {
            self.seat.open.replace(exchange.trace_suspend(self.depth));
        }
        let mut state = self.seat.turns.0.borrow_mut();
        state.free = exchange;
        // All of them: one that was given up meanwhile would not pass the turn on.
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }
}

impl Deref for Held<'_, '_, '_> {
    type Target = Exchange;

    fn deref(&self) -> &Exchange {
        self.exchange.as_deref().expect("the exchange is held until the guard is dropped")
    }
}

impl DerefMut for Held<'_, '_, '_> {
    fn deref_mut(&mut self) -> &mut Exchange {
        self.exchange.as_deref_mut().expect("the exchange is held until the guard is dropped")
    }
}
