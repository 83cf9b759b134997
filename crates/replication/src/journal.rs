//! The file in which a gateway keeps its documents: sealed as a whole, appended to, and now and then written anew.
//!
//! `TGRP`, a format number, 32 bytes of salt, then records: their length in four bytes (little endian) and the sealed JSON of
//! [`Record`]. A record is sealed for its number, so that none can be left out, doubled or moved. What follows the last record that
//! completes a change was cut off by a crash and does not count.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use base::{Entropy, Secret};
use crypto::Sealer;
use serde::{Deserialize, Serialize};

use crate::message::{Changes, Place, Sent};

const MAGIC: &[u8; 5] = b"TGRP\x01";
const SALT: usize = 32;
const HEADER: usize = MAGIC.len() + SALT;
const PURPOSE: &str = "documents of a self-hosted gateway";

/// Documents in one record of a file that is written anew.
const CHUNK: usize = 512;

/// A part of a change, or all of it.
#[derive(Debug, Deserialize, Serialize)]
struct Record {
    /// Whether the change ends here.
    complete: bool,
    place: Place,
    written: Vec<Sent>,
    deleted: Vec<String>,
}

/// The file, open for more.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    secret: Secret<Vec<u8>>,
    /// None until something was written, and after a write that failed: then the file is written anew.
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    file: File,
    sealer: Sealer,
    /// Of the next record.
    number: u64,
    /// Bytes of the file when it was written anew.
    base: u64,
    /// Bytes that were appended since.
    appended: u64,
}

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// In the order in which they happened; the first says everything.
    pub(crate) changes: Vec<Changes>,
    /// What is wrong with the rest of it.
    pub(crate) damage: Option<String>,
}

impl Journal {
    /// The journal at `path`, sealed under `secret`, and what it holds.
    ///
    /// # Errors
    /// The file cannot be read, or not with this secret. It is left as it is.
    pub(crate) fn open(path: &Path, secret: Secret<Vec<u8>>) -> (Self, Result<Kept, String>) {
        let mut journal = Self { path: path.to_owned(), secret, open: None };
        let kept = journal.read();
        (journal, kept)
    }

    fn read(&mut self) -> Result<Kept, String> {
        let mut bytes = Vec::new();
        let mut file = match OpenOptions::new().read(true).write(true).open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Kept::default()),
            Err(error) => return Err(error.to_string()),
        };
        file.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        let header = bytes.get(..HEADER).filter(|header| header.starts_with(MAGIC));
        let salt = header.and_then(|header| header.get(MAGIC.len()..)).ok_or("it is not a file of documents")?;
        let sealer = Sealer::derive(self.secret.expose(), salt, PURPOSE).map_err(|error| error.to_string())?;
        let (mut kept, mut at, mut number) = (Kept::default(), HEADER, 0);
        // Up to where, and up to which record, changes are whole.
        let (mut whole, mut whole_number) = (HEADER, 0);
        let mut change = Changes::default();
        while let Some((sealed, end)) = record(&bytes, at) {
            let opened = sealer.open(&u64::to_le_bytes(number), sealed);
            let opened = match opened {
                Ok(opened) => opened,
                Err(_) if number == 0 => return Err("it was sealed under another token or key".into()),
                Err(_) => {
                    kept.damage = Some(format!("record {number} cannot be opened; what follows it is lost"));
                    break;
                }
            };
            let Ok(read) = serde_json::from_slice::<Record>(opened.expose()) else {
                kept.damage = Some(format!("record {number} cannot be understood; what follows it is lost"));
                break;
            };
            (at, number) = (end, number + 1);
            change.place = read.place;
            change.written.extend(read.written);
            change.deleted.extend(read.deleted);
            if read.complete {
                kept.changes.push(std::mem::take(&mut change));
                (whole, whole_number) = (at, number);
            }
        }
        if !kept.changes.is_empty() && kept.damage.is_none() {
            // What a crash cut off goes, so that the next record stands where it is expected.
            let ready = file.set_len(whole as u64).and_then(|()| file.seek(SeekFrom::End(0)));
            if ready.is_ok() {
                let base = whole as u64;
                self.open = Some(Open { file, sealer, number: whole_number, base, appended: 0 });
            }
        }
        Ok(kept)
    }

    /// Whether the next change is better kept by writing everything anew.
    pub(crate) fn wants_all(&self) -> bool {
        const LEAST: u64 = 1 << 20;
        self.open.as_ref().is_none_or(|open| open.appended > open.base.max(LEAST))
    }

    /// Adds a change to what is there.
    ///
    /// # Errors
    /// The medium's. After one the file holds what it held before, and [`Journal::wants_all`] says yes.
    pub(crate) fn append(&mut self, changes: &Changes, entropy: &dyn Entropy) -> io::Result<()> {
        let Some(mut open) = self.open.take() else { return Err(io::Error::other("nothing is there to add to")) };
        let before = open.file.stream_position()?;
        let Changes { place, written, deleted } = changes.clone();
        let record = Record { complete: true, place, written, deleted };
        let written = open.add(&record, entropy).and_then(|length| open.file.sync_data().map(|()| length));
        match written {
            Ok(length) => {
                open.appended += length;
                self.open = Some(open);
                Ok(())
            }
            Err(error) => {
                // Half a record at the end would not hurt, but takes room where there is none.
                let _ = open.file.set_len(before);
                Err(error)
            }
        }
    }

    /// Writes everything anew beside the file, durably, and puts it in its place.
    ///
    /// # Errors
    /// The medium's. After one the file is as it was.
    pub(crate) fn write(&mut self, all: &Changes, entropy: &dyn Entropy) -> io::Result<()> {
        let neighbour = self.path.with_extension("new");
        let written = self.write_beside(&neighbour, all, entropy);
        if written.is_err() {
            self.open = None;
            // A full disk gets its room back.
            let _ = fs::remove_file(&neighbour);
        }
        written
    }

    fn write_beside(&mut self, neighbour: &Path, all: &Changes, entropy: &dyn Entropy) -> io::Result<()> {
        let salt = crypto::random::bytes(entropy, SALT);
        let sealer = Sealer::derive(self.secret.expose(), &salt, PURPOSE).map_err(io::Error::other)?;
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(neighbour)?;
        file.write_all(&[&MAGIC[..], &salt].concat())?;
        let mut open = Open { file, sealer, number: 0, base: 0, appended: 0 };
        let mut length = HEADER as u64;
        let mut chunks = all.written.chunks(CHUNK).peekable();
        loop {
            let written: Vec<Sent> = chunks.next().unwrap_or_default().to_vec();
            let complete = chunks.peek().is_none();
            let record = Record { complete, place: all.place.clone(), written, deleted: Vec::new() };
            length += open.add(&record, entropy)?;
            if complete {
                break;
            }
        }
        open.file.sync_all()?;
        fs::rename(neighbour, &self.path)?;
        if let Some(folder) = self.path.parent() {
            File::open(folder)?.sync_all()?;
        }
        open.base = length;
        self.open = Some(open);
        Ok(())
    }

    /// Seals under another secret from the next time that everything is written anew, which is the next change.
    pub(crate) fn reseal(&mut self, secret: Secret<Vec<u8>>) {
        (self.secret, self.open) = (secret, None);
    }
}

impl Open {
    /// Writes one record; its length in the file.
    fn add(&mut self, record: &Record, entropy: &dyn Entropy) -> io::Result<u64> {
        let plain = serde_json::to_vec(record)?;
        let sealed = self.sealer.seal(entropy, &self.number.to_le_bytes(), &plain).map_err(io::Error::other)?;
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        self.file.write_all(&[&length.to_le_bytes()[..], &sealed].concat())?;
        self.number += 1;
        Ok(4 + u64::from(length))
    }
}

/// The sealed record at `at`, and where it ends; `None` where there is no whole one.
fn record(bytes: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let (length, rest) = bytes.get(at..)?.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    Some((rest.get(..length)?, at + 4 + length))
}
