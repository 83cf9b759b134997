//! Bodies as they are checked: without the coding of the transfer, up to a limit.

use policy::{
    Bytes,
    exchange::{BodyError, Coding},
};

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
    let name = coding.trim().to_ascii_lowercase();
    let coding = match (name.as_str(), Coding::named(&name)) {
        ("" | "identity", _) if body.len() as u64 > limit => return Decoded::TooLong(Some(body.len() as u64)),
        ("" | "identity", _) => return Decoded::Whole(body),
        (_, Some(coding)) => coding,
        (other, None) => return Decoded::Unreadable(format!("The content coding '{other}' is not known.")),
    };
    match coding.decode(&body, limit) {
        Ok(plain) => Decoded::Whole(plain),
        Err(BodyError::TooLarge { .. }) => Decoded::TooLong(None),
        Err(_) => Decoded::Unreadable(format!("The content coding '{name}' is broken.")),
    }
}

/// The media type of a `Content-Type`, lower-case and without parameters.
pub(crate) fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 5000 times `a`.
    const GZIP: &[u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 49, 1, 0, 0, 0, 194, 160, 172, 235, 95, 194, 20, 126, 64, 1, 0, 0,
        0, 0, 111, 3, 118, 89, 244, 76, 136, 19, 0, 0,
    ];

    #[test]
    fn a_coded_body_is_measured_without_its_coding() {
        let gzip = Bytes::from_static(GZIP);
        assert_eq!(decoded(gzip.clone(), "gzip", 5000), Decoded::Whole(vec![b'a'; 5000].into()));
        assert_eq!(decoded(gzip.clone(), "GZIP", 4999), Decoded::TooLong(None));
        assert!(matches!(decoded(gzip.slice(..20), "gzip", 5000), Decoded::Unreadable(_)));
        assert!(matches!(decoded(gzip, "zstd", 5000), Decoded::Unreadable(_)));
        assert_eq!(decoded(Bytes::from_static(b"abc"), "", 2), Decoded::TooLong(Some(3)));
    }
}
