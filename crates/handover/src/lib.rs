//! Hands listening sockets, and what else two processes must not both make, from a running process to its successor.
//!
//! The running process waits at a [`Door`]: a Unix socket in a folder that only its user may enter. The successor takes what is
//! there with [`Predecessor::find`] and says [`Predecessor::ready`] once it accepts connections; only then is it relieved or refused.
//! Sockets pass as descriptors: whoever waits in a socket's queue waits for either process, so no connection is lost.

mod door;
mod predecessor;
mod wire;

use std::os::fd::OwnedFd;

pub use door::{Door, Guest, Introduction};
pub use predecessor::{Predecessor, Verdict};

/// A descriptor under the name by which both processes know it.
#[derive(Debug)]
pub struct Handed {
    /// What it is.
    pub name: String,
    /// The descriptor.
    pub fd: OwnedFd,
}

/// How the two talk. A process that talks otherwise is told so.
const PROTOCOL: u32 = 1;

/// The socket's name in its folder.
const NAME: &str = "hand-over.sock";
