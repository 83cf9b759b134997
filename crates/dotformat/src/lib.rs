//! Numbers, dates and identifiers as .NET prints and reads them, invariant culture.
//!
//! Pure functions over plain values. The reference is .NET Core 3.1; where a rule surprises, the code says so.

mod decimal;
mod error;
mod number;
mod time;

pub use decimal::*;
pub use error::{Error, ErrorKind, Result};
pub use number::*;
pub use time::*;
