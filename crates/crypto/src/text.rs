//! Bytes as text: hexadecimal, Base64 and PEM.

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use crate::{Error, Result};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT.with_encode_padding(false));

/// Base64 with `+`, `/` and padding.
pub fn base64(bytes: &[u8]) -> String {
    PLAIN.encode(bytes)
}

/// Reads Base64; padding may be missing.
pub fn from_base64(text: &str) -> Result<Vec<u8>> {
    PLAIN.decode(text).map_err(|_| Error::Malformed("Base64".into()))
}

/// Base64 with `-`, `_` and no padding.
pub fn base64url(bytes: &[u8]) -> String {
    URL.encode(bytes)
}

/// Reads Base64 with `-` and `_`; padding may be there.
pub fn from_base64url(text: &str) -> Result<Vec<u8>> {
    URL.decode(text).map_err(|_| Error::Malformed("Base64 for URLs".into()))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    digits(bytes, b"0123456789abcdef")
}

/// Upper-case hexadecimal, as thumbprints are written.
pub fn hex_upper(bytes: &[u8]) -> String {
    digits(bytes, b"0123456789ABCDEF")
}

/// Reads hexadecimal of either case.
pub fn from_hex(text: &str) -> Result<Vec<u8>> {
    let malformed = || Error::Malformed("hexadecimal".into());
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8).ok_or_else(malformed);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return Err(malformed());
    }
    pairs.iter().map(|[high, low]| Ok(digit(*high)? << 4 | digit(*low)?)).collect()
}

/// A PEM block with this label: `CERTIFICATE`, `PRIVATE KEY`.
pub fn pem(label: &str, der: &[u8]) -> String {
    let body = base64(der);
    let lines: Vec<&str> = (0..body.len()).step_by(64).map(|at| &body[at..body.len().min(at + 64)]).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// The label and content of each PEM block in `text`. What lies between blocks is ignored.
pub fn from_pem(text: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let malformed = || Error::Malformed("a PEM file".into());
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let (label, after) = after.split_once("-----").ok_or_else(malformed)?;
        let (body, after) = after.split_once(&format!("-----END {label}-----")).ok_or_else(malformed)?;
        let body: String = body.split_ascii_whitespace().collect();
        blocks.push((label.to_owned(), from_base64(&body).map_err(|_| malformed())?));
        rest = after;
    }
    Ok(blocks)
}

fn digits(bytes: &[u8], alphabet: &[u8; 16]) -> String {
    let digit = |nibble: u8| char::from(alphabet[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn padding_is_optional_when_reading() {
        assert_eq!(base64(b"ab?>"), "YWI/Pg==");
        assert_eq!(base64url(b"ab?>"), "YWI_Pg");
        assert_eq!(from_base64("YWI/Pg").unwrap(), b"ab?>");
        assert_eq!(from_base64url("YWI_Pg==").unwrap(), b"ab?>");
        assert!(from_base64("YWI_Pg").is_err());
        assert!(from_hex("abc").is_err());
        assert!(from_hex("0g").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: Vec<u8>) {
            prop_assert_eq!(&from_base64(&base64(&bytes)).unwrap(), &bytes);
            prop_assert_eq!(&from_base64url(&base64url(&bytes)).unwrap(), &bytes);
            prop_assert_eq!(&from_hex(&hex_upper(&bytes)).unwrap(), &bytes);
            let two = pem("A B", &bytes) + "text between\n" + &pem("C", b"x");
            let blocks = vec![("A B".to_owned(), bytes), ("C".to_owned(), b"x".to_vec())];
            prop_assert_eq!(from_pem(&two).unwrap(), blocks);
        }

        #[test]
        fn no_text_makes_the_readers_panic(text: String, tail in "-----(BEGIN |END )?[A-Z]{0,3}-{0,5}.{0,9}") {
            let _ = (from_base64(&text), from_hex(&text), from_pem(&(text + &tail)));
        }
    }
}
