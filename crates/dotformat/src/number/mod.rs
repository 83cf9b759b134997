//! Numbers: printing with standard and custom formats, and reading with `NumberStyles`.

mod custom;
mod digits;
mod integer;
mod parse;
mod real;
mod standard;
mod styles;

pub use integer::{IntType, format_integer, parse_integer};
pub use parse::{parse_decimal, parse_double, parse_single};
pub use real::{double_to_string, format_decimal, format_double, format_single, single_to_string};
pub use styles::NumberStyles;
