//! Content types, and the text of a body.

pub(crate) mod convert;
pub(crate) mod replace;

use std::borrow::Cow;

/// The media type of a `Content-Type`, without parameters.
pub(crate) fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

/// `application/json`, `text/json`, and what ends with `+json`.
pub(crate) fn is_json(content_type: &str) -> bool {
    is(content_type, "json")
}

/// `application/xml`, `text/xml`, and what ends with `+xml`.
pub(crate) fn is_xml(content_type: &str) -> bool {
    is(content_type, "xml")
}

fn is(content_type: &str, syntax: &str) -> bool {
    let media = media_type(content_type).to_ascii_lowercase();
    let Some((kind, subtype)) = media.split_once('/') else { return false };
    let plain = subtype == syntax && matches!(kind, "application" | "text");
    plain || subtype.strip_suffix(syntax).is_some_and(|before| before.ends_with('+'))
}

/// UTF-8 without its byte order mark.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes))
}
