//! What is wrong in a text that a user wrote, and where.

use std::borrow::Cow;

use crate::Span;

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The text is accepted.
    Warning,
    /// The text is refused.
    Error,
}

/// One finding in a source text. Readers collect all of them and never stop at the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the text is refused.
    pub severity: Severity,
    /// A stable code (`CS1061`, `PX0003`): users search for it, tests compare it.
    pub code: Cow<'static, str>,
    /// One sentence that says what is wrong, in the words of whoever wrote the text.
    pub message: String,
    /// Where, in bytes of the text that was read.
    pub span: Span,
    /// What to do next, or what the alternatives are.
    pub notes: Vec<String>,
}

impl Diagnostic {
    /// A finding that refuses the text.
    pub fn error(code: impl Into<Cow<'static, str>>, message: impl Into<String>, span: Span) -> Self {
        Self { severity: Severity::Error, code: code.into(), message: message.into(), span, notes: Vec::new() }
    }

    /// A finding that lets the text pass.
    pub fn warning(code: impl Into<Cow<'static, str>>, message: impl Into<String>, span: Span) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message, span) }
    }

    /// Adds a sentence that helps.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same finding in a larger text in which this one starts at byte `by`.
    pub fn shifted(mut self, by: u32) -> Self {
        self.span = self.span.shifted(by);
        self
    }
}

/// Whether one of them refuses the text.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}
