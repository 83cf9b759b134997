//! Text, and what else may stand between tags.

use std::rc::Rc;

use super::Parser;
use crate::chars::{described, is_blank};
use crate::error::Result;
use crate::grove::Id;
use crate::node::Content;

impl<'a> Parser<'a> {
    pub(super) fn text(&mut self, parent: Id) -> Result<()> {
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

    pub(super) fn cdata(&mut self, parent: Id) -> Result<()> {
        let start = self.at + 9;
        let Some(text) = self.delimited("<![CDATA[", "]]>") else {
            let end = self.text.len();
            return Err(self.fail_at(end, "Unexpected end of file while parsing CDATA has occurred."));
        };
        self.verify_at(text, start)?;
        self.add(parent, Content::CData(normalised(text)));
        Ok(())
    }

    pub(super) fn comment(&mut self, parent: Id) -> Result<()> {
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

    pub(super) fn processing_instruction(&mut self, parent: Id) -> Result<()> {
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

    /// What follows `open` up to `close`, with line breaks normalised.
    fn delimited(&mut self, open: &str, close: &str) -> Option<&'a str> {
        let inside = self.text.get(self.at + open.len()..)?;
        let length = inside.find(close)?;
        self.at += open.len() + length + close.len();
        Some(&inside[..length])
    }
}

fn normalised(text: &str) -> Rc<str> {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() }
}
