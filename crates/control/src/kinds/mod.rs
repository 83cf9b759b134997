//! What single kinds do beyond the driver: before a write, and before a delete.

pub(crate) mod api;
mod api_import;
mod certificate;
pub(crate) mod gateway;
mod in_use;
mod named_value;
pub(crate) mod policy;
pub(crate) mod release;
pub(crate) mod revision;
pub(crate) mod service;
pub(crate) mod subscription;
mod user;
mod websocket;

use arm::Result;
use store::{Batch, Document};

use crate::{
    Control,
    commit::{self, link_target, missing},
    control::Context,
    crud::Draft,
};

/// Readies a draft before the rules of its kind apply.
pub(crate) async fn prepare(control: &Control, draft: &mut Draft, batch: &mut Batch) -> Result<()> {
    if let Some(link) = &draft.def.link {
        // What is linked must be there.
        let target = link_target(&draft.id, link.to).ok_or_else(|| missing(&draft.id))?;
        return control.require(&target, batch).await.map(|_| ());
    }
    match draft.def.segment {
        "service" => service::prepare(control, draft, batch).await,
        "apis" => api::prepare(control, draft, batch).await,
        "operations" => websocket::guard(control, &draft.id, batch).await,
        "releases" => release::prepare(control, draft, batch).await,
        "policies" | "policyFragments" => policy::prepare(control, draft, batch).await,
        "namedValues" => named_value::prepare(control, draft, batch).await,
        "subscriptions" => subscription::prepare(control, draft).await,
        "certificates" => certificate::prepare(draft),
        "users" => user::prepare(control, draft).await,
        "gateways" => gateway::prepare(control, draft),
        "certificateAuthorities" => gateway::prepare_authority(control, draft, batch).await,
        _ => Ok(()),
    }
}

/// Refuses a delete, or adds to the batch what goes with it. What lies below goes in any case.
pub(crate) async fn before_delete(
    control: &Control,
    cx: &Context<'_>,
    document: &Document,
    batch: &mut Batch,
) -> Result<()> {
    let Some(def) = resources::def(&document.kind).filter(|def| def.link.is_none()) else { return Ok(()) };
    match def.segment {
        "apis" => api::before_delete(control, cx, document, batch).await,
        "operations" => websocket::guard(control, &commit::id_of(document)?, batch).await,
        "products" => in_use::product(control, cx, document, batch).await,
        "users" => user::before_delete(control, cx, document, batch).await,
        "subscriptions" => subscription::before_delete(document),
        "groups" => in_use::group(control, document, batch).await,
        "tags" => in_use::unlink(control, document, batch).await,
        "apiVersionSets" => in_use::version_set(control, document, batch).await,
        "namedValues" | "backends" | "policyFragments" | "certificates" | "loggers" => {
            in_use::mentioned(control, document, batch).await
        }
        "schemas" if !document.kind.ends_with("/apis/schemas") => in_use::mentioned(control, document, batch).await,
        _ => Ok(()),
    }
}
