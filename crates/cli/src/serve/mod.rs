//! `tollgate serve`: puts the rooms together and runs them.

mod backends;
mod banner;
mod certificates;
mod fetch;
mod first_start;
mod folder;
mod logging;
mod node;
mod policies;
mod traces;

use std::fs;

pub(crate) use certificates::HostIdentities;
pub(crate) use folder::{DataFolder, read_admin_token};
pub(crate) use node::{Node, Storage};

use crate::{
    arguments::Serve,
    limits,
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
    limits::raise_open_files();
    let start = async |inheritance: &mut Inheritance| Node::start(&settings, inheritance).await;
    runtime.block_on(succession::run(&settings.data, arguments.take_over, start))
}

fn settings(arguments: &Serve) -> Result<Settings, Failed> {
    let mut layers = Vec::new();
    if let Some(file) = &arguments.config {
        let name = file.display().to_string();
        let text = fs::read_to_string(file).map_err(|error| Failed::usage(format!("cannot read {name}: {error}")))?;
        layers.push(Layer::file(&name, &text).map_err(Failed::usage)?);
    }
    layers.push(Layer::environment(|name| std::env::var(name).ok()));
    let mut flags = Layer::flags();
    let workers = arguments.workers.map(|workers| workers.to_string());
    for (section, key, value) in [
        ("", "data", &arguments.data),
        ("gateway", "http", &arguments.gateway_http),
        ("gateway", "https", &arguments.gateway_https),
        ("gateway", "workers", &workers),
        ("management", "https", &arguments.management),
        ("admin", "http", &arguments.admin),
        ("log", "level", &arguments.log_level),
        ("log", "format", &arguments.log_format),
        ("log", "access", &arguments.access_log),
    ] {
        if let Some(value) = value {
            flags.set(section, key, value);
        }
    }
    layers.push(flags);
    Settings::layered(layers).map_err(Failed::usage)
}
