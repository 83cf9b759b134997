//! What the names of resources must look like.

use arm::{Error, Result};

/// A rule on the last segment of an id.
#[derive(Clone, Copy, Debug)]
pub struct NameRule {
    longest: usize,
    form: Form,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Any,
    Plain,
    Revision,
    Dns,
    Word,
    Only(&'static str),
}

impl NameRule {
    /// Whatever a path segment can hold.
    pub const fn any(longest: usize) -> Self {
        Self { longest, form: Form::Any }
    }

    /// Without `* # & + : < > ?`.
    pub const fn plain(longest: usize) -> Self {
        Self { longest, form: Form::Plain }
    }

    /// Plain, with an optional `;rev=N` at the end.
    pub const fn revision(longest: usize) -> Self {
        Self { longest, form: Form::Revision }
    }

    /// Letters, digits and dashes, as a host name wants them.
    pub const fn dns(longest: usize) -> Self {
        Self { longest, form: Form::Dns }
    }

    /// Letters, digits, `_`, and dashes inside.
    pub const fn word(longest: usize) -> Self {
        Self { longest, form: Form::Word }
    }

    /// This one name.
    pub const fn only(name: &'static str) -> Self {
        Self { longest: name.len(), form: Form::Only(name) }
    }

    /// Whether `name` fits; `title` and the rule are named in the refusal.
    pub fn check(&self, name: &str, title: &str) -> Result<()> {
        let length = name.chars().count();
        let refuse = |what: String| Err(Error::invalid("name", format!("{title} identifier '{name}' {what}")));
        if length == 0 || length > self.longest {
            return refuse(format!("must be 1 to {} characters long.", self.longest));
        }
        let plain = |text: &str| !text.contains(['*', '#', '&', '+', ':', '<', '>', '?']);
        let word = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == '_');
        match self.form {
            Form::Any => Ok(()),
            Form::Plain if plain(name) => Ok(()),
            Form::Plain => refuse("must not contain any of * # & + : < > ?".to_owned()),
            Form::Revision => match name.split_once(';') {
                None if plain(name) => Ok(()),
                Some((base, revision)) if plain(base) && !base.is_empty() && is_revision(revision) => Ok(()),
                _ => refuse("must not contain any of * # & + : < > ? and may end in ;rev=N only.".to_owned()),
            },
            Form::Dns => {
                let inner = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
                if inner && name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.ends_with('-') {
                    return Ok(());
                }
                refuse(
                    "must start with a letter, end with a letter or digit, and hold letters, digits and - only.".into(),
                )
            }
            Form::Word => {
                let inside = name.trim_start_matches('-').len() == length && !name.ends_with('-');
                if inside && word(&name.replace('-', "")) {
                    return Ok(());
                }
                refuse("may hold letters, digits, _ and, inside, - only.".to_owned())
            }
            Form::Only(only) if only.eq_ignore_ascii_case(name) => Ok(()),
            Form::Only(only) => refuse(format!("must be '{only}'.")),
        }
    }
}

fn is_revision(text: &str) -> bool {
    let number = text.get(..4).filter(|start| start.eq_ignore_ascii_case("rev=")).and_then(|_| text.get(4..));
    number.is_some_and(|number| !number.is_empty() && number.len() <= 100 && !number.contains([';', '/', '=']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_their_rule() {
        let fits = |rule: NameRule, name: &str| rule.check(name, "It").is_ok();
        assert!(
            fits(NameRule::plain(5), "a b;c") && !fits(NameRule::plain(5), "a:b") && !fits(NameRule::plain(2), "abc")
        );
        assert!(fits(NameRule::revision(80), "echo;rev=2") && !fits(NameRule::revision(80), "echo;x=2"));
        assert!(fits(NameRule::dns(50), "a-1") && !fits(NameRule::dns(50), "1a") && !fits(NameRule::dns(50), "a-"));
        assert!(
            fits(NameRule::word(80), "a-b_c") && !fits(NameRule::word(80), "-a") && !fits(NameRule::word(80), "a b")
        );
        assert!(fits(NameRule::only("policy"), "POLICY") && !fits(NameRule::only("policy"), "other"));
    }
}
