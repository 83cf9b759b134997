//! The one binary: composition root.

use std::process::ExitCode;

/// Requests allocate small pieces on the thread that frees them, which is what this allocator is quickest at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
