//! Prometheus metrics, keyed by service and workspace.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use policy::ExchangeRecord;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::ConstGauge,
        histogram::Histogram,
    },
    registry::{Registry, Unit},
};

use crate::lock;

/// Bounds in seconds: from a gateway that answers by itself to a backend that thinks for a minute.
const BOUNDS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    service: Arc<str>,
    workspace: Arc<str>,
    api: Arc<str>,
    operation: Arc<str>,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ApiLabels {
    service: Arc<str>,
    workspace: Arc<str>,
    api: Arc<str>,
}

type Histograms = Family<ApiLabels, Histogram, fn() -> Histogram>;

pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<RequestLabels, Counter>,
    durations: Histograms,
    backend_durations: Histograms,
}

/// Numbers of the process at the moment of a scrape.
pub(crate) struct Process {
    pub(crate) in_flight: i64,
    pub(crate) connections: i64,
    pub(crate) dropped: u64,
    pub(crate) snapshot_position: u64,
    pub(crate) publish_failures: u64,
}

impl Default for Metrics {
    fn default() -> Self {
        let histograms = || Histograms::new_with_constructor(|| Histogram::new(BOUNDS));
        let metrics = Self {
            registry: Mutex::default(),
            requests: Family::default(),
            durations: histograms(),
            backend_durations: histograms(),
        };
        let mut registry = lock(&metrics.registry);
        registry.register("tollgate_requests", "Exchanges that are over", metrics.requests.clone());
        let (whole, backend) = (metrics.durations.clone(), metrics.backend_durations.clone());
        let help = "Time from the request's head to the last byte of the response";
        registry.register_with_unit("tollgate_request_duration", help, Unit::Seconds, whole);
        let help = "Time spent waiting for backends, of exchanges that called one";
        registry.register_with_unit("tollgate_backend_duration", help, Unit::Seconds, backend);
        drop(registry);
        metrics
    }
}

impl Metrics {
    pub(crate) fn aggregate(&self) -> Aggregate<'_> {
        Aggregate { metrics: self, known: HashMap::new() }
    }

    /// `others` writes families that are not kept here.
    pub(crate) fn render(&self, process: &Process, others: impl FnOnce(&mut String)) -> String {
        let mut own = Registry::default();
        let mut gauge = |name: &str, help: &str, value: i64| own.register(name, help, ConstGauge::new(value));
        gauge("tollgate_requests_in_flight", "Exchanges under way", process.in_flight);
        gauge("tollgate_connections", "Open connections of clients", process.connections);
        let position = i64::try_from(process.snapshot_position).unwrap_or(i64::MAX);
        gauge("tollgate_snapshot_position", "Position of the feed that the gateway has published", position);
        let mut counter = |name: &str, help: &str, value: u64| own.register(name, help, ConstCounter::new(value));
        counter("tollgate_telemetry_dropped", "Records lost because a queue was full", process.dropped);
        counter("tollgate_publish_failures", "Changes that could not be published", process.publish_failures);
        let mut text = String::new();
        // Writing into a `String` does not fail. The first part ends with the end mark, which belongs to the second.
        let _ = encode(&mut text, &own);
        text.truncate(text.trim_end_matches("# EOF\n").len());
        others(&mut text);
        let _ = encode(&mut text, &lock(&self.registry));
        text
    }
}

/// Adds records up, remembering where each one goes.
pub(crate) struct Aggregate<'a> {
    metrics: &'a Metrics,
    known: HashMap<[usize; 5], Series>,
}

/// The counters of one operation and status class. The names are kept, so that the addresses they are found by stay theirs.
struct Series {
    _names: [Option<Arc<str>>; 4],
    requests: Counter,
    duration: Histogram,
    backend_duration: Histogram,
}

/// Past this many the memory starts again: a new snapshot brings new names.
const MOST_SERIES: usize = 100_000;

impl Aggregate<'_> {
    pub(crate) fn add(&mut self, record: &ExchangeRecord) {
        let names = [&record.service, &record.workspace, &record.api, &record.operation];
        let [service, workspace, api, operation] =
            names.map(|name| name.as_ref().map_or(0, |name| Arc::as_ptr(name).cast::<u8>() as usize));
        let key = [service, workspace, api, operation, usize::from(record.status.code() / 100)];
        if self.known.len() >= MOST_SERIES {
            self.known.clear();
        }
        let metrics = self.metrics;
        let series = self.known.entry(key).or_insert_with(|| metrics.series(record));
        series.requests.inc();
        series.duration.observe(record.total.as_secs_f64());
        if record.backend_calls > 0 {
            series.backend_duration.observe(record.backend.as_secs_f64());
        }
    }
}

impl Metrics {
    fn series(&self, record: &ExchangeRecord) -> Series {
        let name = |name: &Option<Arc<str>>| name.clone().unwrap_or_default();
        let labels = RequestLabels {
            service: name(&record.service),
            workspace: name(&record.workspace),
            api: name(&record.api),
            operation: name(&record.operation),
            status: class(record.status.code()),
        };
        let of_api = ApiLabels {
            service: Arc::clone(&labels.service),
            workspace: Arc::clone(&labels.workspace),
            api: Arc::clone(&labels.api),
        };
        Series {
            _names: [&record.service, &record.workspace, &record.api, &record.operation].map(Clone::clone),
            requests: self.requests.get_or_create(&labels).clone(),
            duration: self.durations.get_or_create(&of_api).clone(),
            backend_duration: self.backend_durations.get_or_create(&of_api).clone(),
        }
    }
}

fn class(code: u16) -> &'static str {
    match code / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use policy::Status;

    use crate::{AccessLogSettings, Format, Telemetry, access_log::Page};

    use super::*;

    #[test]
    fn what_was_recorded_is_counted_and_logged() {
        let page = Page::default();
        let output = Box::new(page.clone());
        let telemetry = Telemetry::start(Some(AccessLogSettings { format: Format::Text, output }));
        let recorder = telemetry.recorder();
        recorder.connected();
        for (service, code, backend_calls) in [("a", 200, 1), ("b", 200, 0), ("a", 204, 1), ("a", 404, 0)] {
            recorder.began();
            recorder.ended(ExchangeRecord {
                service: Some(service.into()),
                api: Some("echo".into()),
                status: Status::new(code).unwrap(),
                total: Duration::from_millis(3),
                backend: Duration::from_millis(2),
                backend_calls,
                ..ExchangeRecord::default()
            });
        }
        recorder.began();
        telemetry.snapshot_published(7);
        telemetry.publish_failed();
        let text = telemetry.render();
        for line in [
            r#"tollgate_requests_total{service="a",workspace="",api="echo",operation="",status="2xx"} 2"#,
            r#"tollgate_requests_total{service="b",workspace="",api="echo",operation="",status="2xx"} 1"#,
            r#"tollgate_requests_total{service="a",workspace="",api="echo",operation="",status="4xx"} 1"#,
            r#"tollgate_request_duration_seconds_count{service="a",workspace="",api="echo"} 3"#,
            r#"tollgate_request_duration_seconds_bucket{le="0.0025",service="a",workspace="",api="echo"} 0"#,
            r#"tollgate_request_duration_seconds_bucket{le="0.005",service="a",workspace="",api="echo"} 3"#,
            r#"tollgate_backend_duration_seconds_count{service="a",workspace="",api="echo"} 2"#,
            "tollgate_requests_in_flight 1",
            "tollgate_connections 1",
            "tollgate_snapshot_position 7",
            "tollgate_telemetry_dropped_total 0",
            "tollgate_publish_failures_total 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\nis not in\n{text}");
        }
        assert_eq!(text.matches("# EOF").count(), 1);
        assert_eq!(page.text().lines().count(), 4);
    }
}
