//! `<api>` and `<operation>` inside of a limit: limits of their own for some of the calls.

use std::borrow::Cow;

use policy::prelude::*;
use smallvec::{SmallVec, smallvec};

pub(crate) const NAME: Attr = Attr::optional("name", Kind::Name, "Its display name.");
pub(crate) const ID: Attr = Attr::optional("id", Kind::Name, "Its resource name; it counts if both are there.");

/// The limit of the policy itself, and those of its children.
pub(crate) struct Parts<T> {
    own: T,
    apis: Box<[(Named, T, Operations<T>)]>,
}

type Operations<T> = Box<[(Named, T)]>;

/// Limits that apply to a call, each with the subject of its counter. Mostly there is only one.
pub(crate) type Applying<'a, T> = SmallVec<[(&'a T, Cow<'a, [u8]>); 1]>;

/// What an `<api>` or `<operation>` names.
enum Named {
    Id(String),
    DisplayName(String),
}

impl Named {
    fn compile(element: &Element, cx: &mut Compiler<'_>) -> Option<Self> {
        if let Some(id) = cx.optional_literal::<String>(element, "id")? {
            return Some(Self::Id(id.trim_start_matches("/apis/").to_owned()));
        }
        let name = cx.optional_literal(element, "name")?;
        if name.is_none() {
            cx.error("PX0108", format!("<{}> needs a name or an id.", element.name), element.span);
        }
        name.map(Self::DisplayName)
    }

    fn is(&self, id: &str, display_name: &str) -> bool {
        match self {
            Self::Id(named) => named.eq_ignore_ascii_case(id),
            Self::DisplayName(named) => named == display_name,
        }
    }
}

impl<T> Parts<T> {
    /// Compiles the element and its children. `limit` reads one of them; its space is made from the name that it is given.
    pub(crate) fn compile(
        element: &Element,
        cx: &mut Compiler<'_>,
        limit: impl Fn(&Element, &mut Compiler<'_>, &str) -> Option<T>,
    ) -> Option<Self> {
        let space = cx.counter_space();
        let own = limit(element, cx, &space);
        let apis: Vec<_> = element
            .elements()
            .map(|api| {
                let name = Named::compile(api, cx);
                let own = limit(api, cx, &format!("{space}/api"));
                let operations: Vec<_> = api
                    .elements()
                    .map(|operation| {
                        let name = Named::compile(operation, cx);
                        Some((name?, limit(operation, cx, &format!("{space}/operation"))?))
                    })
                    .collect();
                Some((name?, own?, operations.into_iter().collect::<Option<_>>()?))
            })
            .collect();
        Some(Self { own: own?, apis: apis.into_iter().collect::<Option<_>>()? })
    }

    /// The limits that a call of `subscription` counts against, each with the subject of its counter: the subscription, and
    /// what tells its counters for several APIs and operations apart.
    pub(crate) fn of<'a>(&'a self, exchange: &Exchange, subscription: &'a str) -> Applying<'a, T> {
        let mut limits: Applying<'a, T> = smallvec![(&self.own, Cow::Borrowed(subscription.as_bytes()))];
        let (Some(api), operation) = (&exchange.entities.api, &exchange.entities.operation) else { return limits };
        for (name, limit, operations) in &self.apis {
            if !name.is(&api.id, &api.name) {
                continue;
            }
            limits.push((limit, Cow::Owned(format!("{subscription}/{}", api.id).into_bytes())));
            let Some(operation) = operation else { continue };
            let matching = operations.iter().filter(|(name, _)| name.is(&operation.id, &operation.name));
            limits.extend(matching.map(|(_, limit)| {
                (limit, Cow::Owned(format!("{subscription}/{}/{}", api.id, operation.id).into_bytes()))
            }));
        }
        limits
    }
}
