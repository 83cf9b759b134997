//! PFX (PKCS #12) files: a private key with its certificates under a password.

use base::Secret;
use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, Pkcs12Archive, PrivateKey, PrivateKeyChain,
};

use crate::{Error, Result, rsa, x509};

/// The content of a PFX file.
#[derive(Clone, Debug)]
pub struct Pfx {
    /// The private key, PKCS #8 in DER; `None` in a file of certificates only.
    pub key: Option<Secret<Vec<u8>>>,
    /// The certificates in DER: the key's own first, then each one's issuer, then the others of the file.
    pub certificates: Vec<Vec<u8>>,
}

/// Reads a PFX file. Old and new encryption, empty passwords and files without a MAC are accepted; no trust is checked.
pub fn read(bytes: &[u8], password: &str) -> Result<Pfx> {
    let archive = Pkcs12Archive::from_pkcs12(bytes, password).map_err(|error| failed(&error))?;
    let certificates = archive.certs.iter().map(|bag| x509::parse(bag.cert.as_der())).collect::<Result<Vec<_>>>()?;
    let key = archive.keys.first();
    let own = key.and_then(|key| {
        // The file links key and certificate by an id; without one, a public key that fits, or the only certificate.
        let id = key.local_key_id.as_ref().map(AsRef::as_ref);
        let linked = archive.certs.iter().position(|bag| id.is_some() && bag.local_key_id.as_deref() == id);
        let fits = || {
            let public = rsa::PrivateKey::from_der(key.key.as_der()).ok()?.public();
            certificates
                .iter()
                .position(|certificate| rsa::PublicKey::from_der(&certificate.public_key) == Ok(public.clone()))
        };
        linked.or_else(fits).or(if certificates.is_empty() { None } else { Some(0) })
    });
    Ok(Pfx {
        key: key.map(|key| Secret::new(key.key.as_der().to_vec())),
        certificates: chain(certificates, own.unwrap_or(0)),
    })
}

/// Writes a PFX file with AES-256 and a SHA-256 MAC. The first certificate must be the key's own.
pub fn write(key_pkcs8: &[u8], certificates: &[Vec<u8>], password: &str) -> Result<Vec<u8>> {
    let key = PrivateKey::from_der(key_pkcs8).map_err(|error| Error::Key(error.to_string()))?;
    let certificates = certificates.iter().map(|der| Certificate::from_der(der));
    let certificates = certificates.collect::<std::result::Result<Vec<_>, _>>().map_err(|error| failed(&error))?;
    let mut store = KeyStore::new();
    store.add_entry("1", KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new("1", key, certificates)));
    store
        .writer(password)
        .encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256)
        .mac_algorithm(MacAlgorithm::HmacSha256)
        .write()
        .map_err(|error| failed(&error))
}

/// The certificate at `own`, its issuers in order, and then the rest.
fn chain(mut certificates: Vec<x509::Certificate>, own: usize) -> Vec<Vec<u8>> {
    let mut chain = Vec::with_capacity(certificates.len());
    let mut next = Some(own).filter(|own| *own < certificates.len());
    while let Some(at) = next {
        let certificate = certificates.remove(at);
        next = certificates.iter().position(|issuer| issuer.subject_der == certificate.issuer_der);
        chain.push(certificate.der);
    }
    chain.extend(certificates.into_iter().map(|certificate| certificate.der));
    chain
}

fn failed(error: &p12_keystore::error::Error) -> Error {
    use p12_keystore::error::Error as E;
    match error {
        // Without a MAC a wrong password shows only in what the decryption leaves.
        E::MacError(_) | E::UnpadError | E::Pkcs5Error(_) => Error::Password,
        other => Error::Malformed(format!("a PFX file that can be read: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use base::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::{Authority, text};

    /// Made with OpenSSL 3: a key of its own on P-256 and a self-signed certificate `CN=client, O=Example, C=US`.
    const FROM_OPENSSL: &str = include_str!("../tests/data/openssl3.pfx.b64");
    /// The same with `-legacy`: RC2, 3DES and a SHA-1 MAC.
    const FROM_OPENSSL_LEGACY: &str = include_str!("../tests/data/legacy.pfx.b64");

    #[test]
    fn files_of_openssl_are_read() {
        for file in [FROM_OPENSSL, FROM_OPENSSL_LEGACY] {
            let bytes = text::from_base64(&file.replace('\n', "")).unwrap();
            let pfx = read(&bytes, "pässword").unwrap();
            let certificate = x509::parse(&pfx.certificates[0]).unwrap();
            assert_eq!((certificate.subject.as_str(), pfx.certificates.len()), ("CN=client, O=Example, C=US", 1));
            crate::jws::SigningKey::from_pkcs8(pfx.key.unwrap().expose()).unwrap();
            assert_eq!(read(&bytes, "password").unwrap_err(), Error::Password);
        }
    }

    #[test]
    fn what_is_written_is_read_with_its_chain() {
        let now = Timestamp::from_secs(1_790_000_000);
        let authority = Authority::generate("Test authority", now).unwrap();
        let issued = authority.issue(&["example.com"], now).unwrap();
        let der = |pem: &str| text::from_pem(pem).unwrap().remove(0).1;
        let key = der(issued.key_pem.expose());
        let chain = [der(&issued.certificate_pem), der(authority.certificate_pem())];
        let pfx = read(&write(&key, &chain, "secret").unwrap(), "secret").unwrap();
        assert_eq!(pfx.certificates, chain);
        assert_eq!(
            crate::jws::SigningKey::from_pkcs8(pfx.key.unwrap().expose()).unwrap().id(),
            crate::jws::SigningKey::from_pkcs8(&key).unwrap().id()
        );
        assert!(write(b"no key", &chain, "secret").is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>, at: usize, byte: u8) {
            let _ = read(&bytes, "");
            let mut file = text::from_base64(&FROM_OPENSSL.replace('\n', "")).unwrap();
            // The iteration counts are left alone: they are time, not memory, and the test has little of it.
            let at = at % 40;
            file[at] = byte;
            let _ = read(&file, "pässword");
        }
    }
}
