//! Prometheus metrics, keyed by service and workspace: the sum of what the workers have counted.

use std::{collections::BTreeMap, fmt, sync::Arc};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet, text::encode},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
    registry::{Registry, Unit},
};

use crate::{
    lock,
    tally::{BOUNDS, Board, Durations, Labels},
};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    service: Arc<str>,
    workspace: Arc<str>,
    api: Arc<str>,
    operation: Arc<str>,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EncodeLabelSet)]
struct ApiLabels {
    service: Arc<str>,
    workspace: Arc<str>,
    api: Arc<str>,
}

/// Numbers of the process at the moment of a scrape.
pub(crate) struct Process {
    pub(crate) in_flight: i64,
    pub(crate) connections: i64,
    pub(crate) dropped: u64,
    pub(crate) snapshot_position: u64,
    pub(crate) publish_failures: u64,
}

/// Everything as text. `others` writes families that are not kept here.
pub(crate) fn render<'a>(
    process: &Process,
    boards: impl Iterator<Item = &'a Board>,
    others: impl FnOnce(&mut String),
) -> String {
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
    let mut exchanges = Registry::default();
    exchanges.register_collector(Box::new(Exchanges::of(boards)));
    let _ = encode(&mut text, &exchanges);
    text
}

/// What the workers have counted, added up.
#[derive(Debug, Default)]
struct Exchanges {
    requests: BTreeMap<Labels, u64>,
    durations: BTreeMap<ApiLabels, Sum>,
    backend_durations: BTreeMap<ApiLabels, Sum>,
}

#[derive(Debug, Default)]
struct Sum {
    counts: [u64; BOUNDS.len() + 1],
    nanos: u64,
}

impl Sum {
    fn add(&mut self, durations: &Durations) {
        for (sum, count) in self.counts.iter_mut().zip(&durations.counts) {
            *sum += count.read();
        }
        self.nanos = self.nanos.wrapping_add(durations.nanos.read());
    }
}

impl Exchanges {
    fn of<'a>(boards: impl Iterator<Item = &'a Board>) -> Self {
        let mut all = Self::default();
        for board in boards {
            // The operations of an API share its times.
            let mut times = BTreeMap::new();
            for series in lock(board).iter() {
                *all.requests.entry(series.labels.clone()).or_default() += series.requests.read();
                let Labels { service, workspace, api, .. } = series.labels.clone();
                times.entry(ApiLabels { service, workspace, api }).or_insert_with(|| Arc::clone(&series.times));
            }
            for (labels, times) in times {
                all.durations.entry(labels.clone()).or_default().add(&times.whole);
                all.backend_durations.entry(labels).or_default().add(&times.backend);
            }
        }
        all
    }
}

impl Collector for Exchanges {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Exchanges that are over.";
        let mut family = encoder.encode_descriptor("tollgate_requests", help, None, MetricType::Counter)?;
        for (labels, count) in &self.requests {
            let Labels { service, workspace, api, operation, status } = labels.clone();
            let labels = RequestLabels { service, workspace, api, operation, status };
            family.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(count, None)?;
        }
        let help = "Time from the request's head to the last byte of the response.";
        histograms(&mut encoder, "tollgate_request_duration", help, &self.durations)?;
        let help = "Time spent waiting for backends, of exchanges that called one.";
        histograms(&mut encoder, "tollgate_backend_duration", help, &self.backend_durations)
    }
}

fn histograms(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    all: &BTreeMap<ApiLabels, Sum>,
) -> fmt::Result {
    let mut family = encoder.encode_descriptor(name, help, Some(&Unit::Seconds), MetricType::Histogram)?;
    let bounds = BOUNDS.iter().map(|bound| bound.as_secs_f64()).chain([f64::INFINITY]);
    for (labels, sum) in all {
        let buckets: Vec<(f64, u64)> = bounds.clone().zip(sum.counts).collect();
        let (count, seconds) = (sum.counts.iter().sum(), sum.nanos as f64 / 1e9);
        family.encode_family(labels)?.encode_histogram::<NoLabelSet>(seconds, count, &buckets, None)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use policy::{ExchangeRecord, Status};

    use crate::{AccessLogSettings, Format, Names, Telemetry, access_log::Page};

    #[test]
    fn what_was_recorded_is_counted_and_logged() {
        let page = Page::default();
        let output = Box::new(page.clone());
        let telemetry = Telemetry::start(Some(AccessLogSettings { format: Format::Text, output }));
        let recorders = [telemetry.recorder(), telemetry.recorder()];
        let recorder = &recorders[0];
        recorder.connected();
        for (number, (service, code, calls)) in
            [("a", 200, true), ("b", 200, false), ("a", 204, true), ("a", 404, false)].into_iter().enumerate()
        {
            let recorder = &recorders[number % 2];
            recorder.began();
            let (service, api) = (service.into(), "echo".into());
            let names = Names { service: Some(&service), api: Some(&api), ..Names::default() };
            let series = recorder.series(names, Status::new(code).unwrap());
            let backend = calls.then_some(Duration::from_millis(2));
            recorder.ended(series, Duration::from_millis(3), backend, Some(Box::new(ExchangeRecord::default())));
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
            r#"tollgate_request_duration_seconds_sum{service="a",workspace="",api="echo"} 0.009"#,
            r#"tollgate_request_duration_seconds_bucket{le="0.0025",service="a",workspace="",api="echo"} 0"#,
            r#"tollgate_request_duration_seconds_bucket{le="0.005",service="a",workspace="",api="echo"} 3"#,
            r#"tollgate_request_duration_seconds_bucket{le="+Inf",service="a",workspace="",api="echo"} 3"#,
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
