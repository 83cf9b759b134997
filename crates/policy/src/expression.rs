//! [`Expression`]: the one place where policies and the C# engine meet.

mod away;

use std::time::Duration;

use base::{Diagnostic, Span};
use csharp::{
    Failure, Form as Brackets, Options, Program, Reach, Ty,
    host::Side,
    limits::{Limit, Limits, Meter},
    observe::Observer as _,
};
use policy_xml::{Form, Mapped};

use crate::{
    Exchange, Fault, FromText,
    compile::Compiler,
    coverage::{Watched, Watcher},
    exchange::{Found, Site},
    host::{self, Context},
};
use away::{Done, Heat, Shown, Turn};

/// A compiled expression. Workers share it.
#[derive(Debug)]
pub struct Expression {
    program: Program,
    /// Whether it names a message body: then an evaluation may be given up until the body is there.
    reads_body: bool,
    /// The body that every evaluation reads.
    always_reads: Option<Side>,
    /// Whether an evaluation may take long: then it may have to leave the worker.
    takes_long: bool,
    /// Whether one did, not long ago.
    heat: Heat,
    /// Where its branches stand, if somebody wants to know which of them run.
    watched: Option<Box<Watched>>,
}

impl Expression {
    /// Compiles what stands between the brackets of an expression. `None`: it is wrong, and the diagnostics say so at
    /// their places in the document.
    pub(crate) fn compile(code: &Mapped, form: Form, span: Span, compiler: &mut Compiler<'_>) -> Option<Self> {
        let env = compiler.environment();
        let surface = env.catalogue.surface();
        let brackets = match form {
            Form::Expression => Brackets::Expression,
            Form::Statements => Brackets::Block,
        };
        let compiled = csharp::compile(code.text(), brackets, surface, &Options { strict: env.strict_surface });
        for found in compiled.diagnostics {
            // What has no place in the code, such as a missing return, stands for all of it.
            let place = if code.text().is_empty() { span } else { code.origin(found.span) };
            compiler.report(Diagnostic { span: place, ..found });
        }
        if env.lenient && code.text().contains(csharp::UNKNOWN) {
            compiler.note_gap();
            return None;
        }
        let program = compiled.program?;
        let mut members = program.uses().iter().map(|member| surface.member(*member));
        let reads_body =
            members.any(|member| member.name == "Body" && member.owner.name.starts_with("PolicyExpressions."));
        let takes_long = reads_body || program.takes_long();
        if takes_long {
            compiler.note_body_read();
        }
        let always_reads = if reads_body { always_reads(&program) } else { None };
        let watched = env.observe.then(|| {
            let mut conditions = program.conditions();
            // A whole expression that is true or false is a branch of the policy it stands in.
            conditions.extend((*program.ty() == Ty::BOOL).then(|| Span::new(0, code.text().len() as u32)));
            Box::new(compiler.watched(code, conditions))
        });
        Some(Self { program, reads_body, always_reads, takes_long, heat: Heat::default(), watched })
    }

    /// The static type of the result; `object` where the text leaves it open.
    pub(crate) fn ty(&self) -> &Ty {
        self.program.ty()
    }

    /// The result.
    pub fn evaluate(&self, exchange: &mut Exchange) -> Result<csharp::Value, Fault> {
        if let Some(constant) = self.program.constant() {
            return Ok(constant);
        }
        match self.plain(exchange) {
            Some(result) => result,
            None => self.look(exchange, Shown::Value, |_, value| Ok(value), Done::value),
        }
    }

    /// The result of an expression that only asks for facts, where nobody watches.
    fn plain(&self, exchange: &mut Exchange) -> Option<Result<csharp::Value, Fault>> {
        if self.watched.is_some() {
            return None;
        }
        let result = self.program.run_plain(&Context::new(exchange), &Limits::default())?;
        Some(result.map_err(fault))
    }

    /// Runs it and looks at the result while delegates in it can still be called; or takes it as it came from another thread.
    fn look<T>(
        &self,
        exchange: &mut Exchange,
        shown: Shown,
        look: impl Fn(&mut csharp::call::Cx<'_>, csharp::Value) -> csharp::Result<T>,
        take: impl FnOnce(&Done) -> T,
    ) -> Result<T, Fault> {
        if let Some(side) = self.always_reads.filter(|side| host::is_streamed(exchange, *side)) {
            return Err(Fault::body_needed(side));
        }
        if let Some(watched) = self.watched.as_deref() {
            return self.look_watched(exchange, watched, look);
        }
        if !self.takes_long {
            let mut context = self.context(exchange, false);
            let result = self.program.run_with(&mut context, &Limits::default(), None, look);
            return conclude(context, result);
        }
        if let Some(turn) = exchange.turn() {
            match exchange.brought(self.site()) {
                Found::Here(done) => return away::taken(exchange, &*done, take),
                Found::Nothing => {
                    if let Some(result) = self.look_in_turn(exchange, turn, shown, &look) {
                        return result;
                    }
                }
                Found::Stays => {}
            }
        }
        // It ends here, however long it takes.
        let most = exchange.host.offload.as_ref().map(|offload| offload.budget().most);
        let most = most.map(|most| Turn::last(exchange, most));
        let meter = Meter::watched(&Limits::default(), most.as_ref().map(|most| most as _));
        let mut context = self.context(exchange, false);
        let result = self.program.run_with(&mut context, meter, None, look);
        conclude(context, result)
    }

    /// Runs it for as long as the worker can wait. `None`: it takes longer, and cannot leave the worker.
    fn look_in_turn<T>(
        &self,
        exchange: &mut Exchange,
        turn: Duration,
        shown: Shown,
        look: impl FnOnce(&mut csharp::call::Cx<'_>, csharp::Value) -> csharp::Result<T>,
    ) -> Option<Result<T, Fault>> {
        if !turn.is_zero() && !self.heat.is_hot(exchange) {
            let limit = Turn::first(exchange, turn);
            let meter = Meter::watched(&Limits::default(), Some(&limit));
            let mut context = self.context(exchange, self.program.changes_objects());
            match self.program.run_with(&mut context, meter, None, look) {
                Err(Failure::Limit(Limit::Turn)) => context.undo(),
                result => return Some(conclude(context, result)),
            }
            self.heat.note(exchange);
        }
        self.send_away(exchange, shown).map(Err)
    }

    /// The same while somebody wants to know which branches run.
    fn look_watched<T>(
        &self,
        exchange: &mut Exchange,
        watched: &Watched,
        look: impl FnOnce(&mut csharp::call::Cx<'_>, csharp::Value) -> csharp::Result<T>,
    ) -> Result<T, Fault> {
        let mut watcher = Watcher { watched, found: Vec::new() };
        let mut decided = None;
        let mut context = self.context(exchange, false);
        let result = self.program.run_with(&mut context, &Limits::default(), Some(&mut watcher), |cx, value| {
            decided = if let csharp::Value::Bool(taken) = value { Some(taken) } else { None };
            look(cx, value)
        });
        if let Some(taken) = decided {
            watcher.branch(Span::new(0, watched.code.text().len() as u32), taken);
        }
        let Watcher { found, .. } = watcher;
        let result = conclude(context, result);
        if let Some(coverage) = exchange.trace.as_mut().and_then(|trace| trace.coverage.as_mut()) {
            coverage.conditions.extend(found);
        }
        result
    }

    /// The result as a value of a policy: what it is, or what its `ToString()` says.
    pub fn evaluate_as<T: FromText>(&self, exchange: &mut Exchange) -> Result<T, Fault> {
        let plain = match self.plain(exchange) {
            None => None,
            Some(Err(fault)) => return Err(fault),
            Some(Ok(value)) => match (&value, T::from_value(&value)) {
                (csharp::Value::Null, _) => Some(T::from_null()),
                (_, Some(taken)) => Some(taken),
                (csharp::Value::Str(text), None) => Some(T::from_result(&text.to_text())),
                (csharp::Value::Bool(value), None) => Some(T::from_result(if *value { "True" } else { "False" })),
                (_, None) => None,
            },
        };
        let result = match plain {
            Some(result) => result,
            None => self.shown(exchange)?,
        };
        result.map_err(|wrong| Fault::expression(format!("The expression gave a value that cannot be used: {wrong}.")))
    }

    /// The result as [`Expression::evaluate_as`] takes it, or why it cannot be used.
    fn shown<T: FromText>(&self, exchange: &mut Exchange) -> Result<Result<T, String>, Fault> {
        let look = |cx: &mut csharp::call::Cx<'_>, value: csharp::Value| {
            Ok(match (&value, T::from_value(&value)) {
                (csharp::Value::Null, _) => T::from_null(),
                (_, Some(taken)) => taken,
                (csharp::Value::Str(text), None) => T::from_result(&text.to_text()),
                (_, None) => T::from_result(&cx.text(&value)?.to_text()),
            })
        };
        self.look(exchange, Shown::Text, look, |done| match T::from_value(&done.value) {
            _ if done.is_null() => T::from_null(),
            Some(taken) => taken,
            None => T::from_result(&done.text.to_text()),
        })
    }

    /// `gives_up`: whether the evaluation may be given up for another reason than a body.
    fn context<'a>(&self, exchange: &'a mut Exchange, gives_up: bool) -> Context<'a> {
        let is_streamed = |side| host::is_streamed(exchange, side);
        if gives_up || (self.reads_body && (is_streamed(Side::Request) || is_streamed(Side::Response))) {
            Context::undoable(exchange)
        } else {
            Context::new(exchange)
        }
    }

    /// What tells it from other expressions.
    fn site(&self) -> Site {
        Site::of(self)
    }
}

/// The body that every evaluation reads, where that is certain: a response may also be one that a variable holds, whose
/// body is there.
fn always_reads(program: &Program) -> Option<Side> {
    let reach = |owner: &str, name| program.reach(&format!("PolicyExpressions.{owner}"), name);
    let is_read = ["As", "AsFormUrlEncodedContent"].iter().any(|name| reach("IMessageBody", name) == Reach::Always);
    let (request, response) = (reach("IRequest", "Body"), reach("IResponse", "Body"));
    match (request, response) {
        (Reach::Always, Reach::Never) if is_read => Some(Side::Request),
        (Reach::Never, Reach::Always) if is_read && reach("IContext", "Variables") == Reach::Never => {
            Some(Side::Response)
        }
        _ => None,
    }
}

/// Lets what the expression did happen, or takes it back where it will run again.
fn conclude<T>(context: Context<'_>, result: Result<T, Failure>) -> Result<T, Fault> {
    match &result {
        Ok(_) => context.settle(),
        Err(Failure::BodyNeeded(_)) => context.undo(),
        Err(_) => {}
    }
    result.map_err(fault)
}

fn fault(failure: Failure) -> Fault {
    match failure {
        Failure::BodyNeeded(side) => Fault::body_needed(side),
        Failure::Limit(limit) => Fault::expression(format!("Expression evaluation failed: {limit}.")),
        Failure::Exception(exception) => {
            let class = exception.def.name;
            Fault::expression(format!("Expression evaluation failed. {}", exception.message.to_text()))
                .with_cause(class)
        }
    }
}
