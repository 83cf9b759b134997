//! `System.Text` and `System.Text.RegularExpressions`.

mod encoding;
mod regex;
mod regex_match;
mod string_builder;

use csharp::surface::TypeDef;

pub(crate) use regex::kept as kept_regex;

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[
    &string_builder::DEF,
    &encoding::DEF,
    &encoding::UTF8_ENCODING,
    &encoding::ASCII_ENCODING,
    &encoding::UNICODE_ENCODING,
    &encoding::UTF32_ENCODING,
    &encoding::LATIN1_ENCODING,
    &regex::DEF,
    &regex::OPTIONS,
    &regex::MATCH_EVALUATOR,
    &regex_match::CAPTURE,
    &regex_match::GROUP,
    &regex_match::MATCH,
    &regex_match::CAPTURES,
    &regex_match::GROUPS,
    &regex_match::MATCHES,
];
