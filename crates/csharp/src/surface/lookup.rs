//! Questions the binder and the runtime ask of a [`Surface`].

use super::{Hooks, Kind, MemberId, MemberInfo, Surface, TypeDef, TypeInfo, Variance};
use crate::{
    ty::{Def, Prim, Ty},
    value::Const,
};

impl Surface {
    /// Namespaces that need not be written.
    pub fn usings(&self) -> &'static [&'static str] {
        self.usings
    }

    /// Names every expression sees, with type and value.
    pub fn globals(&self) -> &[(&'static str, Ty, Const)] {
        &self.globals
    }

    /// How values print.
    pub fn hooks(&self) -> &Hooks {
        &self.hooks
    }

    /// Every type, in the order of the catalogue.
    pub fn types(&self) -> &[TypeInfo] {
        &self.types
    }

    /// Every member, type by type.
    pub fn members(&self) -> impl Iterator<Item = (MemberId, &MemberInfo)> {
        self.members.iter().enumerate().map(|(at, member)| (MemberId(at as u32), member))
    }

    /// The types called `name` with `arity` type parameters, in any namespace.
    pub fn types_named<'s>(&'s self, name: &str, arity: usize) -> impl Iterator<Item = &'s TypeInfo> + use<'s> {
        let found = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        found.iter().filter_map(|at| self.types.get(*at)).filter(move |info| info.params.len() == arity)
    }

    /// The type with this full name and number of type parameters.
    pub fn type_named(&self, full: &str, arity: usize) -> Option<&TypeInfo> {
        let simple = full.rsplit('.').next().unwrap_or(full);
        self.types_named(simple, arity).find(|info| info.def.name == full)
    }

    /// The definition with this full name and without type parameters.
    pub fn def_named(&self, full: &str) -> Option<&'static TypeDef> {
        self.type_named(full, 0).map(|info| info.def)
    }

    /// Whether types live in `namespace` or below it.
    pub fn is_namespace(&self, namespace: &str) -> bool {
        self.namespaces
            .iter()
            .any(|known| known.strip_prefix(namespace).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    }

    /// What the table says about a definition.
    pub fn info(&self, def: &'static TypeDef) -> Option<&TypeInfo> {
        self.by_def.get(&Def(def)).and_then(|at| self.types.get(*at))
    }

    /// What the table says about a type: the built-in ones and arrays have rows too.
    pub fn info_of(&self, ty: &Ty) -> Option<&TypeInfo> {
        match ty {
            Ty::Prim(prim) => self.type_named(prim.full_name(), 0),
            Ty::Named(def, _) => self.info(def.0),
            Ty::Array(..) => self.type_named("System.Array", 0),
            Ty::Nullable(_) => self.type_named("System.Nullable", 1),
            Ty::Tuple(tuple) => self.type_named("System.ValueTuple", tuple.items.len()),
            Ty::Error | Ty::Void | Ty::Null | Ty::Anonymous(_) | Ty::Param(..) => None,
        }
    }

    /// The type arguments that the members of `ty` see.
    pub fn type_args<'t>(&self, ty: &'t Ty) -> &'t [Ty] {
        match ty {
            Ty::Named(_, args) => args,
            Ty::Nullable(inner) => std::slice::from_ref(inner),
            Ty::Tuple(tuple) => &tuple.items,
            _ => &[],
        }
    }

    /// A member by its id.
    pub fn member(&self, id: MemberId) -> &MemberInfo {
        &self.members[id.0 as usize] // ids come from this table alone
    }

    /// Extension methods called `name`.
    pub fn extensions(&self, name: &str) -> &[MemberId] {
        self.extensions.get(name).map_or(&[], Vec::as_slice)
    }

    /// The base class; `None` for `object` and for interfaces.
    pub fn base(&self, ty: &Ty) -> Option<Ty> {
        match ty {
            Ty::Prim(Prim::Object) | Ty::Error | Ty::Void | Ty::Null | Ty::Param(..) => None,
            Ty::Named(def, _) if matches!(def.0.kind, Kind::Interface) => None,
            Ty::Array(..) => self.type_named("System.Array", 0).map(|info| Ty::named(info.def)),
            Ty::Named(def, args) => match self.info(def.0).and_then(|info| info.base.as_ref()) {
                Some(base) => Some(base.substitute(args)),
                None => Some(self.implied_base(def.0)),
            },
            _ => Some(Ty::OBJECT),
        }
    }

    fn implied_base(&self, def: &TypeDef) -> Ty {
        let name = match def.kind {
            Kind::Enum(_) => "System.Enum",
            Kind::Delegate(_) => "System.Delegate",
            _ => return Ty::OBJECT,
        };
        self.def_named(name).filter(|base| base.name != def.name).map_or(Ty::OBJECT, Ty::named)
    }

    /// Every interface of `ty`, inherited ones included, nearest first.
    pub fn interfaces(&self, ty: &Ty) -> Vec<Ty> {
        let mut out = Vec::new();
        let mut class = Some(ty.clone());
        while let Some(current) = class {
            for interface in self.own_interfaces(&current) {
                self.add_interface(interface, &mut out);
            }
            class = self.base(&current);
        }
        out
    }

    fn add_interface(&self, interface: Ty, out: &mut Vec<Ty>) {
        if out.contains(&interface) {
            return;
        }
        out.push(interface.clone());
        for inherited in self.own_interfaces(&interface) {
            self.add_interface(inherited, out);
        }
    }

    fn own_interfaces(&self, ty: &Ty) -> Vec<Ty> {
        if let Ty::Array(element, 1) = ty {
            let names = ["IList", "IReadOnlyList"];
            return names
                .iter()
                .filter_map(|name| self.types_named(name, 1).next())
                .map(|info| Ty::generic(info.def, vec![(**element).clone()]))
                .collect();
        }
        let Some(info) = self.info_of(ty) else { return Vec::new() };
        info.interfaces.iter().map(|interface| interface.substitute(self.type_args(ty))).collect()
    }

    /// Whether a value whose type is `from` is a `to` without any change: identity, inheritance, interfaces, variance.
    /// It is what `is` asks at run time, where `from` is the value's own type.
    pub fn is_a(&self, from: &Ty, to: &Ty) -> bool {
        if from == to || *to == Ty::OBJECT || *from == Ty::Error || *to == Ty::Error {
            return true;
        }
        match (from, to) {
            (Ty::Array(from, rank), Ty::Array(to, other)) if rank == other => return self.element_is_a(from, to),
            (Ty::Array(from, 1), Ty::Named(def, args))
                if matches!(def.0.kind, Kind::Interface) && args.len() == 1 && self.is_array_interface(def.0) =>
            {
                return self.element_is_a(from, &args[0]);
            }
            _ => {}
        }
        if !to.is_interface() {
            if to.is_delegate() && self.varies(from, to) {
                return true;
            }
            let mut class = self.base(from);
            while let Some(current) = class {
                if current == *to {
                    return true;
                }
                class = self.base(&current);
            }
            return self.is_value_type_base(from, to);
        }
        self.varies(from, to)
            || self.interfaces(from).iter().any(|interface| interface == to || self.varies(interface, to))
    }

    fn is_value_type_base(&self, from: &Ty, to: &Ty) -> bool {
        to.def().is_some_and(|def| def.name == "System.ValueType") && from.is_value_type()
    }

    fn is_array_interface(&self, def: &TypeDef) -> bool {
        matches!(def.simple_name(), "IList" | "IReadOnlyList" | "ICollection" | "IReadOnlyCollection" | "IEnumerable")
    }

    /// Arrays of reference types are covariant, arrays of values are not.
    fn element_is_a(&self, from: &Ty, to: &Ty) -> bool {
        from == to || (from.is_reference_type() && to.is_reference_type() && self.is_a(from, to))
    }

    /// Whether both are the same generic type and the arguments differ only as variance allows.
    fn varies(&self, from: &Ty, to: &Ty) -> bool {
        let (Ty::Named(def, from), Ty::Named(other, to)) = (from, to) else { return false };
        if def != other || from.len() != to.len() {
            return false;
        }
        let Some(info) = self.info(def.0) else { return false };
        from.iter().zip(to.iter()).zip(&info.variance).all(|((from, to), variance)| {
            from == to
                || match variance {
                    Variance::None => false,
                    Variance::Out => from.is_reference_type() && to.is_reference_type() && self.is_a(from, to),
                    Variance::In => from.is_reference_type() && to.is_reference_type() && self.is_a(to, from),
                }
        })
    }

    /// The instantiation of generic `def` that `ty` is, inherits or implements: `IEnumerable<T>` of a `List<int>`.
    pub fn instance_of(&self, ty: &Ty, def: &'static TypeDef) -> Option<Ty> {
        let matches = |ty: &Ty| ty.def().is_some_and(|own| std::ptr::eq(own, def));
        let mut class = Some(ty.clone());
        while let Some(current) = class {
            if matches(&current) {
                return Some(current);
            }
            class = self.base(&current);
        }
        self.interfaces(ty).into_iter().find(matches)
    }

    /// `T` of the `IEnumerable<T>` that `ty` is.
    pub fn element_type(&self, ty: &Ty) -> Option<Ty> {
        match ty {
            Ty::Array(element, _) => Some((**element).clone()),
            Ty::Prim(Prim::String) => Some(Ty::CHAR),
            _ => {
                let enumerable = self.type_named("System.Collections.Generic.IEnumerable", 1)?.def;
                self.instance_of(ty, enumerable).and_then(|found| found.args().first().cloned())
            }
        }
    }
}
