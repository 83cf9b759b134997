//! `cargo xtask tidy`: what the compiler does not check.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::tiers::{KEEPERS, STRANGERS, TIERS, WORDS};

/// A file longer than this has more than one topic; generated ones are exempt.
const LONGEST_FILE: usize = 800;

/// Prints every breach and fails if there is one.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut breaches = Vec::new();
    let edges = edges(root)?;
    check_edges(&edges, &mut breaches)?;
    let mut files = 0;
    for path in sources(&root.join("crates"))? {
        files += 1;
        check_file(root, &path, &mut breaches)?;
    }
    ensure!(files > 0, "no source file found below {}", root.display());
    for breach in &breaches {
        eprintln!("tidy: {breach}");
    }
    if !breaches.is_empty() {
        bail!("{} breach(es) of the house rules; ARCHITECTURE.md gives the reasons", breaches.len());
    }
    println!(
        "tidy: {} crates, {} dependency edges, {files} files",
        edges.len(),
        edges.iter().map(|(_, to)| to.len()).sum::<usize>()
    );
    Ok(())
}

/// Every workspace crate with the names of its normal dependencies.
fn edges(root: &Path) -> Result<Vec<(String, Vec<String>)>> {
    let out = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root)
        .output()
        .context("running cargo metadata")?;
    ensure!(out.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&out.stderr));
    let metadata: Value = serde_json::from_slice(&out.stdout)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    Ok(packages
        .iter()
        .map(|package| {
            let name = room(package["name"].as_str().unwrap_or_default());
            let dependencies = package["dependencies"].as_array().into_iter().flatten();
            let normal = dependencies.filter(|dependency| dependency["kind"] != "dev");
            (name, normal.filter_map(|dependency| dependency["name"].as_str()).map(room).collect())
        })
        .collect())
}

/// `tollgate-policy` is the room `policy`; the binary keeps its name.
fn room(package: &str) -> String {
    package.strip_prefix("tollgate-").unwrap_or(package).to_owned()
}

fn check_edges(edges: &[(String, Vec<String>)], breaches: &mut Vec<String>) -> Result<()> {
    let floors: HashMap<&str, usize> =
        TIERS.iter().enumerate().flat_map(|(floor, rooms)| rooms.iter().map(move |room| (*room, floor))).collect();
    for (from, dependencies) in edges {
        let floor =
            *floors.get(from.as_str()).with_context(|| format!("crate {from} is in no tier of xtask/src/tiers.rs"))?;
        for to in dependencies {
            if floors.get(to.as_str()).is_some_and(|below| *below >= floor) {
                breaches.push(format!("{from} depends on {to}, which is not on a lower floor"));
            }
            if STRANGERS.contains(&(from.as_str(), to.as_str())) || STRANGERS.contains(&(to.as_str(), from.as_str())) {
                breaches.push(format!("{from} and {to} must never see each other"));
            }
            for (library, keepers, reason) in KEEPERS {
                if to == library && !keepers.contains(&from.as_str()) {
                    breaches.push(format!("{from} names the library {library}: {reason}"));
                }
            }
        }
    }
    Ok(())
}

fn sources(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

fn check_file(root: &Path, path: &Path, breaches: &mut Vec<String>) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let mut parts = name.split('/').skip(1);
    let (crate_name, is_source) = (parts.next().unwrap_or_default(), parts.next() == Some("src"));
    if !text.starts_with("//!") && !text.starts_with("// @generated") {
        breaches.push(format!("{name} does not begin with `//!` and one sentence on what it is for"));
    }
    let lines = text.lines().count();
    if lines > LONGEST_FILE && !text.starts_with("// @generated") {
        breaches.push(format!("{name} has {lines} lines: more than one topic ({LONGEST_FILE} at most)"));
    }
    if !is_source {
        return Ok(());
    }
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    for (word, rooms, reason) in WORDS {
        let uses = code.lines().filter(|line| !line.trim_start().starts_with("//") && line.contains(word)).count();
        if uses > 0 && !rooms.contains(&crate_name) {
            breaches.push(format!("{name} uses `{word}`: {reason}"));
        }
    }
    let names_hyper = code.contains("hyper::") || code.contains("hyper_util::");
    if crate_name == "gateway" && names_hyper && !name.contains("/protocol") {
        breaches.push(format!("{name} names hyper outside gateway/src/protocol"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches(from: &str, to: &str) -> Vec<String> {
        let mut found = Vec::new();
        check_edges(&[(from.into(), vec![to.into()])], &mut found).unwrap();
        found
    }

    #[test]
    fn an_edge_may_only_point_down() {
        assert_eq!(breaches("policy", "base"), [""; 0]);
        assert_eq!(breaches("base", "policy"), ["base depends on policy, which is not on a lower floor"]);
        assert_eq!(breaches("policies-flow", "policies-message").len(), 1);
    }

    #[test]
    fn the_gateway_never_sees_the_store() {
        assert_eq!(breaches("gateway", "store"), ["gateway and store must never see each other"]);
    }

    #[test]
    fn a_library_has_one_keeper() {
        assert_eq!(breaches("policy", "hyper").len(), 1);
        assert_eq!(breaches("cli", "ring").len(), 1);
        assert!(breaches("gateway", "hyper").is_empty());
    }
}
