//! `cargo xtask oracle DIR`: runs recorded cases of a real .NET and compares type, value, JSON, exception and compile
//! error.

mod case;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Args;

use case::{Case, Outcome};
use cli::fixture::Fixtures;

/// Which cases to run, and how much to say.
#[derive(Args)]
pub(crate) struct Options {
    /// The folder with the `*.jsonl` files.
    dir: PathBuf,
    /// The data behind `context`; by default the `context_fixture.json` nearest above the cases.
    #[arg(long)]
    fixture: Option<PathBuf>,
    /// Only cases whose id or category contains this.
    #[arg(long)]
    only: Option<String>,
    /// Prints each failure with what was expected.
    #[arg(long)]
    failures: bool,
}

/// Ids of cases that may fail, each line with its reason.
const GAPS: &str = "gaps/oracle.txt";

/// Runs the cases; fails if one fails that the gap list does not name.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let surface = dotnet::surface().map_err(|errors| anyhow::anyhow!("the .NET surface does not build: {errors:?}"))?;
    let file = fixture_file(options)?;
    let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let fixtures = Fixtures::read(&text, &surface).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
    let known = fs::read_to_string(root.join(GAPS)).unwrap_or_default();
    let known: Vec<&str> = known.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut unknown = 0;
    for case in cases(&options.dir)? {
        let wanted = |only: &String| case.id.contains(only.as_str()) || case.category.contains(only.as_str());
        if !options.only.as_ref().is_none_or(wanted) {
            continue;
        }
        let count = counts.entry(case.category.clone()).or_default();
        match case.run(&surface, &fixtures) {
            Outcome::Passed => count.0 += 1,
            Outcome::Failed { expected, actual } => {
                count.1 += 1;
                unknown += usize::from(!known.contains(&case.id.as_str()));
                if options.failures {
                    println!("{}: {}\n    expected {expected}\n    actual   {actual}", case.id, case.code);
                }
            }
        }
    }
    let mut total = (0, 0);
    for (category, (passed, failed)) in &counts {
        println!("{category:20} {passed:5} passed {failed:5} failed");
        total = (total.0 + passed, total.1 + failed);
    }
    println!("total: {} passed, {} failed", total.0, total.1);
    if unknown > 0 {
        bail!("{unknown} cases fail that {GAPS} does not name");
    }
    Ok(())
}

fn fixture_file(options: &Options) -> Result<PathBuf> {
    if let Some(file) = &options.fixture {
        return Ok(file.clone());
    }
    let dir = options.dir.canonicalize().with_context(|| format!("looking for {}", options.dir.display()))?;
    let found = dir.ancestors().map(|above| above.join("context_fixture.json")).find(|file| file.exists());
    found.context("there is no context_fixture.json above the cases; name one with --fixture")
}

/// All cases below a folder, file by file in the order of names.
fn cases(dir: &Path) -> Result<Vec<Case>> {
    let mut entries: Vec<_> = fs::read_dir(dir)
        .with_context(|| format!("reading {}", dir.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    entries.sort();
    let mut out = Vec::new();
    for path in entries {
        if path.is_dir() {
            out.extend(cases(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            let text = fs::read_to_string(&path)?;
            for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
                out.push(serde_json::from_str(line).with_context(|| format!("{}:{}", path.display(), at + 1))?);
            }
        }
    }
    Ok(out)
}
