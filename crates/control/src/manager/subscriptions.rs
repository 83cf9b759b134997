//! Tenants, subscriptions and locations.

use arm::{ApiVersion, Code, Error, Method, ResourceId, Result};
use serde_json::{Value, json};
use store::{Document, Put, Query};

use crate::{
    Answer, Call, Control,
    commit::{SHAPE, id_of, refusal},
};

use super::{enter, found, only};

const KIND: &str = "subscriptions";

impl Control {
    /// Makes the subscription `id` (a UUID) unless it is there.
    pub async fn ensure_subscription(&self, id: &str, name: &str) -> Result<ResourceId> {
        let id = ResourceId::subscription(id);
        if self.read(&id).await?.is_none() {
            let put = Put { shape: SHAPE, ..Put::new(id.as_str(), KIND, json!({ "displayName": name })) };
            self.parts.store.commit(self.batch().write(put)).await.map_err(refusal)?;
        }
        Ok(id)
    }
}

pub(super) fn tenants(control: &Control, call: &Call) -> Result<Answer> {
    only(call, Method::Get)?;
    ApiVersion::any(call.param("api-version"))?;
    let tenant = &control.settings().tenant;
    let tenant = json!({ "id": format!("/tenants/{tenant}"), "tenantId": tenant, "displayName": "Tollgate", "tenantCategory": "Home" });
    Ok(Answer::json(200, json!({ "value": [tenant] })))
}

/// The subscriptions in which the caller has any role.
pub(super) async fn list(control: &Control, call: &Call) -> Result<Answer> {
    only(call, Method::Get)?;
    ApiVersion::any(call.param("api-version"))?;
    let mut shown = Vec::new();
    for document in control.list(Query::kind(KIND)).await? {
        if control.sees(&call.caller, &id_of(&document)?).await? {
            shown.push(show(control, &document));
        }
    }
    Ok(Answer::json(200, json!({ "value": shown, "count": { "type": "Total", "value": shown.len() } })))
}

pub(super) async fn get(control: &Control, call: &Call, id: &str) -> Result<Answer> {
    only(call, Method::Get)?;
    ApiVersion::any(call.param("api-version"))?;
    let id = ResourceId::subscription(id);
    if !control.sees(&call.caller, &id).await? {
        let message = format!("The client does not have authorization to read the subscription '{}'.", id.name());
        return Err(Error::new(Code::AuthorizationFailed, message));
    }
    let document = found(control, &id).await.map_err(|_| {
        Error::new(Code::SubscriptionNotFound, format!("The subscription '{}' could not be found.", id.name()))
    })?;
    Ok(Answer::json(200, show(control, &document)))
}

pub(super) async fn locations(control: &Control, call: &Call, id: &str) -> Result<Answer> {
    only(call, Method::Get)?;
    let subscription = ResourceId::subscription(id);
    enter(control, call, id, "Microsoft.Resources/subscriptions/locations", &subscription).await?;
    let locations: Vec<Value> = control
        .settings()
        .locations
        .iter()
        .map(|name| {
            json!({
                "id": format!("{subscription}/locations/{name}"), "name": name, "type": "Region",
                "displayName": name, "regionalDisplayName": name,
                "metadata": { "regionType": "Physical", "regionCategory": "Recommended", "geographyGroup": "Local", "pairedRegion": [] },
            })
        })
        .collect();
    Ok(Answer::json(200, json!({ "value": locations })))
}

fn show(control: &Control, document: &Document) -> Value {
    json!({
        "id": document.id, "subscriptionId": document.name(), "tenantId": control.settings().tenant,
        "displayName": document.body["displayName"], "state": "Enabled", "authorizationSource": "RoleBased",
        "subscriptionPolicies": { "locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off" },
    })
}
