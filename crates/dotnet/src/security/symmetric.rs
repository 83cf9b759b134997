//! `System.Security.Cryptography`: AES with its modes and paddings, and the `Encrypt` and `Decrypt` of policy expressions.

use std::cell::RefCell;

use crypto::cipher::{Mode, aes_decrypt_blocks, aes_encrypt_blocks};
use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    surface::{EnumDef, Kind, TypeDef, acts, reads},
    value::Object,
};

use super::failed;

pub(crate) static SYMMETRIC_ALGORITHM: TypeDef = TypeDef {
    name: "System.Security.Cryptography.SymmetricAlgorithm",
    bases: &["IDisposable"],
    members: &[
        reads(
            "static SymmetricAlgorithm Create(string algName)",
            create,
            "An algorithm by name; null if there is none.",
        ),
        reads(
            "byte[] Key { get; }",
            |_, args| Ok(Value::bytes(args.this::<Cipher>()?.0.borrow().key.clone())),
            "The key.",
        )
        .with_set(set_key),
        reads(
            "byte[] IV { get; }",
            |_, args| Ok(Value::bytes(args.this::<Cipher>()?.0.borrow().iv.clone())),
            "The initialisation vector.",
        )
        .with_set(set_iv),
        reads(
            "CipherMode Mode { get; }",
            |_, args| Ok(Value::enumeration(&CIPHER_MODE, args.this::<Cipher>()?.0.borrow().mode)),
            "How blocks depend on each other.",
        )
        .with_set(set_mode),
        reads(
            "PaddingMode Padding { get; }",
            |_, args| Ok(Value::enumeration(&PADDING_MODE, args.this::<Cipher>()?.0.borrow().padding)),
            "How the last block is filled.",
        )
        .with_set(set_padding),
        reads(
            "int KeySize { get; }",
            |_, args| Ok(Value::Int(8 * args.this::<Cipher>()?.0.borrow().key.len() as i32)),
            "The length of the key in bits.",
        )
        .with_set(set_key_size),
        reads("int BlockSize { get; }", |_, _| Ok(Value::Int(128)), "The length of a block in bits."),
        acts("void GenerateKey()", |cx, args| random(cx, &args, |cipher| &mut cipher.key), "Makes a random key."),
        acts(
            "void GenerateIV()",
            |cx, args| random(cx, &args, |cipher| &mut cipher.iv),
            "Makes a random initialisation vector.",
        ),
        reads("ICryptoTransform CreateEncryptor()", |_, args| transform(&args, true), "What encrypts."),
        reads(
            "ICryptoTransform CreateEncryptor(byte[] rgbKey, byte[] rgbIV)",
            |_, args| transform(&args, true),
            "What encrypts with another key.",
        ),
        reads("ICryptoTransform CreateDecryptor()", |_, args| transform(&args, false), "What decrypts."),
        reads(
            "ICryptoTransform CreateDecryptor(byte[] rgbKey, byte[] rgbIV)",
            |_, args| transform(&args, false),
            "What decrypts with another key.",
        ),
        acts("void Clear()", |_, _| Ok(Value::Null), "Ends the use."),
        acts("void Dispose()", |_, _| Ok(Value::Null), "Ends the use."),
    ],
    doc: "An algorithm with one key.",
    ..TypeDef::CLASS
};

pub(crate) static AES: TypeDef = TypeDef {
    name: "System.Security.Cryptography.Aes",
    bases: &["SymmetricAlgorithm"],
    members: &[reads("static Aes Create()", |cx, _| Ok(fresh(cx, &AES)), "AES with a random key.")],
    doc: "AES.",
    ..TypeDef::CLASS
};

pub(crate) static AES_MANAGED: TypeDef = TypeDef {
    name: "System.Security.Cryptography.AesManaged",
    bases: &["Aes"],
    members: &[reads("AesManaged()", |cx, _| Ok(fresh(cx, &AES_MANAGED)), "AES with a random key.")],
    doc: "AES.",
    ..TypeDef::CLASS
};

pub(crate) static CRYPTO_TRANSFORM: TypeDef = TypeDef {
    name: "System.Security.Cryptography.ICryptoTransform",
    kind: Kind::Interface,
    bases: &["IDisposable"],
    members: &[reads(
        "byte[] TransformFinalBlock(byte[] inputBuffer, int inputOffset, int inputCount)",
        final_block,
        "Encrypts or decrypts a whole text.",
    )],
    doc: "What encrypts or decrypts.",
    ..TypeDef::CLASS
};

pub(crate) static EXTENSIONS: TypeDef = TypeDef {
    name: "PolicyExpressions.CipherExtensions",
    kind: Kind::Static,
    members: &[
        reads(
            "static byte[] Encrypt(this byte[] input, string alg, byte[] key, byte[] iv)",
            |_, args| by_name(&args, true),
            "Encrypts with an algorithm by name.",
        ),
        reads(
            "static byte[] Encrypt(this byte[] input, SymmetricAlgorithm alg)",
            |_, args| by_cipher(&args, true),
            "Encrypts with an algorithm and its key.",
        ),
        reads(
            "static byte[] Encrypt(this byte[] input, SymmetricAlgorithm alg, byte[] key, byte[] iv)",
            |_, args| by_cipher(&args, true),
            "Encrypts with an algorithm.",
        ),
        reads(
            "static byte[] Decrypt(this byte[] input, string alg, byte[] key, byte[] iv)",
            |_, args| by_name(&args, false),
            "Decrypts with an algorithm by name.",
        ),
        reads(
            "static byte[] Decrypt(this byte[] input, SymmetricAlgorithm alg)",
            |_, args| by_cipher(&args, false),
            "Decrypts with an algorithm and its key.",
        ),
        reads(
            "static byte[] Decrypt(this byte[] input, SymmetricAlgorithm alg, byte[] key, byte[] iv)",
            |_, args| by_cipher(&args, false),
            "Decrypts with an algorithm.",
        ),
    ],
    doc: "Encryption of bytes.",
    ..TypeDef::CLASS
};

pub(crate) static CIPHER_MODE: TypeDef = TypeDef {
    name: "System.Security.Cryptography.CipherMode",
    kind: EnumDef::of(&[("CBC", CBC), ("ECB", ECB), ("OFB", 3), ("CFB", 4), ("CTS", 5)]),
    doc: "How blocks depend on each other.",
    ..TypeDef::CLASS
};

pub(crate) static PADDING_MODE: TypeDef = TypeDef {
    name: "System.Security.Cryptography.PaddingMode",
    kind: EnumDef::of(&[
        ("None", NONE),
        ("PKCS7", PKCS7),
        ("Zeros", ZEROS),
        ("ANSIX923", ANSI_X923),
        ("ISO10126", ISO_10126),
    ]),
    doc: "How the last block is filled.",
    ..TypeDef::CLASS
};

const CBC: i64 = 1;
const ECB: i64 = 2;
const NONE: i64 = 1;
const PKCS7: i64 = 2;
const ZEROS: i64 = 3;
const ANSI_X923: i64 = 4;
const ISO_10126: i64 = 5;
const BLOCK: usize = 16;

#[derive(Clone)]
struct Settings {
    key: Vec<u8>,
    iv: Vec<u8>,
    mode: i64,
    padding: i64,
}

struct Cipher(RefCell<Settings>, &'static TypeDef);

impl Object for Cipher {
    fn ty(&self) -> Ty {
        Ty::named(self.1)
    }

    fn snapshot(&self) -> Option<Value> {
        Some(Value::object(Cipher(self.0.clone(), self.1)))
    }
}

struct Transform {
    settings: Settings,
    encrypts: bool,
}

impl Object for Transform {
    fn ty(&self) -> Ty {
        Ty::named(&CRYPTO_TRANSFORM)
    }
}

fn fresh(cx: &mut Cx<'_>, def: &'static TypeDef) -> Value {
    let (mut key, mut iv) = (vec![0; 32], vec![0; BLOCK]);
    cx.host.entropy(&mut key);
    cx.host.entropy(&mut iv);
    Value::object(Cipher(RefCell::new(Settings { key, iv, mode: CBC, padding: PKCS7 }), def))
}

fn is_aes(name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or_default();
    ["AES", "AesManaged", "AesCryptoServiceProvider", "Rijndael", "RijndaelManaged"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

fn create(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(if is_aes(&args.str(0, "algName")?.to_text()) { fresh(cx, &AES) } else { Value::Null })
}

fn wrong_size(what: &str) -> csharp::Raise {
    failed(format!("Specified {what} is not a valid size for this algorithm."))
}

fn set_key(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let key = args.bytes(1, "value")?.to_vec();
    if !matches!(key.len(), 16 | 24 | 32) {
        return Err(wrong_size("key"));
    }
    args.this::<Cipher>()?.0.borrow_mut().key = key;
    Ok(Value::Null)
}

fn set_iv(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let iv = args.bytes(1, "value")?.to_vec();
    if iv.len() != BLOCK {
        return Err(failed("Specified initialization vector (IV) does not match the block size for this algorithm."));
    }
    args.this::<Cipher>()?.0.borrow_mut().iv = iv;
    Ok(Value::Null)
}

fn set_mode(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mode = args.word(1) as i64;
    if mode != CBC && mode != ECB {
        return Err(failed("Specified cipher mode is not valid for this algorithm."));
    }
    args.this::<Cipher>()?.0.borrow_mut().mode = mode;
    Ok(Value::Null)
}

fn set_padding(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let padding = args.word(1) as i64;
    if !(NONE..=ISO_10126).contains(&padding) {
        return Err(failed("Specified padding mode is not valid for this algorithm."));
    }
    args.this::<Cipher>()?.0.borrow_mut().padding = padding;
    Ok(Value::Null)
}

fn set_key_size(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let bits = args.int(1);
    if !matches!(bits, 128 | 192 | 256) {
        return Err(wrong_size("key"));
    }
    let mut key = vec![0; bits as usize / 8];
    cx.host.entropy(&mut key);
    args.this::<Cipher>()?.0.borrow_mut().key = key;
    Ok(Value::Null)
}

fn random(cx: &mut Cx<'_>, args: &Args<'_>, part: fn(&mut Settings) -> &mut Vec<u8>) -> Result<Value> {
    cx.host.entropy(part(&mut args.this::<Cipher>()?.0.borrow_mut()));
    Ok(Value::Null)
}

/// The settings with the key and vector at `index`, if the overload has them.
fn with_key(mut settings: Settings, args: &Args<'_>, index: usize) -> Result<Settings> {
    if args.len() > index {
        settings.key = args.bytes(index, "key")?.to_vec();
        settings.iv =
            if args.value(index + 1).is_null() { vec![0; BLOCK] } else { args.bytes(index + 1, "iv")?.to_vec() };
    }
    if !matches!(settings.key.len(), 16 | 24 | 32) {
        return Err(exception::argument("Specified key is not a valid size for this algorithm.", "key"));
    }
    if settings.iv.len() != BLOCK {
        return Err(exception::argument(
            "Specified initialization vector (IV) does not match the block size for this algorithm.",
            "iv",
        ));
    }
    Ok(settings)
}

fn transform(args: &Args<'_>, encrypts: bool) -> Result<Value> {
    let settings = with_key(args.this::<Cipher>()?.0.borrow().clone(), args, 1)?;
    Ok(Value::object(Transform { settings, encrypts }))
}

fn final_block(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let bytes = args.bytes(1, "inputBuffer")?;
    let part = crate::system::part(&bytes, args.int(2), args.int(3))?;
    cx.meter.allocate(part.len() + BLOCK)?;
    let transform = args.this::<Transform>()?;
    run(&transform.settings, part, transform.encrypts)
}

fn by_name(args: &Args<'_>, encrypts: bool) -> Result<Value> {
    let name = args.str(1, "alg")?.to_text();
    if !is_aes(&name) {
        return Err(exception::not_supported(format!("The algorithm {name} is not offered: AES is.")));
    }
    let settings = Settings { key: Vec::new(), iv: Vec::new(), mode: CBC, padding: PKCS7 };
    run(&with_key(settings, args, 2)?, &args.bytes(0, "input")?, encrypts)
}

fn by_cipher(args: &Args<'_>, encrypts: bool) -> Result<Value> {
    let settings = args.object_or::<Cipher>(1, "alg")?.0.borrow().clone();
    run(&with_key(settings, args, 2)?, &args.bytes(0, "input")?, encrypts)
}

fn run(settings: &Settings, text: &[u8], encrypts: bool) -> Result<Value> {
    let mode = if settings.mode == ECB { Mode::Ecb } else { Mode::Cbc };
    let (key, iv) = (&settings.key, &settings.iv);
    if encrypts {
        let padded = padded(text, settings.padding)?;
        return aes_encrypt_blocks(mode, key, iv, &padded).map(Value::bytes).map_err(|error| failed(error.to_string()));
    }
    if !text.len().is_multiple_of(BLOCK) {
        return Err(failed("The input data is not a complete block."));
    }
    if text.is_empty() {
        return Ok(Value::bytes(Vec::new()));
    }
    let mut plain = aes_decrypt_blocks(mode, key, iv, text).map_err(|error| failed(error.to_string()))?;
    plain.truncate(plain.len() - filled(&plain, settings.padding)?);
    Ok(Value::bytes(plain))
}

fn padded(text: &[u8], padding: i64) -> Result<Vec<u8>> {
    let missing = BLOCK - text.len() % BLOCK;
    let mut out = text.to_vec();
    match padding {
        NONE | ZEROS if missing == BLOCK => {}
        NONE => return Err(failed("The input data is not a complete block.")),
        ZEROS => out.resize(text.len() + missing, 0),
        PKCS7 => out.resize(text.len() + missing, missing as u8),
        // ISO 10126 wants random bytes before the count; zeros are among them.
        _ => {
            out.resize(text.len() + missing - 1, 0);
            out.push(missing as u8);
        }
    }
    Ok(out)
}

/// How many bytes at the end are padding.
fn filled(plain: &[u8], padding: i64) -> Result<usize> {
    if padding == NONE || padding == ZEROS {
        return Ok(0);
    }
    let count = usize::from(plain.last().copied().unwrap_or(0));
    let fill = plain.len().checked_sub(count).and_then(|start| plain.get(start..)).and_then(|fill| fill.split_last());
    let sound = (1..=BLOCK).contains(&count)
        && fill.is_some_and(|(_, before)| match padding {
            PKCS7 => before.iter().all(|byte| usize::from(*byte) == count),
            ANSI_X923 => before.iter().all(|byte| *byte == 0),
            _ => true,
        });
    if sound { Ok(count) } else { Err(failed("Padding is invalid and cannot be removed.")) }
}
