//! Filters: their names, and how one is called.

mod list;
mod number;
mod text;

use std::sync::OnceLock;

use dotformat::{DateTimeStyles, format_date_time, parse_date_time};
use dotregex::Regex;

use crate::{
    Value,
    convert::{self, Wrong, integer, wrong},
    expression::Expr,
    render::{Run, Stop},
};

macro_rules! filters {
    ($($name:ident),+ $(,)?) => {
        /// A filter of the published list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Filter { $($name),+ }

        impl Filter {
            /// Names as templates write them.
            pub(crate) const NAMES: &[(&str, Filter)] = &[$((stringify!($name), Filter::$name)),+];
        }
    };
}

filters! {
    Abs, Append, AtLeast, AtMost, Capitalize, Ceil, Compact, Currency, Date, Default, DividedBy, Downcase, Escape,
    EscapeOnce, First, Floor, H, Join, Last, Lstrip, Map, Minus, Modulo, NewlineToBr, Plus, Prepend, Remove, RemoveFirst,
    Replace, ReplaceFirst, Round, Rstrip, Size, Slice, Sort, Split, Strip, StripHtml, StripNewlines, Times, Truncate,
    TruncateWords, Uniq, Upcase, UrlDecode, UrlEncode,
}

impl Filter {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, filter)| *filter)
    }
}

/// A filter with its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    filter: Filter,
    pub(crate) arguments: Box<[Expr]>,
    /// The first argument as a regular expression, where that is what it is and it is written down.
    pattern: OnceLock<Result<Regex, Wrong>>,
}

impl Call {
    pub(crate) fn new(filter: Filter, arguments: Vec<Expr>) -> Self {
        let call = Self { filter, arguments: arguments.into(), pattern: OnceLock::new() };
        if matches!(filter, Filter::Replace | Filter::ReplaceFirst | Filter::RemoveFirst)
            && let Some(Expr::Str(pattern)) = call.arguments.first()
        {
            call.pattern.get_or_init(|| text::regex(pattern));
        }
        call
    }

    /// The result for `input`.
    pub(crate) fn apply<'a>(
        &self,
        input: Value<'a>,
        arguments: &[Value<'a>],
        run: &mut Run<'_, 'a>,
    ) -> Result<Value<'a>, Stop> {
        let arguments = Arguments { filter: self.filter, values: arguments, pattern: self.pattern.get() };
        let value = match self.filter {
            Filter::Abs | Filter::AtLeast | Filter::AtMost | Filter::Ceil | Filter::Floor | Filter::Round => {
                number::of_one(self.filter, &input, &arguments)?
            }
            Filter::Plus | Filter::Minus | Filter::Times | Filter::DividedBy | Filter::Modulo => {
                number::of_two(self.filter, input, &arguments, run)?
            }
            Filter::Currency => number::currency(&input, &arguments)?,
            Filter::Date => date(&input, &arguments, run)?,
            Filter::Compact
            | Filter::First
            | Filter::Join
            | Filter::Last
            | Filter::Map
            | Filter::Size
            | Filter::Slice
            | Filter::Sort
            | Filter::Uniq => list::apply(self.filter, &input, &arguments, run)?,
            _ => text::apply(self.filter, &input, &arguments, run)?,
        };
        if let Value::Str(text) = &value {
            run.spend(text.len())?;
        }
        Ok(value)
    }
}

/// The arguments of a call.
pub(crate) struct Arguments<'v, 'a> {
    filter: Filter,
    values: &'v [Value<'a>],
    pattern: Option<&'v Result<Regex, Wrong>>,
}

impl<'a> Arguments<'_, 'a> {
    fn optional(&self, index: usize) -> Option<&Value<'a>> {
        self.values.get(index)
    }

    fn required(&self, index: usize, name: &str) -> Result<&Value<'a>, Wrong> {
        self.values.get(index).ok_or_else(|| {
            let filter = self.filter;
            format!("Error - Filter '{filter:?}' does not have a default value for '{name}' and no value was supplied")
        })
    }

    fn text(&self, index: usize, name: &str) -> Result<String, Wrong> {
        convert::text_argument(self.required(index, name)?)
    }

    fn text_or(&self, index: usize, default: &str) -> Result<String, Wrong> {
        self.optional(index).map_or_else(|| Ok(default.to_owned()), convert::text_argument)
    }

    fn integer_or(&self, index: usize, default: i64) -> Result<i64, Wrong> {
        self.optional(index).map_or(Ok(default), integer)
    }
}

/// `Date`: a .NET format; what is no date passes.
fn date<'a>(input: &Value<'a>, arguments: &Arguments<'_, 'a>, run: &Run<'_, 'a>) -> Result<Value<'a>, Wrong> {
    let format = arguments.text(0, "format")?;
    let blank = format.trim().is_empty();
    let date = match input {
        Value::Nil => return Ok(Value::Nil),
        Value::Date(date) => *date,
        other => {
            let text = convert::text(other);
            let now = text.eq_ignore_ascii_case("now") || text.eq_ignore_ascii_case("today");
            match parse_date_time(&text, DateTimeStyles::NONE, run.now) {
                _ if now => run.now,
                Ok(date) if !blank => date,
                _ => return Ok(Value::str(text)),
            }
        }
    };
    let text = format_date_time(date, if blank { "" } else { &format }).map_err(wrong)?;
    Ok(Value::str(text))
}
