//! What a text of the document says once named values stand in it.

use std::sync::Arc;

use base::{Diagnostic, Span};
use policy_xml::{Form, Mapped, Text, Whole, placeholders, whole};

use super::Compiler;

/// A text with its named values.
pub(crate) enum Said {
    /// Characters.
    Literal(Mapped),
    /// C#.
    Code {
        code: Mapped,
        form: Form,
        /// The whole value.
        span: Span,
    },
}

impl Compiler<'_> {
    /// What `text` says; `None` if it is wrong, which is then reported.
    pub(crate) fn said(&mut self, text: &Mapped) -> Option<Said> {
        let (text, gaps) = self.with_named_values(text)?;
        match whole(text.text()) {
            // What a value says of which a part is elsewhere, nobody knows here.
            Whole::Literal if gaps => {
                self.note_gap();
                None
            }
            Whole::Literal => Some(Said::Literal(text)),
            Whole::Expression { form, inner } => {
                Some(Said::Code { span: text.whole_span(), code: text.slice(inner), form })
            }
            Whole::Trailing(range) => {
                self.error("PX0016", "The expression must be the whole value.", text.span(range));
                None
            }
            Whole::Unclosed(range) => {
                self.error("PX0015", "The expression does not end: this is not closed.", text.span(range));
                None
            }
        }
    }

    /// The text of an attribute or a run of characters, without expressions.
    pub(crate) fn literal_text(&mut self, text: &Text) -> Option<Mapped> {
        match self.said(&text.value)? {
            Said::Literal(text) => Some(text),
            Said::Code { span, .. } => {
                self.wrong("PX0106", "An expression is not allowed here.", span);
                None
            }
        }
    }

    /// `text` with the value of each `{{name}}` in its place. Not recursive.
    ///
    /// A lenient check puts a C# name in the place of what is not there; the flag says that it did.
    pub(crate) fn with_named_values(&mut self, text: &Mapped) -> Option<(Mapped, bool)> {
        let source = text.text();
        if !source.contains("{{") {
            return Some((text.clone(), false));
        }
        let mut result = Mapped::default();
        let mut from = 0;
        let (mut sound, mut gaps) = (true, false);
        for found in placeholders(source) {
            let span = text.span(found.range.clone());
            match self.named_value(found.name) {
                Some(value) => {
                    result.push(&text.slice(from..found.range.start));
                    result.push_replacement(&value, span);
                    from = found.range.end;
                }
                // `{{body.name}}` is Liquid.
                None if found.name.contains('.') => {}
                None => {
                    if self.environment().lenient {
                        gaps = true;
                        result.push(&text.slice(from..found.range.start));
                        result.push_replacement(csharp::UNKNOWN, span);
                        from = found.range.end;
                    }
                    sound = false;
                    let message = format!("There is no named value \"{}\".", found.name);
                    self.report(Diagnostic::error("PX0123", message, span));
                }
            }
        }
        result.push(&text.slice(from..source.len()));
        (sound || gaps).then_some((result, gaps))
    }

    /// `text` with the value of each `{{name}}` that there is; others stay as they are written.
    pub(crate) fn with_known_named_values(&mut self, text: &Mapped) -> Mapped {
        let mut result = Mapped::default();
        let mut from = 0;
        for found in placeholders(text.text()) {
            if let Some(value) = self.named_value(found.name) {
                result.push(&text.slice(from..found.range.start));
                result.push_replacement(&value, text.span(found.range.clone()));
                from = found.range.end;
            }
        }
        result.push(&text.slice(from..text.text().len()));
        result
    }

    fn named_value(&mut self, name: &str) -> Option<Arc<str>> {
        self.uses.named_values.insert(name.to_ascii_lowercase());
        let named = self.env.lookup.named_value(name)?;
        // Short secrets would blot out ordinary words.
        if named.secret && named.value.len() >= 3 && !self.secrets.contains(&named.value) {
            self.secrets.push(Arc::clone(&named.value));
        }
        Some(named.value)
    }
}
