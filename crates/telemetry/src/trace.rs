//! The trace of a request as JSON, in the layout of the service.

use std::time::Duration;

use base::Timestamp;
use policy::{
    Section,
    exchange::{Detail, TraceEntry},
};
use serde_json::{Map, Value, json};

use crate::access_log::uuid;

/// A trace as `listTrace` gives it. Beside what the service writes, an entry says where its policy stands (`scope`, `path`)
/// and how long it took (`duration`).
pub fn trace_json(service: &str, id: [u8; 16], began: Timestamp, entries: &[TraceEntry]) -> Value {
    let mut sections = Map::new();
    for section in Section::ALL {
        let of_section = entries.iter().filter(|entry| entry.section == section);
        let list: Vec<Value> = of_section.map(|entry| entry_json(began, entry)).collect();
        // A section in which nothing happened is left out, but for the first three, which readers expect.
        if !list.is_empty() || section != Section::OnError {
            sections.insert(section.word().to_owned(), list.into());
        }
    }
    json!({ "serviceName": service, "traceId": uuid(id), "traceEntries": sections })
}

fn entry_json(began: Timestamp, entry: &TraceEntry) -> Value {
    let mut data = Map::new();
    if !entry.message.is_empty() {
        data.insert("message".into(), entry.message.as_str().into());
    }
    for (name, detail) in &entry.details {
        data.insert(name.to_string(), detail_json(detail));
    }
    let mut json = json!({
        "source": &*entry.source,
        "timestamp": instant_text(began.plus(entry.elapsed)),
        "elapsed": span(entry.elapsed),
        "data": data,
    });
    if let Some(place) = &entry.place {
        json["scope"] = place.scope.word().into();
        json["path"] = (&*place.path).into();
        if let Some(id) = &place.id {
            json["id"] = (&**id).into();
        }
    }
    if let Some(took) = entry.took {
        json["duration"] = span(took).into();
    }
    json
}

fn detail_json(detail: &Detail) -> Value {
    match detail {
        Detail::Text(text) => text.as_str().into(),
        Detail::Number(number) => (*number).into(),
        Detail::Flag(flag) => (*flag).into(),
        Detail::Fields(fields) => {
            fields.iter().map(|(name, detail)| ((*name).to_owned(), detail_json(detail))).collect::<Map<_, _>>().into()
        }
        Detail::Headers(headers) => {
            headers.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
        }
    }
}

/// As .NET prints a `TimeSpan`: `00:00:00.1230220`.
fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:07}", duration.subsec_nanos() / 100)
}

/// As .NET prints an instant with `O`: seven digits of a second.
pub fn instant_text(at: Timestamp) -> String {
    let text = jiff::Timestamp::from_nanosecond(i128::from(at.0)).map(|at| format!("{at:.7}"));
    text.unwrap_or_default()
}

/// Reads an instant such as `2024-05-17T12:34:56Z`.
pub fn instant(text: &str) -> Option<Timestamp> {
    let read: jiff::Timestamp = text.trim().parse().ok()?;
    i64::try_from(read.as_nanosecond()).ok().map(Timestamp)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use policy::{Place, Scope, base::Span, exchange::Severity};

    use super::*;

    #[test]
    fn a_trace_has_the_layout_of_the_service() {
        let place = Place {
            name: "set-status",
            scope: Scope::Api,
            path: "choose[1]/when[2]/set-status[1]".into(),
            id: None,
            fragment: None,
            span: Span::default(),
        };
        let entry = TraceEntry {
            section: Section::Inbound,
            source: "set-status".into(),
            place: Some(Arc::new(place)),
            elapsed: Duration::from_micros(1_500),
            took: Some(Duration::from_micros(2)),
            message: "Response status code was set to 204".into(),
            severity: Severity::Verbose,
            details: vec![("status".into(), Detail::Fields(vec![("code", 204.into())]))],
        };
        let json = trace_json("contoso", [0x11; 16], Timestamp::from_secs(1_715_949_296), &[entry]);
        let expected = json!({
            "serviceName": "contoso",
            "traceId": "11111111-1111-1111-1111-111111111111",
            "traceEntries": {
                "inbound": [{
                    "source": "set-status",
                    "timestamp": "2024-05-17T12:34:56.0015000Z",
                    "elapsed": "00:00:00.0015000",
                    "data": { "message": "Response status code was set to 204", "status": { "code": 204 } },
                    "scope": "api",
                    "path": "choose[1]/when[2]/set-status[1]",
                    "duration": "00:00:00.0000020",
                }],
                "backend": [],
                "outbound": [],
            },
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn instants_are_read_as_they_are_written() {
        assert_eq!(instant("2024-05-17T12:34:56Z"), Some(Timestamp::from_secs(1_715_949_296)));
        assert_eq!(instant("yesterday"), None);
    }
}
