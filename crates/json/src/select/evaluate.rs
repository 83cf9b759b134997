//! Applies a compiled path to a tree.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Filter, JPath, Literal, MatchRegex, Operand, Operator, Query, RegexFlags, Test};
use crate::compare::{compare, compare_values, values_equal};
use crate::error::{Error, Result};
use crate::grove::Id;
use crate::token::{Content, JToken, JTokenType, Node, lookup, preorder};
use crate::value::{Value, format_guid};

impl JPath {
    /// All tokens the path leads to from `token`.
    pub fn select(&self, token: &JToken, error_when_no_match: bool, regex: &dyn MatchRegex) -> Result<Vec<JToken>> {
        let ids = self.ids(token, error_when_no_match, regex)?;
        Ok(token.siblings(ids))
    }

    /// The one token the path leads to, if any; several are an error.
    pub fn select_one(
        &self,
        token: &JToken,
        error_when_no_match: bool,
        regex: &dyn MatchRegex,
    ) -> Result<Option<JToken>> {
        let ids = self.ids(token, error_when_no_match, regex)?;
        match ids.as_slice() {
            [] => Ok(None),
            [id] => Ok(Some(token.sibling(*id))),
            _ => Err(Error::json("Path returned multiple tokens.")),
        }
    }

    fn ids(&self, token: &JToken, strict: bool, regex: &dyn MatchRegex) -> Result<Vec<Id>> {
        token.read(|nodes, root| Evaluation { nodes, root, regex }.run(&self.filters, root, strict))
    }
}

struct Evaluation<'a> {
    nodes: &'a [Node],
    root: Id,
    regex: &'a dyn MatchRegex,
}

impl Evaluation<'_> {
    fn run(&self, filters: &[Filter], from: Id, strict: bool) -> Result<Vec<Id>> {
        let mut current = vec![from];
        for filter in filters {
            let mut next = Vec::new();
            for id in current {
                self.step(filter, id, strict, &mut next)?;
            }
            current = next;
        }
        Ok(current)
    }

    fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    fn class(&self, id: Id) -> &'static str {
        self.node(id).kind().class()
    }

    fn step(&self, filter: &Filter, id: Id, strict: bool, out: &mut Vec<Id>) -> Result<()> {
        let fail = |message: String| if strict { Err(Error::json(message)) } else { Ok(()) };
        let node = self.node(id);
        let is_list = matches!(node.content, Content::Array(_) | Content::Constructor(..));
        match filter {
            Filter::Root => out.push(self.root),
            Filter::Field(name) => match (&node.content, name) {
                (Content::Object(_), Some(name)) => match lookup(self.nodes, id, name) {
                    Some(value) => out.push(value),
                    None => return fail(format!("Property '{name}' does not exist on JObject.")),
                },
                (Content::Object(members), None) => {
                    out.extend(members.ids().iter().flat_map(|property| self.node(*property).children()));
                }
                (_, name) => {
                    let name = name.as_deref().unwrap_or("*");
                    return fail(format!("Property '{name}' not valid on {}.", self.class(id)));
                }
            },
            Filter::Fields(names) => {
                if !matches!(node.content, Content::Object(_)) {
                    let names: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
                    return fail(format!("Properties {} not valid on {}.", names.join(", "), self.class(id)));
                }
                for name in names {
                    out.extend(lookup(self.nodes, id, name));
                    // Newtonsoft complains even about a property that it has just found.
                    fail(format!("Property '{name}' does not exist on JObject."))?;
                }
            }
            Filter::Scan(name) => match name {
                None => out.extend(preorder(self.nodes, id).filter(|id| self.node(*id).name().is_none())),
                Some(name) => self.scan(id, std::slice::from_ref(name), out),
            },
            Filter::ScanFields(names) => self.scan(id, names, out),
            Filter::Index(Some(index)) => out.extend(self.item(id, *index, strict)?),
            Filter::Index(None) if is_list => out.extend(node.children()),
            Filter::Index(None) => return fail(format!("Index * not valid on {}.", self.class(id))),
            Filter::Indexes(indexes) => {
                for index in indexes {
                    out.extend(self.item(id, *index, strict)?);
                }
            }
            Filter::Slice { step: Some(0), .. } => return Err(Error::json("Step cannot be zero.")),
            Filter::Slice { start, end, step } => {
                let Content::Array(items) = &node.content else {
                    return fail(format!("Array slice is not valid on {}.", self.class(id)));
                };
                let before = out.len();
                slice(items, *start, *end, *step, out);
                if out.len() == before {
                    let bound = |n: &Option<i32>| n.map_or_else(|| "*".to_owned(), |n| n.to_string());
                    return fail(format!("Array slice of {} to {} returned no results.", bound(start), bound(end)));
                }
            }
            Filter::Query(query) => {
                for child in node.children() {
                    if self.matches(query, *child)? {
                        out.push(*child);
                    }
                }
            }
            Filter::ScanQuery(query) => {
                for candidate in preorder(self.nodes, id) {
                    if self.matches(query, candidate)? {
                        out.push(candidate);
                    }
                }
            }
        }
        Ok(())
    }

    fn scan(&self, id: Id, names: &[Box<str>], out: &mut Vec<Id>) {
        for id in preorder(self.nodes, id).skip(1) {
            if let Content::Property(name, value) = &self.node(id).content {
                out.extend(names.iter().filter(|wanted| ***wanted == **name).map(|_| *value));
            }
        }
    }

    fn item(&self, id: Id, index: i32, strict: bool) -> Result<Option<Id>> {
        let (Content::Array(items) | Content::Constructor(_, items)) = &self.node(id).content else {
            let message = format!("Index {index} not valid on {}.", self.class(id));
            return if strict { Err(Error::json(message)) } else { Ok(None) };
        };
        match usize::try_from(index).map(|at| items.get(at)) {
            Ok(Some(item)) => Ok(Some(*item)),
            Ok(None) if strict => Err(Error::json(format!("Index {index} outside the bounds of {}.", self.class(id)))),
            Ok(None) => Ok(None),
            Err(_) => Err(Error::index_out_of_range()),
        }
    }

    fn matches(&self, query: &Query, id: Id) -> Result<bool> {
        // Each group is the last member of the one before.
        for (at, group) in query.groups.iter().enumerate() {
            for test in &group.tests {
                if self.test(test, id)? != group.all {
                    return Ok(!group.all);
                }
            }
            if at + 1 == query.groups.len() {
                return Ok(group.all);
            }
        }
        Ok(false)
    }

    fn test(&self, test: &Test, id: Id) -> Result<bool> {
        let Some(right) = &test.right else {
            return Ok(match &test.left {
                Operand::Literal(_) => true,
                Operand::Path(filters) => !self.run(filters, id, false)?.is_empty(),
            });
        };
        let left = self.operand(&test.left, id)?;
        if left.is_empty() {
            return Ok(false);
        }
        let right = self.operand(right, id)?;
        for left in &left {
            for right in &right {
                if self.holds(test.operator, left.as_deref(), right.as_deref())? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The values an operand stands for; `None` for a container.
    fn operand<'v>(&'v self, operand: &'v Operand, id: Id) -> Result<Vec<Option<Cow<'v, Value>>>> {
        Ok(match operand {
            Operand::Literal(literal) => vec![Some(Cow::Owned(literal.value()))],
            Operand::Path(filters) => {
                let value = |id| match &self.node(id).content {
                    Content::Value(value) => Some(Cow::Borrowed(value)),
                    _ => None,
                };
                self.run(filters, id, false)?.into_iter().map(value).collect()
            }
        })
    }

    fn holds(&self, operator: Operator, left: Option<&Value>, right: Option<&Value>) -> Result<bool> {
        let (Some(left), Some(right)) = (left, right) else {
            // Only values compare; anything differs from a container.
            return Ok(matches!(operator, Operator::Exists | Operator::NotEquals));
        };
        let order = |wanted: &[Ordering]| compare_values(left, right).map(|order| wanted.contains(&order));
        match operator {
            Operator::Exists => Ok(true),
            Operator::Regex => self.regex(left, right),
            Operator::Equals => equals(left, right),
            Operator::NotEquals => equals(left, right).map(|same| !same),
            Operator::StrictEquals => strictly_equals(left, right),
            Operator::StrictNotEquals => strictly_equals(left, right).map(|same| !same),
            Operator::Less => order(&[Ordering::Less]),
            Operator::LessOrEquals => order(&[Ordering::Less, Ordering::Equal]),
            Operator::Greater => order(&[Ordering::Greater]),
            Operator::GreaterOrEquals => order(&[Ordering::Greater, Ordering::Equal]),
        }
    }

    fn regex(&self, input: &Value, pattern: &Value) -> Result<bool> {
        let (Value::String(input), Value::String(pattern)) = (input, pattern) else { return Ok(false) };
        let Some((pattern, flags)) = pattern.get(1..).and_then(|p| p.rsplit_once('/')) else { return Ok(false) };
        let flags = RegexFlags {
            ignore_case: flags.contains('i'),
            multiline: flags.contains('m'),
            singleline: flags.contains('s'),
            explicit_capture: flags.contains('x'),
        };
        self.regex.is_match(input, pattern, flags)
    }
}

impl Literal {
    fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Boolean(*value),
            Self::Integer(value) => Value::Integer(*value),
            Self::Float(value) => Value::Float(*value),
            Self::Text(text) => Value::String((&**text).into()),
        }
    }
}

fn slice(items: &[Id], start: Option<i32>, end: Option<i32>, step: Option<i32>, out: &mut Vec<Id>) {
    let count = items.len() as i64;
    let step = i64::from(step.unwrap_or(1));
    let from_end = |n: i32| if n < 0 { count + i64::from(n) } else { i64::from(n) };
    let forward = step > 0;
    let mut at = start.map_or(if forward { 0 } else { count - 1 }, from_end);
    at = if forward { at.clamp(0, count) } else { at.min(count - 1) };
    let stop = end.map_or(if forward { count } else { -1 }, from_end).clamp(-1, count);
    while if forward { at < stop } else { at > stop } {
        out.extend(usize::try_from(at).ok().and_then(|at| items.get(at)));
        at += step;
    }
}

/// Integers and floats compare by number; a date, a GUID and their like by the text they have in JSON.
fn equals(value: &Value, wanted: &Value) -> Result<bool> {
    if values_equal(value, wanted) {
        return Ok(true);
    }
    if mixed_numbers(value, wanted) {
        return compare(value.kind(), value, wanted).map(Ordering::is_eq);
    }
    let Value::String(wanted) = wanted else { return Ok(false) };
    Ok(match value {
        Value::Date(date) => date.iso() == **wanted,
        Value::DateOffset(date) => date.iso() == **wanted,
        Value::Guid(guid) => format_guid(*guid) == **wanted,
        Value::Uri(uri) => uri == wanted,
        Value::TimeSpan(ticks) => crate::format_time_span(*ticks) == **wanted,
        Value::Bytes(bytes) => {
            use base64::Engine;
            base64::engine::general_purpose::STANDARD.encode(bytes) == **wanted
        }
        _ => false,
    })
}

fn strictly_equals(value: &Value, wanted: &Value) -> Result<bool> {
    if mixed_numbers(value, wanted) {
        return compare(value.kind(), value, wanted).map(Ordering::is_eq);
    }
    Ok(values_equal(value, wanted))
}

fn mixed_numbers(a: &Value, b: &Value) -> bool {
    use JTokenType::{Float, Integer};
    matches!((a.kind(), b.kind()), (Integer, Float) | (Float, Integer))
}
