//! Subcommands as a library. Only this room reads arguments, environment and configuration files.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool prints")]

mod arguments;
mod credential;
mod eval;
pub mod fixture;
mod host;
mod keys;
mod limits;
mod output;
mod plane;
mod policy;
mod self_hosted;
mod serve;
pub mod settings;
mod status;
mod succession;

use std::{
    ffi::OsString,
    io::{IsTerminal, Write},
    process::ExitCode,
};

use arguments::{Arguments, Command};
use clap::Parser;
use output::{Failed, Output};

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    // https://no-color.org: set and not empty.
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = !plain && out.is_terminal();
    ExitCode::from(run(std::env::args_os(), &mut out, &mut err, colour))
}

/// Runs the command that `arguments` say, the first of which names the program. Gives the exit code: 0, it is done; 1, it
/// failed or the answer is no; 2, what was typed or configured cannot be.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
    colour: bool,
) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(shown) => {
            let text = if colour { shown.render().ansi().to_string() } else { shown.render().to_string() };
            // Help and version are what was asked for; everything else is a mistake.
            let to: &mut dyn Write = if shown.use_stderr() { err } else { out };
            let _ = to.write_all(text.as_bytes());
            return u8::try_from(shown.exit_code()).unwrap_or(2);
        }
    };
    let mut output = Output { out, err, colour };
    match command(&arguments.command, &mut output) {
        Ok(()) => 0,
        Err(failed) => {
            if !failed.message.is_empty() {
                // Where nobody can be told, the exit code still tells.
                let _ = output.say(&format!("error: {failed}\n"));
            }
            failed.code
        }
    }
}

fn command(command: &Command, output: &mut Output<'_>) -> Result<(), Failed> {
    match command {
        Command::Serve(arguments) => serve::run(arguments),
        Command::Gateway(arguments) => self_hosted::run(arguments),
        Command::Status(arguments) => status::run(arguments),
        Command::Keys(arguments) => keys::run(&arguments.command),
        Command::Credential(arguments) => credential::run(&arguments.command),
        Command::Eval(arguments) => eval::run(arguments),
        Command::Policy(arguments) => policy::run(&arguments.command, output),
    }
}
