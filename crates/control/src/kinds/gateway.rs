//! Self-hosted gateways: keys are made where none are given, and an authority is a certificate of the service.

use arm::{Error, Result};
use store::Batch;

use crate::{Control, crud::Draft};

/// The names of the two keys.
pub(crate) const KEYS: [&str; 2] = ["primaryKey", "secondaryKey"];

pub(super) fn prepare(control: &Control, draft: &mut Draft) -> Result<()> {
    for name in KEYS {
        if draft.text(name).is_empty() {
            draft.set(name, crypto::random::gateway_key(&*control.parts.entropy));
        }
    }
    let [primary, secondary] = KEYS.map(|name| draft.text(name));
    if primary == secondary {
        return Err(Error::invalid("secondaryKey", "The primary and the secondary key must not be equal."));
    }
    Ok(())
}

/// The certificate that it goes by must be there.
pub(super) async fn prepare_authority(control: &Control, draft: &Draft, batch: &mut Batch) -> Result<()> {
    let name = draft.id.name();
    let wrong = || Error::invalid("name", format!("'{name}' must be the name of a certificate of the service."));
    let service = draft.id.service().ok_or_else(wrong)?;
    control.require(&service.child("certificates", name), batch).await.map_err(|_| wrong())?;
    Ok(())
}
