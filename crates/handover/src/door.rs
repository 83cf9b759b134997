//! The side of the process that runs.

use std::{fs, io, os::fd::AsFd, path::Path};

use tokio::net::{UnixListener, UnixStream};

use crate::{
    Handed, PROTOCOL,
    wire::{Ending, Hello, Offer, Ready, address, receive, send, send_descriptor},
};

/// Where a running process waits for its successor.
#[derive(Debug)]
pub struct Door {
    listener: UnixListener,
}

impl Door {
    /// Opens it in `folder`. The caller is the only process that works on the folder, so what lies there is of one that is gone.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let (path, _kept) = address(folder)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(Self { listener: UnixListener::bind(&path)? })
    }

    /// Waits for somebody to come. It may be given up at any time.
    ///
    /// # Errors
    /// Nobody can come any more.
    pub async fn guest(&self) -> io::Result<Guest> {
        self.listener.accept().await.map(|(stream, _)| Guest { stream })
    }
}

/// Somebody who wants to take over.
#[derive(Debug)]
pub struct Guest {
    stream: UnixStream,
}

/// Who it is.
#[derive(Debug)]
pub struct Introduction {
    /// Its process.
    pub pid: u32,
    /// Its version.
    pub version: String,
}

impl Guest {
    /// Learns who it is.
    ///
    /// # Errors
    /// It went away, or it does not talk as we do, which it was told.
    pub async fn introduction(&mut self) -> io::Result<Introduction> {
        let Hello { protocol, pid, version } = receive(&mut self.stream).await?;
        if protocol != PROTOCOL {
            let why = format!("the running process hands over by protocol {PROTOCOL}, not {protocol}");
            send(&mut self.stream, &Offer::No(why.clone())).await?;
            return Err(io::Error::new(io::ErrorKind::Unsupported, why));
        }
        Ok(Introduction { pid, version })
    }

    /// Gives it copies of all descriptors.
    ///
    /// # Errors
    /// It went away.
    pub async fn give(&mut self, handed: &[Handed]) -> io::Result<()> {
        let names = handed.iter().map(|handed| handed.name.clone()).collect();
        send(&mut self.stream, &Offer::Names(names)).await?;
        for handed in handed {
            send_descriptor(&self.stream, handed.fd.as_fd()).await?;
        }
        Ok(())
    }

    /// Waits until it accepts connections; the names of what it uses.
    ///
    /// # Errors
    /// It went away, which mostly means that it could not start.
    pub async fn ready(&mut self) -> io::Result<Vec<String>> {
        let Ready { kept } = receive(&mut self.stream).await?;
        Ok(kept)
    }

    /// Leaves everything to it.
    ///
    /// # Errors
    /// It went away in the last moment.
    pub async fn relieve(mut self) -> io::Result<()> {
        send(&mut self.stream, &Ending::Relieved).await
    }

    /// Tells it to go: this process goes on. Where it only loses the connection, it takes us for dead and goes on itself.
    pub async fn refuse(mut self, why: &str) {
        // It may have gone already, which is as good.
        let _ = send(&mut self.stream, &Ending::Refused(why.to_owned())).await;
    }
}
