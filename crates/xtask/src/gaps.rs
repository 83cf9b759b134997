//! `cargo xtask gaps`: lists of what Azure has and Tollgate does not have yet, which may only shrink.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result, bail};
use clap::Args;

/// How to treat the lists.
#[derive(Args)]
pub(crate) struct Options {
    /// Takes what is done off the lists. Nothing is ever added to a list that exists.
    #[arg(long)]
    write: bool,
}

/// One list: its file, its heading, and what is missing in truth.
struct List {
    file: &'static str,
    about: &'static str,
    missing: fn() -> Result<BTreeSet<String>>,
}

const LISTS: &[List] = &[
    List {
        file: "gaps/operations.txt",
        about: "Management operations (2024-05-01) that are refused for now.",
        missing: operations,
    },
    List {
        file: "gaps/policies.txt",
        about: "Policies that are known, checked and refused for now.",
        missing: policies,
    },
    List {
        file: "gaps/members.txt",
        about: ".NET types and members on the platform's allow-list that are missing for now.",
        missing: members,
    },
];

/// Compares each list with the truth and fails where they differ.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let mut wrong = 0;
    for list in LISTS {
        let path = root.join(list.file);
        let missing = (list.missing)()?;
        let listed = match fs::read_to_string(&path) {
            Ok(text) => Some(entries(&text)),
            Err(_) if options.write => None,
            Err(error) => return Err(error).with_context(|| format!("reading {}", list.file)),
        };
        // A type that was missing as a whole may come with members still missing: that is less, not more.
        let is_part = |listed: &BTreeSet<String>, entry: &str| {
            entry.split_once("::").is_some_and(|(whole, _)| listed.contains(whole))
        };
        let grown: Vec<_> = listed
            .iter()
            .flat_map(|listed| missing.difference(listed).filter(|entry| !is_part(listed, entry)))
            .collect();
        let done: Vec<_> = listed.iter().flat_map(|listed| listed.difference(&missing)).collect();
        for entry in &grown {
            eprintln!("{}: `{entry}` was there and is missing now; a gap list never grows", list.file);
        }
        wrong += grown.len();
        if options.write && grown.is_empty() {
            let lines: String = missing.iter().map(|entry| format!("{entry}\n")).collect();
            fs::write(
                &path,
                format!(
                    "# {}\n# This list only shrinks: `cargo xtask gaps --write` takes off what is done.\n{lines}",
                    list.about
                ),
            )
            .with_context(|| format!("writing {}", list.file))?;
        } else {
            for entry in &done {
                eprintln!("{}: `{entry}` is done; take it off with `cargo xtask gaps --write`", list.file);
            }
            wrong += done.len();
        }
        println!("{}: {} missing", list.file, missing.len());
    }
    if wrong > 0 {
        bail!("the gap lists are not the truth in {wrong} place(s)");
    }
    Ok(())
}

fn entries(text: &str) -> BTreeSet<String> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

fn operations() -> Result<BTreeSet<String>> {
    let served: BTreeSet<String> = control::served().map(|(method, path)| format!("{method} {path}")).collect();
    let all = arm::OPERATIONS.iter().map(|operation| format!("{} {}", operation.method, operation.path));
    Ok(all.filter(|operation| !served.contains(operation)).collect())
}

fn policies() -> Result<BTreeSet<String>> {
    Ok(catalogue::missing().map(str::to_owned).collect())
}

fn members() -> Result<BTreeSet<String>> {
    let surface = dotnet::surface()
        .map_err(|errors| anyhow::anyhow!("the .NET surface does not build: {}", errors.join("; ")))?;
    Ok(dotnet::missing(&surface).into_iter().collect())
}
