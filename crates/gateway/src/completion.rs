//! The end of an exchange: one record, exactly once, however it ended.

use std::{cell::Cell, rc::Rc, sync::Arc, time::Duration};

use policy::{
    Exchange, ExchangeRecord, Response, Status, Url,
    exchange::{Over, Settlements},
    record::Ending,
};
use telemetry::redact;

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
    record: ExchangeRecord,
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
            record: ExchangeRecord::default(),
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
        self.record = if self.worker.recorder.wants_texts() { whole(exchange) } else { numbers(exchange) };
    }

    /// Takes the status of a response that no exchange made.
    pub(crate) fn refused(&mut self, status: Status) {
        self.record.started = self.worker.host.clock.now();
        self.record.status = status;
    }

    /// How many bytes the whole response has.
    pub(crate) fn expect(&mut self, bytes: Option<u64>) {
        self.expected = bytes;
    }

    /// Bytes were handed to the client.
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.record.response_size += bytes as u64;
    }

    /// Nothing more will be sent.
    pub(crate) fn finish(&mut self, ending: Ending) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        let now = self.worker.host.clock.monotonic();
        let mut record = std::mem::take(&mut self.record);
        record.total = now.saturating_sub(self.began);
        record.client = now.saturating_sub(self.ready);
        record.request_size = self.traffic.came.get();
        record.ending = ending;
        let over = Over { request_size: record.request_size, response_size: record.response_size, ending };
        std::mem::take(&mut self.settlements).run(&over);
        self.worker.recorder.ended(record);
        self.watch.end();
    }
}

impl Drop for Completion {
    fn drop(&mut self) {
        // A body of known length is not asked for an end, and one that is not wanted (HEAD) for nothing at all.
        let complete = self.expected == Some(self.record.response_size);
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

/// What metrics need: nothing that must be allocated.
fn numbers(exchange: &Exchange) -> ExchangeRecord {
    let (entities, backend) = (&exchange.entities, &exchange.backend_use);
    ExchangeRecord {
        service: Some(Arc::clone(&entities.service.name)),
        workspace: entities.workspace.as_ref().map(|workspace| Arc::clone(&workspace.id)),
        api: entities.api.as_ref().map(|api| Arc::clone(&api.id)),
        operation: entities.operation.as_ref().map(|operation| Arc::clone(&operation.id)),
        status: exchange.response.status,
        backend: backend.time,
        backend_calls: backend.calls,
        cache: exchange.cache_use,
        ..ExchangeRecord::default()
    }
}
