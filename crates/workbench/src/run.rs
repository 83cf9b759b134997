//! What `policy run` shows of an outcome.

use std::time::Duration;

use policy::exchange::{Severity, TraceEntry};
use serde_json::{Value, json};

use crate::stage::{Call, Outcome};

/// The response, what was called, the variables, and the trace, for people.
pub fn human(outcome: &Outcome, calls: &[Call]) -> String {
    let mut text = outcome.text();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    if !calls.is_empty() {
        text.push_str("\n── calls\n");
        for call in calls {
            text.push_str(&format!("{} {}\n", call.method, policy::redact::url(&call.url)));
        }
    }
    if !outcome.variables.is_empty() {
        text.push_str("\n── variables\n");
        for (name, value) in &outcome.variables {
            text.push_str(&format!("{name} = {value}\n"));
        }
    }
    if let Some(error) = &outcome.error {
        text.push_str("\n── last error\n");
        text.push_str(&format!("{} {}: {}\n", error.source(), error.reason(), error.message()));
    }
    text.push_str("\n── trace\n");
    text.push_str(&trace(&outcome.trace));
    text
}

/// A line for each entry of a trace.
pub fn trace(entries: &[TraceEntry]) -> String {
    let mut text = String::new();
    for entry in entries {
        let place = entry.place.as_ref().map(|place| format!(" {}", place.path)).unwrap_or_default();
        let source = match &entry.place {
            Some(place) if *place.name == *entry.source => String::new(),
            _ => format!(" {}", entry.source),
        };
        let mark = if entry.severity == Severity::Error { "!" } else { " " };
        let message = if entry.message.is_empty() { String::new() } else { format!(": {}", entry.message) };
        text.push_str(&format!(
            "{mark}{:>10} {:<8}{source}{place}{message}\n",
            millis(entry.elapsed),
            entry.section.word()
        ));
    }
    text
}

fn millis(elapsed: Duration) -> String {
    format!("{:.3}ms", elapsed.as_secs_f64() * 1000.0)
}

/// All of it for programs.
pub fn json(outcome: &Outcome, calls: &[Call]) -> Value {
    let headers: Vec<Value> =
        outcome.headers.iter().map(|(name, value)| json!({ "name": name.as_str(), "value": &*value.text() })).collect();
    let calls: Vec<Value> = calls
        .iter()
        .map(|call| json!({ "method": call.method, "url": call.url, "body": String::from_utf8_lossy(&call.body) }))
        .collect();
    let variables: serde_json::Map<String, Value> =
        outcome.variables.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    let error = outcome.error.as_ref().map(|error| {
        json!({
            "source": error.source(), "reason": error.reason(), "message": error.message(), "scope": error.scope(),
            "section": error.section().map(policy::Section::word), "path": error.path(), "policyId": error.policy_id(),
        })
    });
    json!({
        "response": {
            "status": outcome.status, "reason": outcome.reason, "headers": headers,
            "body": String::from_utf8_lossy(&outcome.body),
        },
        "calls": calls,
        "variables": variables,
        "lastError": error,
        "trace": telemetry::trace_json("local", outcome.id, outcome.timestamp, &outcome.trace),
    })
}
