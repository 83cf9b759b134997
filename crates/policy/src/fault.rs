//! [`Fault`]: why an exchange left its way. Its fields are `context.LastError`.

use std::{borrow::Cow, fmt, sync::Arc};

use crate::{HeaderName, HeaderValue, Headers, Place, Section, Status, exchange::Side};

/// What went wrong, for `context.LastError`, for the client and for the log.
///
/// Boxed inside, so that a `Result` of it stays small.
#[derive(Clone, Debug)]
pub struct Fault(Box<Parts>);

/// What a policy waits for.
#[derive(Clone, Copy, Debug)]
enum Needs {
    Body(Side),
    /// What it left with [`Exchange::leave`](crate::Exchange::leave).
    Work,
}

#[derive(Clone, Debug)]
struct Parts {
    source: Cow<'static, str>,
    reason: Cow<'static, str>,
    message: String,
    public: Option<String>,
    status: Status,
    headers: Headers,
    section: Option<Section>,
    place: Option<Arc<Place>>,
    cause: Option<String>,
    needs: Option<Needs>,
}

impl Fault {
    /// A fault that the client sees as 500 without details; see [`Fault::with_status`] and [`Fault::shown`].
    ///
    /// `source` is the element's name or the built-in step, `reason` a word of the published list.
    pub fn new(
        source: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self(Box::new(Parts {
            source: source.into(),
            reason: reason.into(),
            message: message.into(),
            public: None,
            status: Status::INTERNAL_SERVER_ERROR,
            headers: Headers::new(),
            section: None,
            place: None,
            cause: None,
            needs: None,
        }))
    }

    /// An expression that failed.
    pub fn expression(message: impl Into<String>) -> Self {
        Self::new("", "ExpressionValueEvaluationFailure", message)
    }

    /// Not a failure: the step must be run again once the body of `side` is in memory. Only the runner sees it.
    pub fn body_needed(side: Side) -> Self {
        let mut fault = Self::new("", "BodyNeeded", "the body is not in memory");
        fault.0.needs = Some(Needs::Body(side));
        fault
    }

    /// Not a failure: the step must be run again once the work that it left is done. Only the runner sees it.
    pub(crate) fn left() -> Self {
        let mut fault = Self::new("", "WorkLeft", "the work is not done");
        fault.0.needs = Some(Needs::Work);
        fault
    }

    /// The status of the default answer.
    pub fn with_status(mut self, status: Status) -> Self {
        self.0.status = status;
        self
    }

    /// The message of the default answer's body, if the client may see one. Without it the client reads the generic
    /// sentence of the status.
    pub fn shown(mut self, message: impl Into<String>) -> Self {
        self.0.public = Some(message.into());
        self
    }

    /// A header of the default answer.
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push(name, value);
        self
    }

    /// What only the log may know.
    pub fn with_cause(mut self, cause: impl fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// The section of a built-in step that has no place.
    pub fn in_section(mut self, section: Section) -> Self {
        self.0.section = Some(section);
        self
    }

    /// Notes where it happened, unless an inner policy already did.
    pub(crate) fn at(mut self, place: &Arc<Place>, section: Section) -> Self {
        if self.0.place.is_none() {
            if self.0.source.is_empty() {
                self.0.source = Cow::Borrowed(place.name);
            }
            self.0.section = Some(section);
            self.0.place = Some(Arc::clone(place));
        }
        self
    }

    /// `Source`.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// `Reason`.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// `Message`.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// `Scope`; none for built-in steps.
    pub fn scope(&self) -> Option<&'static str> {
        self.0.place.as_ref().map(|place| place.scope.word())
    }

    /// `Section`.
    pub fn section(&self) -> Option<Section> {
        self.0.section
    }

    /// `Path`.
    pub fn path(&self) -> Option<&str> {
        self.0.place.as_ref().map(|place| &*place.path)
    }

    /// `PolicyId`.
    pub fn policy_id(&self) -> Option<&str> {
        self.0.place.as_ref()?.id.as_deref()
    }

    /// The status of the default answer, and `HttpErrorCode`.
    pub fn status(&self) -> Status {
        self.0.status
    }

    /// The message that the client may read.
    pub fn public_message(&self) -> Option<&str> {
        self.0.public.as_deref()
    }

    /// The headers of the default answer.
    pub fn headers(&self) -> &Headers {
        &self.0.headers
    }

    /// What only the log may know.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// The body that must be in memory before the step can run, if that is all that is wrong.
    pub fn needs_body(&self) -> Option<Side> {
        match self.0.needs {
            Some(Needs::Body(side)) => Some(side),
            _ => None,
        }
    }

    /// Whether it is no failure: the policy must run again once [`Exchange::fulfil`](crate::Exchange::fulfil) has done what it
    /// waits for.
    pub fn is_unfinished(&self) -> bool {
        self.0.needs.is_some()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.0.source, self.0.reason, self.0.message)
    }
}
