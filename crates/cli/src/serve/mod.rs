//! `tollgate serve`: puts the rooms together and runs them.

mod backends;
mod banner;
mod certificates;
mod fetch;
mod first_start;
mod folder;
mod gateways;
pub(crate) mod logging;
mod node;
mod policies;
mod traces;

use std::{fs, path::Path};

pub(crate) use certificates::HostIdentities;
pub(crate) use folder::{DataFolder, read_admin_token};
pub(crate) use node::{Node, Storage, asked};

use crate::{
    arguments::{PlaneFlags, Serve},
    output::Failed,
    settings::{Layer, Settings},
    succession::{self, Inheritance},
};

/// Runs a node until it is asked to stop.
pub(crate) fn run(arguments: &Serve) -> Result<(), Failed> {
    let settings = settings(arguments)?;
    logging::start(&settings.log);
    // The data plane has threads of its own; this runtime carries management, the feed and the store's answers.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Failed::new)?;
    let start = async |inheritance: &mut Inheritance| Node::start(&settings, inheritance).await;
    runtime.block_on(succession::run(&settings.data, arguments.take_over, start))
}

fn settings(arguments: &Serve) -> Result<Settings, Failed> {
    let own = [("", "data", &arguments.data), ("management", "https", &arguments.management)];
    layered(Layer::default(), arguments.config.as_deref(), &own, &arguments.plane)
}

/// `defaults`, the configuration file, the environment and flags, later ones above earlier ones.
pub(crate) fn layered(
    defaults: Layer,
    file: Option<&Path>,
    own: &[(&str, &str, &Option<String>)],
    plane: &PlaneFlags,
) -> Result<Settings, Failed> {
    let mut layers = vec![defaults];
    if let Some(file) = file {
        let name = file.display().to_string();
        let text = fs::read_to_string(file).map_err(|error| Failed::usage(format!("cannot read {name}: {error}")))?;
        layers.push(Layer::file(&name, &text).map_err(Failed::usage)?);
    }
    layers.push(Layer::environment(|name| std::env::var(name).ok()));
    let mut flags = Layer::flags();
    let workers = plane.workers.map(|workers| workers.to_string());
    let shared = [
        ("gateway", "http", &plane.gateway_http),
        ("gateway", "https", &plane.gateway_https),
        ("gateway", "workers", &workers),
        ("admin", "http", &plane.admin),
        ("log", "level", &plane.log_level),
        ("log", "format", &plane.log_format),
        ("log", "access", &plane.access_log),
    ];
    for (section, key, value) in own.iter().chain(&shared) {
        if let Some(value) = value {
            flags.set(section, key, value);
        }
    }
    layers.push(flags);
    Settings::layered(layers).map_err(Failed::usage)
}
