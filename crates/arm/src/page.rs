//! `$top` and `$skip`, and the page that comes of them.

use serde_json::{Value, json};

use crate::{Code, Error, Result};

/// How many resources a page has at most: the service's own default.
const LARGEST: usize = 100;

/// Which part of a list the caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Resources left out at the start.
    pub skip: usize,
    /// Resources asked for in all; `None` is every one.
    pub top: Option<usize>,
}

impl Page {
    /// From the query parameters. `$top` is at least 1, `$skip` at least 0.
    pub fn parse(top: Option<&str>, skip: Option<&str>) -> Result<Self> {
        let number = |name: &str, text: Option<&str>, least: usize| match text.map(str::parse::<usize>) {
            None => Ok(None),
            Some(Ok(number)) if number >= least => Ok(Some(number)),
            Some(_) => {
                let message = format!("The query parameter {name} must be a whole number of at least {least}.");
                Err(Error::new(Code::InvalidParameters, message))
            }
        };
        Ok(Self { top: number("$top", top, 1)?, skip: number("$skip", skip, 0)?.unwrap_or(0) })
    }

    /// The page of `all` with `count` of everything and, where more follows, the link that `next` makes of the next
    /// `$top` and `$skip`.
    pub fn of(self, all: Vec<Value>, next: impl FnOnce(Option<usize>, usize) -> String) -> Value {
        let count = all.len();
        let size = self.top.unwrap_or(LARGEST).min(LARGEST);
        let value: Vec<Value> = all.into_iter().skip(self.skip).take(size).collect();
        let end = self.skip.saturating_add(value.len());
        let wanted = self.top.map(|top| top - value.len().min(top));
        let mut page = json!({ "value": value, "count": count });
        if end < count && wanted != Some(0) {
            page["nextLink"] = Value::String(next(wanted, end));
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(top: Option<&str>, skip: Option<&str>, of: usize) -> (usize, Option<String>) {
        let all = (0..of).map(Value::from).collect();
        let page = Page::parse(top, skip).unwrap().of(all, |top, skip| format!("{top:?}/{skip}"));
        (page["value"].as_array().unwrap().len(), page["nextLink"].as_str().map(str::to_owned))
    }

    #[test]
    fn a_list_is_cut_and_says_where_to_go_on() {
        assert_eq!(page(None, None, 3), (3, None));
        assert_eq!(page(Some("2"), None, 3), (2, None));
        assert_eq!(page(None, None, 150), (100, Some("None/100".into())));
        assert_eq!(page(Some("120"), None, 150), (100, Some("Some(20)/100".into())));
        assert_eq!(page(None, Some("140"), 150), (10, None));
        assert_eq!(page(None, Some("999"), 150), (0, None));
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(Page::parse(Some("0"), None).unwrap_err().status(), 400);
        assert_eq!(Page::parse(None, Some("-1")).unwrap_err().status(), 400);
    }
}
