//! Types.

use base::Span;

use super::Parser;
use super::lookahead::{TypePlace, predefined};
use crate::ast::{Name, SimpleName, TupleTypeElement, Type, TypeKind, TypeName};
use crate::token::TokenKind as T;

impl Parser<'_> {
    /// A type where only a type can stand.
    pub(super) fn type_(&mut self) -> Type {
        self.type_at(TypePlace::Plain)
    }

    /// A type, its `?` read as `place` asks.
    pub(super) fn type_at(&mut self, place: TypePlace) -> Type {
        let start = self.start();
        let outer = std::mem::replace(&mut self.deepest, self.depth);
        let parsed = self.nested(|parser| {
            let element = parser.element_type(place);
            parser.array_ranks(element, place, start)
        });
        self.deepest = self.deepest.max(outer);
        parsed.unwrap_or(Type { kind: TypeKind::Error, span: Span::new(start, start) })
    }

    /// A type without `[]` behind it.
    pub(super) fn element_type(&mut self, place: TypePlace) -> Type {
        let start = self.start();
        let mut ty = self.simple_type();
        if self.at(T::Star) && matches!(ty.kind, TypeKind::Predefined(_)) {
            while self.eat(T::Star) {}
            self.unsafe_code(self.since(start));
            ty = Type { kind: TypeKind::Error, span: self.since(start) };
        }
        if self.at(T::Question) && self.nullable_mark_here(place) {
            self.bump();
            self.push_down();
            ty = Type { kind: TypeKind::Nullable(Box::new(ty)), span: self.since(start) };
        }
        ty
    }

    /// `[]`, `[,]` and perhaps `?` behind them.
    fn array_ranks(&mut self, element: Type, place: TypePlace, start: u32) -> Type {
        let mut ty = element;
        while self.at(T::OpenBracket) {
            let mut ranks = Vec::new();
            while self.at(T::OpenBracket) && matches!(self.kind_at(1), T::Comma | T::CloseBracket) {
                ranks.push(self.rank());
                self.push_down();
            }
            if ranks.is_empty() {
                break;
            }
            ty = array(ty, &ranks, self.since(start));
            if self.at(T::Question) && self.nullable_mark_here(place) {
                self.bump();
                self.push_down();
                ty = Type { kind: TypeKind::Nullable(Box::new(ty)), span: self.since(start) };
            }
        }
        ty
    }

    /// `[,]`: the number of dimensions.
    pub(super) fn rank(&mut self) -> u32 {
        self.expect(T::OpenBracket);
        let mut rank = 1;
        while self.eat(T::Comma) {
            rank += 1;
        }
        self.expect(T::CloseBracket);
        rank
    }

    fn simple_type(&mut self) -> Type {
        let start = self.start();
        let kind = match self.kind() {
            T::OpenParen => self.tuple_type(),
            T::Identifier if self.at_identifier() => {
                if self.word() == "var" && !matches!(self.kind_at(1), T::Dot | T::Less | T::ColonColon) {
                    self.bump();
                    TypeKind::Var
                } else {
                    TypeKind::Named(self.type_name())
                }
            }
            kind => match predefined(kind) {
                Some(predefined) => {
                    self.bump();
                    TypeKind::Predefined(predefined)
                }
                None => {
                    self.error_here("CS1031", "Type expected");
                    return Type { kind: TypeKind::Error, span: self.span() };
                }
            },
        };
        Type { kind, span: self.since(start) }
    }

    fn type_name(&mut self) -> TypeName {
        let mut first = self.type_name_part();
        let mut alias = None;
        if self.at(T::ColonColon) {
            self.bump();
            alias = Some(first.name);
            first = self.type_name_part();
        }
        let mut parts = vec![first];
        while self.eat(T::Dot) {
            parts.push(self.type_name_part());
        }
        TypeName { alias, parts }
    }

    fn type_name_part(&mut self) -> SimpleName {
        let name = self.identifier();
        let type_args = self.at(T::Less).then(|| self.type_args());
        SimpleName { name, type_args }
    }

    /// `<A, B>` or, unbound, `<,>`.
    pub(super) fn type_args(&mut self) -> Vec<Type> {
        self.expect(T::Less);
        let mut args = Vec::new();
        loop {
            let omitted = matches!(self.kind(), T::Comma | T::Greater);
            let nothing = Type { kind: TypeKind::Omitted, span: Span::new(self.start(), self.start()) };
            args.push(if omitted { nothing } else { self.type_() });
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect(T::Greater);
        let is_omitted = |arg: &&Type| matches!(arg.kind, TypeKind::Omitted);
        if !args.iter().all(|arg| is_omitted(&arg))
            && let Some(omitted) = args.iter().find(is_omitted)
        {
            self.error("CS1031", "Type expected", omitted.span);
        }
        args
    }

    fn tuple_type(&mut self) -> TypeKind {
        let start = self.start();
        self.bump();
        let mut elements = Vec::new();
        loop {
            let ty = self.type_();
            let name: Option<Name> = self.at_identifier().then(|| self.identifier());
            elements.push(TupleTypeElement { ty, name });
            if !self.eat(T::Comma) {
                break;
            }
        }
        self.expect(T::CloseParen);
        if elements.len() < 2 {
            self.error("CS8124", "Tuple must contain at least two elements.", self.since(start));
            return TypeKind::Error;
        }
        TypeKind::Tuple(elements)
    }

    /// Refuses pointers, which no policy has.
    pub(super) fn unsafe_code(&mut self, span: Span) {
        self.error("CS0214", "Pointers and fixed size buffers may only be used in an unsafe context", span);
    }
}

/// `element` with `ranks` behind it: the first is the outermost.
pub(super) fn array(element: Type, ranks: &[u32], span: Span) -> Type {
    ranks
        .iter()
        .rev()
        .fold(element, |element, rank| Type { kind: TypeKind::Array { element: Box::new(element), rank: *rank }, span })
}
