//! Spans, diagnostics, secrets and the host traits every room shares.
//!
//! The lowest tier: it depends on nothing of ours, and everything may depend on it.

mod clock;
mod diagnostic;
mod entropy;
pub mod grove;
mod secret;
mod span;

pub use clock::{Clock, Elapsed, Sleep, Timestamp, within};
pub use diagnostic::{Diagnostic, Severity, has_errors};
pub use entropy::Entropy;
pub use secret::Secret;
pub use span::{LineIndex, Position, Span};
