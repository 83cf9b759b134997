//! `System.Security.Cryptography.Oid`.

use csharp::{
    Args, Cx, Result, Str, Ty, Value,
    surface::{TypeDef, pure},
    value::Object,
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Security.Cryptography.Oid",
    members: &[
        pure("Oid(string oid)", new, "By number or name."),
        pure("Oid(string value, string friendlyName)", new_named, "With number and name."),
        pure(
            "string Value { get; }",
            |_, args| Ok(Value::str_or_null(args.this::<Oid>()?.value.clone())),
            "The number with its dots.",
        ),
        pure(
            "string FriendlyName { get; }",
            |_, args| Ok(Value::str_or_null(args.this::<Oid>()?.name.clone())),
            "The name, or null.",
        ),
    ],
    doc: "An object identifier.",
    ..TypeDef::CLASS
};

/// Numbers and names of what certificates and signatures use.
const KNOWN: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.1", "RSA"),
    ("1.2.840.113549.1.1.4", "md5RSA"),
    ("1.2.840.113549.1.1.5", "sha1RSA"),
    ("1.2.840.113549.1.1.10", "RSASSA-PSS"),
    ("1.2.840.113549.1.1.11", "sha256RSA"),
    ("1.2.840.113549.1.1.12", "sha384RSA"),
    ("1.2.840.113549.1.1.13", "sha512RSA"),
    ("1.2.840.10045.2.1", "ECC"),
    ("1.2.840.10045.4.3.2", "sha256ECDSA"),
    ("1.2.840.10045.4.3.3", "sha384ECDSA"),
    ("1.2.840.10045.4.3.4", "sha512ECDSA"),
    ("1.2.840.113549.2.5", "md5"),
    ("1.3.14.3.2.26", "sha1"),
    ("2.16.840.1.101.3.4.2.1", "sha256"),
    ("2.16.840.1.101.3.4.2.2", "sha384"),
    ("2.16.840.1.101.3.4.2.3", "sha512"),
    ("2.5.4.3", "CN"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "S"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("1.2.840.113549.1.9.1", "E"),
    ("1.3.6.1.5.5.7.3.1", "Server Authentication"),
    ("1.3.6.1.5.5.7.3.2", "Client Authentication"),
    ("2.5.29.15", "X509v3 Key Usage"),
    ("2.5.29.17", "X509v3 Subject Alternative Name"),
    ("2.5.29.37", "X509v3 Extended Key Usage"),
];

struct Oid {
    value: Option<Str>,
    name: Option<Str>,
}

impl Object for Oid {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }
}

/// As a value, by number.
pub(super) fn value(number: &str) -> Value {
    let name = KNOWN.iter().find(|(known, _)| *known == number).map(|(_, name)| Str::from(*name));
    Value::object(Oid { value: Some(number.into()), name })
}

fn new(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let Some(text) = args.opt_str(0) else { return Ok(Value::object(Oid { value: None, name: None })) };
    let text = text.to_text();
    let by_name = KNOWN.iter().find(|(_, name)| name.eq_ignore_ascii_case(&text));
    Ok(value(by_name.map_or(&text, |(number, _)| number)))
}

fn new_named(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::object(Oid { value: args.opt_str(0).cloned(), name: args.opt_str(1).cloned() }))
}
