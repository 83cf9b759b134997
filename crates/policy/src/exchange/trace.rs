//! What a traced exchange remembers of its steps.

use std::{sync::Arc, time::Duration};

use crate::{Place, Section};

/// How much a `trace` message matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words of the `severity` attribute")]
pub enum Severity {
    #[default]
    Verbose,
    Information,
    Error,
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct TraceEntry {
    /// In which section.
    pub section: Section,
    /// The element, or the built-in step.
    pub source: Arc<str>,
    /// Where it stands; none for built-in steps.
    pub place: Option<Arc<Place>>,
    /// Time since the exchange began.
    pub elapsed: Duration,
    /// What happened.
    pub message: String,
    /// How much it matters.
    pub severity: Severity,
    /// Names and values the author adds.
    pub metadata: Vec<(Arc<str>, String)>,
}
