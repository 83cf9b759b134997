//! Expressions.

use base::Span;

use super::{Block, Designation, Literal, Name, Pattern, Predefined, Query, SimpleName, Text, Type};

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What kind of expression.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// Nothing readable, or a form that C# 7.3 or a policy does not have; the parser has reported it.
    Error,
    /// A literal.
    Literal(Literal),
    /// `default(T)`, or `default` alone.
    Default(Option<Type>),
    /// `$"…"`, its parts in order. Adjacent text is one part; `{{` is already `{`.
    Interpolated(Vec<InterpolationPart>),
    /// `x`, `Foo<int>`.
    Name(SimpleName),
    /// `global::System`: the alias and the first name behind it.
    Alias {
        /// What stands before `::`.
        alias: Name,
        /// What stands behind.
        name: SimpleName,
    },
    /// `int` before a dot, as in `int.Parse`.
    Predefined(Predefined),
    /// `T[]`, `T?`, `List<int>[]` where only a type can stand: a side of a tuple declaration or `nameof`.
    Type(Box<Type>),
    /// `this`.
    This,
    /// `base`.
    Base,
    /// `(x)`.
    Parenthesized(Box<Expr>),
    /// `(a, name: b)`: two elements or more.
    Tuple(Vec<TupleElement>),
    /// `target.name`.
    Member {
        /// What stands before the dot.
        target: Box<Expr>,
        /// The member.
        name: SimpleName,
    },
    /// `target(args)`.
    Call {
        /// What is called.
        target: Box<Expr>,
        /// With what.
        args: Vec<Argument>,
    },
    /// `target[args]`.
    Index {
        /// What is indexed.
        target: Box<Expr>,
        /// By what.
        args: Vec<Argument>,
    },
    /// `target?.chain`, `target?[i].chain`. `chain` is an expression whose innermost target is a `MemberBinding` or an
    /// `IndexBinding`; `a?.b?.c` holds another `ConditionalAccess` (of `.b` and `.c`) as its chain.
    ConditionalAccess {
        /// What may be null.
        target: Box<Expr>,
        /// What to do with it when it is not.
        chain: Box<Expr>,
    },
    /// `.name` at the start of a conditional chain.
    MemberBinding(SimpleName),
    /// `[args]` at the start of a conditional chain.
    IndexBinding(Vec<Argument>),
    /// `-x`, `!x`, `++x` …
    Unary {
        /// The operator.
        op: UnaryOp,
        /// Where it stands.
        op_span: Span,
        /// Its operand.
        operand: Box<Expr>,
    },
    /// `x++`, `x--`: `op` is `Increment` or `Decrement`.
    Postfix {
        /// The operator.
        op: UnaryOp,
        /// Where it stands.
        op_span: Span,
        /// Its operand.
        operand: Box<Expr>,
    },
    /// `a + b`, `a ?? b` …
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Where it stands.
        op_span: Span,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `a = b`, `a += b`. The target of a deconstruction is a `Tuple` or a `Declaration` with a tuple designation.
    Assign {
        /// The operator of a compound assignment.
        op: Option<BinaryOp>,
        /// Where `=` or `+=` stands.
        op_span: Span,
        /// What is assigned to.
        target: Box<Expr>,
        /// The new value.
        value: Box<Expr>,
    },
    /// `a ? b : c`.
    Conditional {
        /// The condition.
        condition: Box<Expr>,
        /// The value if it holds.
        then: Box<Expr>,
        /// The value if not.
        otherwise: Box<Expr>,
    },
    /// `(T)x`.
    Cast {
        /// The type asked for.
        ty: Type,
        /// What is converted.
        operand: Box<Expr>,
    },
    /// `x as T`.
    As {
        /// What is converted.
        operand: Box<Expr>,
        /// The type asked for.
        ty: Type,
    },
    /// `x is T`, `x is T name`, `x is 5`.
    Is {
        /// What is tested.
        operand: Box<Expr>,
        /// Against what.
        pattern: Box<Pattern>,
    },
    /// `x => …`, `(int a, b) => …`, `delegate (int a) { … }`.
    Lambda(Box<Lambda>),
    /// `new T(args) { … }`.
    New {
        /// The type.
        ty: Type,
        /// The arguments; `None` where there is no list (`new T { … }`).
        args: Option<Vec<Argument>>,
        /// What stands in braces.
        initializer: Option<Initializer>,
    },
    /// `new { A = 1, b.C }`.
    Anonymous(Vec<AnonymousMember>),
    /// `new int[2, 3]`, `new int[2][]`, `new int[] { 1 }`.
    NewArray {
        /// The type of the whole array.
        ty: Type,
        /// The lengths in the first brackets; empty where they are left out.
        sizes: Vec<Expr>,
        /// The elements. Those of further dimensions are `ArrayElements`.
        elements: Option<ArrayElements>,
    },
    /// `new[] { 1, 2 }`, `new[,] { { 1 }, { 2 } }`.
    ImplicitArray {
        /// Number of dimensions.
        rank: u32,
        /// The elements.
        elements: ArrayElements,
    },
    /// `{ 1, 2 }` inside an array creation, or behind `=` in the declaration of an array.
    ArrayElements(ArrayElements),
    /// `from … select …`.
    Query(Box<Query>),
    /// `throw x` as an expression.
    Throw(Box<Expr>),
    /// `checked(x)`.
    Checked(Box<Expr>),
    /// `unchecked(x)`.
    Unchecked(Box<Expr>),
    /// `typeof(T)`.
    TypeOf(Type),
    /// `sizeof(T)`.
    SizeOf(Type),
    /// `nameof(x.y)`.
    NameOf(Box<Expr>),
    /// `T name` in `out T name` or in a deconstruction; `var (a, b)`.
    Declaration {
        /// The type; `Var` for `var`.
        ty: Type,
        /// What is declared.
        designation: Designation,
    },
    /// `ref x`, where a reference is made: a `ref` local, a `ref` return.
    Ref(Box<Expr>),
    /// `await x`. No policy is asynchronous: the binder refuses it outside an `async` lambda, and there too.
    Await(Box<Expr>),
}

/// `{ a, b }` of an array.
#[derive(Clone, Debug)]
pub struct ArrayElements {
    /// The elements.
    pub items: Vec<Expr>,
    /// With the braces.
    pub span: Span,
}

/// One part of an interpolated string.
#[derive(Clone, Debug)]
pub enum InterpolationPart {
    /// Text, escapes resolved.
    Text(Text),
    /// `{value,alignment:format}`.
    Hole(Box<Hole>),
}

/// A hole in an interpolated string.
#[derive(Clone, Debug)]
pub struct Hole {
    /// What is printed.
    pub value: Expr,
    /// The width, a constant expression.
    pub alignment: Option<Expr>,
    /// The format, as the formatting method gets it.
    pub format: Option<Text>,
    /// With the braces.
    pub span: Span,
}

/// An argument of a call or an index.
#[derive(Clone, Debug)]
pub struct Argument {
    /// `name:` before it.
    pub name: Option<Name>,
    /// `ref`, `out` or `in` before it.
    pub passing: Passing,
    /// The value; a `Declaration` for `out var x`.
    pub value: Expr,
}

/// How an argument or a parameter is passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passing {
    /// By value.
    #[default]
    Value,
    /// `ref`.
    Ref,
    /// `out`.
    Out,
    /// `in`.
    In,
}

/// An element of a tuple.
#[derive(Clone, Debug)]
pub struct TupleElement {
    /// `name:` before it.
    pub name: Option<Name>,
    /// The value.
    pub value: Expr,
}

/// A member of an anonymous object.
#[derive(Clone, Debug)]
pub struct AnonymousMember {
    /// `Name =` before it; otherwise the value's own last name counts.
    pub name: Option<Name>,
    /// The value.
    pub value: Expr,
}

/// What stands in braces behind an object creation.
#[derive(Clone, Debug)]
pub struct Initializer {
    /// What kind.
    pub kind: InitializerKind,
    /// With the braces.
    pub span: Span,
}

/// The kinds of initializers.
#[derive(Clone, Debug)]
pub enum InitializerKind {
    /// `{ A = 1, ["b"] = 2 }`, and `{ }`.
    Object(Vec<MemberInitializer>),
    /// `{ 1, { 2, 3 } }`: each element is the list of arguments of one `Add`.
    Collection(Vec<CollectionElement>),
}

/// `A = 1`, `["b"] = 2`, `A = { … }`.
#[derive(Clone, Debug)]
pub struct MemberInitializer {
    /// What is set.
    pub target: InitializerTarget,
    /// To what.
    pub value: InitializerValue,
    /// The whole.
    pub span: Span,
}

/// What a member initializer sets.
#[derive(Clone, Debug)]
pub enum InitializerTarget {
    /// A field or property.
    Member(Name),
    /// An indexer.
    Index(Vec<Argument>),
}

/// What a member initializer sets it to.
#[derive(Clone, Debug)]
pub enum InitializerValue {
    /// A value.
    Expr(Expr),
    /// `{ … }`, which fills the object that is already there.
    Nested(Initializer),
}

/// One element of a collection initializer.
#[derive(Clone, Debug)]
pub struct CollectionElement {
    /// The arguments of `Add`: one, or those in braces.
    pub args: Vec<Expr>,
    /// The whole.
    pub span: Span,
}

/// A lambda or an anonymous method.
#[derive(Clone, Debug)]
pub struct Lambda {
    /// Its parameters; `None` for `delegate { … }`, which fits any list without `out`.
    pub params: Option<Vec<LambdaParam>>,
    /// What it does.
    pub body: LambdaBody,
    /// Whether `async` is written.
    pub is_async: bool,
    /// Where `=>` or `delegate` stands: compilers report here.
    pub arrow: Span,
}

/// A parameter of a lambda.
#[derive(Clone, Debug)]
pub struct LambdaParam {
    /// Its type, where written.
    pub ty: Option<Type>,
    /// How it is passed.
    pub passing: Passing,
    /// Its name.
    pub name: Name,
}

/// What a lambda or a local function does.
#[derive(Clone, Debug)]
pub enum LambdaBody {
    /// `=> x`.
    Expr(Expr),
    /// `{ … }`.
    Block(Block),
}

/// Prefix and postfix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `+x`.
    Plus,
    /// `-x`. The parser folds `-2147483648` and `-9223372036854775808` into literals, as C# does.
    Minus,
    /// `!x`.
    Not,
    /// `~x`.
    Complement,
    /// `++`.
    Increment,
    /// `--`.
    Decrement,
}

impl UnaryOp {
    /// As it is written.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Not => "!",
            Self::Complement => "~",
            Self::Increment => "++",
            Self::Decrement => "--",
        }
    }
}

/// Operators between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Remainder,
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `<<`.
    ShiftLeft,
    /// `>>`.
    ShiftRight,
    /// `<`.
    Less,
    /// `>`.
    Greater,
    /// `<=`.
    LessOrEqual,
    /// `>=`.
    GreaterOrEqual,
    /// `==`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `&`.
    And,
    /// `^`.
    Xor,
    /// `|`.
    Or,
    /// `&&`.
    AndAlso,
    /// `||`.
    OrElse,
    /// `??`.
    Coalesce,
}

impl BinaryOp {
    /// As it is written.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::ShiftLeft => "<<",
            Self::ShiftRight => ">>",
            Self::Less => "<",
            Self::Greater => ">",
            Self::LessOrEqual => "<=",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::And => "&",
            Self::Xor => "^",
            Self::Or => "|",
            Self::AndAlso => "&&",
            Self::OrElse => "||",
            Self::Coalesce => "??",
        }
    }
}
