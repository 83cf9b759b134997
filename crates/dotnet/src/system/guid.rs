//! `System.Guid`.

use csharp::{
    Args, Cx, Result, Str, Ty, Value, exception,
    surface::{Kind, TypeDef, pure, reads},
    value::Object,
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Guid",
    kind: Kind::Struct,
    bases: &["IComparable", "IComparable<Guid>", "IEquatable<Guid>", "IFormattable"],
    members: &[
        pure("Guid(string g)", parse, "Reads any of its formats."),
        pure("static readonly Guid Empty", |_, _| Ok(value([0; 16])), "All zeros."),
        reads("static Guid NewGuid()", new, "A random one."),
        pure("static Guid Parse(string input)", parse, "Reads any of its formats."),
        pure("static bool TryParse(string input, out Guid result)", try_parse, "Reads any of its formats, if it is one."),
        pure("string ToString()", to_string, "32 digits with hyphens."),
        pure("string ToString(string format)", to_string, "In format N, D, B, P or X."),
        pure("bool Equals(Guid g)", super::object::equals, "Whether both are the same."),
        pure("static bool operator ==(Guid a, Guid b)", super::object::equals, "Whether both are the same."),
        pure("static bool operator !=(Guid a, Guid b)", differ, "Whether they differ."),
    ],
    doc: "A globally unique identifier.",
    ..TypeDef::CLASS
};

struct Boxed(dotformat::Guid);

impl Object for Boxed {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.0.format("").unwrap_or_default().into())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<Boxed>().is_some_and(|other| self.0 == other.0)
    }

    fn hash(&self) -> Option<u64> {
        Some(self.0.to_bytes().iter().fold(7, |hash: u64, byte| hash.wrapping_mul(31).wrapping_add(u64::from(*byte))))
    }
}

/// From bytes in the order of the text.
pub(crate) fn value(bytes: [u8; 16]) -> Value {
    Value::object(Boxed(dotformat::Guid::from_text_order(bytes)))
}

fn read(text: &Str) -> Result<Value> {
    dotformat::Guid::parse(&text.to_text()).map(|guid| Value::object(Boxed(guid))).map_err(super::format::raise)
}

fn new(cx: &mut Cx<'_>, _args: Args<'_>) -> Result<Value> {
    let mut bytes = [0; 16];
    cx.host.entropy(&mut bytes);
    Ok(Value::object(Boxed(dotformat::Guid::from_random(bytes))))
}

fn parse(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    read(args.str(0, "input")?)
}

fn try_parse(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let found = args.opt_str(0).and_then(|text| read(text).ok());
    let is_there = found.is_some();
    args.set(1, found.unwrap_or_else(|| value([0; 16])));
    Ok(Value::Bool(is_there))
}

fn to_string(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let format = args.opt_str(1).cloned().unwrap_or_default();
    let guid = args.object::<Boxed>(0).map_or(dotformat::Guid::EMPTY, |guid| guid.0);
    guid.format(&format.to_text()).map(Value::str).map_err(super::format::raise)
}

fn differ(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if args.value(0).is_null() && args.value(1).is_null() {
        return Err(exception::null_reference());
    }
    Ok(Value::Bool(!args.value(0).equals(args.value(1))))
}
