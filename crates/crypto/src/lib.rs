//! The one room that names a cryptography library: plain functions, bytes in and bytes out.
//!
//! | Need | Where |
//! |---|---|
//! | secrets at rest | [`Keyring`] |
//! | whole contents at rest | [`Sealer`] |
//! | secrets of sign-in | [`secret_hash`] |
//! | digests, HMAC, comparing, random keys | [`hash`], [`hmac`], [`equal`], [`random`] |
//! | AES and RSA for expressions | [`cipher`], [`rsa`] |
//! | signed and encrypted tokens | [`jws`], [`jwe`] |
//! | certificates, PFX files | [`x509`], [`Authority`], [`pfx`] |
//! | Base64, hexadecimal | [`text`] |
//!
//! Random bytes that show in our formats come from the host's [`base::Entropy`]; keys and signatures draw on the
//! library's own generator, which the operating system seeds.

mod authority;
pub mod cipher;
mod error;
pub mod hash;
pub mod hmac;
pub mod jwe;
pub mod jws;
mod keyring;
pub mod pfx;
pub mod random;
pub mod rsa;
mod sealer;
pub mod secret_hash;
pub mod text;
mod unique_json;
mod verifying;
pub mod x509;

pub use authority::{Authority, Issued};
pub use error::{Error, Result};
pub use hash::Hash;
pub use keyring::Keyring;
pub use sealer::Sealer;

/// Whether both are equal, in a time that depends on their lengths alone.
pub fn equal(one: &[u8], other: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one, other).is_ok()
}
