//! Bodies as they are checked: without the coding of the transfer, up to a limit.

use std::io::Read;

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use policy::Bytes;

/// A body without its coding.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// All of it.
    Whole(Bytes),
    /// It is longer than the limit; its length is known if it was not coded.
    TooLong(Option<u64>),
    /// Nobody here can read it; the sentence says why.
    Unreadable(String),
}

/// Takes the coding off a body, as far as `limit` bytes.
pub(crate) fn decoded(body: Bytes, coding: &str, limit: u64) -> Decoded {
    let read: Box<dyn Read + '_> = match coding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" if body.len() as u64 > limit => return Decoded::TooLong(Some(body.len() as u64)),
        "" | "identity" => return Decoded::Whole(body),
        "gzip" | "x-gzip" => Box::new(MultiGzDecoder::new(&*body)),
        "deflate" => Box::new(ZlibDecoder::new(&*body)),
        other => return Decoded::Unreadable(format!("The content coding '{other}' is not known.")),
    };
    let mut plain = Vec::new();
    match read.take(limit + 1).read_to_end(&mut plain) {
        Ok(_) if plain.len() as u64 > limit => Decoded::TooLong(None),
        Ok(_) => Decoded::Whole(plain.into()),
        Err(error) => Decoded::Unreadable(format!("The content coding '{coding}' is broken: {error}.")),
    }
}

/// The media type of a `Content-Type`, lower-case and without parameters.
pub(crate) fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    #[test]
    fn a_coded_body_is_measured_without_its_coding() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&[b'a'; 5000]).unwrap();
        let gzip = Bytes::from(gzip.finish().unwrap());
        assert!(gzip.len() < 100);
        assert_eq!(decoded(gzip.clone(), "gzip", 5000), Decoded::Whole(vec![b'a'; 5000].into()));
        assert_eq!(decoded(gzip.clone(), "GZIP", 4999), Decoded::TooLong(None));
        assert!(matches!(decoded(gzip.slice(..20), "gzip", 5000), Decoded::Unreadable(_)));
        assert!(matches!(decoded(gzip, "zstd", 5000), Decoded::Unreadable(_)));
        assert_eq!(decoded(Bytes::from_static(b"abc"), "", 2), Decoded::TooLong(Some(3)));
    }
}
