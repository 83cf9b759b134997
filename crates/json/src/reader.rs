//! The tolerant pull reader: `JsonTextReader` over a text that is all there.

use num_bigint::BigInt;
use std::rc::Rc;

use crate::error::{Error, ErrorKind, Place, Result};
use crate::path::{Step, append_step};
use crate::time::parse_json_date;
use crate::{Text, Value};

/// How deep arrays and objects may nest: `JsonReader.MaxDepth`'s default.
pub const MAX_DEPTH: usize = 64;

/// `MaximumJavascriptIntegerCharacterLength`: longer integers are refused, since converting them is quadratic.
const MAX_INTEGER_LENGTH: usize = 380;

/// What the reader gives, one after the other.
#[derive(Clone, Debug)]
pub enum JsonToken {
    /// `{`
    StartObject,
    /// `}`
    EndObject,
    /// `[`
    StartArray,
    /// `]`
    EndArray,
    /// `new Name(`
    StartConstructor(Text),
    /// `)`
    EndConstructor,
    /// A name and its colon.
    PropertyName(Text),
    /// A comment's content.
    Comment(Text),
    /// Everything that has a value, `null` and `undefined` included.
    Value(Value),
}

impl JsonToken {
    /// The name in `Newtonsoft.Json.JsonToken`.
    pub fn name(&self) -> &'static str {
        match self {
            JsonToken::StartObject => "StartObject",
            JsonToken::EndObject => "EndObject",
            JsonToken::StartArray => "StartArray",
            JsonToken::EndArray => "EndArray",
            JsonToken::StartConstructor(_) => "StartConstructor",
            JsonToken::EndConstructor => "EndConstructor",
            JsonToken::PropertyName(_) => "PropertyName",
            JsonToken::Comment(_) => "Comment",
            JsonToken::Value(value) => match value {
                Value::Null => "Null",
                Value::Undefined => "Undefined",
                Value::Boolean(_) => "Boolean",
                Value::Integer(_) | Value::BigInteger(_) => "Integer",
                Value::Date(_) | Value::DateOffset(_) => "Date",
                Value::Bytes(_) => "Bytes",
                Value::Float(_) | Value::Single(_) | Value::Decimal(_) => "Float",
                _ => "String",
            },
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing read yet.
    Start,
    /// After an opening bracket or brace.
    Opened,
    /// After a comma: the next property or item.
    Next,
    /// After a property's colon.
    Property,
    /// After a value within a container.
    PostValue,
    /// After the outermost value.
    Finished,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Container {
    Object,
    Array,
    Constructor,
}

struct Frame {
    container: Container,
    step: Step,
}

/// Reads JSON text token by token.
pub struct Reader {
    source: Rc<str>,
    /// Byte offset of the next character.
    at: usize,
    state: State,
    frames: Vec<Frame>,
    dates: bool,
}

impl Reader {
    /// A reader at the start of a text, with `DateParseHandling.DateTime`.
    pub fn new(source: impl Into<Text>) -> Reader {
        Reader { source: source.into().whole(), at: 0, state: State::Start, frames: Vec::new(), dates: true }
    }

    /// Leaves texts that look like dates alone: `DateParseHandling.None`.
    pub fn without_dates(mut self) -> Reader {
        self.dates = false;
        self
    }

    /// Bytes of the whole text.
    pub(crate) fn size(&self) -> usize {
        self.source.len()
    }

    /// How many containers are open.
    pub fn depth(&self) -> usize {
        self.frames.len()
    }

    /// The next token; `None` at the end of the text, which may be too early.
    pub fn read(&mut self) -> Result<Option<JsonToken>> {
        loop {
            match self.state {
                State::Start | State::Property => return self.value(),
                State::Opened | State::Next => match self.container() {
                    Some(Container::Object) => return self.object(),
                    _ => return self.value(),
                },
                State::PostValue => {
                    if let Some(token) = self.post_value()? {
                        return Ok(Some(token));
                    }
                    if self.state == State::PostValue {
                        self.state = State::Finished;
                        return Ok(None);
                    }
                }
                State::Finished => {
                    self.skip_whitespace();
                    return match self.peek() {
                        None => Ok(None),
                        Some('/') => self.comment().map(Some),
                        Some(c) => Err(self
                            .error(&format!("Additional text encountered after finished reading JSON content: {c}."))),
                    };
                }
            }
        }
    }

    fn container(&self) -> Option<Container> {
        self.frames.last().map(|frame| frame.container)
    }

    fn peek(&self) -> Option<char> {
        match self.source.as_bytes().get(self.at) {
            Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
            Some(_) => self.source.get(self.at..)?.chars().next(),
            None => None,
        }
    }

    fn part(&self, start: usize, end: usize) -> Text {
        Text::part(&self.source, start, end).unwrap_or_else(|| "".into())
    }

    fn skip_whitespace(&mut self) {
        // Compact JSON has none, and all that is common is below the first printable character.
        while let Some(byte) = self.source.as_bytes().get(self.at) {
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                0x21..=0x7F => return,
                _ => break,
            }
        }
        while let Some(c) = self.peek().filter(|c| c.is_whitespace()) {
            self.at += c.len_utf8();
        }
    }

    fn value(&mut self) -> Result<Option<JsonToken>> {
        self.skip_whitespace();
        let Some(c) = self.peek() else { return Ok(None) };
        let token = match c {
            '"' | '\'' => {
                self.at += 1;
                let text = self.quoted(c)?;
                let date = self.dates.then(|| parse_json_date(&text)).flatten();
                self.primitive(date.map_or(Value::String(text), Value::Date))
            }
            't' => self.word("true", Value::Boolean(true), "Error parsing boolean value.")?,
            'f' => self.word("false", Value::Boolean(false), "Error parsing boolean value.")?,
            'n' => match self.source.as_bytes().get(self.at + 1) {
                Some(b'u') => self.word("null", Value::Null, "Error parsing null value.")?,
                Some(b'e') => self.constructor()?,
                Some(_) => return Err(self.unexpected(c)),
                None => {
                    self.at += 1;
                    return Err(self.error("Unexpected end when reading JSON."));
                }
            },
            'u' => self.word("undefined", Value::Undefined, "Error parsing undefined value.")?,
            'N' => self.word("NaN", Value::Float(f64::NAN), "Error parsing NaN value.")?,
            'I' => self.word("Infinity", Value::Float(f64::INFINITY), "Error parsing Infinity value.")?,
            '-' if self.source.as_bytes().get(self.at + 1) == Some(&b'I') => {
                self.word("-Infinity", Value::Float(f64::NEG_INFINITY), "Error parsing -Infinity value.")?
            }
            '/' => self.comment()?,
            '{' => self.open(Container::Object, JsonToken::StartObject)?,
            '[' => self.open(Container::Array, JsonToken::StartArray)?,
            ']' => self.close(Container::Array, JsonToken::EndArray)?,
            ')' => self.close(Container::Constructor, JsonToken::EndConstructor)?,
            // The comma stays: several of them in a row are as many undefined values.
            ',' => self.primitive(Value::Undefined),
            '-' | '.' => self.number()?,
            c if c.is_numeric() => self.number()?,
            c => return Err(self.unexpected(c)),
        };
        Ok(Some(token))
    }

    fn object(&mut self) -> Result<Option<JsonToken>> {
        self.skip_whitespace();
        match self.peek() {
            None => Ok(None),
            Some('}') => self.close(Container::Object, JsonToken::EndObject).map(Some),
            Some('/') => self.comment().map(Some),
            Some(c) => self.property(c).map(Some),
        }
    }

    fn post_value(&mut self) -> Result<Option<JsonToken>> {
        self.skip_whitespace();
        match self.peek() {
            None => Ok(None),
            Some('}') => self.close(Container::Object, JsonToken::EndObject).map(Some),
            Some(']') => self.close(Container::Array, JsonToken::EndArray).map(Some),
            Some(')') => self.close(Container::Constructor, JsonToken::EndConstructor).map(Some),
            Some('/') => self.comment().map(Some),
            Some(',') => {
                self.at += 1;
                self.state = State::Next;
                Ok(None)
            }
            Some(c) => Err(self.error(&format!("After parsing a value an unexpected character was encountered: {c}."))),
        }
    }

    fn property(&mut self, first: char) -> Result<JsonToken> {
        let name = match first {
            '"' | '\'' => {
                self.at += 1;
                self.quoted(first)?
            }
            c if identifier(c) => self.unquoted_name()?,
            c => return Err(self.error(&format!("Invalid property identifier character: {c}."))),
        };
        self.skip_whitespace();
        if self.peek() != Some(':') {
            let got = self.peek().unwrap_or('\0');
            let message = format!("Invalid character after parsing property name. Expected ':' but got: {got}.");
            return Err(self.error(&message));
        }
        self.at += 1;
        self.state = State::Property;
        if let Some(frame) = self.frames.last_mut() {
            frame.step = Step::Name(name.clone());
        }
        Ok(JsonToken::PropertyName(name))
    }

    fn unquoted_name(&mut self) -> Result<Text> {
        let start = self.at;
        loop {
            match self.peek() {
                None => return Err(self.error("Unexpected end while parsing unquoted property name.")),
                Some(c) if identifier(c) => self.at += c.len_utf8(),
                Some(c) if c.is_whitespace() || c == ':' => {
                    return Ok(self.part(start, self.at));
                }
                Some(c) => {
                    return Err(self.error(&format!("Invalid JavaScript property identifier character: {c}.")));
                }
            }
        }
    }

    /// The rest of a string after its opening quote: a view of the source, unless there are escapes.
    fn quoted(&mut self, quote: char) -> Result<Text> {
        let start = self.at;
        let bytes = self.source.as_bytes();
        let plain = bytes.get(start..).and_then(|rest| rest.iter().position(|b| *b == quote as u8 || *b == b'\\'));
        match plain {
            Some(length) if bytes.get(start + length) != Some(&b'\\') => {
                self.at = start + length + 1;
                Ok(self.part(start, start + length))
            }
            _ => self.escaped(quote),
        }
    }

    fn escaped(&mut self, quote: char) -> Result<Text> {
        let source = Rc::clone(&self.source);
        let mut out = String::new();
        let mut units: Vec<u16> = Vec::new();
        loop {
            let rest = source.get(self.at..).unwrap_or_default();
            let Some(stop) = rest.find([quote, '\\']) else {
                self.at = source.len();
                return Err(self.error(&format!("Unterminated string. Expected delimiter: {quote}.")));
            };
            if stop > 0 {
                flush(&mut units, &mut out);
                out.push_str(rest.get(..stop).unwrap_or_default());
            }
            self.at += stop + 1;
            if rest.as_bytes().get(stop) == Some(&(quote as u8)) {
                flush(&mut units, &mut out);
                return Ok(out.into());
            }
            let Some(escape) = self.peek() else {
                return Err(self.error(&format!("Unterminated string. Expected delimiter: {quote}.")));
            };
            self.at += escape.len_utf8();
            let c = match escape {
                'b' => '\u{8}',
                't' => '\t',
                'n' => '\n',
                'f' => '\u{c}',
                'r' => '\r',
                '\\' | '\'' | '"' | '/' => escape,
                'u' => {
                    units.push(self.unicode_escape()?);
                    continue;
                }
                other => return Err(self.error(&format!("Bad JSON escape sequence: \\{other}."))),
            };
            flush(&mut units, &mut out);
            out.push(c);
        }
    }

    fn unicode_escape(&mut self) -> Result<u16> {
        let rest = self.source.get(self.at..).unwrap_or_default();
        let four: String = rest.chars().take(4).collect();
        if four.chars().count() < 4 {
            return Err(self.error("Unexpected end while parsing Unicode escape sequence."));
        }
        if !four.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(self.error(&format!("Invalid Unicode escape sequence: \\u{four}.")));
        }
        self.at += 4;
        Ok(u16::from_str_radix(&four, 16).unwrap_or(0xFFFD))
    }

    fn word(&mut self, word: &str, value: Value, failure: &str) -> Result<JsonToken> {
        let rest = &self.source.as_bytes()[self.at..];
        if rest.len() < word.len() {
            self.at = self.source.len();
            return Err(self.error("Unexpected end when reading JSON."));
        }
        let same = rest.iter().zip(word.bytes()).take_while(|(a, b)| **a == *b).count();
        self.at += same;
        if same < word.len() || !self.at_separator() {
            return Err(self.error(failure));
        }
        Ok(self.primitive(value))
    }

    fn at_separator(&self) -> bool {
        match self.peek() {
            None | Some('\0' | '}' | ']' | ',') => true,
            Some('/') => matches!(self.source.as_bytes().get(self.at + 1), Some(b'*' | b'/')),
            Some(')') => self.container() == Some(Container::Constructor) && self.state != State::PostValue,
            Some(c) => c.is_whitespace(),
        }
    }

    fn number(&mut self) -> Result<JsonToken> {
        let start = self.at;
        while let Some(c) = self.peek() {
            match c {
                '-' | '+' | '.' | 'x' | 'X' | 'a'..='f' | 'A'..='F' | '0'..='9' => self.at += 1,
                ',' | '}' | ']' | ')' | '/' => break,
                c if c.is_whitespace() => break,
                c => return Err(self.error(&format!("Unexpected character encountered while parsing number: {c}."))),
            }
        }
        let text = self.part(start, self.at);
        // The path of an error already counts this item.
        self.finish_value();
        match number(&text) {
            Some(value) => Ok(JsonToken::Value(value)),
            None if is_integer(&text) && text.len() > MAX_INTEGER_LENGTH => {
                Err(self.error(&format!("JSON integer {text} is too large to parse.")))
            }
            None => Err(self.error(&format!("Input string '{text}' is not a valid number."))),
        }
    }

    fn constructor(&mut self) -> Result<JsonToken> {
        let rest = &self.source.as_bytes()[self.at..];
        if rest.len() < 3 {
            self.at = self.source.len();
            return Err(self.error("Unexpected end when reading JSON."));
        }
        let same = rest.iter().zip(b"new").take_while(|(a, b)| a == b).count();
        self.at += same;
        if same < 3 || !self.at_separator() {
            return Err(self.error("Unexpected content while parsing JSON."));
        }
        self.skip_whitespace();
        let start = self.at;
        while let Some(c) = self.peek().filter(|c| c.is_alphanumeric()) {
            self.at += c.len_utf8();
        }
        let name = self.part(start, self.at);
        match self.peek() {
            None => return Err(self.error("Unexpected end while parsing constructor.")),
            Some(c) if c != '(' && !c.is_whitespace() => {
                return Err(self.error(&format!("Unexpected character while parsing constructor: {c}.")));
            }
            Some(_) => self.skip_whitespace(),
        }
        if self.peek() != Some('(') {
            let got = self.peek().unwrap_or('\0');
            return Err(self.error(&format!("Unexpected character while parsing constructor: {got}.")));
        }
        self.open(Container::Constructor, JsonToken::StartConstructor(name))
    }

    fn comment(&mut self) -> Result<JsonToken> {
        self.at += 1;
        let rest = self.source.get(self.at..).unwrap_or_default();
        if rest.len() < 2 {
            return Err(self.error("Unexpected end while parsing comment."));
        }
        let start = self.at + 1;
        let (length, closing) = match rest.as_bytes()[0] {
            b'*' => match rest.get(1..).and_then(|r| r.find("*/")) {
                Some(length) => (length, 2),
                None => {
                    self.at = self.source.len();
                    return Err(self.error("Unexpected end while parsing comment."));
                }
            },
            b'/' => (rest.get(1..).and_then(|r| r.find(['\r', '\n'])).unwrap_or(rest.len() - 1), 0),
            _ => {
                let got = rest.chars().next().unwrap_or_default();
                return Err(self.error(&format!("Error parsing comment. Expected: *, got {got}.")));
            }
        };
        self.at = start + length + closing;
        let text = self.part(start, start + length);
        Ok(JsonToken::Comment(text))
    }

    fn open(&mut self, container: Container, token: JsonToken) -> Result<JsonToken> {
        self.at += 1;
        self.count_item();
        self.state = State::Opened;
        let step = if container == Container::Object { Step::Nowhere } else { Step::Index(-1) };
        self.frames.push(Frame { container, step });
        if self.frames.len() > MAX_DEPTH {
            return Err(self.error(&format!("The reader's MaxDepth of {MAX_DEPTH} has been exceeded.")));
        }
        Ok(token)
    }

    fn close(&mut self, container: Container, token: JsonToken) -> Result<JsonToken> {
        self.at += 1;
        let open = self.frames.pop().map(|frame| frame.container);
        if open != Some(container) {
            let open = open.map_or_else(|| "None".to_owned(), |c| format!("{c:?}"));
            return Err(self.error(&format!("JsonToken {} is not valid for closing JsonType {open}.", token.name())));
        }
        self.settle();
        Ok(token)
    }

    fn primitive(&mut self, value: Value) -> JsonToken {
        self.finish_value();
        JsonToken::Value(value)
    }

    fn finish_value(&mut self) {
        self.settle();
        self.count_item();
    }

    fn settle(&mut self) {
        self.state = if self.frames.is_empty() { State::Finished } else { State::PostValue };
    }

    fn count_item(&mut self) {
        if let Some(Frame { step: Step::Index(index), .. }) = self.frames.last_mut() {
            *index += 1;
        }
    }

    fn unexpected(&self, c: char) -> Error {
        self.error(&format!("Unexpected character encountered while parsing value: {c}."))
    }

    /// An error here: message, path, line and position.
    pub fn error(&self, message: &str) -> Error {
        let read = self.source.get(..self.at.min(self.source.len())).unwrap_or_default();
        let line_start = read.rfind(['\n', '\r']).map_or(0, |i| i + 1);
        let breaks = read.bytes().filter(|b| *b == b'\n' || *b == b'\r').count() - read.matches("\r\n").count();
        let position = read.get(line_start..).unwrap_or_default().encode_utf16().count();
        let line = if self.state == State::Start && position == 0 { 0 } else { breaks + 1 };
        let mut path = String::new();
        let inside = if self.state == State::Opened { self.frames.len().saturating_sub(1) } else { self.frames.len() };
        for frame in self.frames.iter().take(inside) {
            append_step(&mut path, &frame.step);
        }
        Error {
            kind: ErrorKind::Reader,
            message: format!("{message} Path '{path}', line {line}, position {position}."),
            place: Some(Box::new(Place { path, line, position })),
        }
    }
}

fn flush(units: &mut Vec<u16>, out: &mut String) {
    if !units.is_empty() {
        out.extend(char::decode_utf16(units.drain(..)).map(|c| c.unwrap_or('\u{FFFD}')));
    }
}

fn identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn number(text: &str) -> Option<Value> {
    let bytes = text.as_bytes();
    if bytes.first() == Some(&b'0') && bytes.len() > 1 && !matches!(bytes.get(1), Some(b'.' | b'e' | b'E')) {
        // Sixteen hexadecimal digits fill the sign bit too.
        let value = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(hex) if !hex.starts_with('+') => u64::from_str_radix(hex, 16).ok()?,
            Some(_) => return None,
            None => u64::from_str_radix(text, 8).ok()?,
        };
        return Some(Value::Integer(value as i64));
    }
    if is_integer(text) {
        return match text.parse::<i64>() {
            Ok(value) => Some(Value::Integer(value)),
            Err(_) if text.len() > MAX_INTEGER_LENGTH => None,
            Err(_) => text.parse::<BigInt>().ok().map(|n| Value::BigInteger(Box::new(n))),
        };
    }
    let decimal = bytes.iter().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    decimal.then(|| text.parse::<f64>().ok()).flatten().map(Value::Float)
}

impl From<&Rc<str>> for Text {
    fn from(source: &Rc<str>) -> Self {
        Rc::clone(source).into()
    }
}
