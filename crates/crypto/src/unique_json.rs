//! JSON objects in which every name stands once: what a token may consist of.
//!
//! RFC 7515 §4 and RFC 7519 §4 let a reader refuse repeated names or take the last. Refusing keeps a backend that takes
//! the first from seeing another token than we did.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// Reads an object. None where it is something else, is nested too deeply, or repeats a name at any depth.
pub(crate) fn object(bytes: &[u8]) -> Option<Value> {
    let Unique(value) = serde_json::from_slice(bytes).ok()?;
    value.is_object().then_some(value)
}

struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Unique;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Unique, E> {
        Ok(Unique(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Unique, E> {
        Ok(Unique(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unique, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Unique(list.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Unique, A::Error> {
        let mut map = Map::new();
        while let Some((name, Unique(value))) = entries.next_entry::<String, Unique>()? {
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Unique(map.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_once_at_every_depth() {
        let read = |text: &str| object(text.as_bytes());
        let whole = r#"{"a":{"b":[1,-2,3.5,"x",null,true]},"c":""}"#;
        assert_eq!(read(whole).unwrap().to_string(), whole);
        assert_eq!(read(r#"{"a":1,"a":1}"#), None);
        assert_eq!(read(r#"{"a":[{"b":1,"b":2}]}"#), None);
        // The same name in other letters.
        assert_eq!(read(r#"{"exp":1,"\u0065xp":2}"#), None);
        assert_eq!(read("[1]"), None);
        assert_eq!(read(r#"{"a":1} {"#), None);
    }

    #[test]
    fn deep_nesting_is_refused_and_not_followed() {
        let nested = |depth: usize| format!("{{\"a\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(object(nested(60).as_bytes()).is_some());
        assert!(object(nested(100_000).as_bytes()).is_none());
    }
}
