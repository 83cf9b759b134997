//! The side of the process that takes over.

use std::{io, path::Path};

use tokio::net::UnixStream;

use crate::{
    Handed, PROTOCOL,
    wire::{Ending, Hello, Offer, Ready, address, receive, receive_descriptor, send},
};

/// The process that ran before.
#[derive(Debug)]
pub struct Predecessor {
    stream: UnixStream,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is this process's now.
    Relieved,
    /// The other process goes on, for this reason. This one must end.
    Refused(String),
}

impl Predecessor {
    /// Finds the process that works on `folder`, if one does.
    ///
    /// # Errors
    /// Somebody is there, and cannot be talked to.
    pub async fn find(folder: &Path) -> io::Result<Option<Self>> {
        let address = match address(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            address => address?,
        };
        match UnixStream::connect(&address.0).await {
            Ok(stream) => Ok(Some(Self { stream })),
            // What is left of a process that has ended.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Asks for everything that it hands over. It answers once its own work on what is shared is done.
    ///
    /// # Errors
    /// It does not hand over, or ended before it had.
    pub async fn take(&mut self, version: &str) -> io::Result<Vec<Handed>> {
        let hello = Hello { protocol: PROTOCOL, pid: std::process::id(), version: version.to_owned() };
        send(&mut self.stream, &hello).await?;
        let names = match receive(&mut self.stream).await? {
            Offer::Names(names) => names,
            Offer::No(why) => return Err(io::Error::other(why)),
        };
        let mut handed = Vec::with_capacity(names.len());
        for name in names {
            handed.push(Handed { name, fd: receive_descriptor(&self.stream).await? });
        }
        Ok(handed)
    }

    /// Says that this process accepts connections on what `kept` names, and learns what came of it. Nothing that both could
    /// change may be changed before.
    pub async fn ready(mut self, kept: Vec<String>) -> Verdict {
        // What it said before it went can still be read.
        let _ = send(&mut self.stream, &Ready { kept }).await;
        match receive(&mut self.stream).await {
            Ok(Ending::Refused(why)) => Verdict::Refused(why),
            // Whoever refuses says so; whoever only goes away has ended, and left everything.
            Ok(Ending::Relieved) | Err(_) => Verdict::Relieved,
        }
    }
}
