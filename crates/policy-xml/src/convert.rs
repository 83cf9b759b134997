//! Rewrites a document from one format to the other. Everything but expressions stays byte for byte.

use base::{Diagnostic, Span};

use crate::{Format, Text, Whole, entity::escape, read, whole};

/// `source` in format `to`; or what is wrong with it.
///
/// # Errors
/// The diagnostics of a document that cannot be read.
pub fn convert(source: &str, from: Format, to: Format) -> Result<String, Vec<Diagnostic>> {
    let reading = read(source, from, usize::MAX);
    if reading.is_broken() {
        return Err(reading.diagnostics);
    }
    if from == to {
        return Ok(source.to_owned());
    }
    // Where such an expression ends, the other format could not tell.
    let is_whole = |text: &Text| matches!(whole(text.value.text()), Whole::Expression { .. });
    if let Some((text, _)) = reading.expressions.iter().find(|(text, _)| !is_whole(text)) {
        return Err(vec![Diagnostic::error("PX0015", "The expression does not end, or text follows it.", text.span)]);
    }
    let mut edits: Vec<(Span, String)> = reading
        .expressions
        .iter()
        .filter(|(text, _)| !text.cdata)
        .map(|(text, in_attribute)| (text.span, rewritten(text, *in_attribute, to)))
        .collect();
    if to == Format::Xml {
        edits.extend(reading.loose.iter().map(|(span, wanted)| (*span, (*wanted).to_owned())));
    }
    edits.sort_by_key(|(span, _)| span.start);
    Ok(splice(source, &edits))
}

fn rewritten(text: &Text, in_attribute: bool, to: Format) -> String {
    let value = text.value.text();
    match to {
        Format::RawXml => value.to_owned(),
        Format::Xml => {
            let mut escaped = String::with_capacity(value.len() + 16);
            for character in value.chars() {
                match escape(character, in_attribute) {
                    Some(entity) => escaped.push_str(entity),
                    None => escaped.push(character),
                }
            }
            escaped
        }
    }
}

fn splice(source: &str, edits: &[(Span, String)]) -> String {
    let mut result = String::with_capacity(source.len());
    let mut from = 0;
    for (span, replacement) in edits {
        // An edit inside another one is already part of it.
        if (span.start as usize) < from {
            continue;
        }
        result.push_str(source.get(from..span.start as usize).unwrap_or_default());
        result.push_str(replacement);
        from = span.end as usize;
    }
    result.push_str(source.get(from..).unwrap_or_default());
    result
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn expressions_are_escaped_and_everything_else_stays() {
        let raw =
            "<a x='@(f(\"k\") && 1 < 2)'  y=\"b & c\"><!-- & --><v>@(\"<b>\")</v><w>&lt;</w><![CDATA[@(1 < 2)]]></a>";
        let xml = convert(raw, Format::RawXml, Format::Xml).unwrap();
        assert_eq!(
            xml,
            "<a x='@(f(&quot;k&quot;) &amp;&amp; 1 &lt; 2)'  y=\"b &amp; c\"><!-- & --><v>@(\"&lt;b&gt;\")</v>\
             <w>&lt;</w><![CDATA[@(1 < 2)]]></a>"
        );
        let back = convert(&xml, Format::Xml, Format::RawXml).unwrap();
        assert_eq!(back, raw.replace("b & c", "b &amp; c"));
    }

    #[test]
    fn a_broken_document_is_not_converted() {
        assert_eq!(convert("<a", Format::Xml, Format::RawXml).unwrap_err()[0].code, "PX0008");
    }

    proptest! {
        #[test]
        fn there_and_back_keeps_every_value(code in "([a-z<>& ]|\"[a-z<>&'); ]*\"|\\([a-z&<]*\\)|'\"'|&lt;|\"&lt;&amp;\"){0,12}") {
            let raw = format!("<a x=\"@({code})\">@({code})</a>");
            let first = read(&raw, Format::RawXml, usize::MAX);
            prop_assume!(!first.is_broken());
            let xml = convert(&raw, Format::RawXml, Format::Xml).unwrap();
            let second = read(&xml, Format::Xml, usize::MAX);
            prop_assert!(!second.is_broken(), "{xml} {:?}", second.diagnostics);
            let back = convert(&xml, Format::Xml, Format::RawXml).unwrap();
            let third = read(&back, Format::RawXml, usize::MAX);
            let values = |reading: &crate::Reading| {
                let root = reading.root.clone().unwrap();
                (root.attribute("x").unwrap().value.value.text().to_owned(), root.text().text().to_owned())
            };
            prop_assert_eq!(values(&first), values(&second));
            prop_assert_eq!(values(&first), values(&third));
        }
    }
}
