//! `tollgate credential`: the administrator's credential.

use std::{path::Path, sync::Arc, time::Duration};

use control::{Checked, Control, Fetch, Known, Later, PolicyCheck, PolicyText, Publication};
use store::Position;

use crate::{arguments::CredentialCommand, output::Failed, serve::Storage};

/// Replaces the secret in the store of a stopped node and prints the new one.
pub(crate) fn run(command: &CredentialCommand) -> Result<(), Failed> {
    let CredentialCommand::Reset { data } = command;
    if !data.exists() {
        return Err(Failed::usage(format!("there is no data folder at {}; name it with --data", data.display())));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failed::new)?;
    runtime.block_on(reset(data))
}

async fn reset(data: &Path) -> Result<(), Failed> {
    let storage = Storage::open(data).await?;
    let client = storage.identity.administrator.clone();
    let client =
        client.ok_or_else(|| Failed::new("this node has not been started yet; its first start prints a credential"))?;
    let control = Control::new(control::Parts {
        store: Arc::clone(&storage.store),
        keyring: Arc::clone(&storage.keyring),
        publication: Arc::new(Nothing),
        policies: Arc::new(Nothing),
        fetch: Arc::new(Nothing),
        clock: Arc::clone(&storage.clock),
        entropy: Arc::clone(&storage.entropy),
        settings: control::Settings {
            publish_wait: Duration::ZERO,
            ..control::Settings::new("https://localhost", &*storage.identity.tenant, "http://localhost")
        },
    });
    let secret = control.reset_secret(&client).await.map_err(Failed::new)?;
    let secret = secret.ok_or_else(|| Failed::new(format!("the administrator {client} is no longer there")))?;
    println!("az login --service-principal -u {client} -p {} --tenant {}", secret.expose(), storage.identity.tenant);
    Ok(())
}

/// A stopped node publishes nothing, checks nothing and fetches nothing.
struct Nothing;

impl Publication for Nothing {
    fn published(&self, _: Position) -> Later<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

impl PolicyCheck for Nothing {
    fn check(&self, _: &PolicyText<'_>, _: &Known) -> Checked {
        Checked::default()
    }
}

impl Fetch for Nothing {
    fn fetch<'a>(&'a self, _: &'a str, _: usize) -> Later<'a, Result<Vec<u8>, String>> {
        Box::pin(std::future::ready(Err("a stopped node fetches nothing".to_owned())))
    }
}
