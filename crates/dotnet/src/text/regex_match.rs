//! What a regular expression found: `Match`, `Group`, `Capture` and their collections.

use std::rc::Rc;

use csharp::{
    Args, Cx, Result, Str, Ty, Value, exception,
    surface::{TypeDef, pure, reads},
    value::{Collection, Iter, Object, from_fn},
};
use dotregex::{Regex, Replacement, Text};

pub(crate) static CAPTURE: TypeDef = TypeDef {
    name: "System.Text.RegularExpressions.Capture",
    members: &[
        pure("int Index { get; }", |_, args| Ok(Value::Int(this(&args)?.span().start as i32)), "Where it begins."),
        pure("int Length { get; }", |_, args| Ok(Value::Int(this(&args)?.span().length as i32)), "How long it is."),
        pure("string Value { get; }", |_, args| Ok(Value::Str(this(&args)?.now())), "The text."),
        pure("string ToString()", |_, args| Ok(Value::Str(this(&args)?.now())), "The text."),
    ],
    doc: "A part of a text that a group captured.",
    ..TypeDef::CLASS
};

pub(crate) static GROUP: TypeDef = TypeDef {
    name: "System.Text.RegularExpressions.Group",
    bases: &["Capture"],
    members: &[
        pure(
            "bool Success { get; }",
            |_, args| Ok(Value::Bool(!this(&args)?.captures.is_empty())),
            "Whether it captured anything.",
        ),
        pure("string Name { get; }", |_, args| Ok(Value::Str(this(&args)?.name.clone())), "Its name or number."),
        pure("CaptureCollection Captures { get; }", captures, "All its captures."),
    ],
    doc: "A group of a match; as a capture it is the last one.",
    ..TypeDef::CLASS
};

pub(crate) static MATCH: TypeDef = TypeDef {
    name: "System.Text.RegularExpressions.Match",
    bases: &["Group"],
    members: &[
        pure(
            "static Match Empty { get; }",
            |_, _| Ok(Value::object(Piece::nothing(&MATCH, Rc::new(Subject::new(&Str::EMPTY))))),
            "A match that failed.",
        ),
        pure("GroupCollection Groups { get; }", groups, "Its groups; the first is the match itself."),
        pure("Match NextMatch()", next, "The match after it."),
        pure("string Result(string replacement)", result, "What a replacement pattern makes of it."),
    ],
    doc: "A match.",
    ..TypeDef::CLASS
};

pub(crate) static CAPTURES: TypeDef = TypeDef {
    name: "System.Text.RegularExpressions.CaptureCollection",
    bases: &["IReadOnlyList<Capture>", "IList<Capture>"],
    members: &[
        pure("int Count { get; }", count, "How many."),
        pure("Capture this[int i] { get; }", item, "The capture at an index."),
    ],
    doc: "The captures of a group.",
    ..TypeDef::CLASS
};

pub(crate) static GROUPS: TypeDef = TypeDef {
    name: "System.Text.RegularExpressions.GroupCollection",
    bases: &["IReadOnlyList<Group>", "IList<Group>"],
    members: &[
        pure("int Count { get; }", count, "How many."),
        pure(
            "Group this[int groupnum] { get; }",
            |_, args| Ok(list(&args)?.by_number(args.int(1))),
            "A group by number; one that failed if there is none.",
        ),
        pure(
            "Group this[string groupname] { get; }",
            group_by_name,
            "A group by name; one that failed if there is none.",
        ),
        pure("bool ContainsKey(string key)", contains_name, "Whether there is such a group."),
        pure("bool TryGetValue(string key, out Group value)", try_get, "A group by name, if there is one."),
        pure("IEnumerable<string> Keys { get; }", names, "The names of the groups."),
    ],
    doc: "The groups of a match.",
    ..TypeDef::CLASS
};

pub(crate) static MATCHES: TypeDef = TypeDef {
    name: "System.Text.RegularExpressions.MatchCollection",
    bases: &["IReadOnlyList<Match>", "IList<Match>"],
    members: &[
        reads("int Count { get; }", count, "How many."),
        reads("Match this[int i] { get; }", item, "The match at an index."),
    ],
    doc: "The matches of a regular expression.",
    ..TypeDef::CLASS
};

/// A text that was searched, kept in the form that is searched.
pub(super) enum Subject {
    Ascii(Str),
    Wide(Vec<u16>),
}

impl Subject {
    pub(super) fn new(text: &Str) -> Self {
        if text.as_ascii().is_some() { Self::Ascii(text.clone()) } else { Self::Wide(text.units()) }
    }

    pub(super) fn text(&self) -> Text<'_> {
        match self {
            Self::Ascii(text) => Text::Ascii(text.as_str().unwrap_or_default()),
            Self::Wide(units) => Text::Wide(units.as_slice().into()),
        }
    }

    fn slice(&self, span: dotregex::Capture) -> Str {
        match self {
            Self::Ascii(text) => text.substring(span.start, span.length).unwrap_or_default(),
            Self::Wide(units) => Str::from_units(units.get(span.start..span.end()).unwrap_or_default()),
        }
    }
}

/// A capture, group or match.
struct Piece {
    def: &'static TypeDef,
    subject: Rc<Subject>,
    /// None for what failed; the last one is the value.
    captures: Vec<dotregex::Capture>,
    name: Str,
    /// Of a match that succeeded.
    found: Option<(Regex, dotregex::Match)>,
}

impl Object for Piece {
    fn ty(&self) -> Ty {
        Ty::named(self.def)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.now())
    }
}

impl Piece {
    /// What failed.
    fn nothing(def: &'static TypeDef, subject: Rc<Subject>) -> Self {
        Self { def, subject, captures: Vec::new(), name: "0".into(), found: None }
    }

    fn span(&self) -> dotregex::Capture {
        self.captures.last().copied().unwrap_or(dotregex::Capture { start: 0, length: 0 })
    }

    fn now(&self) -> Str {
        self.subject.slice(self.span())
    }
}

/// A collection of pieces.
struct Pieces {
    def: &'static TypeDef,
    items: Vec<Value>,
    /// For groups: of which regular expression.
    regex: Option<Regex>,
}

impl Object for Pieces {
    fn ty(&self) -> Ty {
        Ty::named(self.def)
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let mut at = 0;
        Some(Box::new(from_fn(move |_| {
            at += 1;
            Ok(self.item(at - 1))
        })))
    }

    fn collection(&self) -> Option<&dyn Collection> {
        Some(self)
    }
}

impl Collection for Pieces {
    fn count(&self) -> usize {
        self.items.len()
    }

    /// Enumerating groups asks for the group with each place as its number, which fails where numbers have gaps: the
    /// runtime does so.
    fn item(&self, index: usize) -> Option<Value> {
        match &self.regex {
            Some(_) if index < self.items.len() => Some(self.by_number(index as i32)),
            _ => self.items.get(index).cloned(),
        }
    }

    fn is_read_only(&self) -> bool {
        true
    }
}

impl Pieces {
    fn by_number(&self, number: i32) -> Value {
        let index = self
            .regex
            .as_ref()
            .zip(u32::try_from(number).ok())
            .and_then(|(regex, number)| regex.group_by_number(number));
        self.group(if self.regex.is_some() { index } else { usize::try_from(number).ok() })
    }

    fn index_of(&self, name: &Str) -> Option<usize> {
        self.regex.as_ref().and_then(|regex| regex.group_by_name(&name.to_text()))
    }

    /// The group at `index`, or one that failed.
    fn group(&self, index: Option<usize>) -> Value {
        let known = index.and_then(|index| self.items.get(index).cloned());
        known.unwrap_or_else(|| Value::object(Piece::nothing(&GROUP, Rc::new(Subject::new(&Str::EMPTY)))))
    }
}

/// A `Match`.
pub(super) fn match_value(regex: Regex, subject: Rc<Subject>, found: Option<dotregex::Match>) -> Value {
    Value::object(match found {
        None => Piece::nothing(&MATCH, subject),
        Some(found) => {
            Piece { captures: vec![found.whole()], found: Some((regex, found)), ..Piece::nothing(&MATCH, subject) }
        }
    })
}

/// A `MatchCollection`.
pub(super) fn matches_value(regex: &Regex, subject: &Rc<Subject>, found: Vec<dotregex::Match>) -> Value {
    let items = found.into_iter().map(|found| match_value(regex.clone(), subject.clone(), Some(found))).collect();
    Value::object(Pieces { def: &MATCHES, items, regex: None })
}

fn this<'a>(args: &'a Args<'_>) -> Result<&'a Piece> {
    args.this()
}

fn list<'a>(args: &'a Args<'_>) -> Result<&'a Pieces> {
    args.this()
}

fn captures(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let piece = this(&args)?;
    let items = piece.captures.iter().map(|capture| {
        Value::object(Piece { captures: vec![*capture], ..Piece::nothing(&CAPTURE, piece.subject.clone()) })
    });
    Ok(Value::object(Pieces { def: &CAPTURES, items: items.collect(), regex: None }))
}

fn groups(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let whole = args.value(0).clone();
    let Some((regex, found)) = &this(&args)?.found else {
        return Ok(Value::object(Pieces { def: &GROUPS, items: vec![whole], regex: None }));
    };
    let subject = &this(&args)?.subject;
    let mut items = vec![whole];
    for (index, name) in regex.group_names().into_iter().enumerate().skip(1) {
        let captures = found.captures(index).to_vec();
        items.push(Value::object(Piece { captures, name: name.into(), ..Piece::nothing(&GROUP, subject.clone()) }));
    }
    Ok(Value::object(Pieces { def: &GROUPS, items, regex: Some(regex.clone()) }))
}

fn next(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let piece = this(&args)?;
    let Some((regex, found)) = &piece.found else { return Ok(args.value(0).clone()) };
    cx.meter.steps(1 + piece.subject.text().len() as u64 / 64)?;
    let next = super::regex::after(regex, &piece.subject, found)?;
    Ok(match_value(regex.clone(), piece.subject.clone(), next))
}

fn result(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let pattern = args.str(1, "replacement")?.to_text();
    let piece = this(&args)?;
    let Some((regex, found)) = &piece.found else {
        return Err(exception::not_supported("Result cannot be called on a failed Match."));
    };
    let mut out = String::new();
    Replacement::new(&pattern, regex).expand(found, &piece.subject.text(), &mut out);
    cx.meter.text(out.len())?;
    Ok(Value::str(out))
}

fn count(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(list(&args)?.items.len() as i32))
}

fn item(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = usize::try_from(args.int(1)).ok().and_then(|index| list(&args).ok()?.items.get(index).cloned());
    found.ok_or_else(|| exception::out_of_range("", "i"))
}

fn group_by_name(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let groups = list(&args)?;
    Ok(groups.group(args.opt_str(1).and_then(|name| groups.index_of(name))))
}

fn contains_name(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(list(&args)?.index_of(args.str(1, "key")?).is_some()))
}

fn try_get(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let groups = list(&args)?;
    let index = groups.index_of(args.str(1, "key")?);
    let value = groups.group(index);
    args.set(2, value);
    Ok(Value::Bool(index.is_some()))
}

fn names(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::strings(list(&args)?.regex.as_ref().map(Regex::group_names).unwrap_or_default()))
}
