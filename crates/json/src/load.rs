//! From text to a tree: `JToken.Parse`, `JObject.Parse`, `JArray.Parse`.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::grove::{Grove, Id, NONE};
use crate::reader::{JsonToken, Reader};
use crate::token::{Content, JToken, Members, Node};
use crate::{Text, Value};

/// What to do with comments: `CommentHandling`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comments {
    /// Leave them out.
    Ignore,
    /// Keep them as tokens.
    Load,
}

/// How to read a document.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Turn texts that look like dates into dates.
    pub dates: bool,
    /// What to do with comments.
    pub comments: Comments,
}

impl Default for Load {
    fn default() -> Self {
        Load { dates: true, comments: Comments::Ignore }
    }
}

impl JToken {
    /// `JToken.Parse(text)`.
    pub fn parse(text: impl Into<Text>) -> Result<JToken> {
        Self::parse_with(text, Load::default())
    }

    /// `JToken.Parse` with other settings than the defaults.
    pub fn parse_with(text: impl Into<Text>, load: Load) -> Result<JToken> {
        let mut reader = open(text, load);
        let token = match reader.read()? {
            None => return Err(reader.error("Error reading JToken from JsonReader.")),
            Some(JsonToken::Comment(comment)) => JToken::value(Value::Comment(comment)),
            Some(first) => build(&mut reader, first, load)?,
        };
        finish(reader, token)
    }

    /// `JObject.Parse(text)`.
    pub fn parse_object(text: impl Into<Text>) -> Result<JToken> {
        Self::parse_object_with(text, Load::default())
    }

    /// `JObject.Parse` with other settings than the defaults.
    pub fn parse_object_with(text: impl Into<Text>, load: Load) -> Result<JToken> {
        Self::parse_as(text, load, "JObject")
    }

    /// `JArray.Parse(text)`.
    pub fn parse_array(text: impl Into<Text>) -> Result<JToken> {
        Self::parse_array_with(text, Load::default())
    }

    /// `JArray.Parse` with other settings than the defaults.
    pub fn parse_array_with(text: impl Into<Text>, load: Load) -> Result<JToken> {
        Self::parse_as(text, load, "JArray")
    }

    fn parse_as(text: impl Into<Text>, load: Load, class: &str) -> Result<JToken> {
        let mut reader = open(text, load);
        let first = loop {
            match reader.read()? {
                Some(JsonToken::Comment(_)) => {}
                Some(token) => break token,
                None => return Err(reader.error(&format!("Error reading {class} from JsonReader."))),
            }
        };
        let expected = match (class, &first) {
            ("JObject", JsonToken::StartObject) | ("JArray", JsonToken::StartArray) => None,
            ("JObject", _) => Some("an object"),
            _ => Some("an array"),
        };
        if let Some(expected) = expected {
            let found = first.name();
            return Err(reader.error(&format!(
                "Error reading {class} from JsonReader. Current JsonReader item is not {expected}: {found}."
            )));
        }
        let token = build(&mut reader, first, load)?;
        finish(reader, token)
    }
}

fn open(text: impl Into<Text>, load: Load) -> Reader {
    let reader = Reader::new(text);
    if load.dates { reader } else { reader.without_dates() }
}

/// Whatever follows must be comments, else the reader says what it is.
fn finish(mut reader: Reader, token: JToken) -> Result<JToken> {
    while reader.read()?.is_some() {}
    Ok(token)
}

/// A container that is still open.
struct Frame {
    id: Id,
    /// Where its children begin among all waiting children.
    children: usize,
    /// The property that waits for its value.
    property: Id,
    /// Names seen, once there are many.
    names: Option<HashMap<Text, Id>>,
}

struct Builder {
    nodes: Vec<Node>,
    frames: Vec<Frame>,
    /// Children of the open containers, innermost last; each container takes its own when it is closed.
    waiting: Vec<Id>,
}

fn build(reader: &mut Reader, first: JsonToken, load: Load) -> Result<JToken> {
    // Tokens are seldom shorter than this; too little costs a copy, too much some memory.
    let nodes = Vec::with_capacity((reader.size() / 6).clamp(4, 1024));
    let mut builder = Builder { nodes, frames: Vec::with_capacity(8), waiting: Vec::with_capacity(32) };
    let class = match first {
        JsonToken::StartObject => "JObject",
        JsonToken::StartArray => "JArray",
        JsonToken::StartConstructor(_) => "JConstructor",
        JsonToken::Value(value) => return Ok(JToken::value(value)),
        other => {
            let name = other.name();
            return Err(reader.error(&format!("Error reading JToken from JsonReader. Unexpected token: {name}.")));
        }
    };
    builder.take(first, load);
    let mut empty = true;
    while !builder.frames.is_empty() {
        match reader.read()? {
            Some(token) => builder.take(token, load),
            None if empty => return Err(reader.error(&format!("Error reading {class} from JsonReader."))),
            None => return Err(reader.error(&format!("Unexpected end of content while loading {class}."))),
        }
        empty = false;
    }
    if builder.nodes.len() >= NONE as usize {
        return Err(Error::operation("The document has too many tokens."));
    }
    Ok(JToken { grove: Grove::of(builder.nodes), id: 0 })
}

/// Up to here names are compared one by one.
const SCANNED: usize = 16;

impl Builder {
    fn take(&mut self, token: JsonToken, load: Load) {
        match token {
            JsonToken::StartObject => self.start(Content::Object(Members::default())),
            JsonToken::StartArray => self.start(Content::Array(Vec::new())),
            JsonToken::StartConstructor(name) => self.start(Content::Constructor(name, Vec::new())),
            JsonToken::EndObject | JsonToken::EndArray | JsonToken::EndConstructor => self.end(),
            JsonToken::PropertyName(name) => self.name(name),
            JsonToken::Comment(_) if load.comments == Comments::Ignore => {}
            JsonToken::Comment(text) => {
                // An object takes nothing but properties: there a comment is lost.
                let in_object = self.frames.last().is_some_and(|f| {
                    f.property == NONE && matches!(self.nodes[f.id as usize].content, Content::Object(_))
                });
                if !in_object {
                    self.add(Content::Value(Value::Comment(text)));
                }
            }
            JsonToken::Value(value) => {
                self.add(Content::Value(value));
            }
        }
    }

    fn add(&mut self, content: Content) -> Id {
        let id = self.nodes.len() as Id;
        let mut parent = NONE;
        if let Some(frame) = self.frames.last_mut() {
            parent = frame.id;
            if frame.property == NONE {
                self.waiting.push(id);
            } else {
                parent = frame.property;
                frame.property = NONE;
                if let Content::Property(_, value) = &mut self.nodes[parent as usize].content {
                    *value = id;
                }
            }
        }
        self.nodes.push(Node { parent, content });
        id
    }

    fn start(&mut self, content: Content) {
        let id = self.add(content);
        self.frames.push(Frame { id, children: self.waiting.len(), property: NONE, names: None });
    }

    fn end(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        let children = self.waiting.split_off(frame.children);
        let mut content = std::mem::replace(&mut self.nodes[frame.id as usize].content, Content::Array(Vec::new()));
        match &mut content {
            Content::Object(members) => *members = Members::of(children, &self.nodes),
            Content::Array(items) | Content::Constructor(_, items) => *items = children,
            Content::Property(..) | Content::Value(_) => {}
        }
        self.nodes[frame.id as usize].content = content;
    }

    /// A name that is there already replaces the property in its place.
    fn name(&mut self, name: Text) {
        let id = self.nodes.len() as Id;
        let Some(frame) = self.frames.last_mut() else { return };
        let siblings = &self.waiting[frame.children..];
        let known = match &mut frame.names {
            Some(names) => names.insert(name.clone(), id),
            None => siblings.iter().copied().find(|s| self.nodes[*s as usize].name_text() == Some(&name)),
        };
        match known.and_then(|known| siblings.iter().position(|s| *s == known)) {
            Some(at) => {
                let replaced = std::mem::replace(&mut self.waiting[frame.children + at], id);
                self.nodes[replaced as usize].parent = NONE;
            }
            None => self.waiting.push(id),
        }
        self.nodes.push(Node { parent: frame.id, content: Content::Property(name, NONE) });
        frame.property = id;
        let siblings = &self.waiting[frame.children..];
        if frame.names.is_none() && siblings.len() > SCANNED {
            let named = |id: &Id| self.nodes[*id as usize].name_text().map(|name| (name.clone(), *id));
            frame.names = Some(siblings.iter().filter_map(named).collect());
        }
    }
}
