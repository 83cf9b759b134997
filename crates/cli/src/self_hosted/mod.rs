//! `tollgate gateway`: the data plane alone, fed by a management node.

mod auth;
mod edge;
mod status;
mod upstream;

use crate::{
    arguments::Gateway,
    output::Failed,
    serve::{layered, logging},
    settings::{Layer, Settings},
    succession::{self, Inheritance},
};

use edge::Edge;

/// The folder, where nobody says which: not that of a node, which may well run beside.
const FOLDER: &str = "tollgate-gateway";

/// Runs a self-hosted gateway until it is asked to stop.
pub(crate) fn run(arguments: &Gateway) -> Result<(), Failed> {
    let settings = settings(arguments)?;
    logging::start(&settings.log);
    // The data plane has threads of its own; this runtime carries the feed and the admin address.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Failed::new)?;
    let start = async |inheritance: &mut Inheritance| Edge::start(&settings, inheritance).await;
    runtime.block_on(succession::run(&settings.data, arguments.take_over, start))
}

fn settings(arguments: &Gateway) -> Result<Settings, Failed> {
    let mut defaults = Layer::default();
    defaults.set("", "data", FOLDER);
    let own = [
        ("", "data", &arguments.data),
        ("config-service", "endpoint", &arguments.endpoint),
        ("config-service", "auth-file", &arguments.auth_file),
        ("config-service", "ca", &arguments.ca),
        ("config-service", "seal-file", &arguments.seal_file),
    ];
    layered(defaults, arguments.config.as_deref(), &own, &arguments.plane)
}
