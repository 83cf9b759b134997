//! The service: what a new one holds, and what a GET tells of it.

use arm::{Error, ResourceId, Result};
use serde_json::{Map, Value, json};
use store::{Batch, Document, IndexEntry, Write};

use crate::{Control, commit::put, crud::Draft};

use super::{certificate, subscription, user};

/// The policy that a new service has: the sections, and the call of the backend.
const GLOBAL_POLICY: &str =
    "<policies>\n\t<inbound />\n\t<backend>\n\t\t<forward-request />\n\t</backend>\n\t<outbound />\n</policies>";

const GROUPS: [(&str, &str, &str); 3] = [
    ("administrators", "Administrators", "Administrators is a built-in group. Its members manage the service."),
    ("developers", "Developers", "Developers is a built-in group. Its members are the signed-in users of the portal."),
    ("guests", "Guests", "Guests is a built-in group. Its members are the users of the portal who have not signed in."),
];

pub(super) async fn prepare(control: &Control, draft: &mut Draft, batch: &mut Batch) -> Result<()> {
    // Names are host names: no two services share one, in whatever group they are.
    draft.indexes = vec![IndexEntry::unique("service-name", draft.id.name().to_lowercase())];
    give_identity(control, draft);
    open_certificates(draft)?;
    let restore = draft.take("restore");
    if restore == true && draft.existing.is_none() {
        return Err(Error::invalid(
            "restore",
            "There is no deleted service of this name to restore: deletes are final here.",
        ));
    }
    if draft.existing.is_none() {
        let group = draft.id.parent().ok_or_else(|| Error::internal("a service outside of a group"))?;
        control.require(&group, batch).await?;
        draft.with = content(control, draft)?;
    }
    Ok(())
}

/// Opens the certificates of host names, so that a wrong password is told to whoever sent it, and notes what a GET shows of them.
fn open_certificates(draft: &mut Draft) -> Result<()> {
    const FIELDS: [&str; 2] =
        ["hostnameConfigurations[].encodedCertificate", "hostnameConfigurations[].certificatePassword"];
    let hosts = draft.body["properties"]["hostnameConfigurations"].as_array_mut();
    for host in hosts.into_iter().flatten() {
        let Some(file) = host["encodedCertificate"].as_str().filter(|file| !file.is_empty()) else { continue };
        let password = host["certificatePassword"].as_str().unwrap_or_default();
        let leaf = certificate::opened(FIELDS, file, password)?;
        let expiry = arm::rfc3339(leaf.not_after);
        host["certificate"] = json!({ "subject": leaf.subject, "thumbprint": leaf.thumbprint, "expiry": expiry });
        host["certificateSource"] = "Custom".into();
    }
    Ok(())
}

/// Gives the service an identity of its own, if it asks for one. It keeps it for as long as it exists.
fn give_identity(control: &Control, draft: &mut Draft) {
    if !draft.body["identity"]["type"].as_str().is_some_and(|kind| kind.contains("SystemAssigned")) {
        return;
    }
    let known = draft.existing.as_ref().map(|existing| existing.body["identity"]["principalId"].clone());
    let principal = known.filter(Value::is_string);
    let principal = principal.unwrap_or_else(|| crypto::random::uuid(&*control.parts.entropy).into());
    draft.body["identity"]["principalId"] = principal;
    draft.body["identity"]["tenantId"] = control.settings().tenant.as_str().into();
}

/// What a GET tells beyond what was PUT. None of it is stored: the process may listen elsewhere tomorrow.
pub(crate) fn present(control: &Control, document: &Document, shown: &mut Map<String, Value>) {
    let settings = control.settings();
    let gateway = settings.gateway_url.replace("{name}", &document.name().to_lowercase());
    let host = gateway.split_once("://").map_or(gateway.as_str(), |(_, host)| host);
    let host = host.split([':', '/']).next().unwrap_or_default().to_owned();
    shown.insert("etag".to_owned(), document.etag.to_string().into());
    let Some(properties) = shown.get_mut("properties").and_then(Value::as_object_mut) else { return };
    let facts = [
        ("provisioningState", json!("Succeeded")),
        ("targetProvisioningState", json!("")),
        ("createdAtUtc", json!(arm::rfc3339(document.created))),
        ("gatewayUrl", json!(gateway)),
        ("gatewayRegionalUrl", json!(gateway)),
        ("developerPortalUrl", json!(settings.origin)),
        ("managementApiUrl", json!(settings.origin)),
        ("platformVersion", json!("stv2")),
    ];
    for (name, value) in facts {
        properties.insert(name.to_owned(), value);
    }
    let hosts = properties.entry("hostnameConfigurations").or_insert(Value::Null);
    if hosts.as_array().is_none_or(Vec::is_empty) {
        *hosts = json!([{
            "type": "Proxy", "hostName": host, "defaultSslBinding": true,
            "negotiateClientCertificate": false, "certificateSource": "BuiltIn",
        }]);
    }
}

/// Groups, the administrator, the all-access subscription and the global policy.
fn content(control: &Control, draft: &Draft) -> Result<Vec<Write>> {
    let id = &draft.id;
    let now = arm::rfc3339(control.parts.clock.now());
    let mut writes = Vec::new();
    for (name, title, description) in GROUPS {
        let properties = json!({ "displayName": title, "description": description, "builtIn": true, "type": "system" });
        writes.push(write(control, &id.child("groups", name), properties)?);
    }
    let email = draft.text("publisherEmail");
    let administrator = json!({
        "firstName": "Administrator", "lastName": "", "email": email, "state": "active",
        "registrationDate": now, "identities": [{ "provider": "Azure", "id": email }],
    });
    writes.push(write(control, &id.child("users", user::ADMINISTRATOR), administrator)?);
    for group in ["administrators", "developers"] {
        let link = id.child("groups", group).child("users", user::ADMINISTRATOR);
        writes.push(write(control, &link, json!({}))?);
    }
    let master = id.child("subscriptions", subscription::MASTER);
    let keys = subscription::KEYS.map(|_| crypto::random::subscription_key(&*control.parts.entropy));
    let properties = json!({
        "scope": format!("{id}/"), "displayName": "Built-in all-access subscription", "state": "active",
        "createdDate": now, "startDate": now, "allowTracing": true,
        "primaryKey": keys[0], "secondaryKey": keys[1],
    });
    let mut put = write(control, &master, properties)?;
    if let Write::Put(put) = &mut put {
        put.indexes.extend(subscription::key_indexes(&master, keys.each_ref().map(String::as_str)));
    }
    writes.push(put);
    let policy = json!({ "value": GLOBAL_POLICY, "format": "xml" });
    writes.push(write(control, &id.child("policies", "policy"), policy)?);
    Ok(writes)
}

fn write(control: &Control, id: &ResourceId, properties: Value) -> Result<Write> {
    let kind = id.kind();
    let def = resources::def(&kind).ok_or_else(|| Error::internal(format!("no kind '{kind}'")))?;
    let body = json!({ "properties": properties });
    let sealed = control.sealed(def, id, body.clone())?;
    Ok(put(def, id, &body, sealed).into())
}
