//! Percent-encoding and form fields, the two ways in which text is packed into a request.

/// Decodes one path segment. `None` if what comes out is not UTF-8 or would change the path: a slash or a control character.
pub(crate) fn segment(text: &str) -> Option<String> {
    let decoded = String::from_utf8(bytes(text, false)).ok()?;
    let harmless = !decoded.contains(|c: char| c == '/' || c.is_control()) && decoded != "." && decoded != "..";
    harmless.then_some(decoded)
}

/// Decodes `a=b&c=d`; bytes that are no UTF-8 become replacement characters.
pub(crate) fn form(text: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| String::from_utf8_lossy(&bytes(text, true)).into_owned();
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// Undoes percent-encoding; what is none stays as it is.
fn bytes(text: &str, plus_is_space: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).filter(|hex| *first == b'%' && hex.iter().all(u8::is_ascii_hexdigit));
        let byte = hex.and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
        out.push(byte.unwrap_or(if *first == b'+' && plus_is_space { b' ' } else { *first }));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_and_forms_are_decoded() {
        assert_eq!(segment("echo%3Brev%3D2").as_deref(), Some("echo;rev=2"));
        assert_eq!(segment("a+b%zz%4").as_deref(), Some("a+b%zz%4"));
        assert_eq!(segment("a%2Fb"), None);
        assert_eq!(segment("%2e%2e"), None);
        assert_eq!(segment("%ff"), None);
        assert_eq!(
            form("a=1+2&b=%26&c&=d"),
            [("a", "1 2"), ("b", "&"), ("c", ""), ("", "d")].map(|(a, b)| (a.into(), b.into()))
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(%|\\PC){0,40}") {
            let _ = (segment(&text), form(&text));
        }
    }
}
