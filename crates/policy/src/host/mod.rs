//! `context` as expressions see it: the door of the C# engine, opened on one exchange.

mod entities;
mod message;

use std::{borrow::Cow, cell::RefCell, rc::Rc, time::Duration};

use base::Timestamp;
use csharp::{
    Str, Value,
    host::{Body, Certificate, Flag, Host, Instant, Number, Pairs, Part, Side, Text},
};

pub(crate) use message::is_streamed;

use crate::{
    Exchange,
    exchange::{Effect, Severity},
};

/// An exchange while an expression runs. What the expression does to it happens in [`Context::settle`], after it has
/// ended well: an expression that fails, or runs again once a body is there, leaves no trace.
pub struct Context<'a> {
    exchange: &'a mut Exchange,
    /// Of the request and of the response.
    consumed: [bool; 2],
    /// Objects of variables that were handed out, with copies from before; `None` where nothing will be taken back.
    lent: Option<Box<Lent>>,
    /// What `context.Trace` was given, where that is not for this exchange to note.
    said: Option<Vec<String>>,
}

type Lent = RefCell<Vec<(Value, Value)>>;

impl<'a> Context<'a> {
    /// Opens the door.
    #[inline]
    pub fn new(exchange: &'a mut Exchange) -> Self {
        Self { exchange, consumed: [false; 2], lent: None, said: None }
    }

    /// Opens the door to an expression that may be given up: what it changes in the objects of variables can be taken back.
    pub fn undoable(exchange: &'a mut Exchange) -> Self {
        Self { lent: Some(Box::default()), ..Self::new(exchange) }
    }

    /// Opens the door on a [`Twin`](crate::exchange::Twin): what happens here must happen to the other.
    pub(crate) fn of_twin(exchange: &'a mut Exchange) -> Self {
        Self { said: Some(Vec::new()), ..Self::new(exchange) }
    }

    /// What must happen to the twin: which bodies were read without keeping them, and what was said.
    pub(crate) fn effects(self) -> ([bool; 2], Vec<String>) {
        (self.consumed, self.said.unwrap_or_default())
    }

    /// Takes back what the expression has done: variables hold their objects as they were before. Variables that shared
    /// one object still do.
    pub fn undo(self) {
        let lent = self.lent.map(|lent| lent.into_inner()).unwrap_or_default();
        for value in self.exchange.variables.values_mut() {
            if let Some((_, copy)) = lent.iter().find(|(original, _)| is_same(original, value)) {
                *value = copy.clone();
            }
        }
    }

    /// Does what the expression asked for: bodies that it read without keeping them are gone.
    #[inline]
    pub fn settle(self) {
        for (side, consumed) in [Side::Request, Side::Response].into_iter().zip(self.consumed) {
            if consumed {
                self.exchange.consume(side);
            }
        }
    }
}

impl Host for Context<'_> {
    fn now(&self) -> Timestamp {
        self.exchange.host.clock.now()
    }

    fn entropy(&self, bytes: &mut [u8]) {
        self.exchange.host.entropy.fill(bytes);
    }

    fn request_id(&self) -> [u8; 16] {
        self.exchange.id
    }

    fn elapsed(&self) -> Duration {
        self.exchange.elapsed()
    }

    fn has(&self, part: Part) -> bool {
        let exchange = &*self.exchange;
        let entities = &exchange.entities;
        match part {
            Part::Api => entities.api.is_some(),
            Part::Backend => exchange.target.backend.is_some(),
            Part::LastError => exchange.last_error.is_some(),
            Part::Operation => entities.operation.is_some(),
            // A gateway that is not behind a private link has none.
            Part::PrivateEndpoint => false,
            Part::Product => entities.product.is_some(),
            Part::RequestBody => message::has_body(exchange, Side::Request),
            Part::Response => exchange.has_response,
            Part::ResponseBody => exchange.has_response && message::has_body(exchange, Side::Response),
            Part::ServiceUrl => entities.api.as_ref().is_some_and(|api| api.service_url.is_some()),
            Part::Subscription => entities.subscription.is_some(),
            Part::User => entities.user.is_some(),
            Part::Workspace => entities.workspace.is_some(),
        }
    }

    fn text(&self, text: Text) -> Option<Cow<'_, str>> {
        entities::text(self.exchange, text)
    }

    fn flag(&self, flag: Flag) -> bool {
        let entities = &self.exchange.entities;
        match flag {
            Flag::Tracing => self.exchange.is_traced(),
            Flag::ApiIsCurrentRevision => entities.api.as_ref().is_some_and(|api| api.is_current_revision),
            Flag::GatewayIsManaged => entities.service.gateway_is_managed,
            Flag::ProductApprovalRequired => entities.product.as_ref().is_some_and(|product| product.approval_required),
            Flag::ProductSubscriptionRequired => {
                entities.product.as_ref().is_some_and(|product| product.subscription_required)
            }
        }
    }

    fn number(&self, number: Number) -> Option<i64> {
        match number {
            Number::ResponseStatusCode => Some(i64::from(self.exchange.response.status.code())),
            Number::UrlPort(url) => message::url(self.exchange, url).map(|url| i64::from(url.port)),
            Number::ProductSubscriptionsLimit => {
                self.exchange.entities.product.as_ref()?.subscriptions_limit.map(i64::from)
            }
        }
    }

    fn instant(&self, instant: Instant) -> Option<Timestamp> {
        let entities = &self.exchange.entities;
        let subscription = entities.subscription.as_ref();
        match instant {
            Instant::Timestamp => Some(self.exchange.timestamp),
            Instant::SubscriptionCreated => subscription?.created,
            Instant::SubscriptionStart => subscription?.start,
            Instant::SubscriptionEnd => subscription?.end,
            Instant::UserRegistration => entities.user.as_ref()?.registration,
        }
    }

    fn pair(&self, pairs: Pairs, name: &str) -> Option<Cow<'_, str>> {
        message::joined(self.exchange, pairs, name)
    }

    fn pair_values(&self, pairs: Pairs, name: &str) -> Option<Vec<Str>> {
        let values = message::values(self.exchange, pairs, name);
        (!values.is_empty()).then_some(values)
    }

    fn pair_names(&self, pairs: Pairs) -> Vec<Str> {
        message::names(self.exchange, pairs)
    }

    fn variable(&self, name: &str) -> Option<Value> {
        let value = self.exchange.variables.get(name)?;
        if let (Some(lent), Value::Object(object)) = (&self.lent, value)
            && !lent.borrow().iter().any(|(original, _)| is_same(original, value))
            && let Some(copy) = object.snapshot()
        {
            lent.borrow_mut().push((value.clone(), copy));
        }
        Some(value.clone())
    }

    fn variable_names(&self) -> Vec<Str> {
        self.exchange.variables.iter().map(|(name, _)| Str::from(&**name)).collect()
    }

    fn body(&mut self, side: Side, preserve: bool) -> Body {
        let body = message::body(self.exchange, side);
        if !preserve && matches!(body, Body::Bytes(_)) {
            self.consumed[side as usize] = true;
        }
        body
    }

    fn certificate(&self, certificate: Certificate<'_>) -> Option<(Vec<u8>, Option<String>)> {
        let der = match certificate {
            Certificate::Client => self.exchange.client.certificate.as_ref()?,
            Certificate::Deployment(id) => {
                let certificates = &self.exchange.entities.service.directory.certificates;
                certificates.get(id.to_ascii_lowercase().as_str())?.chain.first()?
            }
        };
        Some((der.to_vec(), None))
    }

    fn certificate_ids(&self) -> Vec<Str> {
        let certificates = &self.exchange.entities.service.directory.certificates;
        let mut ids: Vec<&str> = certificates.values().map(|certificate| &*certificate.id).collect();
        ids.sort_unstable();
        ids.into_iter().map(Str::from).collect()
    }

    fn trace(&mut self, message: &str) {
        match &mut self.said {
            Some(said) => said.push(message.to_owned()),
            None => note(self.exchange, message),
        }
    }
}

/// Notes what `context.Trace` was given.
pub(crate) fn note(exchange: &mut Exchange, message: &str) {
    let said = Effect::new(message.to_owned());
    exchange.note_as("context.Trace", Severity::Verbose, |_| said);
}

/// Whether both are one object.
fn is_same(left: &Value, right: &Value) -> bool {
    matches!((left, right), (Value::Object(left), Value::Object(right)) if Rc::ptr_eq(left, right))
}

#[cfg(test)]
mod tests;
