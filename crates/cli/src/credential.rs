//! `tollgate credential`: what signs in, on a stopped node.

use std::{path::Path, sync::Arc, time::Duration};

use arm::ResourceId;
use base::Secret;
use control::{Checked, Control, Fetch, Known, Later, PolicyCheck, PolicyText, Publication};
use store::Position;

use crate::{arguments::CredentialCommand, output::Failed, serve::Storage};

/// Makes a principal, or gives the administrator a new secret, and prints the sign-in.
pub(crate) fn run(command: &CredentialCommand) -> Result<(), Failed> {
    let (CredentialCommand::Create { data, .. } | CredentialCommand::Reset { data }) = command;
    if !data.exists() {
        return Err(Failed::usage(format!("there is no data folder at {}; name it with --data", data.display())));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failed::new)?;
    runtime.block_on(async {
        let (storage, administrator, control) = open(data).await?;
        let (client, secret) = match command {
            CredentialCommand::Create { name, role, scope, .. } => {
                create(&storage, &control, name, role, scope.as_deref()).await?
            }
            CredentialCommand::Reset { .. } => {
                let secret = control.reset_secret(&administrator).await.map_err(Failed::new)?;
                let gone = || Failed::new(format!("the administrator {administrator} is no longer there"));
                let secret = secret.ok_or_else(gone)?;
                (administrator, secret)
            }
        };
        let tenant = &storage.identity.tenant;
        println!("az login --service-principal -u {client} -p {} --tenant {tenant}", secret.expose());
        Ok(())
    })
}

/// The id and the secret of a new principal.
async fn create(
    storage: &Storage,
    control: &Control,
    name: &str,
    role: &str,
    scope: Option<&str>,
) -> Result<(String, Secret<String>), Failed> {
    let role = control::role_id(role).ok_or_else(|| {
        let known: Vec<_> = control::role_names().collect();
        Failed::usage(format!("there is no role `{role}`; the roles are {}", known.join(", ")))
    })?;
    let subscription = ResourceId::subscription(&storage.identity.subscription);
    let scope = match scope {
        None => subscription,
        Some(scope) => ResourceId::parse(scope)
            .filter(|id| subscription.contains(id))
            .ok_or_else(|| Failed::usage(format!("`{scope}` is no id below {subscription}")))?,
    };
    let new = control.create_principal(name, role, &scope).await.map_err(Failed::new)?;
    Ok((new.app, new.secret))
}

/// The store of a node that was started before, its administrator, and the rules over it.
async fn open(data: &Path) -> Result<(Storage, String, Control), Failed> {
    let storage = Storage::open(data, None).await?;
    let administrator = storage.identity.administrator.clone();
    let administrator = administrator
        .ok_or_else(|| Failed::new("this node has not been started yet; its first start prints a credential"))?;
    let control = Control::new(control::Parts {
        store: Arc::clone(&storage.store),
        keyring: Arc::clone(&storage.keyring),
        publication: Arc::new(Nothing),
        policies: Arc::new(Nothing),
        debugging: Arc::new(control::NoDebugging),
        counters: Arc::new(kv::MemoryCounters::new(Arc::clone(&storage.clock))),
        connections: Arc::new(control::NoConnections),
        fetch: Arc::new(Nothing),
        clock: Arc::clone(&storage.clock),
        entropy: Arc::clone(&storage.entropy),
        settings: control::Settings {
            publish_wait: Duration::ZERO,
            ..control::Settings::new("https://localhost", &*storage.identity.tenant, "http://localhost")
        },
    });
    Ok((storage, administrator, control))
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
