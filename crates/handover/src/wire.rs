//! Messages between the two processes: a length and JSON; a descriptor comes with one byte of its own.

use std::{
    fs::File,
    io::{self, IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, Interest},
    net::UnixStream,
};

/// What the successor says first.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Hello {
    pub(crate) protocol: u32,
    pub(crate) pid: u32,
    pub(crate) version: String,
}

/// What follows from the running process: so many descriptors under these names, or nothing.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Offer {
    Names(Vec<String>),
    No(String),
}

/// The successor accepts connections. It has no use for what it does not name.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Ready {
    pub(crate) kept: Vec<String>,
}

/// How it ends.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum Ending {
    Relieved,
    Refused(String),
}

/// Longer messages are nobody's we know.
const LONGEST: u32 = 1 << 20;

pub(crate) async fn send(stream: &mut UnixStream, message: &impl Serialize) -> io::Result<()> {
    let text = serde_json::to_vec(message)?;
    let length = u32::try_from(text.len()).map_err(|_| io::Error::other("the message is too long"))?;
    stream.write_u32(length).await?;
    stream.write_all(&text).await
}

pub(crate) async fn receive<T: DeserializeOwned>(stream: &mut UnixStream) -> io::Result<T> {
    let length = stream.read_u32().await?;
    if length > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "no message of a hand-over"));
    }
    let mut text = vec![0; length as usize];
    stream.read_exact(&mut text).await?;
    serde_json::from_slice(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

pub(crate) async fn send_descriptor(stream: &UnixStream, fd: BorrowedFd<'_>) -> io::Result<()> {
    let send = || {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let descriptors = [fd];
        if !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
            return Err(io::Error::other("a descriptor does not fit into its message"));
        }
        Ok(sendmsg(stream.as_fd(), &[IoSlice::new(b"d")], &mut control, SendFlags::NOSIGNAL)?)
    };
    stream.async_io(Interest::WRITABLE, send).await.map(drop)
}

pub(crate) async fn receive_descriptor(stream: &UnixStream) -> io::Result<OwnedFd> {
    let receive = || {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut byte = [0];
        // Programs that this process starts must not inherit it.
        let flags = RecvFlags::CMSG_CLOEXEC;
        let received = recvmsg(stream.as_fd(), &mut [IoSliceMut::new(&mut byte)], &mut control, flags)?;
        if received.bytes == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let descriptors = control.drain().filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        });
        descriptors
            .flatten()
            .next()
            .ok_or_else(|| io::Error::other("a descriptor is missing; are too many files open?"))
    };
    stream.async_io(Interest::READABLE, receive).await
}

/// A path of the socket that fits into an address (108 bytes on Linux), and what keeps it valid.
pub(crate) fn address(folder: &Path) -> io::Result<(PathBuf, Option<File>)> {
    const FITS: usize = 100;
    let path = folder.join(crate::NAME);
    if path.as_os_str().len() <= FITS {
        return Ok((path, None));
    }
    let opened = File::open(folder)?;
    let through = Path::new("/proc/self/fd").join(opened.as_raw_fd().to_string()).join(crate::NAME);
    Ok((through, Some(opened)))
}
