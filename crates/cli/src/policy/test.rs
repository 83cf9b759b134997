//! `tollgate policy test`: the tests beside the documents.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use workbench::{
    Kind, kind_of,
    stage::Text,
    suite::{self, Files},
};

use super::{catalogue, tree};
use crate::{
    arguments::{Test, TextFormat},
    output::{Failed, Output},
};

/// Runs the tests; fails if one does.
pub(super) fn run(arguments: &Test, out: &mut Output<'_>) -> Result<(), Failed> {
    let began = Instant::now();
    let paths = if arguments.paths.is_empty() { vec![PathBuf::from(".")] } else { arguments.paths.clone() };
    let mut tests = Vec::new();
    for (path, _) in tree::files(&paths, &is_test)? {
        tests.push(Text { path: tree::shown(&path), text: tree::text(&path)?.into() });
    }
    if tests.is_empty() {
        return Err(Failed::usage("there are no tests here: their files end with .test.yaml or .test.yml"));
    }
    let disk = Disk { fragments: fragments(&paths)? };
    let report = suite::run(&*catalogue()?, &disk, &tests, arguments.filter.as_deref());
    let (all, failed) = report.counts();
    if all == 0 {
        let filter = arguments.filter.as_deref().unwrap_or_default();
        return Err(Failed::usage(format!("no test has `{filter}` in its name or in the path of its file")));
    }
    if let Some(path) = &arguments.junit {
        write(path, &suite::junit(&report))?;
    }
    if let Some(path) = &arguments.coverage {
        let covered = report.covered();
        let is_json = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
        write(path, &if is_json { format!("{:#}\n", covered.json()) } else { covered.lcov() })?;
    }
    out.print(&match arguments.format {
        TextFormat::Human => suite::human(&report, out.colour),
        TextFormat::Json => format!("{:#}\n", suite::json(&report)),
    })?;
    out.say(&format!("done in {:.2?}\n", began.elapsed()))?;
    if failed > 0 { Err(Failed::silent()) } else { Ok(()) }
}

fn is_test(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    name.ends_with(".test.yaml") || name.ends_with(".test.yml")
}

fn write(path: &Path, text: &str) -> Result<(), Failed> {
    fs::write(path, text).map_err(|error| Failed::new(format!("cannot write {}: {error}", path.display())))
}

/// Every fragment of the folders in which tests are looked for, or which test files lie in.
fn fragments(paths: &[PathBuf]) -> Result<Vec<(String, Text)>, Failed> {
    let folders = paths.iter().map(|path| {
        if path.is_dir() {
            path.clone()
        } else {
            path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
        }
    });
    let folders: Vec<PathBuf> = folders.collect();
    let mut found = Vec::new();
    for (path, _) in tree::files(&folders, &tree::is_document)? {
        let text = tree::text(&path)?;
        if !workbench::check::is_fragment(&text) {
            continue;
        }
        let path = tree::shown(&path);
        if let Kind::Fragment(id) = kind_of(&path, true) {
            found.push((id.to_ascii_lowercase(), Text { path, text: text.into() }));
        }
    }
    Ok(found)
}

/// Files beside the tests.
struct Disk {
    fragments: Vec<(String, Text)>,
}

impl Files for Disk {
    fn read(&self, from: &str, path: &str) -> Result<Text, String> {
        let path = Path::new(from).parent().unwrap_or(Path::new("")).join(path);
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error} (paths count from the test file)", path.display()))?;
        Ok(Text { path: tree::shown(&plain(&path)), text: text.into() })
    }

    fn fragments(&self) -> &[(String, Text)] {
        &self.fragments
    }
}

/// The path without `.` and `a/..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}
