//! Expressions: literals, ranges, paths of names, and chains of filters.

use rust_decimal::Decimal;

use crate::filters::{Call, Filter};

/// What is evaluated to a value.
#[derive(Clone, Debug)]
pub(crate) enum Expr {
    Nil,
    Bool(bool),
    Empty,
    Blank,
    Int(i64),
    Double(f64),
    Decimal(Decimal),
    Str(Box<str>),
    Range(Box<Expr>, Box<Expr>),
    Path(Path),
}

/// `a.b[0][c.d]`.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    pub(crate) root: Part,
    pub(crate) parts: Box<[Part]>,
}

#[derive(Clone, Debug)]
pub(crate) enum Part {
    Name(Box<str>),
    Index(Box<Expr>),
}

/// An expression and the filters behind it.
#[derive(Clone, Debug)]
pub(crate) struct Filtered {
    pub(crate) expr: Expr,
    pub(crate) calls: Box<[Call]>,
}

/// How deep brackets may nest.
const MAX_DEPTH: usize = 20;

/// Reads what stands between `{{` and `}}`. What follows the expression, up to the first `|`, does not count.
pub(crate) fn filtered(markup: &str, unknown: &mut Vec<String>) -> Result<Filtered, String> {
    let pieces = split(markup, '|');
    let mut pieces = pieces.iter();
    let head = pieces.next().copied().unwrap_or_default();
    let expr = match fragments(head).first() {
        Some(first) => expr(first)?,
        None => Expr::Nil,
    };
    let mut calls = Vec::new();
    for piece in pieces {
        let piece = piece.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let length = piece.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(piece.len());
        let (name, rest) = piece.split_at(length);
        if name.is_empty() {
            continue;
        }
        let Some(filter) = Filter::named(name) else {
            // DotLiquid passes the value on.
            unknown.push(name.to_owned());
            continue;
        };
        calls.push(Call::new(filter, arguments(rest)?));
    }
    Ok(Filtered { expr, calls: calls.into() })
}

/// What follows each `:` and `,`.
fn arguments(text: &str) -> Result<Vec<Expr>, String> {
    let mut arguments = Vec::new();
    for piece in split(text, ':').iter().skip(1).flat_map(|piece| split(piece, ',')) {
        if let Some(first) = fragments(piece).first() {
            arguments.push(expr(first)?);
        }
    }
    Ok(arguments)
}

/// Cuts `text` at each `separator` that does not stand in quotes.
pub(crate) fn split(text: &str, separator: char) -> Vec<&str> {
    let mut pieces = Vec::new();
    let closing = Closing::of(text);
    let (mut quote, mut from) = (None, 0);
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') && closing.comes(c, at) => quote = Some(c),
            None if c == separator => {
                pieces.push(&text[from..at]);
                from = at + c.len_utf8();
            }
            None => {}
        }
    }
    pieces.push(&text[from..]);
    pieces
}

/// The pieces of `text` between blanks and commas; quotes and brackets hold their content together.
pub(crate) fn fragments(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let closing = Closing::of(text);
    let (mut quote, mut depth, mut from) = (None, 0_usize, None);
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None => match c {
                '"' | '\'' if closing.comes(c, at) => {
                    quote = Some(c);
                    from.get_or_insert(at);
                }
                _ if (c.is_whitespace() || c == ',') && depth == 0 => {
                    pieces.extend(from.take().map(|from: usize| &text[from..at]));
                }
                _ => {
                    match c {
                        '[' if closing.comes(c, at) => depth += 1,
                        ']' => depth = depth.saturating_sub(1),
                        _ => {}
                    }
                    from.get_or_insert(at);
                }
            },
        }
    }
    pieces.extend(from.map(|from| &text[from..]));
    pieces
}

/// Where quotes and brackets are closed last: one that is never closed is a character like others.
struct Closing {
    single: Option<usize>,
    double: Option<usize>,
    bracket: Option<usize>,
}

impl Closing {
    fn of(text: &str) -> Self {
        Self { single: text.rfind('\''), double: text.rfind('"'), bracket: text.rfind(']') }
    }

    /// Whether `c` opens something at `at` that is closed behind it.
    fn comes(&self, c: char, at: usize) -> bool {
        let last = match c {
            '\'' => self.single,
            '"' => self.double,
            '[' => self.bracket,
            _ => None,
        };
        last.is_some_and(|last| last > at)
    }
}

/// Reads one expression.
pub(crate) fn expr(text: &str) -> Result<Expr, String> {
    nested(text.trim(), 0)
}

fn nested(text: &str, depth: usize) -> Result<Expr, String> {
    if depth > MAX_DEPTH {
        return Err("Brackets are nested too deeply.".to_owned());
    }
    let expr = match text {
        "" | "nil" | "null" => Expr::Nil,
        "true" => Expr::Bool(true),
        "false" => Expr::Bool(false),
        "empty" => Expr::Empty,
        "blank" => Expr::Blank,
        _ => match text.as_bytes()[0] {
            quote @ (b'"' | b'\'') => match text[1..].strip_suffix(char::from(quote)) {
                Some(inner) => Expr::Str(inner.into()),
                None => return Err(format!("The text {text} is not closed.")),
            },
            b'(' => return range(text, depth),
            b'0'..=b'9' | b'+' | b'-' => return number(text),
            _ => return path(text, depth),
        },
    };
    Ok(expr)
}

fn range(text: &str, depth: usize) -> Result<Expr, String> {
    let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    let Some((from, to)) = inner.and_then(|inner| inner.split_once("..")) else {
        return Err(format!("\"{text}\" is no range: it must be written as (1..5), without blanks."));
    };
    Ok(Expr::Range(Box::new(nested(from, depth + 1)?), Box::new(nested(to, depth + 1)?)))
}

fn number(text: &str) -> Result<Expr, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let wrong = || format!("\"{text}\" is no number.");
    if !digits.starts_with(|c: char| c.is_ascii_digit())
        || !digits.bytes().all(|byte| byte.is_ascii_digit() || b".,|".contains(&byte))
    {
        return Err(wrong());
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map(Expr::Int).map_err(|_| wrong());
    }
    let plain = text.replace(',', "");
    match plain.trim_start_matches('+').parse::<Decimal>() {
        Ok(value) => Ok(Expr::Decimal(value)),
        Err(_) => plain.parse().map(Expr::Double).map_err(|_| wrong()),
    }
}

fn path(text: &str, depth: usize) -> Result<Expr, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let end =
                bracket_end(inner).ok_or_else(|| format!("\"{text}\" opens a bracket that it does not close."))?;
            parts.push(Part::Index(Box::new(nested(inner[..end].trim(), depth + 1)?)));
            rest = &inner[end + 1..];
        } else {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
            if end == 0 {
                let what = rest.chars().next().unwrap_or_default();
                return Err(format!("\"{text}\" is no variable: \"{what}\" may not stand there."));
            }
            parts.push(Part::Name(rest[..end].into()));
            rest = &rest[end..];
        }
        match rest.strip_prefix('.') {
            Some(after) if !after.is_empty() => rest = after,
            // Old templates write `x?` where they ask whether x is there.
            _ if rest == "." || rest == "?" => rest = "",
            _ if rest.is_empty() || rest.starts_with('[') => {}
            _ => {
                let what = rest.chars().next().unwrap_or_default();
                return Err(format!("\"{text}\" is no variable: \"{what}\" may not stand there."));
            }
        }
    }
    let mut parts = parts.into_iter();
    let root = parts.next().ok_or_else(|| "A variable must have a name.".to_owned())?;
    Ok(Expr::Path(Path { root, parts: parts.collect() }))
}

/// The bracket that ends an index, quotes and inner brackets aside.
fn bracket_end(text: &str) -> Option<usize> {
    let (mut quote, mut depth) = (None, 0_usize);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') if depth == 0 => return Some(at),
            (None, ']') => depth -= 1,
            _ => {}
        }
    }
    None
}

impl Expr {
    /// Calls `see` with each path in it: its names up to the first that is computed.
    pub(crate) fn walk(&self, see: &mut dyn FnMut(&[&str])) {
        match self {
            Self::Range(from, to) => {
                from.walk(see);
                to.walk(see);
            }
            Self::Path(path) => {
                let parts = || std::iter::once(&path.root).chain(&path.parts);
                let names: Vec<&str> = parts().map_while(Part::name).collect();
                if !names.is_empty() {
                    see(&names);
                }
                for part in parts() {
                    if let Part::Index(index) = part {
                        index.walk(see);
                    }
                }
            }
            _ => {}
        }
    }
}

impl Part {
    /// The name, written with a dot or as a text in brackets.
    fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Index(index) => match &**index {
                Expr::Str(name) => Some(name),
                _ => None,
            },
        }
    }
}

impl Filtered {
    pub(crate) fn walk(&self, see: &mut dyn FnMut(&[&str])) {
        self.expr.walk(see);
        self.calls.iter().flat_map(|call| call.arguments.iter()).for_each(|argument| argument.walk(see));
    }
}
