//! The `date` line of responses that have none.

use std::{
    cell::RefCell,
    time::{Duration, SystemTime},
};

use base::Timestamp;

/// Formatted once a second.
#[derive(Default)]
pub(crate) struct DateLine(RefCell<(i64, String)>);

impl DateLine {
    /// Writes the line for the second of `now`.
    pub(crate) fn write(&self, out: &mut Vec<u8>, now: Timestamp) {
        let mut known = self.0.borrow_mut();
        if known.0 != now.secs() || known.1.is_empty() {
            let since = Duration::from_secs(now.secs().unsigned_abs());
            *known = (now.secs(), httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + since));
        }
        http1::header(out, "Date", known.1.as_bytes());
    }
}
