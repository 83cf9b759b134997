//! Cuts a template into text, outputs and tags, and trims what `-` asks to be trimmed.

use std::{borrow::Cow, ops::Range};

use crate::{Finding, Markup};

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece<'s> {
    pub(crate) kind: PieceKind<'s>,
    /// All of it, braces included.
    pub(crate) range: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind<'s> {
    /// Text that is printed as it is.
    Text(&'s str),
    /// What stands between `{{` and `}}`.
    Output(Cow<'s, str>),
    /// A tag's name and what follows it.
    Tag(Cow<'s, str>, Cow<'s, str>),
}

/// Tags whose content is text, whatever it looks like.
const RAW: &[&str] = &["raw", "comment", "literal"];

pub(crate) fn pieces<'s>(source: &'s str, markup: Markup, errors: &mut Vec<Finding>) -> Vec<Piece<'s>> {
    let mut pieces = Vec::new();
    // Behind `-%}` one line break, or the blanks up to it, are left out.
    let mut from = 0;
    let mut search = 0;
    while let Some(start) = next_start(source, search) {
        let is_tag = source[start..].starts_with("{%");
        let dashed = source[start + 2..].starts_with('-');
        let before = &source[from..start];
        let before = if dashed { before.trim_end_matches([' ', '\t']) } else { before };
        push_text(&mut pieces, before, from);
        let inner = start + 2 + usize::from(dashed);
        let Some(end) = end_of(source, inner, if is_tag { b'%' } else { b'}' }) else {
            let (what, close) = if is_tag { ("tag", "%}") } else { ("variable", "}}") };
            let message = format!("This {what} is not closed: \"{close}\" is missing.");
            errors.push(Finding { message, note: None, range: start..source.len() });
            return pieces;
        };
        let content = &source[inner..end];
        let (content, trims) = match content.strip_suffix('-') {
            Some(content) => (content, true),
            None => (content, false),
        };
        from = end + 2;
        if trims {
            from += trimmed_behind(&source[from..]);
        }
        search = from;
        let content = decoded(content, markup);
        let range = start..end + 2;
        if !is_tag {
            pieces.push(Piece { kind: PieceKind::Output(content), range });
            continue;
        }
        let (name, rest) = split_name(content);
        let raw = RAW.contains(&&*name);
        let end_name = format!("end{name}");
        pieces.push(Piece { kind: PieceKind::Tag(name, rest), range: range.clone() });
        if raw {
            let Some(end) = raw_end(source, from, &end_name) else {
                let message = format!("This tag is not closed: {{% {end_name} %}} is missing.");
                errors.push(Finding { message, note: None, range });
                return pieces;
            };
            push_text(&mut pieces, &source[from..end], from);
            (from, search) = (end, end);
        }
    }
    push_text(&mut pieces, &source[from..], from);
    pieces
}

fn push_text<'s>(pieces: &mut Vec<Piece<'s>>, text: &'s str, from: usize) {
    if !text.is_empty() {
        pieces.push(Piece { kind: PieceKind::Text(text), range: from..from + text.len() });
    }
}

fn next_start(source: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let open = at + source.get(at..)?.find('{')?;
        if matches!(source.as_bytes().get(open + 1), Some(b'{' | b'%')) {
            return Some(open);
        }
        at = open + 1;
    }
}

/// Where the closing braces begin, quoted text aside.
fn end_of(source: &str, from: usize, first: u8) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\'' | b'"' => at += 1 + bytes.get(at + 1..)?.iter().position(|other| other == byte)?,
            _ if *byte == first && bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

fn trimmed_behind(rest: &str) -> usize {
    if rest.starts_with("\r\n") {
        return 2;
    }
    if rest.starts_with('\n') {
        return 1;
    }
    rest.len() - rest.trim_start_matches([' ', '\t']).len()
}

fn raw_end(source: &str, from: usize, name: &str) -> Option<usize> {
    let mut at = from;
    loop {
        let open = at + source.get(at..)?.find("{%")?;
        let inner = source[open + 2..].trim_start_matches('-').trim_start();
        let after = inner.strip_prefix(name).map(|rest| rest.trim_start().trim_start_matches('-'));
        if after.is_some_and(|rest| rest.starts_with("%}")) {
            return Some(open);
        }
        at = open + 2;
    }
}

fn split_name(content: Cow<'_, str>) -> (Cow<'_, str>, Cow<'_, str>) {
    let cut = |text: &str| {
        let start = text.len() - text.trim_start().len();
        let length = text[start..].find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len() - start);
        (start, start + length)
    };
    let (start, end) = cut(&content);
    match content {
        Cow::Borrowed(text) => (Cow::Borrowed(&text[start..end]), Cow::Borrowed(text[end..].trim())),
        Cow::Owned(text) => (Cow::Owned(text[start..end].to_owned()), Cow::Owned(text[end..].trim().to_owned())),
    }
}

/// The characters that stand for others where the template is XML.
fn decoded(content: &str, markup: Markup) -> Cow<'_, str> {
    if markup == Markup::Text || !content.contains('&') {
        return Cow::Borrowed(content);
    }
    let quotes = content.replace("&quot;", "\"").replace("&apos;", "'").replace("&lt;", "<").replace("&gt;", ">");
    Cow::Owned(quotes.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(source: &str) -> Vec<PieceKind<'_>> {
        let mut errors = Vec::new();
        let pieces = pieces(source, Markup::Text, &mut errors);
        assert_eq!(errors, []);
        pieces.into_iter().map(|piece| piece.kind).collect()
    }

    fn text(text: &str) -> PieceKind<'_> {
        PieceKind::Text(text)
    }

    fn tag<'s>(name: &'s str, rest: &'s str) -> PieceKind<'s> {
        PieceKind::Tag(name.into(), rest.into())
    }

    #[test]
    fn quotes_hide_braces_and_raw_hides_everything() {
        let output = |text: &'static str| PieceKind::Output(text.into());
        assert_eq!(cut("a{{ '}}' | X: \"%}\" }}b"), [text("a"), output(" '}}' | X: \"%}\" "), text("b")]);
        assert_eq!(
            cut("{% raw %}{{ x }}{% y %}{%- endraw -%}."),
            [tag("raw", ""), text("{{ x }}{% y %}"), tag("endraw", ""), text(".")]
        );
        assert_eq!(cut("{{a}}}}"), [output("a"), text("}}")]);
    }

    #[test]
    fn a_dash_trims_blanks_before_and_one_line_break_or_blanks_behind() {
        assert_eq!(cut("a \n\t {%- if x -%}\n\n b"), [text("a \n"), tag("if", "x"), text("\n b")]);
        assert_eq!(cut("{% if x -%} \t\nb"), [tag("if", "x"), text("\nb")]);
    }
}
