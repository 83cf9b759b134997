//! Lists that go from one resource to others: revisions of an API, products of an API, groups of a user.

use arm::{Error, Result};
use resources::{Uses, base_name};
use serde_json::{Value, json};
use store::{Document, Query};

use crate::{
    Answer, Control,
    commit::{id_of, key, missing, users_of},
    control::Context,
};

pub(super) async fn revisions(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    subject(control, cx).await?;
    let mut shown = Vec::new();
    for document in control.revisions(&cx.id).await? {
        let properties = document.properties();
        let id = id_of(&document)?;
        let number = properties["apiRevision"].as_str().unwrap_or("1");
        let path = properties["path"].as_str().unwrap_or_default();
        shown.push(json!({
            "apiId": format!("/apis/{};rev={number}", base_name(id.name())),
            "apiRevision": number,
            "createdDateTime": arm::rfc3339(document.created),
            "updatedDateTime": arm::rfc3339(document.modified),
            "description": properties["apiRevisionDescription"],
            "privateUrl": format!("/{};rev={number}", path.trim_matches('/')),
            "isOnline": properties["isOnline"].as_bool().unwrap_or(true),
            "isCurrent": properties["isCurrent"],
        }));
    }
    control.page_of(cx.call, shown)
}

pub(super) async fn products_of_api(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    subject(control, cx).await?;
    let links = linking(control, cx, "products/apis").await?;
    owners(control, cx, links).await
}

pub(super) async fn groups_of_user(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    subject(control, cx).await?;
    let links = linking(control, cx, "groups/users").await?;
    owners(control, cx, links).await
}

pub(super) async fn subscriptions(control: &Control, cx: &Context<'_>, index: &str) -> Result<Answer> {
    subject(control, cx).await?;
    let scope = cx.id.scope().ok_or_else(|| missing(&cx.id))?;
    let kind = format!("{}/subscriptions", scope.kind());
    let def = resources::def(&kind).ok_or_else(|| missing(&cx.id))?;
    let found = control.list(Query::kind(kind).under(&key(&scope)).index(index, cx.id.key())).await?;
    control.page(cx.call, def, found).await
}

pub(super) async fn subscription_of_user(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let (scope, user) = (cx.id.scope().ok_or_else(|| missing(&cx.id))?, cx.id.parent().ok_or_else(|| missing(&cx.id))?);
    let id = scope.child("subscriptions", cx.id.name());
    let document = control.read(&id).await?.ok_or_else(|| missing(&id))?;
    let owner = document.properties()["ownerId"].as_str().unwrap_or_default();
    if !owner.eq_ignore_ascii_case(user.as_str()) {
        return Err(missing(&id));
    }
    let def = resources::def(&document.kind).ok_or_else(|| missing(&id))?;
    Ok(Answer::json(200, control.shown(def, &document)?).etag(document.etag))
}

pub(super) async fn identities(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let user = subject(control, cx).await?;
    let all = user.properties()["identities"].as_array().cloned().unwrap_or_default();
    control.page_of(cx.call, all)
}

/// Where a fragment is used.
pub(super) async fn references(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    subject(control, cx).await?;
    let users = control.list(users_of(&cx.id, Uses::Fragment.value(&cx.id, cx.id.name()))).await?;
    let shown = users.iter().map(|user| Ok(reference(&id_of(user)?))).collect::<Result<Vec<_>>>()?;
    control.page_of(cx.call, shown)
}

/// The policies that documents of this service may hold.
pub(super) async fn policy_descriptions(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let service = cx.id.scope().ok_or_else(|| missing(&cx.id))?;
    control.read(&service).await?.ok_or_else(|| missing(&service))?;
    let wanted = match cx.call.param("scope").map(str::to_ascii_lowercase).as_deref() {
        None | Some("all") => u8::MAX,
        Some("tenant") => 1,
        Some("product") => 2,
        Some("api") => 4,
        Some("operation") => 8,
        Some(other) => {
            return Err(Error::invalid(
                "scope",
                format!("'{other}' is not one of Tenant, Product, Api, Operation, All."),
            ));
        }
    };
    let all = control.parts.policies.descriptions();
    let shown = all.iter().filter(|policy| policy.scopes & wanted != 0).map(|policy| {
        let mut one = arm::envelope(&service.child("policyDescriptions", policy.name), &serde_json::Map::new());
        one.insert("properties".into(), json!({ "description": policy.summary, "scope": policy.scopes }));
        one.into()
    });
    control.page_of(cx.call, shown.collect())
}

fn reference(id: &arm::ResourceId) -> Value {
    arm::envelope(id, &serde_json::Map::new()).into()
}

async fn subject(control: &Control, cx: &Context<'_>) -> Result<Document> {
    control.read(&cx.id).await?.ok_or_else(|| missing(&cx.id))
}

/// The links to the resource of the call whose kind ends in these types.
async fn linking(control: &Control, cx: &Context<'_>, types: &str) -> Result<Vec<Document>> {
    let scope = cx.id.scope().ok_or_else(|| missing(&cx.id))?;
    let kind = format!("{}/{types}", scope.kind());
    control.list(Query::kind(kind).under(&key(&scope)).index("target", cx.id.key())).await
}

/// What the links lie below, as a page.
async fn owners(control: &Control, cx: &Context<'_>, links: Vec<Document>) -> Result<Answer> {
    let mut owners = Vec::new();
    for link in links {
        let id = id_of(&link)?.parent().ok_or_else(|| Error::internal("a link without an owner"))?;
        owners.extend(control.read(&id).await?);
    }
    let def = owners.first().and_then(|owner| resources::def(&owner.kind));
    match def {
        Some(def) => control.page(cx.call, def, owners).await,
        None => control.page_of(cx.call, Vec::new()),
    }
}
