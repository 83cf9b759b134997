//! Tags, their attributes and namespaces.

use std::collections::HashSet;
use std::rc::Rc;

use super::{MAX_DEPTH, Open, Parser};
use crate::chars::{described, in_name, is_char, starts_name};
use crate::error::Result;
use crate::grove::Id;
use crate::node::{Content, Element, Node};
use crate::{XML, XMLNS, XName};

/// An attribute before its prefix is resolved.
struct Raw<'a> {
    at: usize,
    prefix: &'a str,
    local: &'a str,
    value: Rc<str>,
}

impl<'a> Parser<'a> {
    pub(super) fn start_tag(&mut self, parent: Id) -> Result<()> {
        self.at += 1;
        let at = self.at;
        let (prefix, local) = self.qualified_name()?;
        let name = &self.text[at..self.at];
        let attributes = self.raw_attributes()?;
        let bindings = self.bindings.len();
        for attribute in &attributes {
            self.bind(attribute)?;
        }
        let namespace = self.resolve(prefix, at)?;
        let name_of = XName { namespace, local: self.intern(local) };
        let element = Element { name: name_of, attributes: Vec::new(), children: Vec::new(), empty: true };
        let id = self.add(parent, Content::Element(element));
        let space =
            attributes.iter().find(|a| a.prefix == "xml" && a.local == "space").map(|a| &*a.value == "preserve");
        self.attributes(id, attributes)?;
        let preserve = space.unwrap_or_else(|| self.open.last().is_some_and(|open| open.preserve));
        if self.eat("/") {
            return match self.peek() {
                Some('>') => {
                    self.at += 1;
                    self.bindings.truncate(bindings);
                    Ok(())
                }
                Some(c) => Err(self.fail(&format!("'{c}' is an unexpected token. The expected token is '>'."))),
                None => Err(self.unclosed()),
            };
        }
        self.at += 1;
        // Until something comes, `<a></a>` is not the same as `<a />`.
        if let Content::Element(element) = &mut self.nodes[id as usize].content {
            element.empty = false;
        }
        self.open.push(Open { id, name, at, bindings, preserve });
        if self.open.len() > MAX_DEPTH {
            return Err(self.fail(&format!("Elements are nested deeper than {MAX_DEPTH}.")));
        }
        Ok(())
    }

    pub(super) fn end_tag(&mut self) -> Result<()> {
        let at = self.at + 2;
        let rest = self.text.get(at..).unwrap_or_default();
        let end = rest.find(|c| !(in_name(c) || c == ':')).unwrap_or(rest.len());
        if end == rest.len() {
            self.at = self.text.len();
            return Err(self.unclosed());
        }
        let name = &rest[..end];
        let Some(open) = self.open.last() else { return Err(self.fail_at(at, "Unexpected end tag.")) };
        if open.name != name {
            let (line, position) = self.place(open.at);
            let message = format!(
                "The '{}' start tag on line {line} position {position} does not match the end tag of '{name}'.",
                open.name
            );
            return Err(self.fail_at(at, &message));
        }
        self.bindings.truncate(open.bindings);
        self.at = at + end;
        self.skip_spaces();
        if self.rest().is_empty() {
            return Err(self.unclosed());
        }
        self.open.pop();
        self.token('>', "'>'")
    }

    /// All attributes up to `>` or `/`.
    fn raw_attributes(&mut self) -> Result<Vec<Raw<'a>>> {
        let mut attributes: Vec<Raw<'a>> = Vec::new();
        loop {
            let spaced = self.skip_spaces();
            let c = match self.peek() {
                None => return Err(self.unclosed()),
                Some('>' | '/') => return Ok(attributes),
                Some(c) => c,
            };
            if !spaced {
                let expected = if attributes.is_empty() && !starts_name(c) {
                    let (c, hex) = described(c);
                    format!("The '{c}' character, hexadecimal value {hex}, cannot be included in a name.")
                } else {
                    format!("'{c}' is an unexpected token. Expecting whitespace.")
                };
                return Err(self.fail(&expected));
            }
            let at = self.at;
            let (prefix, local) = self.qualified_name()?;
            self.skip_spaces();
            self.token('=', "'='")?;
            self.skip_spaces();
            let quote = match self.peek() {
                Some(c @ ('"' | '\'')) => c,
                Some(c) => {
                    return Err(self.fail(&format!("'{c}' is an unexpected token. The expected token is '\"' or '''.")));
                }
                None => return Err(self.fail("Unexpected end of file has occurred.")),
            };
            if prefix == "xmlns" && self.rest()[1..].starts_with(quote) {
                return Err(self.fail("Invalid namespace declaration."));
            }
            self.at += 1;
            let value = self.attribute_value(quote)?;
            attributes.push(Raw { at, prefix, local, value });
        }
    }

    fn attribute_value(&mut self, quote: char) -> Result<Rc<str>> {
        let rest = self.rest();
        let end = rest.find([quote, '&', '<', '\r', '\n', '\t']);
        if let Some(end) = end.filter(|end| rest[*end..].starts_with(quote)) {
            self.verify(&rest[..end])?;
            self.at += end + 1;
            return Ok(rest[..end].into());
        }
        let mut value = String::new();
        loop {
            let Some(c) = self.peek() else { return Err(self.fail("There is an unclosed literal string.")) };
            match c {
                c if c == quote => {
                    self.at += 1;
                    return Ok(value.into());
                }
                '<' => return Err(self.fail("'<', hexadecimal value 0x3C, is an invalid attribute character.")),
                '&' => value.push(self.reference()?),
                '\r' => {
                    self.at += 1;
                    self.eat("\n");
                    value.push(' ');
                }
                '\n' | '\t' => {
                    self.at += 1;
                    value.push(' ');
                }
                c => {
                    self.check(c)?;
                    self.at += c.len_utf8();
                    value.push(c);
                }
            }
        }
    }

    /// A character or predefined entity reference.
    pub(super) fn reference(&mut self) -> Result<char> {
        self.at += 1;
        let start = self.at;
        if self.eat("#") {
            return self.character_reference();
        }
        if !self.peek().is_some_and(starts_name) {
            return Err(self.fail("An error occurred while parsing EntityName."));
        }
        let name = self.local_name()?;
        self.token(';', "';'")?;
        match name {
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "amp" => Ok('&'),
            "quot" => Ok('"'),
            "apos" => Ok('\''),
            _ => Err(self.fail_at(start, &format!("Reference to undeclared entity '{name}'."))),
        }
    }

    fn character_reference(&mut self) -> Result<char> {
        let (radix, kind) = if self.eat("x") { (16, "hexadecimal") } else { (10, "decimal") };
        let start = self.at;
        let digits = self.rest().bytes().take_while(|b| char::from(*b).is_digit(radix)).count();
        let number = u32::from_str_radix(&self.rest()[..digits], radix);
        self.at += digits;
        if digits == 0 || self.peek() != Some(';') {
            return Err(self.fail(&format!("Invalid syntax for a {kind} numeric entity reference.")));
        }
        self.at += 1;
        match number.ok().and_then(char::from_u32) {
            Some(c) if is_char(c) => Ok(c),
            c => {
                let (c, hex) = described(c.unwrap_or_default());
                Err(self.fail_at(start, &format!("'{c}', hexadecimal value {hex}, is an invalid character.")))
            }
        }
    }

    /// Takes a namespace declaration into account.
    fn bind(&mut self, attribute: &Raw<'a>) -> Result<()> {
        let uri = &*attribute.value;
        let prefix = match (attribute.prefix, attribute.local) {
            ("", "xmlns") => "",
            ("xmlns", prefix) => prefix,
            _ => return Ok(()),
        };
        let reserved = |name: &str, uri: &str| {
            format!("Prefix \"{name}\" is reserved for use by XML and can be mapped only to namespace name \"{uri}\".")
        };
        let problem = match (prefix, uri) {
            ("xml", XML) => None,
            ("xml", _) => Some(reserved("xml", XML)),
            (_, XML) => Some(reserved("xml", XML)),
            ("xmlns", _) => Some("Prefix \"xmlns\" is reserved for use by XML.".to_owned()),
            (_, XMLNS) => Some("Prefix \"xmlns\" is reserved for use by XML.".to_owned()),
            _ => None,
        };
        if let Some(problem) = problem {
            return Err(self.fail_at(attribute.at, &problem));
        }
        self.bindings.push((prefix, Rc::clone(&attribute.value)));
        Ok(())
    }

    fn resolve(&self, prefix: &str, at: usize) -> Result<Rc<str>> {
        let known = self.bindings.iter().rev().find(|(known, _)| *known == prefix);
        known
            .map(|(_, uri)| Rc::clone(uri))
            .ok_or_else(|| self.fail_at(at, &format!("'{prefix}' is an undeclared prefix.")))
    }

    fn attributes(&mut self, element: Id, raw: Vec<Raw<'a>>) -> Result<()> {
        let many = raw.len() > 16;
        let mut seen = HashSet::new();
        let mut ids: Vec<Id> = Vec::with_capacity(raw.len());
        for attribute in raw {
            let namespace = if attribute.prefix.is_empty() {
                Rc::clone(&self.none)
            } else {
                self.resolve(attribute.prefix, attribute.at)?
            };
            let name = XName { namespace, local: self.intern(attribute.local) };
            let duplicate = if many {
                !seen.insert(name.clone())
            } else {
                ids.iter().any(|id| self.nodes[*id as usize].name() == Some(&name))
            };
            if duplicate {
                let shown = if attribute.prefix.is_empty() {
                    attribute.local.to_owned()
                } else {
                    format!("{}:{}", attribute.prefix, attribute.local)
                };
                return Err(self.fail_at(attribute.at, &format!("'{shown}' is a duplicate attribute name.")));
            }
            ids.push(self.nodes.len() as Id);
            self.nodes.push(Node { parent: element, content: Content::Attribute(name, attribute.value) });
        }
        if let Content::Element(element) = &mut self.nodes[element as usize].content {
            element.attributes = ids;
        }
        Ok(())
    }
}
