//! Named values: the texts that stand for `{{name}}` in policies, service URLs and backends.

use std::{borrow::Cow, collections::HashMap};

use policy::{NamedValue, policy_xml::placeholders};

/// The named values of a service or workspace, by display name in lower case.
#[derive(Clone, Default)]
pub(crate) struct NamedValues(HashMap<String, NamedValue>);

impl NamedValues {
    /// Adds a value.
    pub(crate) fn put(&mut self, name: &str, value: &str, secret: bool) {
        self.0.insert(name.to_lowercase(), NamedValue { value: value.into(), secret });
    }

    /// The value of `name`, whatever its case.
    pub(crate) fn get(&self, name: &str) -> Option<&NamedValue> {
        self.0.get(&name.to_lowercase())
    }

    /// The names whose values differ from those in `other`.
    pub(crate) fn differing<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a str> {
        let same = |one: &NamedValue, name: &String| {
            other.0.get(name).is_some_and(|other| (&one.value, one.secret) == (&other.value, other.secret))
        };
        let changed = self.0.iter().filter(move |(name, value)| !same(value, name)).map(|(name, _)| name);
        let gone = other.0.keys().filter(|name| !self.0.contains_key(*name));
        changed.chain(gone).map(String::as_str)
    }

    /// `text` with its `{{name}}` replaced, once: a value is not searched again. What names no value stays as it is.
    pub(crate) fn expand<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut expanded = String::new();
        let mut done = 0;
        for found in placeholders(text) {
            if let Some(named) = self.get(found.name) {
                expanded.push_str(text.get(done..found.range.start).unwrap_or_default());
                expanded.push_str(&named.value);
                done = found.range.end;
            }
        }
        match done {
            0 => text.into(),
            _ => (expanded + text.get(done..).unwrap_or_default()).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_once_whatever_their_case() {
        let mut named = NamedValues::default();
        named.put("Host", "h", false);
        named.put("loop", "{{host}}", false);
        assert_eq!(named.expand("http://{{ HOST }}/{{loop}}/{{other}}/{{"), "http://h/{{host}}/{{other}}/{{");
        assert!(matches!(named.expand("plain"), Cow::Borrowed("plain")));
        assert_eq!(named.expand(""), "");
    }

    #[test]
    fn differences_name_what_came_changed_and_went() {
        let (mut old, mut new) = (NamedValues::default(), NamedValues::default());
        for (name, before, after) in [("same", "1", "1"), ("changed", "1", "2"), ("gone", "1", ""), ("new", "", "1")] {
            if !before.is_empty() {
                old.put(name, before, false);
            }
            if !after.is_empty() {
                new.put(name, after, false);
            }
        }
        old.put("shown", "1", true);
        new.put("shown", "1", false);
        let mut differing: Vec<_> = new.differing(&old).collect();
        differing.sort_unstable();
        assert_eq!(differing, ["changed", "gone", "new", "shown"]);
    }
}
