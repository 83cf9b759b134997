//! What a client is told when it asks how a long-running operation went.
//!
//! Operations here are over when they are answered; these documents exist because the contract has clients ask again.

use std::time::Duration;

use arm::{ResourceId, Result};
use serde_json::{Value, json};
use store::{Batch, Delete, Order, Put, Query};

use crate::{Answer, Control, commit::SHAPE, control::Context};

/// The kind of the documents.
pub(crate) const KIND: &str = "operationresults";

/// How long a result can be asked for.
const KEPT: Duration = Duration::from_hours(24);

/// Adds to a batch the document that says that its operation succeeded, and gives the headers that lead a client to it.
/// Results that nobody will ask for any more go.
pub(crate) async fn succeeded(
    control: &Control,
    cx: &Context<'_>,
    batch: &mut Batch,
) -> Result<Vec<(&'static str, String)>> {
    let oldest = Query { order: Order::Created, ..Query::kind(KIND).top(100) };
    for old in control.list(oldest).await? {
        if batch.at.since(old.created) > KEPT {
            batch.writes.push(Delete::one(old.key).into());
        }
    }
    let subscription = cx.id.subscription_id().unwrap_or_default();
    let location = control.settings().locations.first().map_or("local", String::as_str);
    let name = crypto::random::uuid(&*control.parts.entropy);
    let place = format!("/subscriptions/{subscription}/providers/Microsoft.ApiManagement/locations/{location}");
    let now = arm::rfc3339(batch.at);
    let body =
        json!({ "status": "Succeeded", "started": now, "operation": cx.operation.name, "resource": cx.id.as_str() });
    let put = Put { shape: SHAPE, ..Put::new(format!("{place}/{KIND}/{name}"), KIND, body) };
    let link = |kind: &str| format!("{}{place}/{kind}/{name}?api-version={}", control.settings().origin, cx.version);
    let headers = vec![
        ("location", link("operationResults")),
        ("azure-asyncoperation", link("operationStatuses")),
        ("retry-after", "0".to_owned()),
    ];
    batch.writes.push(put.into());
    Ok(headers)
}

impl Control {
    /// `GET …/operationStatuses/{id}`.
    pub(crate) async fn operation_status(&self, cx: &Context<'_>) -> Result<Answer> {
        let (id, body) = self.operation_result(cx).await?;
        let (name, at) = (id.name(), &body["started"]);
        let status =
            json!({ "id": id.as_str(), "name": name, "status": body["status"], "startTime": at, "endTime": at });
        Ok(Answer::json(200, status))
    }

    /// `GET …/operationResults/{id}`.
    pub(crate) async fn operation_outcome(&self, cx: &Context<'_>) -> Result<Answer> {
        let (id, body) = self.operation_result(cx).await?;
        let properties = json!({ "id": id.name(), "status": body["status"], "started": body["started"], "updated": body["started"] });
        let outcome = json!({
            "id": id.as_str(), "name": id.name(), "type": "Microsoft.ApiManagement/locations/operationResults",
            "properties": properties,
        });
        Ok(Answer::json(200, outcome))
    }

    async fn operation_result(&self, cx: &Context<'_>) -> Result<(ResourceId, Value)> {
        let path = cx.call.segments();
        let missing = || arm::Error::not_found(format_args!("Operation '{}'", cx.call.target));
        let [.., location, _, name] = path.as_slice() else { return Err(missing()) };
        let id = cx.id.child("providers", arm::NAMESPACE).child("locations", location).child(KIND, name);
        let document = self.read(&id).await?.ok_or_else(missing)?;
        let id = ResourceId::parse(cx.call.target.trim_end_matches('/')).unwrap_or(id);
        Ok((id, document.body))
    }
}
