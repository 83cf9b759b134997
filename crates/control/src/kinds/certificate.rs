//! Certificates: the PFX is opened when it is saved, so that a wrong password is told to whoever sent it.

use arm::{Error, Result};
use crypto::{pfx, text, x509};

use crate::crud::Draft;

pub(super) fn prepare(draft: &mut Draft) -> Result<()> {
    if !draft.get("keyVault").is_null() {
        // The kind's own rule tells what is wrong with that.
        return Ok(());
    }
    let leaf = opened(["data", "password"], draft.text("data"), draft.text("password"))?;
    draft.set("subject", leaf.subject);
    draft.set("thumbprint", leaf.thumbprint);
    draft.set("expirationDate", arm::rfc3339(leaf.not_after));
    Ok(())
}

/// The certificate in a PFX file in Base64. `fields` are the places of the file and its password, for what is wrong with them.
pub(super) fn opened(fields: [&'static str; 2], data: &str, password: &str) -> Result<x509::Certificate> {
    let [field, password_field] = fields;
    let wrong = |why: String| Error::invalid(field, why);
    let data: String = data.split_ascii_whitespace().collect();
    if data.is_empty() {
        return Err(wrong(format!("'{field}' is required: the PFX file in Base64.")));
    }
    let bytes = text::from_base64(&data).map_err(|_| wrong(format!("'{field}' is not Base64.")))?;
    let file = pfx::read(&bytes, password).map_err(|error| match error {
        crypto::Error::Password => {
            Error::invalid(password_field, "The password does not open the certificate's PFX file.")
        }
        other => wrong(format!("'{field}' is not a usable PFX file: {other}.")),
    })?;
    if file.key.is_none() {
        return Err(wrong("The PFX file holds no private key.".to_owned()));
    }
    let leaf = file.certificates.first().ok_or_else(|| wrong("The PFX file holds no certificate.".to_owned()))?;
    x509::parse(leaf).map_err(|error| wrong(format!("The certificate cannot be read: {error}.")))
}
