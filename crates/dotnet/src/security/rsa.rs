//! `System.Security.Cryptography`: RSA with its paddings.

use crypto::{
    Hash,
    rsa::{EncryptionPadding, PrivateKey, PublicKey, SignaturePadding},
};
use csharp::{
    Args, Cx, Result, Str, Ty, Value,
    surface::{TypeDef, acts, pure, reads},
    value::Object,
};

use super::{failed, hash::named};

pub(crate) static ASYMMETRIC_ALGORITHM: TypeDef = TypeDef {
    name: "System.Security.Cryptography.AsymmetricAlgorithm",
    bases: &["IDisposable"],
    members: &[
        pure(
            "int KeySize { get; }",
            |_, args| Ok(Value::Int(8 * args.this::<Key>()?.public.n.len() as i32)),
            "The length of the key in bits.",
        ),
        pure("string SignatureAlgorithm { get; }", |_, _| Ok(Value::str("RSA")), "`RSA`."),
        pure("string KeyExchangeAlgorithm { get; }", |_, _| Ok(Value::str("RSA")), "`RSA`."),
        acts("void Clear()", |_, _| Ok(Value::Null), "Ends the use."),
        acts("void Dispose()", |_, _| Ok(Value::Null), "Ends the use."),
    ],
    doc: "An algorithm with a public and a private key.",
    ..TypeDef::CLASS
};

pub(crate) static RSA: TypeDef = TypeDef {
    name: "System.Security.Cryptography.RSA",
    bases: &["AsymmetricAlgorithm"],
    members: &[
        reads(
            "byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)",
            sign,
            "Signs bytes with the private key.",
        ),
        reads(
            "bool VerifyData(byte[] data, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)",
            verify,
            "Whether a signature is of these bytes.",
        ),
        reads(
            "byte[] Encrypt(byte[] data, RSAEncryptionPadding padding)",
            encrypt,
            "Encrypts bytes with the public key.",
        ),
        reads(
            "byte[] Decrypt(byte[] data, RSAEncryptionPadding padding)",
            decrypt,
            "Decrypts bytes with the private key.",
        ),
    ],
    doc: "RSA.",
    ..TypeDef::CLASS
};

/// What keys are on the platform: policies cast to it.
pub(crate) static RSA_CNG: TypeDef = TypeDef {
    name: "System.Security.Cryptography.RSACng",
    bases: &["RSA"],
    doc: "RSA, as certificates give it.",
    ..TypeDef::CLASS
};

pub(crate) static SIGNATURE_PADDING: TypeDef = TypeDef {
    name: "System.Security.Cryptography.RSASignaturePadding",
    members: &[
        pure(
            "static RSASignaturePadding Pkcs1 { get; }",
            |_, _| Ok(Value::object(ForSignature(SignaturePadding::Pkcs1))),
            "PKCS #1 v1.5.",
        ),
        pure(
            "static RSASignaturePadding Pss { get; }",
            |_, _| Ok(Value::object(ForSignature(SignaturePadding::Pss))),
            "PSS.",
        ),
        pure("string ToString()", crate::system::to_string, "The name."),
    ],
    doc: "How a signature is padded.",
    ..TypeDef::CLASS
};

pub(crate) static ENCRYPTION_PADDING: TypeDef = TypeDef {
    name: "System.Security.Cryptography.RSAEncryptionPadding",
    members: &[
        pure(
            "static RSAEncryptionPadding Pkcs1 { get; }",
            |_, _| Ok(Value::object(ForEncryption(EncryptionPadding::Pkcs1))),
            "PKCS #1 v1.5.",
        ),
        pure(
            "static RSAEncryptionPadding CreateOaep(HashAlgorithmName hashAlgorithm)",
            |_, args| Ok(Value::object(ForEncryption(EncryptionPadding::Oaep(named(&args, 0)?)))),
            "OAEP with a hash algorithm.",
        ),
        pure(
            "static bool operator ==(RSAEncryptionPadding left, RSAEncryptionPadding right)",
            |_, args| Ok(Value::Bool(args.value(0).equals(args.value(1)))),
            "Whether both are the same.",
        ),
        pure(
            "static bool operator !=(RSAEncryptionPadding left, RSAEncryptionPadding right)",
            |_, args| Ok(Value::Bool(!args.value(0).equals(args.value(1)))),
            "Whether they differ.",
        ),
        pure(
            "static RSAEncryptionPadding OaepSHA1 { get; }",
            |_, _| Ok(Value::object(ForEncryption(EncryptionPadding::Oaep(Hash::Sha1)))),
            "OAEP with SHA-1.",
        ),
        pure(
            "static RSAEncryptionPadding OaepSHA256 { get; }",
            |_, _| Ok(Value::object(ForEncryption(EncryptionPadding::Oaep(Hash::Sha256)))),
            "OAEP with SHA-256.",
        ),
        pure(
            "static RSAEncryptionPadding OaepSHA384 { get; }",
            |_, _| Ok(Value::object(ForEncryption(EncryptionPadding::Oaep(Hash::Sha384)))),
            "OAEP with SHA-384.",
        ),
        pure(
            "static RSAEncryptionPadding OaepSHA512 { get; }",
            |_, _| Ok(Value::object(ForEncryption(EncryptionPadding::Oaep(Hash::Sha512)))),
            "OAEP with SHA-512.",
        ),
        pure("string ToString()", crate::system::to_string, "The name."),
    ],
    doc: "How an encrypted text is padded.",
    ..TypeDef::CLASS
};

struct Key {
    public: PublicKey,
    private: Option<PrivateKey>,
}

impl Object for Key {
    fn ty(&self) -> Ty {
        Ty::named(&RSA_CNG)
    }
}

struct ForSignature(SignaturePadding);

impl Object for ForSignature {
    fn ty(&self) -> Ty {
        Ty::named(&SIGNATURE_PADDING)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(if self.0 == SignaturePadding::Pkcs1 { "Pkcs1" } else { "Pss" }.into())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<ForSignature>().is_some_and(|other| self.0 == other.0)
    }
}

struct ForEncryption(EncryptionPadding);

impl Object for ForEncryption {
    fn ty(&self) -> Ty {
        Ty::named(&ENCRYPTION_PADDING)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(match self.0 {
            EncryptionPadding::Pkcs1 => "Pkcs1".into(),
            EncryptionPadding::Oaep(hash) => format!("Oaep{}", format!("{hash:?}").to_uppercase()).into(),
        })
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<ForEncryption>().is_some_and(|other| self.0 == other.0)
    }
}

/// The public key of a certificate; null if it is of another kind.
pub(super) fn public(info: &[u8]) -> Value {
    PublicKey::from_der(info).map_or(Value::Null, |public| Value::object(Key { public, private: None }))
}

/// A private key; null if it is of another kind.
pub(super) fn private(der: &[u8]) -> Value {
    PrivateKey::from_der(der).map_or(Value::Null, |key| Value::object(Key { public: key.public(), private: Some(key) }))
}

fn of_private<'a>(args: &'a Args<'_>) -> Result<&'a PrivateKey> {
    args.this::<Key>()?.private.as_ref().ok_or_else(|| failed("The key does not hold a private part."))
}

/// Public-key work is dear: it counts as many steps.
const STEPS: u64 = 20_000;

fn sign(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    cx.meter.steps(STEPS)?;
    let (data, hash) = (args.bytes(1, "data")?, named(&args, 2)?);
    let padding = args.object_or::<ForSignature>(3, "padding")?.0;
    of_private(&args)?.sign(padding, hash, &data).map(Value::bytes).map_err(|error| failed(error.to_string()))
}

fn verify(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    cx.meter.steps(STEPS)?;
    let (data, signature, hash) = (args.bytes(1, "data")?, args.bytes(2, "signature")?, named(&args, 3)?);
    let padding = args.object_or::<ForSignature>(4, "padding")?.0;
    match args.this::<Key>()?.public.verify(padding, hash, &data, &signature) {
        Ok(()) => Ok(Value::Bool(true)),
        Err(crypto::Error::Signature) => Ok(Value::Bool(false)),
        Err(error) => Err(failed(error.to_string())),
    }
}

fn encrypt(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    cx.meter.steps(STEPS)?;
    let data = args.bytes(1, "data")?;
    let padding = args.object_or::<ForEncryption>(2, "padding")?.0;
    args.this::<Key>()?.public.encrypt(padding, &data).map(Value::bytes).map_err(|error| failed(error.to_string()))
}

fn decrypt(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    cx.meter.steps(STEPS)?;
    let data = args.bytes(1, "data")?;
    let padding = args.object_or::<ForEncryption>(2, "padding")?.0;
    of_private(&args)?.decrypt(padding, &data).map(Value::bytes).map_err(|error| failed(error.to_string()))
}
