//! Resource groups, and the resources in them.

use arm::{ApiVersion, ETag, Error, Method, ResourceId, Result};
use serde_json::{Map, Value, json};
use store::{Delete, Document, Key, Put, Query};

use crate::{
    Answer, Call, Control,
    commit::{SHAPE, id_of, key},
};

use super::{enter, found, only};

const KIND: &str = "resourcegroups";
const RIGHT: &str = "Microsoft.Resources/subscriptions/resourceGroups";

/// The id of a group.
pub(super) fn id(subscription: &str, name: &str) -> ResourceId {
    ResourceId::subscription(subscription).child("resourceGroups", name)
}

pub(super) async fn list(control: &Control, call: &Call, subscription: &str) -> Result<Answer> {
    only(call, Method::Get)?;
    let owner = ResourceId::subscription(subscription);
    enter(control, call, subscription, RIGHT, &owner).await?;
    let groups = control.list(Query::kind(KIND).under(&key(&owner))).await?;
    let shown = groups.iter().map(show).collect::<Result<Vec<_>>>()?;
    control.page_of(call, shown)
}

pub(super) async fn one(control: &Control, call: &Call, subscription: &str, name: &str) -> Result<Answer> {
    let id = id(subscription, name);
    enter(control, call, subscription, RIGHT, &id).await?;
    match call.method {
        Method::Get => Ok(Answer::json(200, show(&found(control, &id).await?)?)),
        Method::Head => Ok(Answer::status(if control.read(&id).await?.is_some() { 204 } else { 404 })),
        Method::Put => put(control, call, &id, call.json()?).await,
        Method::Patch => {
            let merged = arm::patched(&found(control, &id).await?.body, &call.json()?);
            put(control, call, &id, merged).await
        }
        Method::Delete => {
            let document = found(control, &id).await?;
            control.commit(control.batch().write(Delete::tree(document.key)), |_| Answer::status(200)).await
        }
        Method::Post => only(call, Method::Put).map(|()| Answer::status(200)),
    }
}

/// The resources that a list of everything shows: services.
pub(super) async fn resources(control: &Control, call: &Call, owner: &ResourceId) -> Result<Answer> {
    only(call, Method::Get)?;
    let subscription = owner.subscription_id().unwrap_or_default();
    enter(control, call, subscription, "Microsoft.Resources/subscriptions/resources", owner).await?;
    let services = control.list(Query::kind("service").under(&Key::new(owner.as_str()))).await?;
    let mut shown = Vec::new();
    for service in services {
        let mut fields = Map::new();
        for name in ["location", "tags", "sku", "identity"] {
            if let Some(value) = service.body.get(name) {
                fields.insert(name.to_owned(), value.clone());
            }
        }
        shown.push(Value::Object(arm::envelope(&id_of(&service)?, &fields)));
    }
    // `resourceType eq 'Microsoft.ApiManagement/service'` is how `az resource list` asks.
    for one in &mut shown {
        one["resourceType"] = one["type"].clone();
    }
    let mut answer = control.page_of(call, shown)?;
    for one in answer.body.as_mut().and_then(|body| body["value"].as_array_mut()).into_iter().flatten() {
        if let Some(fields) = one.as_object_mut() {
            fields.shift_remove("resourceType");
        }
    }
    Ok(answer)
}

async fn put(control: &Control, call: &Call, id: &ResourceId, mut body: Value) -> Result<Answer> {
    ApiVersion::any(call.param("api-version"))?;
    let name = id.name();
    let known = |c: char| c.is_alphanumeric() || "-_.()".contains(c);
    if name.chars().count() > 90 || !name.chars().all(known) || name.ends_with('.') {
        let message = format!(
            "The resource group name '{name}' may hold letters, digits and - _ . ( ), must not end in a dot, and has 90 characters at most."
        );
        return Err(Error::invalid("name", message));
    }
    if body["location"].as_str().is_none_or(str::is_empty) {
        return Err(Error::invalid("location", "'location' is required and must not be empty."));
    }
    let existing = control.read(id).await?;
    call.condition.check(existing.as_ref().map(|document| ETag(document.etag.to_string())).as_ref())?;
    if let Some(fields) = body.as_object_mut() {
        fields.insert("properties".to_owned(), json!({ "provisioningState": "Succeeded" }));
    }
    let status = if existing.is_some() { 200 } else { 201 };
    let id = existing.as_ref().map_or_else(|| Ok(id.clone()), id_of)?;
    let shown = Value::Object(arm::envelope(&id, &body.as_object().cloned().unwrap_or_default()));
    let put = Put { shape: SHAPE, ..Put::new(id.as_str(), KIND, body) };
    control.commit(control.batch().write(put), |_| Answer::json(status, shown)).await
}

fn show(document: &Document) -> Result<Value> {
    Ok(arm::envelope(&id_of(document)?, &document.body.as_object().cloned().unwrap_or_default()).into())
}
