//! What a traced exchange remembers of its steps: [`Exchange::note`] is how a policy says what it does.

use std::{borrow::Cow, sync::Arc, time::Duration};

use super::{Exchange, Headers, Method, Status, Url};
use crate::{
    Fault, Flow, Place, Section,
    coverage::Coverage,
    redact::{self, Hidden},
};

/// How much a `trace` message matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the words of the `severity` attribute")]
pub enum Severity {
    #[default]
    Verbose,
    Information,
    Error,
}

impl Severity {
    /// The word of the `severity` attribute.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Verbose => "verbose",
            Self::Information => "information",
            Self::Error => "error",
        }
    }
}

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct TraceEntry {
    /// In which section.
    pub section: Section,
    /// The element, or the built-in step.
    pub source: Arc<str>,
    /// Where it stands; none for built-in steps.
    pub place: Option<Arc<Place>>,
    /// Time since the exchange began.
    pub elapsed: Duration,
    /// How long the policy took, with all inside it; none while it runs, and for what is no policy.
    pub took: Option<Duration>,
    /// What happened.
    pub message: String,
    /// How much it matters.
    pub severity: Severity,
    /// Names and values beside the message.
    pub details: Vec<(Arc<str>, Detail)>,
}

/// What a policy did: a sentence, and values beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The sentence.
    pub message: Cow<'static, str>,
    /// The values.
    pub details: Vec<(Arc<str>, Detail)>,
}

impl Effect {
    /// A sentence.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), details: Vec::new() }
    }

    /// Adds a value.
    pub fn with(mut self, name: impl Into<Arc<str>>, value: impl Into<Detail>) -> Self {
        self.details.push((name.into(), value.into()));
        self
    }
}

impl From<&'static str> for Effect {
    fn from(message: &'static str) -> Self {
        Self::new(message)
    }
}

impl From<String> for Effect {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

/// A value in a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Text.
    Text(String),
    /// A number.
    Number(i64),
    /// True or false.
    Flag(bool),
    /// Names with values.
    Fields(Vec<(&'static str, Detail)>),
    /// Headers: the service writes them as a list of `name` and `value`.
    Headers(Vec<(String, String)>),
}

impl Detail {
    /// A header. What carries a secret shows as `***`.
    pub fn header(name: &str, value: &str) -> Self {
        Self::Fields(vec![("name", name.into()), ("value", redact::shown(name, value).into())])
    }

    /// Headers. What carries a secret shows as `***`.
    pub fn headers(headers: &Headers) -> Self {
        let shown = headers.iter().map(|(name, value)| {
            let is_secret = redact::is_secret_name(name.as_str());
            let value = if is_secret { redact::MASK.to_owned() } else { value.text().into_owned() };
            (name.as_str().to_owned(), value)
        });
        Self::Headers(shown.collect())
    }

    /// The head of a request.
    pub fn request(method: &Method, url: &Url, headers: &Headers) -> Self {
        let url = redact::url(&url.to_string());
        Self::Fields(vec![("method", method.as_str().into()), ("url", url.into()), ("headers", Self::headers(headers))])
    }

    /// The head of a response.
    pub fn response(status: Status, reason: &str, headers: &Headers) -> Self {
        let status = vec![("code", i64::from(status.code()).into()), ("reason", reason.into())];
        Self::Fields(vec![("status", Self::Fields(status)), ("headers", Self::headers(headers))])
    }
}

impl From<&str> for Detail {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Detail {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Detail {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Detail {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

/// A duration: milliseconds count most.
impl From<Duration> for Detail {
    fn from(duration: Duration) -> Self {
        Self::Text(format!("{duration:?}"))
    }
}

/// What a trace says of a C# value: texts and numbers as C# writes them, the beginning of long ones; of other objects the
/// type.
pub fn describe(value: &csharp::Value) -> String {
    const MOST: usize = 200;
    match value {
        csharp::Value::Null => "null".to_owned(),
        csharp::Value::Bool(flag) => flag.to_string(),
        csharp::Value::Int(number) => number.to_string(),
        csharp::Value::Long(number) => number.to_string(),
        csharp::Value::Double(number) => number.to_string(),
        csharp::Value::Decimal(number) => number.to_string(),
        csharp::Value::Str(text) => {
            let text = text.to_text();
            let end = text.char_indices().nth(MOST).map(|(at, _)| at);
            match end.and_then(|end| text.get(..end)) {
                Some(beginning) => format!("\"{beginning}…\""),
                None => format!("\"{text}\""),
            }
        }
        other => other.ty().full_name(),
    }
}

/// The notebook of a traced exchange.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    entries: Vec<TraceEntry>,
    /// The policies around what runs, outermost first.
    open: Vec<Open>,
    pub(super) hidden: Hidden,
    pub(crate) coverage: Option<Coverage>,
}

/// A policy that runs.
#[derive(Debug)]
pub(crate) struct Open {
    place: Arc<Place>,
    began: Duration,
    /// How many entries there were when it began.
    mark: usize,
    /// Its own first entry.
    first: Option<usize>,
}

impl Trace {
    fn push(&mut self, entry: TraceEntry) {
        if let Some(open) = self.open.last_mut() {
            open.first.get_or_insert(self.entries.len());
        }
        self.entries.push(entry);
    }
}

impl Exchange {
    /// Whether steps are noted. One branch for an exchange that is not traced.
    pub fn is_traced(&self) -> bool {
        self.trace.is_some()
    }

    /// Begins to note what happens; `context.Tracing` is true from now on.
    pub fn start_trace(&mut self) {
        if self.trace.is_none() {
            let mut trace = Trace::default();
            trace.hidden.learn(self);
            self.trace = Some(Box::new(trace));
        }
    }

    /// Begins to note which policies and which branches of expressions run, for a test's coverage.
    pub fn start_coverage(&mut self) {
        self.start_trace();
        if let Some(trace) = &mut self.trace {
            trace.coverage.get_or_insert_default();
        }
    }

    /// These texts show as `***` in the trace, wherever they turn up.
    pub fn hide(&mut self, secrets: &[Arc<str>]) {
        if let Some(trace) = &mut self.trace {
            for secret in secrets {
                trace.hidden.add(secret);
            }
        }
    }

    /// Says what the policy that runs does: `exchange.note(|_| format!("Method was set to {method}."))`, or an [`Effect`]
    /// with values. The closure runs only where somebody looks: one branch for everybody else. Say it when it is done,
    /// after everything was evaluated.
    pub fn note<E: Into<Effect>>(&mut self, effect: impl FnOnce(&Self) -> E) {
        if self.trace.is_some() {
            let effect = effect(self).into();
            self.push_effect(effect, Severity::Verbose);
        }
    }

    #[cold]
    fn push_effect(&mut self, effect: Effect, severity: Severity) {
        let open = self.trace.as_ref().and_then(|trace| trace.open.last());
        let place = open.map(|open| Arc::clone(&open.place));
        let source = place.as_ref().map_or("gateway", |place| place.name).into();
        let entry = TraceEntry {
            section: self.section,
            source,
            place,
            elapsed: self.elapsed(),
            took: None,
            message: effect.message.into_owned(),
            severity,
            details: effect.details,
        };
        if let Some(trace) = &mut self.trace {
            trace.push(entry);
        }
    }

    /// Notes something that is said under a name of its own: a built-in step, or what an author writes.
    pub fn note_as(&mut self, source: &str, severity: Severity, effect: impl FnOnce(&Self) -> Effect) {
        if self.trace.is_some() {
            let effect = effect(self);
            self.push_effect(effect, severity);
            if let Some(entry) = self.trace.as_mut().and_then(|trace| trace.entries.last_mut()) {
                entry.source = source.into();
            }
        }
    }

    /// What was noted, without secrets; the exchange is no longer traced.
    pub fn take_trace(&mut self) -> Option<Vec<TraceEntry>> {
        let trace = *self.trace.take()?;
        let mut entries = trace.entries;
        for entry in &mut entries {
            trace.hidden.mask(entry);
        }
        Some(entries)
    }

    /// Which policies and branches ran so far, if that was asked for.
    pub fn take_coverage(&mut self) -> Option<Coverage> {
        self.trace.as_mut()?.coverage.take()
    }

    /// A policy begins. Only called for a traced exchange.
    #[cold]
    pub(crate) fn trace_enter(&mut self, place: &Arc<Place>) {
        let began = self.elapsed();
        if let Some(trace) = &mut self.trace {
            trace.open.push(Open { place: Arc::clone(place), began, mark: trace.entries.len(), first: None });
        }
    }

    /// How many policies run around what runs.
    pub(crate) fn trace_depth(&self) -> usize {
        self.trace.as_ref().map_or(0, |trace| trace.open.len())
    }

    /// Puts the policies deeper than that aside, while another of a `wait` has the exchange.
    pub(crate) fn trace_suspend(&mut self, depth: usize) -> Vec<Open> {
        match &mut self.trace {
            Some(trace) if trace.open.len() > depth => trace.open.split_off(depth),
            _ => Vec::new(),
        }
    }

    /// Goes on with what was put aside.
    pub(crate) fn trace_resume(&mut self, open: Vec<Open>) {
        if let Some(trace) = &mut self.trace {
            trace.open.extend(open);
        }
    }

    /// The policy that runs gave up and begins again: what it noted did not happen.
    #[cold]
    pub(crate) fn trace_again(&mut self) {
        if let Some(trace) = &mut self.trace
            && let Some(open) = trace.open.last_mut()
        {
            trace.entries.truncate(open.mark);
            open.first = None;
        }
    }

    /// A policy ends. One that said nothing gets an entry all the same.
    #[cold]
    pub(crate) fn trace_leave(&mut self, place: &Arc<Place>, outcome: &Result<Flow, Fault>) {
        let is_open = |open: &Open| Arc::ptr_eq(&open.place, place);
        let open = self.trace.as_ref().and_then(|trace| trace.open.last());
        let has_said = open.is_some_and(|open| is_open(open) && open.first.is_some());
        match outcome {
            // A policy around it has nothing to add to a fault that has its place.
            Err(fault) if fault.path().is_none() => {
                let effect = Effect::new(fault.message().to_owned()).with("reason", fault.reason());
                self.push_effect(effect, Severity::Error);
            }
            Ok(Flow::Respond) if !has_said => self.push_effect("The request was answered.".into(), Severity::Verbose),
            Ok(Flow::Continue) if !has_said => self.push_effect("The policy ran.".into(), Severity::Verbose),
            _ => {}
        }
        let now = self.elapsed();
        if let Some(coverage) = self.trace.as_mut().and_then(|trace| trace.coverage.as_mut()) {
            coverage.steps.push(Arc::clone(place));
        }
        if let Some(trace) = &mut self.trace
            && let Some(open) = trace.open.pop_if(|open| is_open(open))
            && let Some(entry) = open.first.and_then(|first| trace.entries.get_mut(first))
        {
            entry.took = Some(now.saturating_sub(open.began));
        }
    }

    /// A policy was asked and had nothing to do with it.
    pub(crate) fn trace_skip(&mut self, place: &Arc<Place>) {
        if let Some(trace) = &mut self.trace {
            trace.open.pop_if(|open| Arc::ptr_eq(&open.place, place));
        }
    }

    /// The policies that ran were left in the middle: by a panic, or because their section is over.
    pub fn trace_reset(&mut self) {
        if let Some(trace) = &mut self.trace {
            trace.open.clear();
        }
    }
}
