//! From tree to text, as `XNode.ToString()` and `XDocument.Save` write it.
//!
//! Two things decide the result: which prefix a namespace gets (declared ones first, else one is made up and
//! declared), and where line breaks go (nowhere once an element has text).

use std::rc::Rc;

use crate::chars::{described, is_char};
use crate::error::{Error, ErrorKind, Result};
use crate::grove::Id;
use crate::node::{Content, DocumentType, Element, Node, XObject};
use crate::query::{ancestors, declarations};
use crate::{Declaration, XML, XMLNS, XName};

/// How to write.
#[derive(Clone, Copy, Debug)]
pub struct SaveOptions {
    /// Line breaks and two spaces a level; off is `SaveOptions.DisableFormatting`.
    pub indent: bool,
    /// `SaveOptions.OmitDuplicateNamespaces`.
    pub omit_duplicate_namespaces: bool,
    /// Begin with the document's declaration, or a plain one for UTF-8; for documents only.
    pub declaration: bool,
}

impl Default for SaveOptions {
    fn default() -> Self {
        SaveOptions { indent: true, omit_duplicate_namespaces: false, declaration: false }
    }
}

impl XObject {
    /// The object as XML. Fails on a character that XML does not have and on contradicting namespace declarations.
    pub fn to_xml(&self, options: SaveOptions) -> Result<String> {
        self.read(|nodes, id| {
            let mut writer = Writer::new(nodes, options);
            writer.write(id)?;
            Ok(writer.out)
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Written {
    /// In scope already.
    Implied,
    /// To be declared when the start tag ends.
    Pending,
    /// Declared by an attribute of its own.
    Explicit,
}

/// A prefix in scope of the text written so far.
struct Binding {
    prefix: Rc<str>,
    uri: Rc<str>,
    written: Written,
}

struct Writer<'a> {
    nodes: &'a [Node],
    options: SaveOptions,
    out: String,
    bindings: Vec<Binding>,
    /// Declarations in the tree around and within the current element: what prefixes its author chose.
    declared: Vec<(Rc<str>, Rc<str>)>,
    depth: usize,
    /// Whether text was met in the current element or one around it.
    mixed: bool,
}

enum Todo {
    Node(Id),
    End { name: String, childless: bool, bindings: usize, declared: usize, mixed: bool },
}

impl<'a> Writer<'a> {
    fn new(nodes: &'a [Node], options: SaveOptions) -> Self {
        let binding =
            |prefix: &str, uri: &str| Binding { prefix: prefix.into(), uri: uri.into(), written: Written::Implied };
        let bindings = vec![binding("xmlns", XMLNS), binding("xml", XML), binding("", "")];
        Writer {
            nodes,
            options,
            out: String::with_capacity(128),
            bindings,
            declared: Vec::new(),
            depth: 0,
            mixed: false,
        }
    }

    fn write(&mut self, root: Id) -> Result<()> {
        let around: Vec<Id> = ancestors(self.nodes, root).collect();
        for id in around.into_iter().rev() {
            self.declare(id);
        }
        let mut todo = match &self.nodes[root as usize].content {
            Content::Document { declaration, children } => {
                if self.options.declaration {
                    self.declaration(declaration.as_ref());
                }
                children.iter().rev().map(|id| Todo::Node(*id)).collect()
            }
            Content::Attribute(name, value) => return self.lone_attribute(name, value),
            _ => vec![Todo::Node(root)],
        };
        while let Some(next) = todo.pop() {
            match next {
                Todo::End { name, childless, bindings, declared, mixed } => {
                    self.depth -= 1;
                    if !self.mixed && !childless {
                        self.line();
                    }
                    self.out.push_str("</");
                    self.out.push_str(&name);
                    self.out.push('>');
                    self.bindings.truncate(bindings);
                    self.declared.truncate(declared);
                    self.mixed = mixed;
                }
                Todo::Node(id) => {
                    if let Content::Element(element) = &self.nodes[id as usize].content {
                        self.element(id, element, &mut todo)?;
                    } else {
                        self.leaf(id)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn line(&mut self) {
        if self.options.indent && !self.out.is_empty() {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", self.depth));
        }
    }

    fn element(&mut self, id: Id, element: &Element, todo: &mut Vec<Todo>) -> Result<()> {
        let (bindings, declared, mixed) = (self.bindings.len(), self.declared.len(), self.mixed);
        if !self.mixed {
            self.line();
        }
        self.declare(id);
        let uri = &element.name.namespace;
        let prefix = self.chosen_prefix(uri, true).or_else(|| self.bound_prefix(uri)).unwrap_or_else(|| "".into());
        self.bind(&prefix, uri, bindings)?;
        let name = qualified(&prefix, &element.name.local);
        self.out.push('<');
        self.out.push_str(&name);
        for id in &element.attributes {
            if let Content::Attribute(name, value) = &self.nodes[*id as usize].content {
                self.attribute(name, value, bindings)?;
            }
        }
        for at in (bindings..self.bindings.len()).rev() {
            if self.bindings[at].written == Written::Pending {
                let binding = &self.bindings[at];
                let name =
                    if binding.prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{}", binding.prefix) };
                let uri = Rc::clone(&binding.uri);
                self.raw_attribute(&name, &uri)?;
            }
        }
        if element.empty {
            self.out.push_str(" />");
            self.bindings.truncate(bindings);
            self.declared.truncate(declared);
            return Ok(());
        }
        self.out.push('>');
        self.depth += 1;
        todo.push(Todo::End { name, childless: element.children.is_empty(), bindings, declared, mixed });
        todo.extend(element.children.iter().rev().map(|id| Todo::Node(*id)));
        Ok(())
    }

    fn attribute(&mut self, name: &XName, value: &str, scope: usize) -> Result<()> {
        if name.declares_namespace() {
            let prefix: Rc<str> = if name.namespace.is_empty() { "".into() } else { Rc::clone(&name.local) };
            if self.declare_explicitly(&prefix, value, scope)? {
                let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
                self.raw_attribute(&name, value)?;
            }
            return Ok(());
        }
        let uri = &name.namespace;
        if uri.is_empty() {
            return self.raw_attribute(&name.local, value);
        }
        let known = self.chosen_prefix(uri, false).or_else(|| self.bound_prefix(uri)).filter(|p| !p.is_empty());
        let prefix = known.unwrap_or_else(|| self.new_prefix());
        self.bind(&prefix, uri, scope)?;
        self.raw_attribute(&qualified(&prefix, &name.local), value)
    }

    fn lone_attribute(&mut self, name: &XName, value: &str) -> Result<()> {
        let prefix =
            if name.namespace.is_empty() { Some("".into()) } else { self.chosen_prefix(&name.namespace, false) };
        let prefix = prefix.unwrap_or_else(|| self.new_prefix());
        self.raw_attribute(&qualified(&prefix, &name.local), value)?;
        self.out.remove(0);
        Ok(())
    }

    fn raw_attribute(&mut self, name: &str, value: &str) -> Result<()> {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(&mut self.out, value, true)?;
        self.out.push('"');
        Ok(())
    }

    fn leaf(&mut self, id: Id) -> Result<()> {
        let nodes = self.nodes;
        match &nodes[id as usize].content {
            Content::Text(text) => {
                self.mixed = true;
                escape(&mut self.out, text, false)?;
            }
            Content::CData(text) => {
                self.mixed = true;
                verify(text)?;
                self.out.push_str("<![CDATA[");
                self.out.push_str(&line_breaks(text).replace("]]>", "]]]]><![CDATA[>"));
                self.out.push_str("]]>");
            }
            Content::Comment(text) => {
                self.own_line();
                verify(text)?;
                let mut text = line_breaks(text).replace("--", "- -").replace("--", "- -");
                if text.ends_with('-') {
                    text.push(' ');
                }
                self.out.push_str(&format!("<!--{text}-->"));
            }
            Content::ProcessingInstruction { target, data } => {
                self.own_line();
                verify(data)?;
                let space = if data.is_empty() { "" } else { " " };
                self.out.push_str(&format!("<?{target}{space}{}?>", line_breaks(data).replace("?>", "? >")));
            }
            Content::DocumentType(document_type) => {
                self.own_line();
                self.document_type(document_type);
            }
            Content::Document { .. } | Content::Element(_) | Content::Attribute(..) => {}
        }
        Ok(())
    }

    fn own_line(&mut self) {
        if !self.mixed {
            self.line();
        }
    }

    fn declaration(&mut self, declaration: Option<&Declaration>) {
        let plain = || Declaration { version: Some("1.0".into()), encoding: Some("utf-8".into()), standalone: None };
        let mut declaration = declaration.cloned().unwrap_or_else(plain);
        declaration.version = Some("1.0".into());
        self.out.push_str(&declaration.to_string());
    }

    fn document_type(&mut self, document_type: &DocumentType) {
        let DocumentType { name, public_id, system_id, internal_subset } = document_type;
        self.out.push_str(&format!("<!DOCTYPE {name}"));
        match (public_id, system_id) {
            (Some(public), system) => {
                let system = system.as_deref().unwrap_or_default();
                self.out.push_str(&format!(" PUBLIC \"{public}\" \"{system}\""));
            }
            (None, Some(system)) => self.out.push_str(&format!(" SYSTEM \"{system}\"")),
            (None, None) => self.out.push(' '),
        }
        if let Some(subset) = internal_subset {
            self.out.push_str(&format!("[{subset}]"));
        }
        self.out.push('>');
    }

    fn declare(&mut self, id: Id) {
        self.declared.extend(declarations(self.nodes, id).map(|(prefix, uri)| (prefix, Rc::clone(uri))));
    }

    /// The prefix that the document declares for a namespace, the innermost first.
    fn chosen_prefix(&self, uri: &str, allow_default: bool) -> Option<Rc<str>> {
        if uri.is_empty() {
            return Some("".into());
        }
        let shadowed = |at: usize| {
            let (prefix, _) = &self.declared[at];
            self.declared[at + 1..].iter().any(|(other, _)| other == prefix)
        };
        let known = (0..self.declared.len()).rev().find(|at| {
            let (prefix, known) = &self.declared[*at];
            &**known == uri && (allow_default || !prefix.is_empty()) && !shadowed(*at)
        });
        known.map(|at| Rc::clone(&self.declared[at].0)).or_else(|| match uri {
            XML => Some("xml".into()),
            XMLNS => Some("xmlns".into()),
            _ => None,
        })
    }

    /// A prefix that what is written so far has bound to a namespace.
    fn bound_prefix(&self, uri: &str) -> Option<Rc<str>> {
        let at = self.bindings.iter().rposition(|binding| &*binding.uri == uri)?;
        let prefix = &self.bindings[at].prefix;
        let shadowed = self.bindings[at + 1..].iter().any(|binding| binding.prefix == *prefix);
        (!shadowed).then(|| Rc::clone(prefix))
    }

    fn new_prefix(&self) -> Rc<str> {
        let base = format!("p{}", self.bindings.len() - 3);
        let taken = |prefix: &str| self.bindings.iter().any(|binding| &*binding.prefix == prefix);
        if !taken(&base) {
            return base.into();
        }
        // One more candidate than there are bindings: one of them is free.
        let free = (0..=self.bindings.len()).map(|n| format!("{base}{n}")).find(|prefix| !taken(prefix));
        free.unwrap_or(base).into()
    }

    /// A name with this prefix is about to be written: declares it later unless it is in scope.
    fn bind(&mut self, prefix: &Rc<str>, uri: &Rc<str>, scope: usize) -> Result<()> {
        let known = self.bindings.iter().rposition(|binding| binding.prefix == *prefix);
        let written = match known {
            Some(at) if at >= scope => {
                let binding = &self.bindings[at];
                return if binding.uri == *uri { Ok(()) } else { Err(redefined(prefix, &binding.uri, uri)) };
            }
            Some(at) if self.bindings[at].uri == *uri => Written::Implied,
            _ => Written::Pending,
        };
        self.bindings.push(Binding { prefix: Rc::clone(prefix), uri: Rc::clone(uri), written });
        Ok(())
    }

    /// An attribute declares a namespace; whether it is to be written.
    fn declare_explicitly(&mut self, prefix: &Rc<str>, uri: &str, scope: usize) -> Result<bool> {
        if uri.is_empty() && !prefix.is_empty() {
            return Err(Error::argument(format!("The prefix '{prefix}' cannot be bound to the empty namespace name.")));
        }
        if (&**prefix == "xml") != (uri == XML) {
            return Err(Error::argument(format!(
                "The prefix 'xml' is bound to the namespace name '{XML}'. Other prefixes must not be bound to this namespace name, and it must not be declared as the default namespace."
            )));
        }
        let mut write = true;
        if let Some(at) = self.bindings.iter().rposition(|binding| binding.prefix == *prefix) {
            let binding = &mut self.bindings[at];
            if at >= scope {
                if &*binding.uri != uri {
                    return Err(redefined(prefix, &binding.uri, uri));
                }
                binding.written = Written::Explicit;
                return Ok(true);
            }
            write = !(self.options.omit_duplicate_namespaces && &*binding.uri == uri);
        }
        self.bindings.push(Binding { prefix: Rc::clone(prefix), uri: uri.into(), written: Written::Explicit });
        Ok(write)
    }
}

fn redefined(prefix: &str, from: &str, to: &str) -> Error {
    let message =
        format!("The prefix '{prefix}' cannot be redefined from '{from}' to '{to}' within the same start element tag.");
    Error::new(ErrorKind::Xml, message)
}

fn qualified(prefix: &str, local: &str) -> String {
    if prefix.is_empty() { local.to_owned() } else { format!("{prefix}:{local}") }
}

fn verify(text: &str) -> Result<()> {
    match text.chars().find(|c| !is_char(*c)) {
        None => Ok(()),
        Some(c) => {
            let (c, hex) = described(c);
            Err(Error::argument(format!("'{c}', hexadecimal value {hex}, is an invalid character.")))
        }
    }
}

fn line_breaks(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// In an attribute, line breaks and tabs are kept from being normalised away; in text, every line break is `\n`.
fn escape(out: &mut String, text: &str, attribute: bool) -> Result<()> {
    let mut plain = 0;
    for (at, c) in text.char_indices() {
        let escape = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' if attribute => "&quot;",
            '\t' if attribute => "&#x9;",
            '\n' if attribute => "&#xA;",
            '\r' if attribute => "&#xD;",
            '\r' if text[at..].starts_with("\r\n") => "",
            '\r' => "\n",
            c if is_char(c) => continue,
            c => return verify(c.encode_utf8(&mut [0; 4])),
        };
        out.push_str(&text[plain..at]);
        out.push_str(escape);
        plain = at + c.len_utf8();
    }
    out.push_str(&text[plain..]);
    Ok(())
}
