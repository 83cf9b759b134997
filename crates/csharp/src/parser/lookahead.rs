//! Decides between readings by looking over the tokens ahead; builds and reports nothing.

use super::{MAX_HEIGHT, Parser};
use crate::ast::Predefined;
use crate::token::TokenKind as T;

/// What tokens look like that may be a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// No type.
    No,
    /// Only a type: `int`, `T[]`.
    Type,
    /// A name whose arguments only a type can have: `List<int>`.
    Generic,
    /// A name, perhaps dotted or with arguments that are names themselves: an expression could look the same.
    Perhaps,
    /// `T?`.
    Nullable,
    /// `(T, U)`.
    Tuple,
}

/// Where a type stands: that settles what a `?` behind it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TypePlace {
    /// Where only a type can stand.
    Plain,
    /// At the end of an `is` or `as`: a `?` in front of an operand begins a conditional.
    EndOfExpression,
    /// Behind `new`.
    New,
}

impl Parser<'_> {
    /// Runs `look` and returns to the current token.
    pub(super) fn peek<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        let (index, last_end) = (self.index, self.last_end);
        let seen = look(self);
        (self.index, self.last_end) = (index, last_end);
        seen
    }

    /// Goes over a type.
    pub(super) fn scan_type(&mut self, place: TypePlace) -> Scan {
        if self.depth >= MAX_HEIGHT {
            return Scan::No;
        }
        self.depth += 1;
        let scan = self.scan_type_here(place);
        self.depth -= 1;
        scan
    }

    fn scan_type_here(&mut self, place: TypePlace) -> Scan {
        if self.eat(T::Ref) {
            self.eat(T::Readonly);
        }
        let mut scan = match self.kind() {
            T::Identifier => self.scan_type_name(),
            T::OpenParen => self.scan_tuple_type(),
            kind if predefined(kind).is_some() => {
                self.bump();
                // Pointers are types too, if only to be refused.
                while self.at(T::Star) {
                    self.bump();
                }
                Scan::Type
            }
            _ => Scan::No,
        };
        if scan == Scan::No {
            return Scan::No;
        }
        loop {
            match self.kind() {
                T::Question if scan != Scan::Nullable && self.nullable_mark_here(place) => {
                    self.bump();
                    scan = Scan::Nullable;
                }
                T::OpenBracket => {
                    self.bump();
                    while self.eat(T::Comma) {}
                    if !self.eat(T::CloseBracket) {
                        return Scan::No;
                    }
                    scan = Scan::Type;
                }
                _ => return scan,
            }
        }
    }

    fn scan_type_name(&mut self) -> Scan {
        let mut scan = self.scan_name_part();
        if self.at(T::ColonColon) {
            self.bump();
            scan = self.scan_name_part();
        }
        while scan != Scan::No && self.eat(T::Dot) {
            scan = self.scan_name_part();
        }
        scan
    }

    fn scan_name_part(&mut self) -> Scan {
        if !self.at_identifier() {
            return Scan::No;
        }
        self.bump();
        if self.at(T::Less) { self.scan_type_args() } else { Scan::Perhaps }
    }

    /// Goes over `<…>`. `Generic` where only type arguments can look so.
    fn scan_type_args(&mut self) -> Scan {
        self.bump();
        if matches!(self.kind(), T::Comma | T::Greater) {
            while self.eat(T::Comma) {}
            return if self.eat(T::Greater) { Scan::Perhaps } else { Scan::No };
        }
        let mut certain = false;
        loop {
            match self.scan_type(TypePlace::Plain) {
                Scan::No => return Scan::No,
                Scan::Perhaps => {}
                Scan::Type | Scan::Generic | Scan::Nullable | Scan::Tuple => {
                    certain |= matches!(self.kind(), T::Comma | T::Greater);
                }
            }
            if !self.eat(T::Comma) {
                break;
            }
        }
        match (self.eat(T::Greater), certain) {
            (false, _) => Scan::No,
            (true, true) => Scan::Generic,
            (true, false) => Scan::Perhaps,
        }
    }

    /// Goes over `(T, U name)`.
    pub(super) fn scan_tuple_type(&mut self) -> Scan {
        self.bump();
        let mut elements = 0;
        loop {
            if self.scan_type(TypePlace::Plain) == Scan::No {
                return Scan::No;
            }
            elements += 1;
            if self.at_identifier() {
                self.bump();
            }
            if !self.eat(T::Comma) {
                break;
            }
        }
        if elements > 1 && self.eat(T::CloseParen) { Scan::Tuple } else { Scan::No }
    }

    /// Whether the `?` here belongs to the type before it.
    pub(super) fn nullable_mark_here(&self, place: TypePlace) -> bool {
        match place {
            TypePlace::Plain => true,
            TypePlace::EndOfExpression => !starts_expression(self.kind_at(1)),
            TypePlace::New => matches!(self.kind_at(1), T::OpenParen | T::OpenBracket | T::OpenBrace),
        }
    }

    /// At `<` behind a name in an expression: whether type arguments follow. The rule of the language: they must be
    /// readable as such, and what comes behind must not begin an operand.
    pub(super) fn type_args_here(&mut self) -> bool {
        self.peek(|parser| match parser.scan_type_args() {
            Scan::No => false,
            Scan::Generic => true,
            _ => matches!(
                parser.kind(),
                T::OpenParen
                    | T::CloseParen
                    | T::OpenBracket
                    | T::CloseBracket
                    | T::OpenBrace
                    | T::CloseBrace
                    | T::Colon
                    | T::Semicolon
                    | T::Comma
                    | T::Dot
                    | T::Question
                    | T::EqualsEquals
                    | T::ExclamationEquals
                    | T::Bar
                    | T::Caret
                    | T::Ampersand
                    | T::AmpersandAmpersand
                    | T::BarBar
                    | T::Less
                    | T::LessEquals
                    | T::Greater
                    | T::GreaterEquals
                    | T::Is
                    | T::As
                    | T::HoleEnd
                    | T::HoleFormat(_)
            ),
        })
    }

    /// At `(`: whether a cast begins.
    pub(super) fn cast_here(&mut self) -> bool {
        self.peek(|parser| {
            parser.bump();
            let scan = parser.scan_type(TypePlace::Plain);
            if scan == Scan::No || !parser.eat(T::CloseParen) {
                return false;
            }
            if parser.in_query && super::is_query_word(parser.word()) {
                return false;
            }
            match scan {
                Scan::Type | Scan::Nullable => true,
                _ => can_follow_cast(parser.kind()),
            }
        })
    }

    /// Whether a lambda begins here, `async` and `static` included.
    pub(super) fn lambda_here(&self) -> bool {
        let mut ahead = 0;
        while matches!(self.word_at(ahead), "async") && self.kind_at(ahead + 1) != T::Arrow
            || self.kind_at(ahead) == T::Static
        {
            ahead += 1;
        }
        match self.kind_at(ahead) {
            T::Identifier => self.identifier_at(ahead) && self.kind_at(ahead + 1) == T::Arrow,
            T::OpenParen => self.matching_close(ahead).is_some_and(|close| self.kind_at(close + 1) == T::Arrow),
            T::Delegate => ahead > 0,
            _ => false,
        }
    }

    /// How far ahead the bracket is that closes the one `ahead`.
    fn matching_close(&self, ahead: usize) -> Option<usize> {
        let mut open = 0u32;
        for close in ahead.. {
            match self.kind_at(close) {
                T::OpenParen | T::OpenBracket | T::OpenBrace | T::InterpolationStart => open += 1,
                T::CloseParen | T::CloseBracket | T::CloseBrace | T::InterpolationEnd => {
                    open = open.checked_sub(1)?;
                    if open == 0 {
                        return Some(close);
                    }
                }
                T::End => return None,
                _ => {}
            }
        }
        None
    }

    /// Whether a statement here declares locals or a function.
    pub(super) fn declaration_here(&mut self) -> bool {
        match self.kind() {
            T::Ref | T::Const | T::Static | T::Readonly | T::Volatile | T::Void => return true,
            kind if predefined(kind).is_some() && !matches!(self.kind_at(1), T::Dot | T::OpenParen) => return true,
            _ => {}
        }
        if self.word() == "async" && self.peek(|parser| parser.async_function_here()) {
            return true;
        }
        if self.word() == "await" && self.kind_at(1) == T::Identifier && self.kind_at(2) != T::Equals {
            return false;
        }
        if self.at_identifier() {
            match self.kind_at(1) {
                T::Identifier => return self.identifier_at(1),
                T::Dot | T::Star | T::Question | T::OpenBracket | T::Less | T::ColonColon => {}
                _ => return false,
            }
        }
        self.peek(|parser| match parser.scan_type(TypePlace::Plain) {
            Scan::No => false,
            // `F<int>(x);` is a call.
            Scan::Type | Scan::Generic => !matches!(parser.kind(), T::Dot | T::OpenParen),
            _ => parser.at_identifier(),
        })
    }

    /// `async`, a result type, a name and parameters.
    fn async_function_here(&mut self) -> bool {
        self.bump();
        self.scan_type(TypePlace::Plain) != Scan::No && self.at_identifier() && {
            self.bump();
            matches!(self.kind(), T::OpenParen | T::Less)
        }
    }

    /// Whether `T name` or `var (a, b)` stands here, as behind `out` or in a tuple. `ends` says what must follow.
    pub(super) fn declaration_expression_here(&mut self, nested: bool, ends: impl FnOnce(T) -> bool) -> bool {
        self.peek(|parser| {
            let nested = nested && parser.word() == "var";
            parser.scan_type(TypePlace::Plain) != Scan::No && parser.scan_designation(nested) && ends(parser.kind())
        })
    }

    /// Whether `var (a, b) =` stands here.
    pub(super) fn deconstruction_here(&mut self) -> bool {
        let typed = self.word() == "var" || predefined(self.kind()).is_some();
        typed
            && self.kind_at(1) == T::OpenParen
            && self.peek(|parser| {
                parser.bump();
                parser.scan_designation(true) && parser.at(T::Equals)
            })
    }

    fn scan_designation(&mut self, nested: bool) -> bool {
        if self.at_identifier() {
            self.bump();
            return true;
        }
        if !nested || !self.at(T::OpenParen) || self.depth >= MAX_HEIGHT {
            return false;
        }
        self.bump();
        self.depth += 1;
        let mut fits = self.scan_designation(true);
        while fits && self.eat(T::Comma) {
            fits = self.scan_designation(true);
        }
        self.depth -= 1;
        fits && self.eat(T::CloseParen)
    }

    /// Whether a query begins here: `from x in`, `from T x in`.
    pub(super) fn query_here(&mut self) -> bool {
        if self.word() != "from" {
            return false;
        }
        self.peek(|parser| {
            parser.bump();
            if parser.at_identifier() && parser.kind_at(1) == T::In {
                return true;
            }
            parser.scan_type(TypePlace::Plain) != Scan::No && parser.at_identifier()
        })
    }
}

/// The type that `kind` names.
pub(super) fn predefined(kind: T) -> Option<Predefined> {
    Some(match kind {
        T::Bool => Predefined::Bool,
        T::Byte => Predefined::Byte,
        T::SByte => Predefined::SByte,
        T::Short => Predefined::Short,
        T::UShort => Predefined::UShort,
        T::Int => Predefined::Int,
        T::UInt => Predefined::UInt,
        T::Long => Predefined::Long,
        T::ULong => Predefined::ULong,
        T::Char => Predefined::Char,
        T::Float => Predefined::Float,
        T::Double => Predefined::Double,
        T::Decimal => Predefined::Decimal,
        T::String => Predefined::String,
        T::Object => Predefined::Object,
        T::Void => Predefined::Void,
        _ => return None,
    })
}

/// Whether an operand can begin with `kind`.
pub(super) fn starts_expression(kind: T) -> bool {
    matches!(
        kind,
        T::Identifier
            | T::Literal(_)
            | T::InterpolationStart
            | T::OpenParen
            | T::New
            | T::TypeOf
            | T::SizeOf
            | T::Default
            | T::This
            | T::Base
            | T::Checked
            | T::Unchecked
            | T::Delegate
            | T::StackAlloc
            | T::Throw
            | T::Ref
            | T::Plus
            | T::Minus
            | T::Exclamation
            | T::Tilde
            | T::PlusPlus
            | T::MinusMinus
            | T::Ampersand
            | T::Star
            | T::Caret
            | T::DotDot
    ) || predefined(kind).is_some()
}

/// Whether `(Name)` in front of `kind` is a cast: not where `kind` could continue an expression.
fn can_follow_cast(kind: T) -> bool {
    matches!(
        kind,
        T::Identifier
            | T::Literal(_)
            | T::InterpolationStart
            | T::OpenParen
            | T::Exclamation
            | T::Tilde
            | T::New
            | T::This
            | T::Base
            | T::TypeOf
            | T::SizeOf
            | T::Default
            | T::Checked
            | T::Unchecked
            | T::Delegate
            | T::Static
            | T::StackAlloc
            | T::Throw
    ) || predefined(kind).is_some()
}
