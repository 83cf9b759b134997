//! Query syntax: rewritten to method calls, as the language defines it.

use std::{rc::Rc, sync::Arc};

use base::Span;

use super::{Binder, LambdaBody, LambdaParam, LambdaSource, Operand, Symbol, argument::Argument, overload::Called};
use crate::{
    ast::{self, QueryClause, QueryFinish},
    ir::{Expr, Kind, VarId},
    ty::{AnonymousTy, Ty},
};

/// The range variables in scope: each with the path of fields that leads to it from the lambda's parameter.
#[derive(Clone)]
struct Ranges<'a>(Vec<(&'a str, Vec<usize>)>);

impl<'a> Ranges<'a> {
    fn one(name: &'a str) -> Self {
        Self(vec![(name, Vec::new())])
    }

    /// The old variables one level down, and a new one beside them.
    fn with(&self, name: &'a str) -> Self {
        let mut all: Vec<_> = self.0.iter().map(|(name, path)| (*name, [&[0], path.as_slice()].concat())).collect();
        all.push((name, vec![1]));
        Self(all)
    }
}

type Make<'a> = Rc<dyn Fn(&mut Binder<'a>, &[VarId]) -> Expr + 'a>;

impl<'a> Binder<'a> {
    pub(super) fn query(&mut self, query: &'a ast::Query, span: Span) -> Operand<'a> {
        let source = self.source(&query.from.source, query.from.ty.as_ref(), span);
        Operand::Value(self.query_body(source, Ranges::one(&query.from.name.text), &query.body, span))
    }

    fn source(&mut self, source: &'a ast::Expr, ty: Option<&'a ast::Type>, span: Span) -> Expr {
        let value = self.value(source);
        match ty {
            None => value,
            Some(ty) => {
                let ty = self.ty(ty);
                let Some(candidate) =
                    self.surface.extensions("Cast").first().map(|id| self.candidate(*id, Vec::new(), 0))
                else {
                    return value;
                };
                let args = vec![Argument::value(value)];
                match self.resolve(&[candidate], &args, &[ty], super::overload::Called::Method("Cast"), Some(span)) {
                    Some(found) => self.finish_call(found, None, args, span),
                    None => Expr::error(span),
                }
            }
        }
    }

    fn query_body(&mut self, mut source: Expr, mut ranges: Ranges<'a>, body: &'a ast::QueryBody, span: Span) -> Expr {
        for clause in &body.clauses {
            if source.is_error() {
                break;
            }
            match clause {
                QueryClause::Where(condition) => {
                    let test = self.selector(&ranges, condition);
                    source = self.call_named(source, "Where", vec![test], span);
                }
                QueryClause::Let { name, value } => {
                    let make = self.pairing(&ranges, &name.text, value);
                    source = self.call_named(source, "Select", vec![made(vec![""], make, span)], span);
                    ranges = ranges.with(&name.text);
                }
                QueryClause::From(from) => {
                    let inner = ranges.clone();
                    let collection: Make<'a> = Rc::new(move |binder, vars| {
                        inner.scoped(binder, vars[0], |binder| binder.source(&from.source, from.ty.as_ref(), from.span))
                    });
                    let pair = pair_of(&from.name.text);
                    let args = vec![made(vec![""], collection, span), made(vec!["", ""], pair, span)];
                    source = self.call_named(source, "SelectMany", args, span);
                    ranges = ranges.with(&from.name.text);
                }
                QueryClause::Join(join) => {
                    let other = self.source(&join.source, join.ty.as_ref(), join.span);
                    let left = self.selector(&ranges, &join.left);
                    let right = self.selector(&Ranges::one(&join.name.text), &join.right);
                    let (method, name) = match &join.into {
                        Some(into) => ("GroupJoin", &*into.text),
                        None => ("Join", &*join.name.text),
                    };
                    let args = vec![Argument::value(other), left, right, made(vec!["", ""], pair_of(name), span)];
                    source = self.call_named(source, method, args, span);
                    ranges = ranges.with(name);
                }
                QueryClause::OrderBy(keys) => {
                    for (at, ordering) in keys.iter().enumerate() {
                        let method = match (at, ordering.descending) {
                            (0, false) => "OrderBy",
                            (0, true) => "OrderByDescending",
                            (_, false) => "ThenBy",
                            (_, true) => "ThenByDescending",
                        };
                        let key = self.selector(&ranges, &ordering.key);
                        source = self.call_named(source, method, vec![key], span);
                    }
                }
            }
        }
        if source.is_error() {
            return source;
        }
        let trivial = |expr: &ast::Expr, ranges: &Ranges<'a>| matches!((&expr.kind, ranges.0.as_slice()), (ast::ExprKind::Name(name), [(only, path)]) if &*name.name.text == *only && path.is_empty());
        let result = match &body.finish {
            QueryFinish::Select(value) if trivial(value, &ranges) && !body.clauses.is_empty() => source,
            QueryFinish::Select(value) => {
                let value = self.selector(&ranges, value);
                self.call_named(source, "Select", vec![value], span)
            }
            QueryFinish::Group { value, key } if trivial(value, &ranges) => {
                let key = self.selector(&ranges, key);
                self.call_named(source, "GroupBy", vec![key], span)
            }
            QueryFinish::Group { value, key } => {
                let (key, value) = (self.selector(&ranges, key), self.selector(&ranges, value));
                self.call_named(source, "GroupBy", vec![key, value], span)
            }
            QueryFinish::Missing(_) => Expr::error(span),
        };
        match &body.continuation {
            Some(next) => self.query_body(result, Ranges::one(&next.name.text), &next.body, span),
            None => result,
        }
    }

    /// `x => expr`, where the range variables are reached through `x`.
    fn selector(&mut self, ranges: &Ranges<'a>, expr: &'a ast::Expr) -> Argument<'a> {
        let ranges = ranges.clone();
        let make: Make<'a> = Rc::new(move |binder, vars| ranges.scoped(binder, vars[0], |binder| binder.value(expr)));
        made(vec![""], make, expr.span)
    }

    /// `x => new { x, name = expr }`.
    fn pairing(&mut self, ranges: &Ranges<'a>, name: &'a str, expr: &'a ast::Expr) -> Make<'a> {
        let ranges = ranges.clone();
        Rc::new(move |binder, vars| {
            let value = ranges.scoped(binder, vars[0], |binder| binder.value(expr));
            let whole = binder.var(vars[0], expr.span);
            pair(whole, value, name, expr.span)
        })
    }

    /// Calls a method by name on a value, for what the language rewrites: query clauses.
    pub(super) fn call_named(
        &mut self,
        receiver: Expr,
        name: &'static str,
        args: Vec<Argument<'a>>,
        span: Span,
    ) -> Expr {
        if receiver.is_error() {
            return Expr::error(span);
        }
        let candidates: Vec<_> = self
            .members(&receiver.ty, name)
            .into_iter()
            .map(|(id, outer, depth)| self.candidate(id, outer, depth))
            .collect();
        if candidates.is_empty() && self.surface.element_type(&receiver.ty).is_none() && receiver.ty != Ty::Error {
            let text = format!(
                "Could not find an implementation of the query pattern for source type '{}'.  '{name}' not found.",
                receiver.ty
            );
            self.error("CS1936", text, receiver.span);
            return Expr::error(span);
        }
        let group = super::MethodGroup {
            name,
            receiver: Some(receiver.clone()),
            owner: None,
            candidates,
            type_args: Vec::new(),
            span,
            name_span: span,
        };
        self.call_methods(&group, Some(receiver), args, Called::Method(name), span)
    }
}

impl<'a> Ranges<'a> {
    /// Binds something in which the range variables are reached through `var`.
    fn scoped(&self, binder: &mut Binder<'a>, var: VarId, bind: impl FnOnce(&mut Binder<'a>) -> Expr) -> Expr {
        binder.scoped(|binder| {
            for (name, path) in &self.0 {
                let mut reach = binder.var(var, Span::default());
                for field in path {
                    let ty = match &reach.ty {
                        Ty::Anonymous(anonymous) => {
                            anonymous.fields.get(*field).map_or(Ty::Error, |(_, ty)| ty.clone())
                        }
                        _ => Ty::Error,
                    };
                    reach = Expr::new(Kind::Field(Box::new(reach), *field), ty, Span::default());
                }
                binder.declare(name, Symbol::Range(reach));
            }
            bind(binder)
        })
    }
}

fn pair(left: Expr, right: Expr, name: &str, span: Span) -> Expr {
    if left.is_error() || right.is_error() {
        return Expr::error(span);
    }
    let ty = Arc::new(AnonymousTy {
        fields: vec![("<>h__TransparentIdentifier".into(), left.ty.clone()), (name.into(), right.ty.clone())],
    });
    Expr::new(Kind::Anonymous(ty.clone(), vec![left, right]), Ty::Anonymous(ty), span)
}

fn pair_of(name: &str) -> Make<'_> {
    Rc::new(move |binder, vars| {
        let (left, right) = (binder.var(vars[0], Span::default()), binder.var(vars[1], Span::default()));
        pair(left, right, name, Span::default())
    })
}

fn made<'a>(names: Vec<&'a str>, make: Make<'a>, span: Span) -> Argument<'a> {
    let params = names.into_iter().map(|name| LambdaParam { name, ty: None, by_ref: false, span }).collect();
    Argument::operand(
        Operand::Lambda(LambdaSource { params: Some(params), body: LambdaBody::Made(make), span, arrow: span }),
        span,
    )
}
