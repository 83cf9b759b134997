//! From text to a tree: `XDocument.Parse`, `XElement.Parse`.
//!
//! A document type is kept but not acted upon: nothing external is read and entities that it declares are unknown,
//! so no document can grow while it is read.

use std::collections::HashSet;
use std::rc::Rc;

use crate::chars::{described, in_name, is_blank, is_char, starts_name};
use crate::error::{Error, ErrorKind, Result};
use crate::grove::{Grove, Id, NONE};
use crate::node::{Content, Declaration, DocumentType, Element, Node, XObject};
use crate::{XML, XMLNS, XName};

/// How deep elements may nest. .NET has no limit but its stack.
pub const MAX_DEPTH: usize = 10_000;

/// How to read.
#[derive(Clone, Copy, Debug, Default)]
pub struct ParseOptions {
    /// `LoadOptions.PreserveWhitespace`: keep white space between tags.
    pub preserve_whitespace: bool,
}

impl XObject {
    /// `XDocument.Parse(text, options)`.
    pub fn parse_document(text: &str, options: ParseOptions) -> Result<XObject> {
        let nodes = Parser::new(text, options).document()?;
        Ok(XObject { grove: Grove::of(nodes), id: 0 })
    }

    /// `XElement.Parse(text, options)`: what surrounds the root element is dropped.
    pub fn parse_element(text: &str, options: ParseOptions) -> Result<XObject> {
        let mut nodes = Parser::new(text, options).document()?;
        let root = nodes[0].children().iter().copied().find(|id| nodes[*id as usize].is_element());
        let root = root.unwrap_or_default();
        nodes[root as usize].parent = NONE;
        if let Some(children) = nodes[0].children_mut() {
            children.clear();
        }
        Ok(XObject { grove: Grove::of(nodes), id: root })
    }
}

/// An element whose end tag is still to come.
struct Open<'a> {
    id: Id,
    /// The name as it is written, and where.
    name: &'a str,
    at: usize,
    /// How many namespace bindings there were before it.
    bindings: usize,
    preserve: bool,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    options: ParseOptions,
    nodes: Vec<Node>,
    open: Vec<Open<'a>>,
    bindings: Vec<(&'a str, Rc<str>)>,
    /// Names met so far: documents repeat them.
    names: HashSet<Rc<str>>,
    none: Rc<str>,
}

/// An attribute before its prefix is resolved.
struct Raw<'a> {
    at: usize,
    prefix: &'a str,
    local: &'a str,
    value: Rc<str>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, options: ParseOptions) -> Self {
        let document = Node { parent: NONE, content: Content::Document { declaration: None, children: Vec::new() } };
        let mut nodes = Vec::with_capacity(32);
        nodes.push(document);
        let none: Rc<str> = "".into();
        let bindings = vec![("xml", XML.into()), ("xmlns", XMLNS.into()), ("", Rc::clone(&none))];
        Parser { text, at: 0, options, nodes, open: Vec::new(), bindings, names: HashSet::new(), none }
    }

    fn document(mut self) -> Result<Vec<Node>> {
        self.eat("\u{FEFF}");
        if is_blank(self.text) {
            return Err(Error::new(ErrorKind::Xml, "Root element is missing."));
        }
        // The reader detects encodings on the first four characters and gives up on less.
        if self.text.len() < 4 {
            return Err(self.fail_at(0, "Data at the root level is invalid."));
        }
        if self.rest().starts_with("<?xml") && !self.rest()[5..].starts_with(in_name) {
            self.declaration()?;
        }
        let (mut rooted, mut typed) = (false, false);
        loop {
            self.skip_spaces();
            match self.rest().as_bytes() {
                [] if rooted => return Ok(self.nodes),
                [] => return Err(Error::new(ErrorKind::Xml, "Root element is missing.")),
                [b'<', b'?', ..] => self.processing_instruction(0)?,
                [b'<', b'!', b'-', b'-', ..] => self.comment(0)?,
                [b'<', b'!', b'D', ..] if self.rest().starts_with("<!DOCTYPE") => {
                    if typed {
                        return Err(self.fail("Cannot have multiple DTDs."));
                    }
                    if rooted {
                        return Err(self.fail("Unexpected DTD declaration."));
                    }
                    typed = true;
                    self.document_type()?;
                }
                [b'<', b'/', ..] => return Err(self.fail_at(self.at + 2, "Unexpected end tag.")),
                [b'<', b'!', ..] => return Err(self.fail("Data at the root level is invalid.")),
                [b'<', ..] if rooted => return Err(self.fail_at(self.at + 1, "There are multiple root elements.")),
                [b'<', ..] => {
                    rooted = true;
                    self.root()?;
                }
                _ => return Err(self.fail("Data at the root level is invalid.")),
            }
        }
    }

    /// The root element and all in it.
    fn root(&mut self) -> Result<()> {
        self.start_tag(0)?;
        while let Some(parent) = self.open.last().map(|open| open.id) {
            match self.rest().as_bytes() {
                [] => return Err(self.unclosed()),
                [b'<', b'/', ..] => self.end_tag()?,
                [b'<', b'?', ..] => self.processing_instruction(parent)?,
                [b'<', b'!', b'-', b'-', ..] => self.comment(parent)?,
                [b'<', b'!', ..] if self.rest().starts_with("<![CDATA[") => self.cdata(parent)?,
                [b'<', b'!', ..] => {
                    return Err(self.fail_at(
                        self.at + 2,
                        "'!' is an unexpected token. The expected token is '<!--' or '<[CDATA['.",
                    ));
                }
                [b'<', ..] => self.start_tag(parent)?,
                _ => self.text(parent)?,
            }
        }
        Ok(())
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn skip_spaces(&mut self) -> bool {
        let spaces = self.rest().bytes().take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.at += spaces;
        spaces > 0
    }

    fn add(&mut self, parent: Id, content: Content) -> Id {
        let id = self.nodes.len() as Id;
        self.nodes.push(Node { parent, content });
        let parent = &mut self.nodes[parent as usize];
        if let Content::Element(element) = &mut parent.content {
            element.empty = false;
        }
        parent.children_mut().into_iter().for_each(|children| children.push(id));
        id
    }

    fn intern(&mut self, name: &str) -> Rc<str> {
        if let Some(known) = self.names.get(name) {
            return Rc::clone(known);
        }
        let name: Rc<str> = name.into();
        self.names.insert(Rc::clone(&name));
        name
    }

    /// A name without a colon; `what` is parsed when the text ends.
    fn local_name(&mut self) -> Result<&'a str> {
        let rest = self.rest();
        match rest.chars().next() {
            None => return Err(self.fail("Unexpected end of file while parsing Name has occurred.")),
            Some(c) if !starts_name(c) => {
                let (c, hex) = described(c);
                return Err(self.fail(&format!("Name cannot begin with the '{c}' character, hexadecimal value {hex}.")));
            }
            Some(_) => {}
        }
        let length = rest.find(|c| !in_name(c)).unwrap_or(rest.len());
        self.at += length;
        if self.rest().is_empty() {
            return Err(self.fail("Unexpected end of file while parsing Name has occurred."));
        }
        Ok(&rest[..length])
    }

    fn qualified_name(&mut self) -> Result<(&'a str, &'a str)> {
        let first = self.local_name()?;
        if !self.eat(":") {
            return Ok(("", first));
        }
        let local = self.local_name()?;
        if self.peek() == Some(':') {
            return Err(self.fail("The ':' character, hexadecimal value 0x3A, cannot be included in a name."));
        }
        Ok((first, local))
    }

    fn start_tag(&mut self, parent: Id) -> Result<()> {
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

    fn token(&mut self, token: char, shown: &str) -> Result<()> {
        match self.peek() {
            Some(c) if c == token => {
                self.at += c.len_utf8();
                Ok(())
            }
            Some(c) => Err(self.fail(&format!("'{c}' is an unexpected token. The expected token is {shown}."))),
            None => Err(self.fail("Unexpected end of file has occurred.")),
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
    fn reference(&mut self) -> Result<char> {
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

    fn end_tag(&mut self) -> Result<()> {
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

    fn text(&mut self, parent: Id) -> Result<()> {
        let rest = self.rest();
        let end = rest.find(['<', '&', '\r']).unwrap_or(rest.len());
        let simple = !rest[end..].starts_with(['&', '\r']);
        let text: Rc<str> = if simple {
            self.verify_text(&rest[..end])?;
            self.at += end;
            rest[..end].into()
        } else {
            let mut text = String::new();
            loop {
                let rest = self.rest();
                let end = rest.find(['<', '&', '\r']).unwrap_or(rest.len());
                self.verify_text(&rest[..end])?;
                text.push_str(&rest[..end]);
                self.at += end;
                match self.peek() {
                    Some('&') => text.push(self.reference()?),
                    Some('\r') => {
                        self.at += 1;
                        self.eat("\n");
                        text.push('\n');
                    }
                    _ => break text.into(),
                }
            }
        };
        let preserve = self.options.preserve_whitespace || self.open.last().is_some_and(|open| open.preserve);
        if preserve || !is_blank(&text) {
            self.add(parent, Content::Text(text));
        }
        Ok(())
    }

    /// What follows `open` up to `close`, with line breaks normalised.
    fn delimited(&mut self, open: &str, close: &str) -> Option<&'a str> {
        let inside = self.text.get(self.at + open.len()..)?;
        let length = inside.find(close)?;
        self.at += open.len() + length + close.len();
        Some(&inside[..length])
    }

    fn cdata(&mut self, parent: Id) -> Result<()> {
        let start = self.at + 9;
        let Some(text) = self.delimited("<![CDATA[", "]]>") else {
            let end = self.text.len();
            return Err(self.fail_at(end, "Unexpected end of file while parsing CDATA has occurred."));
        };
        self.verify_at(text, start)?;
        self.add(parent, Content::CData(normalised(text)));
        Ok(())
    }

    fn comment(&mut self, parent: Id) -> Result<()> {
        let start = self.at + 4;
        let Some(text) = self.delimited("<!--", "-->") else {
            return Err(self.fail_at(start, "Unexpected end of file while parsing Comment has occurred."));
        };
        let dashes = text.find("--").or_else(|| text.ends_with('-').then(|| text.len() - 1));
        if let Some(dashes) = dashes {
            let message = "An XML comment cannot contain '--', and '-' cannot be the last character.";
            return Err(self.fail_at(start + dashes, message));
        }
        self.verify_at(text, start)?;
        self.add(parent, Content::Comment(normalised(text)));
        Ok(())
    }

    fn processing_instruction(&mut self, parent: Id) -> Result<()> {
        self.at += 2;
        let start = self.at;
        let target = self.local_name()?;
        if target == "xml" {
            let message = "Unexpected XML declaration. The XML declaration must be the first node in the document, and no whitespace characters are allowed to appear before it.";
            return Err(self.fail_at(start, message));
        }
        if target.eq_ignore_ascii_case("xml") {
            return Err(self.fail_at(start, &format!("'{target}' is an invalid name for processing instructions.")));
        }
        if !self.skip_spaces() && !self.rest().starts_with("?>") {
            let (c, hex) = described(self.peek().unwrap_or_default());
            return Err(
                self.fail(&format!("The '{c}' character, hexadecimal value {hex}, cannot be included in a name."))
            );
        }
        let start = self.at;
        let Some(data) = self.delimited("", "?>") else {
            return Err(self.fail_at(start, "Unexpected end of file while parsing PI has occurred."));
        };
        self.verify_at(data, start)?;
        self.add(parent, Content::ProcessingInstruction { target: target.into(), data: normalised(data) });
        Ok(())
    }

    fn declaration(&mut self) -> Result<()> {
        self.at += 5;
        let mut declaration = Declaration::default();
        let syntax = "Syntax for an XML declaration is invalid.";
        loop {
            let spaced = self.skip_spaces();
            if self.eat("?>") {
                break;
            }
            if !spaced {
                return Err(self.fail(syntax));
            }
            let at = self.at;
            let name = self.local_name()?;
            self.skip_spaces();
            self.token('=', "'='")?;
            self.skip_spaces();
            let quote = self.peek().filter(|c| matches!(c, '"' | '\'')).ok_or_else(|| self.fail(syntax))?;
            self.at += 1;
            let value_at = self.at;
            let length = self.rest().find(quote).ok_or_else(|| self.fail("There is an unclosed literal string."))?;
            let value = &self.rest()[..length];
            self.at += length + 1;
            let slot = match (name, &declaration.version) {
                ("version", None) => {
                    if value != "1.0" {
                        return Err(self.fail_at(value_at, &format!("Version number '{value}' is invalid.")));
                    }
                    &mut declaration.version
                }
                ("encoding", Some(_)) if declaration.encoding.is_none() && declaration.standalone.is_none() => {
                    &mut declaration.encoding
                }
                ("standalone", Some(_)) if matches!(value, "yes" | "no") => &mut declaration.standalone,
                _ => return Err(self.fail_at(at, syntax)),
            };
            *slot = Some(value.into());
        }
        if declaration.version.is_none() {
            return Err(self.fail_at(self.at.saturating_sub(2), syntax));
        }
        if let Content::Document { declaration: slot, .. } = &mut self.nodes[0].content {
            *slot = Some(declaration);
        }
        Ok(())
    }

    fn document_type(&mut self) -> Result<()> {
        self.at += "<!DOCTYPE".len();
        if !self.skip_spaces() {
            let shown = self.peek().unwrap_or_default();
            return Err(self.fail(&format!("'{shown}' is an unexpected token. Expecting whitespace.")));
        }
        let start = self.at;
        self.qualified_name()?;
        let name = self.text[start..self.at].into();
        let mut found = DocumentType { name, internal_subset: Some("".into()), ..DocumentType::default() };
        self.skip_spaces();
        if self.eat("PUBLIC") {
            found.public_id = Some(self.literal()?);
            found.system_id = Some(self.literal()?);
        } else if self.eat("SYSTEM") {
            found.system_id = Some(self.literal()?);
        }
        self.skip_spaces();
        if self.eat("[") {
            let subset = self.rest();
            let length = subset_length(subset)
                .ok_or_else(|| self.fail("Unexpected end of file while parsing DTD has occurred."))?;
            found.internal_subset = Some(subset[..length].into());
            self.at += length + 1;
            self.skip_spaces();
        }
        self.token('>', "'>'")?;
        self.add(0, Content::DocumentType(Box::new(found)));
        Ok(())
    }

    fn literal(&mut self) -> Result<Rc<str>> {
        self.skip_spaces();
        let quote = match self.peek() {
            Some(c @ ('"' | '\'')) => c,
            Some(c) => {
                return Err(self.fail(&format!("'{c}' is an unexpected token. The expected token is '\"' or '''.")));
            }
            None => return Err(self.fail("Unexpected end of file while parsing DTD has occurred.")),
        };
        self.at += 1;
        let rest = self.rest();
        let length = rest.find(quote).ok_or_else(|| self.fail("There is an unclosed literal string."))?;
        self.at += length + 1;
        Ok(rest[..length].into())
    }

    fn verify_text(&self, text: &str) -> Result<()> {
        if let Some(at) = text.find("]]>") {
            return Err(self.fail_at(self.at + at, "']]>' is not allowed in character data."));
        }
        self.verify(text)
    }

    fn verify(&self, text: &str) -> Result<()> {
        self.verify_at(text, self.at)
    }

    fn verify_at(&self, text: &str, start: usize) -> Result<()> {
        match text.char_indices().find(|(_, c)| !is_char(*c)) {
            None => Ok(()),
            Some((at, c)) => Err(self.invalid(c, start + at)),
        }
    }

    fn check(&self, c: char) -> Result<()> {
        if is_char(c) { Ok(()) } else { Err(self.invalid(c, self.at)) }
    }

    fn invalid(&self, c: char, at: usize) -> Error {
        let (c, hex) = described(c);
        self.fail_at(at, &format!("'{c}', hexadecimal value {hex}, is an invalid character."))
    }

    fn unclosed(&self) -> Error {
        let names: Vec<_> = self.open.iter().rev().map(|open| open.name).collect();
        let stop = if names.is_empty() { "" } else { "." };
        let names = names.join(", ");
        self.fail_at(
            self.text.len(),
            &format!("Unexpected end of file has occurred. The following elements are not closed: {names}{stop}"),
        )
    }

    fn fail(&self, message: &str) -> Error {
        self.fail_at(self.at, message)
    }

    fn fail_at(&self, at: usize, message: &str) -> Error {
        let (line, position) = self.place(at);
        let message = format!("{message} Line {line}, position {position}.");
        Error { kind: ErrorKind::Xml, message, line, position }
    }

    /// Line and column of an offset, both from 1, columns in UTF-16 units.
    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at.min(self.text.len())).unwrap_or(self.text);
        let breaks = before.bytes().filter(|b| *b == b'\n' || *b == b'\r').count() - before.matches("\r\n").count();
        let line_start = before.rfind(['\n', '\r']).map_or(0, |i| i + 1);
        (breaks + 1, before[line_start..].encode_utf16().count() + 1)
    }
}

fn normalised(text: &str) -> Rc<str> {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() }
}

/// How long an internal subset is: brackets in literals and comments do not count.
fn subset_length(subset: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = subset.get(at..)?;
        let next = rest.find(['"', '\'', ']', '<'])?;
        at += next;
        let rest = &rest[next..];
        at += match rest.chars().next()? {
            ']' => return Some(at),
            '<' if rest.starts_with("<!--") => rest.find("-->")? + 3,
            '<' => 1,
            quote => rest[1..].find(quote)? + 2,
        };
    }
}
