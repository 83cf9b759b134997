//! C# 7.3 expressions: lexer, parser, binder, typed IR and executor. Knows no .NET type but through a member table.
//!
//! [`compile`] turns the text inside `@( )` or `@{ }` into a [`Program`], bound against a [`surface::Surface`];
//! [`Program::run`] evaluates it against a [`host::Host`].

#![allow(clippy::needless_for_each, reason = "a call per item reads best as a chain")]
#![allow(
    clippy::unused_self,
    clippy::self_only_used_in_recursion,
    reason = "the binder's questions stay methods, so that they may come to need it"
)]
#![allow(clippy::type_complexity, reason = "closures that make nodes are spelled out where they are used, once each")]

mod arith;
pub mod ast;
mod bind;
pub mod call;
pub mod exception;
mod exec;
pub mod flow;
pub mod host;
mod ir;
pub mod lexer;
pub mod limits;
pub mod observe;
pub mod parcel;
pub mod parser;
mod program;
pub mod surface;
pub mod text;
pub mod token;
pub mod ty;
pub mod value;

/// A name that stands for a value of unknown type: whatever is done with it is right. Checks put it in the place of code
/// that is not known yet.
pub const UNKNOWN: &str = "__not_known_here";

pub use call::{Args, Cx, Native, Prepared, Raise, Result};
pub use program::{Compiled, Failure, Form, Options, Program, Reach, compile};
pub use rust_decimal::Decimal;
pub use text::{Str, StrBuilder};
pub use ty::{Prim, Ty};
pub use value::{Const, Object, Value};
