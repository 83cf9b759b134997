//! JSON values with Newtonsoft's semantics, and its JSONPath.
//!
//! A [`JToken`] is a handle on a node of a mutable tree. Handles keep the whole tree alive, so `Parent` and `Path`
//! work however the handle was reached, as they do under a garbage collector. Reading is tolerant as Newtonsoft's
//! reader is, and texts that look like dates become dates. Messages are Newtonsoft.Json 13's own, since policies
//! and their tests show them.

mod compare;
mod convert;
mod edit;
mod error;
mod grove;
mod load;
mod loose;
mod merge;
mod number;
mod path;
mod reader;
mod select;
mod text;
mod time;
mod token;
mod value;
mod write;

pub use convert::Integral;
pub use error::{Error, ErrorKind, Place, Result};
pub use load::{Comments, Load};
pub use loose::Loose;
pub use merge::{ArrayMerge, MergeSettings};
pub use number::{format_double, format_single};
pub use reader::{JsonToken, MAX_DEPTH, Reader};
pub use select::{JPath, MatchRegex, NoRegex, RegexFlags};
pub use text::Text;
pub use time::{DateKind, DateTime, DateTimeOffset, format_time_span, parse_json_date};
pub use token::{JToken, JTokenType};
pub use value::{Value, format_guid, parse_guid};
pub use write::{Formatting, escape_string};
