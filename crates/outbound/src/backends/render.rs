//! The state of breakers as metrics.

use std::{fmt::Write as _, sync::PoisonError, time::Duration};

use super::{Backends, Cap};

impl Backends {
    /// Appends the families `tollgate_backend_breaker_open` and `tollgate_backend_breaker_trips` in the OpenMetrics text format.
    /// Backends are there from their first call on. The connections to each host and port follow.
    pub fn render(&self, now: Duration, out: &mut String) {
        self.render_breakers(now, out);
        self.render_connections(out);
    }

    fn render_connections(&self, out: &mut String) {
        let caps = self.caps.read().unwrap_or_else(PoisonError::into_inner);
        if caps.is_empty() {
            return;
        }
        let mut all: Vec<_> = caps.iter().map(|(place, cap)| (plain(place), cap)).collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        let mut family = |name: &str, kind: &str, suffix: &str, help: &str, figure: fn(&Cap) -> usize| {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (place, cap) in &all {
                let _ = writeln!(out, "{name}{suffix}{{place=\"{place}\"}} {}", figure(cap));
            }
        };
        family("tollgate_backend_connections", "gauge", "", "Open connections to a backend.", Cap::open);
        let help = "Requests that wait for a connection to a backend.";
        family("tollgate_backend_connections_waiting", "gauge", "", help, Cap::waiting);
        let help = "Requests that got no connection to a backend because all were in use.";
        family("tollgate_backend_connections_refused", "counter", "_total", help, Cap::refused);
    }

    fn render_breakers(&self, now: Duration, out: &mut String) {
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
        plain(segments.nth(1).unwrap_or_default())
    };
    format!("service=\"{}\",workspace=\"{}\",backend=\"{}\"", name("service"), name("workspaces"), name("backends"))
}

/// What may stand in a label as it is.
fn plain(text: &str) -> String {
    text.replace(['"', '\\', '\n'], "_")
}
