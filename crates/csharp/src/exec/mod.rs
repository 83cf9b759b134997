//! Runs the IR: [`lower`] compiles it once into a form that threads share, [`run`] executes that.
//!
//! Statements become a flat list of operations with jumps ([`code`]), so that `goto`, `break`, `finally` and the pauses
//! of an iterator are all a matter of the next operation's index. Expressions stay trees; those of type `int` and `bool`
//! have trees of their own, whose values need no tag. A local is a slot of the frame; one that a delegate shares is a
//! cell.

mod ask;
mod capture;
mod closure;
mod code;
mod eval;
mod frame;
mod join;
mod lower;
mod pipeline;
mod place;
mod run;
mod spin;
mod statement;
mod types;
pub(crate) mod walk;

pub(crate) use ask::Plain;
pub(crate) use code::Code;
pub(crate) use lower::lower;
pub(crate) use run::run;
