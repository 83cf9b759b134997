//! Which policies and which branches of expressions a document has, and which of them ran.

use std::sync::Arc;

use base::Span;
use csharp::observe::Observer;
use policy_xml::Mapped;

use crate::{Place, Scope};

/// A text that policies stand in: the document of a scope, or a fragment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Whose document it is, or includes the fragment.
    pub scope: Scope,
    /// The fragment, lower-case.
    pub fragment: Option<Arc<str>>,
}

/// What a document has.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// Its policies, those of included fragments too.
    pub steps: Vec<Arc<Place>>,
    /// The conditions in its expressions.
    pub conditions: Vec<(Origin, Span)>,
}

/// What ran.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Policies, once for each time they ran.
    pub steps: Vec<Arc<Place>>,
    /// Conditions, with what was decided.
    pub conditions: Vec<(Origin, Span, bool)>,
}

/// An expression that is watched: where its code stands.
#[derive(Debug)]
pub(crate) struct Watched {
    pub(crate) origin: Origin,
    pub(crate) code: Mapped,
}

/// Notes the conditions of one evaluation.
pub(crate) struct Watcher<'a> {
    pub(crate) watched: &'a Watched,
    pub(crate) found: Vec<(Origin, Span, bool)>,
}

impl Observer for Watcher<'_> {
    fn branch(&mut self, span: Span, taken: bool) {
        let place = (self.watched.origin.clone(), self.watched.code.origin(span), taken);
        if !self.found.contains(&place) {
            self.found.push(place);
        }
    }
}
