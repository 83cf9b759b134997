//! `System.IO`: readers and writers over strings.

mod string_reader;

use csharp::surface::TypeDef;

pub(crate) use string_reader::read_all;

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[
    &string_reader::TEXT_READER,
    &string_reader::STRING_READER,
    &string_reader::TEXT_WRITER,
    &string_reader::STRING_WRITER,
];
