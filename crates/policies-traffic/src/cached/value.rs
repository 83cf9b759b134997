//! A C# value in the cache: what threads, and other nodes, can share of it.

use std::cell::RefCell;

use dotnet::{Response, json_token, json_value};
use json::{Formatting, JToken, JTokenType, Load};
use policy::csharp::{
    Decimal, Prim, Str, Ty, Value,
    surface::Surface,
    ty::Def,
    value::{Array, Items},
};

use super::{Fields, push_sized};

/// Says that an entry is a value, and how it is written.
const MARK: u8 = b'V';
/// The element types of arrays, in the order of their numbers in an entry.
const ELEMENTS: [Prim; 14] = [
    Prim::Object,
    Prim::String,
    Prim::Bool,
    Prim::Char,
    Prim::SByte,
    Prim::Short,
    Prim::UShort,
    Prim::Int,
    Prim::UInt,
    Prim::Long,
    Prim::ULong,
    Prim::Float,
    Prim::Double,
    Prim::Decimal,
];

/// Writes a value: `null`, numbers, texts, dates and enums, JSON, responses, `byte[]`, and arrays of the built-in types. `None`
/// for another object.
pub(crate) fn encode(value: &Value) -> Option<Vec<u8>> {
    let mut entry = vec![MARK];
    push(&mut entry, value)?;
    Some(entry)
}

/// Reads a value. `None`: it is none, and counts as not found.
pub(crate) fn decode(entry: &[u8], surface: &Surface) -> Option<Value> {
    let mut fields = Fields(entry);
    if fields.array()? != [MARK] {
        return None;
    }
    let value = pull(&mut fields, surface)?;
    fields.0.is_empty().then_some(value)
}

fn push(entry: &mut Vec<u8>, value: &Value) -> Option<()> {
    let mut number = |tag: u8, bytes: &[u8]| {
        entry.push(tag);
        entry.extend_from_slice(bytes);
    };
    match value {
        Value::Null => number(b'0', &[]),
        Value::Bool(value) => number(b'b', &[u8::from(*value)]),
        Value::Char(value) => number(b'c', &value.to_le_bytes()),
        Value::SByte(value) => number(b'1', &value.to_le_bytes()),
        Value::Byte(value) => number(b'2', &[*value]),
        Value::Short(value) => number(b'3', &value.to_le_bytes()),
        Value::UShort(value) => number(b'4', &value.to_le_bytes()),
        Value::Int(value) => number(b'i', &value.to_le_bytes()),
        Value::UInt(value) => number(b'u', &value.to_le_bytes()),
        Value::Long(value) => number(b'l', &value.to_le_bytes()),
        Value::ULong(value) => number(b'm', &value.to_le_bytes()),
        Value::Float(value) => number(b'f', &value.to_le_bytes()),
        Value::Double(value) => number(b'd', &value.to_le_bytes()),
        Value::Decimal(value) => number(b'n', &value.serialize()),
        Value::Str(text) => push_text(entry, text),
        Value::Word(def, word) => {
            number(b'w', &word.to_le_bytes());
            push_sized(entry, def.0.name.as_bytes());
        }
        Value::Object(_) => push_object(entry, value)?,
    }
    Some(())
}

fn push_text(entry: &mut Vec<u8>, text: &Str) {
    if let Some(text) = text.as_str() {
        entry.push(b's');
        push_sized(entry, text.as_bytes());
    } else {
        // Half of a surrogate pair is no UTF-8.
        entry.push(b'S');
        push_sized(entry, &text.units().into_iter().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    }
}

fn push_object(entry: &mut Vec<u8>, value: &Value) -> Option<()> {
    if let Some(token) = json_token(value) {
        match token.kind() {
            JTokenType::Property | JTokenType::Raw | JTokenType::Constructor | JTokenType::Comment => return None,
            // A text that looks like a date stays one.
            JTokenType::String => entry.push(b'j'),
            _ => entry.push(b'J'),
        }
        push_sized(entry, token.to_json(Formatting::None).as_bytes());
    } else if let Some(response) = value.downcast::<Response>() {
        entry.push(b'r');
        entry.extend_from_slice(&response.status.to_le_bytes());
        push_text(entry, &response.reason);
        entry.extend_from_slice(&(response.headers.len() as u32).to_le_bytes());
        for (name, values) in &response.headers {
            push_text(entry, name);
            entry.extend_from_slice(&(values.len() as u32).to_le_bytes());
            for value in values {
                push_text(entry, value);
            }
        }
        push_sized(entry, &response.body);
    } else {
        let array = value.downcast::<Array>().filter(|array| array.lengths.is_none())?;
        match &*array.items.borrow() {
            Items::Bytes(bytes) => {
                entry.push(b'B');
                push_sized(entry, bytes);
            }
            Items::Values(values) => {
                let Ty::Prim(element) = &array.element else { return None };
                let element = ELEMENTS.iter().position(|known| known == element)?;
                entry.extend_from_slice(&[b'A', element as u8]);
                entry.extend_from_slice(&(values.len() as u32).to_le_bytes());
                for value in values {
                    // Arrays in arrays, and arrays that hold themselves, are no values for a cache.
                    if value.downcast::<Array>().is_some() {
                        return None;
                    }
                    push(entry, value)?;
                }
            }
        }
    }
    Some(())
}

fn pull(fields: &mut Fields<'_>, surface: &Surface) -> Option<Value> {
    let [tag] = fields.array()?;
    Some(match tag {
        b'0' => Value::Null,
        b'b' => Value::Bool(fields.array()? != [0]),
        b'c' => Value::Char(u16::from_le_bytes(fields.array()?)),
        b'1' => Value::SByte(i8::from_le_bytes(fields.array()?)),
        b'2' => Value::Byte(u8::from_le_bytes(fields.array()?)),
        b'3' => Value::Short(i16::from_le_bytes(fields.array()?)),
        b'4' => Value::UShort(u16::from_le_bytes(fields.array()?)),
        b'i' => Value::Int(i32::from_le_bytes(fields.array()?)),
        b'u' => Value::UInt(u32::from_le_bytes(fields.array()?)),
        b'l' => Value::Long(i64::from_le_bytes(fields.array()?)),
        b'm' => Value::ULong(u64::from_le_bytes(fields.array()?)),
        b'f' => Value::Float(f32::from_le_bytes(fields.array()?)),
        b'd' => Value::Double(f64::from_le_bytes(fields.array()?)),
        b'n' => {
            let bytes: [u8; 16] = fields.array()?;
            // No more digits behind the point than a decimal has.
            Value::Decimal(if bytes[2] <= 28 { Decimal::deserialize(bytes) } else { return None })
        }
        b's' | b'S' => Value::Str(pull_text_of(tag, fields)?),
        b'w' => {
            let word = u64::from_le_bytes(fields.array()?);
            let name = std::str::from_utf8(fields.sized()?).ok()?;
            Value::Word(Def(surface.def_named(name)?), word)
        }
        b'j' | b'J' => {
            let text = std::str::from_utf8(fields.sized()?).ok()?;
            let load = Load { dates: tag == b'J', ..Load::default() };
            json_value(JToken::parse_with(text, load).ok()?)
        }
        b'r' => {
            let (status, reason) = (u16::from_le_bytes(fields.array()?), pull_text(fields)?);
            let headers = (0..pull_count(fields)?).map(|_| {
                let name = pull_text(fields)?;
                let values = (0..pull_count(fields)?).map(|_| pull_text(fields)).collect::<Option<_>>();
                Some((name, values?))
            });
            let headers = headers.collect::<Option<_>>()?;
            Value::object(Response { status, reason, headers, body: fields.sized()?.into() })
        }
        b'B' => Value::bytes(fields.sized()?.into()),
        b'A' => {
            let [element] = fields.array()?;
            let element = Ty::Prim(*ELEMENTS.get(usize::from(element))?);
            let values = (0..pull_count(fields)?).map(|_| match fields.0.first() {
                Some(b'A' | b'B') | None => None,
                Some(_) => pull(fields, surface),
            });
            let items = RefCell::new(Items::Values(values.collect::<Option<_>>()?));
            Value::object(Array { element, lengths: None, items })
        }
        _ => return None,
    })
}

fn pull_text(fields: &mut Fields<'_>) -> Option<Str> {
    let [tag] = fields.array()?;
    pull_text_of(tag, fields)
}

fn pull_text_of(tag: u8, fields: &mut Fields<'_>) -> Option<Str> {
    let bytes = fields.sized()?;
    match tag {
        b's' => std::str::from_utf8(bytes).ok().map(Str::from),
        b'S' => {
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            Some(Str::from_units(&units))
        }
        _ => None,
    }
}

fn pull_count(fields: &mut Fields<'_>) -> Option<u32> {
    let count = u32::from_le_bytes(fields.array()?);
    // Each takes a byte at least: a wrong number cannot make us wait or allocate.
    (count as usize <= fields.0.len()).then_some(count)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn there_and_back(value: &Value) -> Value {
        decode(&encode(value).unwrap(), &dotnet::surface().unwrap()).unwrap()
    }

    #[test]
    fn a_value_comes_back_as_what_it_was() {
        let json = |text: &str| json_value(JToken::parse(text).unwrap());
        let day = Def(dotnet::surface().unwrap().def_named("System.DateTime").unwrap());
        for value in [
            Value::Null,
            Value::Bool(true),
            Value::Char(0xd800),
            Value::Byte(7),
            Value::Int(-7),
            Value::ULong(u64::MAX),
            Value::Double(0.1),
            Value::Decimal(Decimal::new(-12_345, 3)),
            Value::str("é"),
            Value::Str(Str::from_unit(0xdc00)),
            Value::Word(day, 5),
            Value::bytes(vec![0, 255]),
            Value::strings(["a", "b"]),
            json("{\"a\":[1,2.5,null,\"2024-05-17T12:00:00Z\"]}"),
            json_value(JToken::parse_with("\"2024-05-17\"", Load { dates: false, ..Load::default() }).unwrap()),
        ] {
            let back = there_and_back(&value);
            assert_eq!(format!("{:?}", back.ty()), format!("{:?}", value.ty()));
            assert_eq!(encode(&back), encode(&value), "{value:?}");
        }
        assert!(there_and_back(&json("{\"a\":1}")).downcast::<Array>().is_none());
    }

    #[test]
    fn what_threads_cannot_share_is_refused() {
        let nested = Value::array(Ty::OBJECT, vec![Value::strings(["a"])]);
        assert_eq!(encode(&nested), None);
    }

    proptest! {
        #[test]
        fn foreign_bytes_are_no_value(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let surface = dotnet::surface().unwrap();
            // One may be a value by chance; then it can be written again.
            if let Some(value) = decode(&[&[MARK][..], &bytes].concat(), &surface) {
                prop_assert!(encode(&value).is_some());
            }
        }
    }
}
