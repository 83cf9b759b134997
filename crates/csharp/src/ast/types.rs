//! Types as they are written.

use base::Span;

use super::{Name, SimpleName};

/// A type.
#[derive(Clone, Debug)]
pub struct Type {
    /// What kind of type.
    pub kind: TypeKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of types.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// Nothing readable; the parser has reported it.
    Error,
    /// `int`, `string`, `void` …
    Predefined(Predefined),
    /// `A`, `A.B<C>`, `global::A.B`.
    Named(TypeName),
    /// `var`. Where a local is declared it asks for inference; the binder refuses it elsewhere.
    Var,
    /// `T?`. On a reference type this is a feature of C# 8; the binder knows which it is.
    Nullable(Box<Type>),
    /// `T[]`, `T[,]`. For `int[][,]` the outer node has rank 1 and its element is `int[,]`, as C# reads it.
    Array {
        /// What the array holds.
        element: Box<Type>,
        /// Number of dimensions, from 1.
        rank: u32,
    },
    /// `(int a, string)`: two elements or more.
    Tuple(Vec<TupleTypeElement>),
    /// The empty place in `List<>`, allowed in `typeof` only.
    Omitted,
}

/// A dotted name of a type.
#[derive(Clone, Debug)]
pub struct TypeName {
    /// The alias in `global::System.String`.
    pub alias: Option<Name>,
    /// The parts, at least one.
    pub parts: Vec<SimpleName>,
}

/// One element of a tuple type.
#[derive(Clone, Debug)]
pub struct TupleTypeElement {
    /// Its type.
    pub ty: Type,
    /// Its name, where it has one.
    pub name: Option<Name>,
}

/// The types that have a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Predefined {
    /// `System.Boolean`.
    Bool,
    /// `System.Byte`.
    Byte,
    /// `System.SByte`.
    SByte,
    /// `System.Int16`.
    Short,
    /// `System.UInt16`.
    UShort,
    /// `System.Int32`.
    Int,
    /// `System.UInt32`.
    UInt,
    /// `System.Int64`.
    Long,
    /// `System.UInt64`.
    ULong,
    /// `System.Char`.
    Char,
    /// `System.Single`.
    Float,
    /// `System.Double`.
    Double,
    /// `System.Decimal`.
    Decimal,
    /// `System.String`.
    String,
    /// `System.Object`.
    Object,
    /// `System.Void`: only as the result of a local function or in `typeof(void)`.
    Void,
}

impl Predefined {
    /// The keyword.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Byte => "byte",
            Self::SByte => "sbyte",
            Self::Short => "short",
            Self::UShort => "ushort",
            Self::Int => "int",
            Self::UInt => "uint",
            Self::Long => "long",
            Self::ULong => "ulong",
            Self::Char => "char",
            Self::Float => "float",
            Self::Double => "double",
            Self::Decimal => "decimal",
            Self::String => "string",
            Self::Object => "object",
            Self::Void => "void",
        }
    }
}
