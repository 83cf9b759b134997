//! [`Value`]: what a template computes with.

use std::rc::Rc;

use dotformat::{DateTime, DateTimeOffset};
use rust_decimal::Decimal;

/// A value. `'a` is the life of what the host lends to one rendering.
#[derive(Clone)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Value<'a> {
    Nil,
    Bool(bool),
    Int(i64),
    Double(f64),
    Decimal(Decimal),
    Str(Rc<str>),
    Date(DateTime),
    DateOffset(DateTimeOffset),
    List(Rc<[Value<'a>]>),
    /// A name and its value, as iterating a dictionary gives it.
    Pair(Rc<(Value<'a>, Value<'a>)>),
    Object(Rc<dyn Object<'a> + 'a>),
    /// What `empty` compares with.
    Empty,
    /// What `blank` compares with.
    Blank,
}

/// A dictionary, or an object with members.
pub trait Object<'a> {
    /// A member; `None` where there is none of this name.
    fn member(&self, name: &str) -> Option<Value<'a>>;

    /// What iterating it gives: pairs for a dictionary, items for a list; `None` where it cannot be iterated.
    fn items(&self) -> Option<Vec<Value<'a>>>;

    /// Its `ToString()`; `None` where its items are what is printed.
    fn text(&self) -> Option<String>;
}

impl<'a> Value<'a> {
    /// A text.
    pub fn str(text: impl Into<Rc<str>>) -> Self {
        Self::Str(text.into())
    }

    /// A list.
    pub fn list(items: Vec<Value<'a>>) -> Self {
        Self::List(items.into())
    }

    /// A pair of a dictionary.
    pub fn pair(name: impl Into<Rc<str>>, value: Value<'a>) -> Self {
        Self::Pair(Rc::new((Self::Str(name.into()), value)))
    }

    /// An object.
    pub fn object(object: impl Object<'a> + 'a) -> Self {
        Self::Object(Rc::new(object))
    }

    /// The text of an object that is one, such as an XML element with attributes.
    pub(crate) fn plain_text(&self) -> Option<String> {
        match self {
            Self::Object(object) => object.text(),
            _ => None,
        }
    }

    /// Whether it counts as true: all but nil and false does.
    pub(crate) fn is_truthy(&self) -> bool {
        !matches!(self, Self::Nil | Self::Bool(false))
    }

    /// What iterating it gives; texts give their characters.
    pub(crate) fn items(&self) -> Option<Vec<Value<'a>>> {
        match self {
            Self::Str(text) => Some(text.chars().map(|c| Self::str(c.to_string())).collect()),
            Self::List(items) => Some(items.to_vec()),
            Self::Object(object) => object.items(),
            _ => None,
        }
    }

    /// A part by name, as `.name` and `["name"]` find it.
    pub(crate) fn member(&self, name: &str) -> Option<Value<'a>> {
        match self {
            Self::Pair(pair) => match name {
                "Key" | "itemName" => Some(pair.0.clone()),
                "Value" => Some(pair.1.clone()),
                // A pair of an object stands for the object, too.
                _ if matches!(&pair.0, Self::Str(key) if &**key == name) => Some(pair.1.clone()),
                _ => pair.1.member(name),
            },
            Self::Object(object) => object.member(name),
            _ => None,
        }
    }

    /// A part by place; negative places count from the end.
    pub(crate) fn at(&self, index: i64) -> Option<Value<'a>> {
        match (self, index) {
            (Self::Pair(pair), 0) => Some(pair.0.clone()),
            (Self::Pair(pair), 1) => Some(pair.1.clone()),
            (Self::List(items), _) => Some(items.get(place(index, items.len())?)?.clone()),
            (Self::Object(object), _) => object.member(&index.to_string()).or_else(|| {
                let items = object.items()?;
                let is_list = !items.iter().any(|item| matches!(item, Self::Pair(_)));
                items.get(place(index, items.len()).filter(|_| is_list)?).cloned()
            }),
            _ => None,
        }
    }
}

fn place(index: i64, length: usize) -> Option<usize> {
    let index = if index < 0 { index.checked_add(length as i64)? } else { index };
    usize::try_from(index).ok()
}
