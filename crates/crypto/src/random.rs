//! Random keys and names, from the host's entropy.

use base::Entropy;

use crate::text;

/// `length` random bytes.
pub fn bytes(entropy: &dyn Entropy, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    entropy.fill(&mut bytes);
    bytes
}

/// A random secret of 256 bits in the letters of base64url: for credentials.
pub fn secret(entropy: &dyn Entropy) -> String {
    text::base64url(&bytes(entropy, 32))
}

/// A subscription key as the service makes them: 128 random bits in 32 lower-case hexadecimal digits.
pub fn subscription_key(entropy: &dyn Entropy) -> String {
    text::hex(&bytes(entropy, 16))
}

/// A key of a self-hosted gateway as the service makes them: 512 random bits in Base64.
pub fn gateway_key(entropy: &dyn Entropy) -> String {
    text::base64(&bytes(entropy, 64))
}

/// A version 4 UUID in lower case with hyphens.
pub fn uuid(entropy: &dyn Entropy) -> String {
    let digits = text::hex(&entropy.uuid());
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ones;

    impl Entropy for Ones {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0xff);
        }
    }

    #[test]
    fn uuids_have_their_version_and_variant() {
        assert_eq!(uuid(&Ones), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(subscription_key(&Ones).len(), 32);
        assert_eq!(secret(&Ones).len(), 43);
    }
}
