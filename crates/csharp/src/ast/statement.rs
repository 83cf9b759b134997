//! Statements.

use base::Span;

use super::{Expr, LambdaBody, Name, Passing, Pattern, Type};

/// `{ … }`, or the text of a `@{ … }` without its braces.
#[derive(Clone, Debug)]
pub struct Block {
    /// The statements in their order.
    pub statements: Vec<Stmt>,
    /// With the braces. Its last byte is the `}`: reports on an end that is reached go there.
    pub span: Span,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// What kind of statement.
    pub kind: StmtKind,
    /// Where it stands, with its `;`.
    pub span: Span,
}

/// The kinds of statements.
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// Nothing readable; the parser has reported it.
    Error,
    /// `;`.
    Empty,
    /// `{ … }`.
    Block(Block),
    /// `int a = 1, b;`, `const string s = "x";`, `ref int r = ref x;`.
    Local(LocalDeclaration),
    /// `int Twice(int x) => 2 * x;`.
    Function(Box<LocalFunction>),
    /// `f();`, `(a, b) = t;`. The binder refuses what is no statement (CS0201).
    Expr(Expr),
    /// `if (c) … else …`.
    If {
        /// The condition.
        condition: Expr,
        /// What is done if it holds.
        then: Box<Stmt>,
        /// What is done if not.
        otherwise: Option<Box<Stmt>>,
    },
    /// `while (c) …`.
    While {
        /// The condition.
        condition: Expr,
        /// The loop's body.
        body: Box<Stmt>,
    },
    /// `do … while (c);`.
    Do {
        /// The loop's body.
        body: Box<Stmt>,
        /// The condition.
        condition: Expr,
    },
    /// `for (init; c; step) …`.
    For(Box<For>),
    /// `foreach (T x in xs) …`, `foreach (var (a, b) in xs) …`.
    Foreach(Box<Foreach>),
    /// `switch (x) { … }`.
    Switch {
        /// What is switched on.
        value: Expr,
        /// The sections in their order.
        sections: Vec<SwitchSection>,
    },
    /// `break;`.
    Break,
    /// `continue;`.
    Continue,
    /// `goto label;`.
    Goto(Name),
    /// `goto case x;`.
    GotoCase(Expr),
    /// `goto default;`.
    GotoDefault,
    /// `return x;`.
    Return(Option<Expr>),
    /// `throw x;`, `throw;`.
    Throw(Option<Expr>),
    /// `try … catch … finally …`.
    Try(Box<Try>),
    /// `using (x) …`.
    Using {
        /// What is disposed of at the end.
        resource: UsingResource,
        /// What is done with it.
        body: Box<Stmt>,
    },
    /// `lock (x) …`.
    Lock {
        /// What is locked.
        target: Expr,
        /// What is done meanwhile.
        body: Box<Stmt>,
    },
    /// `checked { … }`.
    Checked(Block),
    /// `unchecked { … }`.
    Unchecked(Block),
    /// `label: …`.
    Labeled {
        /// The label.
        label: Name,
        /// What it stands before.
        body: Box<Stmt>,
    },
    /// `yield return x;`.
    YieldReturn(Expr),
    /// `yield break;`.
    YieldBreak,
}

/// A declaration of locals.
#[derive(Clone, Debug)]
pub struct LocalDeclaration {
    /// `const`, `ref` or nothing before the type.
    pub mode: LocalMode,
    /// Their type.
    pub ty: Type,
    /// The locals, at least one.
    pub locals: Vec<Declarator>,
}

/// What stands before the type of a local.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalMode {
    /// Nothing.
    Plain,
    /// `const`.
    Const,
    /// `ref`.
    Ref,
    /// `ref readonly`.
    RefReadonly,
}

/// One local of a declaration.
#[derive(Clone, Debug)]
pub struct Declarator {
    /// Its name.
    pub name: Name,
    /// Its first value; may be `ArrayElements` or `Ref`.
    pub value: Option<Expr>,
    /// The whole.
    pub span: Span,
}

/// A local function.
#[derive(Clone, Debug)]
pub struct LocalFunction {
    /// Whether `async` is written.
    pub is_async: bool,
    /// Whether it returns by reference.
    pub by_ref: bool,
    /// What it returns.
    pub result: Type,
    /// Its name.
    pub name: Name,
    /// `<T, U>`.
    pub type_params: Vec<Name>,
    /// Its parameters.
    pub params: Vec<Param>,
    /// `where T : …`, in their order.
    pub constraints: Vec<TypeConstraint>,
    /// What it does.
    pub body: LambdaBody,
}

/// A parameter of a local function.
#[derive(Clone, Debug)]
pub struct Param {
    /// How it is passed.
    pub passing: Passing,
    /// Whether `params` is written.
    pub is_params: bool,
    /// Its type.
    pub ty: Type,
    /// Its name.
    pub name: Name,
    /// Its default value.
    pub default: Option<Expr>,
}

/// `where T : class, IComparable<T>, new()`.
#[derive(Clone, Debug)]
pub struct TypeConstraint {
    /// The type parameter.
    pub name: Name,
    /// The types asked for.
    pub types: Vec<Type>,
    /// Whether `class` is asked for.
    pub class: bool,
    /// Whether `struct` is asked for.
    pub structure: bool,
    /// Whether `new()` is asked for.
    pub constructor: bool,
}

/// A `for` loop.
#[derive(Clone, Debug)]
pub struct For {
    /// What is done first.
    pub init: ForInit,
    /// The condition; none means for ever.
    pub condition: Option<Expr>,
    /// What is done after each round.
    pub step: Vec<Expr>,
    /// The loop's body.
    pub body: Stmt,
}

/// What a `for` loop does first.
#[derive(Clone, Debug)]
pub enum ForInit {
    /// `int i = 0, n = 5`.
    Local(LocalDeclaration),
    /// `i = 0, f()`, or nothing.
    Exprs(Vec<Expr>),
}

/// A `foreach` loop.
#[derive(Clone, Debug)]
pub struct Foreach {
    /// What each round declares.
    pub variable: ForeachVariable,
    /// What is walked.
    pub source: Expr,
    /// The loop's body.
    pub body: Stmt,
    /// The word `foreach`.
    pub keyword: Span,
}

/// What a `foreach` declares in each round.
#[derive(Clone, Debug)]
pub enum ForeachVariable {
    /// `T x`.
    Local {
        /// Its type.
        ty: Type,
        /// Its name.
        name: Name,
    },
    /// `var (a, b)`, `(int a, var b)`: a `Declaration` or a `Tuple` of them.
    Deconstruction(Expr),
}

/// A section of a `switch`.
#[derive(Clone, Debug)]
pub struct SwitchSection {
    /// Its labels, at least one.
    pub labels: Vec<SwitchLabel>,
    /// Its statements.
    pub statements: Vec<Stmt>,
    /// The whole.
    pub span: Span,
}

/// A label of a `switch`.
#[derive(Clone, Debug)]
pub struct SwitchLabel {
    /// What kind of label.
    pub kind: SwitchLabelKind,
    /// Where it stands, with its `:`.
    pub span: Span,
}

/// The kinds of labels of a `switch`.
#[derive(Clone, Debug)]
pub enum SwitchLabelKind {
    /// `case pattern when guard:`.
    Case {
        /// The pattern; `Constant` for a plain `case 5:`.
        pattern: Box<Pattern>,
        /// The condition behind `when`.
        guard: Option<Expr>,
    },
    /// `default:`.
    Default,
}

/// A `try` statement.
#[derive(Clone, Debug)]
pub struct Try {
    /// What is tried.
    pub body: Block,
    /// Who catches what.
    pub catches: Vec<Catch>,
    /// What is done in any case.
    pub finally: Option<Block>,
}

/// A `catch`.
#[derive(Clone, Debug)]
pub struct Catch {
    /// The exceptions caught; all without it.
    pub ty: Option<Type>,
    /// The name of the one that was caught.
    pub name: Option<Name>,
    /// The condition behind `when`.
    pub filter: Option<Expr>,
    /// What is done then.
    pub body: Block,
    /// The whole.
    pub span: Span,
}

/// What a `using` statement disposes of.
#[derive(Clone, Debug)]
pub enum UsingResource {
    /// `using (var x = …)`.
    Local(LocalDeclaration),
    /// `using (x)`.
    Expr(Expr),
}
