//! Users: passwords are kept as hashes, the administrator stays, subscriptions go only if the caller says so.

use arm::{Error, Result};
use serde_json::json;
use store::{Batch, Document};

use crate::{Control, control::Context, crud::Draft, secrets::PRIVATE};

use super::in_use;

/// The administrator that every service has.
pub(crate) const ADMINISTRATOR: &str = "1";

pub(super) async fn prepare(control: &Control, draft: &mut Draft) -> Result<()> {
    let given = draft.take("password");
    let hash = match given.as_str().filter(|password| !password.is_empty()) {
        Some(password) => Some(control.hashed(password).await?),
        None => {
            let stored = draft.existing.as_ref().map(|existing| existing.body[PRIVATE]["passwordHash"].clone());
            stored.and_then(|hash| hash.as_str().map(str::to_owned))
        }
    };
    if let Some(hash) = hash {
        draft.body[PRIVATE] = json!({ "passwordHash": hash });
    }
    Ok(())
}

pub(super) async fn before_delete(
    control: &Control,
    cx: &Context<'_>,
    document: &Document,
    batch: &mut Batch,
) -> Result<()> {
    if document.name() == ADMINISTRATOR {
        return Err(Error::invalid("name", "The administrator of the service cannot be deleted."));
    }
    let subscriptions = in_use::subscriptions(control, document, "subscription-owner", batch).await?;
    if !subscriptions.is_empty() && !cx.call.flag("deleteSubscriptions") {
        return Err(Error::invalid(
            "deleteSubscriptions",
            format!(
                "User '{}' owns {} subscription(s). Delete them first, or pass deleteSubscriptions=true.",
                document.name(),
                subscriptions.len()
            ),
        ));
    }
    in_use::remove(batch, subscriptions);
    in_use::unlink(control, document, batch).await
}
