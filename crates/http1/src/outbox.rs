//! [`Outbox`]: bytes on their way to a connection.

use std::{collections::VecDeque, io::IoSlice};

use bytes::Bytes;

/// Pieces up to this size are copied behind one another; copying them is cheaper than to name them to the kernel one by one.
const COPIED: usize = 8 * 1024;

/// Bytes that wait to be written. Small pieces are copied together, large ones are kept as they are.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Text, then large pieces each with the text behind it. One text and one piece is what nearly all messages have.
    first: Vec<u8>,
    at: usize,
    more: VecDeque<(Bytes, Vec<u8>)>,
}

impl Outbox {
    /// Where heads and other small text are written, behind everything queued before.
    pub fn text(&mut self) -> &mut Vec<u8> {
        match self.more.back_mut() {
            Some((_, text)) => text,
            None => &mut self.first,
        }
    }

    /// Queues bytes of a body.
    pub fn push(&mut self, bytes: Bytes) {
        if bytes.len() <= COPIED {
            self.text().extend_from_slice(&bytes);
        } else {
            self.more.push_back((bytes, Vec::new()));
        }
    }

    /// Whether everything was written.
    pub fn is_empty(&self) -> bool {
        self.at == self.first.len() && self.more.is_empty()
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        let more: usize = self.more.iter().map(|(piece, text)| piece.len() + text.len()).sum();
        self.first.len() - self.at + more
    }

    /// What is to be written next: one run of bytes, if there is only one.
    pub fn front(&self) -> Option<&[u8]> {
        self.more.is_empty().then(|| self.first.get(self.at..).unwrap_or_default())
    }

    /// What is to be written next, in up to four runs.
    pub fn slices(&self) -> [IoSlice<'_>; 4] {
        let mut slices = [IoSlice::new(&[]); 4];
        let first = self.first.get(self.at..).unwrap_or_default();
        let runs = std::iter::once(first).chain(self.more.iter().flat_map(|(piece, text)| [&piece[..], &text[..]]));
        for (slice, run) in slices.iter_mut().zip(runs.filter(|run| !run.is_empty())) {
            *slice = IoSlice::new(run);
        }
        slices
    }

    /// So many bytes were written.
    pub fn wrote(&mut self, mut count: usize) {
        loop {
            let first = self.first.len() - self.at;
            if count < first {
                self.at += count;
                return;
            }
            count -= first;
            self.first.clear();
            self.at = 0;
            let Some((piece, text)) = self.more.front_mut() else { return };
            if count < piece.len() {
                let _ = piece.split_to(count);
                return;
            }
            count -= piece.len();
            self.first = std::mem::take(text);
            self.more.pop_front();
        }
    }

    /// Gives memory back that a large message has taken.
    pub fn shrink(&mut self) {
        if self.is_empty() && self.first.capacity() > 2 * COPIED {
            self.first = Vec::new();
        }
    }
}
