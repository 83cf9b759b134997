//! The drivers that keep everything in this process.

mod cache;
mod counters;
mod window;

pub use cache::MemoryCache;
pub use counters::MemoryCounters;

#[cfg(test)]
mod tests {
    //! The clock of these tests.

    use std::{
        sync::atomic::{AtomicU64, Ordering},
        time::Duration,
    };

    use base::{Clock, Sleep, Timestamp};

    /// A clock that is turned by hand. It begins at zero, and at second 1,000,000 of the calendar.
    #[derive(Default)]
    pub(super) struct Hand(AtomicU64);

    impl Hand {
        pub(super) fn turn(&self, seconds: u64) {
            self.0.fetch_add(seconds * 1_000_000_000, Ordering::SeqCst);
        }

        pub(super) fn set(&self, nanos: u64) {
            self.0.store(nanos, Ordering::SeqCst);
        }
    }

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            Timestamp::from_secs(1_000_000).plus(self.monotonic())
        }
        fn monotonic(&self) -> Duration {
            Duration::from_nanos(self.0.load(Ordering::SeqCst))
        }
        fn sleep(&self, _: Duration) -> Sleep {
            Box::pin(std::future::ready(()))
        }
    }
}
