//! Tools for policy documents, without a server: check, format, run, test. Reads no file and opens no socket: whoever
//! calls brings texts in and takes texts out.

pub mod check;
pub mod diff;
pub mod format;
mod place;
pub mod run;
pub mod stage;
pub mod suite;

pub use place::{Kind, kind_of, scope};

/// Reads YAML, and so JSON. Only `true` and `false` are truths: `y` and `no` are texts.
fn yaml<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}
