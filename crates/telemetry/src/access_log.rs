//! The access log: a line per exchange, for people or for machines.

use std::{fmt::Write as _, io::Write};

use base::Timestamp;
use policy::{
    ExchangeRecord,
    record::{CacheUse, Ending},
};
use serde_json::{Map, Value};

/// How a line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Fields in a fixed order, then `name=value` for what is there.
    #[default]
    Text,
    /// One JSON object with the names of the service's `GatewayLogs`.
    Json,
}

pub(crate) struct AccessLog {
    format: Format,
    output: Box<dyn Write + Send>,
    lines: String,
    broken: bool,
}

/// Lines are handed to the output in pieces of about this size.
const PIECE: usize = 64 * 1024;

impl AccessLog {
    pub(crate) fn new(format: Format, output: Box<dyn Write + Send>) -> Self {
        Self { format, output, lines: String::new(), broken: false }
    }

    pub(crate) fn write(&mut self, record: &ExchangeRecord) {
        match self.format {
            Format::Text => text(&mut self.lines, record),
            Format::Json => self.lines.push_str(&json(record).to_string()),
        }
        self.lines.push('\n');
        if self.lines.len() > PIECE {
            self.flush();
        }
    }

    pub(crate) fn flush(&mut self) {
        if self.lines.is_empty() {
            return;
        }
        let outcome = self.output.write_all(self.lines.as_bytes()).and_then(|()| self.output.flush());
        self.lines.clear();
        // A full disk must not fill the other log as well: it is told once.
        match outcome {
            Err(error) if !self.broken => {
                self.broken = true;
                tracing::error!(%error, "the access log cannot be written; lines are lost");
            }
            Ok(()) if self.broken => {
                self.broken = false;
                tracing::info!("the access log can be written again");
            }
            Ok(()) | Err(_) => {}
        }
    }
}

fn text(line: &mut String, record: &ExchangeRecord) {
    // Writing into a `String` does not fail.
    let _ = write_text(line, record);
}

fn write_text(line: &mut String, record: &ExchangeRecord) -> std::fmt::Result {
    write!(line, "{} ", time(record.started))?;
    match record.client_address {
        Some(address) => write!(line, "{address} ")?,
        None => line.push_str("- "),
    }
    let protocol = record.client_protocol.as_str();
    write!(line, "\"{} {} {protocol}\" {} ", record.method, quoted(&record.url), record.status.code())?;
    write!(line, "{}B {:.1}ms", record.response_size, record.total.as_secs_f64() * 1e3)?;
    let backend = record.backend_status.map(|status| status.code().to_string());
    let took = (record.backend_calls > 0).then(|| format!("{:.1}ms", record.backend.as_secs_f64() * 1e3));
    let error = record.last_error.as_ref().map(|error| format!("{}/{}", error.source, error.reason));
    let ending = match record.ending {
        Ending::Complete => None,
        Ending::ClientAbort => Some("client-abort"),
        Ending::Broken => Some("broken"),
    };
    let fields = [
        ("backend", backend.as_deref()),
        ("backend-time", took.as_deref()),
        ("service", record.service.as_deref()),
        ("workspace", record.workspace.as_deref()),
        ("api", record.api.as_deref()),
        ("operation", record.operation.as_deref()),
        ("product", record.product.as_deref()),
        ("subscription", record.subscription.as_deref()),
        ("error", error.as_deref()),
        ("ending", ending),
        ("cache", cache(record.cache)),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            write!(line, " {name}={}", quoted(value))?;
        }
    }
    write!(line, " id={}", uuid(record.id))
}

fn json(record: &ExchangeRecord) -> Value {
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            object.insert(name.into(), value);
        }
    };
    let text = |value: &Option<std::sync::Arc<str>>| value.as_deref().map(Value::from).unwrap_or_default();
    let millis = |duration: std::time::Duration| Value::from((duration.as_secs_f64() * 1e6).round() / 1e3);
    put("TimeGenerated", time(record.started).into());
    put("CorrelationId", uuid(record.id).into());
    put("ServiceName", text(&record.service));
    put("WorkspaceId", text(&record.workspace));
    put("ApiId", text(&record.api));
    put("ApiRevision", text(&record.api_revision));
    put("OperationId", text(&record.operation));
    put("ProductId", text(&record.product));
    put("ApimSubscriptionId", text(&record.subscription));
    put("UserId", text(&record.user));
    put("CallerIpAddress", record.client_address.map(|address| address.to_string().into()).unwrap_or_default());
    put("ClientProtocol", record.client_protocol.as_str().into());
    put("ClientTlsVersion", record.client_tls.map(Value::from).unwrap_or_default());
    put("Method", record.method.as_str().into());
    put("Url", record.url.as_str().into());
    put("ResponseCode", record.status.code().into());
    put("RequestSize", record.request_size.into());
    put("ResponseSize", record.response_size.into());
    put("TotalTime", millis(record.total));
    put("ClientTime", millis(record.client));
    put("IsRequestSuccess", (record.status.code() < 400 && record.ending == Ending::Complete).into());
    put("Cache", cache(record.cache).unwrap_or("none").into());
    if record.backend_calls > 0 {
        put("BackendTime", millis(record.backend));
        put("BackendId", text(&record.backend_id));
        put("BackendMethod", record.backend_method.as_ref().map(|method| method.as_str().into()).unwrap_or_default());
        put("BackendUrl", record.backend_url.as_deref().map(Value::from).unwrap_or_default());
        put("BackendProtocol", record.backend_protocol.map(|version| version.as_str().into()).unwrap_or_default());
        put("BackendResponseCode", record.backend_status.map(|status| status.code().into()).unwrap_or_default());
    }
    if let Some(error) = &record.last_error {
        put("LastErrorSource", error.source.as_str().into());
        put("LastErrorReason", error.reason.as_str().into());
        put("LastErrorMessage", error.message.as_str().into());
        put("LastErrorScope", error.scope.map(Value::from).unwrap_or_default());
        put("LastErrorSection", error.section.map(Value::from).unwrap_or_default());
        put("LastErrorPath", error.path.as_deref().map(Value::from).unwrap_or_default());
        put("LastErrorPolicyId", error.policy_id.as_deref().map(Value::from).unwrap_or_default());
        put("LastErrorElapsed", millis(error.elapsed));
    }
    object.into()
}

fn cache(cache: CacheUse) -> Option<&'static str> {
    match cache {
        CacheUse::None => None,
        CacheUse::Hit => Some("hit"),
        CacheUse::Miss => Some("miss"),
    }
}

/// A value that cannot break out of its field, whatever a client wrote.
fn quoted(value: &str) -> impl std::fmt::Display {
    value
        .chars()
        .flat_map(|letter| match letter {
            '"' | '\\' | ' ' => format!("\\x{:02x}", letter as u32).chars().collect::<Vec<_>>(),
            letter if letter.is_control() => letter.escape_default().collect(),
            letter => vec![letter],
        })
        .collect::<String>()
}

fn time(at: Timestamp) -> String {
    match jiff::Timestamp::from_nanosecond(i128::from(at.0)) {
        Ok(time) => format!("{time:.3}"),
        Err(_) => at.0.to_string(),
    }
}

pub(crate) fn uuid(id: [u8; 16]) -> String {
    let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let [a, b, c, d, e] = [&id[..4], &id[4..6], &id[6..8], &id[8..10], &id[10..]].map(hex);
    [a, b, c, d, e].join("-")
}

/// A place to write that a test can read.
#[cfg(test)]
#[derive(Clone, Default)]
pub(crate) struct Page(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

#[cfg(test)]
impl Page {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[cfg(test)]
impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use policy::{Method, Status, record::LastErrorRecord};

    use super::*;

    fn line(format: Format, record: &ExchangeRecord) -> String {
        let page = Page::default();
        let mut log = AccessLog::new(format, Box::new(page.clone()));
        log.write(record);
        log.flush();
        page.text()
    }

    fn record() -> ExchangeRecord {
        ExchangeRecord {
            id: *b"0123456789abcdef",
            started: Timestamp(1_700_000_000_123_456_789),
            total: Duration::from_micros(4_560),
            backend: Duration::from_micros(3_210),
            service: Some("contoso".into()),
            api: Some("echo".into()),
            client_address: Some([127, 0, 0, 1].into()),
            method: Method::POST,
            url: "/echo?x=\"1\n".into(),
            status: Status::UNAUTHORIZED,
            response_size: 12,
            backend_calls: 1,
            backend_status: Some(Status::OK),
            last_error: Some(LastErrorRecord {
                source: "authorization".into(),
                reason: "SubscriptionKeyInvalid".into(),
                message: "no".into(),
                scope: None,
                section: Some("inbound"),
                path: None,
                policy_id: None,
                elapsed: Duration::from_millis(1),
            }),
            ..ExchangeRecord::default()
        }
    }

    #[test]
    fn a_text_line_stays_one_line() {
        assert_eq!(
            line(Format::Text, &record()),
            "2023-11-14T22:13:20.123Z 127.0.0.1 \"POST /echo?x=\\x221\\n HTTP/1.1\" 401 12B 4.6ms backend=200 \
             backend-time=3.2ms service=contoso api=echo error=authorization/SubscriptionKeyInvalid \
             id=30313233-3435-3637-3839-616263646566\n"
        );
    }

    #[test]
    fn a_json_line_has_the_fields_of_gateway_logs() {
        let expected = r#"{"TimeGenerated":"2023-11-14T22:13:20.123Z","CorrelationId":"30313233-3435-3637-3839-616263646566",
            "ServiceName":"contoso","ApiId":"echo","CallerIpAddress":"127.0.0.1","ClientProtocol":"HTTP/1.1","Method":"POST",
            "Url":"/echo?x=\"1\n","ResponseCode":401,"RequestSize":0,"ResponseSize":12,"TotalTime":4.56,"ClientTime":0.0,
            "IsRequestSuccess":false,"Cache":"none","BackendTime":3.21,"BackendResponseCode":200,
            "LastErrorSource":"authorization","LastErrorReason":"SubscriptionKeyInvalid","LastErrorMessage":"no",
            "LastErrorSection":"inbound","LastErrorElapsed":1.0}"#;
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&line(Format::Json, &record())).unwrap(), expected);
    }
}
