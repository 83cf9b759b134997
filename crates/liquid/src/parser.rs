//! From pieces to a tree of tags.

use std::{collections::BTreeSet, ops::Range};

use crate::{
    Finding, Markup, Parsed, Template,
    condition::{Condition, condition},
    expression::{Expr, Filtered, expr, filtered, fragments, split},
    filters::Filter,
    lexer::{Piece, PieceKind, pieces},
    tags::{Loop, Node, Nodes, Offset},
};

/// How deep tags may nest, as in DotLiquid.
const MAX_DEPTH: usize = 80;

pub(crate) fn parse(source: &str, markup: Markup) -> Parsed {
    let mut errors = Vec::new();
    let pieces = pieces(source, markup, &mut errors);
    let mut parser = Parser {
        pieces: pieces.into_iter(),
        errors,
        warnings: Vec::new(),
        reads: BTreeSet::new(),
        paths: BTreeSet::new(),
        known: vec![],
    };
    let mut nodes = Vec::new();
    while let Some(end) = parser.nodes(&mut nodes, 0) {
        let message = format!("{{% {} %}} stands alone: no tag before it is open.", end.name);
        parser.error(message, end.range);
    }
    let Parser { errors, warnings, reads, paths, .. } = parser;
    let template = errors.is_empty().then(|| Template {
        nodes,
        roots: reads.into_iter().map(Into::into).collect(),
        paths: paths.into_iter().map(|path| path.into_iter().map(Into::into).collect()).collect(),
    });
    Parsed { template, errors, warnings }
}

struct Parser<'s> {
    pieces: std::vec::IntoIter<Piece<'s>>,
    errors: Vec<Finding>,
    warnings: Vec<Finding>,
    /// Variables that are read.
    reads: BTreeSet<String>,
    /// Paths from variables that the template has not set before.
    paths: BTreeSet<Vec<String>>,
    /// Variables that the template has set so far.
    known: Vec<String>,
}

/// A tag that ends or divides the one around it.
struct Boundary {
    name: String,
    rest: String,
    range: Range<usize>,
}

/// A loop's own variables beside its item.
const LOOPS: &[&str] = &["forloop", "tablerowloop"];

impl Parser<'_> {
    /// Reads nodes up to a tag that belongs to the one around, or to the end.
    fn nodes(&mut self, nodes: &mut Nodes, depth: usize) -> Option<Boundary> {
        while let Some(piece) = self.pieces.next() {
            match piece.kind {
                PieceKind::Text(text) => nodes.push(Node::Text(text.into())),
                PieceKind::Output(markup) => {
                    if let Some(output) = self.filtered(&markup, &piece.range) {
                        nodes.push(Node::Output(output));
                    }
                }
                PieceKind::Tag(name, rest) => {
                    let is_boundary = name.starts_with("end") || ["else", "elsif", "elseif", "when"].contains(&&*name);
                    if is_boundary {
                        let (name, rest) = (name.into_owned(), rest.into_owned());
                        return Some(Boundary { name, rest, range: piece.range });
                    }
                    if depth >= MAX_DEPTH {
                        self.error("Tags are nested too deeply.", piece.range);
                        // Everything behind would be wrong, too.
                        self.pieces = Vec::new().into_iter();
                        return None;
                    }
                    nodes.extend(self.tag(&name, &rest, piece.range, depth + 1));
                }
            }
        }
        None
    }

    fn tag(&mut self, name: &str, rest: &str, range: Range<usize>, depth: usize) -> Option<Node> {
        match name {
            "assign" => self.assign(rest, &range),
            "capture" => {
                let variable = self.variable(rest, name, &range);
                let body = self.body(name, &range, depth);
                let variable = variable?;
                self.known.push(variable.clone());
                Some(Node::Capture(variable.into(), body))
            }
            "if" | "unless" => Some(self.branches(name, rest, &range, depth)),
            "case" => self.case(rest, &range, depth),
            "for" | "JSONArrayFor" | "tablerow" => self.looping(name, rest, &range, depth),
            "cycle" => self.cycle(rest, &range),
            "increment" | "decrement" => {
                let variable = self.variable(rest, name, &range)?;
                self.known.push(variable.clone());
                let make = if name == "increment" { Node::Increment } else { Node::Decrement };
                Some(make(variable.into()))
            }
            "ifchanged" => Some(Node::IfChanged(self.body(name, &range, depth))),
            "comment" => {
                self.body(name, &range, depth);
                None
            }
            "raw" | "literal" => {
                let body = self.body(name, &range, depth);
                body.into_iter().next()
            }
            "break" => Some(Node::Break),
            "continue" => Some(Node::Continue),
            "include" | "extends" | "block" | "param" | "render" => {
                self.error(format!("The tag \"{name}\" needs other templates, and a policy has none."), range);
                None
            }
            _ => {
                self.error(format!("There is no tag \"{name}\"."), range);
                None
            }
        }
    }

    /// The content of a tag up to its end, which must come.
    fn body(&mut self, name: &str, range: &Range<usize>, depth: usize) -> Nodes {
        let mut body = Vec::new();
        self.until_end(name, range, depth, &mut body, |parser, boundary, _| {
            parser.error(format!("{{% {} %}} may not stand in {{% {name} %}}.", boundary.name), boundary.range);
        });
        body
    }

    /// Reads up to the end of `name`; `divide` gets the tags between that are not its end.
    fn until_end(
        &mut self,
        name: &str,
        range: &Range<usize>,
        depth: usize,
        into: &mut Nodes,
        mut divide: impl FnMut(&mut Self, Boundary, &mut Nodes),
    ) {
        let end = format!("end{name}");
        loop {
            match self.nodes(into, depth) {
                None => {
                    let message = format!("This tag is not closed: {{% {end} %}} is missing.");
                    return self.error(message, range.clone());
                }
                Some(boundary) if boundary.name == end => return,
                Some(boundary) => divide(self, boundary, into),
            }
        }
    }

    fn assign(&mut self, rest: &str, range: &Range<usize>) -> Option<Node> {
        let Some((to, from)) = rest.split_once('=') else {
            self.error("An assignment is written as {% assign name = value %}.", range.clone());
            return None;
        };
        let to = self.variable(to, "assign", range)?;
        let from = self.filtered(from, range)?;
        self.known.push(to.clone());
        Some(Node::Assign(to.into(), from))
    }

    fn branches(&mut self, name: &str, rest: &str, range: &Range<usize>, depth: usize) -> Node {
        let mut branches = Vec::new();
        let mut current = self.condition(rest, range);
        let mut nodes = Vec::new();
        self.until_end(name, range, depth, &mut nodes, |parser, boundary, nodes| {
            branches.push((current.take(), std::mem::take(nodes)));
            match boundary.name.as_str() {
                "elsif" | "elseif" => current = parser.condition(&boundary.rest, &boundary.range),
                "else" => current = None,
                other => {
                    parser.error(format!("{{% {other} %}} may not stand in {{% {name} %}}."), boundary.range);
                }
            }
        });
        branches.push((current, nodes));
        Node::If(name == "unless", branches)
    }

    fn case(&mut self, rest: &str, range: &Range<usize>, depth: usize) -> Option<Node> {
        let value = self.expr(fragments(rest).first().copied().unwrap_or_default(), range);
        let mut branches: Vec<(Option<Vec<Expr>>, Nodes)> = Vec::new();
        let mut current: Option<Option<Vec<Expr>>> = None;
        let mut nodes = Vec::new();
        self.until_end("case", range, depth, &mut nodes, |parser, boundary, nodes| {
            // What stands before the first `when` is never printed.
            let body = std::mem::take(nodes);
            branches.extend(current.take().map(|values| (values, body)));
            current = match boundary.name.as_str() {
                "when" => Some(Some(parser.when(&boundary))),
                "else" => Some(None),
                other => {
                    parser.error(format!("{{% {other} %}} may not stand in {{% case %}}."), boundary.range);
                    None
                }
            };
        });
        branches.extend(current.map(|values| (values, nodes)));
        Some(Node::Case(value?, branches))
    }

    fn when(&mut self, boundary: &Boundary) -> Vec<Expr> {
        let words = fragments(&boundary.rest).into_iter().filter(|word| *word != "or");
        let values: Vec<_> = words.filter_map(|word| self.expr(word, &boundary.range)).collect();
        if values.is_empty() {
            self.error("A value is missing: {% when value %}.", boundary.range.clone());
        }
        values
    }

    fn looping(&mut self, name: &str, rest: &str, range: &Range<usize>, depth: usize) -> Option<Node> {
        let head = self.head(name, rest, range);
        let known = self.known.len();
        if let Some(head) = &head {
            self.known.push(head.variable.to_string());
        }
        self.known.extend(LOOPS.iter().map(|name| (*name).to_owned()));
        let mut otherwise = None;
        let mut nodes = Vec::new();
        self.until_end(name, range, depth, &mut nodes, |parser, boundary, nodes| {
            if boundary.name == "else" && name == "for" && otherwise.is_none() {
                otherwise = Some(std::mem::take(nodes));
            } else {
                parser.error(format!("{{% {} %}} may not stand in {{% {name} %}}.", boundary.name), boundary.range);
            }
        });
        // What is assigned inside lives on; the loop's own variables do not.
        let inside = self.known.split_off(known);
        let own = 1 + LOOPS.len();
        self.known.extend(inside.into_iter().skip(own));
        let mut head = head?;
        (head.body, head.otherwise) = match otherwise {
            Some(body) => (body, nodes),
            None => (nodes, Vec::new()),
        };
        Some(if name == "tablerow" { Node::TableRow(Box::new(head)) } else { Node::For(Box::new(head)) })
    }

    fn head(&mut self, name: &str, rest: &str, range: &Range<usize>) -> Option<Loop> {
        let spaced = spaced_colons(rest);
        let words = fragments(&spaced);
        let [variable, "in", collection, options @ ..] = &words[..] else {
            self.error(format!("A loop is written as {{% {name} item in list %}}."), range.clone());
            return None;
        };
        let mut head = Loop {
            variable: self.variable(variable, name, range)?.into(),
            name: format!("{variable}-{collection}").into(),
            collection: self.expr(collection, range)?,
            reversed: false,
            limit: None,
            offset: None,
            columns: None,
            array: name == "JSONArrayFor",
            body: Vec::new(),
            otherwise: Vec::new(),
        };
        let mut options = options.iter();
        while let Some(option) = options.next() {
            match *option {
                "reversed" => head.reversed = true,
                "limit:" => head.limit = Some(self.expr(options.next()?, range)?),
                "cols:" => head.columns = Some(self.expr(options.next()?, range)?),
                "offset:" => {
                    let at = *options.next()?;
                    head.offset =
                        Some(if at == "continue" { Offset::Continue } else { Offset::At(self.expr(at, range)?) });
                }
                other => {
                    let message = format!("\"{other}\" is no option of a loop.");
                    self.warnings.push(Finding { message, note: None, range: range.clone() });
                }
            }
        }
        Some(head)
    }

    fn cycle(&mut self, rest: &str, range: &Range<usize>) -> Option<Node> {
        let named = split(rest, ':');
        let (name, list) = match named[..] {
            [name, list, ..] => (Some(name), list),
            _ => (None, rest),
        };
        let values: Vec<Expr> = split(list, ',').iter().filter_map(|value| self.expr(value.trim(), range)).collect();
        if rest.trim().is_empty() || values.is_empty() {
            self.error("A cycle is written as {% cycle 'a', 'b' %}.", range.clone());
            return None;
        }
        let name = match name {
            Some(name) => self.expr(name, range)?,
            None => Expr::Str(list.into()),
        };
        Some(Node::Cycle(name, values))
    }

    fn variable(&mut self, text: &str, tag: &str, range: &Range<usize>) -> Option<String> {
        let name = text.trim();
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || "_-.[]()".contains(c)) {
            self.error(format!("\"{name}\" is no name of a variable for {{% {tag} %}}."), range.clone());
            return None;
        }
        Some(name.to_owned())
    }

    fn filtered(&mut self, markup: &str, range: &Range<usize>) -> Option<Filtered> {
        let mut unknown = Vec::new();
        let read = filtered(markup, &mut unknown);
        for name in unknown {
            let near = Filter::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name.replace('_', "")));
            self.warnings.push(Finding {
                message: format!("There is no filter \"{name}\": the value passes unchanged."),
                note: near.map(|(near, _)| format!("Did you mean {near}?")),
                range: range.clone(),
            });
        }
        let read = self.sound(read, range)?;
        self.see(|see| read.walk(see));
        Some(read)
    }

    fn expr(&mut self, text: &str, range: &Range<usize>) -> Option<Expr> {
        let read = self.sound(expr(text), range)?;
        self.see(|see| read.walk(see));
        Some(read)
    }

    fn condition(&mut self, text: &str, range: &Range<usize>) -> Option<Condition> {
        let read = self.sound(condition(text), range)?;
        self.see(|see| read.walk(see));
        Some(read)
    }

    fn see(&mut self, walk: impl FnOnce(&mut dyn FnMut(&[&str]))) {
        let (known, reads, paths) = (&self.known, &mut self.reads, &mut self.paths);
        walk(&mut |names| {
            let Some(root) = names.first() else { return };
            // A variable that is set in a branch may still be the host's.
            reads.insert((*root).to_owned());
            if !known.iter().any(|name| name == *root) {
                paths.insert(names.iter().map(|name| (*name).to_owned()).collect());
            }
        });
    }

    fn sound<T>(&mut self, read: Result<T, String>, range: &Range<usize>) -> Option<T> {
        read.map_err(|message| self.error(message, range.clone())).ok()
    }

    fn error(&mut self, message: impl Into<String>, range: Range<usize>) {
        self.errors.push(Finding { message: message.into(), note: None, range });
    }
}

/// `limit : 2` and `limit:2` as `limit: 2`.
fn spaced_colons(text: &str) -> String {
    let mut out = String::new();
    for (index, piece) in split(text, ':').iter().enumerate() {
        if index > 0 {
            out.truncate(out.trim_end().len());
            out.push_str(": ");
        }
        out.push_str(piece);
    }
    out
}
