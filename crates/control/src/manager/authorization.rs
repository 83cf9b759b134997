//! Role definitions and role assignments, on any scope.

use arm::{Action, ApiVersion, Code, Error, Method, ResourceId, Result};
use serde_json::{Value, json};
use store::{Delete, Document, Query};

use crate::{
    Answer, Call, Control,
    commit::{id_of, key},
    identity::{ASSIGNMENTS, BUILT_IN, Role},
};

use super::only;

pub(super) async fn answer(control: &Control, call: &Call, path: &[&str]) -> Result<Answer> {
    let at = path.iter().rposition(|segment| segment.eq_ignore_ascii_case("providers")).unwrap_or_default();
    let (scope, rest) = path.split_at(at);
    let (kind, name) = (rest.get(2).copied().unwrap_or_default(), rest.get(3).copied());
    let scope = scope_of(scope)?;
    let right = if kind.eq_ignore_ascii_case("roleDefinitions") { "roleDefinitions" } else { "roleAssignments" };
    let action = Action::of(call.method, &format!("Microsoft.Authorization/{right}"));
    control.authorize(&call.caller, &action, &scope).await?;
    ApiVersion::any(call.param("api-version"))?;
    match (right, name) {
        ("roleDefinitions", name) => definitions(control, call, &scope, name),
        (_, None) => {
            only(call, Method::Get)?;
            let all = control.list(Query::kind(ASSIGNMENTS).under(&key(&scope))).await?;
            let shown = all.iter().map(show).collect::<Result<Vec<_>>>()?;
            control.page_of(call, shown)
        }
        (_, Some(name)) => assignment(control, call, &scope, name).await,
    }
}

fn definitions(control: &Control, call: &Call, scope: &ResourceId, name: Option<&str>) -> Result<Answer> {
    only(call, Method::Get)?;
    let shown = |role: &Role| {
        json!({
            "id": format!("{scope}/providers/Microsoft.Authorization/roleDefinitions/{}", role.id),
            "name": role.id, "type": "Microsoft.Authorization/roleDefinitions",
            "properties": {
                "roleName": role.name, "type": "BuiltInRole", "assignableScopes": ["/"],
                "permissions": [{ "actions": role.actions, "notActions": role.not_actions, "dataActions": [], "notDataActions": [] }],
            },
        })
    };
    match name {
        None => control.page_of(call, BUILT_IN.iter().map(shown).collect()),
        Some(name) => match Role::find(name) {
            Some(role) => Ok(Answer::json(200, shown(role))),
            None => Err(Error::not_found(format_args!("Role definition '{name}'"))),
        },
    }
}

async fn assignment(control: &Control, call: &Call, scope: &ResourceId, name: &str) -> Result<Answer> {
    let id = ResourceId::parse(&format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"))
        .ok_or_else(|| Error::new(Code::InvalidResourceId, format!("'{}' is no resource id.", call.target)))?;
    let existing = control.read(&id).await?;
    match call.method {
        Method::Get | Method::Head => {
            let document = existing.ok_or_else(|| Error::not_found(format_args!("Role assignment '{name}'")))?;
            Ok(Answer::json(200, show(&document)?))
        }
        Method::Put => {
            let properties = call.json()?["properties"].take();
            let principal = properties["principalId"].as_str().unwrap_or_default();
            let role = properties["roleDefinitionId"].as_str().unwrap_or_default();
            if principal.is_empty() {
                return Err(Error::invalid("principalId", "'principalId' is required."));
            }
            if Role::find(role).is_none() {
                let message = format!("'{role}' is not the id of a built-in role.");
                return Err(Error::invalid("roleDefinitionId", message));
            }
            let put = crate::identity::assignment(scope, name, principal, role);
            let shown = Value::Object(arm::envelope(&id, &put.body.as_object().cloned().unwrap_or_default()));
            let status = if existing.is_some() { 200 } else { 201 };
            control.commit(control.batch().write(put), |_| Answer::json(status, shown)).await
        }
        Method::Delete => match existing {
            None => Ok(Answer::status(204)),
            Some(document) => {
                let shown = show(&document)?;
                let batch = control.batch().write(Delete::one(document.key));
                control.commit(batch, |_| Answer::json(200, shown)).await
            }
        },
        Method::Patch | Method::Post => only(call, Method::Put).map(|()| Answer::status(200)),
    }
}

/// A subscription, a group or a resource.
fn scope_of(path: &[&str]) -> Result<ResourceId> {
    let text = format!("/{}", path.join("/"));
    let located = resources::locate(path).map(|located| located.id).or_else(|| ResourceId::parse(&text));
    located.ok_or_else(|| Error::new(Code::InvalidResourceId, format!("'{text}' is no scope for roles.")))
}

fn show(document: &Document) -> Result<Value> {
    Ok(arm::envelope(&id_of(document)?, &document.body.as_object().cloned().unwrap_or_default()).into())
}
