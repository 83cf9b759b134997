//! Finds files in folders. Hidden folders, and those that build tools fill, are left out.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::output::Failed;

/// Folders that hold what others made.
const FOREIGN: &[&str] = &["node_modules", "target", "bin", "obj"];

/// The files that are named, and those in the folders that are named for which `wanted` is true; `true` beside those
/// that were named themselves.
pub(super) fn files(paths: &[PathBuf], wanted: &dyn Fn(&Path) -> bool) -> Result<Vec<(PathBuf, bool)>, Failed> {
    let mut found = Vec::new();
    for path in paths {
        let kind = fs::metadata(path).map_err(|error| {
            Failed::usage(format!("cannot read {}: {error}; name files or folders that are there", path.display()))
        })?;
        if kind.is_dir() {
            walk(path, wanted, &mut found)?;
        } else {
            found.push((path.clone(), true));
        }
    }
    Ok(found)
}

fn walk(folder: &Path, wanted: &dyn Fn(&Path) -> bool, found: &mut Vec<(PathBuf, bool)>) -> Result<(), Failed> {
    let unreadable = |error| Failed::usage(format!("cannot read {}: {error}", folder.display()));
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        // Links are not followed into folders: they may lead in circles.
        entries.push((entry.path(), entry.file_type().map_err(unreadable)?.is_dir()));
    }
    entries.sort();
    for (path, is_folder) in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !is_folder {
            if wanted(&path) {
                found.push((path, false));
            }
        } else if !name.starts_with('.') && !FOREIGN.contains(&name.as_str()) {
            walk(&path, wanted, found)?;
        }
    }
    Ok(())
}

/// The text of a file.
pub(super) fn text(path: &Path) -> Result<String, Failed> {
    let bytes = fs::read(path).map_err(|error| Failed::usage(format!("cannot read {}: {error}", path.display())))?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        // A stray byte of another encoding is one wrong character, not a reason to read nothing.
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

/// The path as messages show it: with slashes, and without `./`.
pub(super) fn shown(path: &Path) -> String {
    let text = path.display().to_string().replace('\\', "/");
    text.strip_prefix("./").map_or(text.clone(), str::to_owned)
}

/// Whether a file may be a policy document, or says something about what documents name.
pub(super) fn is_document(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    [".xml", ".rawxml", ".policy"].iter().any(|end| name.ends_with(end))
}
