//! Builds a [`Surface`] from its rows and checks them.

use std::collections::{HashMap, HashSet};

use super::{Kind, Member, MemberId, MemberInfo, Role, Surface, TypeDef, TypeInfo, Variance, signature};
use crate::{
    call::{Cx, Result},
    text::Str,
    ty::{Def, Prim, Ty},
    value::{Const, Value},
};

/// What a surface is made of.
pub struct Catalogue<'a> {
    /// Every type. The language's own exceptions ([`crate::exception::TYPES`]) are added by the compiler.
    pub types: &'a [&'static TypeDef],
    /// The platform's allow-list.
    pub listed: &'a [Listed],
    /// Namespaces that need not be written.
    pub usings: &'static [&'static str],
    /// Names that every expression sees, with the full name of their type: `("context", "PolicyExpressions.IContext", …)`.
    pub globals: &'a [(&'static str, &'static str, Const)],
    /// How values print.
    pub hooks: Hooks,
}

/// What the language needs of the platform to print values.
#[derive(Clone, Copy)]
pub struct Hooks {
    /// `ToString()` of the built-in types, invariant culture.
    pub text: fn(&Value) -> Str,
    /// `ToString(format)` of one item of an interpolated string or composite format.
    pub format: fn(&mut Cx<'_>, &Value, &str) -> Result<Str>,
}

/// A line of the platform's allow-list.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// The type's full name without type parameters.
    pub name: &'static str,
    /// Its allowed members (`(Constructor)` for constructors); none means all.
    pub members: Option<&'static [&'static str]>,
}

impl Surface {
    /// Reads all signatures. The error lists every row that is wrong.
    pub fn build(catalogue: &Catalogue<'_>) -> std::result::Result<Self, Vec<String>> {
        let defs: Vec<&'static TypeDef> = crate::exception::TYPES.iter().chain(catalogue.types).copied().collect();
        let mut errors = Vec::new();
        let mut by_def = HashMap::new();
        let mut by_name: HashMap<&'static str, Vec<usize>> = HashMap::new();
        let mut namespaces = HashSet::new();
        for (at, def) in defs.iter().enumerate() {
            if by_def.insert(Def(def), at).is_some() {
                errors.push(format!("{} is there twice", def.name));
            }
            by_name.entry(def.simple_name()).or_default().push(at);
            namespaces.insert(def.namespace());
        }
        for prim in Prim::ALL.map(|(_, _, name)| name) {
            if !defs.iter().any(|def| def.name == prim) {
                errors.push(format!("{prim} is missing"));
            }
        }
        let resolve = |name: &str, args: Vec<Ty>| find(&defs, &by_name, name, args);
        let mut types = Vec::new();
        let mut members = Vec::new();
        for def in &defs {
            types.push(read_type(def, catalogue.listed, &resolve, &mut members, &mut errors));
        }
        let mut globals = Vec::new();
        for (name, ty, value) in catalogue.globals {
            match resolve(ty, Vec::new()) {
                Some(ty) => globals.push((*name, ty, value.clone())),
                None => errors.push(format!("{name}: no type {ty}")),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut extensions: HashMap<&'static str, Vec<MemberId>> = HashMap::new();
        for (at, member) in members.iter().enumerate().filter(|(_, member)| member.is_extension) {
            extensions.entry(member.name).or_default().push(MemberId(at as u32));
        }
        Ok(Self {
            types,
            members,
            by_def,
            by_name,
            namespaces,
            extensions,
            usings: catalogue.usings,
            globals,
            hooks: catalogue.hooks,
        })
    }
}

fn find(
    defs: &[&'static TypeDef],
    by_name: &HashMap<&'static str, Vec<usize>>,
    name: &str,
    args: Vec<Ty>,
) -> Option<Ty> {
    if let Some(prim) = Prim::from_full_name(name) {
        return Some(Ty::Prim(prim));
    }
    let simple = name.rsplit('.').next().unwrap_or(name);
    let candidates = by_name.get(simple)?.iter().map(|at| defs[*at]).filter(|def| def.params.len() == args.len());
    let found = candidates.into_iter().find(|def| def.name == name || !name.contains('.'))?;
    match Prim::from_full_name(found.name) {
        Some(prim) => Some(Ty::Prim(prim)),
        None => Some(Ty::Named(Def(found), args.into())),
    }
}

fn read_type(
    def: &'static TypeDef,
    listed: &[Listed],
    resolve: signature::Resolve<'_>,
    members: &mut Vec<MemberInfo>,
    errors: &mut Vec<String>,
) -> TypeInfo {
    let mut params = Vec::new();
    let mut variance = Vec::new();
    for param in def.params {
        let (mark, name) = param.rsplit_once(' ').unwrap_or(("", param));
        params.push(name);
        variance.push(match mark {
            "out" => Variance::Out,
            "in" => Variance::In,
            _ => Variance::None,
        });
    }
    let own = match Prim::from_full_name(def.name) {
        Some(prim) => Ty::Prim(prim),
        None => {
            let args: Vec<_> = params.iter().enumerate().map(|(at, name)| Ty::Param(at as u16, name)).collect();
            Ty::Named(Def(def), args.into())
        }
    };
    let mut info =
        TypeInfo { def, params, variance, base: None, interfaces: Vec::new(), invoke: None, by_name: HashMap::new() };
    for base in def.bases {
        match signature::read_type(base, &info.params, resolve) {
            Ok(ty) if ty.is_interface() => info.interfaces.push(ty),
            Ok(ty) => info.base = Some(ty),
            Err(why) => errors.push(format!("{}: base {why}", def.name)),
        }
    }
    let list = listed.iter().find(|line| line.name == def.name.replace('+', "."));
    let class = def.simple_name().rsplit('+').next().unwrap_or_default();
    let invoke = match &def.kind {
        Kind::Delegate(signature) => Some(*signature),
        _ => None,
    };
    let rows = def.members.iter().map(|row| (row.signature, row)).chain(invoke.map(|text| (text, &INVOKE)));
    for (text, row) in rows {
        let signature = match signature::read(text, class, &own, &info.params, resolve) {
            Ok(signature) => signature,
            Err(why) => {
                errors.push(format!("{}: {why}", def.name));
                continue;
            }
        };
        let id = MemberId(members.len() as u32);
        // Names live as long as the program: they are slices of the row, except the few composed ones.
        let name: &'static str = text
            .find(signature.name.as_str())
            .and_then(|at| text.get(at..at + signature.name.len()))
            .unwrap_or_else(|| special_name(&signature.name));
        if std::ptr::eq(row, &raw const INVOKE) {
            info.invoke = Some(id);
        }
        let allowed = match list.map(|line| line.members) {
            None => false,
            Some(None) => true,
            Some(Some(names)) => {
                names.contains(&if signature.role == Role::Constructor { "(Constructor)" } else { name })
            }
        };
        info.by_name.entry(name).or_default().push(id);
        members.push(MemberInfo {
            owner: def,
            name,
            role: signature.role,
            is_static: signature.is_static,
            is_extension: signature.is_extension,
            type_params: signature.type_params,
            params: signature.params,
            returns: signature.returns,
            listed: allowed || invoke.is_some(),
            readable: signature.readable,
            row,
        });
    }
    info
}

fn special_name(name: &str) -> &'static str {
    const NAMES: [&str; 25] = [
        ".ctor",
        "this[]",
        "op implicit",
        "op explicit",
        "op +",
        "op -",
        "op *",
        "op /",
        "op %",
        "op ==",
        "op !=",
        "op <",
        "op >",
        "op <=",
        "op >=",
        "op &",
        "op |",
        "op ^",
        "op !",
        "op ~",
        "op <<",
        "op >>",
        "op ++",
        "op --",
        "op true",
    ];
    NAMES.iter().find(|known| **known == name).copied().unwrap_or("?")
}

/// The row behind every delegate's `Invoke`.
static INVOKE: Member = Member::new("", invoke, super::Purity::Acts, "Calls the delegate.");

fn invoke(cx: &mut Cx<'_>, args: crate::call::Args<'_>) -> Result<Value> {
    let (delegate, rest) = args.split_this();
    cx.call(&delegate, rest)
}
