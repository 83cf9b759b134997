//! Actions: what a caller must be allowed to do, and the patterns in which roles say so.

use std::fmt;

use crate::Method;

/// The name of a right, such as `Microsoft.ApiManagement/service/apis/write`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action(pub String);

impl Action {
    /// The action of `method` on resources of `kind` (a full type: `Microsoft.ApiManagement/service/apis`).
    /// For a POST the last segment of `kind` is the verb: `…/namedValues/listValue/action`.
    pub fn of(method: Method, kind: &str) -> Self {
        let verb = match method {
            Method::Get | Method::Head => "read",
            Method::Put | Method::Patch => "write",
            Method::Delete => "delete",
            Method::Post => "action",
        };
        Self(format!("{kind}/{verb}"))
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A pattern over actions: `*` stands for any run of characters, slashes included; letters compare without case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionPattern<'a>(pub &'a str);

impl ActionPattern<'_> {
    /// Whether `action` is one of those meant.
    pub fn matches(&self, action: &Action) -> bool {
        let (pattern, action) = (self.0.to_ascii_lowercase(), action.0.to_ascii_lowercase());
        let mut parts = pattern.split('*');
        let Some(mut rest) = action.strip_prefix(parts.next().unwrap_or_default()) else { return false };
        let parts: Vec<&str> = parts.collect();
        let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
        for part in middle {
            let Some((_, after)) = rest.split_once(part) else { return false };
            rest = after;
        }
        rest.ends_with(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_cross_slashes() {
        let action = Action::of(Method::Head, "Microsoft.ApiManagement/service/apis");
        let matches = |pattern| ActionPattern(pattern).matches(&action);
        assert!(matches("*"));
        assert!(matches("*/read"));
        assert!(matches("microsoft.apimanagement/service/*/read"));
        assert!(matches("Microsoft.ApiManagement/service/apis/read"));
        assert!(!matches("Microsoft.ApiManagement/service/read"));
        assert!(!matches("*/write"));
        assert!(!matches(""));
    }
}
