//! [`Counted`]: what a request has counted already.

use std::sync::Arc;

/// Counters that count a request only once, however many policies use them. Few: a scan beats a hash.
#[derive(Debug, Default)]
pub struct Counted(Vec<(Arc<str>, Box<[u8]>)>);

impl Counted {
    /// Whether the request has counted there.
    pub fn has(&self, space: &str, subject: &[u8]) -> bool {
        self.0.iter().any(|(known, who)| &**known == space && **who == *subject)
    }

    /// Notes that it counts there; whether it had not yet.
    pub fn add(&mut self, space: &Arc<str>, subject: &[u8]) -> bool {
        let is_new = !self.has(space, subject);
        if is_new {
            self.0.push((Arc::clone(space), subject.into()));
        }
        is_new
    }
}
