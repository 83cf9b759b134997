//! Conditions of `if` and its like: comparisons joined by `and` and `or`, which group from the right.

use crate::expression::{Expr, expr, fragments};

#[derive(Clone, Debug)]
pub(crate) enum Condition {
    Truthy(Expr),
    Test(Expr, Operator, Expr),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    Greater,
    AtMost,
    AtLeast,
    Contains,
    StartsWith,
    EndsWith,
    HasKey,
    HasValue,
}

/// More conditions than this in one tag are refused, as DotLiquid does.
const MOST: usize = 500;

/// Reads the condition of an `if`.
pub(crate) fn condition(markup: &str) -> Result<Condition, String> {
    let words = words(markup);
    let groups: Vec<&[String]> = words.split(|word| word == "and" || word == "or").collect();
    if groups.len() > MOST {
        return Err(format!("A tag may hold at most {MOST} conditions."));
    }
    let joins: Vec<&String> = words.iter().filter(|word| *word == "and" || *word == "or").collect();
    let mut all = groups.iter().map(|group| test(group)).collect::<Result<Vec<_>, _>>()?;
    let mut whole = all.pop().ok_or_else(|| "A condition is missing.".to_owned())?;
    while let Some(left) = all.pop() {
        let join = if joins[all.len()] == "and" { Condition::And } else { Condition::Or };
        whole = join(Box::new(left), Box::new(whole));
    }
    Ok(whole)
}

/// Words of a condition; `a==b` are three.
fn words(markup: &str) -> Vec<String> {
    let mut words = Vec::new();
    for fragment in fragments(markup) {
        let mut rest = fragment;
        while let Some((start, end)) = operator_in(rest) {
            words.extend((start > 0).then(|| rest[..start].to_owned()));
            words.push(rest[start..end].to_owned());
            rest = &rest[end..];
        }
        words.extend((!rest.is_empty()).then(|| rest.to_owned()));
    }
    words
}

/// The first run of operator signs outside of quotes and brackets.
fn operator_in(text: &str) -> Option<(usize, usize)> {
    let (mut quote, mut depth) = (None, 0_usize);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') => depth = depth.saturating_sub(1),
            (None, '=' | '!' | '<' | '>') if depth == 0 => {
                let rest = &text[at..];
                let length = rest.find(|c: char| !"=!<>".contains(c)).unwrap_or(rest.len());
                return Some((at, at + length));
            }
            _ => {}
        }
    }
    None
}

fn test(words: &[String]) -> Result<Condition, String> {
    let left = |text: &str| expr(outside_range(text, |text| text.trim_start_matches('(')));
    let right = |text: &str| expr(outside_range(text, |text| text.trim_end_matches(')')));
    match words {
        [] => Err("A condition is missing.".to_owned()),
        [one] => left(outside_range(one, |text| text.trim_end_matches(')'))).map(Condition::Truthy),
        [one, operator] => {
            // Nothing on the right is nil.
            Ok(Condition::Test(left(one)?, Operator::named(operator)?, Expr::Nil))
        }
        [one, operator, two, ..] => Ok(Condition::Test(left(one)?, Operator::named(operator)?, right(two)?)),
    }
}

/// Round brackets mean nothing in conditions; ranges keep theirs.
fn outside_range<'t>(text: &'t str, trim: fn(&'t str) -> &'t str) -> &'t str {
    if text.contains("..") { text } else { trim(text) }
}

impl Operator {
    fn named(word: &str) -> Result<Self, String> {
        const NAMES: &[(&str, Operator)] = &[
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<>", Operator::NotEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
            ("<=", Operator::AtMost),
            (">=", Operator::AtLeast),
            ("contains", Operator::Contains),
            ("startswith", Operator::StartsWith),
            ("endswith", Operator::EndsWith),
            ("haskey", Operator::HasKey),
            ("hasvalue", Operator::HasValue),
        ];
        let found = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        found.map(|(_, operator)| *operator).ok_or_else(|| format!("There is no operator \"{word}\"."))
    }
}

impl Condition {
    pub(crate) fn walk(&self, see: &mut dyn FnMut(&[&str])) {
        match self {
            Self::Truthy(expr) => expr.walk(see),
            Self::Test(left, _, right) => {
                left.walk(see);
                right.walk(see);
            }
            Self::And(left, right) | Self::Or(left, right) => {
                left.walk(see);
                right.walk(see);
            }
        }
    }
}
