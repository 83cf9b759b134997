//! The state of breakers as metrics.

use std::{fmt::Write as _, sync::PoisonError, time::Duration};

use super::Backends;

impl Backends {
    /// Appends the families `tollgate_backend_breaker_open` and `tollgate_backend_breaker_trips` in the OpenMetrics text format.
    /// Backends are there from their first call on.
    pub fn render(&self, now: Duration, out: &mut String) {
        let breakers = self.breakers.read().unwrap_or_else(PoisonError::into_inner);
        if breakers.is_empty() {
            return;
        }
        let mut all: Vec<_> = breakers.iter().map(|(key, breaker)| (labels(key), breaker)).collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        // Writing into a `String` does not fail.
        let _ = writeln!(out, "# HELP tollgate_backend_breaker_open Whether the circuit breaker of a backend is open.");
        let _ = writeln!(out, "# TYPE tollgate_backend_breaker_open gauge");
        for (labels, breaker) in &all {
            let _ =
                writeln!(out, "tollgate_backend_breaker_open{{{labels}}} {}", u8::from(breaker.left(now).is_some()));
        }
        let _ = writeln!(
            out,
            "# HELP tollgate_backend_breaker_trips How often the circuit breaker of a backend has opened."
        );
        let _ = writeln!(out, "# TYPE tollgate_backend_breaker_trips counter");
        for (labels, breaker) in &all {
            let _ = writeln!(out, "tollgate_backend_breaker_trips_total{{{labels}}} {}", breaker.trips());
        }
    }
}

/// The names in a resource id, which cannot hold what would have to be escaped.
fn labels(key: &str) -> String {
    // What comes before may have the same names.
    let (_, own) = key.split_once("/microsoft.apimanagement/").unwrap_or_default();
    let name = |kind: &str| {
        let mut segments = own.split('/').skip_while(|segment| !segment.eq_ignore_ascii_case(kind));
        segments.nth(1).unwrap_or_default().replace(['"', '\\', '\n'], "_")
    };
    format!("service=\"{}\",workspace=\"{}\",backend=\"{}\"", name("service"), name("workspaces"), name("backends"))
}
