//! What a worker knows of each connection, to close the slow, the idle and, when it stops, all of them.
//!
//! No connection arms a timer. Its state says since when it waits and for what; the worker's tick looks at all of them.

use std::{
    cell::{Cell, RefCell},
    future::{Future, poll_fn},
    pin::pin,
    rc::{Rc, Weak},
    task::{Poll, Waker},
    time::Duration,
};

use crate::settings::Timeouts;

/// How long a connection that drains may take to say its first word.
const SILENCE: Duration = Duration::from_secs(1);

/// How long a client may take for its last request, where a successor serves all others. One that sent it just before it learned of
/// that would find its connection closed.
const LAST_WORD: Duration = Duration::from_secs(5);

/// What a connection waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The first byte at all.
    #[default]
    New,
    /// The first byte of the next request.
    Idle,
    /// The rest of a head, or of a TLS handshake.
    Head,
    /// An exchange is under way.
    Busy,
}

/// What the worker asks of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Order {
    /// Carry on.
    #[default]
    Serve,
    /// Answer one more request, if it comes soon.
    Part,
    /// Finish what is under way and take no more.
    Drain,
    /// Close now.
    Close,
}

/// The state of one connection.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    phase: Cell<Phase>,
    since: Cell<Duration>,
    exchanges: Cell<u32>,
    body_since: Cell<Option<Duration>>,
    write_since: Cell<Option<Duration>>,
    order: Cell<Order>,
    waker: RefCell<Option<Waker>>,
    now: Rc<Cell<Duration>>,
}

impl Watch {
    /// Some bytes came. Whatever comes while nothing is under way starts a head.
    pub(crate) fn bytes_came(&self) {
        match self.phase.get() {
            Phase::Idle => self.enter(Phase::Head),
            // The clock of a first head runs since the connection was opened.
            Phase::New => self.phase.set(Phase::Head),
            Phase::Head | Phase::Busy => {}
        }
    }

    /// A request came whole.
    pub(crate) fn begin(&self) {
        self.exchanges.set(self.exchanges.get() + 1);
        self.enter(Phase::Busy);
    }

    /// Its response is out.
    pub(crate) fn end(&self) {
        let left = self.exchanges.get().saturating_sub(1);
        self.exchanges.set(left);
        if left == 0 {
            self.body_since.set(None);
            self.enter(Phase::Idle);
        }
    }

    /// Whether it has served a request and waits for the next one.
    pub(crate) fn is_idle(&self) -> bool {
        self.phase.get() == Phase::Idle
    }

    /// Whether an exchange waits for bytes of a request's body.
    pub(crate) fn waits_for_body(&self, waits: bool) {
        set_since(&self.body_since, waits, &self.now);
    }

    /// Whether the client does not take what we send.
    pub(crate) fn waits_to_write(&self, waits: bool) {
        set_since(&self.write_since, waits, &self.now);
    }

    /// Whether the client does not take its response at the moment.
    pub(crate) fn stalls_response(&self) -> bool {
        self.write_since.get().is_some()
    }

    /// What to do, to be asked at every poll.
    pub(crate) fn order(&self) -> Order {
        self.order.get()
    }

    /// Who is to be woken when the order changes.
    pub(crate) fn register(&self, waker: &Waker) {
        let mut known = self.waker.borrow_mut();
        match &mut *known {
            Some(known) => known.clone_from(waker),
            None => *known = Some(waker.clone()),
        }
    }

    /// `work`, unless the connection is ordered to close before it is done.
    pub(crate) async fn unless_closed<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        poll_fn(|cx| {
            self.register(cx.waker());
            match self.order() {
                Order::Close => Poll::Ready(None),
                Order::Serve | Order::Part | Order::Drain => work.as_mut().poll(cx).map(Some),
            }
        })
        .await
    }

    fn enter(&self, phase: Phase) {
        self.phase.set(phase);
        self.since.set(self.now.get());
    }

    fn give(&self, order: Order) {
        if self.order.get() < order {
            self.order.set(order);
            if order == Order::Part && matches!(self.phase.get(), Phase::New | Phase::Idle) {
                self.since.set(self.now.get());
            }
            if let Some(waker) = self.waker.borrow().as_ref() {
                waker.wake_by_ref();
            }
        }
    }

    fn check(&self, timeouts: &Timeouts) {
        let now = self.now.get();
        let over = |since: Option<Duration>, limit| since.is_some_and(|since| now.saturating_sub(since) > limit);
        let since = Some(self.since.get());
        match self.phase.get() {
            // Whoever connected just before is still answered; whoever says nothing is not waited for.
            Phase::New if self.order.get() == Order::Drain && over(since, SILENCE) => self.give(Order::Close),
            Phase::New | Phase::Idle if self.order.get() == Order::Part && over(since, LAST_WORD) => {
                self.give(Order::Drain);
            }
            Phase::New | Phase::Head if over(since, timeouts.request_head) => self.give(Order::Close),
            // hyper closes an idle connection that drains.
            Phase::Idle if over(since, timeouts.idle) => self.give(Order::Drain),
            _ => {}
        }
        if over(self.body_since.get(), timeouts.request_body) || over(self.write_since.get(), timeouts.response_write) {
            self.give(Order::Close);
        }
    }
}

fn set_since(place: &Cell<Option<Duration>>, waits: bool, now: &Cell<Duration>) {
    if waits != place.get().is_some() {
        place.set(waits.then(|| now.get()));
    }
}

/// The connections of a worker.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    now: Rc<Cell<Duration>>,
    open: RefCell<Vec<Weak<Watch>>>,
    /// What new ones are told.
    order: Cell<Order>,
    /// The tick in which none was idle: until the next one, none will have been for long enough.
    all_busy: Cell<Option<Duration>>,
}

impl Connections {
    /// A new connection, as yet without a request. What it must do first, head or handshake, is timed from now.
    pub(crate) fn open(&self) -> Rc<Watch> {
        let watch = Rc::new(Watch { now: Rc::clone(&self.now), ..Watch::default() });
        watch.enter(Phase::New);
        watch.give(self.order.get());
        let mut open = self.open.borrow_mut();
        // Doubling keeps the sweep of closed ones amortised.
        if open.len() == open.capacity() {
            open.retain(|watch| watch.strong_count() > 0);
        }
        open.push(Rc::downgrade(&watch));
        watch
    }

    /// Closes what has waited for too long.
    pub(crate) fn tick(&self, now: Duration, timeouts: &Timeouts) {
        self.now.set(now);
        for watch in self.live() {
            watch.check(timeouts);
        }
    }

    /// Tells all, now and later, to finish; a little later, where a successor serves whoever connects anew.
    pub(crate) fn drain(&self, has_successor: bool) {
        let order = if has_successor { Order::Part } else { Order::Drain };
        self.order.set(order);
        self.live().iter().for_each(|watch| watch.give(order));
    }

    /// Makes room for others: ends some connections that have been idle for a while. Whether there were any.
    pub(crate) fn make_room(&self) -> bool {
        // Enough that this need not be done for each newcomer, and few enough that clients which are only between two requests stay.
        const AT_ONCE: usize = 32;
        const A_WHILE: Duration = Duration::from_secs(1);
        let now = self.now.get();
        if self.all_busy.get() == Some(now) {
            return false;
        }
        let is_idle = |watch: &Rc<Watch>| {
            watch.is_idle() && watch.order() < Order::Drain && now.saturating_sub(watch.since.get()) >= A_WHILE
        };
        let ended: Vec<_> = self.open.borrow().iter().filter_map(Weak::upgrade).filter(is_idle).take(AT_ONCE).collect();
        for watch in &ended {
            watch.give(Order::Drain);
        }
        if ended.is_empty() {
            self.all_busy.set(Some(now));
        }
        !ended.is_empty()
    }

    /// Tells all to close.
    pub(crate) fn close(&self) {
        self.live().iter().for_each(|watch| watch.give(Order::Close));
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.open.borrow().iter().filter(|watch| watch.strong_count() > 0).count()
    }

    /// Copied out, because giving an order may end a connection or open another.
    fn live(&self) -> Vec<Rc<Watch>> {
        self.open.borrow().iter().filter_map(Weak::upgrade).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order_after(seconds: u64, prepare: impl FnOnce(&Watch)) -> Order {
        let connections = Connections::default();
        let watch = connections.open();
        prepare(&watch);
        connections.tick(Duration::from_secs(seconds), &Timeouts::default());
        watch.order()
    }

    #[test]
    fn a_slow_head_is_cut_and_an_idle_connection_drains() {
        assert_eq!(order_after(10, |_| ()), Order::Serve);
        assert_eq!(order_after(31, |_| ()), Order::Close);
        let idle = |watch: &Watch| {
            watch.begin();
            watch.end();
        };
        assert_eq!(order_after(31, idle), Order::Serve);
        assert_eq!(order_after(121, idle), Order::Drain);
    }

    #[test]
    fn an_exchange_may_take_long_unless_the_client_stalls_it() {
        assert_eq!(order_after(1000, Watch::begin), Order::Serve);
        let stalled = |watch: &Watch| {
            watch.begin();
            watch.waits_for_body(true);
        };
        assert_eq!(order_after(61, stalled), Order::Close);
        let resumed = |watch: &Watch| {
            stalled(watch);
            watch.waits_for_body(false);
        };
        assert_eq!(order_after(61, resumed), Order::Serve);
    }

    #[test]
    fn whoever_comes_while_draining_may_ask_once_and_soon() {
        let connections = Connections::default();
        connections.drain(false);
        let watch = connections.open();
        assert_eq!(watch.order(), Order::Drain);
        connections.tick(Duration::from_secs(2), &Timeouts::default());
        assert_eq!(watch.order(), Order::Close);
    }

    #[test]
    fn where_a_successor_serves_an_idle_client_may_ask_once_more() {
        let connections = Connections::default();
        let (idle, busy) = (connections.open(), connections.open());
        idle.begin();
        idle.end();
        busy.begin();
        connections.tick(Duration::from_mins(1), &Timeouts::default());
        connections.drain(true);
        assert_eq!((idle.order(), busy.order()), (Order::Part, Order::Part));
        connections.tick(Duration::from_secs(64), &Timeouts::default());
        assert_eq!(idle.order(), Order::Part);
        connections.tick(Duration::from_secs(66), &Timeouts::default());
        assert_eq!((idle.order(), busy.order()), (Order::Drain, Order::Part));
    }

    #[test]
    fn room_is_made_by_what_has_been_idle_for_a_while() {
        let connections = Connections::default();
        let (idle, busy) = (connections.open(), connections.open());
        idle.begin();
        idle.end();
        busy.begin();
        assert!(!connections.make_room(), "it may only be between two requests");
        connections.tick(Duration::from_secs(2), &Timeouts::default());
        assert!(connections.make_room());
        assert_eq!((idle.order(), busy.order()), (Order::Drain, Order::Serve));
        assert!(!connections.make_room());
    }
}
