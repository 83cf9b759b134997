//! The executable form: statements as a flat list of operations with jumps, expressions as trees of nodes that know
//! their representation. Threads share it; everything that a run changes lives in its frame.

use std::sync::Arc;

use base::Span;

use super::{
    ask::{Decision, Fact, Lookup},
    join::Piece,
    pipeline::Pipeline,
    spin::Spin,
};
use crate::{
    call::{Native, Prepared},
    ir::{BinOp, NumKind},
    surface::TypeDef,
    text::Str,
    ty::{AnonymousTy, TupleTy, Ty},
    value::Const,
};

/// A whole program; function 0 is the text itself.
pub(crate) struct Code {
    pub(super) functions: Vec<Func>,
    /// The conditions that an observer hears of.
    pub(super) conditions: Vec<Span>,
}

impl Code {
    /// The conditions that an observer hears of.
    pub(crate) fn conditions(&self) -> Vec<Span> {
        self.conditions.clone()
    }
}

/// One function.
#[derive(Default)]
pub(super) struct Func {
    pub(super) params: Vec<Param>,
    pub(super) ops: Vec<Op>,
    /// Protected regions, inner ones first.
    pub(super) regions: Vec<Region>,
    /// Where each `finally` starts.
    pub(super) finallys: Vec<usize>,
    /// How many values, unboxed integers and cells a frame has.
    pub(super) slots: usize,
    pub(super) ints: usize,
    pub(super) cells: usize,
    /// How many `foreach` walks it has.
    pub(super) walks: usize,
    /// What an enumerable's type is, if it is an iterator.
    pub(super) iterator: Option<Ty>,
    /// Steps that one straight run takes.
    pub(super) cost: u64,
    /// Whether all it does is to return an expression.
    pub(super) is_expression: bool,
    /// Whether that expression has one parameter and no other variable: `x => x.Name`.
    pub(super) takes_one: bool,
}

impl Func {
    /// Whether it has no variables.
    pub(super) fn is_bare(&self) -> bool {
        (self.slots | self.ints | self.cells) == 0
    }
}

pub(super) struct Param {
    pub(super) loc: Loc,
    /// The last value goes back to the caller.
    pub(super) by_ref: bool,
}

/// Where a variable lives in the frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Loc {
    /// An `int` that nobody else can see.
    Int(usize),
    Slot(usize),
    /// Shared with a delegate or another name. The first cells of a frame are those that its function captures.
    Cell(usize),
}

/// A statement-level operation. A target is the index of an operation.
pub(super) enum Op {
    Nop,
    Effect(Node),
    IntEffect(IntNode),
    /// Stores into a variable.
    Assign(Loc, Node),
    /// Declares: a fresh cell if it is one.
    Declare(Loc, Option<Node>),
    /// Two cells are one from here on.
    Alias {
        cell: usize,
        target: usize,
    },
    Jump(usize),
    /// A jump back, which takes steps.
    Loop {
        target: usize,
        cost: u64,
    },
    JumpIf(BoolNode, usize),
    JumpUnless(BoolNode, usize),
    /// Jumps back while the condition holds, which takes steps.
    LoopIf {
        condition: BoolNode,
        target: usize,
        cost: u64,
    },
    /// `i += by; if (i < limit)` jump back: the end of nearly every `for`.
    Count {
        slot: usize,
        by: i32,
        limit: IntNode,
        target: usize,
        cost: u64,
    },
    /// A whole loop over plain integers.
    Spin(Box<Spin>),
    /// Jumps if the value in the slot matches.
    Match(Box<MatchOp>),
    Walk {
        source: Node,
        walk: usize,
    },
    WalkNext {
        walk: usize,
        item: Loc,
        end: usize,
    },
    Return(Option<Node>),
    /// Keeps a result while `finally` blocks run.
    Result(Node),
    /// Ends with the result kept.
    End,
    CallFinally(usize),
    EndFinally,
    Throw(Node),
    /// Raises again what a `catch` keeps in the slot.
    Rethrow(usize),
    Yield(Node),
    /// Tells the observer.
    Statement(Span),
}

pub(super) struct MatchOp {
    pub(super) slot: usize,
    pub(super) test: Test,
    pub(super) guard: Option<BoolNode>,
    pub(super) target: usize,
}

/// The operations `start..end`, and what happens to exceptions there.
pub(super) struct Region {
    pub(super) start: usize,
    pub(super) end: usize,
    /// How many `finally` blocks are running around it.
    pub(super) depth: usize,
    pub(super) handler: Handler,
}

pub(super) enum Handler {
    Catch(Vec<Clause>),
    Finally(usize),
}

pub(super) struct Clause {
    pub(super) ty: Ty,
    /// Keeps the exception for `throw;`.
    pub(super) slot: usize,
    pub(super) var: Option<Loc>,
    pub(super) filter: Option<BoolNode>,
    pub(super) target: usize,
}

/// An expression that gives any value.
pub(super) enum Node {
    Const(Const),
    Default(Ty),
    Slot(usize),
    Cell(usize),
    Int(Box<IntNode>),
    Bool(Box<BoolNode>),
    /// A tuple of one's own.
    Copy(Box<Node>),
    Store(Box<(Place, Node)>),
    Update(Box<Update>),
    Let(Box<(Loc, Node, Node)>),
    Then(Box<(Node, Node)>),
    Call(Box<Call>),
    Fact(Box<Fact>),
    Lookup(Box<Lookup>),
    /// A call with `ref` or `out` arguments.
    CallByRef(Box<(Callee, Box<[RefArg]>)>),
    Function(Box<FunctionCall>),
    Invoke(Box<(Node, Box<[Node]>)>),
    Lambda(Box<Lambda>),
    /// LINQ methods over a sequence, in one loop.
    Pipeline(Box<Pipeline>),
    Binary(Box<Binary>),
    Negate(NumKind, bool, Box<Node>),
    Complement(Box<Node>),
    Lifted(Box<Lifted>),
    ThreeValued {
        or: bool,
        pair: Box<(Node, Node)>,
    },
    /// Parts whose text nothing can change before the end.
    Join(Box<[Piece]>),
    Concat(Box<[Node]>),
    /// Each part with alignment and format.
    Interpolate(Box<(Box<[Node]>, Box<[(i32, Str)]>)>),
    Numeric(Box<(Node, Ty, bool)>),
    Cast(Box<(Node, Ty)>),
    Unwrap(Box<Node>),
    As(Box<(Node, Ty)>),
    Conditional(Box<(BoolNode, Node, Node)>),
    Coalesce(Box<(Node, Loc, Node, Node)>),
    NullConditional(Box<(Node, Loc, Node)>),
    NewArray(Box<(Ty, Box<[Node]>)>),
    ArrayOf(Box<ArrayOf>),
    Element(Box<(Node, Box<[Node]>)>),
    Tuple(Arc<TupleTy>, Box<[Node]>),
    Anonymous(Arc<AnonymousTy>, Box<[Node]>),
    Field(Box<Node>, usize),
    Throw(Box<Node>),
    TypeOf(Box<(Ty, &'static TypeDef)>),
    /// Tells the observer the new value of a variable.
    Watch(Box<(Arc<str>, Node)>),
}

/// An expression of type `int`.
pub(super) enum IntNode {
    Const(i32),
    Local(usize),
    Set(usize, Box<IntNode>),
    /// `x += …`, unchecked.
    AddTo(usize, Box<IntNode>),
    /// `x++`: gives the old value.
    PostAdd(usize, i32),
    Add(Box<(IntNode, IntNode)>),
    AddConst(Box<IntNode>, i32),
    MulConst(Box<IntNode>, i32),
    /// The divisor is neither 0 nor -1.
    RemConst(Box<IntNode>, i32),
    Binary {
        op: BinOp,
        checked: bool,
        pair: Box<(IntNode, IntNode)>,
    },
    Shift {
        left: bool,
        pair: Box<(IntNode, IntNode)>,
    },
    Conditional(Box<(BoolNode, IntNode, IntNode)>),
    ArrayLength(Box<Node>),
    /// A variable of the exchange, unboxed.
    Unbox(Box<Lookup>),
    Value(Box<Node>),
}

/// An expression of type `bool`.
pub(super) enum BoolNode {
    Const(bool),
    Not(Box<BoolNode>),
    And(Box<(BoolNode, BoolNode)>),
    Or(Box<(BoolNode, BoolNode)>),
    CompareInt(BinOp, Box<(IntNode, IntNode)>),
    Compare(Box<Binary>),
    Equal {
        pair: Box<(Node, Node)>,
        negated: bool,
    },
    EqualText {
        node: Box<Node>,
        text: Str,
        negated: bool,
    },
    Facts(Box<Decision>),
    Same {
        pair: Box<(Node, Node)>,
        negated: bool,
    },
    IsNull {
        node: Box<Node>,
        negated: bool,
    },
    Is(Box<(Node, Test)>),
    /// A variable of the exchange, unboxed.
    Unbox(Box<Lookup>),
    Value(Box<Node>),
    /// Tells the observer what was decided.
    Watch(Box<BoolNode>, Span),
}

/// A test of `is`, `case` and patterns.
pub(super) enum Test {
    Type(Ty, Option<Loc>),
    Any(Option<Loc>),
    Const(Const),
}

/// What can be assigned to.
pub(super) enum Place {
    Var(Loc),
    Member(Box<MemberPlace>),
    /// The type is that of the elements as the compiler knows it.
    Element(Box<(Node, Box<[Node]>, Ty)>),
    TupleItem(Box<Place>, usize),
    Discard,
}

pub(super) struct MemberPlace {
    pub(super) read: Native,
    pub(super) write: Option<Native>,
    pub(super) args: Box<[Node]>,
    pub(super) types: Arc<[Ty]>,
    /// The receiver must not be null.
    pub(super) check: bool,
}

pub(super) struct Update {
    pub(super) place: Place,
    pub(super) old: Loc,
    pub(super) new: Node,
    pub(super) gives_old: bool,
}

pub(super) struct Call {
    pub(super) target: Target,
    pub(super) args: Box<[Node]>,
}

/// A member of the table, ready to run.
pub(super) struct Target {
    pub(super) run: Native,
    pub(super) types: Arc<[Ty]>,
    pub(super) created: Option<&'static TypeDef>,
    /// What its constant arguments say, made ready.
    pub(super) prepared: Option<Prepared>,
    /// The first argument must not be null.
    pub(super) check: bool,
    /// Constant arguments give a constant result.
    pub(super) is_pure: bool,
}

pub(super) enum Callee {
    Member(Target),
    Function { function: usize, cells: Box<[usize]> },
    Delegate(Node),
}

pub(super) struct RefArg {
    pub(super) input: Option<Node>,
    pub(super) place: Option<Place>,
}

pub(super) struct FunctionCall {
    pub(super) function: usize,
    /// The caller's cells that it captures.
    pub(super) cells: Box<[usize]>,
    pub(super) args: Box<[Node]>,
}

pub(super) struct Lambda {
    pub(super) function: usize,
    pub(super) cells: Box<[usize]>,
    pub(super) ty: Ty,
}

pub(super) struct Binary {
    pub(super) op: BinOp,
    pub(super) kind: NumKind,
    pub(super) checked: bool,
    pub(super) left: Node,
    pub(super) right: Node,
}

pub(super) struct Lifted {
    pub(super) operands: Vec<(Loc, Node)>,
    pub(super) body: Node,
    pub(super) null: Const,
}

pub(super) struct ArrayOf {
    pub(super) element: Ty,
    pub(super) items: Box<[Node]>,
    pub(super) lengths: Option<Box<[usize]>>,
}

/// The value of a node that is constant.
pub(super) fn constant(node: &Node) -> Option<Const> {
    match node {
        Node::Const(value) => Some(value.clone()),
        Node::Int(node) if let IntNode::Const(value) = **node => Some(Const::Int(value)),
        Node::Bool(node) if let BoolNode::Const(value) = **node => Some(Const::Bool(value)),
        _ => None,
    }
}
