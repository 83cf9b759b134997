//! `System.Security.Cryptography`: hash algorithms, plain and keyed.

use std::cell::RefCell;

use crypto::Hash;
use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    surface::{Kind, TypeDef, acts, pure, reads},
    value::Object,
};

pub(crate) static HASH_ALGORITHM: TypeDef = TypeDef {
    name: "System.Security.Cryptography.HashAlgorithm",
    bases: &["IDisposable"],
    members: &[
        pure(
            "static HashAlgorithm Create(string hashName)",
            create_by_name,
            "An algorithm by name; null if there is none.",
        ),
        reads("byte[] ComputeHash(byte[] buffer)", compute, "The hash of bytes."),
        reads("byte[] ComputeHash(byte[] buffer, int offset, int count)", compute, "The hash of some bytes."),
        pure(
            "int HashSize { get; }",
            |_, args| Ok(Value::Int(8 * size(args.this::<Algorithm>()?.hash))),
            "The length of a hash in bits.",
        ),
        acts("void Clear()", |_, _| Ok(Value::Null), "Ends the use."),
        acts("void Dispose()", |_, _| Ok(Value::Null), "Ends the use."),
    ],
    doc: "A hash algorithm.",
    ..TypeDef::CLASS
};

pub(crate) static KEYED_HASH_ALGORITHM: TypeDef = TypeDef {
    name: "System.Security.Cryptography.KeyedHashAlgorithm",
    bases: &["HashAlgorithm"],
    members: &[reads(
        "byte[] Key { get; }",
        |_, args| Ok(Value::bytes(args.this::<Algorithm>()?.key.borrow().clone().unwrap_or_default())),
        "The key.",
    )
    .with_set(set_key)],
    doc: "A hash algorithm with a key.",
    ..TypeDef::CLASS
};

pub(crate) static HMAC: TypeDef = TypeDef {
    name: "System.Security.Cryptography.HMAC",
    bases: &["KeyedHashAlgorithm"],
    members: &[
        pure(
            "static HMAC Create(string algorithmName)",
            create_hmac_by_name,
            "An algorithm by name; null if there is none.",
        ),
        pure(
            "string HashName { get; }",
            |_, args| Ok(Value::str(name(args.this::<Algorithm>()?.hash))),
            "The hash behind it.",
        ),
    ],
    doc: "A hash-based message authentication code.",
    ..TypeDef::CLASS
};

macro_rules! algorithms {
    ($($def:ident $managed:ident $provider:ident $hmac:ident $name:literal $hash:ident;)*) => {
        $(
            pub(crate) static $def: TypeDef = TypeDef {
                name: concat!("System.Security.Cryptography.", $name),
                bases: &["HashAlgorithm"],
                members: &[pure(concat!("static ", $name, " Create()"), |_, _| Ok(plain(&$def, Hash::$hash)), "The algorithm.")],
                doc: "A hash algorithm.",
                ..TypeDef::CLASS
            };
            pub(crate) static $managed: TypeDef = TypeDef {
                name: concat!("System.Security.Cryptography.", $name, "Managed"),
                bases: &[$name],
                members: &[pure(concat!($name, "Managed()"), |_, _| Ok(plain(&$managed, Hash::$hash)), "The algorithm.")],
                doc: "A hash algorithm.",
                ..TypeDef::CLASS
            };
            pub(crate) static $provider: TypeDef = TypeDef {
                name: concat!("System.Security.Cryptography.", $name, "CryptoServiceProvider"),
                bases: &[$name],
                members: &[pure(concat!($name, "CryptoServiceProvider()"), |_, _| Ok(plain(&$provider, Hash::$hash)), "The algorithm.")],
                doc: "A hash algorithm.",
                ..TypeDef::CLASS
            };
            pub(crate) static $hmac: TypeDef = TypeDef {
                name: concat!("System.Security.Cryptography.HMAC", $name),
                bases: &["HMAC"],
                members: &[
                    reads(concat!("HMAC", $name, "()"), |cx, _| Ok(random_key(cx, &$hmac, Hash::$hash)), "With a random key."),
                    pure(concat!("HMAC", $name, "(byte[] key)"), |_, args| keyed(&args, &$hmac, Hash::$hash), "With a key."),
                ],
                doc: "A hash-based message authentication code.",
                ..TypeDef::CLASS
            };
        )*
        /// Names, plain and keyed algorithm.
        const ALGORITHMS: &[(&str, &TypeDef, &TypeDef, Hash)] = &[$(($name, &$def, &$hmac, Hash::$hash)),*];

        /// The types of this file.
        pub(crate) const TYPES: &[&TypeDef] =
            &[&HASH_ALGORITHM, &KEYED_HASH_ALGORITHM, &HMAC, &HASH_ALGORITHM_NAME, $(&$def, &$managed, &$provider, &$hmac),*];
    };
}

algorithms! {
    MD5 MD5_MANAGED MD5_PROVIDER HMAC_MD5 "MD5" Md5;
    SHA1 SHA1_MANAGED SHA1_PROVIDER HMAC_SHA1 "SHA1" Sha1;
    SHA256 SHA256_MANAGED SHA256_PROVIDER HMAC_SHA256 "SHA256" Sha256;
    SHA384 SHA384_MANAGED SHA384_PROVIDER HMAC_SHA384 "SHA384" Sha384;
    SHA512 SHA512_MANAGED SHA512_PROVIDER HMAC_SHA512 "SHA512" Sha512;
}

pub(crate) static HASH_ALGORITHM_NAME: TypeDef = TypeDef {
    name: "System.Security.Cryptography.HashAlgorithmName",
    kind: Kind::Struct,
    members: &[
        pure("static HashAlgorithmName MD5 { get; }", |_, _| Ok(Value::object(Name("MD5".into()))), "MD5."),
        pure("static HashAlgorithmName SHA1 { get; }", |_, _| Ok(Value::object(Name("SHA1".into()))), "SHA-1."),
        pure("static HashAlgorithmName SHA256 { get; }", |_, _| Ok(Value::object(Name("SHA256".into()))), "SHA-256."),
        pure("static HashAlgorithmName SHA384 { get; }", |_, _| Ok(Value::object(Name("SHA384".into()))), "SHA-384."),
        pure("static HashAlgorithmName SHA512 { get; }", |_, _| Ok(Value::object(Name("SHA512".into()))), "SHA-512."),
        pure(
            "HashAlgorithmName(string name)",
            |_, args| Ok(Value::object(Name(args.opt_str(0).cloned().unwrap_or_default()))),
            "By name.",
        ),
        pure(
            "string Name { get; }",
            |_, args| Ok(args.object::<Name>(0).map_or(Value::Null, |name| Value::Str(name.0.clone()))),
            "The name.",
        ),
        pure("string ToString()", crate::system::to_string, "The name."),
        pure(
            "bool Equals(HashAlgorithmName other)",
            |_, args| Ok(Value::Bool(args.value(0).equals(args.value(1)))),
            "Whether both are the same.",
        ),
        pure(
            "static bool operator ==(HashAlgorithmName left, HashAlgorithmName right)",
            |_, args| Ok(Value::Bool(args.value(0).equals(args.value(1)))),
            "Whether both are the same.",
        ),
        pure(
            "static bool operator !=(HashAlgorithmName left, HashAlgorithmName right)",
            |_, args| Ok(Value::Bool(!args.value(0).equals(args.value(1)))),
            "Whether they differ.",
        ),
    ],
    doc: "The name of a hash algorithm.",
    ..TypeDef::CLASS
};

struct Algorithm {
    def: &'static TypeDef,
    hash: Hash,
    /// None for a plain hash.
    key: RefCell<Option<Vec<u8>>>,
}

impl Object for Algorithm {
    fn ty(&self) -> Ty {
        Ty::named(self.def)
    }
}

struct Name(csharp::Str);

impl Object for Name {
    fn ty(&self) -> Ty {
        Ty::named(&HASH_ALGORITHM_NAME)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<csharp::Str> {
        Ok(self.0.clone())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<Name>().is_some_and(|other| self.0 == other.0)
    }
}

/// The algorithm that a `HashAlgorithmName` argument names.
pub(super) fn named(args: &Args<'_>, index: usize) -> Result<Hash> {
    let name = args.object::<Name>(index).map(|name| name.0.to_text().into_owned()).unwrap_or_default();
    if name.is_empty() {
        return Err(exception::argument("The hash algorithm name cannot be null or empty.", "hashAlgorithm"));
    }
    let found = ALGORITHMS.iter().find(|(known, ..)| *known == name);
    found.map(|(_, _, _, hash)| *hash).ok_or_else(|| super::failed(format!("'{name}' is not a known hash algorithm.")))
}

fn name(hash: Hash) -> &'static str {
    ALGORITHMS.iter().find(|(_, _, _, known)| *known == hash).map_or("", |(name, ..)| name)
}

/// Bytes of a hash.
fn size(hash: Hash) -> i32 {
    match hash {
        Hash::Md5 => 16,
        Hash::Sha1 => 20,
        Hash::Sha256 => 32,
        Hash::Sha384 => 48,
        Hash::Sha512 => 64,
    }
}

fn plain(def: &'static TypeDef, hash: Hash) -> Value {
    Value::object(Algorithm { def, hash, key: RefCell::new(None) })
}

fn with_key(def: &'static TypeDef, hash: Hash, key: Vec<u8>) -> Value {
    Value::object(Algorithm { def, hash, key: RefCell::new(Some(key)) })
}

fn keyed(args: &Args<'_>, def: &'static TypeDef, hash: Hash) -> Result<Value> {
    // The runtime does not check its argument here.
    let key = args.bytes(0, "key").map_err(|_| exception::null_reference())?;
    Ok(with_key(def, hash, key.to_vec()))
}

fn random_key(cx: &mut Cx<'_>, def: &'static TypeDef, hash: Hash) -> Value {
    let mut key = vec![0; if matches!(hash, Hash::Sha384 | Hash::Sha512) { 128 } else { 64 }];
    cx.host.entropy(&mut key);
    with_key(def, hash, key)
}

/// The name without what stands before and around it: `System.Security.Cryptography.SHA256Managed`, `SHA-256`.
fn bare(name: &str) -> String {
    let name = name.rsplit('.').next().unwrap_or_default().to_ascii_uppercase();
    let name = name.trim_end_matches("MANAGED").trim_end_matches("CRYPTOSERVICEPROVIDER").replace('-', "");
    if name == "SHA" { "SHA1".into() } else { name }
}

fn create_by_name(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let name = bare(&args.str(0, "name")?.to_text());
    match ALGORITHMS.iter().find(|(known, ..)| *known == name) {
        Some((_, def, _, hash)) => Ok(plain(def, *hash)),
        None => create_hmac_by_name(cx, args),
    }
}

fn create_hmac_by_name(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let name = bare(&args.str(0, "algorithmName")?.to_text());
    let found = name.strip_prefix("HMAC").and_then(|name| ALGORITHMS.iter().find(|(known, ..)| *known == name));
    Ok(found.map_or(Value::Null, |(_, _, def, hash)| random_key(cx, def, *hash)))
}

fn compute(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let algorithm = args.this::<Algorithm>()?;
    let bytes = args.bytes(1, "buffer")?;
    let data = if args.len() > 2 { crate::system::part(&bytes, args.int(2), args.int(3))? } else { &bytes };
    cx.meter.steps(1 + data.len() as u64 / 64)?;
    Ok(Value::bytes(match &*algorithm.key.borrow() {
        Some(key) => crypto::hmac::sign(algorithm.hash, key, data),
        None => algorithm.hash.digest(data),
    }))
}

fn set_key(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let key = args.bytes(1, "value")?.to_vec();
    *args.this::<Algorithm>()?.key.borrow_mut() = Some(key);
    Ok(Value::Null)
}
