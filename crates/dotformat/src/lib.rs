//! Numbers, dates and identifiers as .NET prints and reads them, invariant culture.
//!
//! Pure functions over plain values. The reference is .NET Core 3.1; where a rule surprises, the code says so.

mod base64;
mod compare;
mod composite;
mod decimal;
mod error;
mod guid;
mod number;
mod scalar;
mod time;
mod uri;
mod web;

pub use base64::{from_base64, from_base64_url, to_base64};
pub use compare::*;
pub use composite::{Segment, format_composite, missing_argument, parse_composite, push_aligned};
pub use decimal::*;
pub use error::{Error, ErrorKind, Result};
pub use guid::Guid;
pub use number::*;
pub use scalar::{bool_to_string, parse_bool, parse_char};
pub use time::*;
pub use uri::{Uri, UriKind};
pub use web::{
    check_scheme_name, escape_data_string, escape_uri_string, html_decode, html_encode, unescape_data_string,
    url_decode, url_encode,
};
