//! `tollgate keys`: the keys that seal secrets in the store.

use base::Secret;

use crate::{arguments::KeysCommand, output::Failed, serve::read_admin_token, status::request};

/// Asks the running node to do it, because only one process may write the store.
pub(crate) fn run(command: &KeysCommand) -> Result<(), Failed> {
    let KeysCommand::Rotate { admin, data } = command;
    let token: Secret<String> = read_admin_token(data)?;
    let answer = request(admin, "POST", "/keys/rotate", token.expose())?;
    let answer: serde_json::Value = serde_json::from_str(&answer)
        .map_err(|error| Failed::new(format!("{admin} answers, but not as a Tollgate node does: {error}")))?;
    println!("A new key seals from now on; {} secrets were sealed anew.", answer["resealed"]);
    Ok(())
}
