//! [`Expression`]: the one place where policies and the C# engine meet.

use base::Span;
use policy_xml::{Form, Mapped};

use crate::{Exchange, Fault, FromText, compile::Compiler};

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    never: std::convert::Infallible,
}

impl Expression {
    /// Compiles what stands between the brackets of an expression.
    pub(crate) fn compile(code: &Mapped, form: Form, span: Span, compiler: &mut Compiler<'_>) -> Option<Self> {
        let _ = (code, form);
        compiler.error("PX0190", "C# expressions are not run by this build.", span);
        None
    }

    /// The result.
    pub fn evaluate(&self, _: &mut Exchange) -> Result<csharp::Value, Fault> {
        match self.never {}
    }

    /// The result as a value of policy.
    pub fn evaluate_as<T: FromText>(&self, _: &mut Exchange) -> Result<T, Fault> {
        match self.never {}
    }
}
