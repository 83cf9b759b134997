//! Reads a document into a tree. Collects everything that is wrong and never stops at the first.

use base::{Diagnostic, Span, has_errors};

use crate::{
    Attribute, DEPTH_LIMIT, Element, Format, Mapped, Node, Text,
    entity::entity,
    scan::{self, form},
};

/// What came of reading a document.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The tree, as far as there is one: it may be there although something is wrong.
    pub root: Option<Element>,
    /// Everything that is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Pieces that are text although XML would not have it so, each with what XML wants.
    pub(crate) loose: Vec<(Span, &'static str)>,
    /// The expressions; `true` for those in attributes.
    pub(crate) expressions: Vec<(Text, bool)>,
}

/// Attributes that hold distinguished names, whose parts documents put in raw quotes: `O="Contoso, Ltd."`.
const NAMES: &[&str] = &["issuer-subject", "subject"];

impl Reading {
    /// Whether the document must be refused.
    pub fn is_broken(&self) -> bool {
        self.root.is_none() || has_errors(&self.diagnostics)
    }
}

/// Reads `source`, which may be at most `limit` bytes long.
pub fn read(source: &str, format: Format, limit: usize) -> Reading {
    let mut reader = Reader {
        source,
        format,
        at: 0,
        diagnostics: Vec::new(),
        loose: Vec::new(),
        expressions: Vec::new(),
        hinted: false,
    };
    if source.len() > limit {
        let message = format!("The document is {} bytes long; at most {limit} are allowed.", source.len());
        reader.diagnostics.push(Diagnostic::error("PX0020", message, Span::default()));
    }
    let root = if reader.diagnostics.is_empty() { reader.document() } else { None };
    let Reader { mut diagnostics, loose, expressions, .. } = reader;
    for diagnostic in &mut diagnostics {
        diagnostic.span = whole_characters(source, diagnostic.span);
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    Reading { root, diagnostics, loose, expressions }
}

/// The span, widened to whole characters.
fn whole_characters(source: &str, span: Span) -> Span {
    Span::new(
        source.floor_char_boundary(span.start as usize) as u32,
        source.ceil_char_boundary(span.end as usize) as u32,
    )
}

/// How far behind a quote the next attribute may begin for it to be a likely end.
const NEXT_ATTRIBUTE: usize = 300;

struct Reader<'a> {
    source: &'a str,
    format: Format,
    at: usize,
    diagnostics: Vec<Diagnostic>,
    loose: Vec<(Span, &'static str)>,
    expressions: Vec<(Text, bool)>,
    /// Whether the note about `rawxml` was given.
    hinted: bool,
}

/// An element whose end tag is still to come.
struct Open {
    element: Element,
}

impl Open {
    /// Ends it, and gives it to the element around it.
    fn close(self, inner_end: usize, end: usize, stack: &mut [Open], root: &mut Option<Element>) {
        let mut element = self.element;
        element.inner.end = inner_end as u32;
        element.span.end = end as u32;
        match stack.last_mut() {
            Some(parent) => parent.element.children.push(Node::Element(element)),
            None if root.is_none() => *root = Some(element),
            None => {}
        }
    }
}

impl Reader<'_> {
    fn document(&mut self) -> Option<Element> {
        self.eat("\u{feff}");
        let mut root = None;
        let mut open: Vec<Open> = Vec::new();
        while self.at < self.source.len() {
            if self.rest().starts_with("<!--") {
                let comment = self.comment();
                if let Some(open) = open.last_mut() {
                    open.element.children.push(Node::Comment(comment));
                }
            } else if self.rest().starts_with("<![CDATA[") {
                let text = self.cdata();
                self.place_text(text, &mut open);
            } else if self.rest().starts_with("<?") {
                self.skip_past("?>", "PX0002", "The processing instruction has no end.");
            } else if self.rest().starts_with("<!") {
                let start = self.at;
                self.skip_past(">", "PX0002", "The declaration has no end.");
                self.error("PX0003", "A document type is not allowed in a policy document.", start, self.at);
            } else if self.rest().starts_with("</") {
                self.end_tag(&mut open, &mut root);
            } else if self.begins_tag() {
                self.start_tag(&mut open, &mut root)?;
            } else {
                let text = self.text(open.last().map(|open| open.element.name.clone()).as_deref());
                self.place_text(text, &mut open);
            }
        }
        while let Some(last) = open.pop() {
            let span = last.element.name_span;
            self.diagnostics.push(Diagnostic::error(
                "PX0004",
                format!("<{}> has no end tag.", last.element.name),
                span,
            ));
            last.close(self.source.len(), self.source.len(), &mut open, &mut root);
        }
        if root.is_none() && self.diagnostics.is_empty() {
            self.error("PX0005", "The document has no element.", 0, self.source.len());
        }
        root
    }

    /// Reads `<name attr="…">`. `None` where the document nests too deep to go on.
    fn start_tag(&mut self, open: &mut Vec<Open>, root: &mut Option<Element>) -> Option<()> {
        let start = self.at;
        self.at += 1;
        let (name, name_span) = self.name();
        if open.is_empty() && root.is_some() {
            self.error("PX0006", format!("<{name}> stands behind the end of the document."), start, self.at);
        }
        if open.len() >= DEPTH_LIMIT {
            self.error("PX0007", format!("Elements nest deeper than {DEPTH_LIMIT}."), start, self.at);
            return None;
        }
        let mut element = Element {
            name,
            name_span,
            span: span(start, start),
            inner: Span::default(),
            attributes: Vec::new(),
            children: Vec::new(),
        };
        loop {
            let before = self.at;
            self.skip_space();
            if self.eat("/>") {
                element.inner = span(self.at, self.at);
                let at = self.at;
                Open { element }.close(at, at, open, root);
                return Some(());
            }
            if self.eat(">") {
                element.inner = span(self.at, self.at);
                open.push(Open { element });
                return Some(());
            }
            if self.at >= self.source.len() || self.rest().starts_with('<') {
                self.error("PX0008", format!("The tag <{}> is not closed with `>`.", element.name), start, self.at);
                element.inner = span(self.at, self.at);
                open.push(Open { element });
                return Some(());
            }
            if !self.rest().starts_with(is_name_start) {
                let from = self.at;
                self.at += self
                    .rest()
                    .find(|c: char| c.is_whitespace() || "<>/".contains(c))
                    .unwrap_or(self.rest().len())
                    .max(1);
                while !self.source.is_char_boundary(self.at) {
                    self.at += 1;
                }
                self.hint("PX0009", "An attribute must look like name=\"value\".", from, self.at);
                continue;
            }
            if self.at == before && !element.attributes.is_empty() {
                self.hint("PX0010", "There must be a space between two attributes.", self.at, self.at + 1);
            }
            if let Some(attribute) = self.attribute() {
                if let Some(first) = element.attribute(&attribute.name) {
                    let message = format!("The attribute {} of <{}> is given twice.", first.name, element.name);
                    self.diagnostics.push(Diagnostic::error("PX0011", message, attribute.name_span));
                } else {
                    element.attributes.push(attribute);
                }
            }
        }
    }

    fn attribute(&mut self) -> Option<Attribute> {
        let (name, name_span) = self.name();
        self.skip_space();
        if !self.eat("=") {
            self.hint("PX0009", format!("The attribute {name} has no value."), name_span.start as usize, self.at);
            return None;
        }
        self.skip_space();
        let quote = match self.rest().as_bytes().first() {
            Some(b'"') => '"',
            Some(b'\'') => '\'',
            _ => {
                let from = self.at;
                let length = self.rest().find(|c: char| c.is_whitespace() || "<>/".contains(c));
                self.at += length.unwrap_or(self.rest().len());
                self.error("PX0012", format!("The value of {name} must stand in quotes."), from, self.at.max(from + 1));
                return None;
            }
        };
        self.at += 1;
        let value = self.attribute_value(&name, quote)?;
        Some(Attribute { name, name_span, value })
    }

    fn attribute_value(&mut self, name: &str, quote: char) -> Option<Text> {
        let start = self.at;
        if self.format == Format::RawXml {
            let lead = self.rest().len() - self.rest().trim_start().len();
            if form(self.source, start + lead).is_some() {
                return self.raw_attribute_expression(name, start, start + lead, quote);
            }
        }
        let Some(length) = self.rest().find(quote) else {
            self.error("PX0013", format!("The value of {name} has no closing quote."), start - 1, start);
            self.at = self.source.len();
            return None;
        };
        let end = match self.format {
            Format::RawXml if NAMES.contains(&name) => self.last_quote(start, quote).unwrap_or(start + length),
            _ => start + length,
        };
        let wanted = if quote == '"' { "&quot;" } else { "&apos;" };
        for (inner, _) in self.source.get(start..end).unwrap_or_default().match_indices(quote) {
            self.loose(start + inner, wanted, format!("A quote must be written as `{wanted}` here."));
        }
        // In `xml`, anything more that is wrong in this value follows from a missing quote, or stands on its own.
        let most = if self.format == Format::Xml { 1 } else { usize::MAX };
        let value = self.source.get(start..end).unwrap_or_default();
        for (at, _) in value.match_indices('<').take(most) {
            self.loose(start + at, "&lt;", "`<` must be written as `&lt;` here.");
        }
        let value = self.decode(start, end, true);
        self.at = end + 1;
        let text = Text { value, span: span(start, end), cdata: false };
        self.note_expression(&text, true);
        Some(text)
    }

    /// An attribute of format `rawxml` that begins as an expression at byte `at`.
    fn raw_attribute_expression(&mut self, name: &str, start: usize, at: usize, quote: char) -> Option<Text> {
        let mut entities = Vec::new();
        let end = match scan::end(self.source, at, true, |range, character| entities.push((range, character))) {
            Ok(end) => end,
            Err(open) => {
                let message = format!("The expression in {name} does not end: this is not closed.");
                self.diagnostics.push(Diagnostic::error("PX0015", message, open));
                self.at = self.likely_end(start, quote);
                return None;
            }
        };
        let trailing = self.source.get(end..).and_then(|rest| rest.find(quote));
        let Some(length) = trailing else {
            self.error("PX0013", format!("The value of {name} has no closing quote."), start - 1, start);
            self.at = self.source.len();
            return None;
        };
        let close = end + length;
        self.at = close + 1;
        if self.source.get(end..close).is_some_and(|rest| !rest.trim().is_empty()) {
            self.error("PX0016", format!("The expression in {name} must be the whole value."), end, close);
            return None;
        }
        let text = Text { value: self.expression_text(start, close, entities), span: span(start, close), cdata: false };
        self.note_expression(&text, true);
        Some(text)
    }

    /// Where an attribute whose expression is broken probably ends.
    fn likely_end(&self, start: usize, quote: char) -> usize {
        self.last_quote(start, quote).map_or(self.source.len(), |at| at + 1)
    }

    /// The first quote behind which a tag goes on.
    fn last_quote(&self, start: usize, quote: char) -> Option<usize> {
        let rest = self.source.get(start..).unwrap_or_default();
        let likely = rest.match_indices(quote).find(|(at, _)| {
            // A name is short: whoever looks farther at every quote looks for very long.
            let behind = rest.get(at + 1..).unwrap_or_default();
            let behind = behind.get(..behind.floor_char_boundary(NEXT_ATTRIBUTE)).unwrap_or_default();
            let next = behind.trim_start();
            next.starts_with('>')
                || next.starts_with("/>")
                || (behind.len() != next.len()
                    && next.split_once('=').is_some_and(|(name, _)| !name.is_empty() && name.chars().all(is_name)))
        });
        likely.map(|(at, _)| start + at)
    }

    fn end_tag(&mut self, open: &mut Vec<Open>, root: &mut Option<Element>) {
        let start = self.at;
        self.at += 2;
        let (name, name_span) = self.name();
        self.skip_space();
        if !self.eat(">") {
            self.error("PX0008", format!("The tag </{name}> is not closed with `>`."), start, self.at);
            let stop = self.rest().find(['<', '>']).unwrap_or(self.rest().len());
            self.at += stop;
            self.eat(">");
        }
        let Some(depth) = open.iter().rposition(|open| open.element.name == name) else {
            self.diagnostics.push(Diagnostic::error("PX0017", format!("</{name}> closes nothing."), name_span));
            return;
        };
        while open.len() > depth + 1 {
            let Some(unclosed) = open.pop() else { return };
            let message = format!("<{}> is closed by </{name}>.", unclosed.element.name);
            let note = format!("</{}> is missing before it.", unclosed.element.name);
            self.diagnostics.push(Diagnostic::error("PX0018", message, unclosed.element.name_span).note(note));
            unclosed.close(start, start, open, root);
        }
        if let Some(closed) = open.pop() {
            closed.close(start, self.at, open, root);
        }
    }

    fn place_text(&mut self, text: Text, open: &mut [Open]) {
        match open.last_mut() {
            Some(open) => open.element.children.push(Node::Text(text)),
            None if text.value.text().trim().is_empty() => {}
            None => self.diagnostics.push(Diagnostic::error(
                "PX0019",
                "Text may not stand outside of the root element.",
                text.span,
            )),
        }
    }

    /// A run of character data up to the next tag, inside the element `parent`.
    fn text(&mut self, parent: Option<&str>) -> Text {
        let start = self.at;
        let mut entities = None;
        if self.format == Format::RawXml && parent.is_some() {
            let at = start + (self.rest().len() - self.rest().trim_start().len());
            if form(self.source, at).is_some() {
                let mut found = Vec::new();
                match scan::end(self.source, at, true, |range, character| found.push((range, character))) {
                    Ok(end) => {
                        self.at = end;
                        entities = Some(found);
                    }
                    Err(unclosed) => {
                        let message = "The expression does not end: this is not closed.";
                        self.diagnostics.push(Diagnostic::error("PX0015", message, unclosed));
                        // Go on behind the element that holds it.
                        let close = format!("</{}", parent.unwrap_or_default());
                        self.at = self.rest().find(&close).map_or(self.source.len(), |length| self.at + length);
                        return Text { span: span(start, self.at), ..Text::default() };
                    }
                }
            }
        }
        let expression_end = self.at;
        while self.at < self.source.len() {
            self.at += self.rest().find('<').unwrap_or(self.rest().len());
            let markup = self.begins_tag() || ["</", "<!", "<?"].iter().any(|mark| self.rest().starts_with(mark));
            if self.at >= self.source.len() || markup {
                break;
            }
            self.loose(self.at, "&lt;", "`<` must be written as `&lt;` here.");
            self.at += 1;
        }
        let end = self.at;
        match entities {
            Some(entities) => {
                let trailing = self.source.get(expression_end..end).unwrap_or_default();
                if !trailing.trim().is_empty() {
                    self.error("PX0016", "The expression must be the whole text.", expression_end, end);
                }
                let text =
                    Text { value: self.expression_text(start, end, entities), span: span(start, end), cdata: false };
                self.note_expression(&text, false);
                text
            }
            None => {
                let text = Text { value: self.decode(start, end, false), span: span(start, end), cdata: false };
                self.note_expression(&text, false);
                text
            }
        }
    }

    fn cdata(&mut self) -> Text {
        self.at += "<![CDATA[".len();
        let start = self.at;
        self.skip_past("]]>", "PX0002", "The CDATA section has no end.");
        let end =
            if self.source.get(..self.at).is_some_and(|read| read.ends_with("]]>")) { self.at - 3 } else { self.at };
        let mut value = Mapped::default();
        value.push_copy(self.source.get(start..end).unwrap_or_default(), start);
        Text { value, span: span(start, end.max(start)), cdata: true }
    }

    fn comment(&mut self) -> Span {
        self.at += "<!--".len();
        let start = self.at;
        self.skip_past("-->", "PX0002", "The comment has no end.");
        let end =
            if self.source.get(..self.at).is_some_and(|read| read.ends_with("-->")) { self.at - 3 } else { self.at };
        span(start, end.max(start))
    }

    /// The text that bytes `start..end` stand for, with entities read as XML does.
    fn decode(&mut self, start: usize, end: usize, in_attribute: bool) -> Mapped {
        let mut value = Mapped::default();
        let mut from = start;
        while let Some(length) = self.source.get(from..end).and_then(|text| text.find('&')) {
            let at = from + length;
            value.push_copy(self.source.get(from..at).unwrap_or_default(), from);
            match self.source.get(at..end).and_then(entity) {
                Some((character, length)) => {
                    value.push_replacement(character.encode_utf8(&mut [0; 4]), span(at, at + length));
                    from = at + length;
                }
                None => {
                    let what = if in_attribute { "in an attribute" } else { "in text" };
                    self.loose(at, "&amp;", format!("`&` must be written as `&amp;` {what}."));
                    value.push_copy("&", at);
                    from = at + 1;
                }
            }
        }
        value.push_copy(self.source.get(from..end).unwrap_or_default(), from);
        if value.text().is_empty() {
            value.push_replacement("", span(start, end));
        }
        value
    }

    /// The text of a raw expression: verbatim, but for entities where no C# can have them.
    fn expression_text(&self, start: usize, end: usize, entities: Vec<(std::ops::Range<usize>, char)>) -> Mapped {
        let mut value = Mapped::default();
        let mut from = start;
        for (range, character) in entities {
            value.push_copy(self.source.get(from..range.start).unwrap_or_default(), from);
            value.push_replacement(character.encode_utf8(&mut [0; 4]), span(range.start, range.end));
            from = range.end;
        }
        value.push_copy(self.source.get(from..end).unwrap_or_default(), from);
        value
    }

    fn note_expression(&mut self, text: &Text, in_attribute: bool) {
        let value = text.value.text();
        if form(value, value.len() - value.trim_start().len()).is_some() {
            self.expressions.push((text.clone(), in_attribute));
        }
    }

    /// Text that XML would not have: refused in `xml`, taken with a warning in `rawxml`.
    fn loose(&mut self, at: usize, wanted: &'static str, message: impl Into<String>) {
        match self.format {
            Format::Xml => self.hint("PX0014", message, at, at + 1),
            Format::RawXml => {
                self.loose.push((span(at, at + 1), wanted));
                self.diagnostics.push(Diagnostic::warning("PX0014", message, span(at, at + 1)));
            }
        }
    }

    fn begins_tag(&self) -> bool {
        self.rest().strip_prefix('<').is_some_and(|rest| rest.starts_with(is_name_start))
    }

    fn name(&mut self) -> (String, Span) {
        let start = self.at;
        self.at += self.rest().find(|c| !is_name(c)).unwrap_or(self.rest().len());
        (self.source.get(start..self.at).unwrap_or_default().to_owned(), span(start, self.at))
    }

    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn eat(&mut self, mark: &str) -> bool {
        let there = self.rest().starts_with(mark);
        if there {
            self.at += mark.len();
        }
        there
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn skip_past(&mut self, mark: &str, code: &'static str, message: &str) {
        let start = self.at;
        match self.rest().find(mark) {
            Some(length) => self.at += length + mark.len(),
            None => {
                self.at = self.source.len();
                self.error(code, message, start, start + 1);
            }
        }
    }

    fn error(&mut self, code: &'static str, message: impl Into<String>, start: usize, end: usize) {
        let end = end.min(self.source.len());
        self.diagnostics.push(Diagnostic::error(code, message, span(start.min(end), end)));
    }

    /// An error that often comes from raw expressions in a document of format `xml`.
    fn hint(&mut self, code: &'static str, message: impl Into<String>, start: usize, end: usize) {
        self.error(code, message, start, end);
        if self.format == Format::Xml && !self.hinted && ["@(", "@{"].iter().any(|mark| self.source.contains(mark)) {
            self.hinted = true;
            if let Some(last) = self.diagnostics.last_mut() {
                let note = "In format `xml` the characters \" < & of an expression are entities; \
                            format `rawxml` takes expressions as they are.";
                last.notes.push(note.to_owned());
            }
        }
    }
}

fn is_name_start(character: char) -> bool {
    character.is_alphabetic() || character == '_' || character == ':'
}

fn is_name(character: char) -> bool {
    is_name_start(character) || character.is_numeric() || matches!(character, '-' | '.')
}

fn span(start: usize, end: usize) -> Span {
    Span::new(start as u32, end as u32)
}

#[cfg(test)]
mod tests;
