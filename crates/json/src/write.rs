//! From tree to text: `JToken.ToString(Formatting)`.

use base64::Engine;
use std::fmt::Write;

use crate::grove::Id;
use crate::number::{format_double, format_single, with_decimal_place};
use crate::token::{Content, JToken, Node};
use crate::value::{Value, format_guid};

/// `Newtonsoft.Json.Formatting`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formatting {
    /// On one line.
    None,
    /// A line for each token, two spaces a level.
    Indented,
}

impl JToken {
    /// The token as JSON. A lone property gives `"name": value`, as Newtonsoft does.
    pub fn to_json(&self, formatting: Formatting) -> String {
        let mut out = String::with_capacity(256);
        self.read(|nodes, id| write(nodes, id, formatting, &mut out));
        out
    }
}

enum Todo {
    Token(Id),
    Close(char),
}

/// Works off a list instead of calling itself: a tree made by code may be deeper than the stack.
fn write(nodes: &[Node], root: Id, formatting: Formatting, out: &mut String) {
    let indented = formatting == Formatting::Indented;
    let mut depth = 0;
    let mut todo = vec![Todo::Token(root)];
    let mut first = true;
    while let Some(next) = todo.pop() {
        match next {
            Todo::Close(bracket) => {
                depth -= 1;
                if !first && indented {
                    new_line(out, depth);
                }
                out.push(bracket);
                first = false;
            }
            Todo::Token(id) => {
                let node = &nodes[id as usize];
                let in_property = nodes.get(node.parent as usize).is_some_and(|p| p.name().is_some());
                if depth > 0 && !in_property {
                    separate(&node.content, first, indented, depth, out);
                }
                // A comment does not count as an item, so no comma follows it.
                first &= matches!(node.content, Content::Value(Value::Comment(_)));
                let bracket = match &node.content {
                    Content::Value(value) => {
                        write_value(value, out);
                        continue;
                    }
                    Content::Property(name, _) => {
                        quote_into(out, name);
                        out.push_str(if indented { ": " } else { ":" });
                        todo.extend(node.children().iter().map(|id| Todo::Token(*id)));
                        continue;
                    }
                    Content::Object(_) => {
                        out.push('{');
                        '}'
                    }
                    Content::Array(_) => {
                        out.push('[');
                        ']'
                    }
                    Content::Constructor(name, _) => {
                        let _ = write!(out, "new {name}(");
                        ')'
                    }
                };
                depth += 1;
                first = true;
                todo.push(Todo::Close(bracket));
                todo.extend(node.children().iter().rev().map(|id| Todo::Token(*id)));
            }
        }
    }
}

/// Comments get a line of their own but no comma before them.
fn separate(content: &Content, first: bool, indented: bool, depth: usize, out: &mut String) {
    let comment = matches!(content, Content::Value(Value::Comment(_)));
    if !first && !comment {
        out.push(',');
    }
    if indented {
        new_line(out, depth);
    }
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Null | Value::NullString => out.push_str("null"),
        Value::Undefined => out.push_str("undefined"),
        Value::Boolean(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Integer(n) => _ = write!(out, "{n}"),
        Value::BigInteger(n) => _ = write!(out, "{n}"),
        Value::Float(n) => write_real(n.is_finite(), format_double(*n), out),
        Value::Single(n) => write_real(n.is_finite(), format_single(*n), out),
        Value::Decimal(n) => out.push_str(&with_decimal_place(n.to_string())),
        Value::String(text) | Value::Uri(text) => quote_into(out, text),
        Value::Date(date) => _ = write!(out, "\"{}\"", date.iso()),
        Value::DateOffset(date) => _ = write!(out, "\"{}\"", date.iso()),
        Value::Bytes(bytes) => _ = write!(out, "\"{}\"", base64::engine::general_purpose::STANDARD.encode(bytes)),
        Value::Guid(guid) => _ = write!(out, "\"{}\"", format_guid(*guid)),
        Value::TimeSpan(ticks) => _ = write!(out, "\"{}\"", crate::format_time_span(*ticks)),
        Value::Comment(text) => _ = write!(out, "/*{text}*/"),
        Value::Raw(text) => out.push_str(text),
    }
}

/// What JSON has no number for is written as a string.
fn write_real(finite: bool, text: String, out: &mut String) {
    if finite {
        out.push_str(&with_decimal_place(text));
    } else {
        quote_into(out, &text);
    }
}

fn quote_into(out: &mut String, text: &str) {
    out.push('"');
    escape_into(out, text, '"');
    out.push('"');
}

/// `JsonConvert.ToString(string)`: the text quoted and escaped.
pub fn escape_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote_into(&mut out, text);
    out
}

/// Escapes what `StringEscapeHandling.Default` escapes: controls, the quote, the backslash and odd line breaks.
pub(crate) fn escape_into(out: &mut String, text: &str, quote: char) {
    // The odd line breaks begin with one of two bytes; text without those and the rest is copied in one go.
    let suspicious = |b: u8| b < b' ' || b == b'\\' || b == quote as u8 || b == 0xC2 || b == 0xE2;
    if !text.bytes().any(suspicious) {
        out.push_str(text);
        return;
    }
    let mut plain = 0;
    for (at, c) in text.char_indices() {
        let escape = match c {
            '\\' => "\\\\",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{c}' => "\\f",
            '\r' => "\\r",
            '\u{85}' => "\\u0085",
            '\u{2028}' => "\\u2028",
            '\u{2029}' => "\\u2029",
            c if c == quote || c < ' ' => "",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        plain = at + c.len_utf8();
        match escape {
            "" if c == quote => {
                out.push('\\');
                out.push(c);
            }
            "" => _ = write!(out, "\\u{:04x}", u32::from(c)),
            escape => out.push_str(escape),
        }
    }
    out.push_str(&text[plain..]);
}
