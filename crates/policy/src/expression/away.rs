//! An evaluation that leaves the worker: what goes, what comes back, and how it takes effect.

use std::{
    any::Any,
    cell::Cell,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use csharp::{
    Failure, Program, Str, Value,
    host::Side,
    limits::{Limit, Limits, Meter, Watch},
    parcel::{Item, Packer, Parcel},
};

use super::{Expression, fault};
use crate::{
    Exchange, Fault,
    exchange::{Arrived, Errand, HostParts, Twin},
    host::{self, Context},
    offload::Wanted,
};

/// How long an expression that took longer than its turn goes away at once.
const HOT: Duration = Duration::from_secs(30);

/// What a step of an evaluation takes at least, where many are announced at once.
const STEP: u32 = 100; // ns

/// Until when an expression leaves the worker at once, in milliseconds of the monotonic clock; zero for one that never had to.
#[derive(Debug, Default)]
pub(super) struct Heat(AtomicU64);

impl Heat {
    /// Whether an evaluation took longer than its turn a short time ago.
    pub(super) fn is_hot(&self, exchange: &Exchange) -> bool {
        let until = self.0.load(Relaxed);
        until != 0 && milliseconds(exchange.host.clock.monotonic()) < until
    }

    /// An evaluation took longer than its turn.
    pub(super) fn note(&self, exchange: &Exchange) {
        self.0.store(milliseconds(exchange.host.clock.monotonic() + HOT), Relaxed);
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// How long an evaluation may go on.
pub(super) struct Turn {
    host: Rc<HostParts>,
    length: Duration,
    limit: Limit,
    /// When it was asked first. What ends before that has never looked at the clock.
    began: Cell<Option<Duration>>,
    wanted: Option<Wanted>,
}

impl Turn {
    /// Until others must have the thread.
    pub(super) fn first(exchange: &Exchange, length: Duration) -> Self {
        Self { host: Rc::clone(&exchange.host), length, limit: Limit::Turn, began: Cell::new(None), wanted: None }
    }

    /// Until it is a fault.
    pub(super) fn last(exchange: &Exchange, length: Duration) -> Self {
        Self { limit: Limit::Time, ..Self::first(exchange, length) }
    }
}

impl Watch for Turn {
    fn goes_on(&self, ahead: u64) -> Result<(), Limit> {
        let now = self.host.clock.monotonic();
        let began = self.began.get().unwrap_or(now);
        self.began.set(Some(began));
        let ahead = Duration::from_nanos(ahead.saturating_mul(u64::from(STEP)));
        let is_long = match self.limit {
            Limit::Turn => ahead > self.length,
            _ => false,
        };
        if is_long || now.saturating_sub(began) > self.length || self.wanted.as_ref().is_some_and(Wanted::is_abandoned)
        {
            return Err(self.limit);
        }
        Ok(())
    }
}

/// What the policy wants of the result.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shown {
    /// The value.
    Value,
    /// What `ToString()` says of it, unless it is nothing, a truth value, a text or bytes.
    Text,
}

/// The result of an evaluation that came from another thread.
pub(super) struct Done {
    /// The value, as far as it was asked for.
    pub(super) value: Value,
    /// Its text, if that was asked for.
    pub(super) text: Str,
}

impl Done {
    /// The value.
    pub(super) fn value(&self) -> Value {
        self.value.clone()
    }

    /// Whether it is `null`.
    pub(super) fn is_null(&self) -> bool {
        self.value.is_null() && self.text.is_empty()
    }
}

/// What the policy finds.
struct Brought {
    result: Result<Done, Fault>,
    consumed: [bool; 2],
    said: Vec<String>,
}

/// What came back.
enum Back {
    Ended(Box<Ended>),
    Needs(Side),
    /// Its result cannot travel.
    Stays,
}

struct Ended {
    result: Result<(Item, Str), Fault>,
    consumed: [bool; 2],
    said: Vec<String>,
    parcel: Parcel,
    /// What has become of the variables that went; none if nothing could have changed.
    variables: Option<Vec<Item>>,
}

/// Takes a result that came from another thread.
pub(super) fn taken<T>(exchange: &mut Exchange, brought: &dyn Any, take: impl FnOnce(&Done) -> T) -> Result<T, Fault> {
    let Some(Brought { result, consumed, said }) = brought.downcast_ref() else {
        return Err(Fault::new("", "InternalError", "an expression got another's result"));
    };
    for message in said {
        host::note(exchange, message);
    }
    let done = result.as_ref().map_err(Fault::clone)?;
    // Only now, in its turn: what stands before it in the step may read the body, too.
    for (side, consumed) in [Side::Request, Side::Response].into_iter().zip(consumed) {
        if *consumed {
            exchange.consume(side);
        }
    }
    Ok(take(done))
}

impl Expression {
    /// Leaves the evaluation to another thread. `None` where that cannot be: a variable holds what cannot travel.
    pub(super) fn send_away(&self, exchange: &mut Exchange, shown: Shown) -> Option<Fault> {
        let most = exchange.host.offload.as_ref()?.budget().most;
        let mut packer = Packer::default();
        let (mut names, mut items) = (Vec::new(), Vec::new());
        if self.program.touches("PolicyExpressions.IContext", "Variables") {
            for (name, value) in exchange.variables.iter() {
                items.push((Arc::clone(name), packer.value(value)?));
                names.push((Arc::clone(name), matches!(value, Value::Object(_))));
            }
        }
        let (parcel, originals) = packer.finish();
        let journey = Journey { twin: Twin::of(exchange), parcel, variables: items, most, shown };
        let program = self.program.clone();
        Some(exchange.leave(Errand {
            site: self.site(),
            work: Box::new(move |wanted| Box::new(journey.run(&program, wanted))),
            arrive: Box::new(move |exchange, back| arrive(exchange, back, &originals, &names)),
        }))
    }
}

/// All that an evaluation needs elsewhere.
struct Journey {
    twin: Twin,
    parcel: Parcel,
    variables: Vec<(Arc<str>, Item)>,
    most: Duration,
    shown: Shown,
}

impl Journey {
    fn run(self, program: &Program, wanted: &Wanted) -> Back {
        let Self { twin, parcel, variables, most, shown } = self;
        let mut exchange = twin.exchange();
        let unpacked = parcel.unpack(&[]);
        for (name, item) in &variables {
            exchange.variables.set(name, unpacked.value(item));
        }
        let limit = Turn { wanted: Some(wanted.clone()), ..Turn::last(&exchange, most) };
        let meter = Meter::watched(&Limits::default(), Some(&limit));
        let mut context = Context::of_twin(&mut exchange);
        let result = program.run_with(&mut context, meter, None, |cx, value| {
            let text = match (shown, &value) {
                (Shown::Value, _) | (_, Value::Null) => Str::EMPTY,
                (Shown::Text, value) => cx.text(value)?,
            };
            Ok((value, text))
        });
        let (consumed, said) = context.effects();
        let result = match result {
            Err(Failure::BodyNeeded(side)) => return Back::Needs(side),
            result => result.map_err(fault),
        };
        let mut packer = Packer::default();
        let mut changed = None;
        if program.changes_objects() {
            let values: Vec<Value> = exchange.variables.iter().map(|(_, value)| value.clone()).collect();
            let Some(items) = packer.values(&values) else { return Back::Stays };
            changed = Some(items);
        } else {
            packer = Packer::knowing(unpacked.objects());
        }
        let result = match result {
            Err(fault) => Err(fault),
            Ok((value, text)) => match (packer.value(&value), shown) {
                (Some(item), _) => Ok((item, text)),
                (None, Shown::Value) => return Back::Stays,
                // Its text is all that counts.
                (None, Shown::Text) => match packer.value(&Value::Str(text.clone())) {
                    Some(item) => Ok((item, text)),
                    None => return Back::Stays,
                },
            },
        };
        Back::Ended(Box::new(Ended { result, consumed, said, parcel: packer.finish().0, variables: changed }))
    }
}

/// What the evaluation did takes effect.
fn arrive(
    exchange: &mut Exchange,
    back: Box<dyn Any + Send>,
    originals: &[Value],
    names: &[(Arc<str>, bool)],
) -> Arrived {
    let ended = match back.downcast::<Back>().map(|back| *back) {
        Ok(Back::Ended(ended)) => *ended,
        Ok(Back::Needs(side)) => return Arrived::Needs(side),
        Ok(Back::Stays) | Err(_) => return Arrived::Stays,
    };
    let Ended { result, consumed, said, parcel, variables } = ended;
    let unpacked = parcel.unpack(originals);
    for ((name, is_object), item) in names.iter().zip(variables.iter().flatten()) {
        if *is_object {
            exchange.variables.set(name, unpacked.value(item));
        }
    }
    let result = result.map(|(item, text)| Done { value: unpacked.value(&item), text });
    Arrived::Here(Rc::new(Brought { result, consumed, said }))
}
