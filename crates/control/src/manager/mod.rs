//! The resource manager's own surface, as far as clients of this provider need it.

mod authorization;
mod groups;
mod metadata;
mod providers;
mod subscriptions;

use arm::{Action, ApiVersion, Code, Error, Method, ResourceId, Result};

use crate::{Answer, Call, Control, commit::missing};

/// Answers a path of the resource manager; `None` leaves it to the provider.
pub(crate) async fn answer(control: &Control, call: &Call, path: &[&str]) -> Option<Result<Answer>> {
    let lower: Vec<String> = path.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    Some(match (lower.as_slice(), path) {
        (["tenants"], _) => subscriptions::tenants(control, call),
        (["subscriptions"], _) => subscriptions::list(control, call).await,
        ([.., "providers", "microsoft.authorization", _] | [.., "providers", "microsoft.authorization", _, _], _) => {
            authorization::answer(control, call, path).await
        }
        (["subscriptions", _], [_, id]) => subscriptions::get(control, call, id).await,
        (["subscriptions", _, "locations"], [_, id, _]) => subscriptions::locations(control, call, id).await,
        (["subscriptions", _, "providers"], [_, id, _]) => providers::list(control, call, id).await,
        (["subscriptions", _, "providers", _], [_, id, _, namespace]) => {
            providers::get(control, call, id, namespace).await
        }
        (["subscriptions", _, "providers", _, "register"], [_, id, _, namespace, _]) => {
            providers::register(control, call, id, namespace).await
        }
        (["subscriptions", _, "resourcegroups"], [_, id, _]) => groups::list(control, call, id).await,
        (["subscriptions", _, "resourcegroups", _], [_, id, _, name]) => groups::one(control, call, id, name).await,
        (["subscriptions", _, "resources"], [_, id, _]) => {
            groups::resources(control, call, &ResourceId::subscription(id)).await
        }
        (["subscriptions", _, "resourcegroups", _, "resources"], [_, id, _, name, _]) => {
            groups::resources(control, call, &groups::id(id, name)).await
        }
        _ => return None,
    })
}

/// The right, the version and the subscription: what every path below a subscription needs.
async fn enter(control: &Control, call: &Call, subscription: &str, kind: &str, id: &ResourceId) -> Result<()> {
    control.authorize(&call.caller, &Action::of(call.method, kind), id).await?;
    ApiVersion::any(call.param("api-version"))?;
    let subscription = ResourceId::subscription(subscription);
    if control.read(&subscription).await?.is_none() {
        let message = format!("The subscription '{}' could not be found.", subscription.name());
        return Err(Error::new(Code::SubscriptionNotFound, message));
    }
    Ok(())
}

fn only(call: &Call, method: Method) -> Result<()> {
    if call.method == method {
        return Ok(());
    }
    Err(Error::new(Code::MethodNotAllowed, format!("The verb {} is not {method} here.", call.method)))
}

/// What exists, or the refusal that it does not.
async fn found(control: &Control, id: &ResourceId) -> Result<store::Document> {
    control.read(id).await?.ok_or_else(|| missing(id))
}
