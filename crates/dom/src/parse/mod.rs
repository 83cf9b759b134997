//! From text to a tree: `XDocument.Parse`, `XElement.Parse`.
//!
//! A document type is kept but not acted upon: nothing external is read and entities that it declares are unknown,
//! so no document can grow while it is read.

mod content;
mod element;
mod fault;
mod prolog;

use std::collections::HashSet;
use std::rc::Rc;

use crate::chars::{described, in_name, is_blank, starts_name};
use crate::error::{Error, ErrorKind, Result};
use crate::grove::{Grove, Id, NONE};
use crate::node::{Content, Node, XObject};
use crate::{XML, XMLNS};

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
}
