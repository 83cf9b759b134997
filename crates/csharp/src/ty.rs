//! [`Ty`]: the types of C# as the binder and the runtime see them.

use std::{fmt, hash, sync::Arc};

use crate::surface::{Kind, TypeDef};

/// A type. Two types are the same if they are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    /// What an erroneous expression has; it converts to and from everything, so that one mistake gives one message.
    Error,
    /// No value.
    Void,
    /// The type of `null`.
    Null,
    /// A type that the language itself knows.
    Prim(Prim),
    /// A type of the member table, with its type arguments.
    Named(Def, TypeArgs),
    /// `T[]`, or `T[,]` for more than one dimension.
    Array(Arc<Ty>, u8),
    /// `T?` of a value type.
    Nullable(Arc<Ty>),
    /// `(int a, string b)`.
    Tuple(Arc<TupleTy>),
    /// `new { A = 1 }`.
    Anonymous(Arc<AnonymousTy>),
    /// A type parameter: of the declaring type first, then of the method. Only in signatures and generic local functions.
    Param(u16, &'static str),
}

/// The type arguments of a generic type; none for all others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct TypeArgs(Option<Arc<[Ty]>>);

impl TypeArgs {
    /// No type arguments.
    pub const NONE: TypeArgs = TypeArgs(None);
}

impl From<Vec<Ty>> for TypeArgs {
    fn from(args: Vec<Ty>) -> Self {
        Self((!args.is_empty()).then(|| args.into()))
    }
}

impl std::ops::Deref for TypeArgs {
    type Target = [Ty];
    fn deref(&self) -> &[Ty] {
        self.0.as_deref().unwrap_or_default()
    }
}

/// The types with keywords of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are C#'s")]
pub enum Prim {
    Object,
    String,
    Bool,
    Char,
    SByte,
    Byte,
    Short,
    UShort,
    Int,
    UInt,
    Long,
    ULong,
    Float,
    Double,
    Decimal,
}

/// A type of the member table. Equality is identity: each definition is one `static`.
#[derive(Clone, Copy)]
pub struct Def(pub &'static TypeDef);

/// Element types and names; a name is empty where none was given.
#[derive(Clone, Debug)]
pub struct TupleTy {
    /// The element types.
    pub items: Vec<Ty>,
    /// Their names. They are no part of the type's identity.
    pub names: Vec<Option<Arc<str>>>,
}

/// Properties of an anonymous type, in order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AnonymousTy {
    /// Name and type.
    pub fields: Vec<(Arc<str>, Ty)>,
}

impl Prim {
    /// All of them, with keyword and .NET name.
    pub const ALL: [(Prim, &'static str, &'static str); 15] = [
        (Prim::Object, "object", "System.Object"),
        (Prim::String, "string", "System.String"),
        (Prim::Bool, "bool", "System.Boolean"),
        (Prim::Char, "char", "System.Char"),
        (Prim::SByte, "sbyte", "System.SByte"),
        (Prim::Byte, "byte", "System.Byte"),
        (Prim::Short, "short", "System.Int16"),
        (Prim::UShort, "ushort", "System.UInt16"),
        (Prim::Int, "int", "System.Int32"),
        (Prim::UInt, "uint", "System.UInt32"),
        (Prim::Long, "long", "System.Int64"),
        (Prim::ULong, "ulong", "System.UInt64"),
        (Prim::Float, "float", "System.Single"),
        (Prim::Double, "double", "System.Double"),
        (Prim::Decimal, "decimal", "System.Decimal"),
    ];

    /// `int`, `string`…
    pub fn keyword(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// `System.Int32`, `System.String`…
    pub fn full_name(self) -> &'static str {
        Self::ALL[self as usize].2
    }

    /// By keyword.
    pub fn from_keyword(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, keyword, _)| *keyword == word).map(|(prim, _, _)| *prim)
    }

    /// By .NET name.
    pub fn from_full_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, _, full)| *full == name).map(|(prim, _, _)| *prim)
    }

    /// `sbyte` to `ulong` and `char`.
    pub fn is_integral(self) -> bool {
        (Self::Char..=Self::ULong).contains(&self)
    }

    /// Integral types, `float`, `double` and `decimal`.
    pub fn is_numeric(self) -> bool {
        self >= Self::Char
    }

    /// Everything but `object` and `string`.
    pub fn is_value(self) -> bool {
        self >= Self::Bool
    }
}

#[expect(missing_docs, reason = "the names are C#'s")]
impl Ty {
    pub const OBJECT: Ty = Ty::Prim(Prim::Object);
    pub const STRING: Ty = Ty::Prim(Prim::String);
    pub const BOOL: Ty = Ty::Prim(Prim::Bool);
    pub const CHAR: Ty = Ty::Prim(Prim::Char);
    pub const BYTE: Ty = Ty::Prim(Prim::Byte);
    pub const INT: Ty = Ty::Prim(Prim::Int);
    pub const UINT: Ty = Ty::Prim(Prim::UInt);
    pub const LONG: Ty = Ty::Prim(Prim::Long);
    pub const ULONG: Ty = Ty::Prim(Prim::ULong);
    pub const FLOAT: Ty = Ty::Prim(Prim::Float);
    pub const DOUBLE: Ty = Ty::Prim(Prim::Double);
    pub const DECIMAL: Ty = Ty::Prim(Prim::Decimal);
}

impl Ty {
    /// A type of the table without type arguments.
    pub const fn named(def: &'static TypeDef) -> Ty {
        Ty::Named(Def(def), TypeArgs::NONE)
    }

    /// A generic type of the table.
    pub fn generic(def: &'static TypeDef, args: Vec<Ty>) -> Ty {
        Ty::Named(Def(def), args.into())
    }

    /// `element[]`.
    pub fn array(element: Ty) -> Ty {
        Ty::Array(Arc::new(element), 1)
    }

    /// `inner?`.
    pub fn nullable(inner: Ty) -> Ty {
        Ty::Nullable(Arc::new(inner))
    }

    /// The built-in type, if it is one.
    pub fn prim(&self) -> Option<Prim> {
        match self {
            Ty::Prim(prim) => Some(*prim),
            _ => None,
        }
    }

    /// The definition, if it is a type of the table.
    pub fn def(&self) -> Option<&'static TypeDef> {
        match self {
            Ty::Named(def, _) => Some(def.0),
            _ => None,
        }
    }

    /// Its type arguments.
    pub fn args(&self) -> &[Ty] {
        match self {
            Ty::Named(_, args) => args,
            _ => &[],
        }
    }

    /// `T` of `T?`, otherwise the type itself.
    pub fn unwrap_nullable(&self) -> &Ty {
        match self {
            Ty::Nullable(inner) => inner,
            other => other,
        }
    }

    /// Whether it is `T?` of a value type.
    pub fn is_nullable(&self) -> bool {
        matches!(self, Ty::Nullable(_))
    }

    /// Whether it is an enum.
    pub fn is_enum(&self) -> bool {
        self.def().is_some_and(|def| matches!(def.kind, Kind::Enum(_)))
    }

    /// Whether it is a delegate type.
    pub fn is_delegate(&self) -> bool {
        self.def().is_some_and(|def| matches!(def.kind, Kind::Delegate(_)))
    }

    /// Whether it is an interface.
    pub fn is_interface(&self) -> bool {
        self.def().is_some_and(|def| matches!(def.kind, Kind::Interface))
    }

    /// Structs, enums, tuples, `T?` and the built-in value types.
    pub fn is_value_type(&self) -> bool {
        match self {
            Ty::Prim(prim) => prim.is_value(),
            Ty::Named(def, _) => matches!(def.0.kind, Kind::Struct | Kind::Enum(_)),
            Ty::Nullable(_) | Ty::Tuple(_) => true,
            Ty::Error | Ty::Void | Ty::Null | Ty::Array(..) | Ty::Anonymous(_) | Ty::Param(..) => false,
        }
    }

    /// Classes, interfaces, arrays, delegates, `string`, `object`.
    pub fn is_reference_type(&self) -> bool {
        match self {
            Ty::Prim(prim) => !prim.is_value(),
            Ty::Named(def, _) => !matches!(def.0.kind, Kind::Struct | Kind::Enum(_)),
            Ty::Null | Ty::Array(..) | Ty::Anonymous(_) => true,
            Ty::Error | Ty::Void | Ty::Nullable(_) | Ty::Tuple(_) | Ty::Param(..) => false,
        }
    }

    /// Whether a type parameter occurs in it.
    pub fn is_open(&self) -> bool {
        match self {
            Ty::Param(..) => true,
            Ty::Named(_, args) => args.iter().any(Ty::is_open),
            Ty::Array(inner, _) | Ty::Nullable(inner) => inner.is_open(),
            Ty::Tuple(tuple) => tuple.items.iter().any(Ty::is_open),
            Ty::Anonymous(anonymous) => anonymous.fields.iter().any(|(_, ty)| ty.is_open()),
            Ty::Error | Ty::Void | Ty::Null | Ty::Prim(_) => false,
        }
    }

    /// Type parameters replaced: parameter `n` by `args[n]`. One without an argument stays.
    pub fn substitute(&self, args: &[Ty]) -> Ty {
        if args.is_empty() || !self.is_open() {
            return self.clone();
        }
        self.replace(&|index| args.get(index as usize).cloned())
    }

    /// Type parameters replaced by what `by` gives for their index; those it gives nothing for stay.
    pub fn replace(&self, by: &dyn Fn(u16) -> Option<Ty>) -> Ty {
        let all = |types: &[Ty]| types.iter().map(|ty| ty.replace(by)).collect::<Vec<_>>();
        match self {
            Ty::Param(index, _) => by(*index).unwrap_or_else(|| self.clone()),
            Ty::Named(def, inner) => Ty::Named(*def, all(inner).into()),
            Ty::Array(element, rank) => Ty::Array(Arc::new(element.replace(by)), *rank),
            Ty::Nullable(inner) => Ty::nullable(inner.replace(by)),
            Ty::Tuple(tuple) => Ty::Tuple(Arc::new(TupleTy { items: all(&tuple.items), names: tuple.names.clone() })),
            Ty::Anonymous(anonymous) => Ty::Anonymous(Arc::new(AnonymousTy {
                fields: anonymous.fields.iter().map(|(name, ty)| (name.clone(), ty.replace(by))).collect(),
            })),
            Ty::Error | Ty::Void | Ty::Null | Ty::Prim(_) => self.clone(),
        }
    }

    /// The name with namespaces, C#-like: `System.Collections.Generic.List<System.Int32>`.
    pub fn full_name(&self) -> String {
        match self {
            Ty::Error => "?".into(),
            Ty::Void => "System.Void".into(),
            Ty::Null => "null".into(),
            Ty::Prim(prim) => prim.full_name().into(),
            Ty::Named(def, args) if args.is_empty() => def.0.name.into(),
            // The type arguments of a nested type stand with the type around it.
            Ty::Named(def, args) => {
                let (outer, nested) = def.0.name.split_at(def.0.name.find('+').unwrap_or(def.0.name.len()));
                format!("{outer}<{}>{nested}", args.iter().map(Ty::full_name).collect::<Vec<_>>().join(","))
            }
            Ty::Array(element, rank) => format!("{}[{}]", element.full_name(), ",".repeat(*rank as usize - 1)),
            Ty::Nullable(inner) => format!("System.Nullable<{}>", inner.full_name()),
            Ty::Tuple(tuple) => {
                format!("System.ValueTuple<{}>", tuple.items.iter().map(Ty::full_name).collect::<Vec<_>>().join(","))
            }
            Ty::Anonymous(anonymous) => {
                let fields: Vec<_> =
                    anonymous.fields.iter().map(|(name, ty)| format!("{name}:{}", ty.full_name())).collect();
                format!("AnonymousType{{{}}}", fields.join(","))
            }
            Ty::Param(_, name) => (*name).into(),
        }
    }

    /// The name as `Type.ToString` of the runtime gives it: ``System.Collections.Generic.List`1[System.Int32]``.
    pub fn clr_name(&self) -> String {
        let list = |args: &[Ty]| args.iter().map(Ty::clr_name).collect::<Vec<_>>().join(",");
        match self {
            Ty::Named(def, args) if !args.is_empty() => {
                let (outer, nested) = def.0.name.split_at(def.0.name.find('+').unwrap_or(def.0.name.len()));
                format!("{outer}`{}{nested}[{}]", args.len(), list(args))
            }
            Ty::Array(element, rank) => format!("{}[{}]", element.clr_name(), ",".repeat(*rank as usize - 1)),
            Ty::Nullable(inner) => format!("System.Nullable`1[{}]", inner.clr_name()),
            Ty::Tuple(tuple) => format!("System.ValueTuple`{}[{}]", tuple.items.len(), list(&tuple.items)),
            Ty::Anonymous(anonymous) => {
                let fields: Vec<_> = anonymous.fields.iter().map(|(_, ty)| ty.clr_name()).collect();
                format!("<>f__AnonymousType0`{}[{}]", fields.len(), fields.join(","))
            }
            _ => self.full_name(),
        }
    }
}

/// The name as compilers print it in messages: keywords for built-in types, otherwise without the namespace.
impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, args: &[Ty]| {
            args.iter().enumerate().try_for_each(|(at, ty)| write!(f, "{}{ty}", if at > 0 { ", " } else { "" }))
        };
        match self {
            Ty::Error => f.write_str("?"),
            Ty::Void => f.write_str("void"),
            Ty::Null => f.write_str("<null>"),
            Ty::Prim(prim) => f.write_str(prim.keyword()),
            Ty::Named(def, args) => {
                let simple = def.0.simple_name();
                let (outer, nested) = simple.split_at(simple.find('+').unwrap_or(simple.len()));
                f.write_str(outer)?;
                if !args.is_empty() {
                    f.write_str("<")?;
                    list(f, args)?;
                    f.write_str(">")?;
                }
                f.write_str(&nested.replace('+', "."))
            }
            Ty::Array(element, rank) => {
                // int[][,] reads from the outside in.
                let (mut inner, mut suffix) = (element, format!("[{}]", ",".repeat(*rank as usize - 1)));
                while let Ty::Array(next, rank) = &**inner {
                    suffix.push_str(&format!("[{}]", ",".repeat(*rank as usize - 1)));
                    inner = next;
                }
                write!(f, "{inner}{suffix}")
            }
            Ty::Nullable(inner) => write!(f, "{inner}?"),
            Ty::Tuple(tuple) => {
                f.write_str("(")?;
                for (at, (ty, name)) in tuple.items.iter().zip(&tuple.names).enumerate() {
                    write!(f, "{}{ty}", if at > 0 { ", " } else { "" })?;
                    if let Some(name) = name {
                        write!(f, " {name}")?;
                    }
                }
                f.write_str(")")
            }
            Ty::Anonymous(anonymous) => {
                let fields: Vec<_> = anonymous.fields.iter().map(|(name, ty)| format!("{ty} {name}")).collect();
                write!(f, "<anonymous type: {}>", fields.join(", "))
            }
            Ty::Param(_, name) => f.write_str(name),
        }
    }
}

impl PartialEq for TupleTy {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

impl Eq for TupleTy {}

impl hash::Hash for TupleTy {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.items.hash(state);
    }
}

impl PartialEq for Def {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Def {}

impl hash::Hash for Def {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}

impl fmt::Debug for Def {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}
