//! `cargo xtask gen`: pages that are written from the code, so that they cannot lie.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use clap::Args;

/// Whether to write or to compare.
#[derive(Args)]
pub(crate) struct Options {
    /// Only checks that the pages are what the code says.
    #[arg(long)]
    check: bool,
}

/// Writes every page below `docs/generated`, or fails where one is not up to date.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let surface = dotnet::surface()
        .map_err(|errors| anyhow::anyhow!("the .NET surface does not build: {}", errors.join("; ")))?;
    let pages = [("docs/generated/policies.md", policy::reference(&catalogue::catalogue(surface)))];
    let mut stale = Vec::new();
    for (file, text) in pages {
        let path = root.join(file);
        if fs::read_to_string(&path).is_ok_and(|found| found == text) {
            continue;
        }
        if options.check {
            stale.push(file);
            continue;
        }
        fs::create_dir_all(path.parent().unwrap_or(root)).with_context(|| format!("making the folder of {file}"))?;
        fs::write(&path, text).with_context(|| format!("writing {file}"))?;
        println!("wrote {file}");
    }
    if !stale.is_empty() {
        bail!("not up to date: {}; run `cargo xtask gen`", stale.join(", "));
    }
    Ok(())
}
