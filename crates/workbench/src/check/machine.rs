//! Findings for programs.

use base::{LineIndex, Severity};
use serde_json::{Value, json};

use super::{Checked, Report};
use crate::place::Kind;

/// The report as JSON: every document with its findings, and the sums.
pub fn json(report: &Report) -> Value {
    json!({
        "documents": report.documents.iter().map(document).collect::<Vec<_>>(),
        "summary": {
            "documents": report.documents.len(),
            "errors": report.count(Severity::Error),
            "warnings": report.count(Severity::Warning),
            "skipped": report.skipped,
        },
    })
}

fn document(document: &Checked) -> Value {
    let index = LineIndex::new(&document.text);
    let findings = document.findings.iter().map(|found| {
        let (from, to) =
            (index.position(&document.text, found.span.start), index.position(&document.text, found.span.end));
        json!({
            "severity": if found.severity == Severity::Error { "error" } else { "warning" },
            "code": found.code,
            "message": found.message,
            "line": from.line,
            "column": from.column,
            "endLine": to.line,
            "endColumn": to.column,
            "notes": found.notes,
        })
    });
    let findings: Vec<Value> = findings.collect();
    match &document.kind {
        Kind::Fragment(id) => json!({ "path": document.path, "kind": "fragment", "id": id, "findings": findings }),
        Kind::Policies(scope) => {
            let scope = scope.map(policy::Scope::word);
            json!({ "path": document.path, "kind": "policies", "scope": scope, "findings": findings })
        }
    }
}
