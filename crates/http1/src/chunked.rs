//! Chunks: sizes, extensions and the last one.

use bytes::{Buf, BytesMut};
use policy::Headers;

use crate::{decode::Piece, head};

/// The longest line with a size; what follows the size in it means nothing to us.
const LONGEST_LINE: usize = 1024;
/// The largest trailers.
const LARGEST_TRAILERS: usize = 16 * 1024;

/// Where a reader of chunks is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Chunked {
    /// Before the line with a size.
    #[default]
    Size,
    /// In a chunk, with so many bytes left.
    Data(u64),
    /// Behind a chunk, before its line break.
    Break,
    /// Behind the last chunk.
    Trailers,
    /// At the end.
    Done,
}

impl Chunked {
    /// Takes the next piece out of `buffer`; `None` if more bytes must come first.
    pub(crate) fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<Piece>, &'static str> {
        loop {
            match *self {
                Self::Size => {
                    let Some(size) = size(buffer)? else { return Ok(None) };
                    *self = if size == 0 { Self::Trailers } else { Self::Data(size) };
                }
                Self::Data(left) => {
                    if buffer.is_empty() {
                        return Ok(None);
                    }
                    let count = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
                    let left = left - count as u64;
                    *self = if left == 0 { Self::Break } else { Self::Data(left) };
                    return Ok(Some(Piece::Data(buffer.split_to(count).freeze())));
                }
                Self::Break => match buffer[..] {
                    [b'\r', b'\n', ..] => {
                        buffer.advance(2);
                        *self = Self::Size;
                    }
                    [b'\r'] | [] => return Ok(None),
                    _ => return Err("a chunk is longer than it says"),
                },
                Self::Trailers => {
                    if buffer.len() > LARGEST_TRAILERS {
                        return Err("the trailers are too large");
                    }
                    let trailers = head::trailers(buffer).map_err(|_| "the trailers are not valid")?;
                    let Some(trailers) = trailers else { return Ok(None) };
                    *self = Self::Done;
                    return Ok(Some(end(trailers)));
                }
                Self::Done => return Ok(Some(Piece::End)),
            }
        }
    }
}

fn end(trailers: Headers) -> Piece {
    if trailers.is_empty() { Piece::End } else { Piece::Trailers(trailers) }
}

/// The size that the first line of `buffer` says.
fn size(buffer: &mut BytesMut) -> Result<Option<u64>, &'static str> {
    let Some(end) = memchr::memchr(b'\n', buffer.get(..LONGEST_LINE.min(buffer.len())).unwrap_or_default()) else {
        return if buffer.len() >= LONGEST_LINE { Err("a chunk's first line is too long") } else { Ok(None) };
    };
    let line = buffer
        .get(..end)
        .and_then(|line| line.strip_suffix(b"\r"))
        .ok_or("a chunk's first line ends in the wrong way")?;
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii_end();
    if digits.is_empty() || digits.len() > 15 {
        return Err("a chunk's size is no number");
    }
    let mut size = 0_u64;
    for digit in digits {
        let value = char::from(*digit).to_digit(16).ok_or("a chunk's size is no number")?;
        size = size << 4 | u64::from(value);
    }
    buffer.advance(end + 1);
    Ok(Some(size))
}
