//! From text to a JSON value, with the place of what is wrong.

use std::fmt;

use serde_json::Value;

/// How the document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// JSON.
    Json,
    /// YAML, of which JSON is nearly a part.
    Yaml,
}

/// Why a document cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub message: String,
    /// Line and column, both from 1, where the text itself is wrong.
    pub place: Option<(usize, usize)>,
}

impl Problem {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), place: None }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some((line, column)) => write!(f, "{} (line {line}, column {column})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Problem {}

/// The JSON value that `text` stands for.
pub(crate) fn parse(text: &str, syntax: Syntax) -> Result<Value, Problem> {
    let text = text.trim_start_matches('\u{feff}');
    match syntax {
        Syntax::Json => serde_json::from_str(text).map_err(|error| {
            let place = Some((error.line(), error.column()));
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            Problem { message: format!("The document is not JSON: {message}"), place }
        }),
        Syntax::Yaml => serde_saphyr::from_str(text).map_err(|error| {
            let place = error.location().map(|at| (at.line() as usize, at.column() as usize));
            let message = error.to_string();
            let message = message.lines().next().unwrap_or_default();
            Problem { message: format!("The document is not YAML: {message}"), place }
        }),
    }
}
