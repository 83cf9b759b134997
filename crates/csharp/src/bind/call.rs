//! Calls: methods, extension methods, local functions, delegates, indexers.

use std::{rc::Rc, sync::Arc};

use base::Span;

use super::{
    Binder, Candidate, MethodGroup, Operand, Target,
    argument::{Argument, What},
    overload::{Applicable, Called, Slot},
};
use crate::{
    ast,
    ir::{Arg, Expr, Kind, Place},
    surface::{Mode, Param, Role},
    ty::Ty,
    value::Const,
};

impl<'a> Binder<'a> {
    /// `target(args)`.
    pub(super) fn call(&mut self, target: &'a ast::Expr, args: &'a [ast::Argument], span: Span) -> Expr {
        let operand = self.operand(target);
        let operand = self.beside_property(operand, target);
        let args = self.arguments(args);
        match operand {
            Operand::Methods(group) => {
                let called = Called::Method(group.name);
                self.call_methods(&group, group.receiver.clone(), args, called, span)
            }
            Operand::Value(expr) if expr.is_error() => {
                self.settle_arguments(args);
                Expr::error(span)
            }
            Operand::Value(expr) if expr.ty.is_delegate() => self.invoke(expr, &args, span),
            Operand::Type(ty) => {
                let text = format!("'{ty}' is a type, which is not valid in the given context");
                self.error("CS0119", text, target.span);
                Expr::error(span)
            }
            _ => {
                let member = match &target.kind {
                    ast::ExprKind::Member { name, .. } => Some(&name.name),
                    _ => None,
                };
                match member {
                    Some(name) => self.error(
                        "CS1955",
                        format!("Non-invocable member '{}' cannot be used like a method.", name.text),
                        name.span,
                    ),
                    None => self.error("CS0149", "Method name expected", target.span),
                }
                Expr::error(span)
            }
        }
    }

    /// `array.First(…)`: a property that cannot be called does not hide the extension method of its name.
    fn beside_property(&mut self, operand: Operand<'a>, target: &'a ast::Expr) -> Operand<'a> {
        let ast::ExprKind::Member { name, .. } = &target.kind else { return operand };
        let is_meant = match &operand {
            Operand::Value(Expr { kind: Kind::Call { member, args, .. }, ty, .. }) => {
                let is_property = self.surface.member(*member).role == Role::Property && args.len() == 1;
                is_property && !ty.is_delegate() && !self.surface.extensions(&name.name.text).is_empty()
            }
            _ => false,
        };
        match operand {
            Operand::Value(Expr { kind: Kind::Call { args, .. }, .. }) if is_meant => {
                let receiver = args.into_iter().find_map(|arg| match arg {
                    Arg::Value(receiver) => Some(receiver),
                    Arg::Place(..) => None,
                });
                Operand::Methods(Rc::new(MethodGroup {
                    name: &name.name.text,
                    receiver,
                    owner: None,
                    candidates: Vec::new(),
                    type_args: self.type_args_of(name),
                    span: target.span,
                    name_span: name.name.span,
                }))
            }
            other => other,
        }
    }

    /// Lambdas among the arguments of a call that failed are bound for nothing but their own errors.
    fn settle_arguments(&mut self, args: Vec<Argument<'a>>) {
        for arg in args {
            if let What::OutVar(name) = arg.what {
                self.declare_local(name, Ty::Error);
            }
        }
    }

    /// Calls a method of a group: its own methods first, then extension methods, those of the platform before others.
    pub(super) fn call_methods(
        &mut self,
        group: &MethodGroup<'a>,
        receiver: Option<Expr>,
        args: Vec<Argument<'a>>,
        called: Called<'_>,
        span: Span,
    ) -> Expr {
        let mut own: Vec<Candidate> = group.candidates.clone();
        let is_function = own.iter().any(|candidate| matches!(candidate.target, Target::Function(_)));
        let needs_static = group.owner.is_some();
        if !is_function {
            let matching: Vec<Candidate> =
                own.iter().filter(|candidate| candidate.is_static == needs_static).cloned().collect();
            if matching.is_empty() && needs_static && !own.is_empty() {
                let text = format!(
                    "An object reference is required for the non-static field, method, or property '{}'",
                    own[0].shown
                );
                self.error("CS0120", text, group.span);
                self.settle_arguments(args);
                return Expr::error(span);
            }
            own = matching;
        }
        if let Some(found) = self.resolve(&own, &args, &group.type_args, called, None) {
            return self.finish_call(found, receiver, args, span);
        }
        if needs_static
            && let Some(meant) = self.resolve(&group.candidates, &args, &group.type_args, called, None)
            && !meant.candidate.is_static
        {
            let text = format!(
                "An object reference is required for the non-static field, method, or property '{}'",
                meant.candidate.shown
            );
            self.error("CS0120", text, group.span);
            self.settle_arguments(args);
            return Expr::error(span);
        }
        let mut extended = None;
        if let Some(receiver) = &receiver
            && !receiver.is_error()
        {
            let mut with_receiver = vec![Argument::value(receiver.clone())];
            with_receiver.extend(args.iter().cloned());
            let mut tiers: [Vec<Candidate>; 2] = [Vec::new(), Vec::new()];
            for id in self.surface.extensions(group.name) {
                let candidate = self.candidate(*id, Vec::new(), 0);
                let is_platform = self.surface.member(*id).owner.name.starts_with("PolicyExpressions.");
                tiers[usize::from(!is_platform)].push(candidate);
            }
            for tier in &tiers {
                if tier.is_empty() {
                    continue;
                }
                if let Some(found) = self.resolve(tier, &with_receiver, &group.type_args, called, None) {
                    return self.finish_call(found, None, with_receiver, span);
                }
            }
            // Only those that could take the receiver are worth a message.
            let all: Vec<Candidate> = tiers.into_iter().flatten().collect();
            let fitting: Vec<Candidate> =
                all.iter().filter(|candidate| self.could_receive(candidate, &receiver.ty)).cloned().collect();
            // Those that would take the arguments take another receiver.
            let takes = |candidate: &Candidate| candidate.params.len() == with_receiver.len();
            if own.is_empty()
                && !fitting.iter().any(|candidate| {
                    takes(candidate)
                        || candidate.params.iter().any(|param| param.default.is_some() || param.mode == Mode::Params)
                })
                && let Some(best) = all.iter().find(|candidate| takes(candidate))
                && let Some(wanted) = best.params.first()
            {
                let text = format!(
                    "'{}' does not contain a definition for '{}' and the best extension method overload '{}' requires a receiver of type '{}'",
                    receiver.ty, group.name, best.shown, wanted.ty
                );
                self.error("CS1929", text, receiver.span);
                self.settle_arguments(args);
                return Expr::error(span);
            }
            extended = Some((fitting, with_receiver));
        }
        if args.iter().any(Argument::is_error) {
            self.settle_arguments(args);
            return Expr::error(span);
        }
        let place = group.name_span;
        match extended {
            Some((fitting, with_receiver)) if own.is_empty() && !fitting.is_empty() => {
                self.resolve(&fitting, &with_receiver, &group.type_args, called, Some(place));
            }
            Some(_) if own.is_empty() => {
                let ty = receiver.as_ref().map_or(Ty::Error, |receiver| receiver.ty.clone());
                self.no_member(&ty, group.name, place);
            }
            _ => {
                self.resolve(&own, &args, &group.type_args, called, Some(place));
            }
        }
        self.settle_arguments(args);
        Expr::error(span)
    }

    fn could_receive(&self, candidate: &Candidate, receiver: &Ty) -> bool {
        let Some(first) = candidate.params.first() else { return false };
        match &first.ty {
            Ty::Param(..) => true,
            Ty::Named(def, _) if first.ty.is_open() => self.surface.instance_of(receiver, def.0).is_some(),
            Ty::Array(..) if first.ty.is_open() => matches!(receiver, Ty::Array(..)),
            ty => self.standard(receiver, ty).is_some(),
        }
    }

    /// The node of a resolved call.
    pub(super) fn finish_call(
        &mut self,
        found: Applicable,
        receiver: Option<Expr>,
        args: Vec<Argument<'a>>,
        span: Span,
    ) -> Expr {
        let candidate = &found.candidate;
        let returns = candidate.fill(&candidate.returns, &found.types);
        let mut nodes = Vec::new();
        let receiver = receiver.filter(|_| !candidate.is_static);
        nodes.extend(receiver.map(Arg::Value));
        nodes.extend(self.filled(&found, args, span));
        let kind = match candidate.target {
            Target::Member(member) => {
                self.note_use(member, span);
                let types: Arc<[Ty]> = candidate.outer.iter().chain(&found.types).cloned().collect();
                Kind::Call { member, args: nodes, types, created: None }
            }
            Target::Function(function) => Kind::CallFunction { function, args: nodes },
            Target::Delegate => Kind::Error,
        };
        Expr::new(kind, returns, span)
    }

    /// The arguments in the order of the parameters, converted, with defaults and parameter arrays filled in.
    pub(super) fn filled(&mut self, found: &Applicable, args: Vec<Argument<'a>>, span: Span) -> Vec<Arg> {
        let candidate = &found.candidate;
        let mut args: Vec<Option<Argument<'a>>> = args.into_iter().map(Some).collect();
        let mut out = Vec::new();
        for (param, slot) in candidate.params.iter().zip(&found.slots) {
            let ty = candidate.fill(&param.ty, &found.types);
            match slot {
                Slot::Arg(at) => {
                    if let Some(arg) = args.get_mut(*at).and_then(Option::take) {
                        out.push(self.converted(arg, &ty, param.mode));
                    }
                }
                Slot::Params(all) => {
                    let Ty::Array(element, _) = &ty else { continue };
                    let mut items = Vec::new();
                    for at in all {
                        if let Some(Arg::Value(item)) = args
                            .get_mut(*at)
                            .and_then(Option::take)
                            .map(|arg| self.converted(arg, element, Mode::Value))
                        {
                            items.push(item);
                        }
                    }
                    let kind = Kind::ArrayOf { element: (**element).clone(), items, lengths: None };
                    out.push(Arg::Value(Expr::new(kind, ty.clone(), span)));
                }
                Slot::Default => out.push(Arg::Value(self.default_argument(param, &ty, span))),
            }
        }
        out
    }

    fn default_argument(&mut self, param: &Param, ty: &Ty, span: Span) -> Expr {
        match &param.default {
            None | Some(Const::Null) => self.default_of(ty, span),
            Some(value) => Expr::constant(value.clone(), ty.clone(), span),
        }
    }

    fn converted(&mut self, arg: Argument<'a>, ty: &Ty, mode: Mode) -> Arg {
        let span = arg.span;
        let read = |binder: &mut Self, var| (mode == Mode::Ref).then(|| Box::new(binder.var(var, span)));
        match arg.what {
            What::Operand(operand) => Arg::Value(self.coerce(operand, ty, span)),
            What::Place(Place::Var(var), _) => {
                let current = read(self, var);
                Arg::Place(Place::Var(var), current)
            }
            What::Place(place, ty) => {
                let current = (mode == Mode::Ref).then(|| Box::new(place_value(&place, &ty, span)));
                Arg::Place(place, current)
            }
            What::Declared(var, _) => Arg::Place(Place::Var(var), None),
            What::OutVar(name) => Arg::Place(Place::Var(self.declare_local(name, ty.clone())), None),
            What::Discard(_) => Arg::Place(Place::Discard, None),
        }
    }

    /// Calls a delegate.
    pub(super) fn invoke(&mut self, delegate: Expr, args: &[Argument<'a>], span: Span) -> Expr {
        let ty = delegate.ty.clone();
        let Some(invoke) = self.surface.info_of(&ty).and_then(|info| info.invoke) else { return Expr::error(span) };
        let mut candidate = self.candidate(invoke, ty.args().to_vec(), 0);
        candidate.target = Target::Delegate;
        candidate.shown = ty.to_string().into();
        let Some(found) = self.resolve(&[candidate], args, &[], Called::Delegate(&ty), Some(span)) else {
            return Expr::error(span);
        };
        let returns = found.candidate.returns.clone();
        let args = self.filled(&found, args.to_vec(), span);
        Expr::new(Kind::Invoke { delegate: Box::new(delegate), args }, returns, span)
    }

    /// `target[args]`.
    pub(super) fn index(&mut self, target: Expr, args: &'a [ast::Argument], span: Span) -> Expr {
        let args = self.arguments(args);
        self.index_with(target, args, span)
    }

    pub(super) fn index_with(&mut self, target: Expr, args: Vec<Argument<'a>>, span: Span) -> Expr {
        if target.is_error() {
            return Expr::error(span);
        }
        if let Ty::Array(element, rank) = target.ty.clone() {
            if args.len() != rank as usize {
                self.error("CS0022", format!("Wrong number of indices inside []; expected {rank}"), span);
                return Expr::error(span);
            }
            let mut indices = Vec::new();
            for arg in args {
                let What::Operand(operand) = arg.what else { return Expr::error(span) };
                indices.push(self.array_index(operand, arg.span));
            }
            return Expr::new(Kind::Element(Box::new(target), indices), (*element).clone(), span);
        }
        let mut candidates: Vec<Candidate> = Vec::new();
        for (id, outer, depth) in self.members(&target.ty, "this[]") {
            candidates.push(self.candidate(id, outer, depth));
        }
        if candidates.is_empty() {
            self.error(
                "CS0021",
                format!("Cannot apply indexing with [] to an expression of type '{}'", target.ty),
                span,
            );
            return Expr::error(span);
        }
        match self.resolve(&candidates, &args, &[], Called::Indexer, Some(span)) {
            Some(found) => self.finish_call(found, Some(target), args, span),
            None => Expr::error(span),
        }
    }

    /// An index of an array: `int`, `uint`, `long` or `ulong`.
    pub(super) fn array_index(&mut self, operand: Operand<'a>, span: Span) -> Expr {
        if let Operand::Value(expr) = &operand {
            for ty in [Ty::INT, Ty::UINT, Ty::LONG, Ty::ULONG] {
                if self.implicit_of(expr, &ty).is_some() {
                    return self.coerce(operand, &ty, span);
                }
            }
        }
        self.coerce(operand, &Ty::INT, span)
    }
}

/// Reads a place that is passed by `ref`.
pub(super) fn place_value(place: &Place, ty: &Ty, span: Span) -> Expr {
    let kind = match place {
        Place::Var(var) => Kind::Var(*var),
        Place::Element(array, indices) => Kind::Element(Box::new(array.clone()), indices.clone()),
        Place::Member { member, args, types } => {
            let args = args.iter().cloned().map(Arg::Value).collect();
            Kind::Call { member: *member, args, types: types.clone(), created: None }
        }
        Place::TupleItem(inner, at) => Kind::Field(Box::new(place_value(inner, ty, span)), *at),
        Place::Discard => Kind::Default,
    };
    Expr::new(kind, ty.clone(), span)
}
