//! Compares what came of a request with what must.

use std::collections::BTreeMap;

use engine::http_text::{self, Start};
use policy::{Body, Headers, Section};
use serde_json::Value as Json;

use super::file::{CallEntry, CallExpect, ErrorEntry, Expect, duration};
use crate::{
    diff,
    stage::{Call, Outcome, Pattern},
};

/// Everything that differs, a sentence or a difference of lines each. An error says that the expectation itself is wrong.
pub(crate) fn differences(expect: &Expect, outcome: &Outcome, calls: &[Call]) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    if let Some(status) = expect.status.filter(|status| *status != outcome.status) {
        found.push(format!("status: expected {status}, got {}", outcome.status));
    }
    if let Some(reason) = expect.reason.as_ref().filter(|reason| **reason != outcome.reason) {
        found.push(format!("reason: expected \"{reason}\", got \"{}\"", outcome.reason));
    }
    if let Some(text) = &expect.response {
        response(text, outcome, &mut found)?;
    }
    headers("header", &expect.headers, &outcome.headers, &mut found);
    let wanted =
        Wanted { exact: expect.body.as_deref(), parts: &expect.body_contains, json: expect.body_json.as_ref() };
    body("body", &wanted, &outcome.body, &mut found);
    if let Some(wanted) = &expect.calls {
        compare_calls(wanted, calls, &mut found);
    }
    for call in calls.iter().filter(|call| !call.expected) {
        found.push(format!("unexpected call: {} {} (no answer of the test fits it)", call.method, call.url));
    }
    for (name, wanted) in &expect.variables {
        let value = outcome.variables.iter().find(|(known, _)| **known == **name);
        let value = value.map_or(&Json::Null, |(_, value)| value);
        if let Some(difference) = subset(wanted, value, "") {
            found.push(format!("variable {name}: {difference}"));
        }
    }
    if let Some(wanted) = &expect.error {
        error(wanted.as_ref(), outcome, &mut found);
    }
    for text in &expect.trace {
        if !outcome.trace.iter().any(|entry| entry.message.contains(text.as_str())) {
            found.push(format!("trace: no message holds \"{text}\""));
        }
    }
    if let Some(text) = &expect.elapsed {
        let wanted = duration(text)?;
        if wanted != outcome.elapsed {
            found.push(format!("elapsed: expected {wanted:?}, got {:?}", outcome.elapsed));
        }
    }
    Ok(found)
}

fn response(text: &str, outcome: &Outcome, found: &mut Vec<String>) -> Result<(), String> {
    let wanted = http_text::read(text).map_err(|error| format!("expect.response: {error}"))?;
    let Start::Response { status, reason } = &wanted.start else {
        return Err("expect.response: it must begin with HTTP/1.1 and a status".into());
    };
    // Only what is named is compared, so only that is shown; a header that must not be there says `(none)`.
    let mut got = Headers::new();
    for (name, value) in wanted.headers.iter() {
        let sent: Vec<_> = outcome.headers.all(name.as_str()).cloned().collect();
        if sent.is_empty() && value.text() == "(none)" {
            got.push(name.clone(), value.clone());
        }
        for value in sent {
            got.push(name.clone(), value);
        }
    }
    let first = |code: u16, reason: &str| format!("HTTP/1.1 {code} {reason}").trim_end().to_owned();
    let reason = reason.as_deref().unwrap_or(&outcome.reason);
    let text = |first: &str, headers: &Headers, body: &[u8]| {
        http_text::write(first, headers, &Body::full(body.trim_ascii().to_vec()))
    };
    let wanted = text(&first(status.code(), reason), &wanted.headers, &wanted.body);
    let got = text(&first(outcome.status, &outcome.reason), &got, &outcome.body);
    if wanted != got {
        found.push(format!("response:\n{}", diff::lines(&wanted, &got)));
    }
    Ok(())
}

fn headers(what: &str, wanted: &BTreeMap<String, Json>, got: &Headers, found: &mut Vec<String>) {
    for (name, wanted) in wanted {
        let sent = got.joined(name);
        let wanted = match wanted {
            Json::Null => None,
            Json::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        if wanted != sent {
            let show = |value: &Option<String>| value.as_ref().map_or("none".into(), |value| format!("\"{value}\""));
            found.push(format!("{what} {name}: expected {}, got {}", show(&wanted), show(&sent)));
        }
    }
}

struct Wanted<'a> {
    exact: Option<&'a str>,
    parts: &'a [String],
    json: Option<&'a Json>,
}

fn body(what: &str, wanted: &Wanted<'_>, got: &[u8], found: &mut Vec<String>) {
    let text = String::from_utf8_lossy(got);
    if let Some(exact) = wanted.exact.filter(|exact| exact.trim() != text.trim()) {
        found.push(format!("{what}:\n{}", diff::lines(exact.trim(), text.trim())));
    }
    for part in wanted.parts.iter().filter(|part| !text.contains(part.as_str())) {
        found.push(format!("{what}: \"{part}\" is not in it:\n{}", indented(&text)));
    }
    let Some(json) = wanted.json else { return };
    match serde_json::from_slice::<Json>(got) {
        Err(error) => found.push(format!("{what}: it is no JSON ({error}):\n{}", indented(&text))),
        Ok(value) => {
            if let Some(difference) = subset(json, &value, "") {
                let lines = diff::lines(&format!("{json:#}"), &format!("{value:#}"));
                found.push(format!("{what}: {difference}\n{lines}"));
            }
        }
    }
}

fn compare_calls(wanted: &[CallEntry], calls: &[Call], found: &mut Vec<String>) {
    let target = |entry: &CallEntry| match entry {
        CallEntry::To(to) => to.clone(),
        CallEntry::Full(call) => call.to.clone(),
    };
    let fits = |entry: &CallEntry, call: &Call| Pattern::parse(&target(entry)).fits(&call.method, &call.url);
    let same = wanted.len() == calls.len() && wanted.iter().zip(calls).all(|(entry, call)| fits(entry, call));
    if !same {
        // A pattern that fits shows as the call that it means.
        let list = wanted.iter().enumerate().map(|(at, entry)| match calls.get(at).filter(|call| fits(entry, call)) {
            Some(call) => format!("{} {}", call.method, call.url),
            None => target(entry),
        });
        let wanted = list.collect::<Vec<_>>().join("\n");
        let got = calls.iter().map(|call| format!("{} {}", call.method, call.url)).collect::<Vec<_>>().join("\n");
        found.push(format!("calls:\n{}", diff::lines(&wanted, &got)));
        return;
    }
    for (at, (entry, call)) in wanted.iter().zip(calls).enumerate() {
        if let CallEntry::Full(entry) = entry {
            let CallExpect { headers: names, body: exact, body_contains, body_json, .. } = &**entry;
            let what = format!("call {} ({} {})", at + 1, call.method, call.url);
            headers(&format!("{what}: header"), names, &call.headers, found);
            let wanted = Wanted { exact: exact.as_deref(), parts: body_contains, json: body_json.as_ref() };
            body(&format!("{what}: body"), &wanted, &call.body, found);
        }
    }
}

fn error(wanted: Option<&ErrorEntry>, outcome: &Outcome, found: &mut Vec<String>) {
    match (wanted, &outcome.error) {
        (None, None) => {}
        (None, Some(error)) => {
            let at = error.path().map(|path| format!(" at {path}")).unwrap_or_default();
            let what = format!("{} {}: {}", error.source(), error.reason(), error.message());
            found.push(format!("error: expected none, got {what}{at}"));
        }
        (Some(_), None) => found.push("error: expected one, got none".into()),
        (Some(wanted), Some(error)) => {
            for (name, wanted, got) in [
                ("source", &wanted.source, Some(error.source())),
                ("reason", &wanted.reason, Some(error.reason())),
                ("message", &wanted.message, Some(error.message())),
                ("scope", &wanted.scope, error.scope()),
                ("section", &wanted.section, error.section().map(Section::word)),
                ("path", &wanted.path, error.path()),
                ("policy-id", &wanted.policy_id, error.policy_id()),
            ] {
                if let Some(wanted) = wanted.as_deref().filter(|wanted| Some(*wanted) != got) {
                    found.push(format!("error.{name}: expected \"{wanted}\", got \"{}\"", got.unwrap_or_default()));
                }
            }
        }
    }
}

/// The first place where `got` does not hold what `wanted` says. Objects may hold more; lists may not.
fn subset(wanted: &Json, got: &Json, at: &str) -> Option<String> {
    let place = || if at.is_empty() { String::new() } else { format!("{at}: ") };
    match (wanted, got) {
        (Json::Object(wanted), Json::Object(got)) => wanted.iter().find_map(|(name, wanted)| {
            let at = format!("{at}.{name}");
            match got.get(name) {
                Some(got) => subset(wanted, got, &at),
                None if wanted.is_null() => None,
                None => Some(format!("{at} is not there")),
            }
        }),
        (Json::Array(wanted), Json::Array(got)) => {
            if wanted.len() != got.len() {
                return Some(format!("{}expected {} items, got {}", place(), wanted.len(), got.len()));
            }
            let mut pairs = wanted.iter().zip(got).enumerate();
            pairs.find_map(|(index, (wanted, got))| subset(wanted, got, &format!("{at}[{index}]")))
        }
        (Json::Number(one), Json::Number(other)) if one.as_f64() == other.as_f64() => None,
        _ if wanted == got => None,
        _ => Some(format!("{}expected {wanted}, got {got}", place())),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
