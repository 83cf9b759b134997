//! Readers of the exchange record: access log and metrics.
