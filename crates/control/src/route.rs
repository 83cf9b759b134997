//! Which handler answers an operation; the one place that knows what is served.

use arm::{Code, Error, Method, OPERATIONS, Operation, Result};
use resources::{LINK_VIEWS, LinkView, ResourceDef};

use crate::{Answer, Call, Control, Later, actions, control::Context, crud, links};

/// What answers an operation.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    /// The driver that all kinds share.
    Crud(&'static ResourceDef),
    /// Another view of links.
    View(&'static LinkView),
    /// A file of `actions`.
    Action(Action),
}

/// What a file of `actions` offers.
pub(crate) type Action = for<'a> fn(&'a Control, &'a Context<'a>) -> Later<'a, Result<Answer>>;

/// The operations that are served, as (method, path) of the specification.
pub fn served() -> impl Iterator<Item = (Method, &'static str)> {
    OPERATIONS.iter().filter(|operation| of(operation).is_some()).map(|operation| (operation.method, operation.path))
}

/// The handler of an operation for this call.
pub(crate) fn handler(operation: &'static Operation, call: &Call) -> Result<Handler> {
    // Reading and exporting share their path.
    let export = operation.name.ends_with("Api_Get") && call.flag("export");
    let name = if export { operation.name.replace("Api_Get", "ApiExport_Get") } else { operation.name.to_owned() };
    of(operation).filter(|_| !export).ok_or_else(|| {
        let message = format!(
            "The operation {name} ({} {}) is not supported by this server yet.",
            operation.method, operation.path
        );
        Error::new(Code::OperationNotSupported, message)
    })
}

pub(crate) async fn run(handler: Handler, control: &Control, cx: &Context<'_>) -> Result<Answer> {
    match handler {
        Handler::Crud(def) => crud::run(control, cx, def).await,
        Handler::View(view) => links::run(control, cx, view).await,
        Handler::Action(action) => action(control, cx).await,
    }
}

fn of(operation: &'static Operation) -> Option<Handler> {
    let name = operation.name.strip_prefix("Workspace").unwrap_or(operation.name);
    if let Some((_, action)) = actions::ACTIONS.iter().find(|(known, _)| *known == name) {
        return Some(Handler::Action(*action));
    }
    let mut types = operation.kind.rsplit('/');
    let (last, owner) = (types.next()?, types.next().unwrap_or_default());
    let view = |view: &&LinkView| view.owner == owner && view.segment.eq_ignore_ascii_case(last);
    if let Some(view) = LINK_VIEWS.iter().find(view) {
        return Some(Handler::View(view));
    }
    let def = resources::def(&operation.kind)?;
    (operation.names_one || operation.method == Method::Get).then_some(Handler::Crud(def))
}
