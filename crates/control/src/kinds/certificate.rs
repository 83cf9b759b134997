//! Certificates: the PFX is opened when it is saved, so that a wrong password is told to whoever sent it.

use arm::{Error, Result};
use crypto::{pfx, text, x509};

use crate::crud::Draft;

pub(super) fn prepare(draft: &mut Draft) -> Result<()> {
    if !draft.get("keyVault").is_null() {
        // The kind's own rule tells what is wrong with that.
        return Ok(());
    }
    let data: String = draft.text("data").split_ascii_whitespace().collect();
    if data.is_empty() {
        return Err(Error::invalid("data", "'data' is required: the PFX file in Base64."));
    }
    let bytes = text::from_base64(&data).map_err(|_| Error::invalid("data", "'data' is not Base64."))?;
    let file = pfx::read(&bytes, draft.text("password")).map_err(|error| match error {
        crypto::Error::Password => Error::invalid("password", "The password does not open the certificate's PFX file."),
        other => Error::invalid("data", format!("'data' is not a usable PFX file: {other}.")),
    })?;
    if file.key.is_none() {
        return Err(Error::invalid("data", "The PFX file holds no private key."));
    }
    let leaf = file.certificates.first().ok_or_else(|| Error::invalid("data", "The PFX file holds no certificate."))?;
    let leaf = x509::parse(leaf)
        .map_err(|error| Error::invalid("data", format!("The certificate cannot be read: {error}.")))?;
    draft.set("subject", leaf.subject);
    draft.set("thumbprint", leaf.thumbprint);
    draft.set("expirationDate", arm::rfc3339(leaf.not_after));
    Ok(())
}
