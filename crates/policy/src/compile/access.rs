//! How a policy's compile function reads its element: typed, with every mistake reported where it stands.

use std::sync::Arc;

use csharp::Ty;
use policy_xml::{Attribute, Element, Mapped, Whole, whole};

use super::{Compiler, text::Said};
use crate::{FromText, Value, expression::Expression};

impl Compiler<'_> {
    /// An attribute that must be there. `None` says that something is wrong and reported.
    pub fn attr<T: FromText>(&mut self, element: &Element, name: &str) -> Option<Value<T>> {
        // That it is missing was said when the element was checked.
        let attribute = element.attribute(name)?;
        self.value(&attribute.value.value, &what(attribute))
    }

    /// A condition: unlike other attributes that are true or false, its expression must give a `bool`, as C# has it.
    pub fn condition(&mut self, element: &Element, name: &str) -> Option<Value<bool>> {
        let value = self.attr(element, name)?;
        if let (Value::Code(code), Some(attribute)) = (&value, element.attribute(name))
            && ![Ty::BOOL, Ty::OBJECT].contains(code.ty())
        {
            let message = format!("Cannot implicitly convert type '{}' to 'bool'", code.ty());
            self.error("CS0029", message, attribute.value.span);
            return None;
        }
        Some(value)
    }

    /// An attribute that may be left out: `Some(None)`.
    pub fn optional<T: FromText>(&mut self, element: &Element, name: &str) -> Option<Option<Value<T>>> {
        match element.attribute(name) {
            None => Some(None),
            Some(_) => self.attr(element, name).map(Some),
        }
    }

    /// An attribute with a default.
    pub fn attr_or<T: FromText>(&mut self, element: &Element, name: &str, default: T) -> Option<Value<T>> {
        Some(self.optional(element, name)?.unwrap_or(Value::Literal(default)))
    }

    /// An attribute that must be there and takes no expression.
    pub fn literal<T: FromText>(&mut self, element: &Element, name: &str) -> Option<T> {
        let attribute = element.attribute(name)?;
        let text = self.literal_text(&attribute.value)?;
        self.parse(&text, &what(attribute))
    }

    /// An attribute that may be left out and takes no expression.
    pub fn optional_literal<T: FromText>(&mut self, element: &Element, name: &str) -> Option<Option<T>> {
        match element.attribute(name) {
            None => Some(None),
            Some(_) => self.literal(element, name).map(Some),
        }
    }

    /// An attribute with a default that takes no expression.
    pub fn literal_or<T: FromText>(&mut self, element: &Element, name: &str, default: T) -> Option<T> {
        Some(self.optional_literal(element, name)?.unwrap_or(default))
    }

    /// The text between the tags of `element`. Space around it does not count.
    pub fn text<T: FromText>(&mut self, element: &Element) -> Option<Value<T>> {
        let text = trimmed(&element.text());
        self.value(&text, &format!("<{}>", element.name))
    }

    /// What stands between the tags of `element`, space, markup and all; or an expression.
    pub fn content<T: FromText>(&mut self, element: &Element) -> Option<Value<T>> {
        self.value(&element.content(), &format!("<{}>", element.name))
    }

    /// What stands between the tags of `element` where it is a template: with its named values, and with everything else
    /// between double braces left to the template. An expression is refused.
    pub fn template(&mut self, element: &Element) -> Option<Mapped> {
        let text = self.with_known_named_values(&element.content());
        if matches!(whole(text.text()), Whole::Expression { .. }) {
            self.wrong("PX0106", "An expression is not allowed here: a template is text.", text.whole_span());
            return None;
        }
        Some(text)
    }

    /// The texts of all children of this name.
    pub fn texts<T: FromText>(&mut self, element: &Element, name: &str) -> Option<Box<[Value<T>]>> {
        // Every child is read, so that every mistake is said.
        let all: Vec<_> = element.elements().filter(|child| child.name == name).map(|child| self.text(child)).collect();
        all.into_iter().collect()
    }

    /// The literal texts of all children of this name.
    pub fn literal_texts<T: FromText>(&mut self, element: &Element, name: &str) -> Option<Vec<T>> {
        let children = element.elements().filter(|child| child.name == name);
        let all: Vec<Option<T>> = children
            .map(|child| match self.text::<T>(child)? {
                Value::Literal(value) => Some(value),
                Value::Code(_) => {
                    self.wrong("PX0106", "An expression is not allowed here.", child.inner);
                    None
                }
            })
            .collect();
        all.into_iter().collect()
    }

    /// Any C# value: a literal is a string.
    pub fn any(&mut self, element: &Element, name: &str) -> Option<AnyValue> {
        let attribute = element.attribute(name)?;
        match self.said(&attribute.value.value)? {
            Said::Literal(text) => Some(AnyValue::Text(text.text().into())),
            Said::Code { code, form, span } => Expression::compile(&code, form, span, self).map(AnyValue::Code),
        }
    }

    fn value<T: FromText>(&mut self, text: &Mapped, what: &str) -> Option<Value<T>> {
        match self.said(text)? {
            Said::Literal(text) => self.parse(&text, what).map(Value::Literal),
            Said::Code { code, form, span } => Expression::compile(&code, form, span, self).map(Value::Code),
        }
    }

    fn parse<T: FromText>(&mut self, text: &Mapped, what: &str) -> Option<T> {
        match T::from_text(text.text()) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.wrong("PX0107", format!("{what}: {wrong}."), text.whole_span());
                None
            }
        }
    }
}

/// A value of any type.
#[derive(Debug)]
pub enum AnyValue {
    /// A string.
    Text(Arc<str>),
    /// An expression.
    Code(Expression),
}

impl AnyValue {
    /// The value.
    pub fn get(&self, exchange: &mut crate::Exchange) -> Result<csharp::Value, crate::Fault> {
        match self {
            Self::Text(text) => Ok(csharp::Value::str(&**text)),
            Self::Code(code) => code.evaluate(exchange),
        }
    }
}

fn what(attribute: &Attribute) -> String {
    format!("The value of {}", attribute.name)
}

fn trimmed(text: &Mapped) -> Mapped {
    let all = text.text();
    let start = all.len() - all.trim_start().len();
    // An empty text keeps its place.
    text.slice(start.min(all.trim_end().len())..all.trim_end().len())
}
