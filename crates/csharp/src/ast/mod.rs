//! The syntax tree of C# 7.3 as a policy expression may use it.
//!
//! The tree says what was written, not what it means: `a.b` may be a member or a namespace, `x is Foo` a type test or a
//! comparison with a constant. The binder decides. Every node knows its place. The parser bounds the height of a tree
//! ([`crate::parser::MAX_HEIGHT`]), left-leaning chains included, so that a pass over it may recurse freely.

mod expression;
mod literal;
mod pattern;
mod query;
mod statement;
mod types;

pub use expression::*;
pub use literal::*;
pub use pattern::*;
pub use query::*;
pub use statement::*;
pub use types::*;

use base::Span;

/// An identifier as the language sees it: without a leading `@`, with Unicode escapes resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Its characters; empty where the text lacks one, which has been reported.
    pub text: Box<str>,
    /// Where it stands.
    pub span: Span,
}

impl Name {
    /// Whether the text lacked an identifier here. The parser has reported it.
    pub fn is_missing(&self) -> bool {
        self.text.is_empty()
    }
}

/// A name with the type arguments behind it: `Select<int, string>`.
#[derive(Clone, Debug)]
pub struct SimpleName {
    /// The identifier.
    pub name: Name,
    /// The arguments in `<…>`; `None` where there is no such list. Unbound lists (`typeof(List<>)`) hold
    /// [`TypeKind::Omitted`].
    pub type_args: Option<Vec<Type>>,
}

impl SimpleName {
    /// From the identifier to the closing `>`.
    pub fn span(&self) -> Span {
        match self.type_args.as_deref() {
            // One past the last argument stands at least the `>`.
            Some([.., last]) => self.name.span.to(Span::new(last.span.end, last.span.end + 1)),
            _ => self.name.span,
        }
    }
}
