//! What a failure of SQLite means for whoever called.

use rusqlite::ErrorCode;
use store::Error;

/// The file that was opened is not the one that lies in the folder now.
pub(crate) const REPLACED: &str = "its file was removed or replaced while it was open";

/// What `attempted` came to.
pub(crate) fn failed(attempted: impl Into<String>, error: rusqlite::Error) -> Error {
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "its disk is full",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program has locked it",
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => "it may not be written to",
        Some(ErrorCode::CannotOpen) => "its file cannot be opened",
        Some(ErrorCode::SystemIoFailure) => "its disk fails",
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "its file is damaged",
        _ => return Error::failed(attempted, error),
    };
    Error::Unavailable { reason, message: format!("{}: {error}", attempted.into()) }
}

/// The same failure for another caller of the same transaction.
pub(crate) fn again(error: &Error) -> Error {
    match error {
        Error::Unavailable { reason, message } => Error::Unavailable { reason, message: message.clone() },
        other => Error::Failed { message: other.to_string(), source: None },
    }
}
