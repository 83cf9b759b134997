//! Statements.

use base::Span;

use super::expression::operator;
use super::lookahead::{predefined, starts_expression};
use super::primary::starts_statement;
use super::{Parser, error_expr};
use crate::ast::{
    Block, Catch, Designation, Expr, ExprKind, For, ForInit, Foreach, ForeachVariable, Name, Stmt, StmtKind, Try,
    UsingResource,
};
use crate::token::TokenKind as T;

impl Parser<'_> {
    /// `{ … }`.
    pub(super) fn block(&mut self) -> Block {
        let start = self.start();
        if !self.at(T::OpenBrace) {
            self.expect(T::OpenBrace);
            // As if `{ }` stood here.
            self.expect(T::CloseBrace);
            return Block { statements: Vec::new(), span: Span::new(self.last_end, self.last_end) };
        }
        self.bump();
        let statements = self.statements(false);
        self.expect(T::CloseBrace);
        Block { statements, span: self.since(start) }
    }

    /// Statements up to `}`, or in a `switch` up to the next label.
    pub(super) fn statements(&mut self, in_section: bool) -> Vec<Stmt> {
        let mut statements = Vec::new();
        let mut reported = false;
        while !self.at(T::CloseBrace) && !self.at_end() {
            let clause = self.in_try && matches!(self.kind(), T::Catch | T::Finally);
            if clause || (in_section && self.label_of_section_here()) {
                break;
            }
            if self.statement_here() {
                reported = false;
                let before = self.index;
                statements.push(self.statement());
                if self.index == before {
                    self.skip();
                }
            } else if self.member_here() {
                // A type or a member of one: what follows is no longer inside a method.
                self.error_here("CS1513", "} expected");
                self.abandon();
            } else {
                if !reported {
                    self.error_here("CS1513", "} expected");
                    reported = true;
                }
                self.skip();
            }
        }
        statements
    }

    fn label_of_section_here(&self) -> bool {
        self.at(T::Case) || (self.at(T::Default) && self.kind_at(1) != T::OpenParen && self.kind_at(1) != T::Dot)
    }

    fn statement_here(&self) -> bool {
        let kind = self.kind();
        match kind {
            T::Case => false,
            T::Identifier => self.at_identifier(),
            T::OpenBrace | T::Semicolon | T::Static | T::Readonly | T::Volatile | T::OpenBracket => true,
            T::Fixed | T::Unsafe => true,
            // An operator without its left operand: it is better reported than skipped.
            _ if operator(kind).is_some() => true,
            _ => starts_statement(kind) || starts_expression(kind) || self.modified_function_here(),
        }
    }

    fn member_here(&self) -> bool {
        matches!(
            self.kind(),
            T::Class
                | T::Struct
                | T::Interface
                | T::Enum
                | T::Namespace
                | T::Event
                | T::Implicit
                | T::Explicit
                | T::Operator
                | T::Extern
        ) || is_access_modifier(self.kind())
    }

    /// `public int F(…)`: a local function with a modifier that it cannot have.
    fn modified_function_here(&self) -> bool {
        is_access_modifier(self.kind())
            && (self.kind_at(1) == T::Identifier || predefined(self.kind_at(1)).is_some())
            && self.kind_at(2) == T::Identifier
            && self.kind_at(3) == T::OpenParen
    }

    /// A statement.
    pub(super) fn statement(&mut self) -> Stmt {
        let start = self.start();
        let kind = self.nested(Self::statement_kind).unwrap_or(StmtKind::Error);
        Stmt { kind, span: self.since(start) }
    }

    fn statement_kind(&mut self) -> StmtKind {
        match self.kind() {
            T::OpenBrace => StmtKind::Block(self.block()),
            T::Semicolon => {
                self.bump();
                StmtKind::Empty
            }
            T::If => self.if_statement(),
            T::Else => self.else_statement(),
            T::While => self.while_statement(),
            T::Do => self.do_statement(),
            T::For => self.for_statement(),
            T::Foreach => self.foreach_statement(),
            T::Switch => self.switch_statement(),
            T::Break => self.keyword_statement(StmtKind::Break),
            T::Continue => self.keyword_statement(StmtKind::Continue),
            T::Goto => self.goto_statement(),
            T::Return => self.return_statement(),
            T::Throw => self.throw_statement(),
            T::Try | T::Catch | T::Finally => self.try_statement(),
            T::Using => self.using_statement(),
            T::Lock => self.lock_statement(),
            T::Checked if self.kind_at(1) != T::OpenParen => {
                self.bump();
                StmtKind::Checked(self.block())
            }
            T::Unchecked if self.kind_at(1) != T::OpenParen => {
                self.bump();
                StmtKind::Unchecked(self.block())
            }
            T::Unsafe | T::Fixed => self.unsafe_statement(),
            kind if is_access_modifier(kind) => self.declaration_statement(),
            T::Identifier if self.at_identifier() && self.kind_at(1) == T::Colon => self.labeled(),
            T::Identifier if self.word() == "yield" && matches!(self.kind_at(1), T::Return | T::Break) => {
                self.yield_statement()
            }
            T::Identifier if self.word() == "await" && matches!(self.kind_at(1), T::Using | T::Foreach) => {
                self.asynchronous_statement()
            }
            _ if self.declaration_here() => self.declaration_statement(),
            _ => {
                let value = self.expression();
                self.expect(T::Semicolon);
                StmtKind::Expr(value)
            }
        }
    }

    /// The body of `if` and loops: anything but a declaration.
    fn embedded(&mut self) -> Stmt {
        let statement = self.statement();
        if matches!(statement.kind, StmtKind::Local(_) | StmtKind::Function(_) | StmtKind::Labeled { .. }) {
            let message = "Embedded statement cannot be a declaration or labeled statement";
            self.error("CS1023", message, statement.span);
        }
        statement
    }

    fn condition(&mut self) -> Expr {
        self.expect(T::OpenParen);
        let condition = self.expression();
        self.expect(T::CloseParen);
        condition
    }

    fn if_statement(&mut self) -> StmtKind {
        self.expect(T::If);
        let condition = self.condition();
        let then = Box::new(self.embedded());
        let otherwise = self.eat(T::Else).then(|| Box::new(self.embedded()));
        StmtKind::If { condition, then, otherwise }
    }

    /// An `else` without its `if`, as if both branches had been there.
    fn else_statement(&mut self) -> StmtKind {
        let here = self.span();
        self.error("CS8641", "'else' cannot start a statement.", here);
        self.bump();
        let nowhere = Span::new(here.start, here.start);
        let then = Box::new(Stmt { kind: StmtKind::Empty, span: nowhere });
        let otherwise = Some(Box::new(self.embedded()));
        StmtKind::If { condition: error_expr(nowhere), then, otherwise }
    }

    fn while_statement(&mut self) -> StmtKind {
        self.bump();
        let condition = self.condition();
        StmtKind::While { condition, body: Box::new(self.embedded()) }
    }

    fn do_statement(&mut self) -> StmtKind {
        self.bump();
        let body = Box::new(self.embedded());
        self.expect(T::While);
        let condition = self.condition();
        self.expect(T::Semicolon);
        StmtKind::Do { body, condition }
    }

    fn for_statement(&mut self) -> StmtKind {
        self.bump();
        self.expect(T::OpenParen);
        let init = if self.at(T::Semicolon) || self.at_end() {
            ForInit::Exprs(Vec::new())
        } else if self.declaration_here() {
            ForInit::Local(self.local_declaration())
        } else {
            ForInit::Exprs(self.expressions())
        };
        self.expect(T::Semicolon);
        let condition = (!self.at(T::Semicolon) && !self.at_end()).then(|| self.expression());
        self.expect(T::Semicolon);
        let step = if self.at(T::CloseParen) { Vec::new() } else { self.expressions() };
        self.expect(T::CloseParen);
        StmtKind::For(Box::new(For { init, condition, step, body: self.embedded() }))
    }

    fn expressions(&mut self) -> Vec<Expr> {
        let mut all = vec![self.expression()];
        while self.eat(T::Comma) {
            all.push(self.expression());
        }
        all
    }

    fn foreach_statement(&mut self) -> StmtKind {
        let keyword = self.bump().span;
        self.expect(T::OpenParen);
        let variable = if self.declaration_expression_here(true, |_| true) {
            self.foreach_declaration()
        } else {
            ForeachVariable::Deconstruction(self.expression())
        };
        if let ForeachVariable::Deconstruction(value) = &variable
            && !matches!(value.kind, ExprKind::Tuple(_) | ExprKind::Declaration { .. })
        {
            let place = value.span;
            self.error("CS0230", "Type and identifier are both required in a foreach statement", place);
        }
        if !self.eat(T::In) {
            self.error_here("CS1515", "'in' expected");
        }
        let source = self.expression();
        self.expect(T::CloseParen);
        let body = self.embedded();
        StmtKind::Foreach(Box::new(Foreach { variable, source, body, keyword }))
    }

    fn foreach_declaration(&mut self) -> ForeachVariable {
        let declaration = self.declaration_expression();
        match declaration.kind {
            ExprKind::Declaration { ty, designation: Designation::Name(name) } => ForeachVariable::Local { ty, name },
            // `_` is a local like any other here.
            ExprKind::Declaration { ty, designation: Designation::Discard(span) } => {
                ForeachVariable::Local { ty, name: Name { text: "_".into(), span } }
            }
            kind => ForeachVariable::Deconstruction(Expr { kind, span: declaration.span }),
        }
    }

    fn keyword_statement(&mut self, kind: StmtKind) -> StmtKind {
        self.bump();
        self.expect(T::Semicolon);
        kind
    }

    fn goto_statement(&mut self) -> StmtKind {
        self.bump();
        let kind = match self.kind() {
            T::Case => {
                self.bump();
                StmtKind::GotoCase(self.expression())
            }
            T::Default => {
                self.bump();
                StmtKind::GotoDefault
            }
            _ => StmtKind::Goto(self.identifier()),
        };
        self.expect(T::Semicolon);
        kind
    }

    fn return_statement(&mut self) -> StmtKind {
        self.bump();
        let value = (!self.at(T::Semicolon)).then(|| self.ref_or_expression());
        self.expect(T::Semicolon);
        StmtKind::Return(value)
    }

    fn throw_statement(&mut self) -> StmtKind {
        self.bump();
        let value = (!self.at(T::Semicolon)).then(|| self.expression());
        self.expect(T::Semicolon);
        StmtKind::Throw(value)
    }

    fn try_statement(&mut self) -> StmtKind {
        let body = if self.eat(T::Try) {
            let in_try = std::mem::replace(&mut self.in_try, true);
            let body = self.block();
            self.in_try = in_try;
            body
        } else {
            self.expect(T::Try);
            self.expect(T::OpenBrace);
            self.expect(T::CloseBrace);
            Block { statements: Vec::new(), span: Span::new(self.last_end, self.last_end) }
        };
        let mut catches: Vec<Catch> = Vec::new();
        while self.at(T::Catch) {
            if catches.last().is_some_and(|last| last.ty.is_none() && last.filter.is_none()) {
                let message = "Catch clauses cannot follow the general catch clause of a try statement";
                self.error("CS1017", message, self.span());
            }
            catches.push(self.catch());
        }
        let finally = self.eat(T::Finally).then(|| self.block());
        if catches.is_empty() && finally.is_none() {
            self.error_here("CS1524", "Expected catch or finally");
        }
        StmtKind::Try(Box::new(Try { body, catches, finally }))
    }

    fn catch(&mut self) -> Catch {
        let start = self.bump().span.start;
        let (mut ty, mut name) = (None, None);
        if self.eat(T::OpenParen) {
            ty = Some(self.type_());
            name = self.at_identifier().then(|| self.identifier());
            self.expect(T::CloseParen);
        }
        let filter = self.eat_word("when").then(|| self.condition());
        let body = self.block();
        Catch { ty, name, filter, body, span: self.since(start) }
    }

    fn using_statement(&mut self) -> StmtKind {
        if self.kind_at(1) != T::OpenParen {
            let keyword = self.bump().span;
            self.unavailable("using declarations", "8.0", keyword);
            return self.declaration_statement();
        }
        self.bump();
        self.bump();
        let resource = if self.declaration_here() {
            UsingResource::Local(self.local_declaration())
        } else {
            UsingResource::Expr(self.expression())
        };
        self.expect(T::CloseParen);
        StmtKind::Using { resource, body: Box::new(self.embedded()) }
    }

    fn lock_statement(&mut self) -> StmtKind {
        self.bump();
        let target = self.condition();
        StmtKind::Lock { target, body: Box::new(self.embedded()) }
    }

    fn unsafe_statement(&mut self) -> StmtKind {
        let keyword = self.bump();
        if keyword.kind == T::Unsafe {
            self.error("CS0227", "Unsafe code may only appear if compiling with /unsafe", keyword.span);
            return StmtKind::Block(self.block());
        }
        self.unsafe_code(keyword.span);
        self.expect(T::OpenParen);
        self.local_declaration();
        self.expect(T::CloseParen);
        self.embedded();
        StmtKind::Error
    }

    fn labeled(&mut self) -> StmtKind {
        let label = self.identifier();
        self.bump();
        // `label: }` has nothing to stand before.
        StmtKind::Labeled { label, body: Box::new(self.statement()) }
    }

    fn yield_statement(&mut self) -> StmtKind {
        self.bump();
        let kind = if self.bump().kind == T::Break { StmtKind::YieldBreak } else { self.yield_return() };
        self.expect(T::Semicolon);
        kind
    }

    fn yield_return(&mut self) -> StmtKind {
        if self.at(T::Semicolon) {
            self.error_here("CS1627", "Expression expected after yield return");
            return StmtKind::Error;
        }
        StmtKind::YieldReturn(self.expression())
    }

    fn asynchronous_statement(&mut self) -> StmtKind {
        let word = self.bump().span;
        let feature = if self.at(T::Using) { "asynchronous using" } else { "async streams" };
        self.unavailable(feature, "8.0", word);
        self.statement_kind()
    }
}

fn is_access_modifier(kind: T) -> bool {
    matches!(
        kind,
        T::Public | T::Private | T::Protected | T::Internal | T::Abstract | T::Virtual | T::Override | T::Sealed
    )
}
