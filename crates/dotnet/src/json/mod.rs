//! `Newtonsoft.Json` and `Newtonsoft.Json.Linq`, over the tree of the JSON room.

mod array;
mod cast;
mod constructor;
mod container;
mod content;
mod convert;
mod enums;
mod exceptions;
mod extensions;
pub(crate) mod foreign;
mod object;
mod property;
mod read;
mod select;
mod sequence;
mod settings;
pub(crate) mod token;
mod value;
mod write;

use ::json::JToken;
use csharp::{Value as Any, surface::TypeDef};

#[expect(unused_imports, reason = "bodies and tokens of `context` come and go as these")]
pub(crate) use {exceptions::of_error, token::Token};

/// The token that a value is, if it is one.
pub fn json_token(value: &Any) -> Option<&JToken> {
    value.downcast::<Token>().map(|token| &token.0)
}

/// A token as a value of C#.
pub fn json_value(token: JToken) -> Any {
    token::wrap(token)
}

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[
    &token::DEF,
    &container::DEF,
    &object::DEF,
    &array::DEF,
    &property::DEF,
    &value::DEF,
    &value::RAW,
    &constructor::DEF,
    &extensions::DEF,
    &sequence::DEF,
    &enums::TOKEN_TYPE,
    &enums::FORMATTING,
    &enums::MERGE_ARRAY_HANDLING,
    &enums::MERGE_NULL_VALUE_HANDLING,
    &enums::NULL_VALUE_HANDLING,
    &enums::DATE_PARSE_HANDLING,
    &enums::COMMENT_HANDLING,
    &enums::LINE_INFO_HANDLING,
    &enums::DUPLICATE_PROPERTY_NAME_HANDLING,
    &settings::LOAD,
    &settings::MERGE,
    &settings::SERIALIZER,
    &convert::DEF,
    &exceptions::JSON,
    &exceptions::READER,
    &exceptions::WRITER,
    &exceptions::SERIALIZATION,
];
