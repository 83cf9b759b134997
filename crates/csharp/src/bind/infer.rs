//! Inference of the type arguments of generic methods, through lambdas and method groups.

use super::{
    Binder, Candidate, Operand,
    argument::{Argument, What},
};
use crate::{
    ir::Expr,
    surface::{Mode, Variance},
    ty::Ty,
};

#[derive(Default, Clone)]
struct Bounds {
    exact: Vec<Ty>,
    lower: Vec<Ty>,
    upper: Vec<Ty>,
}

struct Inference {
    base: u16,
    bounds: Vec<Bounds>,
    fixed: Vec<Option<Ty>>,
}

impl Inference {
    fn param(&self, ty: &Ty) -> Option<usize> {
        match ty {
            Ty::Param(index, _) => {
                index.checked_sub(self.base).map(usize::from).filter(|index| *index < self.fixed.len())
            }
            _ => None,
        }
    }

    fn fill(&self, ty: &Ty) -> Ty {
        ty.replace(&|index| {
            let at = index.checked_sub(self.base)? as usize;
            self.fixed.get(at).cloned().flatten()
        })
    }

    /// The type parameters without a type yet that occur in `ty`.
    fn unfixed(&self, ty: &Ty, out: &mut Vec<usize>) {
        match ty {
            Ty::Param(..) => out.extend(self.param(ty).filter(|at| self.fixed[*at].is_none())),
            Ty::Named(_, args) => args.iter().for_each(|ty| self.unfixed(ty, out)),
            Ty::Array(inner, _) | Ty::Nullable(inner) => self.unfixed(inner, out),
            Ty::Tuple(tuple) => tuple.items.iter().for_each(|ty| self.unfixed(ty, out)),
            _ => {}
        }
    }
}

impl<'a> Binder<'a> {
    /// The type arguments of `candidate` that the arguments ask for.
    pub(super) fn infer(
        &mut self,
        candidate: &Candidate,
        args: &[Argument<'a>],
        params: &[(Ty, Mode)],
    ) -> Option<Vec<Ty>> {
        let count = candidate.type_params.len();
        let mut inference =
            Inference { base: candidate.base, bounds: vec![Bounds::default(); count], fixed: vec![None; count] };
        let mut pending: Vec<(Operand<'a>, Vec<Ty>, Ty)> = Vec::new();
        for (arg, (ty, mode)) in args.iter().zip(params) {
            match &arg.what {
                What::Operand(Operand::Value(expr)) => self.infer_value(&mut inference, expr, ty),
                What::Place(_, own) | What::Declared(_, own) | What::Discard(Some(own)) => {
                    self.exact(&mut inference, own, ty);
                }
                What::OutVar(_) | What::Discard(None) => {}
                What::Operand(operand @ (Operand::Lambda(_) | Operand::Methods(_))) => {
                    let Some((inputs, output)) = self.delegate_signature(ty) else { continue };
                    if let Operand::Lambda(lambda) = operand
                        && let Some(written) = &lambda.params
                    {
                        for (param, input) in written.iter().zip(&inputs) {
                            if let Some(own) = &param.ty {
                                self.exact(&mut inference, own, input);
                            }
                        }
                    }
                    pending.push((operand.clone(), inputs, output));
                }
                What::Operand(_) => {}
            }
            let _ = mode;
        }
        loop {
            self.output_inferences(&mut inference, &mut pending);
            let open: Vec<usize> = (0..count).filter(|at| inference.fixed[*at].is_none()).collect();
            if open.is_empty() {
                return inference.fixed.into_iter().collect();
            }
            let has_bounds = |at: &usize| {
                let bounds = &inference.bounds[*at];
                !(bounds.exact.is_empty() && bounds.lower.is_empty() && bounds.upper.is_empty())
            };
            // First those that wait for nothing; failing that, those that others wait for.
            let waits = |at: &usize| {
                pending.iter().any(|(_, inputs, output)| {
                    let (mut needs, mut gives) = (Vec::new(), Vec::new());
                    inputs.iter().for_each(|ty| inference.unfixed(ty, &mut needs));
                    inference.unfixed(output, &mut gives);
                    gives.contains(at) && needs.iter().any(|need| need != at)
                })
            };
            let mut ready: Vec<usize> = open.iter().copied().filter(|at| has_bounds(at) && !waits(at)).collect();
            if ready.is_empty() {
                ready = open.into_iter().filter(has_bounds).collect();
            }
            if ready.is_empty() {
                return None;
            }
            for at in ready {
                let fixed = self.fix(&inference.bounds[at])?;
                inference.fixed[at] = Some(fixed);
            }
        }
    }

    /// What lambdas and method groups return, once the types of their parameters are known.
    fn output_inferences(&mut self, inference: &mut Inference, pending: &mut Vec<(Operand<'a>, Vec<Ty>, Ty)>) {
        let mut at = 0;
        while at < pending.len() {
            let (_, inputs, output) = &pending[at];
            let (mut needs, mut gives) = (Vec::new(), Vec::new());
            inputs.iter().for_each(|ty| inference.unfixed(ty, &mut needs));
            inference.unfixed(output, &mut gives);
            if !needs.is_empty() {
                at += 1;
                continue;
            }
            let (operand, inputs, output) = pending.remove(at);
            if gives.is_empty() {
                continue;
            }
            let inputs: Vec<Ty> = inputs.iter().map(|ty| inference.fill(ty)).collect();
            let returned = match &operand {
                Operand::Lambda(lambda) => self.inferred_return(lambda, &inputs),
                Operand::Methods(group) => self.group_return(group, &inputs),
                _ => None,
            };
            if let Some(returned) = returned.filter(|ty| !matches!(ty, Ty::Void | Ty::Null)) {
                self.lower(inference, &returned, &output);
            }
        }
    }

    fn infer_value(&self, inference: &mut Inference, expr: &Expr, ty: &Ty) {
        if let (crate::ir::Kind::Tuple(_, items), Ty::Tuple(target)) = (&expr.kind, ty)
            && items.len() == target.items.len()
        {
            items.iter().zip(&target.items).for_each(|(item, ty)| self.infer_value(inference, item, ty));
            return;
        }
        self.lower(inference, &expr.ty, ty);
    }

    fn lower(&self, inference: &mut Inference, from: &Ty, to: &Ty) {
        if matches!(from, Ty::Null | Ty::Void) || !to.is_open() {
            return;
        }
        if let Some(at) = inference.param(to) {
            return inference.bounds[at].lower.push(from.clone());
        }
        match (from, to) {
            (Ty::Nullable(from), Ty::Nullable(to)) => self.exact(inference, from, to),
            (from, Ty::Nullable(to)) => self.lower(inference, from, to),
            (Ty::Array(from, rank), Ty::Array(to, other)) if rank == other => {
                if from.is_reference_type() {
                    self.lower(inference, from, to);
                } else {
                    self.exact(inference, from, to);
                }
            }
            (Ty::Tuple(from), Ty::Tuple(to)) if from.items.len() == to.items.len() => {
                from.items.iter().zip(&to.items).for_each(|(from, to)| self.lower(inference, from, to));
            }
            (from, Ty::Named(def, args)) => {
                let Some(Ty::Named(_, found)) = self.surface.instance_of(from, def.0) else { return };
                let variance = self.surface.info(def.0).map(|info| info.variance.clone()).unwrap_or_default();
                for ((own, wanted), variance) in found.iter().zip(args.iter()).zip(variance) {
                    match variance {
                        Variance::Out if own.is_reference_type() => self.lower(inference, own, wanted),
                        Variance::In if own.is_reference_type() => self.upper(inference, own, wanted),
                        _ => self.exact(inference, own, wanted),
                    }
                }
            }
            _ => {}
        }
    }

    fn upper(&self, inference: &mut Inference, from: &Ty, to: &Ty) {
        if let Some(at) = inference.param(to) {
            return inference.bounds[at].upper.push(from.clone());
        }
        self.exact(inference, from, to);
    }

    fn exact(&self, inference: &mut Inference, from: &Ty, to: &Ty) {
        if let Some(at) = inference.param(to) {
            if *from != Ty::Error {
                inference.bounds[at].exact.push(from.clone());
            }
            return;
        }
        match (from, to) {
            (Ty::Nullable(from), Ty::Nullable(to)) => self.exact(inference, from, to),
            (Ty::Array(from, rank), Ty::Array(to, other)) if rank == other => self.exact(inference, from, to),
            (Ty::Tuple(from), Ty::Tuple(to)) => {
                from.items.iter().zip(&to.items).for_each(|(from, to)| self.exact(inference, from, to));
            }
            (Ty::Named(def, from), Ty::Named(other, to)) if def == other => {
                from.iter().zip(to.iter()).for_each(|(from, to)| self.exact(inference, from, to));
            }
            _ => {}
        }
    }

    fn fix(&self, bounds: &Bounds) -> Option<Ty> {
        let mut candidates: Vec<Ty> = Vec::new();
        for ty in bounds.exact.iter().chain(&bounds.lower).chain(&bounds.upper) {
            if !candidates.contains(ty) {
                candidates.push(ty.clone());
            }
        }
        for exact in &bounds.exact {
            candidates.retain(|ty| ty == exact);
        }
        for lower in &bounds.lower {
            candidates.retain(|ty| self.standard(lower, ty).is_some());
        }
        for upper in &bounds.upper {
            candidates.retain(|ty| self.standard(ty, upper).is_some());
        }
        let best = candidates.iter().find(|ty| candidates.iter().all(|other| self.standard(other, ty).is_some()));
        best.cloned()
    }

    /// Parameter types and result of a delegate type, which may be open.
    pub(super) fn delegate_signature(&self, ty: &Ty) -> Option<(Vec<Ty>, Ty)> {
        let info = ty.is_delegate().then(|| self.surface.info_of(ty)).flatten()?;
        let invoke = self.surface.member(info.invoke?);
        let args = ty.args();
        Some((invoke.params.iter().map(|param| param.ty.substitute(args)).collect(), invoke.returns.substitute(args)))
    }

    /// The type that all of these convert to, and that one of them has.
    pub(super) fn best_common(&self, exprs: &[Expr]) -> Option<Ty> {
        let mut candidates: Vec<&Ty> = Vec::new();
        for expr in exprs {
            if expr.ty == Ty::Error {
                return Some(Ty::Error);
            }
            if !matches!(expr.ty, Ty::Null | Ty::Void) && !candidates.contains(&&expr.ty) {
                candidates.push(&expr.ty);
            }
        }
        let fits: Vec<&&Ty> =
            candidates.iter().filter(|ty| exprs.iter().all(|expr| self.implicit_of(expr, ty).is_some())).collect();
        match fits.as_slice() {
            [] => None,
            [only] => Some((**only).clone()),
            several => several
                .iter()
                .find(|ty| several.iter().all(|other| ty == &other || self.better_target(ty, other) > 0))
                .map(|ty| (***ty).clone()),
        }
    }
}
