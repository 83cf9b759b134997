//! What commands print, and how they end.

use std::{
    fmt,
    io::{ErrorKind, Write},
};

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

    /// The answer is no, and what was printed says why.
    pub(crate) fn silent() -> Self {
        Self { message: String::new(), code: 1 }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Where a command prints.
pub(crate) struct Output<'a> {
    /// What was asked for.
    pub(crate) out: &'a mut dyn Write,
    /// What is said beside it.
    pub(crate) err: &'a mut dyn Write,
    /// Whether there are colours.
    pub(crate) colour: bool,
}

impl Output<'_> {
    /// Prints what was asked for. Whoever stopped reading has read enough.
    pub(crate) fn print(&mut self, text: &str) -> Result<(), Failed> {
        written(self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()))
    }

    /// Says something beside it.
    pub(crate) fn say(&mut self, text: &str) -> Result<(), Failed> {
        written(self.err.write_all(text.as_bytes()))
    }
}

fn written(done: std::io::Result<()>) -> Result<(), Failed> {
    match done {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failed::new(format!("cannot print: {error}"))),
        _ => Ok(()),
    }
}
