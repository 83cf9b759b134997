//! Placeholders of named values: `{{name}}`.

use std::ops::Range;

/// One placeholder in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placeholder<'a> {
    /// The name between the braces, without the space around it.
    pub name: &'a str,
    /// All of it, braces included.
    pub range: Range<usize>,
}

/// The placeholders of `text` in order. A name is letters, digits, `.`, `-` and `_`: everything else between double
/// braces (Liquid, C# braces in a row) is left alone.
pub fn placeholders(text: &str) -> impl Iterator<Item = Placeholder<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let open = from + text.get(from..)?.find("{{")?;
            // In `{{{name}}}` the inner braces belong to the placeholder.
            let run = text.get(open..)?.bytes().take_while(|byte| *byte == b'{').count();
            let start = open + run;
            let Some(length) = text.get(start..)?.find("}}") else {
                from = start;
                continue;
            };
            let name = text.get(start..start + length)?.trim();
            if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)) {
                from = start + length + 2;
                return Some(Placeholder { name, range: start - 2..from });
            }
            from = start;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_names_between_double_braces() {
        let text = "a{{b}} {{ c-d.e }}{{ x | y }}{{}}@({{f}} == \"{{g_1}}\"){{{h}}} $\"{{ {i} }}\"";
        let names: Vec<_> = placeholders(text).map(|found| (found.name, &text[found.range.clone()])).collect();
        assert_eq!(
            names,
            [("b", "{{b}}"), ("c-d.e", "{{ c-d.e }}"), ("f", "{{f}}"), ("g_1", "{{g_1}}"), ("h", "{{h}}")]
        );
    }
}
