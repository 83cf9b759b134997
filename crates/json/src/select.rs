//! `SelectToken` and `SelectTokens`: Newtonsoft's JSONPath dialect.

mod evaluate;
mod parse;

use crate::error::{Error, Result};
use crate::token::JToken;

/// A compiled path. It can be kept, shared by threads, and used for any token.
#[derive(Clone, Debug)]
pub struct JPath {
    filters: Vec<Filter>,
}

/// Matches regular expressions for `=~`. This crate has no engine of its own.
pub trait MatchRegex {
    /// Whether `pattern` matches somewhere in `input`.
    fn is_match(&self, input: &str, pattern: &str, flags: RegexFlags) -> Result<bool>;
}

/// The letters behind a regular expression.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegexFlags {
    /// `i`
    pub ignore_case: bool,
    /// `m`
    pub multiline: bool,
    /// `s`
    pub singleline: bool,
    /// `x`: explicit capture.
    pub explicit_capture: bool,
}

/// Refuses regular expressions.
#[derive(Clone, Copy, Debug)]
pub struct NoRegex;

impl MatchRegex for NoRegex {
    fn is_match(&self, _: &str, _: &str, _: RegexFlags) -> Result<bool> {
        Err(Error::json("Regular expressions are not available here."))
    }
}

impl JToken {
    /// `SelectToken(path, errorWhenNoMatch)`.
    pub fn select_token(
        &self,
        path: &str,
        error_when_no_match: bool,
        regex: &dyn MatchRegex,
    ) -> Result<Option<JToken>> {
        JPath::parse(path)?.select_one(self, error_when_no_match, regex)
    }

    /// `SelectTokens(path, errorWhenNoMatch)`, all at once.
    pub fn select_tokens(&self, path: &str, error_when_no_match: bool, regex: &dyn MatchRegex) -> Result<Vec<JToken>> {
        JPath::parse(path)?.select(self, error_when_no_match, regex)
    }
}

/// One step: from the tokens so far to the next ones.
#[derive(Clone, Debug)]
enum Filter {
    /// `$` at the start of a query's path.
    Root,
    /// `.name`, `['name']`; `None` is `.*`.
    Field(Option<Box<str>>),
    /// `['a','b']`
    Fields(Vec<Box<str>>),
    /// `..name`, `..*`
    Scan(Option<Box<str>>),
    /// `..['a','b']`
    ScanFields(Vec<Box<str>>),
    /// `[1]`; `None` is `[*]`.
    Index(Option<i32>),
    /// `[1,2]`
    Indexes(Vec<i32>),
    /// `[start:end:step]`
    Slice { start: Option<i32>, end: Option<i32>, step: Option<i32> },
    /// `[?(…)]`
    Query(Query),
    /// `..[?(…)]`
    ScanQuery(Query),
}

/// A filter expression. `a && b || c` nests to the right, each change of operator opening a group that is the last
/// member of the one before; so a list of groups holds it all.
#[derive(Clone, Debug)]
struct Query {
    groups: Vec<Group>,
}

#[derive(Clone, Debug)]
struct Group {
    all: bool,
    tests: Vec<Test>,
}

#[derive(Clone, Debug)]
struct Test {
    operator: Operator,
    left: Operand,
    /// Absent for [`Operator::Exists`].
    right: Option<Operand>,
}

#[derive(Clone, Debug)]
enum Operand {
    Path(Vec<Filter>),
    Literal(Literal),
}

/// A value that a query names. Unlike a [`Value`] threads can share it, and with it the path.
#[derive(Clone, Debug)]
enum Literal {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(Box<str>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Exists,
    Equals,
    StrictEquals,
    NotEquals,
    StrictNotEquals,
    Less,
    LessOrEquals,
    Greater,
    GreaterOrEquals,
    Regex,
}
