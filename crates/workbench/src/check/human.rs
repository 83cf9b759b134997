//! Findings for people: the source line, a mark below the place, and a summary.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use base::{Diagnostic, Severity};

use super::Report;

/// The findings of a report, one after the other, and a line that sums up.
pub fn human(report: &Report, colour: bool) -> String {
    let mut text = String::new();
    for document in &report.documents {
        for found in &document.findings {
            text.push_str(&excerpt(&document.path, &document.text, found, colour));
            text.push_str("\n\n");
        }
    }
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    let documents = plural(report.documents.len(), "document");
    let mut summary = match (errors, warnings) {
        (0, 0) => format!("{documents} checked: nothing to complain about"),
        (0, warnings) => format!("{documents} checked: no errors, {}", plural(warnings, "warning")),
        (errors, warnings) => {
            format!("{documents} checked: {}, {}", plural(errors, "error"), plural(warnings, "warning"))
        }
    };
    if report.skipped > 0 {
        summary.push_str(&format!(" ({} left out: no policy documents)", plural(report.skipped, "other file")));
    }
    text.push_str(&summary);
    text.push('\n');
    text
}

/// One finding with its place in the text.
pub fn excerpt(path: &str, text: &str, found: &Diagnostic, colour: bool) -> String {
    let level = if found.severity == Severity::Error { Level::ERROR } else { Level::WARNING };
    // The renderer counts bytes of the text, and a place behind its end is at its end.
    let end = (found.span.end as usize).min(text.len());
    let start = (found.span.start as usize).min(end);
    // A finding about a whole element marks its first line.
    let end = text.get(start..end).and_then(|inside| inside.find('\n')).map_or(end, |length| start + length);
    let snippet = Snippet::source(text).path(path).annotation(AnnotationKind::Primary.span(start..end));
    let mut group = level.primary_title(found.message.as_str()).id(found.code.as_ref()).element(snippet);
    for note in &found.notes {
        group = group.element(Level::HELP.message(note.as_str()));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

pub(crate) fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
