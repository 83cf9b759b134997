//! Lambdas and method groups, as delegates.

use std::rc::Rc;

use base::Span;

use super::{
    Binder, LambdaBody, LambdaParam, LambdaSource, MethodGroup, Operand, Returns, Symbol, argument::Argument,
    overload::Called,
};
use crate::{
    ast::{self, ExprKind, Passing},
    ir::{Expr, Function, Kind, Stmt, StmtKind},
    ty::Ty,
};

impl<'a> Binder<'a> {
    pub(super) fn lambda_source(&mut self, lambda: &'a ast::Lambda, span: Span) -> LambdaSource<'a> {
        if lambda.is_async {
            self.error("CS1983", "The return type of an async method must be void, Task or Task<T>", lambda.arrow);
        }
        let params = lambda.params.as_ref().map(|params| {
            let read = |param: &'a ast::LambdaParam, binder: &mut Self| LambdaParam {
                name: &param.name.text,
                ty: param.ty.as_ref().map(|ty| binder.ty(ty)),
                by_ref: matches!(param.passing, Passing::Ref | Passing::Out),
                span: param.name.span,
            };
            params.iter().map(|param| read(param, self)).collect()
        });
        let body = match &lambda.body {
            ast::LambdaBody::Expr(expr) => LambdaBody::Expr(expr),
            ast::LambdaBody::Block(block) => LambdaBody::Block(block),
        };
        LambdaSource { params, body, span, arrow: lambda.arrow }
    }

    /// A lambda as a delegate of type `to`.
    pub(super) fn lambda(&mut self, lambda: &LambdaSource<'a>, to: &Ty) -> Expr {
        let span = lambda.span;
        if *to == Ty::Error {
            return Expr::error(span);
        }
        let Some((inputs, output)) = self.delegate_signature(to) else {
            let what = if lambda.params.is_none() { "anonymous method" } else { "lambda expression" };
            let text = format!(
                "Cannot convert {what} to type '{}' because it is not a delegate type",
                super::convert::qualified(to)
            );
            self.error("CS1660", text, lambda.arrow);
            return Expr::error(span);
        };
        if let Some(params) = &lambda.params {
            if params.len() != inputs.len() {
                self.error("CS1593", format!("Delegate '{to}' does not take {} arguments", params.len()), lambda.arrow);
                return Expr { kind: Kind::Error, ty: to.clone(), span };
            }
            for (at, (param, input)) in params.iter().zip(&inputs).enumerate() {
                if let Some(own) = &param.ty
                    && own != input
                    && *own != Ty::Error
                {
                    self.error("CS1661", format!("Cannot convert lambda expression to type '{to}' because the parameter types do not match the delegate parameter types"), lambda.arrow);
                    let text = format!("Parameter {} is declared as type '{own}' but should be '{input}'", at + 1);
                    self.error("CS1678", text, param.span);
                    return Expr { kind: Kind::Error, ty: to.clone(), span };
                }
            }
        }
        let id = self.new_function();
        let _parent = self.current();
        self.enter(id, Returns::Typed(output.clone()));
        let params = self.lambda_params(lambda, &inputs);
        let body = match &lambda.body {
            LambdaBody::Expr(expr) => {
                let kind = if output == Ty::Void {
                    StmtKind::Expr(self.statement_expression(expr))
                } else {
                    let operand = self.operand(expr);
                    StmtKind::Return(Some(self.coerce(operand, &output, expr.span)))
                };
                Stmt { kind, span: expr.span }
            }
            LambdaBody::Block(block) => self.block(block),
            LambdaBody::Made(make) => {
                let vars: Vec<_> = params.iter().map(|param| param.var).collect();
                let value = make(self, &vars);
                let kind = if output == Ty::Void {
                    StmtKind::Expr(value)
                } else {
                    StmtKind::Return(Some(self.coerce_value(value, &output)))
                };
                Stmt { kind, span }
            }
        };
        self.leave();
        let function = Function { params, body, returns: output, iterator: None };
        self.add_function(id, function);
        Expr::new(Kind::Lambda(id), to.clone(), span)
    }

    fn lambda_params(&mut self, lambda: &LambdaSource<'a>, inputs: &[Ty]) -> Vec<crate::ir::Parameter> {
        let Some(params) = &lambda.params else {
            return inputs.iter().map(|ty| Self::parameter(self.temp(ty.clone()), false)).collect();
        };
        let mut out = Vec::new();
        for (param, ty) in params.iter().zip(inputs) {
            if !param.name.is_empty() && param.name != "_" {
                self.check_name(param.name, param.span);
            }
            let var = self.new_var(param.name, ty.clone(), true);
            if !param.name.is_empty() {
                self.declare(param.name, Symbol::Var(var));
            }
            out.push(Self::parameter(var, param.by_ref));
        }
        out
    }

    /// What the body of a lambda returns, if its parameters have these types. `None` if it cannot be said.
    fn lambda_returns(&mut self, lambda: &LambdaSource<'a>, inputs: &[Ty]) -> Option<Vec<Operand<'a>>> {
        if lambda.params.as_ref().is_some_and(|params| params.len() != inputs.len()) {
            return None;
        }
        let (returned, _) = self.on_trial(|binder| {
            let id = binder.new_function();
            binder.enter(id, Returns::Infer);
            let params = binder.lambda_params(lambda, inputs);
            let returned = match &lambda.body {
                LambdaBody::Expr(expr) => vec![binder.operand(expr)],
                LambdaBody::Block(block) => {
                    binder.block(block);
                    Vec::new()
                }
                LambdaBody::Made(make) => {
                    let vars: Vec<_> = params.iter().map(|param| param.var).collect();
                    vec![Operand::Value(make(binder, &vars))]
                }
            };
            let frame = binder.leave();
            match &lambda.body {
                LambdaBody::Block(_) => {
                    frame.map(|frame| frame.found_exprs.into_iter().map(Operand::Value).collect()).unwrap_or_default()
                }
                _ => returned,
            }
        })?;
        Some(returned)
    }

    /// The result type of a lambda with these parameter types.
    pub(super) fn inferred_return(&mut self, lambda: &LambdaSource<'a>, inputs: &[Ty]) -> Option<Ty> {
        let returned = self.lambda_returns(lambda, inputs)?;
        let mut exprs = Vec::new();
        for operand in returned {
            match operand {
                Operand::Value(expr) => exprs.push(expr),
                Operand::Throw(_) => {}
                _ => return None,
            }
        }
        if exprs.is_empty() { Some(Ty::Void) } else { self.best_common(&exprs) }
    }

    /// Whether a lambda converts to a delegate type.
    pub(super) fn lambda_fits(&mut self, lambda: &LambdaSource<'a>, to: &Ty) -> bool {
        let Some((inputs, output)) = self.delegate_signature(to) else { return false };
        if let Some(params) = &lambda.params {
            let same = params.len() == inputs.len()
                && params.iter().zip(&inputs).all(|(param, input)| param.ty.as_ref().is_none_or(|own| own == input));
            if !same {
                return false;
            }
        }
        if output == Ty::Void {
            return match &lambda.body {
                LambdaBody::Expr(expr) => is_statement(expr),
                LambdaBody::Block(block) => !returns_value(&block.statements),
                LambdaBody::Made(_) => true,
            };
        }
        let Some(returned) = self.lambda_returns(lambda, &inputs) else { return false };
        if let LambdaBody::Block(block) = &lambda.body
            && returned.is_empty()
        {
            // Nothing is returned: fine only if the end is never reached, as in a body that throws.
            return !returns_nothing(&block.statements) && ends_in_throw(&block.statements);
        }
        returned.iter().all(|operand| self.operand_fits(operand, &output))
    }

    /// Which of two delegate types suits a lambda better: by what it returns.
    pub(super) fn better_lambda(&mut self, lambda: &LambdaSource<'a>, left: &Ty, right: &Ty) -> i32 {
        let (Some((left_in, left_out)), Some((right_in, right_out))) =
            (self.delegate_signature(left), self.delegate_signature(right))
        else {
            return 0;
        };
        if left_in != right_in {
            return 0;
        }
        match (&left_out, &right_out) {
            (Ty::Void, Ty::Void) => return 0,
            (Ty::Void, _) => return -1,
            (_, Ty::Void) => return 1,
            _ => {}
        }
        match self.inferred_return(lambda, &left_in) {
            Some(ty) if ty == left_out && ty != right_out => 1,
            Some(ty) if ty == right_out && ty != left_out => -1,
            _ => self.better_target(&left_out, &right_out),
        }
    }

    /// A method group as a delegate of type `to`.
    pub(super) fn method_group(&mut self, group: Rc<MethodGroup<'a>>, to: &Ty) -> Expr {
        let span = group.span;
        let Some((inputs, output)) = self.delegate_signature(to) else {
            if group.candidates.is_empty() && self.surface.extensions(group.name).is_empty() {
                return Expr::error(span);
            }
            let text = format!(
                "Cannot convert method group '{}' to non-delegate type '{}'. Did you intend to invoke the method?",
                group.name,
                super::convert::qualified(to)
            );
            self.error("CS0428", text, group.name_span);
            return Expr::error(span);
        };
        if self.group_return(&group, &inputs).is_none() {
            let text = format!("No overload for '{}' matches delegate '{to}'", group.name);
            self.error("CS0123", text, span);
            return Expr::error(span);
        }
        // The receiver is evaluated once, when the delegate is made.
        let receiver = group.receiver.clone().map(|receiver| (self.temp(receiver.ty.clone()), receiver));
        let bound = receiver.as_ref().map(|(var, _)| *var);
        let params = inputs.iter().map(|_| LambdaParam { name: "", ty: None, by_ref: false, span }).collect();
        let inner = group.clone();
        let made: Rc<dyn Fn(&mut Binder<'a>, &[crate::ir::VarId]) -> Expr + 'a> = Rc::new(move |binder, vars| {
            let args = vars.iter().map(|var| Argument::value(binder.var(*var, span))).collect();
            let receiver = bound.map(|var| binder.var(var, span));
            binder.call_group(&inner, receiver, args, span)
        });
        let lambda = LambdaSource { params: Some(params), body: LambdaBody::Made(made), span, arrow: span };
        let _ = output;
        let delegate = self.lambda(&lambda, to);
        match receiver {
            Some((var, value)) => {
                let ty = delegate.ty.clone();
                Expr::new(Kind::Let { var, value: Box::new(value), body: Box::new(delegate) }, ty, span)
            }
            None => delegate,
        }
    }

    /// What a method group gives for arguments of these types.
    pub(super) fn group_return(&mut self, group: &MethodGroup<'a>, inputs: &[Ty]) -> Option<Ty> {
        let span = group.span;
        let (returned, clean) = self.on_trial(|binder| {
            let args = inputs
                .iter()
                .map(|ty| {
                    let var = binder.temp(ty.clone());
                    Argument::value(binder.var(var, span))
                })
                .collect();
            binder.call_group(group, group.receiver.clone(), args, span).ty
        })?;
        (clean && returned != Ty::Error).then_some(returned)
    }

    /// Whether a method group converts to a delegate type.
    pub(super) fn group_fits(&mut self, group: &MethodGroup<'a>, to: &Ty) -> bool {
        let Some((inputs, output)) = self.delegate_signature(to) else { return false };
        match self.group_return(group, &inputs) {
            Some(returned) => output == Ty::Void || self.standard(&returned, &output).is_some(),
            None => false,
        }
    }

    /// Calls one of a group's methods.
    fn call_group(
        &mut self,
        group: &MethodGroup<'a>,
        receiver: Option<Expr>,
        args: Vec<Argument<'a>>,
        span: Span,
    ) -> Expr {
        let called = Called::Method(group.name);
        self.call_methods(group, receiver, args, called, span)
    }
}

/// Whether an expression may stand as a statement.
pub(super) fn is_statement(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ExprKind::Call { .. }
        | ExprKind::Assign { .. }
        | ExprKind::New { .. }
        | ExprKind::Postfix { .. }
        | ExprKind::Await(_)
        | ExprKind::Error => true,
        ExprKind::Unary { op, .. } => matches!(op, ast::UnaryOp::Increment | ast::UnaryOp::Decrement),
        ExprKind::ConditionalAccess { chain, .. } => is_statement(chain),
        ExprKind::Throw(_) => true,
        _ => false,
    }
}

fn any_statement(statements: &[ast::Stmt], test: &dyn Fn(&ast::Stmt) -> bool) -> bool {
    statements.iter().any(|statement| {
        test(statement)
            || match &statement.kind {
                ast::StmtKind::Block(block) | ast::StmtKind::Checked(block) | ast::StmtKind::Unchecked(block) => {
                    any_statement(&block.statements, test)
                }
                ast::StmtKind::If { then, otherwise, .. } => {
                    any_statement(std::slice::from_ref(then), test)
                        || otherwise.as_ref().is_some_and(|other| any_statement(std::slice::from_ref(other), test))
                }
                ast::StmtKind::While { body, .. }
                | ast::StmtKind::Do { body, .. }
                | ast::StmtKind::Using { body, .. }
                | ast::StmtKind::Lock { body, .. }
                | ast::StmtKind::Labeled { body, .. } => any_statement(std::slice::from_ref(body), test),
                ast::StmtKind::For(inner) => any_statement(std::slice::from_ref(&inner.body), test),
                ast::StmtKind::Foreach(inner) => any_statement(std::slice::from_ref(&inner.body), test),
                ast::StmtKind::Switch { sections, .. } => {
                    sections.iter().any(|section| any_statement(&section.statements, test))
                }
                ast::StmtKind::Try(inner) => {
                    any_statement(&inner.body.statements, test)
                        || inner.catches.iter().any(|catch| any_statement(&catch.body.statements, test))
                        || inner.finally.as_ref().is_some_and(|block| any_statement(&block.statements, test))
                }
                _ => false,
            }
    })
}

fn returns_value(statements: &[ast::Stmt]) -> bool {
    any_statement(statements, &|statement| matches!(statement.kind, ast::StmtKind::Return(Some(_))))
}

fn returns_nothing(statements: &[ast::Stmt]) -> bool {
    any_statement(statements, &|statement| matches!(statement.kind, ast::StmtKind::Return(None)))
}

fn ends_in_throw(statements: &[ast::Stmt]) -> bool {
    matches!(statements.last().map(|statement| &statement.kind), Some(ast::StmtKind::Throw(_)))
}
