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
        acts(
            "int TransformBlock(byte[] inputBuffer, int inputOffset, int inputCount, byte[] outputBuffer, int outputOffset)",
            transform_block,
            "Adds bytes to what is to be hashed, and copies them.",
        ),
        acts(
            "byte[] TransformFinalBlock(byte[] inputBuffer, int inputOffset, int inputCount)",
            transform_final_block,
            "Adds the last bytes and computes the hash.",
        ),
        reads("byte[] Hash { get; }", hash_of, "The hash of what was added."),
        acts("void Initialize()", initialize, "Forgets what was added."),
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
    members: &[
        pure(
            "static KeyedHashAlgorithm Create(string algName)",
            create_hmac_by_name,
            "An algorithm by name; null if there is none.",
        ),
        reads(
            "byte[] Key { get; }",
            |_, args| Ok(Value::bytes(args.this::<Algorithm>()?.key.borrow().clone().unwrap_or_default())),
            "The key.",
        )
        .with_set(set_key),
    ],
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
    /// What was added block by block, and the hash once the last one was.
    blocks: RefCell<(Vec<u8>, Option<Vec<u8>>)>,
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
    Value::object(Algorithm { def, hash, key: RefCell::new(None), blocks: RefCell::default() })
}

fn with_key(def: &'static TypeDef, hash: Hash, key: Vec<u8>) -> Value {
    Value::object(Algorithm { def, hash, key: RefCell::new(Some(key)), blocks: RefCell::default() })
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
    Ok(Value::bytes(algorithm.digest(data)))
}

impl Algorithm {
    fn digest(&self, data: &[u8]) -> Vec<u8> {
        match &*self.key.borrow() {
            Some(key) => crypto::hmac::sign(self.hash, key, data),
            None => self.hash.digest(data),
        }
    }
}

/// The bytes that the arguments name.
fn block(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<Vec<u8>> {
    let bytes = args.bytes(1, "inputBuffer")?;
    let block = crate::system::part(&bytes, args.int(2), args.int(3))?.to_vec();
    cx.meter.allocate(block.len())?;
    cx.meter.steps(1 + block.len() as u64 / 64)?;
    Ok(block)
}

fn transform_block(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let block = block(cx, &args)?;
    if let Some(output) = args.object::<csharp::value::Array>(4) {
        let start = usize::try_from(args.int(5)).map_err(|_| exception::out_of_range("", "outputOffset"))?;
        for (at, byte) in block.iter().enumerate() {
            if !csharp::value::Collection::set_item(output, start + at, Value::Byte(*byte))? {
                return Err(exception::argument("Value was invalid.", ""));
            }
        }
    }
    let algorithm = args.this::<Algorithm>()?;
    algorithm.blocks.borrow_mut().0.extend_from_slice(&block);
    Ok(Value::Int(block.len() as i32))
}

fn transform_final_block(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let block = block(cx, &args)?;
    let algorithm = args.this::<Algorithm>()?;
    let mut blocks = algorithm.blocks.borrow_mut();
    blocks.0.extend_from_slice(&block);
    let all = std::mem::take(&mut blocks.0);
    blocks.1 = Some(algorithm.digest(&all));
    Ok(Value::bytes(block))
}

fn hash_of(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let blocks = args.this::<Algorithm>()?.blocks.borrow();
    match &blocks.1 {
        Some(hash) if blocks.0.is_empty() => Ok(Value::bytes(hash.clone())),
        None if blocks.0.is_empty() => Ok(Value::Null),
        _ => Err(super::failed("Hash must be finalized before the hash value is retrieved.")),
    }
}

fn initialize(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    *args.this::<Algorithm>()?.blocks.borrow_mut() = (Vec::new(), None);
    Ok(Value::Null)
}

fn set_key(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let key = args.bytes(1, "value")?.to_vec();
    *args.this::<Algorithm>()?.key.borrow_mut() = Some(key);
    Ok(Value::Null)
}
