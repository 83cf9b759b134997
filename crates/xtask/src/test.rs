//! `cargo xtask test`: everything that must hold, in the order in which it fails fastest.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::Args;

/// What to leave out while working; the plain command runs all of it.
#[derive(Args)]
pub(crate) struct Options {
    /// Leaves out the runs with real clients.
    #[arg(long)]
    no_e2e: bool,
}

/// One command of the run.
struct Stage {
    name: &'static str,
    command: &'static [&'static str],
    real_clients: bool,
}

const STAGES: &[Stage] = &[
    Stage { name: "format", command: &["cargo", "fmt", "--all", "--check"], real_clients: false },
    Stage { name: "house rules", command: &["cargo", "xtask", "tidy"], real_clients: false },
    Stage {
        name: "lints",
        command: &["cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings"],
        real_clients: false,
    },
    Stage { name: "tests", command: &["cargo", "test", "--workspace"], real_clients: false },
    Stage { name: "recorded .NET cases", command: &["cargo", "xtask", "oracle", "tests/oracle"], real_clients: false },
    Stage { name: "gap lists", command: &["cargo", "xtask", "gaps"], real_clients: false },
    Stage { name: "generated pages", command: &["cargo", "xtask", "gen", "--check"], real_clients: false },
    Stage {
        name: "release build",
        command: &["cargo", "build", "--release", "--package", "tollgate"],
        real_clients: true,
    },
    Stage { name: "real clients", command: &["tests/e2e/run"], real_clients: true },
];

/// Runs the stages one after the other and stops at the first that fails.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let began = Instant::now();
    let stages = STAGES.iter().filter(|stage| !(stage.real_clients && options.no_e2e));
    let mut times = Vec::new();
    for stage in stages {
        println!("\n=== {}: {}", stage.name, stage.command.join(" "));
        let stage_began = Instant::now();
        let [program, arguments @ ..] = stage.command else { continue };
        let status = Command::new(program)
            .args(arguments)
            .current_dir(root)
            .status()
            .with_context(|| format!("starting {program} for the stage `{}`", stage.name))?;
        ensure!(status.success(), "the stage `{}` failed ({status})", stage.name);
        times.push((stage.name, stage_began.elapsed()));
    }
    println!();
    for (name, time) in &times {
        println!("{:>8}  {name}", seconds(*time));
    }
    println!("{:>8}  all", seconds(began.elapsed()));
    println!("{} passed, 0 failed", times.len());
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
