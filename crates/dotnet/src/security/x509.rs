//! `System.Security.Cryptography.X509Certificates`.

use crypto::x509::Certificate;
use csharp::{
    Args, Cx, Result, Str, Ty, Value, exception,
    surface::{EnumDef, Kind, TypeDef, acts, pure, reads},
    value::{Array, Object},
};
use dotformat::{DateTimeKind, UNIX_EPOCH_TICKS};

use super::{failed, rsa};

pub(crate) static CERTIFICATE: TypeDef = TypeDef {
    name: "System.Security.Cryptography.X509Certificates.X509Certificate",
    bases: &["IDisposable"],
    members: &[
        pure("string Subject { get; }", |_, args| Ok(Value::str(this(&args)?.subject.as_str())), "Whose it is."),
        pure("string Issuer { get; }", |_, args| Ok(Value::str(this(&args)?.issuer.as_str())), "Who signed it."),
        pure(
            "byte[] GetRawCertData()",
            |_, args| Ok(Value::bytes(this(&args)?.der.clone())),
            "The certificate in DER.",
        ),
        pure(
            "byte[] GetCertHash()",
            |_, args| Ok(Value::bytes(crypto::hash::sha1(&this(&args)?.der).to_vec())),
            "SHA-1 of the certificate.",
        ),
        pure(
            "string GetCertHashString()",
            |_, args| Ok(Value::str(this(&args)?.thumbprint.as_str())),
            "SHA-1 of the certificate, hexadecimal.",
        ),
        pure(
            "string GetSerialNumberString()",
            |_, args| Ok(Value::str(this(&args)?.serial.as_str())),
            "The serial number, hexadecimal.",
        ),
        pure(
            "string GetKeyAlgorithm()",
            |_, args| Ok(Value::str(key_algorithm(this(&args)?))),
            "The object identifier of the key's algorithm.",
        ),
        pure(
            "string GetEffectiveDateString()",
            |cx, args| cx.text(&time(this(&args)?.not_before)).map(Value::Str),
            "From when it holds.",
        ),
        pure(
            "string GetExpirationDateString()",
            |cx, args| cx.text(&time(this(&args)?.not_after)).map(Value::Str),
            "Until when it holds.",
        ),
        pure(
            "byte[] GetPublicKey()",
            |_, args| Ok(Value::bytes(key_bits(&this(&args)?.public_key).to_vec())),
            "The bits of the public key.",
        ),
        pure(
            "string GetPublicKeyString()",
            |_, args| Ok(Value::str(hexadecimal(key_bits(&this(&args)?.public_key)))),
            "The bits of the public key, hexadecimal.",
        ),
        pure(
            "string GetRawCertDataString()",
            |_, args| Ok(Value::str(hexadecimal(&this(&args)?.der))),
            "The certificate in DER, hexadecimal.",
        ),
        pure("byte[] GetSerialNumber()", serial_number, "The serial number, its lowest byte first."),
        pure("string GetFormat()", |_, _| Ok(Value::str("X509")), "`X509`."),
        pure("byte[] Export(X509ContentType contentType)", export, "The certificate as DER."),
        pure(
            "bool Equals(X509Certificate other)",
            |_, args| Ok(Value::Bool(args.value(0).equals(args.value(1)))),
            "Whether both are the same certificate.",
        ),
        acts("void Dispose()", |_, _| Ok(Value::Null), "Ends the use."),
    ],
    doc: "A certificate.",
    ..TypeDef::CLASS
};

pub(crate) static CERTIFICATE_2: TypeDef = TypeDef {
    name: "System.Security.Cryptography.X509Certificates.X509Certificate2",
    bases: &["X509Certificate"],
    members: &[
        reads("X509Certificate2(byte[] rawData)", new, "Reads a certificate: DER, PEM or PFX."),
        reads("X509Certificate2(byte[] rawData, string password)", new, "Reads a certificate: DER, PEM or PFX."),
        pure(
            "string Thumbprint { get; }",
            |_, args| Ok(Value::str(this(&args)?.thumbprint.as_str())),
            "SHA-1 of the certificate, hexadecimal.",
        ),
        pure(
            "string SerialNumber { get; }",
            |_, args| Ok(Value::str(this(&args)?.serial.as_str())),
            "The serial number, hexadecimal.",
        ),
        pure(
            "byte[] RawData { get; }",
            |_, args| Ok(Value::bytes(this(&args)?.der.clone())),
            "The certificate in DER.",
        ),
        pure(
            "DateTime NotBefore { get; }",
            |_, args| Ok(time(this(&args)?.not_before)),
            "From when it holds, in local time.",
        ),
        pure(
            "DateTime NotAfter { get; }",
            |_, args| Ok(time(this(&args)?.not_after)),
            "Until when it holds, in local time.",
        ),
        pure("int Version { get; }", |_, args| Ok(Value::Int(this(&args)?.version as i32)), "1 or 3."),
        pure(
            "bool HasPrivateKey { get; }",
            |_, args| Ok(Value::Bool(args.this::<Holder>()?.key.is_some())),
            "Whether its private key is there.",
        ),
        pure("string FriendlyName { get; }", |_, _| Ok(Value::str("")), "Empty: certificates carry no such name here."),
        pure(
            "X500DistinguishedName SubjectName { get; }",
            |_, args| Ok(Value::object(Name(this(&args)?.subject.as_str().into()))),
            "Whose it is.",
        ),
        pure(
            "X500DistinguishedName IssuerName { get; }",
            |_, args| Ok(Value::object(Name(this(&args)?.issuer.as_str().into()))),
            "Who signed it.",
        ),
        pure(
            "Oid SignatureAlgorithm { get; }",
            |_, args| Ok(super::oid::value(&this(&args)?.signature_algorithm)),
            "How it was signed.",
        ),
        pure(
            "PublicKey PublicKey { get; }",
            |_, args| Ok(Value::object(Public(this(&args)?.public_key.clone()))),
            "Its public key.",
        ),
        pure("string GetNameInfo(X509NameType nameType, bool forIssuer)", name_info, "One of its names."),
        pure(
            "AsymmetricAlgorithm PrivateKey { get; }",
            |_, args| {
                let key = args.this::<Holder>()?.key.as_ref();
                Ok(key.map_or(Value::Null, |key| rsa::private(key.expose())))
            },
            "The private key, if it is there.",
        ),
        reads(
            "bool Verify()",
            |_, _| Ok(Value::Bool(false)),
            "Never: expressions have no list of trusted authorities.",
        ),
    ],
    doc: "A certificate.",
    ..TypeDef::CLASS
};

pub(crate) static DISTINGUISHED_NAME: TypeDef = TypeDef {
    name: "System.Security.Cryptography.X509Certificates.X500DistinguishedName",
    members: &[
        pure("X500DistinguishedName(string distinguishedName)", new_name, "A name from its text."),
        pure("X500DistinguishedName(X500DistinguishedName distinguishedName)", new_name, "The same name."),
        pure("string Name { get; }", |cx, args| cx.text(args.value(0)).map(Value::Str), "The name as text."),
        pure("string Format(bool multiLine)", format_name, "The name as text, perhaps one part a line."),
    ],
    doc: "A name of the X.500 directory.",
    ..TypeDef::CLASS
};

pub(crate) static PUBLIC_KEY: TypeDef = TypeDef {
    name: "System.Security.Cryptography.X509Certificates.PublicKey",
    members: &[
        pure("AsymmetricAlgorithm Key { get; }", |_, args| Ok(rsa::public(&args.this::<Public>()?.0)), "The key."),
        pure("Oid Oid { get; }", |_, _| Ok(super::oid::value("1.2.840.113549.1.1.1")), "The key's algorithm."),
    ],
    doc: "The public key of a certificate.",
    ..TypeDef::CLASS
};

pub(crate) static RSA_EXTENSIONS: TypeDef = TypeDef {
    name: "System.Security.Cryptography.X509Certificates.RSACertificateExtensions",
    kind: Kind::Static,
    members: &[
        pure(
            "static RSA GetRSAPublicKey(this X509Certificate2 certificate)",
            |_, args| Ok(rsa::public(&args.object_or::<Holder>(0, "certificate")?.certificate.public_key)),
            "The public key, if it is of RSA.",
        ),
        pure(
            "static RSA GetRSAPrivateKey(this X509Certificate2 certificate)",
            private_key,
            "The private key, if it is there and of RSA.",
        ),
    ],
    doc: "RSA keys of certificates.",
    ..TypeDef::CLASS
};

pub(crate) static CONTENT_TYPE: TypeDef = TypeDef {
    name: "System.Security.Cryptography.X509Certificates.X509ContentType",
    kind: EnumDef::of(&[
        ("Unknown", 0),
        ("Cert", 1),
        ("SerializedCert", 2),
        ("Pfx", 3),
        ("Pkcs12", 3),
        ("SerializedStore", 4),
        ("Pkcs7", 5),
        ("Authenticode", 6),
    ]),
    doc: "Forms of a certificate file.",
    ..TypeDef::CLASS
};

pub(crate) static NAME_TYPE: TypeDef = TypeDef {
    name: "System.Security.Cryptography.X509Certificates.X509NameType",
    kind: EnumDef::of(&[
        ("SimpleName", 0),
        ("EmailName", 1),
        ("UpnName", 2),
        ("DnsName", 3),
        ("DnsFromAlternativeName", 4),
        ("UrlName", 5),
    ]),
    doc: "Names of a certificate.",
    ..TypeDef::CLASS
};

struct Holder {
    certificate: Certificate,
    /// PKCS #8.
    key: Option<base::Secret<Vec<u8>>>,
}

impl Object for Holder {
    fn ty(&self) -> Ty {
        Ty::named(&CERTIFICATE_2)
    }

    fn text(&self, cx: &mut Cx<'_>) -> Result<Str> {
        let certificate = &self.certificate;
        let (from, until) = (cx.text(&time(certificate.not_before))?, cx.text(&time(certificate.not_after))?);
        let Certificate { subject, issuer, serial, thumbprint, .. } = certificate;
        Ok(format!("[Subject]\n  {subject}\n\n[Issuer]\n  {issuer}\n\n[Serial Number]\n  {serial}\n\n[Not Before]\n  {from}\n\n[Not After]\n  {until}\n\n[Thumbprint]\n  {thumbprint}\n").into())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<Holder>().is_some_and(|other| self.certificate.der == other.certificate.der)
    }

    fn hash(&self) -> Option<u64> {
        Some(
            self.certificate
                .thumbprint
                .bytes()
                .fold(17, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte))),
        )
    }
}

struct Name(Str);

impl Object for Name {
    fn ty(&self) -> Ty {
        Ty::named(&DISTINGUISHED_NAME)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.0.clone())
    }
}

/// A `SubjectPublicKeyInfo`.
struct Public(Vec<u8>);

impl Object for Public {
    fn ty(&self) -> Ty {
        Ty::named(&PUBLIC_KEY)
    }
}

/// A certificate as a value: DER, PEM, or PFX with its password. `CryptographicException` if it is none of them.
pub(crate) fn certificate(bytes: &[u8], password: Option<&str>) -> Result<Value> {
    let unreadable = |error: crypto::Error| failed(error.to_string());
    if let Ok(certificate) = crypto::x509::parse(bytes) {
        return Ok(Value::object(Holder { certificate, key: None }));
    }
    let file = crypto::pfx::read(bytes, password.unwrap_or_default()).map_err(unreadable)?;
    let first = file.certificates.first().ok_or_else(|| failed("The file holds no certificate."))?;
    let certificate = crypto::x509::parse(first).map_err(unreadable)?;
    Ok(Value::object(Holder { certificate, key: file.key }))
}

fn this<'a>(args: &'a Args<'_>) -> Result<&'a Certificate> {
    Ok(&args.this::<Holder>()?.certificate)
}

fn time(at: base::Timestamp) -> Value {
    let ticks = UNIX_EPOCH_TICKS + at.0.div_euclid(100);
    crate::system::date_time(dotformat::DateTime::from_ticks(ticks, DateTimeKind::Local).unwrap_or_default())
}

fn new(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let bytes = args.object::<Array>(0).map(|_| args.bytes(0, "rawData")).transpose()?;
    match bytes.filter(|bytes| !bytes.is_empty()) {
        Some(bytes) => certificate(&bytes, args.opt_str(1).map(|text| text.to_text()).as_deref()),
        None => Err(exception::argument("Array cannot be empty or null.", "rawData")),
    }
}

/// The bits behind the algorithm in a `SubjectPublicKeyInfo`.
fn key_bits(info: &[u8]) -> &[u8] {
    /// What a DER element holds, and what follows it.
    fn element(der: &[u8]) -> Option<(&[u8], &[u8])> {
        let (short, rest) = der.get(1..)?.split_first()?;
        let (length, rest) = match *short {
            short @ 0..=0x7f => (usize::from(short), rest),
            long => {
                let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
                let length = bytes
                    .iter()
                    .try_fold(0usize, |length, byte| length.checked_mul(256)?.checked_add(usize::from(*byte)))?;
                (length, rest)
            }
        };
        rest.split_at_checked(length)
    }
    let bits = element(info).and_then(|(inner, _)| element(inner)).and_then(|(_, rest)| element(rest));
    bits.and_then(|(bits, _)| bits.get(1..)).unwrap_or_default()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn serial_number(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let serial = this(&args)?.serial.as_bytes();
    let digit = |at: usize| char::from(serial.get(at).copied().unwrap_or(b'0')).to_digit(16).unwrap_or(0) as u8;
    let mut bytes: Vec<u8> = (0..serial.len() / 2).map(|at| digit(2 * at) << 4 | digit(2 * at + 1)).collect();
    bytes.reverse();
    Ok(Value::bytes(bytes))
}

fn new_name(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = cx.text(args.some(0, "distinguishedName")?)?;
    let parts = text.to_text();
    if parts.trim().is_empty() || !parts.split(',').all(|part| part.trim().is_empty() || part.contains(['=', '"'])) {
        return Err(failed("The string contains an invalid X500 name attribute key, oid, value or delimiter."));
    }
    Ok(Value::object(Name(text.clone())))
}

fn format_name(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = cx.text(args.value(0))?;
    Ok(if args.bool(1) { Value::str(text.to_text().replace(", ", "\n") + "\n") } else { Value::Str(text) })
}

fn key_algorithm(certificate: &Certificate) -> &'static str {
    let is_rsa = crypto::rsa::PublicKey::from_der(&certificate.public_key).is_ok();
    if is_rsa { "1.2.840.113549.1.1.1" } else { "1.2.840.10045.2.1" }
}

fn private_key(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let holder = args.object_or::<Holder>(0, "certificate")?;
    Ok(holder.key.as_ref().map_or(Value::Null, |key| rsa::private(key.expose())))
}

/// Only what holds no private key leaves: `Cert`.
fn export(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    match args.word(1) {
        1 => Ok(Value::bytes(this(&args)?.der.clone())),
        _ => Err(failed("Only X509ContentType.Cert can be exported here.")),
    }
}

/// The value of an attribute in a name as text.
fn attribute<'a>(name: &'a str, short: &str) -> Option<&'a str> {
    name.split(", ").find_map(|part| part.strip_prefix(short)?.strip_prefix('=')).map(|value| value.trim_matches('"'))
}

fn name_info(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let certificate = this(&args)?;
    let name = if args.bool(2) { &certificate.issuer } else { &certificate.subject };
    let common = || ["CN", "OU", "O", "E"].iter().find_map(|short| attribute(name, short)).unwrap_or_default();
    let dns = || certificate.names.first().map(String::as_str).filter(|_| !args.bool(2));
    Ok(Value::str(match args.word(1) {
        0 => common(),
        1 => attribute(name, "E").unwrap_or_default(),
        3 => dns().unwrap_or_else(common),
        4 => dns().unwrap_or_default(),
        _ => "",
    }))
}
