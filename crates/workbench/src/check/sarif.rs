//! Findings as SARIF 2.1.0, which code hosts and editors show beside the source.

use std::collections::BTreeSet;

use base::{LineIndex, Severity};
use serde_json::{Value, json};

use super::Report;

/// The report as one SARIF run of this version of Tollgate.
pub fn sarif(report: &Report, version: &str) -> Value {
    let codes: BTreeSet<&str> =
        report.documents.iter().flat_map(|document| &document.findings).map(|found| &*found.code).collect();
    let rules: Vec<Value> = codes
        .iter()
        .map(|code| {
            let about = if code.starts_with("CS") { "C# compiler diagnostic" } else { "Policy document diagnostic" };
            json!({ "id": code, "shortDescription": { "text": format!("{about} {code}") } })
        })
        .collect();
    let mut results = Vec::new();
    for document in &report.documents {
        let index = LineIndex::new(&document.text);
        for found in &document.findings {
            let from = index.position(&document.text, found.span.start);
            let to = index.position(&document.text, found.span.end);
            let text = found.notes.iter().fold(found.message.clone(), |text, note| format!("{text} {note}"));
            results.push(json!({
                "ruleId": found.code,
                "ruleIndex": codes.iter().position(|code| *code == found.code),
                "level": if found.severity == Severity::Error { "error" } else { "warning" },
                "message": { "text": text },
                "locations": [{
                    "physicalLocation": {
                        "artifactLocation": { "uri": uri(&document.path) },
                        "region": {
                            "startLine": from.line,
                            "startColumn": from.column,
                            "endLine": to.line,
                            "endColumn": to.column,
                        },
                    },
                }],
            }));
        }
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "tollgate", "semanticVersion": version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// A path as a relative URI reference.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let absolute = path.starts_with('/');
    let path = path.trim_start_matches("./");
    let mut uri = if absolute { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
