//! The core function library, and the conversions between the four types.

use super::Expression;
use super::evaluate::{Context, Evaluation, Outcome};
use crate::chars::is_space;
use crate::error::{Error, Result};
use crate::grove::Id;
use crate::node::Content;
use crate::query::ancestors;

/// A function of the core library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Function {
    name: &'static str,
    least: usize,
    most: usize,
}

const fn function(name: &'static str, least: usize, most: usize) -> Function {
    Function { name, least, most }
}

const FUNCTIONS: [Function; 27] = [
    function("last", 0, 0),
    function("position", 0, 0),
    function("count", 1, 1),
    function("id", 1, 1),
    function("local-name", 0, 1),
    function("namespace-uri", 0, 1),
    function("name", 0, 1),
    function("string", 0, 1),
    function("concat", 2, usize::MAX),
    function("starts-with", 2, 2),
    function("contains", 2, 2),
    function("substring-before", 2, 2),
    function("substring-after", 2, 2),
    function("substring", 2, 3),
    function("string-length", 0, 1),
    function("normalize-space", 0, 1),
    function("translate", 3, 3),
    function("boolean", 1, 1),
    function("not", 1, 1),
    function("true", 0, 0),
    function("false", 0, 0),
    function("lang", 1, 1),
    function("number", 0, 1),
    function("sum", 1, 1),
    function("floor", 1, 1),
    function("ceiling", 1, 1),
    function("round", 1, 1),
];

impl Function {
    pub(super) fn named(name: &str) -> Option<Function> {
        FUNCTIONS.into_iter().find(|function| function.name == name)
    }

    pub(super) fn takes(self, count: usize) -> bool {
        (self.least..=self.most).contains(&count)
    }
}

impl Evaluation<'_> {
    pub(super) fn call(&self, function: Function, arguments: &[Expression], context: Context) -> Result<Outcome> {
        let argument = |at: usize| match arguments.get(at) {
            Some(argument) => self.evaluate(argument, context),
            None => Ok(Outcome::Nodes(vec![context.node])),
        };
        let text = |at: usize| argument(at).map(|value| self.text(&value));
        let number = |at: usize| argument(at).map(|value| self.number(&value));
        let nodes = |at: usize| match argument(at)? {
            Outcome::Nodes(nodes) => Ok(nodes),
            _ => Err(Error::xpath("Expression must evaluate to a node-set.")),
        };
        let name = |part: fn(&crate::XName) -> String| {
            nodes(0)
                .map(|nodes| nodes.first().and_then(|id| self.nodes[*id as usize].name()).map_or(String::new(), part))
        };
        Ok(match function.name {
            "last" => Outcome::Number(context.size as f64),
            "position" => Outcome::Number(context.position as f64),
            "count" => Outcome::Number(nodes(0)?.len() as f64),
            // Without a document type nothing is an identifier.
            "id" => {
                argument(0)?;
                Outcome::Nodes(Vec::new())
            }
            "local-name" => Outcome::Text(match nodes(0)?.first().map(|id| &self.nodes[*id as usize].content) {
                Some(Content::ProcessingInstruction { target, .. }) => target.to_string(),
                _ => name(|name| name.local.to_string())?,
            }),
            "namespace-uri" => Outcome::Text(name(|name| name.namespace.to_string())?),
            "name" => Outcome::Text(nodes(0)?.first().map_or(String::new(), |id| self.qualified_name(*id))),
            "string" => Outcome::Text(text(0)?),
            "concat" => {
                let mut all = String::new();
                for at in 0..arguments.len() {
                    all.push_str(&text(at)?);
                }
                self.spend(all.len())?;
                Outcome::Text(all)
            }
            "starts-with" => Outcome::Boolean(text(0)?.starts_with(&text(1)?)),
            "contains" => Outcome::Boolean(text(0)?.contains(&text(1)?)),
            "substring-before" => {
                let (all, part) = (text(0)?, text(1)?);
                Outcome::Text(all.split_once(&part).map_or(String::new(), |(before, _)| before.to_owned()))
            }
            "substring-after" => {
                let (all, part) = (text(0)?, text(1)?);
                Outcome::Text(all.split_once(&part).map_or(String::new(), |(_, after)| after.to_owned()))
            }
            "substring" => {
                let length = if arguments.len() > 2 { number(2)? } else { f64::INFINITY };
                Outcome::Text(substring(&text(0)?, number(1)?, length))
            }
            "string-length" => Outcome::Number(text(0)?.encode_utf16().count() as f64),
            "normalize-space" => {
                let text = text(0)?;
                let words: Vec<_> = text.split(is_space).filter(|word| !word.is_empty()).collect();
                Outcome::Text(words.join(" "))
            }
            "translate" => {
                let (from, to) = (text(1)?, text(2)?);
                let to: Vec<char> = to.chars().collect();
                let translated = |c: char| match from.chars().position(|known| known == c) {
                    Some(at) => to.get(at).copied(),
                    None => Some(c),
                };
                let text = text(0)?;
                self.spend(text.len().saturating_mul(from.len()))?;
                Outcome::Text(text.chars().filter_map(translated).collect())
            }
            "boolean" => Outcome::Boolean(argument(0)?.truth()),
            "not" => Outcome::Boolean(!argument(0)?.truth()),
            "true" => Outcome::Boolean(true),
            "false" => Outcome::Boolean(false),
            "lang" => Outcome::Boolean(self.lang(&text(0)?, context.node)),
            "number" => Outcome::Number(number(0)?),
            "sum" => Outcome::Number(nodes(0)?.iter().map(|id| to_number(&self.text_of(*id))).sum()),
            "floor" => Outcome::Number(number(0)?.floor()),
            "ceiling" => Outcome::Number(number(0)?.ceil()),
            _ => Outcome::Number(round(number(0)?)),
        })
    }

    fn qualified_name(&self, id: Id) -> String {
        if let Content::ProcessingInstruction { target, .. } = &self.nodes[id as usize].content {
            return target.to_string();
        }
        let Some(name) = self.nodes[id as usize].name() else { return String::new() };
        if name.namespace.is_empty() {
            return name.local.to_string();
        }
        let around = std::iter::once(id).chain(ancestors(self.nodes, id));
        let mut declared = around.flat_map(|id| crate::query::declarations(self.nodes, id));
        let prefix = declared.find(|(_, uri)| **uri == name.namespace).map(|(prefix, _)| prefix);
        match prefix.as_deref() {
            None if &*name.namespace == crate::XML => format!("xml:{}", name.local),
            None | Some("") => name.local.to_string(),
            Some(prefix) => format!("{prefix}:{}", name.local),
        }
    }

    fn lang(&self, wanted: &str, id: Id) -> bool {
        let mut around = std::iter::once(id).chain(ancestors(self.nodes, id));
        let language = around.find_map(|id| {
            let attributes = self.nodes[id as usize].attributes();
            attributes
                .iter()
                .find(|id| self.nodes[**id as usize].name().is_some_and(|name| name.is(crate::XML, "lang")))
        });
        let Some(language) = language else { return false };
        let (language, wanted) = (self.text_of(*language).to_lowercase(), wanted.to_lowercase());
        language.strip_prefix(&wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    }
}

/// Halves go up.
pub(super) fn round(number: f64) -> f64 {
    if number.is_finite() { (number + 0.5).floor() } else { number }
}

/// Positions count from 1, and both bounds are rounded.
fn substring(text: &str, start: f64, length: f64) -> String {
    let start = round(start);
    let end = if length.is_infinite() { start + length } else { start + round(length) };
    let units: Vec<u16> = text.encode_utf16().collect();
    let inside = |at: usize| {
        let position = (at + 1) as f64;
        position >= start && position < end
    };
    let units: Vec<u16> = units.into_iter().enumerate().filter(|(at, _)| inside(*at)).map(|(_, unit)| unit).collect();
    String::from_utf16_lossy(&units)
}

/// A number with digits and a point, nothing else.
pub(super) fn to_number(text: &str) -> f64 {
    let text = text.trim_matches(is_space);
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().any(|b| b.is_ascii_digit()) && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if plain { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
}

/// Never with an exponent.
pub(super) fn number_text(number: f64) -> String {
    match number {
        n if n.is_nan() => "NaN".to_owned(),
        n if n.is_infinite() => if n > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        0.0 => "0".to_owned(),
        n => n.to_string(),
    }
}
