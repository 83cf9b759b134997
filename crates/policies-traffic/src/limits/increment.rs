//! `increment-condition` and `increment-count`: whether, and how much, a call counts.

use policy::{exchange::Postponed, prelude::*};

pub(crate) const CONDITION: Attr = Attr::optional(
    "increment-condition",
    Kind::Bool,
    "Whether the call counts. An expression is evaluated when outbound is over, so that it may look at the response.",
)
.expr();
pub(crate) const COUNT: Attr = Attr::or(
    "increment-count",
    Kind::Int(0, i64::MAX),
    "1",
    "How much the call counts. An expression is evaluated when outbound is over.",
)
.expr();

/// What a call counts.
#[derive(Clone)]
pub(crate) enum Increment {
    /// Known when the policy is published; 0 for a condition that is never true.
    Now(u64),
    /// Known when the policies are over.
    Later(Arc<Later>),
}

pub(crate) struct Later {
    condition: Option<Value<bool>>,
    count: Option<Value<u64>>,
}

impl Increment {
    pub(crate) fn compile(element: &Element, cx: &mut Compiler<'_>) -> Option<Self> {
        let condition = match element.attribute("increment-condition") {
            Some(_) => cx.condition(element, "increment-condition").map(Some),
            None => Some(None),
        };
        let count = cx.optional::<u64>(element, "increment-count");
        let (condition, count) = (condition?, count?);
        let known =
            (condition.as_ref().map_or(Some(&true), Value::literal), count.as_ref().map_or(Some(&1), Value::literal));
        Some(match known {
            (Some(condition), Some(count)) => Self::Now(if *condition { *count } else { 0 }),
            _ => Self::Later(Arc::new(Later { condition, count })),
        })
    }

    /// What is taken before the call goes on; 0 only looks.
    pub(crate) fn now(&self) -> u64 {
        match self {
            Self::Now(count) => *count,
            Self::Later(_) => 0,
        }
    }

    /// Does `then` with what the call counts once that is known, if it is not known yet; with nothing, not at all.
    pub(crate) fn later(&self, exchange: &mut Exchange, then: impl Fn(&mut Exchange, u64) + 'static) {
        if let Self::Later(later) = self {
            exchange.postpone(Counting { later: Arc::clone(later), then });
        }
    }
}

struct Counting<F> {
    later: Arc<Later>,
    then: F,
}

impl<F: Fn(&mut Exchange, u64)> Postponed for Counting<F> {
    fn run(&self, exchange: &mut Exchange) -> Result<(), Fault> {
        if Value::optional(&self.later.condition, exchange)?.is_some_and(|condition| !*condition) {
            return Ok(());
        }
        let count = Value::optional(&self.later.count, exchange)?.map_or(1, |count| *count);
        if count > 0 {
            (self.then)(exchange, count);
        }
        Ok(())
    }
}
