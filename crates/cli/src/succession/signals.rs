//! What a running process is asked by signals.

use std::io::IsTerminal;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::output::Failed;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// SIGTERM, Ctrl-C, and the end of the terminal that it was started from.
    Stop,
    /// SIGUSR2; SIGHUP, where no terminal is.
    Succession,
}

/// The signals that are listened for.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    replace: Signal,
    hang_up: Signal,
    /// What SIGHUP asks for. A terminal that closes sends it, and so do people who want a daemon to read its configuration.
    hang_up_asks: Asked,
}

impl Signals {
    pub(super) fn listen() -> Result<Self, Failed> {
        let on = |kind| signal(kind).map_err(Failed::new);
        Ok(Self {
            terminate: on(SignalKind::terminate())?,
            interrupt: on(SignalKind::interrupt())?,
            replace: on(SignalKind::user_defined2())?,
            hang_up: on(SignalKind::hangup())?,
            hang_up_asks: if std::io::stdin().is_terminal() { Asked::Stop } else { Asked::Succession },
        })
    }

    pub(super) async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Stop,
            _ = self.interrupt.recv() => Asked::Stop,
            _ = self.replace.recv() => Asked::Succession,
            _ = self.hang_up.recv() => self.hang_up_asks,
        }
    }

    /// Completes when it is asked to stop.
    pub(super) async fn stop(&mut self) {
        while self.next().await != Asked::Stop {}
    }
}
