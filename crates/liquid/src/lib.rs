//! Liquid templates as DotLiquid reads and renders them.
//!
//! DotLiquid is not Shopify's Liquid: filters are C# methods (`Upcase`, `DividedBy`) and names are case-sensitive,
//! `Replace` takes a .NET regular expression, `Date` a .NET format, integers divide as C# does, an unknown filter
//! passes its input on, and `a and b or c` groups from the right. This is DotLiquid 2.0's syntax, the library's own
//! default, under the invariant culture. Templates are parsed once; what can only be known when a template is
//! rendered shows in its output as `Liquid error: …`, as there.

mod compare;
mod condition;
mod convert;
mod expression;
mod filters;
mod lexer;
mod parser;
mod render;
mod tags;
mod value;

use std::ops::Range;

pub use dotformat::{DateTime, DateTimeKind, DateTimeOffset};
pub use render::{LimitExceeded, Limits};
pub use value::{Object, Value};

/// A template, ready to be rendered. Workers share it.
#[derive(Debug)]
pub struct Template {
    nodes: Vec<tags::Node>,
    roots: Vec<Box<str>>,
    paths: Vec<Vec<Box<str>>>,
}

/// How the characters of a template came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markup {
    /// They are what they are.
    Text,
    /// They are XML: inside of tags, `&quot;`, `&lt;` and their like stand for characters.
    Xml,
}

/// Something about a template that its author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// One sentence.
    pub message: String,
    /// What might have been meant.
    pub note: Option<String>,
    /// Where, in bytes of the source.
    pub range: Range<usize>,
}

/// What came of reading a template.
#[derive(Debug)]
pub struct Parsed {
    /// The template, unless something is wrong.
    pub template: Option<Template>,
    /// What is wrong.
    pub errors: Vec<Finding>,
    /// What is allowed, and most likely not meant.
    pub warnings: Vec<Finding>,
}

impl Template {
    /// Reads a template. All findings are collected.
    pub fn parse(source: &str, markup: Markup) -> Parsed {
        parser::parse(source, markup)
    }

    /// Whether the template names this variable.
    pub fn reads(&self, root: &str) -> bool {
        self.roots.iter().any(|name| &**name == root)
    }

    /// The paths of names that the template reads from variables of the host: `{{ a.b["c"][0].d }}` gives `a`, `b`, `c`.
    pub fn paths(&self) -> impl Iterator<Item = &[Box<str>]> {
        self.paths.iter().map(Vec::as_slice)
    }

    /// Renders the template. `roots` gives the variables that the template does not set itself, `now` is the time of
    /// `"now"`.
    ///
    /// # Errors
    /// The output, the texts made on the way, or the steps exceed the limits.
    pub fn render<'a>(
        &self,
        roots: &dyn Fn(&str) -> Option<Value<'a>>,
        now: DateTime,
        limits: &Limits,
    ) -> Result<String, LimitExceeded> {
        render::render(&self.nodes, roots, now, limits)
    }
}
