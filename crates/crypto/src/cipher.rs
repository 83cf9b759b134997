//! AES in the modes that policies ask for.

use aws_lc_rs::{
    cipher::{
        AES_128, AES_192, AES_256, Algorithm, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext,
        PaddedBlockDecryptingKey, PaddedBlockEncryptingKey, UnboundCipherKey,
    },
    iv::FixedLength,
};

use crate::{Error, Result};

/// AES-CBC with PKCS #7 padding. The key has 16, 24 or 32 bytes, the initialisation vector 16.
pub fn aes_cbc_encrypt(key: &[u8], iv: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(aes(key)?).map_err(|_| bad_key())?;
    let mut text = plain.to_vec();
    let context = EncryptionContext::Iv128(vector(iv)?);
    key.less_safe_encrypt(&mut text, context).map_err(|_| Error::Unsupported("a text of this length".into()))?;
    Ok(text)
}

/// Reverses [`aes_cbc_encrypt`].
pub fn aes_cbc_decrypt(key: &[u8], iv: &[u8], encrypted: &[u8]) -> Result<Vec<u8>> {
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(aes(key)?).map_err(|_| bad_key())?;
    let mut text = encrypted.to_vec();
    let context = DecryptionContext::Iv128(vector(iv)?);
    key.decrypt(&mut text, context).map(|plain| plain.to_vec()).map_err(|_| Error::Decrypt)
}

/// How the blocks of a text depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each block is combined with the one before.
    Cbc,
    /// Each block stands alone: equal blocks stay recognisable.
    Ecb,
}

/// AES without padding: `plain` is whole blocks of 16 bytes. ECB does not look at the initialisation vector.
pub fn aes_encrypt_blocks(mode: Mode, key: &[u8], iv: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    let (key, context) = match mode {
        Mode::Cbc => (EncryptingKey::cbc(aes(key)?), EncryptionContext::Iv128(vector(iv)?)),
        Mode::Ecb => (EncryptingKey::ecb(aes(key)?), EncryptionContext::None),
    };
    let mut text = plain.to_vec();
    let done = key.map_err(|_| bad_key())?.less_safe_encrypt(&mut text, context);
    done.map_err(|_| Error::Unsupported("a text that is not whole blocks".into()))?;
    Ok(text)
}

/// Reverses [`aes_encrypt_blocks`].
pub fn aes_decrypt_blocks(mode: Mode, key: &[u8], iv: &[u8], encrypted: &[u8]) -> Result<Vec<u8>> {
    let (key, context) = match mode {
        Mode::Cbc => (DecryptingKey::cbc(aes(key)?), DecryptionContext::Iv128(vector(iv)?)),
        Mode::Ecb => (DecryptingKey::ecb(aes(key)?), DecryptionContext::None),
    };
    let mut text = encrypted.to_vec();
    key.map_err(|_| bad_key())?.decrypt(&mut text, context).map(|plain| plain.to_vec()).map_err(|_| Error::Decrypt)
}

fn aes(key: &[u8]) -> Result<UnboundCipherKey> {
    let algorithm: &'static Algorithm = match key.len() {
        16 => &AES_128,
        24 => &AES_192,
        32 => &AES_256,
        _ => return Err(bad_key()),
    };
    UnboundCipherKey::new(algorithm, key).map_err(|_| bad_key())
}

fn bad_key() -> Error {
    Error::Key("an AES key has 16, 24 or 32 bytes".into())
}

fn vector(iv: &[u8]) -> Result<FixedLength<16>> {
    FixedLength::try_from(iv).map_err(|_| Error::Key("an initialisation vector of AES has 16 bytes".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{from_hex, hex};

    #[test]
    fn cbc_matches_the_published_block() {
        // NIST SP 800-38A, F.2.1 and F.2.5: the first block.
        let iv = from_hex("000102030405060708090a0b0c0d0e0f").unwrap();
        let plain = from_hex("6bc1bee22e409f96e93d7e117393172a").unwrap();
        for (key, block) in [
            ("2b7e151628aed2a6abf7158809cf4f3c", "7649abac8119b246cee98e9b12e9197d"),
            ("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", "f58c4c04d6e5f1ba779eabfb5f7bfbd6"),
        ] {
            let key = from_hex(key).unwrap();
            let encrypted = aes_cbc_encrypt(&key, &iv, &plain).unwrap();
            assert_eq!((hex(&encrypted[..16]).as_str(), encrypted.len()), (block, 32));
            assert_eq!(aes_cbc_decrypt(&key, &iv, &encrypted).unwrap(), plain);
        }
    }

    #[test]
    fn whole_blocks_come_back_in_either_mode() {
        let (key, iv, plain) = ([1; 16], [2; 16], [3; 32]);
        for mode in [Mode::Cbc, Mode::Ecb] {
            let encrypted = aes_encrypt_blocks(mode, &key, &iv, &plain).unwrap();
            assert_eq!(encrypted[..16] == encrypted[16..], mode == Mode::Ecb);
            assert_eq!(aes_decrypt_blocks(mode, &key, &iv, &encrypted).unwrap(), plain);
            assert!(aes_encrypt_blocks(mode, &key, &iv, &plain[1..]).is_err());
        }
    }

    #[test]
    fn wrong_lengths_and_broken_padding_are_errors() {
        let (key, iv) = ([1; 32], [2; 16]);
        assert!(aes_cbc_encrypt(&key[..31], &iv, b"").is_err());
        assert!(aes_cbc_encrypt(&key, &iv[..15], b"").is_err());
        assert_eq!(aes_cbc_decrypt(&key, &iv, &[]), Err(Error::Decrypt));
        assert_eq!(aes_cbc_decrypt(&key, &iv, &[0; 15]), Err(Error::Decrypt));
        let encrypted = aes_cbc_encrypt(&key, &iv, b"text").unwrap();
        assert_eq!(aes_cbc_decrypt(&[9; 32], &iv, &encrypted), Err(Error::Decrypt));
    }
}
