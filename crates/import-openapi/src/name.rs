//! Resource names of operations, as the service derives them.

use std::collections::HashSet;

/// Names are cut here, before a number that keeps them apart is added.
const LONGEST: usize = 76;

/// Gives out names that are unique in one API, whatever their case.
#[derive(Default)]
pub(crate) struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// The name for an operation with this id, or for this method and path where it has none.
    pub(crate) fn operation(&mut self, id: Option<&str>, method: &str, path: &str) -> String {
        let wanted = id.map(normalised).filter(|name| !name.is_empty());
        let wanted = wanted.unwrap_or_else(|| normalised(&format!("{method}-{path}")));
        let mut name = wanted.clone();
        for number in 1.. {
            if self.taken.insert(name.clone()) {
                break;
            }
            name = format!("{wanted}-{number}");
        }
        name
    }
}

/// Lower case; each run of anything but letters and digits is one hyphen; none at the ends.
fn normalised(text: &str) -> String {
    let mut name = String::new();
    for char in text.chars() {
        if char.is_ascii_alphanumeric() {
            name.push(char.to_ascii_lowercase());
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
        if name.len() == LONGEST {
            break;
        }
    }
    name.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_with_hyphens() {
        let mut names = Names::default();
        assert_eq!(names.operation(Some("getOrderLine"), "get", "/"), "getorderline");
        assert_eq!(names.operation(Some(" Orders__List (all) "), "get", "/"), "orders-list-all");
        assert_eq!(names.operation(None, "get", "/orders/{id}/lines"), "get-orders-id-lines");
        assert_eq!(names.operation(Some("日本"), "put", "/a"), "put-a");
    }

    #[test]
    fn equal_names_get_a_number_and_long_ones_are_cut() {
        let mut names = Names::default();
        assert_eq!(names.operation(Some("A"), "get", "/"), "a");
        assert_eq!(names.operation(Some("a"), "get", "/"), "a-1");
        assert_eq!(names.operation(Some("a!"), "get", "/"), "a-2");
        assert_eq!(names.operation(Some(&"x".repeat(100)), "get", "/").len(), LONGEST);
    }
}
