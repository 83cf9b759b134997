//! `cargo xtask new policy foo-bar`: the file of a policy with everything that must be filled in, and its line.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, Subcommand};

/// What to begin.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// A policy.
    Policy {
        /// Its element, such as `find-and-replace`.
        name: String,
        /// The room it belongs to: message, flow, traffic, identity, integration.
        #[arg(long, default_value = "message")]
        room: String,
    },
}

/// Writes the file and registers it.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let What::Policy { name, room } = &options.what;
    let clean = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && !name.is_empty();
    ensure!(clean, "`{name}` is no element name: lower-case letters and hyphens");
    let module = name.replace('-', "_");
    let folder = root.join(format!("crates/policies-{room}/src"));
    ensure!(folder.is_dir(), "there is no room {}", folder.display());
    let file = folder.join(format!("{module}.rs"));
    if file.exists() {
        bail!("{} is there already", file.display());
    }
    register(&folder.join("lib.rs"), &module)?;
    fs::write(&file, policy(name)).with_context(|| format!("writing {}", file.display()))?;
    println!("wrote {}", file.display());
    println!(
        "fill it in; then `cargo test -p tollgate-catalogue` runs its examples, and `cargo xtask gaps --write` takes it off the list"
    );
    Ok(())
}

/// Puts the module into the room's list, which is sorted.
fn register(lib: &Path, module: &str) -> Result<()> {
    let text = fs::read_to_string(lib).with_context(|| format!("reading {}", lib.display()))?;
    let (before, rest) = text.split_once("policies! {\n").context("the room has no `policies!` list")?;
    let (list, after) = rest.split_once('}').context("the `policies!` list does not end")?;
    let mut names: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    names.push(module);
    names.sort_unstable();
    let list: String = names.iter().map(|name| format!("    {name},\n")).collect();
    fs::write(lib, format!("{before}policies! {{\n{list}}}{after}"))
        .with_context(|| format!("writing {}", lib.display()))
}

fn policy(name: &str) -> String {
    let pascal: String = name
        .split('-')
        .flat_map(|word| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)))
        .collect();
    format!(
        r#"//! `{name}`: .

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {{
    name: "{name}",
    summary: "",
    sections: Sections::INBOUND,
    attrs: &[],
    examples: &[Example {{
        title: "",
        policy: "<{name} />",
        given: "GET /resource/1 HTTP/1.1",
        then: "GET http://backend.example/resource/1 HTTP/1.1",
        ..Example::BASE
    }}],
    compile: |_element, _cx| Some(Step::now({pascal} {{}})),
    ..PolicyDef::BASE
}};

struct {pascal} {{}}

impl Policy for {pascal} {{
    fn run(&self, _exchange: &mut Exchange) -> Result<Flow, Fault> {{
        Ok(Flow::Continue)
    }}
}}
"#
    )
}
