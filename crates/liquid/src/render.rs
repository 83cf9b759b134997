//! Renders a tree of tags.

use std::{collections::HashMap, fmt, rc::Rc};

use dotformat::DateTime;
use rust_decimal::prelude::ToPrimitive;

use crate::{
    Value,
    compare::{equal, order},
    condition::{Condition, Operator},
    convert::{Wrong, integer, shown, text},
    expression::{Expr, Filtered, Part, Path},
    tags::{Loop, Node, Offset},
};

/// What a rendering may spend.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of output and of texts made on the way.
    pub text: usize,
    /// Nodes rendered and items looked at.
    pub steps: usize,
}

impl Default for Limits {
    /// 64 MiB and two million steps.
    fn default() -> Self {
        Self { text: 64 << 20, steps: 2_000_000 }
    }
}

/// A rendering that went on for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitExceeded {
    /// [`Limits::text`].
    Text,
    /// [`Limits::steps`].
    Steps,
}

impl fmt::Display for LimitExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "the template makes too much text",
            Self::Steps => "the template takes too many steps",
        })
    }
}

impl std::error::Error for LimitExceeded {}

/// Why a node was not rendered to its end.
pub(crate) enum Stop {
    /// A mistake that shows in the output.
    Wrong(Wrong),
    Limit(LimitExceeded),
    Break,
    Continue,
}

impl From<Wrong> for Stop {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

pub(crate) fn render<'a>(
    nodes: &[Node],
    roots: &dyn Fn(&str) -> Option<Value<'a>>,
    now: DateTime,
    limits: &Limits,
) -> Result<String, LimitExceeded> {
    let mut run = Run {
        roots,
        now,
        left: *limits,
        globals: HashMap::new(),
        scopes: Vec::new(),
        counters: HashMap::new(),
        cycles: HashMap::new(),
        continued: HashMap::new(),
        changed: String::new(),
    };
    let mut out = String::new();
    match run.all(nodes, &mut out) {
        // A `break` outside of a loop ends the template.
        Ok(()) | Err(Stop::Break | Stop::Continue | Stop::Wrong(_)) => Ok(out),
        Err(Stop::Limit(limit)) => Err(limit),
    }
}

pub(crate) struct Run<'r, 'a> {
    roots: &'r dyn Fn(&str) -> Option<Value<'a>>,
    pub(crate) now: DateTime,
    left: Limits,
    /// What `assign` and `capture` set.
    globals: HashMap<Box<str>, Value<'a>>,
    /// Variables of the loops around, innermost last.
    scopes: Vec<(Box<str>, Value<'a>)>,
    counters: HashMap<Box<str>, i64>,
    cycles: HashMap<String, usize>,
    /// Where loops ended, for `offset:continue`.
    continued: HashMap<Box<str>, usize>,
    changed: String,
}

impl<'a> Run<'_, 'a> {
    fn all(&mut self, nodes: &[Node], out: &mut String) -> Result<(), Stop> {
        for node in nodes {
            self.step(1)?;
            match self.node(node, out) {
                Ok(()) => {}
                Err(Stop::Wrong(wrong)) => self.write(out, &format!("Liquid error: {wrong}"))?,
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    /// Pays for `count` items.
    pub(crate) fn step(&mut self, count: usize) -> Result<(), Stop> {
        self.left.steps = self.left.steps.checked_sub(count).ok_or(Stop::Limit(LimitExceeded::Steps))?;
        Ok(())
    }

    /// Pays for `length` bytes of text.
    pub(crate) fn spend(&mut self, length: usize) -> Result<(), Stop> {
        self.left.text = self.left.text.checked_sub(length).ok_or(Stop::Limit(LimitExceeded::Text))?;
        Ok(())
    }

    fn write(&mut self, out: &mut String, text: &str) -> Result<(), Stop> {
        self.spend(text.len())?;
        out.push_str(text);
        Ok(())
    }

    fn node(&mut self, node: &Node, out: &mut String) -> Result<(), Stop> {
        match node {
            Node::Text(text) => self.write(out, text)?,
            Node::Output(output) => {
                let value = self.filtered(output)?;
                match &value {
                    Value::Str(text) => self.write(out, text)?,
                    value => self.write(out, &shown(value))?,
                }
            }
            Node::Assign(name, from) => {
                let value = self.filtered(from)?;
                self.globals.insert(name.clone(), value);
            }
            Node::Capture(name, body) => {
                let mut captured = String::new();
                self.all(body, &mut captured)?;
                self.globals.insert(name.clone(), Value::str(captured));
            }
            Node::If(unless, branches) => {
                for (index, (condition, body)) in branches.iter().enumerate() {
                    let holds = match condition {
                        Some(condition) => self.condition(condition)? != (*unless && index == 0),
                        None => true,
                    };
                    if holds {
                        return self.all(body, out);
                    }
                }
            }
            Node::Case(value, branches) => self.case(value, branches, out)?,
            Node::For(head) => self.looping(head, out)?,
            Node::TableRow(head) => self.table_row(head, out)?,
            Node::Cycle(name, values) => {
                let name = text(&self.expr(name)?);
                let turn = self.cycles.get(&name).copied().unwrap_or_default();
                let value = values.get(turn).map_or(Ok(Value::Nil), |value| self.expr(value))?;
                self.cycles.insert(name, if turn + 1 >= values.len() { 0 } else { turn + 1 });
                self.write(out, &text(&value))?;
            }
            Node::Increment(name) => {
                let counter = self.counters.entry(name.clone()).or_default();
                let before = *counter;
                *counter = before.wrapping_add(1);
                self.write(out, &before.to_string())?;
            }
            Node::Decrement(name) => {
                let counter = self.counters.entry(name.clone()).or_default();
                *counter = counter.wrapping_sub(1);
                let after = *counter;
                self.write(out, &after.to_string())?;
            }
            Node::IfChanged(body) => {
                let mut content = String::new();
                self.all(body, &mut content)?;
                if content != self.changed {
                    self.write(out, &content)?;
                    self.changed = content;
                }
            }
            Node::Break => return Err(Stop::Break),
            Node::Continue => return Err(Stop::Continue),
        }
        Ok(())
    }

    /// Every branch whose value fits is rendered; `else` if none before it did.
    fn case(
        &mut self,
        value: &Expr,
        branches: &[(Option<Vec<Expr>>, Vec<Node>)],
        out: &mut String,
    ) -> Result<(), Stop> {
        let value = self.expr(value)?;
        let mut found = false;
        for (candidates, body) in branches {
            let fits = match candidates {
                None => !found,
                Some(candidates) => {
                    let mut fits = false;
                    for candidate in candidates {
                        let candidate = self.expr(candidate)?;
                        fits |= equal(&value, &candidate, self.now);
                    }
                    found |= fits;
                    fits
                }
            };
            if fits {
                self.all(body, out)?;
            }
        }
        Ok(())
    }

    fn looping(&mut self, head: &Loop, out: &mut String) -> Result<(), Stop> {
        let collection = self.expr(&head.collection)?;
        let items = match (&collection, collection.items()) {
            (Value::Nil, _) => Vec::new(),
            // XML cannot tell a list of one from a lone element.
            (Value::Object(_), Some(items))
                if head.array && items.iter().any(|item| matches!(item, Value::Pair(_))) =>
            {
                vec![collection]
            }
            (Value::Str(_), _) if head.array => vec![collection],
            (_, Some(items)) => items,
            (_, None) if head.array => vec![collection],
            (_, None) => return self.all(&head.otherwise, out),
        };
        let items = self.segment(head, items)?;
        if items.is_empty() {
            return self.all(&head.otherwise, out);
        }
        let length = items.len();
        for (index, item) in items.into_iter().enumerate() {
            self.step(1)?;
            if head.array && index > 0 {
                self.write(out, ",")?;
            }
            let turn = Turn { name: Some(head.name.clone()), index, length, column: None };
            let turned = self.turn(head, item, "forloop", turn, out);
            match turned {
                Ok(()) | Err(Stop::Continue) => {}
                Err(Stop::Break) => break,
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    /// The items that `offset`, `limit` and `reversed` leave.
    fn segment(&mut self, head: &Loop, items: Vec<Value<'a>>) -> Result<Vec<Value<'a>>, Stop> {
        let from = match &head.offset {
            None => 0,
            Some(Offset::Continue) => self.continued.get(&head.name).copied().unwrap_or_default(),
            Some(Offset::At(offset)) => usize::try_from(integer(&self.expr(offset)?)?).unwrap_or_default(),
        };
        let limit = match &head.limit {
            Some(limit) => usize::try_from(integer(&self.expr(limit)?)?).unwrap_or_default(),
            None => usize::MAX,
        };
        let mut items: Vec<_> = items.into_iter().skip(from).take(limit).collect();
        self.continued.insert(head.name.clone(), from.saturating_add(items.len()));
        if head.reversed {
            items.reverse();
        }
        Ok(items)
    }

    /// One turn of a loop, with its own variables.
    fn turn(&mut self, head: &Loop, item: Value<'a>, own: &str, turn: Turn, out: &mut String) -> Result<(), Stop> {
        let depth = self.scopes.len();
        self.scopes.push((head.variable.clone(), item));
        self.scopes.push((own.into(), Value::object(turn)));
        let done = self.all(&head.body, out);
        self.scopes.truncate(depth);
        done
    }

    fn table_row(&mut self, head: &Loop, out: &mut String) -> Result<(), Stop> {
        let Some(items) = self.expr(&head.collection)?.items() else { return Ok(()) };
        let items = self.segment(head, items)?;
        let length = items.len();
        let columns = match &head.columns {
            Some(columns) => usize::try_from(integer(&self.expr(columns)?)?).unwrap_or_default(),
            None => length,
        };
        self.write(out, "<tr class=\"row1\">\n")?;
        let (mut row, mut column) = (1, 0);
        for (index, item) in items.into_iter().enumerate() {
            self.step(1)?;
            let turn = Turn { name: None, index, length, column: Some((column, columns)) };
            column += 1;
            let mut cell = String::new();
            let done = self.turn(head, item, "tablerowloop", turn, &mut cell);
            self.write(out, &format!("<td class=\"col{column}\">{cell}</td>"))?;
            match done {
                Ok(()) | Err(Stop::Continue) => {}
                Err(Stop::Break) => break,
                Err(stop) => return Err(stop),
            }
            if column == columns && index + 1 != length {
                column = 0;
                row += 1;
                self.write(out, &format!("</tr>\n<tr class=\"row{row}\">"))?;
            }
        }
        self.write(out, "</tr>\n")
    }

    fn condition(&mut self, condition: &Condition) -> Result<bool, Stop> {
        match condition {
            Condition::Truthy(expr) => Ok(self.expr(expr)?.is_truthy()),
            Condition::And(left, right) => Ok(self.condition(left)? && self.condition(right)?),
            Condition::Or(left, right) => Ok(self.condition(left)? || self.condition(right)?),
            Condition::Test(left, operator, right) => {
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                self.test(&left, *operator, &right)
            }
        }
    }

    fn test(&mut self, left: &Value<'a>, operator: Operator, right: &Value<'a>) -> Result<bool, Stop> {
        let ordered = |wanted: fn(std::cmp::Ordering) -> bool| match (left, right) {
            (Value::Nil, _) | (_, Value::Nil) => Ok(false),
            _ => Ok(wanted(order(left, right, self.now)?)),
        };
        match operator {
            Operator::Equal => Ok(equal(left, right, self.now)),
            Operator::NotEqual => Ok(!equal(left, right, self.now)),
            Operator::Less => ordered(std::cmp::Ordering::is_lt),
            Operator::Greater => ordered(std::cmp::Ordering::is_gt),
            Operator::AtMost => ordered(std::cmp::Ordering::is_le),
            Operator::AtLeast => ordered(std::cmp::Ordering::is_ge),
            Operator::Contains => match (left, right) {
                (Value::Str(_), Value::Nil) => Ok(false),
                (Value::Str(left), right) => Ok(left.contains(&text(right))),
                _ => {
                    let items = left.items().unwrap_or_default();
                    self.step(items.len())?;
                    Ok(items.iter().any(|item| equal(item, right, self.now)))
                }
            },
            Operator::StartsWith | Operator::EndsWith => {
                let starts = operator == Operator::StartsWith;
                Ok(match (left, right) {
                    (Value::Str(left), Value::Str(right)) if starts => left.starts_with(&**right),
                    (Value::Str(left), Value::Str(right)) => left.ends_with(&**right),
                    (Value::List(items), _) => {
                        let item = if starts { items.first() } else { items.last() };
                        equal(item.unwrap_or(&Value::Nil), right, self.now)
                    }
                    _ => false,
                })
            }
            Operator::HasKey => Ok(match (left, right) {
                (Value::Object(object), right) if !matches!(right, Value::Nil) => object.member(&text(right)).is_some(),
                _ => false,
            }),
            Operator::HasValue => Ok(match left {
                Value::Object(object) => object
                    .items()
                    .unwrap_or_default()
                    .iter()
                    .any(|item| matches!(item, Value::Pair(pair) if equal(&pair.1, right, self.now))),
                _ => false,
            }),
        }
    }

    pub(crate) fn filtered(&mut self, filtered: &Filtered) -> Result<Value<'a>, Stop> {
        let mut value = self.expr(&filtered.expr)?;
        for call in &filtered.calls {
            self.step(1)?;
            let arguments = call.arguments.iter().map(|argument| self.expr(argument)).collect::<Result<Vec<_>, _>>()?;
            value = call.apply(value, &arguments, self)?;
        }
        Ok(value)
    }

    pub(crate) fn expr(&mut self, expr: &Expr) -> Result<Value<'a>, Stop> {
        Ok(match expr {
            Expr::Nil => Value::Nil,
            Expr::Bool(value) => Value::Bool(*value),
            Expr::Empty => Value::Empty,
            Expr::Blank => Value::Blank,
            Expr::Int(value) => Value::Int(*value),
            Expr::Double(value) => Value::Double(*value),
            Expr::Decimal(value) => Value::Decimal(*value),
            Expr::Str(text) => Value::str(&**text),
            Expr::Range(from, to) => {
                let (from, to) = (integer(&self.expr(from)?)?, integer(&self.expr(to)?)?);
                let count = usize::try_from(to.saturating_sub(from).saturating_add(1)).unwrap_or_default();
                self.step(count)?;
                Value::list((from..=to).map(Value::Int).collect())
            }
            Expr::Path(path) => self.path(path)?,
        })
    }

    fn path(&mut self, path: &Path) -> Result<Value<'a>, Stop> {
        self.step(1)?;
        let root = match &path.root {
            Part::Name(name) => self.variable(name),
            Part::Index(index) => {
                let name = text(&self.expr(index)?);
                self.variable(&name)
            }
        };
        let mut value = root;
        for part in &path.parts {
            value = match part {
                Part::Name(name) => value.member(name).unwrap_or_else(|| measured(&value, name)),
                Part::Index(index) => match self.expr(index)? {
                    Value::Int(index) => value.at(index),
                    // A whole number is a place, however it came about.
                    Value::Decimal(index) if index.is_integer() => index.to_i64().and_then(|index| value.at(index)),
                    Value::Double(index) if index.fract() == 0.0 => value.at(index as i64),
                    Value::Nil => None,
                    name => value.member(&text(&name)),
                }
                .unwrap_or(Value::Nil),
            };
            if matches!(value, Value::Nil) {
                break;
            }
        }
        Ok(value)
    }

    fn variable(&self, name: &str) -> Value<'a> {
        let scoped = self.scopes.iter().rev().find(|(known, _)| &**known == name).map(|(_, value)| value);
        if let Some(value) = scoped.or_else(|| self.globals.get(name)) {
            return value.clone();
        }
        if let Some(counter) = self.counters.get(name) {
            return Value::Int(*counter);
        }
        (self.roots)(name).unwrap_or(Value::Nil)
    }
}

/// `.size`, `.first` and `.last` of what has no such member.
fn measured<'a>(value: &Value<'a>, name: &str) -> Value<'a> {
    let measure = |wanted: &str| name.eq_ignore_ascii_case(wanted) && name[1..] == wanted[1..];
    if let (Value::Str(text), true) = (value, measure("size")) {
        return Value::Int(text.encode_utf16().count() as i64);
    }
    let items = || value.items().unwrap_or_default();
    match () {
        () if measure("size") => value.items().map_or(Value::Nil, |items| Value::Int(items.len() as i64)),
        () if measure("first") => items().first().cloned().unwrap_or(Value::Nil),
        () if measure("last") => items().last().cloned().unwrap_or(Value::Nil),
        () => Value::Nil,
    }
}

/// Where a loop is: `forloop` and `tablerowloop`.
struct Turn {
    name: Option<Box<str>>,
    index: usize,
    length: usize,
    /// The column, and how many there are.
    column: Option<(usize, usize)>,
}

impl<'a> crate::Object<'a> for Turn {
    fn member(&self, name: &str) -> Option<Value<'a>> {
        let int = |value: usize| Some(Value::Int(value as i64));
        match (name, self.column) {
            ("name", None) => self.name.as_ref().map(|name| Value::Str(Rc::from(&**name))),
            ("length", _) => int(self.length),
            ("index", _) => int(self.index + 1),
            ("index0", _) => int(self.index),
            ("rindex", _) => int(self.length - self.index),
            ("rindex0", _) => int(self.length - self.index - 1),
            ("first", _) => Some(Value::Bool(self.index == 0)),
            ("last", _) => Some(Value::Bool(self.index + 1 == self.length)),
            ("col", Some((column, _))) => int(column + 1),
            ("col0", Some((column, _))) => int(column),
            ("col_first", Some((column, _))) => Some(Value::Bool(column == 0)),
            ("col_last", Some((column, columns))) => Some(Value::Bool(column + 1 == columns)),
            _ => None,
        }
    }

    fn items(&self) -> Option<Vec<Value<'a>>> {
        None
    }

    fn text(&self) -> Option<String> {
        Some(String::new())
    }
}
