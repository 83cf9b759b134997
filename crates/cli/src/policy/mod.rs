//! `tollgate policy`: check, format, run and test policy documents, without a server.

mod check;
mod fmt;
mod run;
mod test;
mod tree;

use std::sync::Arc;

use policy::Catalogue;

use crate::{
    arguments::PolicyCommand,
    output::{Failed, Output},
};

/// Does what was asked for; what it prints goes to `out`.
pub(crate) fn run(command: &PolicyCommand, out: &mut Output<'_>) -> Result<(), Failed> {
    match command {
        PolicyCommand::Check(arguments) => check::run(arguments, out),
        PolicyCommand::Fmt(arguments) => fmt::run(arguments, out),
        PolicyCommand::Run(arguments) => run::run(arguments, out),
        PolicyCommand::Test(arguments) => test::run(arguments, out),
    }
}

/// Every policy, with the C# surface.
fn catalogue() -> Result<Arc<Catalogue>, Failed> {
    let surface = dotnet::surface()
        .map_err(|errors| Failed::new(format!("the .NET surface does not build: {}", errors.join("; "))))?;
    Ok(Arc::new(catalogue::catalogue(surface)))
}

/// The scope of this name.
fn scope(word: Option<&str>) -> Result<Option<policy::Scope>, Failed> {
    let Some(word) = word else { return Ok(None) };
    let scope = workbench::scope(word).ok_or_else(|| {
        Failed::usage(format!("`{word}` is no scope; the scopes are global, workspace, product, api and operation"))
    })?;
    Ok(Some(scope))
}
