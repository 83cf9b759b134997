//! Events on standard error, as text or JSON.

use std::io::{self, Write};

use tracing::level_filters::LevelFilter;

use crate::settings::{Format, Level, Log};

/// Starts logging. A second call in one process changes nothing.
pub(crate) fn start(log: &Log) {
    let level = match log.level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
    };
    let events = tracing_subscriber::fmt().with_max_level(level).with_writer(Lossy::default).with_target(false);
    // Only a second call fails, and then the first one's settings stand.
    let _ = match log.format {
        Format::Text => events.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
        Format::Json => events.json().try_init(),
    };
}

/// Standard error, where a line that cannot be written is lost. An error would be reported by a panic: on a full disk, or when nobody
/// reads any more, that would end the request or the worker that had something to say.
#[derive(Default)]
struct Lossy;

impl Write for Lossy {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(io::stderr().write(bytes).unwrap_or(bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = io::stderr().flush();
        Ok(())
    }
}
