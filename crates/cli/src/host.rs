//! The machine's clock and entropy: the only real ones in the program.

use std::{
    cell::RefCell,
    sync::OnceLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use base::{Clock, Entropy, Sleep, Timestamp};

/// The machine's clock, with the timers of the runtime that polls them.
#[derive(Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The operating system's randomness, fetched in blocks: a request needs sixteen bytes, and a system call costs more
/// than they do.
#[derive(Debug, Default)]
pub(crate) struct SystemEntropy;

/// Bytes fetched at a time by each thread.
const BLOCK: usize = 4096;

/// A thread's block. Bytes that were given out are wiped, so that they cannot be given or read again.
struct Block {
    bytes: [u8; BLOCK],
    given: usize,
}

thread_local! {
    static REST: RefCell<Block> = const { RefCell::new(Block { bytes: [0; BLOCK], given: BLOCK }) };
}

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() > BLOCK {
            return fetch(bytes);
        }
        REST.with_borrow_mut(|block| {
            if BLOCK - block.given < bytes.len() {
                fetch(&mut block.bytes);
                block.given = 0;
            }
            let end = block.given + bytes.len();
            let given = &mut block.bytes[block.given..end];
            bytes.copy_from_slice(given);
            given.fill(0);
            block.given = end;
        });
    }
}

fn fetch(bytes: &mut [u8]) {
    // Without randomness no key may be made and no id given out, so there is nothing to go on with.
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_is_given_out_twice() {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..2000 {
            assert!(seen.insert(SystemEntropy.uuid()));
        }
        let mut large = vec![0; 3 * BLOCK];
        SystemEntropy.fill(&mut large);
        assert!(large.chunks(16).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
    }
}
