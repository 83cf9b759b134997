//! The end of an exchange: one record, exactly once, however it ended.

use std::{cell::Cell, rc::Rc, time::Duration};

use policy::{
    Exchange, ExchangeRecord, Response, Status,
    record::{Ending, LastErrorRecord},
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
    /// Bytes of the response that will be sent, if that is known.
    expected: Option<u64>,
    over: bool,
}

impl Completion {
    /// Begins an exchange that nothing is known of yet.
    pub(crate) fn begin(worker: &Rc<Worker>, watch: Rc<Watch>) -> Self {
        watch.begin();
        worker.recorder.began();
        let record = ExchangeRecord { started: worker.host.clock.now(), ..ExchangeRecord::default() };
        let began = worker.host.clock.monotonic();
        let worker = Rc::clone(worker);
        Self { worker, watch, traffic: Rc::default(), began, ready: began, record, expected: None, over: false }
    }

    pub(crate) fn traffic(&self) -> &Rc<Traffic> {
        &self.traffic
    }

    /// Takes what is known of the exchange; its response is ready, or will never be.
    pub(crate) fn note(&mut self, exchange: &Exchange) {
        self.ready = self.worker.host.clock.monotonic();
        let texts = self.worker.recorder.wants_texts();
        fill(&mut self.record, exchange, texts);
    }

    /// Takes the status of a response that no exchange made.
    pub(crate) fn refused(&mut self, status: Status) {
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

fn fill(record: &mut ExchangeRecord, exchange: &Exchange, texts: bool) {
    let entities = &exchange.entities;
    let id = |name: &std::sync::Arc<str>| Some(std::sync::Arc::clone(name)).filter(|name| !name.is_empty());
    record.id = exchange.id;
    record.service = id(&entities.service.name);
    record.workspace = entities.workspace.as_ref().and_then(|workspace| id(&workspace.id));
    record.api = entities.api.as_ref().and_then(|api| id(&api.id));
    record.operation = entities.operation.as_ref().and_then(|operation| id(&operation.id));
    record.client_address = exchange.client.address;
    record.client_protocol = exchange.client.version;
    record.client_tls = exchange.client.tls;
    record.method = exchange.request.method.clone();
    record.status = exchange.response.status;
    record.backend = exchange.backend_use.time;
    record.backend_calls = exchange.backend_use.calls;
    if let Some((version, status)) = exchange.backend_use.answer {
        record.backend_protocol = Some(version);
        record.backend_status = Some(status);
    }
    if !texts {
        return;
    }
    record.api_revision = entities.api.as_ref().and_then(|api| id(&api.revision));
    record.product = entities.product.as_ref().and_then(|product| id(&product.id));
    record.subscription = entities.subscription.as_ref().and_then(|subscription| id(&subscription.id));
    record.user = entities.user.as_ref().and_then(|user| id(&user.id));
    let key = entities.api.as_ref().map_or("", |api| &*api.key_query);
    let shown = |url: &policy::Url| {
        let target = url.target();
        format!("{}://{}{}", url.scheme.as_str(), url.authority(), redact(&target, key))
    };
    record.url = shown(&exchange.original_url);
    record.backend_id = exchange.target.backend.as_ref().and_then(|backend| id(&backend.id));
    if let Some((method, url)) = &exchange.backend_use.sent {
        record.backend_method = Some(method.clone());
        record.backend_url = Some(shown(url));
    }
    record.last_error = exchange.last_error.as_ref().map(|fault| LastErrorRecord {
        source: fault.source().to_owned(),
        reason: fault.reason().to_owned(),
        message: fault.message().to_owned(),
        scope: fault.scope(),
        section: fault.section().map(policy::Section::word),
        path: fault.path().map(str::to_owned),
        policy_id: fault.policy_id().map(str::to_owned),
        elapsed: exchange.last_error_at,
    });
}
