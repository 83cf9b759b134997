//! The one binary: composition root.

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
