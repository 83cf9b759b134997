//! [`PolicyDef`]: what a policy is, as data. Checking, the reference manual and the tests of examples read it.

use policy_xml::Element;

use crate::{Compiler, Scope, Section, Step};

/// A policy: one static per file.
pub struct PolicyDef {
    /// Its element.
    pub name: &'static str,
    /// Older names of the same element.
    pub aliases: &'static [&'static str],
    /// One sentence for the manual.
    pub summary: &'static str,
    /// More for the manual: quirks, and what differs from the service.
    pub notes: &'static str,
    /// Which documents it may stand in.
    pub documents: Documents,
    /// Where the published reference allows it.
    pub sections: Sections,
    /// Where real documents have it, too: accepted, and marked in the manual.
    pub also: Sections,
    /// Whose documents it may stand in.
    pub scopes: Scopes,
    /// How often it may stand there.
    pub once: Once,
    /// Its attributes; every policy has `id` besides.
    pub attrs: &'static [Attr],
    /// What it holds.
    pub content: Content,
    /// Its children that are no policies.
    pub children: &'static [Child],
    /// Examples: tests, and part of the manual.
    pub examples: &'static [Example],
    /// Whether it runs. One that does not is checked as all others are and refused for that alone; its `compile` is never called.
    pub runs: bool,
    /// Forms of it that are known and do not run yet, for the gap list: `set-backend-service (Dapr)`.
    pub unbuilt: &'static [&'static str],
    /// Makes the step. It is called with a checked element; `None` says that a diagnostic was given.
    pub compile: fn(&Element, &mut Compiler<'_>) -> Option<Step>,
}

impl PolicyDef {
    /// What most policies have in common: start from it with `..PolicyDef::BASE`.
    pub const BASE: Self = Self {
        name: "",
        aliases: &[],
        summary: "",
        notes: "",
        documents: Documents::ALL,
        sections: Sections::ALL,
        also: Sections::NONE,
        scopes: Scopes::ALL,
        once: Once::Never,
        attrs: &[],
        content: Content::Nothing,
        children: &[],
        examples: &[],
        runs: true,
        unbuilt: &[],
        compile: |_, _| None,
    };

    /// What policies that do not run yet have in common.
    pub const NOT_YET: Self = Self { runs: false, ..Self::BASE };

    /// Its name and its older names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

/// A policy of the published reference that is not built yet: known by name, and refused by name.
#[derive(Clone, Copy, Debug)]
pub struct Missing {
    /// Its element, or one of its names.
    pub name: &'static str,
    /// Where it may stand.
    pub sections: Sections,
}

/// How often a policy may stand in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Once {
    /// As often as one likes.
    Never,
    /// Once in each section.
    PerSection,
    /// Once in the document.
    PerDocument,
}

/// An attribute.
pub struct Attr {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// Whether it must be there.
    pub need: Need,
    /// Whether an expression may stand for the value.
    pub expr: bool,
    /// One sentence for the manual.
    pub doc: &'static str,
}

/// Whether an attribute must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It must.
    Required,
    /// It may.
    Optional,
    /// Without it, this is its value.
    Or(&'static str),
}

impl Attr {
    /// An attribute that must be there.
    pub const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, need: Need::Required, expr: false, doc }
    }

    /// An attribute that may be there.
    pub const fn optional(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, need: Need::Optional, expr: false, doc }
    }

    /// An attribute with a default.
    pub const fn or(name: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Self {
        Self { name, kind, need: Need::Or(default), expr: false, doc }
    }

    /// The same, and an expression may stand for the value.
    pub const fn expr(mut self) -> Self {
        self.expr = true;
        self
    }
}

/// What a value is. Literals are checked when the policy is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// Text with something in it.
    Name,
    /// A header's name.
    HeaderName,
    /// `true` or `false`.
    Bool,
    /// A whole number in these bounds, both included.
    Int(i64, i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// An absolute URL.
    Url,
    /// A C# value of any type.
    Any,
}

impl Kind {
    /// What is wrong with `text` as such a value.
    pub(crate) fn check(self, text: &str) -> Result<(), String> {
        match self {
            Self::Text | Self::Any => Ok(()),
            Self::Name if text.trim().is_empty() => Err("must not be empty".into()),
            Self::Name => Ok(()),
            Self::HeaderName if crate::HeaderName::parse(text.trim()).is_none() => {
                Err(format!("\"{text}\" is no header name"))
            }
            Self::HeaderName => Ok(()),
            Self::Bool => match text.trim() {
                word if word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false") => Ok(()),
                other => Err(format!("\"{other}\" is neither true nor false")),
            },
            Self::Int(least, most) => match text.trim().parse::<i64>() {
                Ok(number) if (least..=most).contains(&number) => Ok(()),
                Ok(number) if most == i64::MAX => Err(format!("{number} is less than {least}")),
                Ok(number) => Err(format!("{number} does not lie between {least} and {most}")),
                Err(_) => Err(format!("\"{text}\" is no whole number")),
            },
            Self::OneOf(words) if words.iter().any(|word| word.eq_ignore_ascii_case(text.trim())) => Ok(()),
            Self::OneOf(words) => Err(format!("\"{text}\" is none of {}", words.join(", "))),
            Self::Url if crate::Url::parse(text).is_none() => Err(format!("\"{text}\" is no absolute URL")),
            Self::Url => Ok(()),
        }
    }

    /// How the manual calls it.
    pub fn word(self) -> String {
        match self {
            Self::Text => "text".into(),
            Self::Name => "name".into(),
            Self::HeaderName => "header name".into(),
            Self::Bool => "`true`, `false`".into(),
            Self::Int(least, i64::MAX) => format!("number ≥ {least}"),
            Self::Int(least, most) => format!("number {least}–{most}"),
            Self::OneOf(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
            Self::Url => "URL".into(),
            Self::Any => "any value".into(),
        }
    }
}

/// What an element holds between its tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing but its declared children.
    Nothing,
    /// Text; the flag says whether an expression may stand for it.
    Text(Kind, bool),
    /// Policies of every kind.
    Policies,
    /// Policies of these names.
    Only(&'static [&'static str]),
    /// Text, or XML as it is.
    Verbatim,
}

/// A child element that is no policy.
pub struct Child {
    /// Its name.
    pub name: &'static str,
    /// How many there may be: at least, at most.
    pub count: (usize, usize),
    /// Its attributes.
    pub attrs: &'static [Attr],
    /// What it holds.
    pub content: Content,
    /// Its own children.
    pub children: &'static [Child],
    /// One sentence for the manual.
    pub doc: &'static str,
}

impl Child {
    /// A child with nothing in it: fill the rest in with `..`.
    pub const BASE: Self =
        Self { name: "", count: (0, usize::MAX), attrs: &[], content: Content::Nothing, children: &[], doc: "" };

    /// Any number of children that hold text or an expression.
    pub const fn texts(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, content: Content::Text(kind, true), doc, ..Self::BASE }
    }
}

/// An example: what the policy makes of a message.
pub struct Example {
    /// What it shows.
    pub title: &'static str,
    /// Where the policy stands, if it is no whole document.
    pub section: Section,
    /// The policy, or a whole document.
    pub policy: &'static str,
    /// What the client sends.
    pub given: &'static str,
    /// What the backend answers; 200 without a body if this is empty.
    pub backend: &'static str,
    /// How often the client sends it; the last outcome counts.
    pub repeat: usize,
    /// The outcome: what the backend gets, if this is a request; what the client gets, if this is a response. Only the
    /// headers that it names are compared; a header with the value `(none)` must not be there.
    pub then: &'static str,
}

impl Example {
    /// An inbound policy: fill the rest in with `..`.
    pub const BASE: Self = Self {
        title: "",
        section: Section::Inbound,
        policy: "",
        given: "GET / HTTP/1.1",
        backend: "",
        repeat: 1,
        then: "",
    };
}

/// A set of sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sections(u8);

impl Sections {
    /// None.
    pub const NONE: Self = Self(0);
    /// `inbound`.
    pub const INBOUND: Self = Self(1);
    /// `backend`.
    pub const BACKEND: Self = Self(2);
    /// `outbound`.
    pub const OUTBOUND: Self = Self(4);
    /// `on-error`.
    pub const ON_ERROR: Self = Self(8);
    /// All four.
    pub const ALL: Self = Self(15);

    /// Both.
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it holds `section`.
    pub const fn has(self, section: Section) -> bool {
        self.0 & (1 << section as u8) != 0
    }

    /// The names, as a sentence has them.
    pub fn words(self) -> String {
        list(Section::ALL.into_iter().filter(|section| self.has(*section)).map(Section::word))
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// All five.
    pub const ALL: Self = Self(31);
    /// Global.
    pub const GLOBAL: Self = Self(1);
    /// Product.
    pub const PRODUCT: Self = Self(4);
    /// Product, API and operation.
    pub const PRODUCT_AND_BELOW: Self = Self(4 | 8 | 16);
    /// Global, product, API and operation: all but workspaces.
    pub const NO_WORKSPACE: Self = Self(1 | 4 | 8 | 16);
    /// Global, workspace, product and API: all but operations.
    pub const NO_OPERATION: Self = Self(1 | 2 | 4 | 8);

    /// Whether it holds `scope`.
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// The names, as a sentence has them.
    pub fn words(self) -> String {
        let all = [Scope::Global, Scope::Workspace, Scope::Product, Scope::Api, Scope::Operation];
        list(all.into_iter().filter(|scope| self.has(*scope)).map(Scope::word))
    }
}

/// Kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Documents(u8);

impl Documents {
    /// `<policies>`.
    pub const POLICIES: Self = Self(1);
    /// `<fragment>`.
    pub const FRAGMENT: Self = Self(2);
    /// Both of these.
    pub const ALL: Self = Self(3);
    /// A GraphQL resolver: its root is the policy itself.
    pub const RESOLVER: Self = Self(4);

    /// Whether one is in the other.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}
