//! `new` and what stands in braces behind it.

use super::Parser;
use super::lookahead::{Scan, TypePlace, predefined, starts_expression};
use super::types::array;
use crate::ast::{
    AnonymousMember, ArrayElements, CollectionElement, Expr, ExprKind, Initializer, InitializerKind, InitializerTarget,
    InitializerValue, MemberInitializer, Name, Type,
};
use crate::token::TokenKind as T;

const MISSING_ARGUMENTS: &str = "A new expression requires an argument list or (), [], or {} after type";

const INVALID_RANK: &str = "Invalid rank specifier: expected ',' or ']'";

/// The parts of `T[n, m][]{ … }`.
pub(super) struct ArrayParts {
    ty: Type,
    sizes: Vec<Expr>,
    elements: Option<ArrayElements>,
}

impl Parser<'_> {
    /// What begins with `new`.
    pub(super) fn creation(&mut self) -> ExprKind {
        match self.kind_at(1) {
            T::OpenBrace => {
                self.bump();
                self.anonymous()
            }
            T::OpenBracket => {
                self.bump();
                let rank = self.implicit_rank();
                ExprKind::ImplicitArray { rank, elements: self.array_elements() }
            }
            T::OpenParen if !self.tuple_array_here() => self.target_typed(),
            _ => {
                let keyword = self.bump().span.start;
                self.typed_creation(keyword)
            }
        }
    }

    /// `[,]` without lengths.
    fn implicit_rank(&mut self) -> u32 {
        if matches!(self.kind_at(1), T::Comma | T::CloseBracket) {
            return self.rank();
        }
        self.error("CS0178", INVALID_RANK, self.token_at(1).span);
        self.sizes().0
    }

    /// `new (int, int)[3]`: the only way a tuple type can follow `new`.
    fn tuple_array_here(&mut self) -> bool {
        self.peek(|parser| {
            parser.bump();
            parser.scan_tuple_type() != Scan::No && parser.at(T::OpenBracket)
        })
    }

    fn target_typed(&mut self) -> ExprKind {
        let start = self.bump().span.start;
        self.arguments(T::CloseParen);
        self.unavailable("target-typed object creation", "9.0", self.since(start));
        if self.at(T::OpenBrace) {
            self.initializer();
        }
        ExprKind::Error
    }

    fn typed_creation(&mut self, keyword: u32) -> ExprKind {
        let at_type = self.start();
        if !self.at_identifier() && !self.at(T::OpenParen) && predefined(self.kind()).is_none() {
            self.error_here("CS1526", MISSING_ARGUMENTS);
            return ExprKind::Error;
        }
        let ty = self.element_type(TypePlace::New);
        if self.at(T::OpenBracket) {
            let ArrayParts { ty, sizes, elements } = self.array_parts(ty, at_type);
            if sizes.is_empty() && elements.is_none() {
                self.error("CS1586", "Array creation must have array size or array initializer", self.since(keyword));
            }
            return ExprKind::NewArray { ty, sizes, elements };
        }
        let args = self.at(T::OpenParen).then(|| self.arguments(T::CloseParen));
        let initializer = self.at(T::OpenBrace).then(|| self.initializer());
        if args.is_none() && initializer.is_none() {
            self.error_here("CS1526", MISSING_ARGUMENTS);
        }
        ExprKind::New { ty, args, initializer }
    }

    /// Reads the type and lengths of an array that is refused anyway.
    pub(super) fn array_creation_parts(&mut self) {
        let start = self.start();
        let ty = self.element_type(TypePlace::New);
        self.array_parts(ty, start);
    }

    fn array_parts(&mut self, element: Type, start: u32) -> ArrayParts {
        let (first_rank, sizes) = if self.at(T::OpenBracket) { self.sizes() } else { (1, Vec::new()) };
        let mut ranks = vec![first_rank];
        while self.at(T::OpenBracket) {
            self.push_down();
            if matches!(self.kind_at(1), T::Comma | T::CloseBracket) {
                ranks.push(self.rank());
            } else {
                self.error("CS0178", INVALID_RANK, self.token_at(1).span);
                ranks.push(self.sizes().0);
            }
        }
        let ty = array(element, &ranks, self.since(start));
        let elements = self.at(T::OpenBrace).then(|| self.array_elements());
        ArrayParts { ty, sizes, elements }
    }

    /// `[2, 3]` or `[,]`: how many dimensions, and their lengths.
    fn sizes(&mut self) -> (u32, Vec<Expr>) {
        if matches!(self.kind_at(1), T::Comma | T::CloseBracket) {
            return (self.rank(), Vec::new());
        }
        self.bump();
        let mut sizes = vec![self.expression()];
        while self.eat(T::Comma) {
            sizes.push(self.expression());
        }
        self.expect(T::CloseBracket);
        (sizes.len() as u32, sizes)
    }

    /// `{ 1, { 2, 3 } }` of an array.
    pub(super) fn array_elements(&mut self) -> ArrayElements {
        let start = self.start();
        let parsed = self.nested(|parser| parser.braced_list(Self::array_element));
        ArrayElements { items: parsed.unwrap_or_default(), span: self.since(start) }
    }

    /// The first value of a local, or an element of an array: `{ … }` is allowed.
    pub(super) fn array_element(&mut self) -> Expr {
        if self.at(T::OpenBrace) {
            let elements = self.array_elements();
            let span = elements.span;
            return Expr { kind: ExprKind::ArrayElements(elements), span };
        }
        self.expression()
    }

    /// `{ A = 1 }`, `{ 1, 2 }` behind an object creation.
    fn initializer(&mut self) -> Initializer {
        let start = self.start();
        let entries = self.nested(|parser| parser.braced_list(Self::entry)).unwrap_or_default();
        let span = self.since(start);
        if entries.iter().all(|entry| matches!(entry, Entry::Element(_))) && !entries.is_empty() {
            let elements = entries.into_iter().filter_map(|entry| match entry {
                Entry::Element(element) => Some(element),
                Entry::Member(_) => None,
            });
            return Initializer { kind: InitializerKind::Collection(elements.collect()), span };
        }
        let mut members = Vec::new();
        for entry in entries {
            match entry {
                Entry::Member(member) => members.push(member),
                Entry::Element(element) => {
                    self.error("CS0747", "Invalid initializer member declarator", element.span);
                }
            }
        }
        Initializer { kind: InitializerKind::Object(members), span }
    }

    fn entry(&mut self) -> Entry {
        let start = self.start();
        let target = if self.at(T::OpenBracket) {
            InitializerTarget::Index(self.index_arguments())
        } else if self.at_identifier() && self.kind_at(1) == T::Equals {
            InitializerTarget::Member(self.identifier())
        } else {
            let args = if self.at(T::OpenBrace) { self.braced_list(Self::expression) } else { vec![self.expression()] };
            return Entry::Element(CollectionElement { args, span: self.since(start) });
        };
        self.expect(T::Equals);
        let value = if self.at(T::OpenBrace) {
            InitializerValue::Nested(self.initializer())
        } else {
            InitializerValue::Expr(self.expression())
        };
        Entry::Member(MemberInitializer { target, value, span: self.since(start) })
    }

    /// `{ A = 1, b.C }` behind `new`.
    fn anonymous(&mut self) -> ExprKind {
        ExprKind::Anonymous(self.braced_list(|parser| {
            let named = parser.at_identifier() && parser.kind_at(1) == T::Equals;
            let name: Option<Name> = named.then(|| parser.identifier());
            if named {
                parser.bump();
            }
            AnonymousMember { name, value: parser.expression() }
        }))
    }

    /// `{ item, item, }`.
    fn braced_list<I>(&mut self, mut item: impl FnMut(&mut Self) -> I) -> Vec<I> {
        self.expect(T::OpenBrace);
        let mut items = Vec::new();
        while !self.at(T::CloseBrace) && !self.at(T::Semicolon) && !self.at_end() {
            let before = self.index;
            items.push(item(self));
            if self.eat(T::Comma) {
                continue;
            }
            if self.index == before || !starts_expression(self.kind()) {
                break;
            }
            self.error_here("CS1003", "Syntax error, ',' expected");
        }
        self.expect(T::CloseBrace);
        items
    }
}

enum Entry {
    Member(MemberInitializer),
    Element(CollectionElement),
}
