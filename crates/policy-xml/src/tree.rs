//! The tree of a document. Spans are bytes of the text that was read.

use base::Span;

use crate::Mapped;

/// An element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its name, prefix included.
    pub name: String,
    /// The name in the start tag.
    pub name_span: Span,
    /// From `<` of the start tag to `>` of the end tag.
    pub span: Span,
    /// What stands between the tags; empty for `<a/>`.
    pub inner: Span,
    /// The attributes in order.
    pub attributes: Vec<Attribute>,
    /// What it holds, comments included.
    pub children: Vec<Node>,
}

/// An attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name, prefix included.
    pub name: String,
    /// The name.
    pub name_span: Span,
    /// Its value.
    pub value: Text,
}

/// A text: an attribute's value, or a run of character data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The characters it stands for.
    pub value: Mapped,
    /// Its bytes, without quotes or the marks of a CDATA section.
    pub span: Span,
    /// Whether it is a CDATA section.
    pub cdata: bool,
}

/// What an element holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Character data.
    Text(Text),
    /// A comment; the span is what stands between its marks.
    Comment(Span),
}

impl Element {
    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The child elements in order.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    /// All its character data in one, comments left out.
    pub fn text(&self) -> Mapped {
        let mut whole = Mapped::default();
        for node in &self.children {
            if let Node::Text(text) = node {
                whole.push(&text.value);
            }
        }
        whole
    }

    /// Everything between its tags: character data as [`Element::text`] gives it, and elements written out again.
    /// Comments are left out.
    pub fn content(&self) -> Mapped {
        let mut whole = Mapped::default();
        self.write_content(&mut whole, false);
        whole
    }

    fn write_content(&self, out: &mut Mapped, inside_markup: bool) {
        for node in &self.children {
            match node {
                // Beside markup, characters must stay what they are when the whole is read as XML.
                Node::Text(text) if inside_markup => out.push_replacement(&escaped_text(text.value.text()), text.span),
                Node::Text(text) => out.push(&text.value),
                Node::Comment(_) => {}
                Node::Element(element) => {
                    let attributes = element.attributes.iter();
                    let attributes: String = attributes
                        .map(|attribute| format!(" {}=\"{}\"", attribute.name, escaped(attribute.value.value.text())))
                        .collect();
                    let empty = element.children.is_empty();
                    let start = format!("<{}{attributes}{}>", element.name, if empty { " /" } else { "" });
                    out.push_replacement(&start, element.name_span);
                    element.write_content(out, true);
                    if !empty {
                        out.push_replacement(&format!("</{}>", element.name), element.span);
                    }
                }
            }
        }
    }

    /// Its first character data that is more than space.
    pub fn first_text(&self) -> Option<&Text> {
        self.children.iter().find_map(|node| match node {
            Node::Text(text) if !text.value.text().trim().is_empty() => Some(text),
            _ => None,
        })
    }
}

/// Characters of an attribute.
fn escaped(text: &str) -> String {
    escaped_text(text).replace('"', "&quot;")
}

fn escaped_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
