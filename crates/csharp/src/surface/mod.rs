//! The member table: which .NET types and members exist, and what runs when one is used.
//!
//! A type is one `static` [`TypeDef`]; a member is one [`Member`] row: its C# signature as text, the function that
//! runs, how pure it is, and one line of documentation. Signatures are read once, when the [`Surface`] is built.

mod build;
mod lookup;
mod signature;

use std::{collections::HashMap, fmt};

use crate::{
    call::{Native, Prepared},
    host::{Ask, Find},
    ty::{Def, Prim, Ty},
    value::{Const, Value},
};
pub use build::{Catalogue, Hooks, Listed};

/// One .NET type.
pub struct TypeDef {
    /// With namespace, without type parameters: `System.Collections.Generic.List`. A nested type is `Outer+Inner`.
    pub name: &'static str,
    /// Type parameters, with variance where an interface or delegate has it: `["in T", "out TResult"]`.
    pub params: &'static [&'static str],
    /// What kind of type.
    pub kind: Kind,
    /// The base class, if it is not `object`, and the interfaces: `["IList<T>", "IReadOnlyList<T>"]`.
    pub bases: &'static [&'static str],
    /// Its members. Inherited ones stand at the base only.
    pub members: &'static [Member],
    /// For structs that are a [`Value::Word`]: how they print and compare.
    pub word: Option<&'static WordOps>,
    /// For structs that are objects: `default(T)`, given the type arguments.
    pub default: Option<fn(&[Ty]) -> Value>,
    /// One sentence for the reference.
    pub doc: &'static str,
}

/// What kind of type a [`TypeDef`] is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A class.
    Class,
    /// A class that cannot be created and only holds static members, extension methods among them.
    Static,
    /// A value type.
    Struct,
    /// An interface.
    Interface,
    /// An enum.
    Enum(EnumDef),
    /// A delegate, with the signature of its `Invoke`: `"TResult Invoke(T arg)"`.
    Delegate(&'static str),
}

/// The constants of an enum.
#[derive(Clone, Copy, Debug)]
pub struct EnumDef {
    /// Names and values, in declaration order.
    pub values: &'static [(&'static str, i64)],
    /// Whether it prints as a combination (`[Flags]`).
    pub flags: bool,
    /// The type behind it; almost always `int`.
    pub underlying: Prim,
}

/// How a struct that fits one machine word prints and compares. Without it, words compare as bits.
#[derive(Clone, Copy)]
pub struct WordOps {
    /// `ToString()`.
    pub text: fn(u64) -> crate::text::Str,
    /// The part of the word that `Equals`, `GetHashCode` and `CompareTo` look at, in order of comparison.
    pub key: fn(u64) -> i64,
}

/// One member row.
pub struct Member {
    /// The C# signature: see [`Member::new`].
    pub signature: &'static str,
    /// Runs it; reads it, for a property, a field or an indexer.
    pub run: Native,
    /// Writes the property or indexer.
    pub set: Option<Native>,
    /// Makes ready what constant arguments say, when the text is compiled.
    pub prepare: Option<Prepare>,
    /// Where it leads from a handle, if the host can be asked for that at once.
    pub asks: Option<fn(u64) -> Ask>,
    /// What it looks up in a dictionary of the host.
    pub finds: Option<Find>,
    /// Gives the same as [`Member::run`] to those who only enumerate or index it, piece by piece.
    pub lazy: Option<Native>,
    /// Whether it does no more with its first argument than to enumerate it.
    pub enumerates: bool,
    /// What it does with the items of its first argument, one after the other.
    pub passes: Option<Pass>,
    /// What it depends on and changes.
    pub purity: Purity,
    /// One sentence for the reference.
    pub doc: &'static str,
}

/// Makes something of the arguments that are constants (`None` stands for the others); the member finds it in
/// [`crate::Args::prepared`]. `None` where nothing can be prepared: what is wrong with an argument is said when it is used.
pub type Prepare = fn(&[Option<Const>]) -> Option<Prepared>;

/// A member that takes the items of a sequence one after the other, of which nothing else need be known: a chain of them
/// runs as one loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Hands on what a delegate makes of each item.
    Select,
    /// Hands on the items for which a predicate holds.
    Where,
    /// Ends with whether an item comes, for which a predicate holds if there is one.
    Any,
    /// Ends with whether a predicate holds for all items.
    All,
    /// Ends with the number of items, for which a predicate holds if there is one.
    Count,
    /// Ends with whether an item equals the second argument.
    Contains,
    /// Ends with the first item, for which a predicate holds if there is one; raises where there is none.
    First,
    /// The same, with the default of the first type argument where there is none.
    FirstOrDefault,
}

/// What a member depends on and changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purity {
    /// The same arguments give the same immutable result: constant arguments are computed when the policy is saved.
    Pure,
    /// Reads an object that can change, or the host (clock, request…).
    Reads,
    /// Changes an object or the host.
    Acts,
}

impl Member {
    /// A row. The signature's form tells what it is:
    ///
    /// ```text
    /// string Substring(int startIndex, int length)                      method
    /// static bool TryParse(string s, out int result)                    static method
    /// TSource First<TSource>(this IEnumerable<TSource> source)          extension method (in a `Kind::Static` type)
    /// int Length { get; }    static DateTime UtcNow { get; }            property
    /// char this[int index] { get; }                                     indexer
    /// const int MaxValue    static readonly Guid Empty                  constant, field
    /// StringBuilder(string value, int capacity = 16)                    constructor
    /// static bool operator ==(DateTime left, DateTime right)            operator
    /// static explicit operator string(JToken value)                     conversion
    /// static string Format(string format, params object[] args)         parameter array; also `out`, `ref`, `in`
    /// T As<T>(bool preserveContent = false) where T : class             constraint and default value
    /// ```
    /// Types are named as in C#; a namespace is needed only where two types share a name.
    pub const fn new(signature: &'static str, run: Native, purity: Purity, doc: &'static str) -> Self {
        Self {
            signature,
            run,
            set: None,
            prepare: None,
            asks: None,
            finds: None,
            lazy: None,
            enumerates: false,
            passes: None,
            purity,
            doc,
        }
    }

    /// A property or indexer that can also be written: `set` gets the receiver, the indices and the value.
    pub const fn with_set(self, set: Native) -> Self {
        Self { set: Some(set), ..self }
    }

    /// A property of `context` or a part of it that is a fact of the host. It runs as ever where the way to it is not
    /// known when the text is compiled.
    pub const fn asks(self, asks: fn(u64) -> Ask) -> Self {
        Self { asks: Some(asks), ..self }
    }

    /// A member that looks up a name. It runs as ever where dictionary or name are not known when the text is compiled.
    pub const fn finds(self, find: Find) -> Self {
        Self { finds: Some(find), ..self }
    }

    /// A member that makes a list, which can also give its items as they are asked for.
    pub const fn lazily(self, lazy: Native) -> Self {
        Self { lazy: Some(lazy), ..self }
    }

    /// A member that only enumerates its first argument and keeps nothing of it but its items.
    pub const fn enumerates(self) -> Self {
        Self { enumerates: true, ..self }
    }

    /// A member that takes the items of its first argument one after the other.
    pub const fn passes(self, pass: Pass) -> Self {
        Self { passes: Some(pass), enumerates: true, ..self }
    }

    /// A member with an argument that is worth reading when the text is compiled: a pattern, a format, a path.
    pub const fn prepared(self, prepare: Prepare) -> Self {
        Self { prepare: Some(prepare), ..self }
    }
}

/// A row whose result depends on its arguments alone.
pub const fn pure(signature: &'static str, run: Native, doc: &'static str) -> Member {
    Member::new(signature, run, Purity::Pure, doc)
}

/// A row that reads a changeable object or the host.
pub const fn reads(signature: &'static str, run: Native, doc: &'static str) -> Member {
    Member::new(signature, run, Purity::Reads, doc)
}

/// A row that changes an object or the host, or calls a delegate.
pub const fn acts(signature: &'static str, run: Native, doc: &'static str) -> Member {
    Member::new(signature, run, Purity::Acts, doc)
}

impl TypeDef {
    /// A class without members, to fill in with `..TypeDef::CLASS`.
    pub const CLASS: TypeDef = TypeDef {
        name: "",
        params: &[],
        kind: Kind::Class,
        bases: &[],
        members: &[],
        word: None,
        default: None,
        doc: "",
    };

    /// The last part of the name; a nested type keeps its outer one: `TimeZoneInfo+AdjustmentRule`.
    pub fn simple_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }

    /// The part of the name before the last dot.
    pub fn namespace(&self) -> &'static str {
        self.name.rsplit_once('.').map_or("", |(namespace, _)| namespace)
    }

    /// The constants, if it is an enum.
    pub fn enum_def(&self) -> Option<&EnumDef> {
        match &self.kind {
            Kind::Enum(def) => Some(def),
            _ => None,
        }
    }
}

impl EnumDef {
    /// An enum over `int` that does not print as a combination.
    pub const fn of(values: &'static [(&'static str, i64)]) -> Kind {
        Kind::Enum(EnumDef { values, flags: false, underlying: Prim::Int })
    }

    /// A `[Flags]` enum over `int`.
    pub const fn flags(values: &'static [(&'static str, i64)]) -> Kind {
        Kind::Enum(EnumDef { values, flags: true, underlying: Prim::Int })
    }

    /// The name of `value` as `Enum.ToString` prints it; a combination for flags; the number where nothing fits.
    pub fn text(&self, value: i64) -> String {
        if let Some((name, _)) = self.values.iter().find(|(_, known)| *known == value) {
            return (*name).into();
        }
        if self.flags && value != 0 {
            let mut known: Vec<_> = self.values.iter().filter(|(_, bits)| *bits != 0).collect();
            known.sort_by_key(|(_, bits)| std::cmp::Reverse(*bits as u64));
            let (mut rest, mut names) = (value, Vec::new());
            for (name, bits) in known {
                if rest & bits == *bits {
                    rest &= !bits;
                    names.push(*name);
                }
            }
            if rest == 0 {
                names.reverse();
                return names.join(", ");
            }
        }
        value.to_string()
    }
}

/// The types and members that expressions may use, read and cross-referenced.
pub struct Surface {
    types: Vec<TypeInfo>,
    members: Vec<MemberInfo>,
    by_def: HashMap<Def, usize>,
    /// Simple name to the types that bear it, of any arity.
    by_name: HashMap<&'static str, Vec<usize>>,
    namespaces: std::collections::HashSet<&'static str>,
    extensions: HashMap<&'static str, Vec<MemberId>>,
    usings: &'static [&'static str],
    globals: Vec<(&'static str, Ty, Const)>,
    hooks: Hooks,
}

/// A member of a [`Surface`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(u32);

/// A type with its signatures read.
pub struct TypeInfo {
    /// The row it comes from.
    pub def: &'static TypeDef,
    /// Names of the type parameters.
    pub params: Vec<&'static str>,
    /// Their variance.
    pub variance: Vec<Variance>,
    /// The base class, in terms of the type parameters.
    pub base: Option<Ty>,
    /// The interfaces it names itself.
    pub interfaces: Vec<Ty>,
    /// What a delegate's `Invoke` takes and gives.
    pub invoke: Option<MemberId>,
    /// Own members by name: `.ctor`, `this[]`, `op +`, `op implicit`, `op explicit` for the nameless.
    pub by_name: HashMap<&'static str, Vec<MemberId>>,
}

/// Whether `I<Derived>` converts to `I<Base>` or the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variance {
    /// Neither.
    None,
    /// `out`.
    Out,
    /// `in`.
    In,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A method; extension methods too.
    Method,
    /// A property.
    Property,
    /// A `static readonly` field.
    Field,
    /// A compile-time constant.
    Const,
    /// `this[…]`.
    Indexer,
    /// `new`.
    Constructor,
    /// `operator +`…
    Operator,
    /// `implicit operator`.
    Implicit,
    /// `explicit operator`.
    Explicit,
}

/// A member with its signature read.
pub struct MemberInfo {
    /// The type that declares it.
    pub owner: &'static TypeDef,
    /// Name, or `.ctor`, `this[]`, `op +`, `op implicit`, `op explicit`.
    pub name: &'static str,
    /// What it is.
    pub role: Role,
    /// Without a receiver.
    pub is_static: bool,
    /// `this` on the first parameter.
    pub is_extension: bool,
    /// Own type parameters. As [`Ty::Param`] they come after those of the owner.
    pub type_params: Vec<TypeParam>,
    /// Parameters; an extension method's receiver is the first.
    pub params: Vec<Param>,
    /// What it gives; the created type for a constructor.
    pub returns: Ty,
    /// Whether the platform's allow-list names it.
    pub listed: bool,
    /// Whether a property has a getter.
    pub readable: bool,
    /// The row it comes from; none for what the compiler adds itself.
    pub row: &'static Member,
}

/// A type parameter of a method.
#[derive(Clone, Debug)]
pub struct TypeParam {
    /// Name.
    pub name: &'static str,
    /// What its argument must be.
    pub constraint: Constraint,
}

/// What a type argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// Anything.
    None,
    /// `class`.
    Class,
    /// `struct`.
    Struct,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Name.
    pub name: &'static str,
    /// Type.
    pub ty: Ty,
    /// How it is passed.
    pub mode: Mode,
    /// Its value where the call gives none.
    pub default: Option<Const>,
}

/// How a parameter is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// By value.
    Value,
    /// `in`.
    In,
    /// `ref`.
    Ref,
    /// `out`.
    Out,
    /// `params`: the rest of the arguments as one array.
    Params,
}

impl fmt::Debug for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Surface({} types, {} members)", self.types.len(), self.members.len())
    }
}

impl fmt::Debug for TypeDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Value {
    /// An enum value.
    pub fn enumeration(def: &'static TypeDef, value: i64) -> Value {
        Value::Word(Def(def), value as u64)
    }
}
