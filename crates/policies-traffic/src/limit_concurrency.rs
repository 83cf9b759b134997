//! `limit-concurrency`: how many requests may be inside of some policies at the same time.

use kv::{Key, Slot};
use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "limit-concurrency",
    summary: "Lets only so many requests run the policies inside of it at the same time, and answers 429 to the rest at once.",
    notes: "Requests are counted for each value of `key`, over all workers of the process; policies with the same value count together. A \
            request leaves when the policies inside are done, however they end: around `forward-request`, when the head of the response \
            has come.",
    attrs: &[
        Attr::required("key", Kind::Name, "Who is counted together.").expr(),
        Attr::required("max-count", Kind::Int(1, i64::MAX), "How many may be inside."),
    ],
    content: Content::Policies,
    examples: &[Example {
        title: "At most three calls of a backend at a time",
        policy: r#"<policies>
  <backend>
    <limit-concurrency key="@(context.Api.Id)" max-count="3">
      <forward-request timeout="120" />
    </limit-concurrency>
  </backend>
</policies>"#,
        then: "GET http://backend.example/ HTTP/1.1",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let space = format!("{}#limit-concurrency", cx.shared_space()).into();
        let (key, most) = (cx.attr(element, "key"), cx.literal(element, "max-count"));
        let block = cx.block(element);
        let limit = LimitConcurrency { space, key: key?, most: most?, block };
        Some(if limit.block.waits() { Step::later(limit) } else { Step::now(limit) })
    },
    ..PolicyDef::BASE
};

struct LimitConcurrency {
    space: Arc<str>,
    key: Value<String>,
    most: u64,
    block: Block,
}

impl LimitConcurrency {
    fn enter(&self, exchange: &mut Exchange) -> Result<Slot, Fault> {
        let key = self.key.get(exchange)?;
        let slots = &exchange.host.stores.slots;
        let slot = slots.enter(Key { space: &self.space, subject: key.as_bytes() }, self.most).ok_or_else(|| {
            let message = format!("Concurrency limit of {} is exceeded", self.most);
            Fault::new("", "ConcurrencyLimitExceeded", message).with_status(Status::TOO_MANY_REQUESTS)
        })?;
        exchange.note(|_| format!("One of {} slots of the key \"{key}\" is taken.", self.most));
        Ok(slot)
    }
}

impl Policy for LimitConcurrency {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let _slot = self.enter(exchange)?;
        self.block.run_now(exchange)
    }

    fn preflight(&self, exchange: &mut Exchange) -> Option<Result<Flow, Fault>> {
        self.block.preflight(exchange)
    }
}

impl LaterPolicy for LimitConcurrency {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            // Dropped with this future, if the client goes away or a policy panics.
            let _slot = self.enter(exchange)?;
            self.block.run(exchange).await
        })
    }

    fn preflight(&self, exchange: &mut Exchange) -> Option<Result<Flow, Fault>> {
        self.block.preflight(exchange)
    }
}
