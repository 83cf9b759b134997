//! Tokens to the syntax tree: recursive descent, operators by precedence.
//!
//! What a C# compiler accepts is accepted, what it refuses gets its code and its words. The parser goes on behind an error
//! with what the text most likely meant, so that the binder can report on the rest; a part that says nothing becomes an
//! `Error` node. Where the grammar is ambiguous (cast or parenthesis, `<` or type arguments, declaration or expression) it
//! looks ahead over tokens without building anything: `lookahead`.

mod creation;
mod declaration;
mod expression;
mod interpolation;
mod lambda;
mod lookahead;
mod pattern;
mod primary;
mod query;
mod statement;
mod switch;
mod types;

use base::{Diagnostic, Span};

use crate::ast::{Block, Expr, ExprKind, Name};
use crate::lexer::{self, Tokens};
use crate::token::{Token, TokenKind};

/// No tree is higher than this, counted in nodes on the longest path; longer chains and deeper nesting are refused
/// (CS8078). So a recursive pass over a tree needs no guard of its own.
pub const MAX_HEIGHT: u32 = 256;

/// What is said of `*` and `->`: nothing in a policy is a pointer.
const NOT_A_POINTER: &str = "The * or -> operator must be applied to a pointer";

/// Parses the text inside `@( … )`. None where there is no expression at all.
///
/// Lines and columns are those of `source`; the diagnostics come in the order of their places.
pub fn parse_expression(source: &str) -> (Option<Expr>, Vec<Diagnostic>) {
    let mut tokens = lexer::tokenize(source);
    // A compiler sees the text between `return` and `;`, and cites the `;` where an operand is missing.
    let end = tokens.list.len() - 1;
    let semicolon = Token { kind: TokenKind::Semicolon, span: Span::new(source.len() as u32, source.len() as u32) };
    tokens.list.insert(end, semicolon);
    let mut parser = Parser::new(source, &tokens);
    let value = parser.whole_expression(end);
    let diagnostics = parser.finish();
    (value, diagnostics)
}

/// Parses the text inside `@{ … }`.
///
/// Lines and columns are those of `source`; the diagnostics come in the order of their places.
pub fn parse_block(source: &str) -> (Block, Vec<Diagnostic>) {
    let tokens = lexer::tokenize(source);
    let mut parser = Parser::new(source, &tokens);
    let statements = parser.statements(false);
    if parser.at(TokenKind::CloseBrace) {
        parser.error("CS1022", "Type or namespace definition, or end-of-file expected", parser.span());
    }
    let block = Block { statements, span: Span::new(0, source.len() as u32) };
    (block, parser.finish())
}

struct Parser<'s> {
    source: &'s str,
    tokens: &'s Tokens,
    /// Index of the current token; never past the last.
    index: usize,
    /// Where the token before ends.
    last_end: u32,
    diagnostics: Vec<Diagnostic>,
    /// How deep the current place is nested.
    depth: u32,
    /// How deep the deepest node of the current expression lies: chains like `a + b + c` push their start down.
    deepest: u32,
    /// Nothing more is read or reported: the text is too deep, or past what a block may hold.
    abandoned: bool,
    /// Whether query words (`select`, `where` …) are reserved here.
    in_query: bool,
    /// Whether a `catch` or `finally` here ends the block around.
    in_try: bool,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str, tokens: &'s Tokens) -> Self {
        Self {
            source,
            tokens,
            index: 0,
            last_end: 0,
            diagnostics: Vec::new(),
            depth: 0,
            deepest: 0,
            abandoned: false,
            in_query: false,
            in_try: false,
        }
    }

    fn whole_expression(&mut self, end: usize) -> Option<Expr> {
        if self.at(TokenKind::Semicolon) {
            self.error("CS0126", "An object of a type convertible to 'object' is required", self.span());
            return None;
        }
        let value = self.ref_or_expression();
        if !self.at(TokenKind::Semicolon) {
            let expected = Diagnostic::error("CS1002", "; expected", self.span());
            self.report(expected.note("An expression ends here. Statements are written in @{ … }."));
        } else {
            let extra = self.span();
            while self.at(TokenKind::Semicolon) {
                self.bump();
            }
            if self.index < end {
                self.error("CS1073", "Unexpected token ';'", extra);
            }
        }
        Some(value)
    }

    /// All diagnostics by place; at one place those of the grammar before those of single tokens.
    fn finish(self) -> Vec<Diagnostic> {
        let mut all = self.diagnostics;
        all.extend(self.tokens.diagnostics.iter().cloned());
        all.sort_by_key(|diagnostic| diagnostic.span.start);
        all
    }

    // Tokens.

    fn kind(&self) -> TokenKind {
        self.kind_at(0)
    }

    fn kind_at(&self, ahead: usize) -> TokenKind {
        self.token_at(ahead).kind
    }

    fn token_at(&self, ahead: usize) -> Token {
        let past = Token { kind: TokenKind::End, span: Span::new(self.source.len() as u32, self.source.len() as u32) };
        self.tokens.list.get(self.index + ahead).copied().unwrap_or(past)
    }

    fn span(&self) -> Span {
        self.token_at(0).span
    }

    fn start(&self) -> u32 {
        self.span().start
    }

    fn since(&self, start: u32) -> Span {
        Span::new(start, self.last_end.max(start))
    }

    fn at(&self, kind: TokenKind) -> bool {
        self.kind() == kind
    }

    /// The current contextual word, empty if it is none.
    fn word(&self) -> &'s str {
        self.word_at(0)
    }

    fn word_at(&self, ahead: usize) -> &'s str {
        let token = self.token_at(ahead);
        if token.kind == TokenKind::Identifier { token.span.of(self.source) } else { "" }
    }

    fn bump(&mut self) -> Token {
        let token = self.token_at(0);
        if self.index + 1 < self.tokens.list.len() {
            self.index += 1;
        }
        self.last_end = token.span.end;
        token
    }

    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.at(kind);
        if found {
            self.bump();
        }
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.word() == word;
        if found {
            self.bump();
        }
        found
    }

    /// Takes `kind`, or reports that it is missing.
    fn expect(&mut self, kind: TokenKind) -> Span {
        if self.at(kind) {
            return self.bump().span;
        }
        match kind {
            TokenKind::Semicolon => self.error_here("CS1002", "; expected"),
            TokenKind::CloseParen => self.error_here("CS1026", ") expected"),
            TokenKind::OpenBrace => self.error_here("CS1514", "{ expected"),
            TokenKind::CloseBrace => self.error_here("CS1513", "} expected"),
            _ => self.error_here("CS1003", format!("Syntax error, '{}' expected", kind.text())),
        }
        Span::new(self.last_end, self.last_end)
    }

    fn expect_word(&mut self, word: &str) {
        if !self.eat_word(word) {
            self.error_here("CS1003", format!("Syntax error, '{word}' expected"));
        }
    }

    /// An identifier, or a missing one, which is reported.
    fn identifier(&mut self) -> Name {
        if self.at_identifier() {
            let span = self.bump().span;
            return Name { text: lexer::identifier_text(self.source, span).into(), span };
        }
        self.error_here("CS1001", "Identifier expected");
        Name { text: "".into(), span: self.span() }
    }

    fn at_identifier(&self) -> bool {
        self.identifier_at(0)
    }

    fn identifier_at(&self, ahead: usize) -> bool {
        self.kind_at(ahead) == TokenKind::Identifier && !(self.in_query && is_query_word(self.word_at(ahead)))
    }

    /// Whether the text, or the hole of the interpolated string around, ends here.
    fn at_end(&self) -> bool {
        use TokenKind::{End, HoleEnd, HoleFormat, InterpolationEnd};
        matches!(self.kind(), End | HoleEnd | HoleFormat(_) | InterpolationEnd)
    }

    /// Skips one token that fits nowhere; a whole interpolated string counts as one.
    fn skip(&mut self) {
        let mut open = 0u32;
        loop {
            match self.bump().kind {
                TokenKind::InterpolationStart => open += 1,
                TokenKind::InterpolationEnd => open = open.saturating_sub(1),
                TokenKind::End => return,
                _ => {}
            }
            if open == 0 {
                return;
            }
        }
    }

    /// Skips `{ … }` with all that is in it.
    fn skip_braces(&mut self) {
        let mut open = 0u32;
        while !self.at_end() {
            match self.kind() {
                TokenKind::OpenBrace => open += 1,
                TokenKind::CloseBrace => open = open.saturating_sub(1),
                _ => {}
            }
            self.skip();
            if open == 0 {
                return;
            }
        }
    }

    // Findings.

    fn report(&mut self, diagnostic: Diagnostic) {
        if !self.abandoned {
            self.diagnostics.push(diagnostic);
        }
    }

    fn error(&mut self, code: &'static str, message: impl Into<String>, span: Span) {
        self.report(Diagnostic::error(code, message, span));
    }

    /// Reports at the current token; where that is on a later line, at the end of the one before.
    fn error_here(&mut self, code: &'static str, message: impl Into<String>) {
        let here = self.span();
        let between = self.source.get(self.last_end as usize..here.start as usize).unwrap_or_default();
        let span = if between.contains('\n') { Span::new(self.last_end, self.last_end) } else { here };
        self.error(code, message, span);
    }

    /// Reports a form of a later C#.
    fn unavailable(&mut self, feature: &str, version: &str, span: Span) {
        let message = format!(
            "Feature '{feature}' is not available in C# 7.3. Please use language version {version} or greater."
        );
        self.error("CS8370", message, span);
    }

    /// Reads no further.
    fn abandon(&mut self) {
        self.abandoned = true;
        self.index = self.tokens.list.len() - 1;
    }

    // Height.

    /// Runs `parse` one level deeper, unless that is too deep: then the rest of the text is given up.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_HEIGHT {
            self.too_high();
            return None;
        }
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        let parsed = parse(self);
        self.depth -= 1;
        Some(parsed)
    }

    /// What is read so far becomes the child of another node.
    fn push_down(&mut self) {
        self.deepest += 1;
        if self.deepest > MAX_HEIGHT {
            self.too_high();
        }
    }

    fn too_high(&mut self) {
        self.error_here("CS8078", "An expression is too long or complex to compile");
        self.abandon();
    }
}

/// What stands for an expression that cannot be read.
fn error_expr(span: Span) -> Expr {
    Expr { kind: ExprKind::Error, span }
}

/// Words that are reserved inside a query.
fn is_query_word(word: &str) -> bool {
    matches!(
        word,
        "from"
            | "where"
            | "select"
            | "group"
            | "into"
            | "orderby"
            | "join"
            | "let"
            | "on"
            | "equals"
            | "by"
            | "ascending"
            | "descending"
    )
}

#[cfg(test)]
mod tests;
