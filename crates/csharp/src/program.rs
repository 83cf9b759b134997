//! Compiling a text and running what came out of it.

use std::{
    rc::Rc,
    sync::{Arc, OnceLock},
};

use base::{Diagnostic, Severity, Span, has_errors};

use crate::{
    bind,
    call::{Cx, Raise},
    exception::Exception,
    exec, flow,
    host::{Host, Side},
    ir::{Kind, StmtKind, Unit},
    limits::{Limit, Limits, Meter},
    observe::Observer,
    parser,
    surface::{MemberId, Purity, Surface},
    ty::Ty,
    value::{Const, Value},
};

/// The two forms of a policy expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `@( … )`: one expression.
    Expression,
    /// `@{ … }`: statements that return a value.
    Block,
}

/// How strictly to compile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Members that the platform does not list are errors instead of warnings.
    pub strict: bool,
}

/// What compiling a text gives.
#[derive(Debug)]
pub struct Compiled {
    /// The program, unless there are errors.
    pub program: Option<Program>,
    /// What was found, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// A compiled text. Workers share it: cloning costs one counter.
#[derive(Clone)]
pub struct Program {
    shared: Arc<Shared>,
}

struct Shared {
    code: Arc<exec::Code>,
    /// Made when somebody watches for the first time, so that nobody else pays for it.
    observed: OnceLock<Arc<exec::Code>>,
    unit: Unit,
    surface: Arc<Surface>,
    ty: Ty,
    constant: Option<Const>,
    /// The text, if all it does is to ask for facts.
    plain: Option<exec::Plain>,
    uses: Vec<MemberId>,
    effort: Effort,
}

/// What is known before a run of how long it may take, and of what it may leave behind.
#[derive(Clone, Copy, Debug, Default)]
struct Effort {
    takes_long: bool,
    changes_objects: bool,
}

/// How surely a run comes to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// No run does.
    Never,
    /// Some may.
    Sometimes,
    /// All do, unless they raise before.
    Always,
}

/// Why an evaluation gave no value.
#[derive(Clone, Debug)]
pub enum Failure {
    /// An exception that nothing caught.
    Exception(Rc<Exception>),
    /// A limit was passed.
    Limit(Limit),
    /// A body is needed that is not buffered yet. Nothing has happened: buffer it and run again.
    BodyNeeded(Side),
}

/// Compiles `source`, the text between the parentheses or braces. Spans count bytes of it.
pub fn compile(source: &str, form: Form, surface: &Arc<Surface>, options: &Options) -> Compiled {
    let constant = flow::literal_condition;
    let (bound, mut diagnostics) = match form {
        Form::Expression => {
            let (expr, mut found) = parser::parse_expression(source);
            match expr {
                Some(expr) => {
                    let bound = bind::expression(surface, &expr);
                    found.extend(bound.diagnostics.iter().cloned());
                    found.extend(flow::check_expression(source, &expr, &constant));
                    (Some(bound), found)
                }
                None => (None, found),
            }
        }
        Form::Block => {
            let (block, mut found) = parser::parse_block(source);
            let bound = bind::block(surface, &block);
            found.extend(bound.diagnostics.iter().cloned());
            found.extend(flow::check_block(source, &block, &constant));
            (Some(bound), found)
        }
    };
    if options.strict {
        for diagnostic in diagnostics.iter_mut().filter(|diagnostic| diagnostic.code == "PX0001") {
            diagnostic.severity = Severity::Error;
        }
    }
    // What is said of the whole method comes first: a compiler reports it at the method's name.
    let of_method = |found: &Diagnostic| found.code == "CS0161" && found.span == base::Span::new(0, 0);
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, !of_method(diagnostic)));
    let program = bound.filter(|_| !has_errors(&diagnostics)).map(|bound| {
        let constant = constant_of(&bound);
        let code = Arc::new(exec::lower(&bound.unit, surface, false));
        let effort = Effort::of(&bound.unit, &bound.uses, surface);
        let shared = Shared {
            effort,
            plain: exec::Plain::of(&code),
            code,
            observed: OnceLock::new(),
            unit: bound.unit,
            surface: surface.clone(),
            ty: bound.ty,
            constant,
            uses: bound.uses,
        };
        Program { shared: Arc::new(shared) }
    });
    Compiled { program, diagnostics }
}

impl Effort {
    fn of(unit: &Unit, uses: &[MemberId], surface: &Surface) -> Self {
        let mut effort = Self::default();
        for function in &unit.functions {
            exec::walk::uses(&function.body, &mut |what, _| match what {
                exec::walk::Use::Loop | exec::walk::Use::Lambda(_) | exec::walk::Use::Called(_) => {
                    effort.takes_long = true;
                }
                exec::walk::Use::Change => effort.changes_objects = true,
                _ => {}
            });
        }
        for member in uses.iter().map(|id| surface.member(*id)) {
            let owner = member.owner.name;
            effort.takes_long |= match owner {
                "System.Text.RegularExpressions.Regex" => true,
                "System.Linq.Enumerable" => matches!(member.name, "Range" | "Repeat"),
                _ if owner.starts_with("Newtonsoft.") || owner.starts_with("System.Xml.") => {
                    member.name.starts_with("Parse") || member.name.starts_with("Select") || owner.ends_with("Convert")
                }
                _ => false,
            };
            // What `context` is asked to do happens at the end; a new object is nobody else's yet.
            effort.changes_objects |=
                member.row.purity == Purity::Acts && member.name != ".ctor" && !owner.starts_with("PolicyExpressions.");
        }
        effort
    }
}

/// The value of a text that always gives the same.
fn constant_of(bound: &bind::Bound) -> Option<Const> {
    let StmtKind::Return(Some(value)) = &bound.unit.functions.first()?.body.kind else { return None };
    match &value.kind {
        Kind::Const(value) => Some(value.clone()),
        Kind::Convert(crate::ir::Conversion::Same, inner) => inner.as_const().cloned(),
        _ => None,
    }
}

impl Program {
    /// The static type of the expression, or what all `return`s of a block have in common.
    pub fn ty(&self) -> &Ty {
        &self.shared.ty
    }

    /// The value, if it is always the same: no evaluation is needed then.
    pub fn constant(&self) -> Option<Value> {
        self.shared.constant.as_ref().map(Const::value)
    }

    /// The members it names.
    pub fn uses(&self) -> &[MemberId] {
        &self.shared.uses
    }

    /// Whether a run may take long: it has loops or lambdas, or calls what searches or reads texts. What has none of these is
    /// bounded by its own length.
    pub fn takes_long(&self) -> bool {
        self.shared.effort.takes_long
    }

    /// Whether a run may change an object that was there before.
    pub fn changes_objects(&self) -> bool {
        self.shared.effort.changes_objects
    }

    /// Whether it names member `name` of the type with this full name: what an expression touches, before it runs.
    pub fn touches(&self, type_name: &str, name: &str) -> bool {
        let surface = &self.shared.surface;
        self.shared
            .uses
            .iter()
            .map(|id| surface.member(*id))
            .any(|member| member.owner.name == type_name && member.name == name)
    }

    /// How surely a run comes to member `name` of the type with this full name: a body that every run reads is buffered
    /// before, one that only some runs read is not.
    pub fn reach(&self, type_name: &str, name: &str) -> Reach {
        let mut reach = if self.touches(type_name, name) { Reach::Sometimes } else { Reach::Never };
        let Some(main) = self.shared.unit.functions.first().filter(|_| reach == Reach::Sometimes) else { return reach };
        exec::walk::uses(&main.body, &mut |what, in_branch| {
            if let (exec::walk::Use::Member(id), false) = (what, in_branch) {
                let member = self.shared.surface.member(id);
                if member.owner.name == type_name && member.name == name {
                    reach = Reach::Always;
                }
            }
        });
        reach
    }

    /// The conditions that an observer may hear of, in the order of the text.
    pub fn conditions(&self) -> Vec<Span> {
        let mut spans = self.observed().conditions();
        spans.sort_unstable();
        spans.dedup();
        spans
    }

    fn observed(&self) -> &Arc<exec::Code> {
        let shared = &self.shared;
        shared.observed.get_or_init(|| Arc::new(exec::lower(&shared.unit, &shared.surface, true)))
    }

    /// Evaluates it.
    pub fn run(&self, host: &mut dyn Host, limits: &Limits) -> Result<Value, Failure> {
        match (&self.shared.constant, &self.shared.plain) {
            (Some(constant), _) => Ok(constant.value()),
            (None, Some(plain)) => plain.run(host, &self.shared.surface, limits),
            (None, None) => self.evaluate(host, Meter::new(limits), None, |_, value| Ok(value)),
        }
    }

    /// Evaluates it if all it does is to ask for facts and strings: what it gives then is a `bool`, a string or `null`, which needs
    /// no delegate and no program to be looked at.
    #[inline]
    pub fn run_plain(&self, host: &dyn Host, limits: &Limits) -> Option<Result<Value, Failure>> {
        self.shared.plain.as_ref().map(|plain| plain.run(host, &self.shared.surface, limits))
    }

    /// Evaluates it while somebody watches.
    pub fn run_observed(
        &self,
        host: &mut dyn Host,
        limits: &Limits,
        observer: Option<&mut dyn Observer>,
    ) -> Result<Value, Failure> {
        if let (Some(constant), None) = (&self.shared.constant, &observer) {
            return Ok(constant.value());
        }
        self.evaluate(host, Meter::new(limits), observer, |_, value| Ok(value))
    }

    /// Evaluates it and looks at the value while delegates in it can still be called: lazy sequences run only then.
    /// Somebody may watch.
    pub fn run_with<'m, T>(
        &self,
        host: &mut dyn Host,
        meter: impl Into<Meter<'m>>,
        observer: Option<&mut dyn Observer>,
        look: impl FnOnce(&mut Cx<'_>, Value) -> crate::Result<T>,
    ) -> Result<T, Failure> {
        self.evaluate(host, meter.into(), observer, look)
    }

    fn evaluate<T>(
        &self,
        host: &mut dyn Host,
        meter: Meter<'_>,
        observer: Option<&mut dyn Observer>,
        look: impl FnOnce(&mut Cx<'_>, Value) -> crate::Result<T>,
    ) -> Result<T, Failure> {
        let shared = &self.shared;
        let mut cx = Cx::new(host, &shared.surface, meter);
        let mut code = &shared.code;
        if let Some(observer) = observer {
            cx.observer = Some(observer);
            code = self.observed();
        }
        match exec::run(code, &mut cx).and_then(|value| look(&mut cx, value)) {
            Ok(value) => {
                tell(&mut cx);
                Ok(value)
            }
            Err(raise) => {
                if let Raise::Exception(_) = raise {
                    tell(&mut cx);
                }
                Err(raise.into())
            }
        }
    }
}

impl From<Raise> for Failure {
    #[cold]
    fn from(raise: Raise) -> Self {
        match raise {
            Raise::Exception(exception) => Self::Exception(exception),
            Raise::Limit(limit) => Self::Limit(limit),
            Raise::Body(side) => Self::BodyNeeded(side),
        }
    }
}

/// Hands the host what `context.Trace` was given.
#[inline]
fn tell(cx: &mut Cx<'_>) {
    if cx.traces.is_some() {
        tell_all(cx);
    }
}

#[cold]
fn tell_all(cx: &mut Cx<'_>) {
    let traces = cx.traces.take().unwrap_or_default();
    traces.iter().for_each(|message| cx.host.trace(&message.to_text()));
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Program({})", self.shared.ty)
    }
}
