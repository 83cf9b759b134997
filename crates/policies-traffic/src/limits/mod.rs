//! What the limits have in common: taking, giving back, saying what is left, counting at the end.

mod increment;
mod parts;
mod quota;
mod report;

use kv::{Count, Key, Settle, Take};
use policy::{Exchange, Fault};

pub(crate) use increment::{CONDITION, COUNT, Increment};
pub(crate) use parts::{ID, NAME, Parts};
pub(crate) use quota::{BANDWIDTH, CALLS, Quota, count_bytes};
pub(crate) use report::{
    REMAINING_HEADER, REMAINING_VARIABLE, RETRY_AFTER_HEADER, RETRY_AFTER_VARIABLE, Report, TOTAL_HEADER,
};

/// Takes, and waits where the counter is elsewhere.
pub(crate) async fn take(exchange: &Exchange, take: Take<'_>) -> Result<Count, Fault> {
    let answer = exchange.host.stores.counters.take(take);
    answer
        .wait()
        .await
        .map_err(|error| Fault::new("", "CounterUnavailable", "The call could not be counted.").with_cause(error))
}

/// Gives back what was taken for a call that another limit refuses.
pub(crate) fn give_back<'a>(exchange: &Exchange, taken: impl IntoIterator<Item = (Key<'a>, kv::Window)>) {
    for (key, window) in taken {
        exchange.host.stores.counters.settle(Settle { key, window, cost: -1 });
    }
}
