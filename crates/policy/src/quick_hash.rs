//! [`QuickHash`]: for tables whose keys nobody outside can put in.

use std::hash::{BuildHasherDefault, Hasher};

/// Makes tables find at a fraction of the usual price. Whoever may add keys of their choice could make all of them meet in one place,
/// so it is for keys that come from the configuration or from ourselves; what is looked up may come from anyone.
pub type QuickHash = BuildHasherDefault<QuickHasher>;

/// Eight bytes at a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct QuickHasher(u64);

impl QuickHasher {
    fn mix(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(26) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for QuickHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (eights, rest) = bytes.as_chunks::<8>();
        for eight in eights {
            self.mix(u64::from_le_bytes(*eight));
        }
        let rest = rest.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        // A length of its own tells leading zeros apart.
        self.mix(rest | (bytes.len() as u64) << 56);
    }

    fn write_u8(&mut self, number: u8) {
        self.mix(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.mix(number);
    }

    fn write_usize(&mut self, number: usize) {
        self.mix(number as u64);
    }

    fn finish(&self) -> u64 {
        // Tables look at both ends.
        self.0 ^ self.0.rotate_left(32)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, hash::BuildHasher};

    use super::*;

    #[test]
    fn keys_like_ours_spread() {
        let hash = |key: &str| QuickHash::default().hash_one(key);
        let keys: Vec<_> = (0..5000).map(|number| format!("res{number}")).collect();
        let low: HashSet<_> = keys.iter().map(|key| hash(key) & 0xffff).collect();
        let high: HashSet<_> = keys.iter().map(|key| hash(key) >> 48).collect();
        assert!(low.len() > 4500 && high.len() > 4500, "{} {}", low.len(), high.len());
        assert_ne!(hash("\0a"), hash("a"));
    }
}
