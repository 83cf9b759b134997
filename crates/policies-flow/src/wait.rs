//! `wait`: runs its policies at the same time, until all or one of them are done.

use std::{future::poll_fn, task::Poll};

use policy::{Turns, prelude::*};

words! {
    /// What to wait for.
    enum For { All = "all", Any = "any" }
}

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "wait",
    summary: "Runs its policies at the same time, and goes on when all of them, or the first, are done.",
    notes: "The calls go out together; the rest of their work takes turns at the exchange, in the order in which answers come. With `any` \
            the first that is done without a failure ends it, and the others are given up; if all fail, so does `wait`. With `all` a \
            failure ends it at once.",
    sections: Sections::INBOUND.or(Sections::BACKEND).or(Sections::OUTBOUND),
    also: Sections::ON_ERROR,
    attrs: &[Attr::or("for", Kind::OneOf(For::WORDS), "all", "What to wait for.").expr()],
    content: Content::Only(&["send-request", "cache-lookup-value", "choose"]),
    examples: &[Example {
        title: "Two questions at the same time",
        policy: r#"<wait for="all">
  <send-request mode="new" response-variable-name="price"><set-url>http://prices.example/1</set-url></send-request>
  <send-request mode="new" response-variable-name="stock"><set-url>http://stock.example/1</set-url></send-request>
</wait>
<set-header name="X-Both"><value>@(((IResponse)context.Variables["price"]).StatusCode + " " + ((IResponse)context.Variables["stock"]).StatusCode)</value></set-header>"#,
        given: "GET /resource/1 HTTP/1.1",
        then: "GET http://backend.example/resource/1 HTTP/1.1\nX-Both: 200 200",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let what = cx.attr_or(element, "for", For::All);
        let policies = cx.block(element);
        Some(Step::later(Wait { what: what?, policies }))
    },
    ..PolicyDef::BASE
};

struct Wait {
    what: Value<For>,
    policies: Block,
}

impl LaterPolicy for Wait {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let what = *self.what.get(exchange)?;
            let flow = self.together(exchange, what).await;
            // One that was given up may have been in the middle of making something.
            exchange.call = None;
            flow
        })
    }
}

impl Wait {
    async fn together(&self, exchange: &mut Exchange, what: For) -> Result<Flow, Fault> {
        let turns = Turns::new(exchange);
        let seats: Vec<_> = self.policies.steps().iter().map(|placed| (placed, turns.seat())).collect();
        let mut running: Vec<_> =
            seats.iter().map(|(placed, seat)| Some(Box::pin(placed.run_beside(seat)))).collect();
        let mut failed = None;
        // They are few, so that asking each of them costs less than knowing which one has news.
        poll_fn(|cx| {
            let mut is_done = true;
            for slot in &mut running {
                let Some(policy) = slot else { continue };
                let Poll::Ready(outcome) = policy.as_mut().poll(cx) else {
                    is_done = false;
                    continue;
                };
                *slot = None;
                match outcome {
                    Ok(Flow::Respond) => return Poll::Ready(Ok(Flow::Respond)),
                    Ok(Flow::Continue) if what == For::Any => return Poll::Ready(Ok(Flow::Continue)),
                    Ok(Flow::Continue) => {}
                    Err(fault) if what == For::All => return Poll::Ready(Err(fault)),
                    Err(fault) => failed = failed.take().or(Some(fault)),
                }
            }
            if is_done { Poll::Ready(failed.take().map_or(Ok(Flow::Continue), Err)) } else { Poll::Pending }
        })
        .await
    }
}
