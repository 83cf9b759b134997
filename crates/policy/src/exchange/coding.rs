//! Content codings that policies can read: `gzip`, `deflate` and `br`.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use bytes::Bytes;
use flate2::write::{MultiGzDecoder, ZlibDecoder};

use super::{BodyError, Headers, Transform};

const CONTENT_ENCODING: &str = "Content-Encoding";

/// Bytes that Brotli's decoder hands on at once.
const BROTLI_PIECE: usize = 16 << 10;

/// How a body is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// `gzip`, and `x-gzip`, its older name.
    Gzip,
    /// `deflate`: zlib's format.
    Deflate,
    /// `br`: Brotli.
    Brotli,
}

impl Coding {
    /// The coding that a `Content-Encoding` names, if it is one that we read.
    pub fn named(text: &str) -> Option<Self> {
        match text.trim() {
            name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => Some(Self::Gzip),
            name if name.eq_ignore_ascii_case("deflate") => Some(Self::Deflate),
            name if name.eq_ignore_ascii_case("br") => Some(Self::Brotli),
            _ => None,
        }
    }

    /// The coding of a message with these headers. Two codings, one on the other, are none that we read.
    pub fn of(headers: &Headers) -> Option<Self> {
        let mut values = headers.all(CONTENT_ENCODING);
        let only = values.next()?;
        if values.next().is_some() { None } else { Self::named(&only.text()) }
    }

    /// What `body` is without the coding, if that is `limit` bytes at most.
    pub fn decode(self, body: &[u8], limit: u64) -> Result<Bytes, BodyError> {
        let mut decoding = Decoding::new(self, limit);
        let mut plain = decoding.pass(body)?;
        plain.extend_from_slice(&decoding.end()?);
        if plain.len() as u64 > limit { Err(BodyError::TooLarge { limit }) } else { Ok(plain.into()) }
    }
}

/// The stage that takes a coding off. Each piece may become `limit` bytes at most, so that a small body cannot fill the
/// memory; what all of it may be is for whoever collects it.
pub(super) struct Decoding {
    reader: Reader,
    limit: u64,
    /// Whether anything came: nothing at all is an empty body, and no broken one.
    begun: bool,
}

enum Reader {
    Gzip(MultiGzDecoder<Bounded>),
    Deflate(ZlibDecoder<Bounded>),
    Brotli(Box<DecompressorWriter<Bounded>>),
}

impl Reader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Gzip(reader) => reader.write_all(bytes).and_then(|()| reader.flush()),
            Self::Deflate(reader) => reader.write_all(bytes).and_then(|()| reader.flush()),
            Self::Brotli(reader) => reader.write_all(bytes),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Gzip(reader) => reader.try_finish(),
            Self::Deflate(reader) => reader.try_finish(),
            Self::Brotli(reader) => reader.close(),
        }
    }

    fn out(&mut self) -> &mut Bounded {
        match self {
            Self::Gzip(reader) => reader.get_mut(),
            Self::Deflate(reader) => reader.get_mut(),
            Self::Brotli(reader) => reader.get_mut(),
        }
    }
}

impl Decoding {
    pub(super) fn new(coding: Coding, limit: u64) -> Self {
        let out = Bounded { bytes: Vec::new(), limit, is_full: false };
        let reader = match coding {
            Coding::Gzip => Reader::Gzip(MultiGzDecoder::new(out)),
            Coding::Deflate => Reader::Deflate(ZlibDecoder::new(out)),
            Coding::Brotli => Reader::Brotli(Box::new(DecompressorWriter::new(out, BROTLI_PIECE))),
        };
        Self { reader, limit, begun: false }
    }

    fn pass(&mut self, bytes: &[u8]) -> Result<Vec<u8>, BodyError> {
        self.begun |= !bytes.is_empty();
        let done = self.reader.write(bytes);
        self.taken(done)
    }

    fn taken(&mut self, done: io::Result<()>) -> Result<Vec<u8>, BodyError> {
        let out = self.reader.out();
        match done {
            Ok(()) => Ok(std::mem::take(&mut out.bytes)),
            Err(_) if out.is_full => Err(BodyError::TooLarge { limit: self.limit }),
            Err(error) => Err(BodyError::Transform(format!("its content coding is broken ({error})"))),
        }
    }
}

impl Transform for Decoding {
    fn chunk(&mut self, bytes: Bytes) -> Result<Bytes, BodyError> {
        self.pass(&bytes).map(Bytes::from)
    }

    fn end(&mut self) -> Result<Bytes, BodyError> {
        if !self.begun {
            return Ok(Bytes::new());
        }
        let done = self.reader.finish();
        self.taken(done).map(Bytes::from)
    }
}

/// Takes bytes up to a limit.
struct Bounded {
    bytes: Vec<u8>,
    limit: u64,
    is_full: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if (self.bytes.len() + bytes.len()) as u64 > self.limit {
            self.is_full = true;
            return Err(io::Error::other("too much"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::{
        Compression,
        write::{GzEncoder, ZlibEncoder},
    };
    use proptest::prelude::*;

    use super::*;

    /// `plain text` in Brotli.
    const BROTLI: &[u8] = b"\x8b\x04\x80plain text\x03";
    /// 10 MiB of zeros in Brotli.
    const BROTLI_BOMB: &[u8] = &[
        203, 255, 255, 63, 248, 39, 0, 226, 177, 64, 32, 247, 254, 47, 255, 255, 63, 240, 79, 0, 196, 97, 17, 128, 238,
        253, 7,
    ];

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_body_is_what_its_coding_hides() {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(b"plain").unwrap();
        assert_eq!(Coding::Deflate.decode(&zlib.finish().unwrap(), 5).unwrap(), "plain");
        assert_eq!(Coding::Gzip.decode(&[gzip(b"pla"), gzip(b"in")].concat(), 5).unwrap(), "plain");
        assert_eq!(Coding::Gzip.decode(b"", 5).unwrap(), "");
        assert_eq!(Coding::Brotli.decode(BROTLI, 10).unwrap(), "plain text");
    }

    #[test]
    fn a_small_body_does_not_become_a_large_one() {
        let bomb = gzip(&vec![0; 10 << 20]);
        assert!(bomb.len() < 20_000);
        assert_eq!(Coding::Gzip.decode(&bomb, 1 << 20), Err(BodyError::TooLarge { limit: 1 << 20 }));
        assert_eq!(Coding::Brotli.decode(BROTLI_BOMB, 1 << 20), Err(BodyError::TooLarge { limit: 1 << 20 }));
        assert_eq!(Coding::Brotli.decode(BROTLI_BOMB, 10 << 20).unwrap().len(), 10 << 20);
    }

    #[test]
    fn what_is_broken_or_cut_off_is_told() {
        let whole = gzip(b"plain text");
        for broken in [&whole[..whole.len() - 1], &whole[..whole.len() - 9], b"no gzip at all"] {
            assert!(matches!(Coding::Gzip.decode(broken, 100), Err(BodyError::Transform(_))), "{broken:?}");
        }
        for broken in [&BROTLI[..BROTLI.len() - 1], &BROTLI[..4], b"no Brotli at all", &[BROTLI, b"more"].concat()] {
            assert!(matches!(Coding::Brotli.decode(broken, 100), Err(BodyError::Transform(_))), "{broken:?}");
        }
    }

    #[test]
    fn only_one_coding_counts() {
        let of = |values: &[&str]| Coding::of(&values.iter().map(|value| ("Content-Encoding", *value)).collect());
        assert_eq!(of(&["GZip"]), Some(Coding::Gzip));
        assert_eq!(of(&["x-gzip"]), Some(Coding::Gzip));
        assert_eq!(of(&["br"]), Some(Coding::Brotli));
        assert_eq!([of(&["zstd"]), of(&["gzip, gzip"]), of(&["gzip", "gzip"]), of(&[])], [None; 4]);
    }

    fn in_pieces(coding: Coding, coded: &Bytes, cut: usize) -> Vec<u8> {
        let cut = cut.min(coded.len());
        let mut decoding = Decoding::new(coding, 1000);
        let first = decoding.chunk(coded.slice(..cut)).unwrap();
        [first, decoding.chunk(coded.slice(cut..)).unwrap(), decoding.end().unwrap()].concat()
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(plain in ".{0,200}", cut in 0_usize..40) {
            let coded = Bytes::from(gzip(plain.as_bytes()));
            prop_assert_eq!(in_pieces(Coding::Gzip, &coded, cut), plain.as_bytes());
            prop_assert_eq!(in_pieces(Coding::Brotli, &Bytes::from_static(BROTLI), cut), b"plain text");
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Coding::Gzip.decode(&[&[0x1f, 0x8b, 8][..], &bytes].concat(), 1000);
            let _ = Coding::Deflate.decode(&bytes, 1000);
            let _ = Coding::Brotli.decode(&bytes, 1000);
            let _ = Coding::Brotli.decode(&[&BROTLI[..3], &bytes].concat(), 1000);
        }
    }
}
