//! [`Loose`]: a tree without handles on it, which may go to another thread.

use num_bigint::BigInt;
use rust_decimal::Decimal;

use crate::{
    JToken, Value,
    grove::{Grove, Id},
    time::{DateTime, DateTimeOffset},
    token::{Content, Members, Node},
};

/// A whole tree. It shares nothing with the one it was made of.
#[derive(Debug)]
pub struct Loose(Vec<(Id, Form)>);

#[derive(Debug)]
enum Form {
    Object(Vec<Id>),
    Array(Vec<Id>),
    Constructor(String, Vec<Id>),
    Property(String, Id),
    Value(Plain),
}

/// [`Value`] with texts of its own.
#[derive(Debug)]
enum Plain {
    Null,
    Undefined,
    NullString,
    Boolean(bool),
    Integer(i64),
    BigInteger(Box<BigInt>),
    Float(f64),
    Single(f32),
    Decimal(Decimal),
    String(String),
    Date(DateTime),
    DateOffset(DateTimeOffset),
    Bytes(Vec<u8>),
    Guid(u128),
    Uri(String),
    TimeSpan(i64),
    Comment(String),
    Raw(String),
}

impl JToken {
    /// A copy of this token with everything below it.
    pub fn loosen(&self) -> Loose {
        let own = self.deep_clone();
        own.read(|nodes, _| Loose(nodes.iter().map(|node| (node.parent, Form::of(&node.content))).collect()))
    }

    /// Where it is below its root: the place among its siblings on each level.
    pub fn way(&self) -> Vec<usize> {
        let mut way: Vec<usize> = self.ancestors().iter().filter_map(JToken::position).collect();
        way.reverse();
        way.extend(self.position());
        way
    }

    /// The token at the end of a way from here.
    pub fn at_way(&self, way: &[usize]) -> Option<JToken> {
        way.iter().try_fold(self.clone(), |token, at| token.child(*at))
    }

    /// A number that tells its tree from others that live at the same time, and one that tells its node from others in it.
    pub fn identity(&self) -> (usize, u64) {
        let (grove, id) = self.grove.settled(self.id);
        (std::rc::Rc::as_ptr(&grove).addr(), u64::from(id))
    }
}

impl Loose {
    /// The tree's root.
    pub fn token(self) -> JToken {
        let mut nodes: Vec<Node> =
            self.0.into_iter().map(|(parent, form)| Node { parent, content: form.content() }).collect();
        // The index of an object needs the names of its properties.
        for at in 0..nodes.len() {
            if let Content::Object(members) = &nodes[at].content {
                let ids = members.ids().to_vec();
                nodes[at].content = Content::Object(Members::of(ids, &nodes));
            }
        }
        JToken { grove: Grove::of(nodes), id: 0 }
    }
}

impl Form {
    fn of(content: &Content) -> Self {
        match content {
            Content::Object(members) => Self::Object(members.ids().to_vec()),
            Content::Array(items) => Self::Array(items.clone()),
            Content::Constructor(name, items) => Self::Constructor(name.to_string(), items.clone()),
            Content::Property(name, value) => Self::Property(name.to_string(), *value),
            Content::Value(value) => Self::Value(Plain::of(value)),
        }
    }

    fn content(self) -> Content {
        match self {
            Self::Object(ids) => Content::Object(Members::unindexed(ids)),
            Self::Array(items) => Content::Array(items),
            Self::Constructor(name, items) => Content::Constructor(name.as_str().into(), items),
            Self::Property(name, value) => Content::Property(name.as_str().into(), value),
            Self::Value(value) => Content::Value(value.value()),
        }
    }
}

impl Plain {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Undefined => Self::Undefined,
            Value::NullString => Self::NullString,
            Value::Boolean(value) => Self::Boolean(*value),
            Value::Integer(value) => Self::Integer(*value),
            Value::BigInteger(value) => Self::BigInteger(value.clone()),
            Value::Float(value) => Self::Float(*value),
            Value::Single(value) => Self::Single(*value),
            Value::Decimal(value) => Self::Decimal(*value),
            Value::String(text) => Self::String(text.to_string()),
            Value::Date(value) => Self::Date(*value),
            Value::DateOffset(value) => Self::DateOffset(*value),
            Value::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
            Value::Guid(value) => Self::Guid(*value),
            Value::Uri(text) => Self::Uri(text.to_string()),
            Value::TimeSpan(value) => Self::TimeSpan(*value),
            Value::Comment(text) => Self::Comment(text.to_string()),
            Value::Raw(text) => Self::Raw(text.to_string()),
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Undefined => Value::Undefined,
            Self::NullString => Value::NullString,
            Self::Boolean(value) => Value::Boolean(value),
            Self::Integer(value) => Value::Integer(value),
            Self::BigInteger(value) => Value::BigInteger(value),
            Self::Float(value) => Value::Float(value),
            Self::Single(value) => Value::Single(value),
            Self::Decimal(value) => Value::Decimal(value),
            Self::String(text) => Value::String(text.as_str().into()),
            Self::Date(value) => Value::Date(value),
            Self::DateOffset(value) => Value::DateOffset(value),
            Self::Bytes(bytes) => Value::Bytes(bytes.into()),
            Self::Guid(value) => Value::Guid(value),
            Self::Uri(text) => Value::Uri(text.as_str().into()),
            Self::TimeSpan(value) => Value::TimeSpan(value),
            Self::Comment(text) => Value::Comment(text.as_str().into()),
            Self::Raw(text) => Value::Raw(text.as_str().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_the_same_on_another_thread() {
        let members: Vec<String> =
            (0..40).map(|number| format!(r#""m{number}": [{number}, null, 1.5, "2020-01-01T00:00:00Z"]"#)).collect();
        let root = JToken::parse(format!("{{ {} }}", members.join(", ")).as_str()).unwrap();
        let inner = root.get("m30").unwrap().child(3).unwrap();
        let (text, loose, way) = (root.to_string(), root.loosen(), inner.way());
        std::thread::spawn(move || {
            let root = loose.token();
            assert_eq!(root.to_string(), text);
            assert_eq!(root.at_way(&way).unwrap().kind(), crate::JTokenType::Date);
            assert!(root.at_way(&way).unwrap().same(&root.get("m30").unwrap().child(3).unwrap()));
        })
        .join()
        .unwrap();
    }
}
