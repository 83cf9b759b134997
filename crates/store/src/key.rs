//! The lower-cased path that names a document.

use std::{fmt, sync::Arc};

/// A document's name: its full ARM id in lower case, without a trailing slash. ARM compares ids without regard to case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<str>);

impl Key {
    /// The key of the resource with this id.
    pub fn new(id: &str) -> Self {
        Self(id.trim_end_matches('/').to_ascii_lowercase().into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of a resource below this one: `key.child("apis/echo")`.
    pub fn child(&self, path: &str) -> Self {
        Self::new(&format!("{}/{path}", self.0))
    }

    /// The resource's name: the last segment.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The key `levels` segments up: two leave `/apis/echo` behind. `None` where there are not as many.
    pub fn up(&self, levels: usize) -> Option<Self> {
        let mut rest = &*self.0;
        for _ in 0..levels {
            rest = &rest[..rest.rfind('/')?];
        }
        Some(Self(rest.into()))
    }

    /// What follows `ancestor` and its slash; `None` unless this key lies below it.
    pub fn below(&self, ancestor: &Key) -> Option<&str> {
        self.0.strip_prefix(&*ancestor.0)?.strip_prefix('/')
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl From<&str> for Key {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_compare_without_regard_to_case_and_know_their_family() {
        let service = Key::new("/Subscriptions/S/service/N/");
        let api = service.child("apis/Echo");
        assert_eq!(api, Key::new("/subscriptions/s/SERVICE/n/apis/echo"));
        assert_eq!((api.name(), api.below(&service)), ("echo", Some("apis/echo")));
        assert_eq!(api.up(2), Some(service.clone()));
        assert_eq!(api.up(99), None);
        assert_eq!(Key::new("/subscriptions/s/service/name").below(&service), None);
        assert_eq!(service.below(&service), None);
    }
}
