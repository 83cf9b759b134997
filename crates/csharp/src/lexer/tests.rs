//! Tokens of whole texts; how single literals are read is tested with the parser.

use super::{identifier_text, tokenize};
use crate::token::TokenKind as T;
use base::Span;

fn kinds(source: &str) -> Vec<T> {
    tokenize(source).list.into_iter().map(|token| token.kind).collect()
}

#[test]
fn longest_operators_come_first() {
    let expected =
        [T::QuestionQuestionEquals, T::QuestionQuestion, T::Question, T::Dot, T::LessLessEquals, T::Arrow, T::End];
    assert_eq!(kinds("??= ?? ?. <<= =>"), expected);
}

#[test]
fn shifts_are_two_tokens() {
    assert_eq!(kinds(">>>="), [T::Greater, T::Greater, T::GreaterEquals, T::End]);
}

#[test]
fn a_hole_is_a_run_of_tokens() {
    let expected = [
        T::InterpolationStart,
        T::InterpolationText(0),
        T::HoleStart,
        T::Identifier,
        T::Comma,
        T::Literal(0),
        T::HoleFormat(1),
        T::HoleEnd,
        T::InterpolationEnd,
        T::End,
    ];
    assert_eq!(kinds("$\"a{b,5:X}\""), expected);
}

#[test]
fn runs_are_balanced_however_the_text_ends() {
    for source in ["$\"{", "$\"{(", "$@\"{$\"{", "$\"{a:", "$\"{\n}\"", "$\"{{", "$\"{\"", "$@\"{\n{\n"] {
        let count = |kind| kinds(source).iter().filter(|found| **found == kind).count();
        assert_eq!(count(T::InterpolationStart), count(T::InterpolationEnd), "{source}");
        assert_eq!(count(T::HoleStart), count(T::HoleEnd), "{source}");
    }
}

#[test]
fn identifiers_lose_their_spelling() {
    let text = |source: &'static str| identifier_text(source, Span::new(0, source.len() as u32)).into_owned();
    assert_eq!([text("@if"), text("a\\u0062c"), text("a\u{200d}b")], ["if", "abc", "ab"]);
}

#[test]
fn comments_and_odd_spaces_separate() {
    assert_eq!(
        kinds("a/*x*/b//y\n\u{a0}c\u{2028}d"),
        [T::Identifier, T::Identifier, T::Identifier, T::Identifier, T::End]
    );
}
