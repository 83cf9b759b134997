//! Resource providers: what types there are, in which versions and locations.

use arm::{Code, Error, Method, NAMESPACE, ResourceId, Result, SUPPORTED};
use serde_json::{Value, json};

use crate::{Answer, Call, Control};

use super::{enter, only};

const RIGHT: &str = "Microsoft.Resources/subscriptions/providers";

pub(super) async fn list(control: &Control, call: &Call, subscription: &str) -> Result<Answer> {
    only(call, Method::Get)?;
    enter(control, call, subscription, RIGHT, &ResourceId::subscription(subscription)).await?;
    let all = namespaces().into_iter().filter_map(|name| provider(control, subscription, name)).collect();
    control.page_of(call, all)
}

pub(super) async fn get(control: &Control, call: &Call, subscription: &str, namespace: &str) -> Result<Answer> {
    only(call, Method::Get)?;
    enter(control, call, subscription, RIGHT, &ResourceId::subscription(subscription)).await?;
    known(control, subscription, namespace)
}

/// Nothing needs to be registered: what is there is there.
pub(super) async fn register(control: &Control, call: &Call, subscription: &str, namespace: &str) -> Result<Answer> {
    only(call, Method::Post)?;
    enter(control, call, subscription, "Microsoft.Resources/register", &ResourceId::subscription(subscription)).await?;
    known(control, subscription, namespace)
}

fn known(control: &Control, subscription: &str, namespace: &str) -> Result<Answer> {
    let found = provider(control, subscription, namespace).map(|provider| Answer::json(200, provider));
    found.ok_or_else(|| {
        let message = format!("The resource namespace '{namespace}' is not one of {}.", namespaces().join(", "));
        Error::new(Code::InvalidResourceType, message)
    })
}

fn namespaces() -> [&'static str; 3] {
    [NAMESPACE, "Microsoft.Resources", "Microsoft.Authorization"]
}

fn provider(control: &Control, subscription: &str, namespace: &str) -> Option<Value> {
    let namespace = namespaces().into_iter().find(|known| known.eq_ignore_ascii_case(namespace))?;
    let general = ["2025-04-01", "2024-11-01", "2022-12-01", "2022-09-01", "2022-04-01", "2021-04-01"];
    let (types, versions): (Vec<String>, Vec<&str>) = match namespace {
        NAMESPACE => {
            let types = resources::kinds().map(|(kind, _)| spelled(kind)).collect();
            (types, SUPPORTED.iter().rev().copied().collect())
        }
        "Microsoft.Resources" => {
            let types = [
                "subscriptions",
                "resourceGroups",
                "tenants",
                "subscriptions/locations",
                "subscriptions/resourceGroups",
            ];
            (types.map(str::to_owned).to_vec(), general.to_vec())
        }
        _ => (["roleAssignments", "roleDefinitions"].map(str::to_owned).to_vec(), vec!["2022-04-01"]),
    };
    let locations = &control.settings().locations;
    let types: Vec<Value> = types
        .into_iter()
        .map(|kind| json!({ "resourceType": kind, "locations": locations, "apiVersions": versions, "capabilities": "None" }))
        .collect();
    Some(json!({
        "id": format!("/subscriptions/{subscription}/providers/{namespace}"), "namespace": namespace,
        "registrationPolicy": "RegistrationFree", "registrationState": "Registered", "resourceTypes": types,
    }))
}

/// A lower-cased kind in the contract's spelling.
fn spelled(kind: &str) -> String {
    let mut so_far = String::new();
    let segments = kind.split('/').map(|segment| {
        so_far = if so_far.is_empty() { segment.to_owned() } else { format!("{so_far}/{segment}") };
        resources::def(&so_far).map_or(segment, |def| def.segment).to_owned()
    });
    segments.collect::<Vec<_>>().join("/")
}
