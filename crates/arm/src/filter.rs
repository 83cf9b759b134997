//! `$filter`: the part of OData that the contract uses.
//!
//! Text compares without case, as names do everywhere in this API. A field is a path (`properties/displayName`); one
//! that the resource itself does not have is looked for in its `properties`, since callers write both forms.

use std::cmp::Ordering;

use serde_json::Value;

use crate::{Code, Error, Result};

/// How deep parentheses may nest: a filter comes from outside.
const DEEPEST: usize = 32;

/// A filter that was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Node);

impl Filter {
    /// Reads a filter; the refusal says what was expected and at which character.
    pub fn parse(text: &str) -> Result<Self> {
        let mut parser = Parser { text, at: 0, depth: 0 };
        let node = parser.or()?;
        match parser.peek() {
            None => Ok(Self(node)),
            Some(_) => Err(parser.expected("the end, 'and' or 'or'")),
        }
    }

    /// Whether `resource` is one of those meant.
    pub fn accepts(&self, resource: &Value) -> bool {
        self.0.holds(resource)
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Compare(Field, Relation, Value),
    Call(Function, Field, String),
    Is(Field),
}

#[derive(Clone, Debug, PartialEq)]
struct Field(Vec<String>);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Relation {
    Eq,
    Ne,
    Gt,
    Lt,
    Ge,
    Le,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Function {
    Contains,
    StartsWith,
    EndsWith,
}

impl Node {
    fn holds(&self, resource: &Value) -> bool {
        match self {
            Self::And(left, right) => left.holds(resource) && right.holds(resource),
            Self::Or(left, right) => left.holds(resource) || right.holds(resource),
            Self::Not(inner) => !inner.holds(resource),
            Self::Is(field) => field.of(resource) == &Value::Bool(true),
            Self::Compare(field, relation, literal) => {
                let order = compare(field.of(resource), literal);
                match relation {
                    Relation::Eq => order == Some(Ordering::Equal),
                    Relation::Ne => order != Some(Ordering::Equal),
                    Relation::Gt => order == Some(Ordering::Greater),
                    Relation::Lt => order == Some(Ordering::Less),
                    Relation::Ge => order.is_some_and(Ordering::is_ge),
                    Relation::Le => order.is_some_and(Ordering::is_le),
                }
            }
            Self::Call(function, field, part) => {
                let Value::String(text) = field.of(resource) else { return false };
                let (text, part) = (text.to_lowercase(), part.to_lowercase());
                match function {
                    Function::Contains => text.contains(&part),
                    Function::StartsWith => text.starts_with(&part),
                    Function::EndsWith => text.ends_with(&part),
                }
            }
        }
    }
}

impl Field {
    fn of<'a>(&self, resource: &'a Value) -> &'a Value {
        let walk = |from: &'a Value| {
            self.0.iter().try_fold(from, |value, step| {
                value.as_object()?.iter().find(|(name, _)| name.eq_ignore_ascii_case(step)).map(|(_, value)| value)
            })
        };
        walk(resource).or_else(|| resource.get("properties").and_then(walk)).unwrap_or(&Value::Null)
    }
}

fn compare(value: &Value, literal: &Value) -> Option<Ordering> {
    match (value, literal) {
        (Value::String(a), Value::String(b)) => match (crate::parse_time(a), crate::parse_time(b)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => Some(a.to_lowercase().cmp(&b.to_lowercase())),
        },
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        _ => None,
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn or(&mut self) -> Result<Node> {
        let mut node = self.and()?;
        while self.word("or") {
            node = Node::Or(Box::new(node), Box::new(self.and()?));
        }
        Ok(node)
    }

    fn and(&mut self) -> Result<Node> {
        let mut node = self.term()?;
        while self.word("and") {
            node = Node::And(Box::new(node), Box::new(self.term()?));
        }
        Ok(node)
    }

    fn term(&mut self) -> Result<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.expected("fewer nested parentheses"));
        }
        let node = if self.word("not") {
            Node::Not(Box::new(self.term()?))
        } else if self.sign('(') {
            let node = self.or()?;
            self.require(')')?;
            node
        } else {
            self.predicate()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn predicate(&mut self) -> Result<Node> {
        let name = self.name().ok_or_else(|| self.expected("a field or a function"))?;
        let function = match name.to_ascii_lowercase().as_str() {
            "contains" | "substringof" => Some(Function::Contains),
            "startswith" => Some(Function::StartsWith),
            "endswith" => Some(Function::EndsWith),
            _ => None,
        };
        if let Some(function) = function.filter(|_| self.peek() == Some('(')) {
            return self.call(function, name.eq_ignore_ascii_case("substringof"));
        }
        let field = Field(name.split('/').map(str::to_owned).collect());
        let Some(relation) = self.relation() else { return Ok(Node::Is(field)) };
        Ok(Node::Compare(field, relation, self.literal()?))
    }

    /// `contains(field,'part')`, or the older `substringof('part',field)`.
    fn call(&mut self, function: Function, part_first: bool) -> Result<Node> {
        let field = |parser: &mut Self| {
            let name = parser.name().ok_or_else(|| parser.expected("a field"))?;
            Ok(Field(name.split('/').map(str::to_owned).collect()))
        };
        let part = |parser: &mut Self| match parser.literal()? {
            Value::String(text) => Ok(text),
            _ => Err(parser.expected("a text in single quotes")),
        };
        self.require('(')?;
        let node = if part_first {
            let part = part(self)?;
            self.require(',')?;
            Node::Call(function, field(self)?, part)
        } else {
            let field = field(self)?;
            self.require(',')?;
            Node::Call(function, field, part(self)?)
        };
        self.require(')')?;
        // `substringof('a', name) eq true` says nothing more.
        if self.word("eq") && self.literal()? != Value::Bool(true) {
            return Ok(Node::Not(Box::new(node)));
        }
        Ok(node)
    }

    fn relation(&mut self) -> Option<Relation> {
        const ALL: [(&str, Relation); 6] = [
            ("eq", Relation::Eq),
            ("ne", Relation::Ne),
            ("gt", Relation::Gt),
            ("lt", Relation::Lt),
            ("ge", Relation::Ge),
            ("le", Relation::Le),
        ];
        ALL.into_iter().find(|(word, _)| self.word(word)).map(|(_, relation)| relation)
    }

    fn literal(&mut self) -> Result<Value> {
        if self.peek() == Some('\'') {
            return self.quoted().map(Value::String);
        }
        let word = self.name().ok_or_else(|| self.expected("a value"))?;
        match word {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "null" => Ok(Value::Null),
            "datetime" if self.peek() == Some('\'') => self.quoted().map(Value::String),
            _ => match serde_json::from_str::<Value>(word) {
                Ok(number @ Value::Number(_)) => Ok(number),
                _ if crate::parse_time(word).is_some() => Ok(Value::String(word.to_owned())),
                _ => Err(self.expected("a text in single quotes, a number, an instant, true, false or null")),
            },
        }
    }

    /// A text in single quotes; a doubled quote stands for one.
    fn quoted(&mut self) -> Result<String> {
        self.require('\'')?;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(end) = rest.find('\'') else { return Err(self.expected("a closing quote")) };
            text.push_str(&rest[..end]);
            self.at += end + 1;
            if !self.rest().starts_with('\'') {
                return Ok(text);
            }
            text.push('\'');
            self.at += 1;
        }
    }

    fn name(&mut self) -> Option<&'a str> {
        self.peek()?;
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "/_-.:+".contains(c))).unwrap_or(rest.len());
        self.at += end;
        (end > 0).then(|| &rest[..end])
    }

    fn word(&mut self, word: &str) -> bool {
        let before = self.at;
        if self.name().is_some_and(|name| name.eq_ignore_ascii_case(word)) {
            return true;
        }
        self.at = before;
        false
    }

    fn sign(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(sign);
        self.at += if found { sign.len_utf8() } else { 0 };
        found
    }

    fn require(&mut self, sign: char) -> Result<()> {
        if self.sign(sign) { Ok(()) } else { Err(self.expected(&format!("'{sign}'"))) }
    }

    /// The next character that is not a space.
    fn peek(&mut self) -> Option<char> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        self.rest().chars().next()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn expected(&self, what: &str) -> Error {
        let column = self.text[..self.at].chars().count() + 1;
        Error::new(Code::InvalidFilter, format!("The $filter is not valid: expected {what} at character {column}."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn accepts(filter: &str) -> bool {
        let resource = json!({ "name": "echo", "properties": {
            "displayName": "It's Echo", "isCurrent": true, "count": 5, "createdDate": "2026-05-01T00:00:00Z" } });
        Filter::parse(filter).unwrap().accepts(&resource)
    }

    #[test]
    fn fields_are_found_with_and_without_properties() {
        assert!(accepts("properties/displayName eq 'it''s echo'"));
        assert!(accepts("displayName eq 'It''s Echo' and name ne 'x'"));
        assert!(accepts("isCurrent"));
        assert!(accepts("missing eq null"));
        assert!(!accepts("missing eq 'a'"));
    }

    #[test]
    fn relations_and_functions_mean_what_odata_says() {
        assert!(accepts("count gt 4 and count le 5"));
        assert!(accepts("createdDate lt 2027-01-01T00:00:00Z"));
        assert!(accepts("createdDate ge datetime'2026-05-01'"));
        assert!(accepts("contains(properties/displayName, 'echo') and startswith(name,'e') and endswith(name,'ho')"));
        assert!(accepts("substringof('ch',name)"));
        assert!(accepts("not (name eq 'x' or name eq 'y')"));
        assert!(accepts("name eq 'x' and name eq 'y' or isCurrent eq true"));
    }

    #[test]
    fn a_refusal_names_the_place() {
        let message = |filter| Filter::parse(filter).unwrap_err().message;
        assert_eq!(message("name eq"), "The $filter is not valid: expected a value at character 8.");
        assert_eq!(message("name eq 'a"), "The $filter is not valid: expected a closing quote at character 10.");
        let deep = "(".repeat(100);
        assert!(message(&deep).contains("fewer nested parentheses"));
        assert!(message("").contains("a field or a function"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = Filter::parse(&text);
        }

        #[test]
        fn no_sequence_of_words_makes_it_panic(words in proptest::collection::vec("name|eq|not|\\(|\\)|'a'|and|or|contains|,|5", 0..20)) {
            let _ = Filter::parse(&words.join(" "));
        }
    }
}
