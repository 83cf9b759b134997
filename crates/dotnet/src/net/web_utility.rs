//! `System.Net.WebUtility`.

use csharp::{
    Args, Cx, Result, Value, exception,
    surface::{Kind, TypeDef, pure, reads},
};
use dotformat::{html_decode, html_encode, url_decode, url_encode};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Net.WebUtility",
    kind: Kind::Static,
    members: &[
        pure(
            "static string UrlEncode(string value)",
            |cx, args| mapped(cx, &args, url_encode),
            "Escaped for a form; a space becomes `+`.",
        ),
        pure(
            "static string UrlDecode(string encodedValue)",
            |cx, args| mapped(cx, &args, url_decode),
            "Unescaped; `+` becomes a space.",
        ),
        pure("static string HtmlEncode(string value)", |cx, args| mapped(cx, &args, html_encode), "Escaped for HTML."),
        pure(
            "static string HtmlDecode(string value)",
            |cx, args| mapped(cx, &args, html_decode),
            "With its entities replaced.",
        ),
        reads(
            "static byte[] UrlEncodeToBytes(byte[] value, int offset, int count)",
            encode_bytes,
            "Bytes escaped for a form.",
        ),
        reads(
            "static byte[] UrlDecodeToBytes(byte[] encodedValue, int offset, int count)",
            decode_bytes,
            "Bytes unescaped.",
        ),
    ],
    doc: "Escaping for the web.",
    ..TypeDef::CLASS
};

fn mapped(cx: &mut Cx<'_>, args: &Args<'_>, map: fn(&str) -> String) -> Result<Value> {
    let Some(text) = args.opt_str(0) else { return Ok(Value::Null) };
    let mapped = map(&text.to_text());
    cx.meter.text(mapped.len())?;
    Ok(Value::str(mapped))
}

fn part(args: &Args<'_>, param: &str) -> Result<Vec<u8>> {
    let bytes = args.bytes(0, param)?;
    let range = usize::try_from(args.int(1)).ok().zip(usize::try_from(args.int(2)).ok());
    let part = range.and_then(|(offset, count)| bytes.get(offset..offset.checked_add(count)?));
    part.map(<[u8]>::to_vec).ok_or_else(|| exception::out_of_range("", "offset"))
}

fn encode_bytes(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut out = Vec::new();
    for byte in part(&args, "value")? {
        match byte {
            b' ' => out.push(b'+'),
            // Only ASCII escapes to itself; the text form does the rest byte by byte.
            _ if byte.is_ascii() => out.extend(url_encode(char::from(byte).encode_utf8(&mut [0; 4])).into_bytes()),
            _ => out.extend(format!("%{byte:02X}").into_bytes()),
        }
    }
    Ok(Value::bytes(out))
}

fn decode_bytes(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let bytes = part(&args, "encodedValue")?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digits =
            bytes.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped =
            digits.filter(|digits| !digits.starts_with('+')).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(match (escaped, byte) {
            (Some(escaped), _) => escaped,
            (None, b'+') => b' ',
            (None, byte) => *byte,
        });
        at += if escaped.is_some() { 3 } else { 1 };
    }
    Ok(Value::bytes(out))
}
