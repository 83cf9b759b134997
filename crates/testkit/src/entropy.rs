//! Randomness for tests: a fixed sequence, and the machine's own.

use std::{
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering},
};

use base::Entropy;

/// The same bytes in every run: SplitMix64 from a seed.
#[derive(Debug, Default)]
pub struct FixedEntropy(AtomicU64);

impl FixedEntropy {
    /// The sequence of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }
}

impl Entropy for FixedEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        for chunk in bytes.chunks_mut(8) {
            let mut word = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
            word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(word ^ word >> 31).to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Different bytes in every run. Good enough for tests; a product takes the operating system's generator.
#[derive(Debug, Default)]
pub struct RealEntropy;

impl Entropy for RealEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            // Each `RandomState` has keys of its own, so the hash of nothing is random.
            let word = RandomState::new().hash_one(());
            chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
        }
    }
}
