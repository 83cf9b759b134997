//! The hook on which coverage, trace and a debugger stand. It costs nothing when nobody watches.

use base::Span;

use crate::value::Value;

/// Watches an evaluation.
pub trait Observer {
    /// A statement is about to run.
    fn statement(&mut self, _span: Span) {}
    /// A condition was decided.
    fn branch(&mut self, _span: Span, _taken: bool) {}
    /// A local variable got a value.
    fn local(&mut self, _name: &str, _value: &Value) {}
}
