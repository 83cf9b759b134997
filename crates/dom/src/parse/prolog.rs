//! What stands before the root element: declaration and document type.

use std::rc::Rc;

use super::Parser;
use crate::error::Result;
use crate::node::{Content, Declaration, DocumentType};

impl Parser<'_> {
    pub(super) fn declaration(&mut self) -> Result<()> {
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

    pub(super) fn document_type(&mut self) -> Result<()> {
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
