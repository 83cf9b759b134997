//! What `rate-limit` and `rate-limit-by-key` tell the caller and later policies.

use std::time::Duration;

use policy::{csharp, prelude::*};

const RETRY_AFTER: HeaderName = HeaderName::from_static("Retry-After");

pub(crate) const RETRY_AFTER_HEADER: Attr = Attr::or(
    "retry-after-header-name",
    Kind::HeaderName,
    "Retry-After",
    "Header of a 429 that says how many seconds to wait.",
);
pub(crate) const RETRY_AFTER_VARIABLE: Attr =
    Attr::optional("retry-after-variable-name", Kind::Name, "Variable that gets those seconds.");
pub(crate) const REMAINING_HEADER: Attr = Attr::optional(
    "remaining-calls-header-name",
    Kind::HeaderName,
    "Response header that says how many calls are left.",
);
pub(crate) const REMAINING_VARIABLE: Attr =
    Attr::optional("remaining-calls-variable-name", Kind::Name, "Variable that gets that number.");
pub(crate) const TOTAL_HEADER: Attr =
    Attr::optional("total-calls-header-name", Kind::HeaderName, "Response header that repeats `calls`.");

/// Where numbers go.
pub(crate) struct Report {
    retry_after_header: HeaderName,
    retry_after_variable: Option<Arc<str>>,
    remaining_header: Option<HeaderName>,
    remaining_variable: Option<Arc<str>>,
    total_header: Option<HeaderName>,
}

impl Report {
    pub(crate) fn compile(element: &Element, cx: &mut Compiler<'_>) -> Option<Self> {
        Some(Self {
            retry_after_header: cx.literal_or(element, "retry-after-header-name", RETRY_AFTER.clone())?,
            retry_after_variable: cx.optional_literal(element, "retry-after-variable-name")?,
            remaining_header: cx.optional_literal(element, "remaining-calls-header-name")?,
            remaining_variable: cx.optional_literal(element, "remaining-calls-variable-name")?,
            total_header: cx.optional_literal(element, "total-calls-header-name")?,
        })
    }

    /// Says what is left: the headers stand on whatever response the client gets.
    pub(crate) fn tell(&self, exchange: &mut Exchange, left: u64, total: u64) {
        if let Some(variable) = &self.remaining_variable {
            exchange.variables.set(variable, number(left));
        }
        for (header, number) in [(&self.remaining_header, left), (&self.total_header, total)] {
            if let Some(header) = header {
                exchange.late_headers.set(header.clone(), number.into());
            }
        }
    }

    /// The refusal of a call that is one too many.
    pub(crate) fn refuse(&self, exchange: &mut Exchange, reset: Duration, total: u64) -> Fault {
        let wait = whole_seconds(reset);
        if let Some(variable) = &self.retry_after_variable {
            exchange.variables.set(variable, number(wait));
        }
        self.tell(exchange, 0, total);
        Fault::new("", "RateLimitExceeded", "Rate limit is exceeded")
            .with_status(Status::TOO_MANY_REQUESTS)
            .shown(format!("Rate limit is exceeded. Try again in {wait} seconds."))
            .with_header(self.retry_after_header.clone(), wait.into())
    }
}

/// Whole seconds, never zero: a client that waits as told must be let in.
pub(super) fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_nanos().div_ceil(1_000_000_000) as u64).max(1)
}

/// What is left is an `int` in C#.
fn number(number: u64) -> csharp::Value {
    csharp::Value::Int(i32::try_from(number).unwrap_or(i32::MAX))
}
