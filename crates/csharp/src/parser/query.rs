//! Query expressions.

use super::Parser;
use crate::ast::{
    Expr, ExprKind, FromClause, JoinClause, Name, Ordering, Query, QueryBody, QueryClause, QueryContinuation,
    QueryFinish, Type,
};
use crate::token::TokenKind as T;

impl Parser<'_> {
    /// A query, where `query_here` saw one.
    pub(super) fn query(&mut self) -> Expr {
        let start = self.start();
        let outer = std::mem::replace(&mut self.in_query, true);
        let from = self.range_clause();
        let body = self.query_body();
        self.in_query = outer;
        Expr { kind: ExprKind::Query(Box::new(Query { from, body })), span: self.since(start) }
    }

    fn query_body(&mut self) -> QueryBody {
        let mut clauses = Vec::new();
        loop {
            let clause = match self.word() {
                "from" => QueryClause::From(self.range_clause()),
                "let" => self.let_clause(),
                "where" => {
                    self.bump();
                    QueryClause::Where(self.expression())
                }
                "join" => QueryClause::Join(Box::new(self.join_clause())),
                "orderby" => self.order_by(),
                _ => break,
            };
            clauses.push(clause);
        }
        let finish = self.query_finish();
        let continuation = if self.word() == "into" { self.continuation() } else { None };
        QueryBody { clauses, finish, continuation }
    }

    fn continuation(&mut self) -> Option<Box<QueryContinuation>> {
        self.bump();
        self.nested(|parser| {
            let name = parser.identifier();
            Box::new(QueryContinuation { name, body: parser.query_body() })
        })
    }

    fn range_clause(&mut self) -> FromClause {
        let start = self.bump().span.start;
        let (ty, name) = self.range_variable();
        self.expect(T::In);
        let source = self.expression();
        FromClause { ty, name, source, span: self.since(start) }
    }

    fn let_clause(&mut self) -> QueryClause {
        self.bump();
        let name = self.identifier();
        self.expect(T::Equals);
        QueryClause::Let { name, value: self.expression() }
    }

    fn join_clause(&mut self) -> JoinClause {
        let start = self.bump().span.start;
        let (ty, name) = self.range_variable();
        self.expect(T::In);
        let source = self.expression();
        self.expect_word("on");
        let left = self.expression();
        self.expect_word("equals");
        let right = self.expression();
        let into = self.eat_word("into").then(|| self.identifier());
        JoinClause { ty, name, source, left, right, into, span: self.since(start) }
    }

    fn order_by(&mut self) -> QueryClause {
        self.bump();
        let mut keys = Vec::new();
        loop {
            let key = self.expression();
            let descending = self.word() == "descending";
            if descending || self.word() == "ascending" {
                self.bump();
            }
            keys.push(Ordering { key, descending });
            if !self.eat(T::Comma) {
                return QueryClause::OrderBy(keys);
            }
        }
    }

    fn query_finish(&mut self) -> QueryFinish {
        match self.word() {
            "select" => {
                self.bump();
                QueryFinish::Select(self.expression())
            }
            "group" => {
                self.bump();
                let value = self.expression();
                self.expect_word("by");
                QueryFinish::Group { value, key: self.expression() }
            }
            _ => {
                self.error_here("CS0742", "A query body must end with a select clause or a group clause");
                QueryFinish::Missing(self.span())
            }
        }
    }

    fn range_variable(&mut self) -> (Option<Type>, Name) {
        let untyped = self.at_identifier() && (self.kind_at(1) == T::In || !self.identifier_at(1));
        let untyped =
            untyped && !matches!(self.kind_at(1), T::Dot | T::Less | T::Question | T::OpenBracket | T::ColonColon);
        let ty = (!untyped).then(|| self.type_());
        (ty, self.identifier())
    }
}
