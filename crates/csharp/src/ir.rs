//! The typed IR: what the binder makes of a syntax tree. Every conversion, overload and default is explicit, every node
//! knows its type and its place. It holds no name that would have to be looked up, and no value that threads cannot share.

use std::sync::Arc;

use base::Span;

use crate::{
    surface::{MemberId, TypeDef},
    ty::{AnonymousTy, TupleTy, Ty},
    value::Const,
};

/// A local variable, a parameter or a temporary, unique within one compiled text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct VarId(pub(crate) u32);

/// A lambda or a local function, unique within one compiled text; 0 is the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FnId(pub(crate) u32);

/// What is known of a variable.
#[derive(Clone, Debug)]
pub(crate) struct Var {
    pub(crate) name: Arc<str>,
    pub(crate) ty: Ty,
    /// The function that declares it.
    pub(crate) owner: FnId,
    /// Whether an inner function uses it: then it lives in a cell of its own.
    pub(crate) captured: bool,
    /// Whether it stands for another variable (`ref` locals and parameters): then it always lives in a cell.
    pub(crate) by_ref: bool,
    /// Whether the text names it; temporaries are not shown to observers.
    pub(crate) named: bool,
}

/// A function.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) params: Vec<Parameter>,
    pub(crate) body: Stmt,
    /// What it gives; `Void` for none.
    pub(crate) returns: Ty,
    /// Whether it uses `yield`: then calling it gives an enumerable.
    pub(crate) iterator: Option<Ty>,
}

/// A parameter of a function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    pub(crate) var: VarId,
    /// `ref` or `out`: the last value goes back to the caller.
    pub(crate) by_ref: bool,
}

/// A whole compiled text.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) vars: Vec<Var>,
    pub(crate) functions: Vec<Function>,
}

#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: Kind,
    pub(crate) ty: Ty,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Something that was reported.
    Error,
    Const(Const),
    /// `default(T)` of a type whose default is an object.
    Default,
    Var(VarId),
    /// Stores; gives the stored value.
    Assign(Box<Place>, Box<Expr>),
    /// Reads the place into `old`, computes `new` from it and stores that. Gives the old value for `x++`.
    Update {
        place: Box<Place>,
        old: VarId,
        new: Box<Expr>,
        gives_old: bool,
    },
    /// Gives `value` a name for `body`; also runs effects before a result.
    Let {
        var: VarId,
        value: Box<Expr>,
        body: Box<Expr>,
    },
    /// Runs the first for its effect and gives the second.
    Then(Box<Expr>, Box<Expr>),
    /// A member of the table. Argument 0 of an instance member is the receiver.
    Call {
        member: MemberId,
        args: Vec<Arg>,
        types: Arc<[Ty]>,
        created: Option<&'static TypeDef>,
    },
    /// A local function.
    CallFunction {
        function: FnId,
        args: Vec<Arg>,
    },
    /// A delegate.
    Invoke {
        delegate: Box<Expr>,
        args: Vec<Arg>,
    },
    /// A delegate of a lambda, a local function or a method group.
    Lambda(FnId),
    Binary {
        op: BinOp,
        kind: NumKind,
        checked: bool,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Negate {
        kind: NumKind,
        checked: bool,
        operand: Box<Expr>,
    },
    /// `~`.
    Complement {
        operand: Box<Expr>,
    },
    Not(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    /// `==` of values of one type that compare as their `Equals` does; `!=` if `negated`.
    Equal {
        left: Box<Expr>,
        right: Box<Expr>,
        negated: bool,
    },
    /// `==` of references.
    Same {
        left: Box<Expr>,
        right: Box<Expr>,
        negated: bool,
    },
    /// An operator on `T?`: null if an operand is null, otherwise `body`, in which the variables hold the values.
    Lifted {
        operands: Vec<(VarId, Expr)>,
        body: Box<Expr>,
        null: Const,
    },
    /// `bool? & bool?` and `|`: three-valued logic.
    ThreeValued {
        or: bool,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// Strings one after the other; operands of other types print themselves.
    Concat(Vec<Expr>),
    Interpolate(Vec<Part>),
    Convert(Conversion, Box<Expr>),
    /// `is T`.
    IsType(Box<Expr>, Ty),
    /// `is` with a pattern.
    IsPattern(Box<Expr>, Box<Pattern>),
    /// `as T`.
    As(Box<Expr>, Ty),
    Conditional(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `??`.
    Coalesce(Box<Expr>, VarId, Box<Expr>, Box<Expr>),
    /// `?.`: `target` into the variable; null if it is null, otherwise `access`.
    NullConditional {
        target: Box<Expr>,
        var: VarId,
        access: Box<Expr>,
    },
    /// `new T[a, b]`; all lengths given.
    NewArray {
        element: Ty,
        lengths: Vec<Expr>,
    },
    /// `new[] { … }`; `lengths` for more than one dimension.
    ArrayOf {
        element: Ty,
        items: Vec<Expr>,
        lengths: Option<Box<[usize]>>,
    },
    Element(Box<Expr>, Vec<Expr>),
    ArrayLength(Box<Expr>),
    Tuple(Arc<TupleTy>, Vec<Expr>),
    Anonymous(Arc<AnonymousTy>, Vec<Expr>),
    /// An item of a tuple or a property of an anonymous object.
    Field(Box<Expr>, usize),
    Throw(Box<Expr>),
    TypeOf(Ty, &'static TypeDef),
}

#[derive(Clone, Debug)]
pub(crate) enum Arg {
    Value(Expr),
    /// `ref`, `out`: what the callee leaves goes back to the place. `out` passes nothing in.
    Place(Place, Option<Box<Expr>>),
}

/// What can be assigned to.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Var(VarId),
    /// A settable property or indexer: receiver and indices.
    Member {
        member: MemberId,
        args: Vec<Expr>,
        types: Arc<[Ty]>,
    },
    Element(Expr, Vec<Expr>),
    /// An item of a tuple that a variable (or another place) holds.
    TupleItem(Box<Place>, usize),
    Discard,
}

/// A part of an interpolated string.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Text(crate::text::Str),
    Hole { value: Expr, alignment: i32, format: crate::text::Str },
}

/// The representation an arithmetic operator works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumKind {
    Int,
    UInt,
    Long,
    ULong,
    Float,
    Double,
    Decimal,
    /// `&`, `|`, `^` and `==` only.
    Bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Shl,
    Shr,
    BitAnd,
    BitOr,
    BitXor,
    Lt,
    Gt,
    Le,
    Ge,
    Eq,
    Ne,
}

/// A built-in conversion that does something at run time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Conversion {
    /// The representation is the same: identity, boxing, reference to a base, `T` to `T?`.
    Same,
    /// Between numeric types, `char` and enums; the result has the node's type.
    Numeric { checked: bool },
    /// Down-cast and unboxing: InvalidCastException where the value is no `T`, NullReferenceException for null as a value.
    Cast,
    /// `T?` to `T`: InvalidOperationException for null.
    Unwrap,
    /// Tuple to tuple: item by item is explicit elsewhere; this only renames the type.
    Retype,
}

#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    /// A type, and the variable that then holds the value.
    Type(Ty, Option<VarId>),
    /// `var x`: matches everything.
    Any(Option<VarId>),
    Const(Const),
}

#[derive(Clone, Debug)]
pub(crate) struct Stmt {
    pub(crate) kind: StmtKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum StmtKind {
    Empty,
    Expr(Expr),
    /// Declares: a fresh cell if captured.
    Local(VarId, Option<Expr>),
    /// `ref` local: another name of a variable.
    RefLocal(VarId, VarId),
    Block(Vec<Stmt>),
    If(Expr, Box<Stmt>, Option<Box<Stmt>>),
    /// `while` and, with `first`, `do`.
    While {
        condition: Expr,
        body: Box<Stmt>,
        first: bool,
    },
    /// `vars` get fresh cells never: C# shares the variable of a `for` among its rounds.
    For {
        init: Vec<Stmt>,
        condition: Option<Expr>,
        step: Vec<Expr>,
        body: Box<Stmt>,
    },
    /// Each item goes into `item`; `body` starts with what the loop declares.
    Foreach {
        source: Expr,
        item: VarId,
        body: Box<Stmt>,
    },
    Switch {
        value: Expr,
        sections: Vec<Section>,
        default: Option<usize>,
    },
    Return(Option<Expr>),
    Break,
    Continue,
    /// To a label of a block around it.
    Goto(u32),
    Label(u32),
    /// `goto case`, `goto default`: to a section of the innermost switch.
    GotoSection(usize),
    Throw(Expr),
    Rethrow,
    Try {
        body: Box<Stmt>,
        catches: Vec<Catch>,
        finally: Option<Box<Stmt>>,
    },
    Yield(Expr),
    YieldBreak,
}

#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) labels: Vec<(Pattern, Option<Expr>)>,
    pub(crate) body: Vec<Stmt>,
}

#[derive(Clone, Debug)]
pub(crate) struct Catch {
    pub(crate) ty: Ty,
    pub(crate) var: Option<VarId>,
    pub(crate) filter: Option<Expr>,
    pub(crate) body: Stmt,
}

impl Expr {
    pub(crate) fn new(kind: Kind, ty: Ty, span: Span) -> Self {
        Self { kind, ty, span }
    }

    pub(crate) fn error(span: Span) -> Self {
        Self::new(Kind::Error, Ty::Error, span)
    }

    pub(crate) fn constant(value: Const, ty: Ty, span: Span) -> Self {
        Self::new(Kind::Const(value), ty, span)
    }

    pub(crate) fn as_const(&self) -> Option<&Const> {
        match &self.kind {
            Kind::Const(value) => Some(value),
            _ => None,
        }
    }

    /// The constant, also where it is seen as a base type.
    pub(crate) fn bare_const(&self) -> Option<&Const> {
        match &self.kind {
            Kind::Convert(Conversion::Same, inner) => inner.bare_const(),
            _ => self.as_const(),
        }
    }

    pub(crate) fn is_error(&self) -> bool {
        self.ty == Ty::Error
    }
}
