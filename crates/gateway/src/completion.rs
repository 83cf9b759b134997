//! The end of an exchange: one record, exactly once, however it ended.

use std::{cell::Cell, rc::Rc, time::Duration};

use base::Timestamp;
use policy::{
    Exchange, ExchangeRecord, Response, Status, Url,
    exchange::{Over, Settlements},
    record::Ending,
};
use telemetry::{Names, SeriesId, redact};

use crate::{watch::Watch, worker::Worker};

/// What came of the request's body, as its reader counts it.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    /// Bytes so far.
    pub(crate) came: Cell<u64>,
    /// Whether it was longer than the operator allows.
    pub(crate) too_large: Cell<bool>,
}

/// A response that only has to be sent.
pub(crate) struct Finished {
    pub(crate) response: Response,
    pub(crate) completion: Completion,
    /// Whether the connection cannot be used any more.
    pub(crate) closes: bool,
}

/// Writes the record when it is dropped, if not before.
pub(crate) struct Completion {
    worker: Rc<Worker>,
    watch: Rc<Watch>,
    traffic: Rc<Traffic>,
    /// When the exchange began, and when its response was ready.
    began: Duration,
    ready: Duration,
    /// Where it is counted, and how long it waited for backends.
    series: Option<SeriesId>,
    backend: Option<Duration>,
    /// When it began, on the wall clock.
    started: Timestamp,
    /// For the access log, if there is one.
    record: Option<Box<ExchangeRecord>>,
    /// Bytes of the response that were handed to the client.
    sent: u64,
    /// What policies have left for the end.
    settlements: Settlements,
    /// Bytes of the response that will be sent, if that is known.
    expected: Option<u64>,
    over: bool,
}

impl Completion {
    /// Begins an exchange that nothing is known of yet.
    pub(crate) fn begin(worker: &Rc<Worker>, watch: Rc<Watch>) -> Self {
        watch.begin();
        worker.recorder.began();
        let began = worker.host.clock.monotonic();
        let worker = Rc::clone(worker);
        Self {
            worker,
            watch,
            traffic: Rc::default(),
            began,
            ready: began,
            series: None,
            backend: None,
            started: Timestamp::default(),
            record: None,
            sent: 0,
            settlements: Settlements::default(),
            expected: None,
            over: false,
        }
    }

    pub(crate) fn traffic(&self) -> &Rc<Traffic> {
        &self.traffic
    }

    /// Takes what is known of the exchange; its response is ready, or will never be.
    pub(crate) fn note(&mut self, exchange: &mut Exchange) {
        self.ready = self.worker.host.clock.monotonic();
        self.settlements = exchange.take_settlements();
        let recorder = &self.worker.recorder;
        self.started = exchange.timestamp;
        self.series = Some(recorder.series(names(exchange), exchange.response.status));
        self.backend = (exchange.backend_use.calls > 0).then_some(exchange.backend_use.time);
        self.record = recorder.wants_records().then(|| Box::new(whole(exchange)));
    }

    /// The wall clock's time when the response was ready, without another look at it.
    pub(crate) fn date(&self) -> Timestamp {
        self.started.plus(self.ready.saturating_sub(self.began))
    }

    /// When the exchange began, on the clock that never goes back.
    pub(crate) fn began(&self) -> Duration {
        self.began
    }

    /// Takes the status of a response that no exchange made.
    pub(crate) fn refused(&mut self, status: Status) {
        let recorder = &self.worker.recorder;
        self.series = Some(recorder.series(Names::default(), status));
        let started = self.worker.host.clock.now();
        self.started = started;
        let record = || Box::new(ExchangeRecord { started, status, ..ExchangeRecord::default() });
        self.record = recorder.wants_records().then(record);
    }

    /// How many bytes the whole response has.
    pub(crate) fn expect(&mut self, bytes: Option<u64>) {
        self.expected = bytes;
    }

    /// Bytes were handed to the client.
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.sent += bytes as u64;
    }

    /// Bytes that were handed to the client.
    pub(crate) fn sent_so_far(&self) -> u64 {
        self.sent
    }

    /// Nothing more will be sent.
    pub(crate) fn finish(&mut self, ending: Ending) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        let now = self.worker.host.clock.monotonic();
        let total = now.saturating_sub(self.began);
        let over = Over { request_size: self.traffic.came.get(), response_size: self.sent, ending };
        let mut record = self.record.take();
        if let Some(record) = &mut record {
            record.total = total;
            record.client = now.saturating_sub(self.ready);
            record.request_size = over.request_size;
            record.response_size = over.response_size;
            record.ending = ending;
        }
        std::mem::take(&mut self.settlements).run(&over);
        let recorder = &self.worker.recorder;
        let series = self.series.unwrap_or_else(|| recorder.series(Names::default(), Status::CLIENT_CLOSED));
        recorder.ended(series, total, self.backend, record);
        self.watch.end();
    }
}

impl Drop for Completion {
    fn drop(&mut self) {
        // A body of known length is not asked for an end, and one that is not wanted (HEAD) for nothing at all.
        let complete = self.expected == Some(self.sent);
        self.finish(if complete { Ending::Complete } else { Ending::ClientAbort });
    }
}

/// Everything, for a log.
fn whole(exchange: &Exchange) -> ExchangeRecord {
    let key = exchange.entities.api.as_ref().map_or("", |api| &*api.key_query);
    let shown = |url: &Url| format!("{}://{}{}", url.scheme.as_str(), url.authority(), redact(&url.target(), key));
    ExchangeRecord {
        url: shown(&exchange.original_url),
        backend_url: exchange.backend_use.sent.as_ref().map(|(_, url)| shown(url)),
        ..engine::record(exchange)
    }
}

/// What it is counted under.
fn names(exchange: &Exchange) -> Names<'_> {
    let entities = &exchange.entities;
    Names {
        service: Some(&entities.service.name),
        workspace: entities.workspace.as_ref().map(|workspace| &workspace.id),
        api: entities.api.as_ref().map(|api| &api.id),
        operation: entities.operation.as_ref().map(|operation| &operation.id),
    }
}
