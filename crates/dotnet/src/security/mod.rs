//! `System.Security.Cryptography` and `System.Security.Cryptography.X509Certificates`.

mod hash;
mod oid;
mod random;
mod rsa;
mod symmetric;
mod x509;

use csharp::{Cx, Raise, Result, Str, Value, exception, host::Certificate, surface::TypeDef};

/// Hash algorithms, plain and keyed.
pub(crate) use hash::TYPES as HASHES;
pub(crate) use x509::CERTIFICATE_2;

/// One line per type, but for the hash algorithms.
pub(crate) const TYPES: &[&TypeDef] = &[
    &oid::DEF,
    &random::GENERATOR,
    &random::PROVIDER,
    &rsa::ASYMMETRIC_ALGORITHM,
    &rsa::RSA,
    &rsa::RSA_CNG,
    &rsa::SIGNATURE_PADDING,
    &rsa::ENCRYPTION_PADDING,
    &symmetric::SYMMETRIC_ALGORITHM,
    &symmetric::AES,
    &symmetric::AES_MANAGED,
    &symmetric::CRYPTO_TRANSFORM,
    &symmetric::EXTENSIONS,
    &symmetric::CIPHER_MODE,
    &symmetric::PADDING_MODE,
    &x509::CERTIFICATE,
    &x509::CERTIFICATE_2,
    &x509::DISTINGUISHED_NAME,
    &x509::PUBLIC_KEY,
    &x509::RSA_EXTENSIONS,
    &x509::CONTENT_TYPE,
    &x509::NAME_TYPE,
];

/// A certificate that the host holds; null if it does not.
pub(crate) fn host_certificate(cx: &mut Cx<'_>, which: Certificate<'_>) -> Result<Value> {
    match cx.host.certificate(which) {
        Some((bytes, password)) => x509::certificate(&bytes, password.as_deref()),
        None => Ok(Value::Null),
    }
}

/// `CryptographicException`.
fn failed(message: impl Into<Str>) -> Raise {
    exception::raise(&crate::system::exceptions::CRYPTOGRAPHIC, message)
}
