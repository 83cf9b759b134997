//! Query expressions: `from x in xs where … select …`.

use base::Span;

use super::{Expr, Name, Type};

/// A whole query.
#[derive(Clone, Debug)]
pub struct Query {
    /// The first `from`.
    pub from: FromClause,
    /// What follows.
    pub body: QueryBody,
}

/// `from T x in source`.
#[derive(Clone, Debug)]
pub struct FromClause {
    /// The range variable's type, where written: the source is then cast.
    pub ty: Option<Type>,
    /// The range variable.
    pub name: Name,
    /// What it ranges over.
    pub source: Expr,
    /// The clause.
    pub span: Span,
}

/// Clauses, a final `select` or `group`, and perhaps `into` another body.
#[derive(Clone, Debug)]
pub struct QueryBody {
    /// The clauses in their order.
    pub clauses: Vec<QueryClause>,
    /// `select` or `group … by`.
    pub finish: QueryFinish,
    /// `into name` and what comes behind it.
    pub continuation: Option<Box<QueryContinuation>>,
}

/// `into name body`.
#[derive(Clone, Debug)]
pub struct QueryContinuation {
    /// The new range variable; all others end here.
    pub name: Name,
    /// What follows.
    pub body: QueryBody,
}

/// A clause in the middle of a query.
#[derive(Clone, Debug)]
pub enum QueryClause {
    /// Another `from`.
    From(FromClause),
    /// `let name = value`.
    Let {
        /// The new range variable.
        name: Name,
        /// Its value.
        value: Expr,
    },
    /// `where condition`.
    Where(Expr),
    /// `join … in … on … equals … [into …]`.
    Join(Box<JoinClause>),
    /// `orderby a, b descending`.
    OrderBy(Vec<Ordering>),
}

/// `join T x in source on left equals right into group`.
#[derive(Clone, Debug)]
pub struct JoinClause {
    /// The new range variable's type, where written.
    pub ty: Option<Type>,
    /// The new range variable.
    pub name: Name,
    /// What it ranges over.
    pub source: Expr,
    /// The key of what was there before.
    pub left: Expr,
    /// The key of the new range variable.
    pub right: Expr,
    /// The name of a group join.
    pub into: Option<Name>,
    /// The clause.
    pub span: Span,
}

/// One key of `orderby`.
#[derive(Clone, Debug)]
pub struct Ordering {
    /// The key.
    pub key: Expr,
    /// Whether `descending` is written.
    pub descending: bool,
}

/// How a query body ends.
#[derive(Clone, Debug)]
pub enum QueryFinish {
    /// `select value`.
    Select(Expr),
    /// `group value by key`.
    Group {
        /// What is grouped.
        value: Expr,
        /// By what.
        key: Expr,
    },
    /// The query ends without one; the parser has reported it.
    Missing(Span),
}
