//! `for` and `foreach`.

use base::Span;

use super::{Binder, Operand, convert::qualified};
use crate::{
    ast::{self, ForInit, ForeachVariable, TypeKind},
    ir::{Arg, Expr, Kind, Stmt, StmtKind},
    ty::Ty,
    value::Const,
};

impl<'a> Binder<'a> {
    pub(super) fn for_loop(&mut self, source: &'a ast::For) -> StmtKind {
        let init = match &source.init {
            ForInit::Local(local) => self.local(local),
            ForInit::Exprs(exprs) => {
                let effects = exprs
                    .iter()
                    .map(|expr| Stmt { kind: StmtKind::Expr(self.statement_expression(expr)), span: expr.span });
                effects.collect()
            }
        };
        let condition = source.condition.as_ref().map(|condition| self.condition(condition));
        let body = Box::new(self.body(&source.body));
        let step = source.step.iter().map(|step| self.statement_expression(step)).collect();
        StmtKind::For { init, condition, step, body }
    }

    /// A class that says itself how it is enumerated is asked: a `JObject` is a sequence of tokens to those who know it
    /// as a `JToken`, and one of pairs to `foreach`. All others are their interface.
    fn enumerator(&self, sequence: Expr) -> Expr {
        let own =
            self.surface.info_of(&sequence.ty).and_then(|info| info.by_name.get("GetEnumerator")?.first().copied());
        let Some(member) = own else { return sequence };
        let types = self.surface.type_args(&sequence.ty);
        let ty = self.surface.member(member).returns.substitute(types);
        if self.surface.element_type(&ty).is_none() {
            return sequence;
        }
        let (types, span) = (types.into(), sequence.span);
        Expr::new(Kind::Call { member, args: vec![Arg::Value(sequence)], types, created: None }, ty, span)
    }

    pub(super) fn foreach(&mut self, source: &'a ast::Foreach, span: Span) -> StmtKind {
        let sequence = self.value(&source.source);
        let sequence = self.enumerator(sequence);
        let element = match &sequence.ty {
            Ty::Error => Ty::Error,
            _ if is_null(&sequence) => {
                self.error("CS0186", "Use of null is not valid in this context", sequence.span);
                Ty::Error
            }
            ty => match self.surface.element_type(ty) {
                Some(element) => element,
                None if self
                    .surface
                    .interfaces(ty)
                    .iter()
                    .chain([ty])
                    .any(|known| known.def().is_some_and(|def| def.name == "System.Collections.IEnumerable")) =>
                {
                    Ty::OBJECT
                }
                None => {
                    let text = format!(
                        "foreach statement cannot operate on variables of type '{ty}' because '{ty}' does not contain a public instance or extension definition for 'GetEnumerator'"
                    );
                    self.error("CS1579", text, sequence.span);
                    Ty::Error
                }
            },
        };
        // `MatchCollection` and its like say through their indexer what they hold.
        let item = self.temp(element.clone());
        let value = self.var(item, span);
        let mut statements = Vec::new();
        match &source.variable {
            ForeachVariable::Local { ty, name } => {
                let declared = match &ty.kind {
                    TypeKind::Var => element.clone(),
                    _ => self.ty(ty),
                };
                let converted = if self.implicit_of(&value, &declared).is_some() {
                    self.coerce_value(value, &declared)
                } else if self.explicit(&element, &declared).is_some() {
                    self.cast(Operand::Value(value), &declared, source.keyword)
                } else {
                    self.error(
                        "CS0030",
                        format!("Cannot convert type '{}' to '{}'", qualified(&element), qualified(&declared)),
                        source.keyword,
                    );
                    Expr::error(span)
                };
                let var = self.declare_local(name, declared);
                self.read_only.push((var, "foreach iteration variable"));
                statements.push(Stmt { kind: StmtKind::Local(var, Some(converted)), span: name.span });
            }
            ForeachVariable::Deconstruction(target) => {
                let assigned = self.deconstruct_into(target, value, span);
                statements.push(Stmt { kind: StmtKind::Expr(assigned), span: target.span });
            }
        }
        statements.push(self.body(&source.body));
        let body = Stmt { kind: StmtKind::Block(statements), span };
        StmtKind::Foreach { source: sequence, item, body: Box::new(body) }
    }
}

/// Whether it is `null`, cast or not.
fn is_null(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Const(Const::Null) => true,
        Kind::Convert(crate::ir::Conversion::Same, inner) => is_null(inner),
        _ => false,
    }
}
