//! [`Metrics`]: where `emit-metric` and its like leave their numbers. `telemetry` implements it.

use std::sync::Arc;

/// One number that a policy emits.
#[derive(Clone, Debug, PartialEq)]
pub struct Emitted {
    /// The service.
    pub service: Arc<str>,
    /// The workspace; empty without one.
    pub workspace: Arc<str>,
    /// The namespace, `API Management` if the policy names none.
    pub namespace: Arc<str>,
    /// The metric.
    pub name: Arc<str>,
    /// The number.
    pub value: f64,
    /// Names and values, in the order of the policy.
    pub dimensions: Box<[(Arc<str>, Arc<str>)]>,
}

/// Takes numbers, and never keeps an exchange waiting. One per worker.
pub trait Metrics {
    /// Takes one.
    fn emit(&self, metric: Emitted);
}

/// Forgets them.
pub struct NoMetrics;

impl Metrics for NoMetrics {
    fn emit(&self, _: Emitted) {}
}
