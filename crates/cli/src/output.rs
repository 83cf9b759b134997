//! What commands print, and how they end.

use std::{fmt, process::ExitCode};

/// Why a command ends without having done its work; the message goes to standard error.
#[derive(Debug)]
pub(crate) struct Failed {
    /// What went wrong and what to do next.
    pub(crate) message: String,
    /// 1: the work failed or the answer is no. 2: what was typed or configured cannot be.
    pub(crate) code: u8,
}

impl Failed {
    /// The work failed.
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), code: 1 }
    }

    /// What was typed or configured cannot be.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), code: 2 }
    }

    /// The exit code of the process.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
