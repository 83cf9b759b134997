//! Whom calls of backends trust beyond the operating system: authorities of the service, and certificates that an entity names.

use std::hash::{Hash, Hasher};

use base::Timestamp;
use bytes::Bytes;

/// Authorities that an operator put into the service. They vouch for its backends.
///
/// Two are equal if they hold the same certificates, whenever they were published.
#[derive(Clone, Debug)]
pub struct Anchors {
    roots: Box<[Bytes]>,
    intermediates: Box<[Bytes]>,
    digest: [u8; 32],
}

impl Anchors {
    /// Of certificates in DER that chains may end at, and of others that lead on; `None` without any.
    pub fn new(roots: Box<[Bytes]>, intermediates: Box<[Bytes]>) -> Option<Self> {
        if roots.is_empty() && intermediates.is_empty() {
            return None;
        }
        let mut all = Vec::new();
        for (kind, certificates) in [(b'r', &roots), (b'i', &intermediates)] {
            for certificate in certificates {
                all.push(kind);
                all.extend_from_slice(&(certificate.len() as u64).to_be_bytes());
                all.extend_from_slice(certificate);
            }
        }
        Some(Self { roots, intermediates, digest: crypto::hash::sha256(&all) })
    }

    /// Certificates that chains may end at, in DER.
    pub fn roots(&self) -> &[Bytes] {
        &self.roots
    }

    /// Certificates that only lead on to a root, in DER.
    pub fn intermediates(&self) -> &[Bytes] {
        &self.intermediates
    }
}

impl PartialEq for Anchors {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Anchors {}

impl Hash for Anchors {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

/// The certificates that a server may show, where its entity names them: then these count instead of the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pins {
    /// Digests of the certificate (SHA-1, SHA-256 or SHA-512), in lower-case hexadecimal.
    pub thumbprints: Box<[Box<str>]>,
    /// Names of the certificate, each with the SHA-1 digest of who has issued it, in lower-case hexadecimal.
    pub names: Box<[(Box<str>, Box<str>)]>,
}

impl Pins {
    /// `None` if they name nobody.
    pub fn some(self) -> Option<Self> {
        (!self.thumbprints.is_empty() || !self.names.is_empty()).then_some(self)
    }

    /// Whether the certificates that a server shows, its own first, are such. By a name it is one that is valid `now`: a thumbprint
    /// stands for one certificate, whatever its dates, but a name for all that will ever be issued.
    pub fn fit(&self, shown: &[&[u8]], now: Timestamp) -> bool {
        let Some(own) = shown.first() else { return false };
        let named = |digest: &[u8]| {
            let digest = crypto::text::hex(digest);
            self.thumbprints.iter().any(|known| **known == *digest)
        };
        if named(&crypto::hash::sha1(own)) || named(&crypto::hash::sha256(own)) || named(&crypto::hash::sha512(own)) {
            return true;
        }
        if self.names.is_empty() {
            return false;
        }
        let Ok(own) = crypto::x509::parse(own) else { return false };
        if now < own.not_before || now > own.not_after {
            return false;
        }
        let mut names = self.names.iter().filter(|(name, _)| is_named(&own, name));
        names.any(|(_, issuer)| {
            let issuers = shown.iter().filter_map(|der| crypto::x509::parse(der).ok());
            let mut issuers = issuers.filter(|shown| shown.thumbprint.eq_ignore_ascii_case(issuer));
            issuers.any(|issuer| own.is_issued_by(&issuer))
        })
    }
}

/// Whether a certificate has this common name, or is good for this host.
fn is_named(certificate: &crypto::x509::Certificate, name: &str) -> bool {
    let parts = certificate.subject.split(", ").filter_map(|part| part.strip_prefix("CN="));
    let hosts = certificate.names.iter().map(String::as_str);
    parts.chain(hosts).any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_known_by_name_while_it_is_valid_and_by_thumbprint_for_ever() {
        let now = Timestamp::from_secs(1_700_000_000);
        let authority = crypto::Authority::generate("Test", now).unwrap();
        let read = |pem: &str| crypto::x509::parse(pem.as_bytes()).unwrap();
        let issuer = read(authority.certificate_pem());
        let leaf = read(&authority.issue(&["a.example"], now).unwrap().certificate_pem);
        let shown: [&[u8]; 2] = [&leaf.der, &issuer.der];
        let names = Box::new([("a.example".into(), issuer.thumbprint.to_ascii_lowercase().into())]);
        let by_name = Pins { names, ..Pins::default() };
        let by_thumbprint =
            Pins { thumbprints: Box::new([leaf.thumbprint.to_ascii_lowercase().into()]), ..Pins::default() };
        for (at, is_valid) in
            [(leaf.not_before.secs() - 1, false), (now.secs(), true), (leaf.not_after.secs() + 1, false)]
        {
            let at = Timestamp::from_secs(at);
            assert_eq!((by_name.fit(&shown, at), by_thumbprint.fit(&shown, at)), (is_valid, true), "{at:?}");
        }
    }
}
