//! What the first start makes: a tenant, a subscription, an administrator, and a service with the sample Echo API.

use std::sync::Arc;

use arm::{Method, ResourceId};
use base::{Clock, Entropy, Secret};
use control::{Call, Control, OWNER};
use serde_json::{Value, json};
use store::{Batch, Key, Put, Store};

use super::banner::First;
use crate::output::Failed;

/// Where the node keeps what it is.
const NODE: &str = "/node";

/// The resource group and the service that the sample lives in.
const GROUP: &str = "default";
const SERVICE: &str = "default";

/// The policy of the sample API: it answers by itself, so that the sample works without a network.
const ECHO_POLICY: &str = include_str!("echo_policy.xml");

/// Which node this is: made once, at the first start.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) tenant: String,
    pub(crate) subscription: String,
    /// The administrator, once there is one.
    pub(crate) administrator: Option<String>,
}

impl Identity {
    /// Reads it, or makes it.
    pub(crate) async fn of(store: &dyn Store, clock: &dyn Clock, entropy: &dyn Entropy) -> Result<Self, Failed> {
        if let Some(document) = store.get(&Key::new(NODE)).await.map_err(Failed::new)? {
            let text = |name: &str| document.body[name].as_str().map(str::to_owned);
            let missing = || Failed::new("the store does not say which node it belongs to; it is not a Tollgate store");
            return Ok(Self {
                tenant: text("tenant").ok_or_else(missing)?,
                subscription: text("subscription").ok_or_else(missing)?,
                administrator: text("administrator"),
            });
        }
        let uuid = || crypto::random::uuid(entropy);
        let identity = Self { tenant: uuid(), subscription: uuid(), administrator: None };
        identity.write(store, clock).await?;
        Ok(identity)
    }

    async fn write(&self, store: &dyn Store, clock: &dyn Clock) -> Result<(), Failed> {
        let body =
            json!({ "tenant": self.tenant, "subscription": self.subscription, "administrator": self.administrator });
        let put = Put { shape: 1, ..Put::new(NODE, "node", body) };
        store.commit(Batch::new(clock.now()).write(put)).await.map_err(Failed::new)?;
        Ok(())
    }

    /// The service that answers for hosts that nobody has.
    pub(crate) fn default_service(&self) -> Key {
        Key::new(&self.service())
    }

    fn service(&self) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{GROUP}/providers/Microsoft.ApiManagement/service/{SERVICE}",
            self.subscription
        )
    }
}

/// Makes everything that a first start makes. A start that was cut off in the middle is gone through again.
pub(crate) async fn seed(
    identity: &Identity,
    control: &Control,
    store: &Arc<dyn Store>,
    clock: &dyn Clock,
) -> Result<First, Failed> {
    let subscription = control.ensure_subscription(&identity.subscription, "Tollgate").await.map_err(Failed::new)?;
    let key = sample(identity, control, &subscription).await?;
    let principal = control.create_principal("Administrator", OWNER, &subscription).await.map_err(Failed::new)?;
    let identity = Identity { administrator: Some(principal.app.clone()), ..identity.clone() };
    identity.write(&**store, clock).await?;
    Ok(First { client: principal.app, secret: principal.secret, key })
}

/// The default service with the Echo API, and a key for it.
async fn sample(identity: &Identity, control: &Control, subscription: &ResourceId) -> Result<Secret<String>, Failed> {
    let service = identity.service();
    let put = async |id: &str, body: Value| call(control, Method::Put, id, &body).await;
    put(&format!("{subscription}/resourceGroups/{GROUP}"), json!({ "location": "local" })).await?;
    let about = json!({ "publisherName": "Tollgate", "publisherEmail": "admin@tollgate.example" });
    put(&service, json!({ "location": "local", "sku": { "name": "Developer", "capacity": 1 }, "properties": about }))
        .await?;
    let api = format!("{service}/apis/echo-api");
    let about = json!({
        "displayName": "Echo API", "description": "Answers with what it was sent.", "path": "echo",
        "protocols": ["http", "https"], "subscriptionRequired": true,
    });
    put(&api, json!({ "properties": about })).await?;
    for (name, method, display_name) in [
        ("retrieve-resource", "GET", "Retrieve resource"),
        ("retrieve-header-only", "HEAD", "Retrieve header only"),
        ("create-resource", "POST", "Create resource"),
        ("modify-resource", "PUT", "Modify resource"),
        ("remove-resource", "DELETE", "Remove resource"),
    ] {
        let about = json!({ "displayName": display_name, "method": method, "urlTemplate": "/resource" });
        put(&format!("{api}/operations/{name}"), json!({ "properties": about })).await?;
    }
    put(&format!("{api}/policies/policy"), json!({ "properties": { "format": "rawxml", "value": ECHO_POLICY } }))
        .await?;
    let key = format!("{service}/subscriptions/echo-sample");
    put(&key, json!({ "properties": { "scope": api, "displayName": "Sample of the Echo API", "state": "active" } }))
        .await?;
    let secrets = call(control, Method::Post, &format!("{key}/listSecrets"), &Value::Null).await?;
    let primary = secrets["primaryKey"].as_str().ok_or_else(|| Failed::new("the sample subscription has no key"))?;
    Ok(Secret::new(primary.to_owned()))
}

async fn call(control: &Control, method: Method, id: &str, body: &Value) -> Result<Value, Failed> {
    let answer = control.call(&Call::host(method, id, body)).await;
    let answer = answer.map_err(|error| Failed::new(format!("making {id} at the first start: {error}")))?;
    Ok(answer.body.unwrap_or_default())
}
