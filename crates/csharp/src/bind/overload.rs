//! Overload resolution: which of several methods a call means.

use base::Span;

use super::{
    Binder, Candidate, Operand,
    argument::{Argument, What},
    convert::qualified,
};
use crate::{
    ast::Passing,
    surface::Mode,
    ty::{Prim, Ty},
};

/// A candidate that takes the arguments.
#[derive(Clone, Debug)]
pub(super) struct Applicable {
    pub(super) candidate: Candidate,
    /// The type arguments of the method.
    pub(super) types: Vec<Ty>,
    /// What fills each parameter.
    pub(super) slots: Vec<Slot>,
    /// The type each argument is converted to.
    arg_types: Vec<Ty>,
    /// The same before type arguments were filled in.
    open_types: Vec<Ty>,
    expanded: bool,
}

/// What fills a parameter.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    Arg(usize),
    Default,
    /// A parameter array made of these arguments.
    Params(Vec<usize>),
}

/// Why a candidate does not take the arguments.
#[derive(Clone, Debug)]
enum Failure {
    Missing(usize),
    TooMany,
    BadName(usize),
    BadArgument(usize, Ty, Mode),
    Inference,
    Constraint(usize, Ty),
    TypeArity,
}

/// What is being called, for messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Called<'n> {
    Method(&'n str),
    Constructor(&'n str),
    Indexer,
    Delegate(&'n Ty),
}

impl<'a> Binder<'a> {
    /// The best of the candidates that take the arguments. On failure the reason is reported at `span`, if it is given.
    pub(super) fn resolve(
        &mut self,
        candidates: &[Candidate],
        args: &[Argument<'a>],
        type_args: &[Ty],
        called: Called<'_>,
        report: Option<Span>,
    ) -> Option<Applicable> {
        let mut applicable: Vec<Applicable> = Vec::new();
        let mut failures: Vec<(usize, Failure)> = Vec::new();
        for (at, candidate) in candidates.iter().enumerate() {
            match self.attempt(candidate, args, type_args, false) {
                Ok(found) => applicable.push(found),
                Err(failure) => {
                    let has_params = candidate.params.last().is_some_and(|param| param.mode == Mode::Params);
                    match has_params.then(|| self.attempt(candidate, args, type_args, true)) {
                        Some(Ok(found)) => applicable.push(found),
                        // The expanded form says more about what was meant, unless it is a matter of counts.
                        Some(Err(expanded)) => failures.push((at, expanded)),
                        None => failures.push((at, failure)),
                    }
                }
            }
        }
        if let Some(nearest) = applicable.iter().map(|found| found.candidate.depth).min() {
            applicable.retain(|found| found.candidate.depth == nearest);
        }
        match applicable.len() {
            0 => {
                if let Some(span) = report
                    && !args.iter().any(Argument::is_error)
                {
                    self.report_failure(candidates, &failures, args, type_args, called, span);
                }
                None
            }
            1 => applicable.pop(),
            _ => {
                let mut best: Option<usize> = None;
                for at in 0..applicable.len() {
                    let wins = (0..applicable.len())
                        .all(|other| other == at || self.better(&applicable[at], &applicable[other], args) > 0);
                    if wins {
                        best = Some(at);
                        break;
                    }
                }
                if let Some(best) = best {
                    return Some(applicable.swap_remove(best));
                }
                if let Some(span) = report
                    && !args.iter().any(Argument::is_error)
                {
                    let (first, second) = (&applicable[0].candidate.shown, &applicable[1].candidate.shown);
                    let text = format!(
                        "The call is ambiguous between the following methods or properties: '{first}' and '{second}'"
                    );
                    self.error("CS0121", text, span);
                }
                args.iter().any(Argument::is_error).then(|| applicable.swap_remove(0))
            }
        }
    }

    fn attempt(
        &mut self,
        candidate: &Candidate,
        args: &[Argument<'a>],
        type_args: &[Ty],
        expanded: bool,
    ) -> Result<Applicable, Failure> {
        let slots = slots(candidate, args, expanded)?;
        let mut arg_params: Vec<(Ty, Mode)> = vec![(Ty::Error, Mode::Value); args.len()];
        for (param, slot) in candidate.params.iter().zip(&slots) {
            match slot {
                Slot::Arg(at) => {
                    let mode = if param.mode == Mode::Params { Mode::Value } else { param.mode };
                    arg_params[*at] = (param.ty.clone(), mode);
                }
                Slot::Params(all) => {
                    let element = match &param.ty {
                        Ty::Array(element, _) => (**element).clone(),
                        other => other.clone(),
                    };
                    all.iter().for_each(|at| arg_params[*at] = (element.clone(), Mode::Value));
                }
                Slot::Default => {}
            }
        }
        let types = if !type_args.is_empty() {
            if type_args.len() != candidate.type_params.len() {
                return Err(Failure::TypeArity);
            }
            type_args.to_vec()
        } else if candidate.type_params.is_empty() {
            Vec::new()
        } else {
            self.infer(candidate, args, &arg_params).ok_or(Failure::Inference)?
        };
        let open_types: Vec<Ty> = arg_params.iter().map(|(ty, _)| ty.clone()).collect();
        let mut arg_types = Vec::new();
        for (at, (arg, (ty, mode))) in args.iter().zip(&arg_params).enumerate() {
            let ty = candidate.fill(ty, &types);
            if !self.takes(arg, &ty, *mode) {
                return Err(Failure::BadArgument(at, ty, *mode));
            }
            arg_types.push(ty);
        }
        for (at, (param, ty)) in candidate.type_params.iter().zip(&types).enumerate() {
            if !self.satisfies(ty, param.constraint) {
                return Err(Failure::Constraint(at, ty.clone()));
            }
        }
        Ok(Applicable { candidate: candidate.clone(), types, slots, arg_types, open_types, expanded })
    }

    /// Whether an argument converts to a parameter of this type and mode.
    fn takes(&mut self, arg: &Argument<'a>, ty: &Ty, mode: Mode) -> bool {
        let passes = match mode {
            Mode::Out => arg.passing == Passing::Out,
            Mode::Ref => arg.passing == Passing::Ref,
            Mode::In => matches!(arg.passing, Passing::In | Passing::Value),
            Mode::Value | Mode::Params => arg.passing == Passing::Value,
        };
        if !passes {
            return false;
        }
        match &arg.what {
            What::Place(_, own) | What::Declared(_, own) | What::Discard(Some(own)) => own == ty || *own == Ty::Error,
            What::OutVar(_) | What::Discard(None) => true,
            What::Operand(operand) => self.operand_fits(operand, ty),
        }
    }

    /// Whether an operand converts implicitly.
    pub(super) fn operand_fits(&mut self, operand: &Operand<'a>, ty: &Ty) -> bool {
        match operand {
            Operand::Value(expr) if expr.ty == Ty::Void => false,
            Operand::Value(expr) => self.implicit_of(expr, ty).is_some(),
            Operand::Lambda(lambda) => self.lambda_fits(lambda, ty),
            Operand::Methods(group) => self.group_fits(group, ty),
            Operand::Default | Operand::Throw(_) => true,
            Operand::Type(_) | Operand::Namespace(_) => false,
        }
    }

    /// More than 0 if `left` is the better choice, less if `right` is.
    fn better(&mut self, left: &Applicable, right: &Applicable, args: &[Argument<'a>]) -> i32 {
        let (mut wins, mut losses) = (false, false);
        for (at, arg) in args.iter().enumerate() {
            match self.better_conversion(arg, &left.arg_types[at], &right.arg_types[at]) {
                1.. => wins = true,
                0 => {}
                _ => losses = true,
            }
        }
        match (wins, losses) {
            (true, false) => return 1,
            (false, true) => return -1,
            (true, true) => return 0,
            (false, false) => {}
        }
        let defaults = |found: &Applicable| found.slots.iter().filter(|slot| matches!(slot, Slot::Default)).count();
        if left.arg_types != right.arg_types {
            // Beyond the letter of the language, the compiler prefers a method whose parameters are all given.
            return (defaults(right) > 0) as i32 - (defaults(left) > 0) as i32;
        }
        let generic = |found: &Applicable| !found.candidate.type_params.is_empty();
        let order = generic(right)
            .cmp(&generic(left))
            .then(right.expanded.cmp(&left.expanded))
            .then((defaults(right) > 0).cmp(&(defaults(left) > 0)))
            .then(left.candidate.params.len().cmp(&right.candidate.params.len()));
        if order != std::cmp::Ordering::Equal {
            return order as i32;
        }
        let specific = |one: &Applicable, other: &Applicable| {
            let pairs = one.open_types.iter().zip(&other.open_types);
            let scores: Vec<i32> = pairs.map(|(one, other)| more_specific(one, other)).collect();
            scores.iter().any(|score| *score > 0) && scores.iter().all(|score| *score >= 0)
        };
        i32::from(specific(left, right)) - i32::from(specific(right, left))
    }

    fn better_conversion(&mut self, arg: &Argument<'a>, left: &Ty, right: &Ty) -> i32 {
        if left == right {
            return 0;
        }
        if let What::Operand(Operand::Lambda(lambda)) = &arg.what {
            return self.better_lambda(lambda, left, right);
        }
        if let Some(own) = arg.ty() {
            if own == *left {
                return 1;
            }
            if own == *right {
                return -1;
            }
        }
        self.better_target(left, right)
    }

    pub(super) fn better_target(&self, left: &Ty, right: &Ty) -> i32 {
        let (to_right, to_left) = (self.implicit(left, right).is_some(), self.implicit(right, left).is_some());
        if to_right != to_left {
            return if to_right { 1 } else { -1 };
        }
        let signed =
            |ty: &Ty| matches!(ty.unwrap_nullable().prim(), Some(Prim::SByte | Prim::Short | Prim::Int | Prim::Long));
        let unsigned =
            |ty: &Ty| matches!(ty.unwrap_nullable().prim(), Some(Prim::Byte | Prim::UShort | Prim::UInt | Prim::ULong));
        i32::from(signed(left) && unsigned(right)) - i32::from(signed(right) && unsigned(left))
    }

    fn report_failure(
        &mut self,
        candidates: &[Candidate],
        failures: &[(usize, Failure)],
        args: &[Argument<'a>],
        type_args: &[Ty],
        called: Called<'_>,
        span: Span,
    ) {
        let bad = failures.iter().find(|(_, failure)| matches!(failure, Failure::BadArgument(..)));
        if let Some((at, Failure::BadArgument(arg, ty, mode))) = bad {
            return self.report_argument(&candidates[*at], &args[*arg], *arg, ty, *mode, called);
        }
        for (at, failure) in failures {
            let candidate = &candidates[*at];
            match failure {
                Failure::Constraint(param, ty) => {
                    let name = candidate.type_params[*param].name;
                    let shown = &candidate.shown;
                    let (code, kind) = match candidate.type_params[*param].constraint {
                        crate::surface::Constraint::Struct => ("CS0453", "a non-nullable value type"),
                        _ => ("CS0452", "a reference type"),
                    };
                    let text = format!(
                        "The type '{ty}' must be {kind} in order to use it as parameter '{name}' in the generic type or method '{shown}'"
                    );
                    return self.error(code, text, span);
                }
                Failure::Inference => {
                    let text = format!(
                        "The type arguments for method '{}' cannot be inferred from the usage. Try specifying the type arguments explicitly.",
                        candidate.shown
                    );
                    return self.error("CS0411", text, span);
                }
                _ => {}
            }
        }
        let missing: Vec<_> = failures.iter().filter(|(_, failure)| matches!(failure, Failure::Missing(_))).collect();
        if let [(at, Failure::Missing(param))] = missing.as_slice() {
            let candidate = &candidates[*at];
            let text = format!(
                "There is no argument given that corresponds to the required formal parameter '{}' of '{}'",
                candidate.params[*param].name, candidate.shown
            );
            return self.error("CS7036", text, span);
        }
        if let Some((_, Failure::BadName(arg))) =
            failures.iter().find(|(_, failure)| matches!(failure, Failure::BadName(_)))
            && let Some(name) = args[*arg].name
        {
            let method = match called {
                Called::Method(name) => name.to_owned(),
                Called::Constructor(name) => name.to_owned(),
                Called::Indexer => "this[]".to_owned(),
                Called::Delegate(ty) => ty.to_string(),
            };
            let text = format!("The best overload for '{method}' does not have a parameter named '{}'", name.text);
            return self.error("CS1739", text, name.span);
        }
        if let (true, Some(candidate)) = (
            failures.iter().all(|(_, failure)| matches!(failure, Failure::TypeArity)) && !failures.is_empty(),
            candidates.first(),
        ) {
            let count = candidate.type_params.len();
            return if count == 0 {
                let text = format!("The non-generic method '{}' cannot be used with type arguments", candidate.shown);
                self.error("CS0308", text, span);
            } else {
                let text = format!("Using the generic method '{}' requires {count} type arguments", candidate.shown);
                self.error("CS0305", text, span);
            };
        }
        let _ = type_args;
        let count = args.len()
            - usize::from(candidates.iter().all(|candidate| candidate.is_extension) && !candidates.is_empty());
        match called {
            Called::Method(name) => {
                self.error("CS1501", format!("No overload for method '{name}' takes {count} arguments"), span);
            }
            Called::Constructor(name) => {
                self.error(
                    "CS1729",
                    format!("'{name}' does not contain a constructor that takes {count} arguments"),
                    span,
                );
            }
            Called::Indexer => {
                self.error("CS1501", format!("No overload for method 'this' takes {count} arguments"), span);
            }
            Called::Delegate(ty) => {
                self.error("CS1593", format!("Delegate '{ty}' does not take {count} arguments"), span);
            }
        }
    }

    fn report_argument(
        &mut self,
        candidate: &Candidate,
        arg: &Argument<'a>,
        at: usize,
        ty: &Ty,
        mode: Mode,
        called: Called<'_>,
    ) {
        if arg.is_error() {
            return;
        }
        let number = at + 1;
        // A lambda's own error says more than that it does not fit.
        if let What::Operand(operand @ (Operand::Lambda(_) | Operand::Methods(_))) = &arg.what
            && ty.is_delegate()
        {
            let before = self.diagnostics.len();
            self.coerce(operand.clone(), ty, arg.span);
            if self.diagnostics.len() > before {
                return;
            }
        }
        let expected = match mode {
            Mode::Out => Some("out"),
            Mode::Ref => Some("ref"),
            _ => None,
        };
        let given = match arg.passing {
            Passing::Out => Some("out"),
            Passing::Ref => Some("ref"),
            Passing::In | Passing::Value => None,
        };
        let text = match (expected, given) {
            (Some(word), None) => {
                return self.error(
                    "CS1620",
                    format!("Argument {number} must be passed with the '{word}' keyword"),
                    arg.span,
                );
            }
            (None, Some(word)) => {
                return self.error(
                    "CS1615",
                    format!("Argument {number} may not be passed with the '{word}' keyword"),
                    arg.span,
                );
            }
            (Some(word), _) => {
                format!("Argument {number}: cannot convert from '{}' to '{word} {}'", arg.shown(), qualified(ty))
            }
            (None, None) => format!("Argument {number}: cannot convert from '{}' to '{}'", arg.shown(), qualified(ty)),
        };
        // The receiver of an extension method.
        if at == 0 && candidate.is_extension {
            let name = match called {
                Called::Method(name) => name,
                _ => "",
            };
            let text = format!(
                "'{}' does not contain a definition for '{name}' and the best extension method overload '{}' requires a receiver of type '{ty}'",
                arg.shown(),
                candidate.shown
            );
            return self.error("CS1929", text, arg.span);
        }
        self.error("CS1503", text, arg.span);
    }
}

impl Candidate {
    /// A type of the signature with the method's type arguments filled in.
    pub(super) fn fill(&self, ty: &Ty, types: &[Ty]) -> Ty {
        if types.is_empty() {
            return ty.clone();
        }
        ty.replace(&|index| index.checked_sub(self.base).and_then(|index| types.get(index as usize)).cloned())
    }
}

/// Which argument fills which parameter.
fn slots(candidate: &Candidate, args: &[Argument<'_>], expanded: bool) -> Result<Vec<Slot>, Failure> {
    let params = &candidate.params;
    let mut slots: Vec<Option<Slot>> = vec![None; params.len()];
    let last = params.len().wrapping_sub(1);
    for (at, arg) in args.iter().enumerate() {
        match arg.name {
            Some(name) => match params.iter().position(|param| *param.name == *name.text) {
                Some(param) if slots[param].is_none() => slots[param] = Some(Slot::Arg(at)),
                _ => return Err(Failure::BadName(at)),
            },
            None if expanded && at >= last => match slots.get_mut(last) {
                Some(Some(Slot::Params(all))) => all.push(at),
                Some(slot) => *slot = Some(Slot::Params(vec![at])),
                None => return Err(Failure::TooMany),
            },
            None if at < params.len() => slots[at] = Some(Slot::Arg(at)),
            None => return Err(Failure::TooMany),
        }
    }
    if expanded && let Some(slot @ None) = slots.get_mut(last) {
        *slot = Some(Slot::Params(Vec::new()));
    }
    let filled = slots.into_iter().zip(params).enumerate().map(|(at, (slot, param))| match slot {
        Some(slot) => Ok(slot),
        None if param.default.is_some() => Ok(Slot::Default),
        None => Err(Failure::Missing(at)),
    });
    filled.collect()
}

/// Whether a signature's type says more than another: a type parameter says least.
fn more_specific(one: &Ty, other: &Ty) -> i32 {
    match (one, other) {
        (Ty::Param(..), Ty::Param(..)) => 0,
        (Ty::Param(..), _) => -1,
        (_, Ty::Param(..)) => 1,
        (Ty::Array(one, _), Ty::Array(other, _)) | (Ty::Nullable(one), Ty::Nullable(other)) => {
            more_specific(one, other)
        }
        (Ty::Named(_, one), Ty::Named(_, other)) if one.len() == other.len() => {
            let scores: Vec<i32> = one.iter().zip(other.iter()).map(|(one, other)| more_specific(one, other)).collect();
            match (scores.iter().any(|score| *score > 0), scores.iter().any(|score| *score < 0)) {
                (true, false) => 1,
                (false, true) => -1,
                _ => 0,
            }
        }
        _ => 0,
    }
}
