//! The Markdown suites: in each `cs` block, an expression and after ` // ` what it comes to; in each `cs block`, the
//! statements of a block. `= text` is the value as `ToString` gives it, with `\n` for a line break; `! Name` an exception;
//! `error[CS…]` the first error.

use std::{fs, path::Path};

use crate::host::{block, expression};

#[test]
fn every_line_of_the_suites_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/md");
    let (mut count, mut wrong) = (0, Vec::new());
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let mut evaluate: Option<fn(&str) -> String> = None;
        for line in text.lines() {
            if let Some(language) = line.strip_prefix("```") {
                evaluate = match language {
                    "cs" => Some(expression),
                    "cs block" => Some(block),
                    _ => None,
                };
                continue;
            }
            let (Some((code, expected)), Some(evaluate)) = (line.rsplit_once(" // "), evaluate) else { continue };
            count += 1;
            let actual = evaluate(code.trim());
            if !holds(&actual, expected) {
                wrong.push(format!("{}: {code}\n  expected {expected}\n  actual   {actual}", path.display()));
            }
        }
    }
    assert!(count > 0, "no suites");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn holds(actual: &str, expected: &str) -> bool {
    let escaped = actual.replace('\\', "\\\\").replace('\n', "\\n");
    match expected.strip_prefix("error[").and_then(|rest| rest.strip_suffix(']')) {
        Some(code) => actual.starts_with(&format!("{code}:")),
        None if expected == "= null" => actual.is_empty() || actual == "null",
        None => expected.strip_prefix("= ").unwrap_or(expected).trim_end() == escaped.trim_end(),
    }
}
