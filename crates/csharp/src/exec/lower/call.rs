//! Calls, places, conversions and interpolated texts.

use std::sync::Arc;

use super::{
    super::{code::*, join::Piece},
    Lowerer,
};
use crate::{
    call::{Cx, Native},
    host::NoHost,
    ir::{self, Conversion, Expr, FnId, Kind},
    limits::{Limits, Meter},
    surface::{MemberId, MemberInfo, Prepare, Purity, Role},
    text::Str,
    ty::{Prim, Ty},
    value::Const,
};

impl Lowerer<'_> {
    pub(super) fn call(&mut self, callee: Callee, prepare: Option<Prepare>, args: &[ir::Arg]) -> Node {
        if args.iter().any(|arg| matches!(arg, ir::Arg::Place(..))) {
            let args = args.iter().map(|arg| self.ref_arg(arg)).collect();
            return Node::CallByRef(Box::new((callee, args)));
        }
        let args = args.iter().filter_map(|arg| if let ir::Arg::Value(value) = arg { Some(value) } else { None });
        let args = self.nodes(args);
        match callee {
            Callee::Member(target) if let Some(value) = self.computed(&target, &args) => Node::Const(value),
            Callee::Member(mut target) => {
                target.prepared = prepare.and_then(|prepare| {
                    let constants: Vec<_> = args.iter().map(constant).collect();
                    prepare(&constants)
                });
                Node::Call(Box::new(Call { target, args }))
            }
            Callee::Function { function, cells } => Node::Function(Box::new(FunctionCall { function, cells, args })),
            Callee::Delegate(delegate) => Node::Invoke(Box::new((delegate, args))),
        }
    }

    pub(super) fn target(
        &self,
        member: MemberId,
        receiver: Option<&ir::Arg>,
        types: Arc<[Ty]>,
        created: Option<&'static crate::surface::TypeDef>,
    ) -> Target {
        let info = self.shared.surface.member(member);
        let receiver = receiver.and_then(|arg| if let ir::Arg::Value(value) = arg { Some(value) } else { None });
        let is_pure = info.row.purity == Purity::Pure;
        let check = needs_receiver(info, receiver);
        Target { run: info.row.run, types, created, prepared: None, check, is_pure }
    }

    pub(super) fn convert(&mut self, conversion: &Conversion, inner: &Expr, to: &Ty) -> Node {
        let node = self.node(inner);
        match conversion {
            Conversion::Same | Conversion::Retype => node,
            Conversion::Numeric { checked } => Node::Numeric(Box::new((node, to.clone(), *checked))),
            Conversion::Cast => Node::Cast(Box::new((node, to.clone()))),
            Conversion::Unwrap => Node::Unwrap(Box::new(node)),
        }
    }

    /// Without alignments and formats, interpolation is concatenation.
    pub(super) fn interpolate(&mut self, parts: &[ir::Part]) -> Node {
        let mut formats = Vec::new();
        let mut nodes = Vec::new();
        let mut is_plain = true;
        for part in parts {
            let (node, format) = match part {
                ir::Part::Text(text) => (Node::Const(Const::Str(text.clone())), (0, Str::EMPTY)),
                ir::Part::Hole { value, alignment, format } => {
                    is_plain &= keeps_its_text(value);
                    match self.formatted(value, format) {
                        Some(node) => (node, (*alignment, Str::EMPTY)),
                        None => (self.node(value), (*alignment, format.clone())),
                    }
                }
            };
            nodes.push(node);
            formats.push(format);
        }
        if formats.iter().all(|(alignment, format)| *alignment == 0 && format.is_empty()) {
            return if is_plain {
                Node::Join(nodes.into_iter().map(Piece::of).collect())
            } else {
                Node::Concat(nodes.into())
            };
        }
        Node::Interpolate(Box::new((nodes.into(), formats.into())))
    }

    pub(in crate::exec) fn captured(&mut self, function: FnId) -> Box<[usize]> {
        let shared = self.shared;
        let vars = shared.captures.of.get(&function).map(Vec::as_slice).unwrap_or_default();
        vars.iter().map(|var| self.cell(*var)).collect()
    }

    /// A hole with a format, of a struct that has a `ToString(string)`: a call like any other, which may read the format
    /// now.
    fn formatted(&mut self, value: &Expr, format: &Str) -> Option<Node> {
        let Ty::Named(def, _) = &value.ty else { return None };
        let is_struct = matches!(def.0.kind, crate::surface::Kind::Struct) && !format.is_empty();
        let surface = self.shared.surface;
        let members = surface.info(def.0).filter(|_| is_struct)?.by_name.get("ToString")?;
        let row = members.iter().map(|id| surface.member(*id)).find_map(|member| match member.params.as_slice() {
            [param] if !member.is_static && param.ty == Ty::STRING => Some(member.row),
            _ => None,
        })?;
        let args: Box<[Node]> = [self.node(value), Node::Const(Const::Str(format.clone()))].into();
        let prepared = row.prepare.and_then(|prepare| prepare(&[None, Some(Const::Str(format.clone()))]));
        let is_pure = row.purity == Purity::Pure;
        let target = Target { run: row.run, types: Arc::default(), created: None, prepared, check: false, is_pure };
        Some(Node::Call(Box::new(Call { target, args })))
    }

    /// What a pure member gives for constants, unless it raises or gives an object.
    fn computed(&self, target: &Target, args: &[Node]) -> Option<Const> {
        let value = |node| constant(node).map(|value| value.value());
        let mut values = args.iter().map(value).collect::<Option<Vec<_>>>().filter(|_| target.is_pure)?;
        let limits = Limits { steps: 10_000, depth: 10, memory: 1 << 16, output: 1 << 14 };
        let mut host = NoHost;
        let mut cx = Cx::new(&mut host, self.shared.surface, Meter::new(&limits));
        Const::of(&target.call(&mut values, &mut cx).ok()?)
    }

    fn ref_arg(&mut self, arg: &ir::Arg) -> RefArg {
        match arg {
            ir::Arg::Value(value) => RefArg { input: Some(self.node(value)), place: None },
            ir::Arg::Place(place, input) => {
                let place = self.place(place);
                RefArg { input: input.as_ref().map(|input| self.node(input)), place: Some(place) }
            }
        }
    }

    pub(in crate::exec) fn place(&mut self, place: &ir::Place) -> Place {
        match place {
            ir::Place::Var(var) => Place::Var(self.loc(*var)),
            ir::Place::Member { member, args, types } => {
                let info = self.shared.surface.member(*member);
                let (read, write): (Native, Option<Native>) = (info.row.run, info.row.set);
                let check = needs_receiver(info, args.first());
                Place::Member(Box::new(MemberPlace {
                    read,
                    write,
                    args: self.nodes(args),
                    types: types.clone(),
                    check,
                }))
            }
            ir::Place::Element(array, indices) => {
                let element = if let Ty::Array(element, _) = &array.ty { (**element).clone() } else { Ty::OBJECT };
                Place::Element(Box::new((self.node(array), self.nodes(indices), element)))
            }
            ir::Place::TupleItem(inner, at) => Place::TupleItem(Box::new(self.place(inner)), *at),
            ir::Place::Discard => Place::Discard,
        }
    }
}

/// Whether nothing that is evaluated later can change how the value prints: it is a string, a number or the like.
pub(super) fn keeps_its_text(expr: &Expr) -> bool {
    let is_plain = |ty: &Ty| match ty.unwrap_nullable() {
        Ty::Prim(prim) => *prim != Prim::Object,
        Ty::Named(def, _) => matches!(def.0.kind, crate::surface::Kind::Struct | crate::surface::Kind::Enum(_)),
        _ => false,
    };
    match &expr.kind {
        _ if is_plain(&expr.ty) => true,
        Kind::Convert(Conversion::Same | Conversion::Retype, inner) => is_plain(&inner.ty),
        Kind::Const(_) => true,
        _ => false,
    }
}

/// Whether calling a member on `null` raises. A `T?` without a value is a receiver like any other.
fn needs_receiver(info: &MemberInfo, receiver: Option<&Expr>) -> bool {
    let is_instance = !info.is_static && !info.is_extension && info.role != Role::Constructor;
    let is_operator = matches!(info.role, Role::Operator | Role::Implicit | Role::Explicit);
    let never_null = |ty: &Ty| match ty {
        Ty::Nullable(_) => true,
        Ty::Prim(prim) => !matches!(prim, Prim::Object | Prim::String),
        _ => false,
    };
    is_instance && !is_operator && receiver.is_none_or(|receiver| !never_null(&receiver.ty))
}
