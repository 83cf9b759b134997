//! Finds where a C# expression ends: brackets, strings, characters and comments, and nothing more of the language.

use std::ops::Range;

use base::Span;

use crate::entity::entity;

/// The two forms of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `@( )`: one expression.
    Expression,
    /// `@{ }`: statements that return.
    Statements,
}

/// What a whole value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whole {
    /// Text.
    Literal,
    /// An expression; `inner` is what stands between its brackets.
    Expression {
        /// Which brackets.
        form: Form,
        /// The C# text.
        inner: Range<usize>,
    },
    /// It begins as an expression, and text follows it.
    Trailing(Range<usize>),
    /// It begins as an expression that does not end; the range is the bracket or quote that is open.
    Unclosed(Range<usize>),
}

/// Says what `value` is. Space around it does not count.
pub fn whole(value: &str) -> Whole {
    let start = value.len() - value.trim_start().len();
    let Some(form) = form(value, start) else { return Whole::Literal };
    match end(value, start, false, |_, _| {}) {
        Err(open) => Whole::Unclosed(open.start as usize..open.end as usize),
        Ok(end) if value.get(end..).is_some_and(|rest| rest.trim().is_empty()) => {
            Whole::Expression { form, inner: start + 2..end - 1 }
        }
        Ok(end) => Whole::Trailing(end..value.trim_end().len()),
    }
}

/// The form of the expression that begins at byte `at`, if one does.
pub(crate) fn form(text: &str, at: usize) -> Option<Form> {
    match text.as_bytes().get(at..at + 2)? {
        b"@(" => Some(Form::Expression),
        b"@{" => Some(Form::Statements),
        _ => None,
    }
}

/// What encloses the place where the scan is.
enum Mode {
    /// Code up to this closing bracket.
    Code { open: usize, closer: u8 },
    /// An interpolated string.
    Text { open: usize, verbatim: bool, quote: Quote },
}

/// How a string is delimited.
#[derive(Clone, Copy, PartialEq)]
enum Quote {
    /// `"`
    Raw,
    /// `&quot;`: its author wrote entities inside, too.
    Entity,
}

/// The byte behind the expression that begins with `@` at byte `at`; or the bracket or quote that stays open.
///
/// With `entities`, entities outside of raw literals are understood as the characters they stand for, and reported:
/// such text is no C#, so whoever wrote it escaped it. In a literal with raw quotes they are text.
pub(crate) fn end(
    text: &str,
    at: usize,
    entities: bool,
    mut found: impl FnMut(Range<usize>, char),
) -> Result<usize, Span> {
    let bytes = text.as_bytes();
    let mut modes: Vec<Mode> = Vec::new();
    let mut at = at + 1;
    let byte_at = |at: usize| bytes.get(at).copied();
    loop {
        let Some(byte) = byte_at(at) else {
            let open = modes.first().map_or(at, |mode| match mode {
                Mode::Code { open, .. } | Mode::Text { open, .. } => *open,
            });
            return Err(span(open, open + 1));
        };
        if let Some(Mode::Text { verbatim, quote, .. }) = modes.last() {
            let (verbatim, quote) = (*verbatim, *quote);
            match closing_quote(text, at, quote) {
                Some(next) if verbatim && closing_quote(text, next, quote).is_some() => {
                    report_quotes(text, at, quote, 2, &mut found);
                    at = closing_quote(text, next, quote).unwrap_or(next);
                }
                Some(next) => {
                    report_quotes(text, at, quote, 1, &mut found);
                    modes.pop();
                    at = next;
                }
                None if byte == b'\\' && !verbatim => at += 2,
                None if byte == b'{' && byte_at(at + 1) == Some(b'{') => at += 2,
                None if byte == b'{' => {
                    modes.push(Mode::Code { open: at, closer: b'}' });
                    at += 1;
                }
                None => at += report_entity(text, at, quote == Quote::Entity, &mut found),
            }
            continue;
        }
        match byte {
            b'"' => at = string(text, at, Quote::Raw, &mut modes, &mut found)?,
            b'&' if entities && text.get(at..).is_some_and(|rest| rest.starts_with("&quot;")) => {
                at = string(text, at, Quote::Entity, &mut modes, &mut found)?;
            }
            b'&' => at += report_entity(text, at, entities, &mut found),
            b'\'' => at = character(text, at, entities, &mut found),
            b'/' if byte_at(at + 1) == Some(b'/') => {
                at = text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |length| at + length + 1);
            }
            b'/' if byte_at(at + 1) == Some(b'*') => {
                let close = text.get(at + 2..).and_then(|rest| rest.find("*/"));
                at = close.map(|length| at + 2 + length + 2).ok_or(span(at, at + 2))?;
            }
            b'(' | b'[' | b'{' => {
                let closer = match byte {
                    b'(' => b')',
                    b'[' => b']',
                    _ => b'}',
                };
                modes.push(Mode::Code { open: at, closer });
                at += 1;
            }
            b')' | b']' | b'}' => match modes.pop() {
                Some(Mode::Code { open, closer }) if closer != byte => return Err(span(open, open + 1)),
                _ if modes.is_empty() => return Ok(at + 1),
                _ => at += 1,
            },
            _ => at += 1,
        }
    }
}

/// Passes the string that begins with the quote at byte `at`; an interpolated one is entered instead.
fn string(
    text: &str,
    at: usize,
    quote: Quote,
    modes: &mut Vec<Mode>,
    found: &mut impl FnMut(Range<usize>, char),
) -> Result<usize, Span> {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let (verbatim, interpolated) = match before {
        [.., b'$', b'@'] | [.., b'@', b'$'] => (true, true),
        [.., b'@'] => (true, false),
        [.., b'$'] => (false, true),
        _ => (false, false),
    };
    report_quotes(text, at, quote, 1, found);
    let mut here = closing_quote(text, at, quote).unwrap_or(at + 1);
    if interpolated {
        modes.push(Mode::Text { open: at, verbatim, quote });
        return Ok(here);
    }
    while here < text.len() {
        match closing_quote(text, here, quote) {
            Some(next) if verbatim && closing_quote(text, next, quote).is_some() => {
                report_quotes(text, here, quote, 2, found);
                here = closing_quote(text, next, quote).unwrap_or(next);
            }
            Some(next) => {
                report_quotes(text, here, quote, 1, found);
                return Ok(next);
            }
            None if text.as_bytes().get(here) == Some(&b'\\') && !verbatim => {
                // An escaped quote may be an entity of its own.
                here += 1;
                here += match quote {
                    Quote::Entity => report_entity(text, here, true, found),
                    Quote::Raw => 1,
                };
            }
            None => here += report_entity(text, here, quote == Quote::Entity, found),
        }
    }
    Err(span(at, at + 1))
}

/// The byte behind the quote at `at`, if there is one.
fn closing_quote(text: &str, at: usize, quote: Quote) -> Option<usize> {
    let mark = match quote {
        Quote::Raw => "\"",
        Quote::Entity => "&quot;",
    };
    // Bytes, because `at` may lie inside a character.
    text.as_bytes().get(at..)?.starts_with(mark.as_bytes()).then_some(at + mark.len())
}

fn report_quotes(text: &str, at: usize, quote: Quote, count: usize, found: &mut impl FnMut(Range<usize>, char)) {
    if quote == Quote::Entity {
        let mut at = at;
        for _ in 0..count {
            at += report_entity(text, at, true, found);
        }
    }
}

/// How far to go from byte `at`: over an entity, which is reported, or over one byte.
fn report_entity(text: &str, at: usize, entities: bool, found: &mut impl FnMut(Range<usize>, char)) -> usize {
    match text.get(at..).filter(|_| entities).and_then(entity) {
        Some((character, length)) => {
            found(at..at + length, character);
            length
        }
        None => 1,
    }
}

/// Passes the character literal at byte `at`, or only its quote if it is none: C# will say so.
fn character(text: &str, at: usize, entities: bool, found: &mut impl FnMut(Range<usize>, char)) -> usize {
    let Some(rest) = text.get(at + 1..) else { return at + 1 };
    let length = match rest.chars().next() {
        Some('\\') => {
            // `'\''` and `'\u0041'`: the closing quote is never the character behind the backslash.
            let second = rest.chars().nth(1).map_or(0, char::len_utf8);
            let close = rest.get(1 + second..).and_then(|rest| rest.bytes().take(9).position(|byte| byte == b'\''));
            close.map(|length| 1 + second + length)
        }
        Some('&')
            if entities && entity(rest).is_some_and(|(_, length)| rest.as_bytes().get(length) == Some(&b'\'')) =>
        {
            Some(report_entity(text, at + 1, true, found))
        }
        Some(character) if rest.as_bytes().get(character.len_utf8()) == Some(&b'\'') && character != '\'' => {
            Some(character.len_utf8())
        }
        _ => None,
    };
    length.map_or(at + 1, |length| at + 1 + length + 1)
}

fn span(start: usize, end: usize) -> Span {
    Span::new(start as u32, end as u32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn inner(value: &str) -> &str {
        match whole(value) {
            Whole::Expression { inner, .. } => &value[inner],
            other => panic!("{value}: {other:?}"),
        }
    }

    #[test]
    fn brackets_in_strings_characters_and_comments_do_not_count() {
        for code in [
            r#""a)" + ')' + '\'' + '"'"#,
            r#"@"c:\" + "x\")" "#,
            r#"@"say "")"" " + 1"#,
            r#"$"{a["k)"]} }} {{ {(b ? "}" : "x")}""#,
            r#"$@"\{d:yyyy}"" )""#,
            "a // )\n + b /* ) */",
            "new[] { 1, (2) }[0]",
            "'ä' + '\\u0029'",
        ] {
            assert_eq!(inner(&format!(" @({code})\n")), code);
        }
        assert_eq!(inner("@{ return \"}\"; }"), " return \"}\"; ");
    }

    #[test]
    fn an_expression_is_the_whole_value_or_none() {
        assert_eq!(whole("Call @(x)"), Whole::Literal);
        assert_eq!(whole("a@b.c"), Whole::Literal);
        assert_eq!(whole("@(x) y "), Whole::Trailing(4..6));
        assert_eq!(whole("@(f(x)"), Whole::Unclosed(1..2));
        assert_eq!(whole("@(\"x)"), Whole::Unclosed(2..3));
        assert_eq!(whole("@([)"), Whole::Unclosed(2..3));
    }

    #[test]
    fn entities_are_characters_unless_a_raw_literal_holds_them() {
        let found = |text: &str| {
            let mut all = String::new();
            let end = end(text, 0, true, |_, character| all.push(character));
            (all, end.ok())
        };
        let mixed = r#"@(a &amp;&amp; f("&lt;") == &quot;x &gt; )&quot;)"#;
        assert_eq!(found(mixed), ("&&\">\"".to_owned(), Some(mixed.len())));
    }

    proptest! {
        #[test]
        fn scanning_never_panics(text in "@[({]([\\PC\n]|[\"'@$\\\\{}()&]|&quot;|&lt;|//|/\\*){0,60}") {
            let _ = whole(&text);
            if let Ok(end) = end(&text, 0, true, |_, _| {}) {
                prop_assert!(end <= text.len() && text.is_char_boundary(end));
            }
        }
    }
}
