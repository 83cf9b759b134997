//! Keyed message digests.

use aws_lc_rs::hmac;

use crate::{Hash, equal, hash};

/// The HMAC of `data` under `key`, which may have any length.
pub fn sign(hash: Hash, key: &[u8], data: &[u8]) -> Vec<u8> {
    let algorithm = match hash {
        Hash::Md5 => return sign_md5(key, data),
        Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Hash::Sha256 => hmac::HMAC_SHA256,
        Hash::Sha384 => hmac::HMAC_SHA384,
        Hash::Sha512 => hmac::HMAC_SHA512,
    };
    hmac::sign(&hmac::Key::new(algorithm, key), data).as_ref().to_vec()
}

/// Whether `tag` is the HMAC of `data` under `key`, compared in constant time.
pub fn verify(hash: Hash, key: &[u8], data: &[u8], tag: &[u8]) -> bool {
    equal(&sign(hash, key, data), tag)
}

/// RFC 2104 over MD5, which the library does not offer.
fn sign_md5(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    if key.len() > block.len() {
        block[..16].copy_from_slice(&hash::md5(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = hash::md5(&[&padded(0x36), data].concat());
    hash::md5(&[&padded(0x5c)[..], &inner].concat()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::hex;

    #[test]
    fn tags_match_the_published_ones() {
        let tag = |hash| hex(&sign(hash, b"Jefe", b"what do ya want for nothing?"));
        assert_eq!(tag(Hash::Md5), "750c783e6ab0b503eaa86e310a5db738");
        assert_eq!(tag(Hash::Sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
        assert_eq!(tag(Hash::Sha256), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let long_key = hex(&sign(Hash::Md5, &[0xaa; 80], b"Test Using Larger Than Block-Size Key - Hash Key First"));
        assert_eq!(long_key, "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
    }

    #[test]
    fn a_tag_is_verified_whole() {
        let tag = sign(Hash::Sha256, b"key", b"data");
        assert!(verify(Hash::Sha256, b"key", b"data", &tag));
        assert!(!verify(Hash::Sha256, b"key", b"data", &tag[..31]));
        assert!(!verify(Hash::Sha256, b"key", b"date", &tag));
    }
}
