//! Reading certificates: the properties that the management API lists and `X509Certificate2` shows.

use aws_lc_rs::signature::{UnparsedPublicKey, VerificationAlgorithm};
use base::Timestamp;
use x509_parser::{
    asn1_rs::Oid,
    extensions::GeneralName,
    prelude::{FromDer, SubjectPublicKeyInfo, X509Certificate, X509Name},
    public_key::PublicKey,
};

use crate::{Error, Result, hash, text};

/// What a certificate says. Nothing is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate itself.
    pub der: Vec<u8>,
    /// The subject as .NET writes it, the most specific part first: `CN=www.example.com, O=Example, C=US`.
    pub subject: String,
    /// The issuer, written as the subject is.
    pub issuer: String,
    /// The subject as DER, to find the certificate that signed another.
    pub subject_der: Vec<u8>,
    /// The issuer as DER.
    pub issuer_der: Vec<u8>,
    /// SHA-1 of the certificate in upper-case hexadecimal.
    pub thumbprint: String,
    /// The serial number in upper-case hexadecimal, as its bytes stand in the certificate.
    pub serial: String,
    /// The version: 1 or 3.
    pub version: u32,
    /// From when it is valid.
    pub not_before: Timestamp,
    /// Until when it is valid, this second included.
    pub not_after: Timestamp,
    /// The host names and addresses of its subject alternative names.
    pub names: Vec<String>,
    /// Whether it may sign other certificates.
    pub is_authority: bool,
    /// Its public key as `SubjectPublicKeyInfo` in DER.
    pub public_key: Vec<u8>,
    /// The signature algorithm's object identifier.
    pub signature_algorithm: String,
}

impl Certificate {
    /// Whether `issuer` made this certificate: it has the name, and its key the signature. SHA-1 counts for nothing.
    pub fn is_issued_by(&self, issuer: &Self) -> bool {
        use aws_lc_rs::signature as with;

        if self.issuer_der != issuer.subject_der {
            return false;
        }
        let Ok((_, own)) = X509Certificate::from_der(&self.der) else { return false };
        let algorithms: &[&'static dyn VerificationAlgorithm] = match self.signature_algorithm.as_str() {
            "1.2.840.113549.1.1.11" => &[&with::RSA_PKCS1_2048_8192_SHA256],
            "1.2.840.113549.1.1.12" => &[&with::RSA_PKCS1_2048_8192_SHA384],
            "1.2.840.113549.1.1.13" => &[&with::RSA_PKCS1_2048_8192_SHA512],
            "1.2.840.113549.1.1.10" => {
                &[&with::RSA_PSS_2048_8192_SHA256, &with::RSA_PSS_2048_8192_SHA384, &with::RSA_PSS_2048_8192_SHA512]
            }
            // The curve is the issuer's key's.
            "1.2.840.10045.4.3.2" => &[&with::ECDSA_P256_SHA256_ASN1, &with::ECDSA_P384_SHA256_ASN1],
            "1.2.840.10045.4.3.3" => &[&with::ECDSA_P384_SHA384_ASN1, &with::ECDSA_P256_SHA384_ASN1],
            "1.2.840.10045.4.3.4" => &[&with::ECDSA_P521_SHA512_ASN1],
            "1.3.101.112" => &[&with::ED25519],
            _ => &[],
        };
        let signed = own.tbs_certificate.as_ref();
        algorithms.iter().any(|algorithm| {
            let key = UnparsedPublicKey::new(*algorithm, &issuer.public_key);
            key.verify(signed, &own.signature_value.data).is_ok()
        })
    }

    /// Whether it may be used at `now`.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.not_before <= now && now <= self.not_after
    }
}

/// Reads a certificate in DER, or in PEM if it starts as one.
pub fn parse(bytes: &[u8]) -> Result<Certificate> {
    if let Some(pem) = std::str::from_utf8(bytes).ok().filter(|text| text.contains("-----BEGIN CERTIFICATE-----")) {
        let blocks = text::from_pem(pem)?;
        let block = blocks.into_iter().find(|(label, _)| label == "CERTIFICATE");
        return read(block.map(|(_, der)| der).ok_or_else(none)?);
    }
    read(bytes.to_vec())
}

/// All certificates of a PEM file, in its order.
pub fn parse_all(pem: &str) -> Result<Vec<Certificate>> {
    let blocks = text::from_pem(pem)?.into_iter();
    blocks.filter(|(label, _)| label == "CERTIFICATE").map(|(_, der)| read(der)).collect()
}

/// The uncompressed point of an EC key in an X.509 `SubjectPublicKeyInfo`.
pub(crate) fn ec_point(der: &[u8]) -> Result<Vec<u8>> {
    let none = || Error::Key("no EC public key".into());
    let (_, info) = SubjectPublicKeyInfo::from_der(der).map_err(|_| none())?;
    match info.parsed() {
        Ok(PublicKey::EC(point)) => Ok(point.data().to_vec()),
        _ => Err(none()),
    }
}

fn read(der: Vec<u8>) -> Result<Certificate> {
    let (_, certificate) = X509Certificate::from_der(&der).map_err(|_| none())?;
    let names = match certificate.subject_alternative_name() {
        Ok(Some(names)) => names.value.general_names.iter().filter_map(host).collect(),
        _ => Vec::new(),
    };
    Ok(Certificate {
        subject: name(certificate.subject()),
        issuer: name(certificate.issuer()),
        subject_der: certificate.subject().as_raw().to_vec(),
        issuer_der: certificate.issuer().as_raw().to_vec(),
        thumbprint: text::hex_upper(&hash::sha1(&der)),
        serial: text::hex_upper(certificate.raw_serial()),
        version: certificate.version().0 + 1,
        not_before: Timestamp::from_secs(seconds(certificate.validity().not_before.timestamp())),
        not_after: Timestamp::from_secs(seconds(certificate.validity().not_after.timestamp())),
        names,
        is_authority: certificate.is_ca(),
        public_key: certificate.public_key().raw.to_vec(),
        signature_algorithm: certificate.signature_algorithm.algorithm.to_id_string(),
        der,
    })
}

fn none() -> Error {
    Error::Malformed("a certificate".into())
}

/// Seconds that fit a [`Timestamp`], which ends in 2262: `9999-12-31` is the usual way to say "never".
fn seconds(timestamp: i64) -> i64 {
    timestamp.clamp(i64::MIN / 1_000_000_000, i64::MAX / 1_000_000_000)
}

fn host(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(|bytes| std::net::Ipv4Addr::from(bytes).to_string());
            v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(|bytes| std::net::Ipv6Addr::from(bytes).to_string())).ok()
        }
        _ => None,
    }
}

/// A distinguished name as `X509Certificate2.Subject` writes it: reversed, quoted where a value needs it.
fn name(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = name
        .iter_rdn()
        .map(|rdn| {
            let attributes = rdn.iter().map(|attribute| {
                let value =
                    attribute.as_str().map_or_else(|_| format!("#{}", text::hex_upper(attribute.as_slice())), quoted);
                format!("{}={value}", short_name(attribute.attr_type()))
            });
            attributes.collect::<Vec<_>>().join(" + ")
        })
        .collect();
    parts.reverse();
    parts.join(", ")
}

fn short_name(oid: &Oid<'_>) -> String {
    let id = oid.to_id_string();
    let short = match id.as_str() {
        "2.5.4.3" => "CN",
        "2.5.4.4" => "SN",
        "2.5.4.5" => "SERIALNUMBER",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "S",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.12" => "T",
        "2.5.4.42" => "G",
        "2.5.4.43" => "I",
        "1.2.840.113549.1.9.1" => "E",
        "0.9.2342.19200300.100.1.25" => "DC",
        _ => return format!("OID.{id}"),
    };
    short.to_owned()
}

fn quoted(value: &str) -> String {
    let special = |char| matches!(char, ',' | '+' | '=' | '"' | '\n' | '<' | '>' | '#' | ';');
    if value.is_empty() || value.contains(special) || value.starts_with(' ') || value.ends_with(' ') {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_quoted_where_a_reader_would_stumble() {
        assert_eq!(quoted("Example Ltd"), "Example Ltd");
        assert_eq!(quoted("Example, \"Ltd\""), "\"Example, \"\"Ltd\"\"\"");
        assert_eq!(quoted(" a"), "\" a\"");
    }

    #[test]
    fn a_certificate_is_its_issuers_alone() {
        let now = Timestamp::from_secs(1_700_000_000);
        let [one, other] = [0, 1].map(|_| crate::Authority::generate("Test", now).unwrap());
        let leaf = parse(one.issue(&["a.example"], now).unwrap().certificate_pem.as_bytes()).unwrap();
        let [one, other] = [one, other].map(|authority| parse(authority.certificate_pem().as_bytes()).unwrap());
        assert!(leaf.is_issued_by(&one) && one.is_issued_by(&one));
        // The same name, another key.
        assert!(!leaf.is_issued_by(&other) && !one.is_issued_by(&leaf));
        let mut changed = leaf.clone();
        let at = changed.der.len() / 2;
        changed.der[at] ^= 1;
        assert!(!changed.is_issued_by(&one));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>, at in 0_usize..500, byte: u8) {
            let _ = parse(&bytes);
            // A real certificate with one byte changed.
            let authority = crate::Authority::generate("Test", Timestamp::from_secs(1_700_000_000)).unwrap();
            let mut der = parse(authority.certificate_pem().as_bytes()).unwrap().der;
            let at = at % der.len();
            der[at] = byte;
            let _ = parse(&der);
        }
    }
}
