//! Patterns of `is` and `case`, and what a declaration names.

use base::Span;

use super::{Expr, Name, Type};

/// A pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// What kind of pattern.
    pub kind: PatternKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of patterns of C# 7.3. Later ones are reported by the parser and stand as `Error`.
#[derive(Clone, Debug)]
pub enum PatternKind {
    /// Nothing readable or nothing of C# 7.3; the parser has reported it.
    Error,
    /// `x is T`. A dotted name may be a constant instead (`x is Limits.Most`): the binder falls back to that.
    Type(Type),
    /// `is 5`, `case "a":`, `case DayOfWeek.Monday:`. In a `case` a bare name stands here, never as `Type`.
    Constant(Expr),
    /// `T name`, `T _`.
    Declaration {
        /// The type asked for.
        ty: Type,
        /// The new local.
        designation: Designation,
    },
    /// `var name`, `var _`.
    Var(Designation),
}

/// What a declaration names.
#[derive(Clone, Debug)]
pub enum Designation {
    /// A new local.
    Name(Name),
    /// `_`.
    Discard(Span),
    /// `(a, b)`, in deconstructions.
    Tuple {
        /// The parts, possibly nested.
        parts: Vec<Designation>,
        /// With the parentheses.
        span: Span,
    },
}

impl Designation {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Self::Name(name) => name.span,
            Self::Discard(span) | Self::Tuple { span, .. } => *span,
        }
    }
}
