//! Where a policy stands: scope, section, path. `context.LastError` and traces name it.

use std::{fmt, sync::Arc};

use base::Span;

/// Whose policy document it is, from broad to narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The service (or, in a workspace, what the service says for all of it).
    Global,
    /// A workspace.
    Workspace,
    /// A product.
    Product,
    /// An API.
    Api,
    /// An operation.
    Operation,
}

impl Scope {
    /// As `context.LastError.Scope` spells it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Workspace => "workspace",
            Self::Product => "product",
            Self::Api => "api",
            Self::Operation => "operation",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A part of a policy document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Before the backend is called.
    Inbound,
    /// The call of the backend.
    Backend,
    /// On the way back.
    Outbound,
    /// After a fault.
    OnError,
}

impl Section {
    /// All of them, in the order of a request.
    pub const ALL: [Self; 4] = [Self::Inbound, Self::Backend, Self::Outbound, Self::OnError];

    /// As the element and `context.LastError.Section` spell it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Backend => "backend",
            Self::Outbound => "outbound",
            Self::OnError => "on-error",
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One policy's place in its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The element.
    pub name: &'static str,
    /// Whose document.
    pub scope: Scope,
    /// The way to it inside its section, counted from 1 among equal names: `choose[1]/when[2]/set-header[1]`.
    pub path: Arc<str>,
    /// Its `id` attribute.
    pub id: Option<Arc<str>>,
    /// The fragment whose text it stands in, lower-case; none for the document itself.
    pub fragment: Option<Arc<str>>,
    /// Its bytes in the text of the document, or of the fragment.
    pub span: Span,
}
