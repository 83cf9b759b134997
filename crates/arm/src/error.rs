//! Why a management request was refused, in the words of the ARM error contract.

use std::fmt;

use serde_json::{Value, json};

/// The result of everything that can be refused with an ARM error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One wrong field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The contract's word for the kind of mistake; nearly always `ValidationError`.
    pub code: &'static str,
    /// The field, as the caller spelled it (`displayName`, `path`, a policy element).
    pub target: String,
    /// What is wrong with it.
    pub message: String,
}

/// A refusal. `message` and `details` reach the caller; `cause` reaches the log and never the caller.
#[derive(Debug)]
pub struct Error {
    /// What clients switch on.
    pub code: Code,
    /// One sentence for people.
    pub message: String,
    /// The single mistakes, where there may be several.
    pub details: Vec<Detail>,
    /// What went wrong beneath, for the log.
    pub cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A refusal without details.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Vec::new(), cause: None }
    }

    /// The service's form for wrong fields; add each with [`Error::at`].
    pub fn validation() -> Self {
        Self::new(Code::ValidationError, "One or more fields contain incorrect values:")
    }

    /// [`Error::validation`] with one wrong field.
    pub fn invalid(target: impl Into<String>, message: impl Into<String>) -> Self {
        Self::validation().at(target, message)
    }

    /// The resource does not exist.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(Code::ResourceNotFound, format!("{what} not found."))
    }

    /// Something failed that the caller cannot mend.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let message = "An internal error occurred. The server's log has the details.";
        Self { cause: Some(cause.into()), ..Self::new(Code::InternalServerError, message) }
    }

    /// Adds a wrong field.
    pub fn at(mut self, target: impl Into<String>, message: impl Into<String>) -> Self {
        self.details.push(Detail { code: "ValidationError", target: target.into(), message: message.into() });
        self
    }

    /// The HTTP status, which follows from the code.
    pub const fn status(&self) -> u16 {
        self.code.status()
    }

    /// The body of the answer.
    pub fn body(&self) -> Value {
        let mut error = json!({ "code": self.code.as_str(), "message": self.message });
        if !self.details.is_empty() {
            let details = self.details.iter();
            error["details"] =
                details.map(|d| json!({ "code": d.code, "target": d.target, "message": d.message })).collect();
        }
        json!({ "error": error })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)?;
        self.details.iter().try_for_each(|detail| write!(f, " [{}: {}]", detail.target, detail.message))
    }
}

impl std::error::Error for Error {}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $status:literal,)+) => {
        /// The closed list of codes clients switch on. The HTTP status follows from the code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// As it stands in the answer.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }
        }
    };
}

codes! {
    /// The body was understood and is not acceptable.
    ValidationError = 400,
    /// The body could not be read.
    InvalidRequestContent = 400,
    /// A header or query parameter is wrong or missing.
    InvalidParameters = 400,
    /// `$filter` could not be read.
    InvalidFilter = 400,
    /// No `api-version` in the query.
    MissingApiVersionParameter = 400,
    /// `api-version` is not a version.
    InvalidApiVersionParameter = 400,
    /// `api-version` is a version that this provider does not speak.
    NoRegisteredProviderFound = 400,
    /// The path is not an ARM id.
    InvalidResourceId = 400,
    /// A document cannot be turned into an API.
    ImportFailed = 400,
    /// The token is missing or is not ours.
    InvalidAuthenticationToken = 401,
    /// No token was sent.
    AuthenticationFailed = 401,
    /// The token was good once.
    ExpiredAuthenticationToken = 401,
    /// The caller is known and may not do this.
    AuthorizationFailed = 403,
    /// The subscription does not exist.
    SubscriptionNotFound = 404,
    /// The resource group does not exist.
    ResourceGroupNotFound = 404,
    /// The resource does not exist.
    ResourceNotFound = 404,
    /// No operation has this path.
    InvalidResourceType = 404,
    /// The path exists, the verb does not.
    MethodNotAllowed = 405,
    /// Something is there already or is still needed.
    Conflict = 409,
    /// The resource group still holds resources.
    ResourceGroupNotEmpty = 409,
    /// Others kept changing the entity while this write was prepared.
    ConcurrentUpdate = 409,
    /// The entity changed since the caller read it.
    PreconditionFailed = 412,
    /// The body is beyond the limit.
    RequestContentTooLarge = 413,
    /// A defect or a broken dependency of this server.
    InternalServerError = 500,
    /// The operation exists in the service and not here.
    OperationNotSupported = 501,
    /// The server is shutting down or its store cannot be written.
    ServiceUnavailable = 503,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_is_told_in_the_contracts_form() {
        let error = Error::invalid("displayName", "must not be empty");
        assert_eq!(error.status(), 400);
        assert_eq!(
            error.body(),
            json!({ "error": {
                "code": "ValidationError",
                "message": "One or more fields contain incorrect values:",
                "details": [{ "code": "ValidationError", "target": "displayName", "message": "must not be empty" }],
            }})
        );
    }

    #[test]
    fn a_cause_stays_inside() {
        assert!(!Error::internal("disk /dev/sda1 is full").body().to_string().contains("sda1"));
    }
}
