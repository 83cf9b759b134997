//! Checks JSON texts against schemas of JSON Schema and OpenAPI.
//!
//! A schema is made ready once, when it is published; a text is then checked without looking at the schema's document
//! again. References lead nowhere but into the document itself.

mod definition;
mod message;
mod normal;
mod place;

pub use definition::{Definition, Document};

use std::fmt;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// The largest document of schemas, in bytes of JSON.
pub const DOCUMENT_LIMIT: usize = 4 << 20;

/// Of a text up to this size every violation is told; of a longer one the first, so that what is told stays bounded.
const TELL_ALL_UP_TO: usize = 64 << 10;

/// At most so many violations are told.
const MOST_TOLD: usize = 100;

/// How often a pattern may try anew at one string.
const BACKTRACKS: usize = 100_000;

/// How a schema is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reading {
    /// Whether properties that no schema names are allowed, whatever the schema itself says of them.
    pub additional: Option<bool>,
    /// Whether the case of property names does not matter.
    pub fold_names: bool,
}

/// Something in a text that its schema does not allow. Lines and positions count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// A sentence.
    pub message: String,
    /// The line of the value.
    pub line: u32,
    /// The position in the line: of the bracket that opens an object or array, else of the value's last character.
    pub position: u32,
}

/// Why there is no schema to check with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// There is no document.
    NoDocument,
    /// The document has no definitions.
    NoDefinitions,
    /// The document does not define this name.
    NoDefinition(String),
    /// The schema is none; the sentence says why.
    Invalid(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDocument => f.write_str("API's schema does not exist or it could not be resolved."),
            Self::NoDefinitions => f.write_str("API's schema does not specify definitions."),
            Self::NoDefinition(name) => write!(f, "API's schema does not contain definition {name}."),
            Self::Invalid(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Error {}

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotJson(pub String);

/// A schema that is ready.
pub struct Schema {
    validator: Validator,
    fold_names: bool,
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema").field("fold_names", &self.fold_names).finish_non_exhaustive()
    }
}

impl Schema {
    /// Makes the definition `name` of a document of definitions ready: `components.schemas` of OpenAPI 3, `definitions` of
    /// OpenAPI 2. The name may also be a whole reference, as `#/components/schemas/Order`.
    pub fn definition(document: &Value, name: &str, reading: Reading) -> Result<Self, Error> {
        let pointer = match name.strip_prefix('#') {
            Some(pointer) => pointer.to_owned(),
            None => {
                let sections = ["/components/schemas", "/definitions", "/$defs"];
                let section =
                    sections.into_iter().find(|section| document.pointer(section).is_some_and(Value::is_object));
                format!("{}/{}", section.ok_or(Error::NoDefinitions)?, name.replace('~', "~0").replace('/', "~1"))
            }
        };
        if document.pointer(&pointer).is_none() {
            return Err(Error::NoDefinition(name.to_owned()));
        }
        Self::ready(normal::definition(document, &pointer, reading), reading)
    }

    /// Makes a schema of its own ready.
    pub fn whole(document: &Value, reading: Reading) -> Result<Self, Error> {
        if !(document.is_object() || document.is_boolean()) {
            return Err(Error::Invalid("a schema is an object".into()));
        }
        Self::ready(normal::whole(document, reading), reading)
    }

    fn ready(schema: Value, reading: Reading) -> Result<Self, Error> {
        let options = jsonschema::options()
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(BACKTRACKS));
        match options.build(&schema) {
            Ok(validator) => Ok(Self { validator, fold_names: reading.fold_names }),
            Err(error) => Err(Error::Invalid(message::shortened(error.to_string()))),
        }
    }

    /// What `text` breaks of the schema, in the order of the text; empty if it is right.
    ///
    /// # Errors
    /// The text is no JSON.
    pub fn check(&self, text: &[u8]) -> Result<Vec<Violation>, NotJson> {
        // A mark of byte order is no part of the text.
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut value: Value = serde_json::from_slice(text).map_err(|error| NotJson(error.to_string()))?;
        if self.fold_names {
            normal::fold_names(&mut value);
        }
        let mut found = if text.len() > TELL_ALL_UP_TO {
            self.validator.validate(&value).err().map(|error| message::of([error])).unwrap_or_default()
        } else {
            message::of(self.validator.iter_errors(&value))
        };
        found.truncate(MOST_TOLD);
        let mut violations: Vec<Violation> = found
            .into_iter()
            .map(|found| {
                let (line, position) = place::find(text, &found.path, self.fold_names);
                Violation { message: found.message, line, position }
            })
            .collect();
        violations.sort_by_key(|violation| (violation.line, violation.position));
        Ok(violations)
    }
}

#[cfg(test)]
mod tests;
