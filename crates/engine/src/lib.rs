//! Runs compiled policies over an exchange: sections, on-error, body stages. Opens no socket.
//!
//! [`compile`] turns a document into a [`Document`]; [`EffectivePolicy::join`] puts the documents of an operation
//! together along `<base />`, when they are published; [`run`] takes an exchange through them.

mod compile;
mod effective;
pub mod http_text;
mod inspect;
mod record;
pub mod rehearse;
mod run;
mod unwind;

pub use compile::{Compiled, DEFAULT_GLOBAL, Document, compile};
pub use effective::EffectivePolicy;
pub use inspect::{inspect, transferred};
pub use record::record;
pub use run::{abandon, default_answer, fail, is_cross_domain_file, preflight, run};
