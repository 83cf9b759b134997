//! Subcommands as a library. Only this room reads arguments, environment and configuration files.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool prints")]

mod arguments;
mod credential;
mod eval;
pub mod fixture;
mod host;
mod keys;
mod output;
mod serve;
pub mod settings;
mod status;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Command::Serve(arguments) => serve::run(arguments),
        Command::Status(arguments) => status::run(arguments),
        Command::Keys(arguments) => keys::run(&arguments.command),
        Command::Credential(arguments) => credential::run(&arguments.command),
        Command::Eval(arguments) => eval::run(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("error: {failed}");
            failed.exit_code()
        }
    }
}
