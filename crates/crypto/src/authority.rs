//! The certificate authority of a first start, and the certificates that it issues for our listeners.

use std::time::Duration;

use base::{Secret, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

use crate::{Error, Result};

const DAY: Duration = Duration::from_hours(24);
/// Clients refuse server certificates that run longer than 398 days.
const LEAF_DAYS: u32 = 397;
const AUTHORITY_DAYS: u32 = 3650;
/// Clocks differ: what is issued now has been valid for a day.
const BACKDATE: Duration = DAY;

/// A certificate authority: a key on the curve P-256 and its self-signed certificate.
pub struct Authority {
    certificate_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key, for a listener.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate in PEM. The authority's own is not part of it: clients know it or trust nothing.
    pub certificate_pem: String,
    /// The private key, PKCS #8 in PEM.
    pub key_pem: Secret<String>,
}

impl Authority {
    /// A new authority of this common name, valid for ten years from `now`.
    pub fn generate(common_name: &str, now: Timestamp) -> Result<Self> {
        let mut params = params(common_name, now, AUTHORITY_DAYS, Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(failed)?;
        let certificate_pem = params.self_signed(&key).map_err(failed)?.pem();
        Ok(Self { certificate_pem, issuer: Issuer::new(params, key) })
    }

    /// Reads an authority: its certificate and its PKCS #8 key in PEM.
    pub fn from_pem(certificate_pem: &str, key_pem: &str) -> Result<Self> {
        let key = KeyPair::from_pem(key_pem).map_err(|error| Error::Key(error.to_string()))?;
        let issuer = Issuer::from_ca_cert_pem(certificate_pem, key);
        let issuer = issuer.map_err(|_| Error::Malformed("the certificate of an authority".into()))?;
        Ok(Self { certificate_pem: certificate_pem.to_owned(), issuer })
    }

    /// The certificate in PEM: what clients must trust.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The private key, PKCS #8 in PEM.
    pub fn key_pem(&self) -> Secret<String> {
        Secret::new(self.issuer.key().serialize_pem())
    }

    /// A server certificate for these host names (`*.` allowed) and IP addresses, valid for 397 days from `now`.
    ///
    /// OpenSSL does not match a wildcard right below a top-level name: for `*.localhost` name each host as well.
    pub fn issue(&self, names: &[&str], now: Timestamp) -> Result<Issued> {
        let common_name = names.first().ok_or_else(|| Error::Unsupported("a certificate without a name".into()))?;
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = params(common_name, now, LEAF_DAYS, names)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(failed)?;
        Ok(Issued { certificate_pem: certificate.pem(), key_pem: Secret::new(key.serialize_pem()) })
    }
}

fn params(common_name: &str, now: Timestamp, days: u32, names: Vec<String>) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(names).map_err(failed)?;
    let now = date_time_ymd(1970, 1, 1) + Duration::from_secs(now.secs().unsigned_abs());
    params.not_before = now - BACKDATE;
    params.not_after = now + DAY * days;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.distinguished_name.push(DnType::OrganizationName, "Tollgate");
    Ok(params)
}

fn failed(error: rcgen::Error) -> Error {
    Error::Unsupported(format!("making a certificate: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509;

    const NOW: Timestamp = Timestamp::from_secs(1_790_000_000);

    #[test]
    fn an_authority_that_was_stored_issues_for_local_names() {
        let made = Authority::generate("Test authority", NOW).unwrap();
        let authority = Authority::from_pem(made.certificate_pem(), made.key_pem().expose()).unwrap();
        let issued = authority.issue(&["localhost", "*.localhost", "127.0.0.1", "::1"], NOW).unwrap();
        let root = x509::parse(authority.certificate_pem().as_bytes()).unwrap();
        let leaf = x509::parse(issued.certificate_pem.as_bytes()).unwrap();
        assert_eq!(leaf.names, ["localhost", "*.localhost", "127.0.0.1", "::1"]);
        assert_eq!((leaf.subject.as_str(), leaf.issuer.as_str()), ("O=Tollgate, CN=localhost", root.subject.as_str()));
        assert_eq!(leaf.issuer_der, root.subject_der);
        assert_eq!((root.is_authority, leaf.is_authority, leaf.version), (true, false, 3));
        assert_eq!(leaf.not_after.secs(), NOW.secs() + 397 * 86400);
        assert_eq!(leaf.not_before.secs(), NOW.secs() - 86400);
        assert_eq!((leaf.thumbprint.len(), leaf.serial.is_empty()), (40, false));
        assert!(issued.key_pem.expose().starts_with("-----BEGIN PRIVATE KEY-----"));
    }

    #[test]
    fn names_that_are_none_are_refused() {
        let authority = Authority::generate("Test authority", NOW).unwrap();
        assert!(authority.issue(&[], NOW).is_err());
        assert!(authority.issue(&["nüll"], NOW).is_err());
        assert!(Authority::from_pem("no certificate", authority.key_pem().expose()).is_err());
    }
}
