//! Chores of the project: `cargo xtask <chore>`. Each chore is one file.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool prints")]

use std::path::PathBuf;

use clap::{Parser, Subcommand};

mod gaps;
mod generate;
mod oracle;
mod scaffold;
mod test;
mod tidy;
mod tiers;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of the Tollgate workspace")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Checks what the compiler does not: dependency directions, who may name which library, file headers.
    Tidy,
    /// Compares the gap lists with what is there; they may only shrink.
    Gaps(gaps::Options),
    /// Writes the pages below docs/generated from the code.
    Gen(generate::Options),
    /// Begins a new policy: its file, with everything that must be filled in, and its line.
    New(scaffold::Options),
    /// Runs recorded cases of a real .NET and compares the results.
    Oracle(oracle::Options),
    /// Runs every test there is: lints, units, examples, and the end-to-end runs with real clients.
    Test(test::Options),
}

fn main() -> anyhow::Result<()> {
    let root = root();
    match Cli::parse().chore {
        Chore::Tidy => tidy::run(&root),
        Chore::Gaps(options) => gaps::run(&root, &options),
        Chore::Gen(options) => generate::run(&root, &options),
        Chore::New(options) => scaffold::run(&root, &options),
        Chore::Oracle(options) => oracle::run(&root, &options),
        Chore::Test(options) => test::run(&root, &options),
    }
}

/// The workspace's folder: this crate lives two levels below it.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).map_or(here.clone(), PathBuf::from)
}
