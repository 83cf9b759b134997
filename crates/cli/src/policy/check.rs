//! `tollgate policy check`: what is wrong with documents.

use std::path::Path;

use workbench::check::{self, File, Options};

use super::{catalogue, scope, tree};
use crate::{
    arguments::{Check, CheckFormat},
    output::{Failed, Output},
};

/// Prints what was found; fails if a document must be refused.
pub(super) fn run(arguments: &Check, out: &mut Output<'_>) -> Result<(), Failed> {
    let options = Options { scope: scope(arguments.scope.as_deref())?, strict: arguments.strict };
    let wanted = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        tree::is_document(path) || matches!(&*name, "namedValueInformation.json" | "backendInformation.json")
    };
    let mut files = Vec::new();
    for (path, named) in tree::files(&arguments.paths, &wanted)? {
        files.push(File { path: tree::shown(&path), text: tree::text(&path)?, named });
    }
    let report = check::check(&*catalogue()?, files, options);
    let text = match arguments.format {
        CheckFormat::Human => check::human(&report, out.colour),
        CheckFormat::Json => format!("{:#}\n", check::json(&report)),
        CheckFormat::Sarif => format!("{:#}\n", check::sarif(&report, env!("CARGO_PKG_VERSION"))),
    };
    out.print(&text)?;
    if report.documents.is_empty() {
        return Err(Failed::usage(
            "there is no policy document here: files end with .xml and begin with <policies> or <fragment>",
        ));
    }
    if report.is_refused() { Err(Failed::silent()) } else { Ok(()) }
}
