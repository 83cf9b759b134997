//! Message digests.

use aws_lc_rs::digest;
use md5::Digest as _;

/// A digest algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// 16 bytes. Broken: for checksums that others demand.
    Md5,
    /// 20 bytes. Broken for signatures: for what others demand.
    Sha1,
    /// 32 bytes.
    Sha256,
    /// 48 bytes.
    Sha384,
    /// 64 bytes.
    Sha512,
}

impl Hash {
    /// The digest of `data`.
    pub fn digest(self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => md5(data).to_vec(),
            Self::Sha1 => sha1(data).to_vec(),
            Self::Sha256 => sha256(data).to_vec(),
            Self::Sha384 => sha384(data).to_vec(),
            Self::Sha512 => sha512(data).to_vec(),
        }
    }
}

/// MD5.
pub fn md5(data: &[u8]) -> [u8; 16] {
    md5::Md5::digest(data).into()
}

/// SHA-1.
pub fn sha1(data: &[u8]) -> [u8; 20] {
    sized(&digest::SHA1_FOR_LEGACY_USE_ONLY, data)
}

/// SHA-256.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    sized(&digest::SHA256, data)
}

/// SHA-384.
pub fn sha384(data: &[u8]) -> [u8; 48] {
    sized(&digest::SHA384, data)
}

/// SHA-512.
pub fn sha512(data: &[u8]) -> [u8; 64] {
    sized(&digest::SHA512, data)
}

fn sized<const N: usize>(algorithm: &'static digest::Algorithm, data: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    // The callers name the length of their algorithm.
    out.copy_from_slice(digest::digest(algorithm, data).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::hex;

    #[test]
    fn digests_match_the_published_ones_of_abc() {
        let digest = |hash: Hash| hex(&hash.digest(b"abc"));
        assert_eq!(digest(Hash::Md5), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(digest(Hash::Sha1), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(digest(Hash::Sha256), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(digest(Hash::Sha384).starts_with("cb00753f45a35e8bb5a03d699ac65007"));
        assert!(digest(Hash::Sha512).starts_with("ddaf35a193617abacc417349ae204131"));
    }
}
