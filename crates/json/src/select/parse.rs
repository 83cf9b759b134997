//! Reads a path. It follows Newtonsoft's parser step by step, as its leniency and its messages come from its shape.

use super::{Filter, Group, JPath, Literal, Operand, Operator, Query, Test};
use crate::error::{Error, ErrorKind, Result};

/// How deep queries may nest within queries.
const MAX_NESTING: usize = 32;

impl JPath {
    /// Compiles a path.
    pub fn parse(path: &str) -> Result<JPath> {
        let mut parser = Parser { text: path, at: 0, nesting: 0 };
        parser.main().map(|filters| JPath { filters })
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    nesting: usize,
}

const OPEN_INDEXER: &str = "Path ended with open indexer.";
const OPEN_QUERY: &str = "Path ended with open query.";

impl Parser<'_> {
    fn main(&mut self) -> Result<Vec<Filter>> {
        let mut start = self.at;
        self.skip_spaces();
        if self.peek().is_none() || self.text.get(self.at..) == Some("$") {
            return Ok(Vec::new());
        }
        if self.peek() == Some('$') && matches!(self.text.as_bytes().get(self.at + 1), Some(b'.' | b'[')) {
            self.at += 1;
            start = self.at;
        }
        let mut filters = Vec::new();
        if !self.path(&mut filters, start, false)? {
            let last = self.peek();
            self.skip_spaces();
            if self.peek().is_some() {
                return Err(Error::json(format!("Unexpected character while parsing path: {}", last.unwrap_or(' '))));
            }
        }
        Ok(filters)
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    /// The next character; its absence is the error `open`.
    fn expect(&self, open: &str) -> Result<char> {
        self.peek().ok_or_else(|| Error::json(open))
    }

    fn skip_spaces(&mut self) {
        while self.peek() == Some(' ') {
            self.at += 1;
        }
    }

    fn matches(&mut self, word: &str) -> bool {
        let same = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        if same {
            self.at += word.len();
        }
        same
    }

    fn since(&self, start: usize) -> &str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Reads steps up to where the path ends; whether that is the end of the text.
    fn path(&mut self, filters: &mut Vec<Filter>, mut start: usize, query: bool) -> Result<bool> {
        let (mut scan, mut after_indexer, mut after_dot) = (false, false, false);
        while let Some(c) = self.peek() {
            match c {
                '[' | '(' => {
                    if self.at > start {
                        filters.push(field(Some(self.since(start)), scan));
                        scan = false;
                    }
                    filters.push(self.indexer(c, scan)?);
                    scan = false;
                    self.at += 1;
                    start = self.at;
                    (after_indexer, after_dot) = (true, false);
                }
                ']' | ')' | ' ' => break,
                '.' => {
                    if self.at > start {
                        filters.push(field(Some(self.since(start)), scan));
                        scan = false;
                    }
                    self.at += 1;
                    if self.peek() == Some('.') {
                        scan = true;
                        self.at += 1;
                    }
                    start = self.at;
                    (after_indexer, after_dot) = (false, true);
                }
                '=' | '<' | '!' | '>' | '|' | '&' if query => break,
                c if after_indexer => {
                    return Err(Error::json(format!("Unexpected character following indexer: {c}")));
                }
                c => self.at += c.len_utf8(),
            }
        }
        let at_end = self.peek().is_none();
        if self.at > start {
            filters.push(field(Some(self.since(start).trim_end()), scan));
        } else if after_dot && (at_end || query) {
            return Err(Error::json("Unexpected end while parsing path."));
        }
        Ok(at_end)
    }

    /// What is between brackets; stops on the closing one.
    fn indexer(&mut self, open: char, scan: bool) -> Result<Filter> {
        self.at += 1;
        let close = if open == '[' { ']' } else { ')' };
        self.skip_spaces();
        match self.expect(OPEN_INDEXER)? {
            '\'' => self.quoted_fields(close, scan),
            '?' => self.query(close, scan),
            _ => self.array_indexer(close),
        }
    }

    fn quoted_fields(&mut self, close: char, scan: bool) -> Result<Filter> {
        let mut fields: Vec<Box<str>> = Vec::new();
        while self.peek().is_some() {
            fields.push(self.quoted()?.into());
            self.skip_spaces();
            match self.expect(OPEN_INDEXER)? {
                c if c == close => {
                    return Ok(match (fields.len(), scan) {
                        (1, _) => {
                            let name = fields.pop();
                            if scan { Filter::Scan(name) } else { Filter::Field(name) }
                        }
                        (_, true) => Filter::ScanFields(fields),
                        (_, false) => Filter::Fields(fields),
                    });
                }
                ',' => {
                    self.at += 1;
                    self.skip_spaces();
                }
                c => return Err(unexpected_in_indexer(c)),
            }
        }
        Err(Error::json(OPEN_INDEXER))
    }

    fn array_indexer(&mut self, close: char) -> Result<Filter> {
        let mut start = self.at;
        let mut end = None;
        let mut indexes = Vec::new();
        let mut bounds = [None; 3];
        let mut colons = 0;
        while let Some(c) = self.peek() {
            let text = self.text.get(start..end.unwrap_or(self.at)).unwrap_or_default();
            match c {
                ' ' => {
                    end = Some(self.at);
                    self.skip_spaces();
                }
                c if c == close => {
                    if colons > 0 {
                        if !text.is_empty() {
                            bounds[if colons == 1 { 1 } else { 2 }] = Some(index(text)?);
                        }
                        let [start, end, step] = bounds;
                        return Ok(Filter::Slice { start, end, step });
                    }
                    let last = required_index(text)?;
                    if indexes.is_empty() {
                        return Ok(Filter::Index(Some(last)));
                    }
                    indexes.push(last);
                    return Ok(Filter::Indexes(indexes));
                }
                ',' => {
                    indexes.push(required_index(text)?);
                    self.at += 1;
                    self.skip_spaces();
                    (start, end) = (self.at, None);
                }
                '*' => {
                    self.at += 1;
                    self.skip_spaces();
                    if self.expect(OPEN_INDEXER)? != close {
                        return Err(unexpected_in_indexer('*'));
                    }
                    return Ok(Filter::Index(None));
                }
                ':' => {
                    if !text.is_empty() {
                        bounds[colons.min(2)] = Some(index(text)?);
                    }
                    colons += 1;
                    self.at += 1;
                    self.skip_spaces();
                    (start, end) = (self.at, None);
                }
                c if !(c.is_ascii_digit() || c == '-') || end.is_some() => return Err(unexpected_in_indexer(c)),
                _ => self.at += 1,
            }
        }
        Err(Error::json(OPEN_INDEXER))
    }

    fn query(&mut self, close: char, scan: bool) -> Result<Filter> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(Error::json("The path nests its queries too deep."));
        }
        self.at += 1;
        match self.expect(OPEN_INDEXER)? {
            '(' => self.at += 1,
            c => return Err(unexpected_in_indexer(c)),
        }
        let query = self.expression()?;
        self.at += 1;
        self.skip_spaces();
        match self.expect(OPEN_INDEXER)? {
            c if c == close => {}
            c => return Err(unexpected_in_indexer(c)),
        }
        self.nesting -= 1;
        Ok(if scan { Filter::ScanQuery(query) } else { Filter::Query(query) })
    }

    /// Tests joined by `&&` and `||`; stops on the closing parenthesis.
    fn expression(&mut self) -> Result<Query> {
        let mut groups: Vec<Group> = Vec::new();
        loop {
            let left = self.side()?;
            let (operator, right) = match self.expect(OPEN_QUERY)? {
                ')' | '|' | '&' => (Operator::Exists, None),
                _ => (self.operator()?, Some(self.side()?)),
            };
            let test = Test { operator, left, right };
            let all = match self.expect(OPEN_QUERY)? {
                ')' => {
                    match groups.last_mut() {
                        Some(group) => group.tests.push(test),
                        None => groups.push(Group { all: true, tests: vec![test] }),
                    }
                    return Ok(Query { groups });
                }
                '&' if self.matches("&&") => true,
                '|' if self.matches("||") => false,
                c @ ('&' | '|') => return Err(unexpected_in_query(c)),
                // Newtonsoft forgets such a test and reads on; what follows decides.
                _ => continue,
            };
            match groups.last_mut() {
                Some(group) if group.all == all => group.tests.push(test),
                _ => groups.push(Group { all, tests: vec![test] }),
            }
        }
    }

    fn side(&mut self) -> Result<Operand> {
        self.skip_spaces();
        let operand = match self.expect(OPEN_QUERY)? {
            c @ ('$' | '@') => {
                self.at += 1;
                let mut filters = if c == '$' { vec![Filter::Root] } else { Vec::new() };
                if self.path(&mut filters, self.at, true)? {
                    return Err(Error::json(OPEN_QUERY));
                }
                Operand::Path(filters)
            }
            _ => match self.value()? {
                Some(value) => Operand::Literal(value),
                None => return Err(unexpected_in_query(self.peek().unwrap_or(' '))),
            },
        };
        self.skip_spaces();
        self.expect(OPEN_QUERY)?;
        Ok(operand)
    }

    fn value(&mut self) -> Result<Option<Literal>> {
        let value = match self.peek() {
            Some('\'') => Some(Literal::Text(self.quoted()?.into())),
            Some('/') => Some(Literal::Text(self.regex()?.into())),
            Some(c) if c.is_ascii_digit() || c == '-' => self.number(),
            _ if self.matches("true") => Some(Literal::Boolean(true)),
            _ if self.matches("false") => Some(Literal::Boolean(false)),
            _ if self.matches("null") => Some(Literal::Null),
            _ => None,
        };
        Ok(value)
    }

    /// A number goes up to a space or a parenthesis, so `@.a==1&&@.b` has none.
    fn number(&mut self) -> Option<Literal> {
        let start = self.at;
        let rest = self.text.get(start..)?;
        let Some(length) = rest.find([' ', ')']) else {
            self.at = self.text.len();
            return None;
        };
        self.at += length;
        let text = self.since(start);
        if text.contains(['.', 'E', 'e']) {
            let plain = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
            plain.then(|| text.parse().ok().map(Literal::Float)).flatten()
        } else {
            text.parse().ok().map(Literal::Integer)
        }
    }

    fn quoted(&mut self) -> Result<String> {
        self.at += self.peek().map_or(0, char::len_utf8);
        let mut out = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                '\'' => return Ok(out),
                '\\' => {
                    let Some(escaped) = self.peek() else {
                        out.push('\\');
                        continue;
                    };
                    self.at += escaped.len_utf8();
                    out.push(match escaped {
                        'b' => '\u{8}',
                        't' => '\t',
                        'n' => '\n',
                        'f' => '\u{c}',
                        'r' => '\r',
                        '\\' | '"' | '\'' | '/' => escaped,
                        other => return Err(Error::json(format!("Unknown escape character: \\{other}"))),
                    });
                }
                c => out.push(c),
            }
        }
        Err(Error::json("Path ended with an open string."))
    }

    /// `/pattern/flags`, kept as it is written.
    fn regex(&mut self) -> Result<String> {
        let start = self.at;
        self.at += 1;
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                '\\' => self.at += self.peek().map_or(0, char::len_utf8),
                '/' => {
                    while let Some(flag) = self.peek().filter(|c| c.is_alphabetic()) {
                        self.at += flag.len_utf8();
                    }
                    return Ok(self.since(start).to_owned());
                }
                _ => {}
            }
        }
        Err(Error::json("Path ended with an open regex."))
    }

    fn operator(&mut self) -> Result<Operator> {
        if self.at + 1 >= self.text.len() {
            return Err(Error::json(OPEN_QUERY));
        }
        const OPERATORS: [(&str, Operator); 10] = [
            ("===", Operator::StrictEquals),
            ("==", Operator::Equals),
            ("=~", Operator::Regex),
            ("!==", Operator::StrictNotEquals),
            ("!=", Operator::NotEquals),
            ("<>", Operator::NotEquals),
            ("<=", Operator::LessOrEquals),
            ("<", Operator::Less),
            (">=", Operator::GreaterOrEquals),
            (">", Operator::Greater),
        ];
        let known = OPERATORS.into_iter().find(|(word, _)| self.matches(word));
        known.map(|(_, operator)| operator).ok_or_else(|| Error::json("Could not read query operator."))
    }
}

fn field(name: Option<&str>, scan: bool) -> Filter {
    let name = name.filter(|name| *name != "*").map(Box::from);
    if scan { Filter::Scan(name) } else { Filter::Field(name) }
}

fn required_index(text: &str) -> Result<i32> {
    if text.is_empty() { Err(Error::json("Array index expected.")) } else { index(text) }
}

/// `Convert.ToInt32`.
fn index(text: &str) -> Result<i32> {
    text.parse().map_err(|_| {
        if text.parse::<i128>().is_ok() || (text.len() > 38 && text.bytes().all(|b| b.is_ascii_digit())) {
            Error::new(ErrorKind::Overflow, "Value was either too large or too small for an Int32.")
        } else {
            Error::new(ErrorKind::Format, "Input string was not in a correct format.")
        }
    })
}

fn unexpected_in_indexer(c: char) -> Error {
    Error::json(format!("Unexpected character while parsing path indexer: {c}"))
}

fn unexpected_in_query(c: char) -> Error {
    Error::json(format!("Unexpected character while parsing path query: {c}"))
}
