//! What a successor gets from the process before it.

use std::{
    net::{SocketAddr, TcpListener},
    os::fd::OwnedFd,
    path::Path,
};

use handover::{Handed, Predecessor, Verdict};

use super::TAKE_OVER;
use crate::output::Failed;

/// What was handed over. Empty for a process that begins by itself.
#[derive(Debug, Default)]
pub(crate) struct Inheritance {
    predecessor: Option<Predecessor>,
    handed: Vec<Handed>,
    kept: Vec<String>,
}

impl Inheritance {
    /// Takes over from the process that works on `folder`; where none does, this one begins by itself.
    pub(crate) async fn claim(folder: &Path) -> Result<Self, Failed> {
        let failed = |error| {
            Failed::new(format!(
                "{TAKE_OVER}: the process that runs on {} does not hand over: {error}",
                folder.display()
            ))
        };
        let Some(mut predecessor) = Predecessor::find(folder).await.map_err(failed)? else {
            return Ok(Self::default());
        };
        let handed = predecessor.take(env!("CARGO_PKG_VERSION")).await.map_err(failed)?;
        Ok(Self { predecessor: Some(predecessor), handed, kept: Vec::new() })
    }

    /// Everything under `name`.
    pub(crate) fn take(&mut self, name: &str) -> impl Iterator<Item = OwnedFd> {
        self.handed.extract_if(.., move |handed| handed.name == name).map(|handed| handed.fd)
    }

    /// The sockets under `name`, if they are on `wanted`, where port 0 stands for any. Others are closed.
    pub(crate) fn sockets(&mut self, name: &str, wanted: Option<SocketAddr>) -> Vec<TcpListener> {
        let is_wanted = |socket: &TcpListener| {
            let there = socket.local_addr().ok();
            there.zip(wanted).is_some_and(|(there, wanted)| {
                there.ip() == wanted.ip() && (wanted.port() == 0 || there.port() == wanted.port())
            })
        };
        let sockets: Vec<_> = self.take(name).map(TcpListener::from).filter(is_wanted).collect();
        if !sockets.is_empty() {
            self.kept.push(name.to_owned());
        }
        sockets
    }

    /// Says that everything is served here. An error says that this process must end, because the other one goes on.
    pub(crate) async fn settle(self) -> Result<(), Failed> {
        let Self { predecessor, handed, kept } = self;
        drop(handed);
        let Some(predecessor) = predecessor else { return Ok(()) };
        match predecessor.ready(kept).await {
            Verdict::Relieved => Ok(()),
            Verdict::Refused(why) => Err(Failed::new(format!("the running process goes on: {why}"))),
        }
    }
}
