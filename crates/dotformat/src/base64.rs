//! `Convert.FromBase64String` and `Convert.ToBase64String`.

use crate::{Error, Result};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The six bits that each character stands for; [`NONE`] for all others.
const SEXTETS: [u8; 256] = {
    let mut sextets = [NONE; 256];
    let mut sextet = 0;
    while sextet < 64 {
        sextets[ALPHABET[sextet as usize] as usize] = sextet;
        sextet += 1;
    }
    sextets
};

const NONE: u8 = 0xff;

/// `Convert.ToBase64String`; `lines` breaks after 76 characters with CRLF, as `InsertLineBreaks` does.
pub fn to_base64(bytes: &[u8], lines: bool) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for (index, chunk) in bytes.chunks(3).enumerate() {
        if lines && index > 0 && index % 19 == 0 {
            out.push_str("\r\n");
        }
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let sextet = (bits >> (18 - 6 * place) & 63) as usize;
            out.push(if place > chunk.len() { '=' } else { char::from(ALPHABET[sextet]) });
        }
    }
    out
}

/// Groups of four characters of the alphabet as bytes, up to the first other one; how many characters that took.
fn plain_groups(text: &[u8], out: &mut Vec<u8>) -> usize {
    let mut taken = 0;
    for group in text.chunks_exact(4) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|at| SEXTETS[usize::from(group[at])]);
        // No sextet has one of the two highest bits.
        if (a | b | c | d) > 63 {
            break;
        }
        out.extend_from_slice(&[a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
        taken += 4;
    }
    taken
}

/// `Convert.FromBase64String`: spaces, tabs and line breaks are skipped, padding is required.
pub fn from_base64(text: &str) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let taken = plain_groups(text.as_bytes(), &mut out);
    let (mut bits, mut count, mut padding) = (0u32, 0, 0);
    for c in text.bytes().skip(taken).filter(|c| !matches!(c, b' ' | b'\t' | b'\r' | b'\n')) {
        let sextet = match SEXTETS[usize::from(c)] {
            _ if c == b'=' => {
                padding += 1;
                0
            }
            NONE => return Err(bad_base64()),
            sextet => sextet,
        };
        // Nothing but padding may follow padding, and only in the last two places of a group.
        if (padding > 0 && c != b'=') || (c == b'=' && count % 4 < 2) || padding > 2 {
            return Err(bad_base64());
        }
        bits = bits << 6 | u32::from(sextet);
        count += 1;
        if count % 4 == 0 {
            out.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
            bits = 0;
        }
    }
    if count % 4 == 0 { Ok(out) } else { Err(bad_base64()) }
}

/// Base64url without padding, as tokens have it; `None` for anything else, and for bits that are left over.
pub fn from_base64_url(text: &str) -> Option<Vec<u8>> {
    let sextet = |c: u8| match c {
        b'-' => 62,
        b'_' => 63,
        b'+' | b'/' => NONE,
        c => SEXTETS[usize::from(c)],
    };
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for c in text.bytes() {
        let sextet = sextet(c);
        if sextet == NONE {
            return None;
        }
        bits = bits << 6 | u32::from(sextet);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    (count < 6).then_some(out)
}

fn bad_base64() -> Error {
    Error::format(
        "The input is not a valid Base-64 string as it contains a non-base 64 character, more than two padding \
         characters, or an illegal character among the padding characters.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn white_space_is_skipped_and_padding_required() {
        assert_eq!(from_base64(" aGVs\r\nbG8= ").as_deref(), Ok(&b"hello"[..]));
        for text in ["aGVsbG8", "aGVsbG8*", "====", "a=Vs", "aGVsbG8=="] {
            assert!(from_base64(text).is_err(), "{text}");
        }
        assert_eq!(to_base64(&[0; 60], true).len(), 82);
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes: Vec<u8>, lines: bool) {
            prop_assert_eq!(from_base64(&to_base64(&bytes, lines)), Ok(bytes));
        }

        #[test]
        fn reading_never_panics(text in "[A-Za-z0-9+/=\\s]{0,20}|\\PC{0,20}") {
            let _ = from_base64(&text);
        }
    }
}
