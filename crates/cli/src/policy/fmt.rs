//! `tollgate policy fmt`: lays documents out.

use std::fs;

use policy::policy_xml::Format;
use workbench::{check, format};

use super::{catalogue, tree};
use crate::{
    arguments::Fmt,
    output::{Failed, Output},
};

/// Rewrites files that are not laid out, or with `--check` only names them.
pub(super) fn run(arguments: &Fmt, out: &mut Output<'_>) -> Result<(), Failed> {
    let catalogue = catalogue()?;
    let (mut all, mut changed, mut broken) = (0, 0, 0);
    for (path, named) in tree::files(&arguments.paths, &tree::is_document)? {
        let text = tree::text(&path)?;
        if !named && !check::is_document(&text) {
            continue;
        }
        all += 1;
        let shown = tree::shown(&path);
        match format::format(&catalogue, &text, Format::RawXml) {
            Ok(laid_out) if laid_out == text => {}
            Ok(laid_out) => {
                changed += 1;
                if arguments.check {
                    out.print(&format!("{shown}\n"))?;
                } else {
                    fs::write(&path, laid_out)
                        .map_err(|error| Failed::new(format!("cannot write {shown}: {error}")))?;
                }
            }
            Err(found) => {
                broken += 1;
                for found in found {
                    out.print(&format!("{}\n\n", check::excerpt(&shown, &text, &found, out.colour)))?;
                }
            }
        }
    }
    if all == 0 {
        return Err(Failed::usage(
            "there is no policy document here: files end with .xml and begin with <policies> or <fragment>",
        ));
    }
    if broken > 0 {
        return Err(Failed::new(format!("{broken} of {all} documents cannot be read and stay as they are")));
    }
    if arguments.check && changed > 0 {
        return Err(Failed::new(format!(
            "{changed} of {all} documents are not laid out; run `tollgate policy fmt` on them"
        )));
    }
    out.print(&match (arguments.check, changed) {
        (true, _) => format!("{all} documents are laid out\n"),
        (false, changed) => format!("{changed} of {all} documents laid out anew\n"),
    })
}
