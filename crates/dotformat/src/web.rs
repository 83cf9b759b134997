//! `System.Net.WebUtility`: URL and HTML encoding. And `Uri`'s way of escaping data.

use crate::{Error, ErrorKind};

/// `WebUtility.UrlEncode`: a space becomes `+`.
pub fn url_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'_' | b'.' | b'!' | b'*' | b'(' | b')' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => push_percent(&mut out, byte),
        }
    }
    out
}

/// `WebUtility.UrlDecode`: `+` is a space; what is no escape stays, what is no UTF-8 becomes U+FFFD.
pub fn url_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, percent(bytes, at)) {
            (_, Some(escaped)) => {
                out.push(escaped);
                at += 3;
                continue;
            }
            (b'+', None) => out.push(b' '),
            _ => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `Uri.EscapeDataString`: everything but unreserved characters.
pub fn escape_data_string(text: &str) -> String {
    escape_except(text, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'))
}

/// `Uri.EscapeUriString`: reserved characters stay as well.
pub fn escape_uri_string(text: &str) -> String {
    escape_except(text, is_uri_byte)
}

/// Unreserved and reserved characters of a URI.
pub(crate) fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~:/?#[]@!$&'()*+,;=".contains(&byte)
}

fn escape_except(text: &str, keep: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 2);
    let mut rest = text;
    // What is kept is ASCII, so that the text can be cut before and after it.
    while !rest.is_empty() {
        let kept = rest.bytes().position(|byte| !keep(byte)).unwrap_or(rest.len());
        let (plain, other) = rest.split_at(kept);
        out.push_str(plain);
        let escaped = other.bytes().position(&keep).unwrap_or(other.len());
        other.bytes().take(escaped).for_each(|byte| push_percent(&mut out, byte));
        rest = &other[escaped..];
    }
    out
}

/// `Uri.UnescapeDataString`: only whole UTF-8 characters; other escapes stay, in upper case.
pub fn unescape_data_string(text: &str) -> String {
    unescape(text, |_| true)
}

/// Unescapes the characters `wanted` picks.
pub(crate) fn unescape(text: &str, wanted: impl Fn(char) -> bool) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let Some(lead) = percent(bytes, at) else {
            out.push(first);
            at += first.len_utf8();
            continue;
        };
        let length = match lead {
            0..0x80 => 1,
            0xc0..0xe0 => 2,
            0xe0..0xf0 => 3,
            _ => 4,
        };
        let found: Option<Vec<u8>> = (0..length).map(|index| percent(bytes, at + index * 3)).collect();
        let found = found.and_then(|bytes| String::from_utf8(bytes).ok()).and_then(|text| text.chars().next());
        match found {
            Some(c) if wanted(c) => {
                out.push(c);
                at += length * 3;
            }
            Some(_) => {
                out.push_str(&text[at..at + length * 3]);
                at += length * 3;
            }
            None => {
                push_percent(&mut out, lead);
                at += 3;
            }
        }
    }
    out
}

pub(crate) fn push_percent(out: &mut String, byte: u8) {
    out.push_str(&format!("%{byte:02X}"));
}

/// The byte escaped at an index.
pub(crate) fn percent(bytes: &[u8], at: usize) -> Option<u8> {
    let [b'%', high, low] = *bytes.get(at..at + 3)? else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// `WebUtility.HtmlEncode`.
pub fn html_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '\u{a0}'..='\u{ff}' | '\u{10000}'.. => out.push_str(&format!("&#{};", c as u32)),
            _ => out.push(c),
        }
    }
    out
}

/// `WebUtility.HtmlDecode`: numbers and the named entities of HTML 4; others stay.
pub fn html_decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest[1..].find([';', '&']).map(|end| end + 1).filter(|end| rest.as_bytes().get(*end) == Some(&b';'));
        match end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32);
    }
    let latin = LATIN.split(' ').position(|known| known == name);
    let code = latin.map(|index| index as u32 + 160);
    code.or_else(|| NAMED.iter().find(|(known, _)| *known == name).map(|(_, code)| *code)).and_then(char::from_u32)
}

/// The entities of U+00A0 to U+00FF, in order.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 \
sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring \
AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash \
Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml \
igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn \
yuml";

#[rustfmt::skip]
const NAMED: &[(&str, u32)] = &[
    ("quot", 34), ("amp", 38), ("apos", 39), ("lt", 60), ("gt", 62), ("OElig", 338), ("oelig", 339), ("Scaron", 352),
    ("scaron", 353), ("Yuml", 376), ("fnof", 402), ("circ", 710), ("tilde", 732), ("Alpha", 913), ("Beta", 914),
    ("Gamma", 915), ("Delta", 916), ("Epsilon", 917), ("Zeta", 918), ("Eta", 919), ("Theta", 920), ("Iota", 921),
    ("Kappa", 922), ("Lambda", 923), ("Mu", 924), ("Nu", 925), ("Xi", 926), ("Omicron", 927), ("Pi", 928), ("Rho", 929),
    ("Sigma", 931), ("Tau", 932), ("Upsilon", 933), ("Phi", 934), ("Chi", 935), ("Psi", 936), ("Omega", 937),
    ("alpha", 945), ("beta", 946), ("gamma", 947), ("delta", 948), ("epsilon", 949), ("zeta", 950), ("eta", 951),
    ("theta", 952), ("iota", 953), ("kappa", 954), ("lambda", 955), ("mu", 956), ("nu", 957), ("xi", 958),
    ("omicron", 959), ("pi", 960), ("rho", 961), ("sigmaf", 962), ("sigma", 963), ("tau", 964), ("upsilon", 965),
    ("phi", 966), ("chi", 967), ("psi", 968), ("omega", 969), ("thetasym", 977), ("upsih", 978), ("piv", 982),
    ("ensp", 8194), ("emsp", 8195), ("thinsp", 8201), ("zwnj", 8204), ("zwj", 8205), ("lrm", 8206), ("rlm", 8207),
    ("ndash", 8211), ("mdash", 8212), ("lsquo", 8216), ("rsquo", 8217), ("sbquo", 8218), ("ldquo", 8220),
    ("rdquo", 8221), ("bdquo", 8222), ("dagger", 8224), ("Dagger", 8225), ("bull", 8226), ("hellip", 8230),
    ("permil", 8240), ("prime", 8242), ("Prime", 8243), ("lsaquo", 8249), ("rsaquo", 8250), ("oline", 8254),
    ("frasl", 8260), ("euro", 8364), ("image", 8465), ("weierp", 8472), ("real", 8476), ("trade", 8482),
    ("alefsym", 8501), ("larr", 8592), ("uarr", 8593), ("rarr", 8594), ("darr", 8595), ("harr", 8596), ("crarr", 8629),
    ("lArr", 8656), ("uArr", 8657), ("rArr", 8658), ("dArr", 8659), ("hArr", 8660), ("forall", 8704), ("part", 8706),
    ("exist", 8707), ("empty", 8709), ("nabla", 8711), ("isin", 8712), ("notin", 8713), ("ni", 8715), ("prod", 8719),
    ("sum", 8721), ("minus", 8722), ("lowast", 8727), ("radic", 8730), ("prop", 8733), ("infin", 8734), ("ang", 8736),
    ("and", 8743), ("or", 8744), ("cap", 8745), ("cup", 8746), ("int", 8747), ("there4", 8756), ("sim", 8764),
    ("cong", 8773), ("asymp", 8776), ("ne", 8800), ("equiv", 8801), ("le", 8804), ("ge", 8805), ("sub", 8834),
    ("sup", 8835), ("nsub", 8836), ("sube", 8838), ("supe", 8839), ("oplus", 8853), ("otimes", 8855), ("perp", 8869),
    ("sdot", 8901), ("lceil", 8968), ("rceil", 8969), ("lfloor", 8970), ("rfloor", 8971), ("lang", 9001),
    ("rang", 9002), ("loz", 9674), ("spades", 9824), ("clubs", 9827), ("hearts", 9829), ("diams", 9830),
];

pub(crate) fn uri_error(message: &'static str) -> Error {
    Error::new(ErrorKind::UriFormat, message)
}

/// Whether a scheme's name is well formed: `Uri.CheckSchemeName`.
pub fn check_scheme_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// The port a scheme has by default.
pub(crate) fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        "ldap" => Some(389),
        "gopher" => Some(70),
        "nntp" => Some(119),
        "telnet" => Some(23),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_encoding_keeps_its_own_characters() {
        let text = "a b&c=é/~!*'()";
        assert_eq!(url_encode(text), "a+b%26c%3D%C3%A9%2F%7E!*%27()");
        assert_eq!(escape_data_string(text), "a%20b%26c%3D%C3%A9%2F~%21%2A%27%28%29");
        assert_eq!(escape_uri_string(text), "a%20b&c=%C3%A9/~!*'()");
        assert_eq!(
            html_encode("<a href=\"x\">'é\u{a0}ÿĀ😀&"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&#233;&#160;&#255;Ā&#128512;&amp;"
        );
    }

    #[test]
    fn decoding_leaves_what_is_no_escape() {
        assert_eq!(unescape_data_string("%C3%A9%zz%2%E9%c3%28a+b"), "é%zz%2%E9%C3(a+b");
        assert_eq!(url_decode("a+b%20c%zz%E9"), "a b c%zz\u{fffd}");
        let html = "&lt;&amp;&#39;&apos;&eacute;&#xE9;&#x1F600;&bogus;&lt&;&#;&#x;&#99999999;&#xD800;&hellip;&alpha;";
        assert_eq!(html_decode(html), "<&''éé😀&bogus;&lt&;&#;&#x;&#99999999;&#xD800;…α");
    }

    proptest! {
        #[test]
        fn decoding_never_panics(text in "[%0-9A-Fa-f&#x;lt+é]{0,30}|\\PC{0,20}") {
            let _ = (unescape_data_string(&text), url_decode(&text), html_decode(&text));
        }

        #[test]
        fn data_comes_back(text: String) {
            prop_assert_eq!(unescape_data_string(&escape_data_string(&text)), text);
        }
    }
}
