//! `System.Guid`. It needs more than one word, so it is an immutable object; `Guid.Empty` is a word.

use std::cmp::Ordering;

use csharp::{
    Args, Cx, Result, Str, Ty, Value, exception,
    parcel::{Packed, Packer},
    surface::{Kind, TypeDef, WordOps, pure, reads},
    ty::Def,
    value::Object,
};
use dotformat::Guid;

use super::format::raise;

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Guid",
    kind: Kind::Struct,
    bases: &["IComparable", "IComparable<Guid>", "IEquatable<Guid>", "IFormattable"],
    members: &[
        pure("static readonly Guid Empty", |_, _| Ok(of_guid(Guid::EMPTY)), "All zeros."),
        reads("static Guid NewGuid()", new_guid, "A random one."),
        pure("Guid(string g)", |_, args| made(Guid::parse(&args.str(0, "g")?.to_text())), "Reads any of the formats."),
        reads("Guid(byte[] b)", of_bytes, "From 16 bytes, the first three parts reversed."),
        pure(
            "static Guid Parse(string input)",
            |_, args| made(Guid::parse(&args.str(0, "input")?.to_text())),
            "Reads any of the formats.",
        ),
        pure("static bool TryParse(string input, out Guid result)", try_parse, "Whether it is a GUID."),
        pure("static Guid ParseExact(string input, string format)", parse_exact, "Reads one format."),
        pure(
            "static bool TryParseExact(string input, string format, out Guid result)",
            try_parse_exact,
            "Whether it fits the format.",
        ),
        pure(
            "byte[] ToByteArray()",
            |_, args| Ok(Value::bytes(at(&args, 0).to_bytes().to_vec())),
            "Its 16 bytes, the first three parts reversed.",
        ),
        pure("string ToString()", super::object::to_string, "32 digits with hyphens."),
        pure("string ToString(string format)", to_string, "In format `N`, `D`, `B`, `P` or `X`."),
        pure(
            "string ToString(string format, IFormatProvider provider)",
            to_string,
            "In format `N`, `D`, `B`, `P` or `X`.",
        ),
        pure(
            "int CompareTo(Guid value)",
            |_, args| Ok(Value::Int(order(at(&args, 0), at(&args, 1)) as i32)),
            "Which comes first.",
        ),
        pure(
            "bool Equals(Guid g)",
            |_, args| Ok(Value::Bool(at(&args, 0) == at(&args, 1))),
            "Whether both are the same.",
        ),
        pure(
            "static bool operator ==(Guid a, Guid b)",
            |_, args| Ok(Value::Bool(at(&args, 0) == at(&args, 1))),
            "Whether both are the same.",
        ),
        pure(
            "static bool operator !=(Guid a, Guid b)",
            |_, args| Ok(Value::Bool(at(&args, 0) != at(&args, 1))),
            "Whether they differ.",
        ),
    ],
    word: Some(&WordOps { text: |_| Guid::EMPTY.to_string().into(), key: |_| 0 }),
    doc: "A globally unique identifier.",
    ..TypeDef::CLASS
};

struct Identifier(Guid);

impl Object for Identifier {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn pack(&self, _packer: &mut Packer) -> Option<Packed> {
        let inner = self.0;
        Some(Packed::new(move |_| Value::object(Identifier(inner))))
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.0.to_string().into())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<Identifier>().is_some_and(|other| self.0 == other.0)
    }

    fn hash(&self) -> Option<u64> {
        Some(self.0.to_bytes().iter().fold(17, |hash: u64, byte| hash.wrapping_mul(31).wrapping_add(u64::from(*byte))))
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        of(other).map(|other| order(self.0, other))
    }
}

/// From bytes in the order of the text.
pub(crate) fn value(bytes: [u8; 16]) -> Value {
    of_guid(Guid::from_text_order(bytes))
}

/// As a value. `Guid.Empty` has one form only: the word, which is the type's default.
fn of_guid(guid: Guid) -> Value {
    if guid == Guid::EMPTY { Value::Word(Def(&DEF), 0) } else { Value::object(Identifier(guid)) }
}

/// Of a value of this type.
pub(crate) fn of(value: &Value) -> Option<Guid> {
    match value {
        Value::Word(def, _) if *def == Def(&DEF) => Some(Guid::EMPTY),
        _ => value.downcast::<Identifier>().map(|identifier| identifier.0),
    }
}

fn at(args: &Args<'_>, index: usize) -> Guid {
    of(args.value(index)).unwrap_or(Guid::EMPTY)
}

fn made(guid: dotformat::Result<Guid>) -> Result<Value> {
    guid.map(of_guid).map_err(raise)
}

/// As the texts compare: part by part.
fn order(left: Guid, right: Guid) -> Ordering {
    left.to_string().cmp(&right.to_string())
}

fn new_guid(cx: &mut Cx<'_>, _args: Args<'_>) -> Result<Value> {
    let mut bytes = [0; 16];
    cx.host.entropy(&mut bytes);
    Ok(of_guid(Guid::from_random(bytes)))
}

fn of_bytes(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let bytes = <[u8; 16]>::try_from(&*args.bytes(0, "b")?);
    let bytes = bytes.map_err(|_| exception::argument("Byte array for GUID must be exactly 16 bytes long.", "b"))?;
    Ok(of_guid(Guid::from_bytes(bytes)))
}

fn give(mut args: Args<'_>, found: Option<Guid>) -> Result<Value> {
    args.set(args.len() - 1, of_guid(found.unwrap_or(Guid::EMPTY)));
    Ok(Value::Bool(found.is_some()))
}

fn try_parse(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = args.opt_str(0).and_then(|text| Guid::parse(&text.to_text()).ok());
    give(args, found)
}

fn exact(args: &Args<'_>) -> Result<dotformat::Result<Guid>> {
    Ok(Guid::parse_exact(&args.str(0, "input")?.to_text(), &args.str(1, "format")?.to_text()))
}

fn parse_exact(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    made(exact(&args)?)
}

fn try_parse_exact(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = exact(&args).ok().and_then(std::result::Result::ok);
    give(args, found)
}

fn to_string(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let format = args.opt_str(1).cloned().unwrap_or_default();
    at(&args, 0).format(&format.to_text()).map(Value::str).map_err(raise)
}
