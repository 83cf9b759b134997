//! The bytes of a body, taken out of what comes on a connection.

use bytes::{Bytes, BytesMut};
use policy::Headers;

use crate::{chunked::Chunked, head::Framing};

/// What the next bytes of a connection are.
#[derive(Debug)]
pub enum Piece {
    /// Bytes of the body.
    Data(Bytes),
    /// The end of the body, and the headers behind it.
    Trailers(Headers),
    /// The end of the body.
    End,
}

/// Takes a body apart.
#[derive(Debug)]
pub struct Decoder(State);

#[derive(Debug)]
enum State {
    Length(u64),
    Chunked(Chunked),
    UntilClose { closed: bool },
}

impl Decoder {
    /// For a body of that framing.
    pub fn new(framing: Framing) -> Self {
        Self(match framing {
            Framing::Empty => State::Length(0),
            Framing::Length(length) => State::Length(length),
            Framing::Chunked => State::Chunked(Chunked::default()),
            Framing::UntilClose => State::UntilClose { closed: false },
        })
    }

    /// Takes the next piece off the front of `buffer`; `None` if more bytes must come first.
    ///
    /// The error says in what way the bytes are no such body.
    pub fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<Piece>, &'static str> {
        match &mut self.0 {
            State::Length(0) => Ok(Some(Piece::End)),
            State::UntilClose { closed: true } if buffer.is_empty() => Ok(Some(Piece::End)),
            State::Length(_) | State::UntilClose { .. } if buffer.is_empty() => Ok(None),
            State::Length(left) => {
                let count = usize::try_from(*left).map_or(buffer.len(), |left| left.min(buffer.len()));
                *left -= count as u64;
                Ok(Some(Piece::Data(buffer.split_to(count).freeze())))
            }
            State::Chunked(chunked) => chunked.next(buffer),
            State::UntilClose { .. } => Ok(Some(Piece::Data(buffer.split().freeze()))),
        }
    }

    /// The other side has closed. Says whether the body may end so.
    pub fn close(&mut self) -> bool {
        match &mut self.0 {
            State::UntilClose { closed } => {
                *closed = true;
                true
            }
            State::Length(_) | State::Chunked(_) => self.is_done(),
        }
    }

    /// Whether all of it has been taken.
    pub fn is_done(&self) -> bool {
        matches!(self.0, State::Length(0) | State::Chunked(Chunked::Done))
    }

    /// How many bytes are still to come, if that is known.
    pub fn left(&self) -> Option<u64> {
        match self.0 {
            State::Length(left) => Some(left),
            State::Chunked(Chunked::Done) => Some(0),
            State::Chunked(_) | State::UntilClose { .. } => None,
        }
    }

    /// How many bytes are good to read at once: what is left of a body that says so, and one byte more. A read that is not filled
    /// tells that nothing else is there, which spares asking again.
    pub fn wants(&self) -> usize {
        const LARGEST: usize = 64 * 1024;
        match self.0 {
            State::Length(left) | State::Chunked(Chunked::Data(left)) => {
                usize::try_from(left).map_or(LARGEST, |left| left.saturating_add(1)).clamp(1024, LARGEST)
            }
            State::Chunked(_) | State::UntilClose { .. } => 16 * 1024,
        }
    }
}
