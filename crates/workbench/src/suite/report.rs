//! What came of tests, for people, for build servers and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json as value};

use super::{FileReport, Report, TestReport};
use crate::check::plural;

/// A line for each test, what went wrong below those that failed, and the sums.
pub fn human(report: &Report, colour: bool) -> String {
    let paint =
        |text: &str, code: &str| if colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() };
    let mut text = String::new();
    for file in &report.files {
        text.push_str(&format!("{}\n", paint(&file.path, "1")));
        if let Some(error) = &file.error {
            text.push_str(&format!("  {} {}\n", paint("FAIL", "31"), indented(error, "       ").trim_start()));
        }
        for test in &file.tests {
            if test.failures.is_empty() {
                text.push_str(&format!("  {} {}\n", paint("ok  ", "32"), test.name));
                continue;
            }
            text.push_str(&format!("  {} {}\n", paint("FAIL", "31"), test.name));
            for failure in &test.failures {
                text.push_str(&indented(failure, "       "));
            }
            if !test.trace.is_empty() {
                text.push_str("       what happened:\n");
                text.push_str(&indented(&test.trace, "       "));
            }
        }
    }
    let (all, failed) = report.counts();
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&format!("{} in {}: ", plural(all, "test"), plural(report.files.len(), "file")));
    text.push_str(&match failed {
        0 => format!("{}\n", paint("all passed", "32")),
        failed => format!("{} passed, {}\n", all - failed, paint(&format!("{failed} failed"), "31")),
    });
    let covered = report.covered();
    let sums = covered.sums();
    if sums.all_policies > 0 {
        text.push_str(&format!(
            "coverage: {} of {} ran ({} %), {} of {} of conditions came ({} %)\n",
            sums.policies,
            plural_y(sums.all_policies),
            percent(sums.policies, sums.all_policies),
            sums.branches,
            plural(sums.all_branches, "outcome"),
            percent(sums.branches, sums.all_branches),
        ));
        for gap in covered.gaps() {
            text.push_str(&format!("  {gap}\n"));
        }
    }
    text
}

fn plural_y(count: usize) -> String {
    format!("{count} {}", if count == 1 { "policy" } else { "policies" })
}

fn percent(part: usize, whole: usize) -> usize {
    (part * 100).checked_div(whole).unwrap_or(100)
}

fn indented(text: &str, by: &str) -> String {
    text.lines().map(|line| format!("{by}{line}\n")).collect()
}

/// The JUnit format that build servers read.
pub fn junit(report: &Report) -> String {
    let (all, failed) = report.counts();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    text.push_str(&format!(
        "<testsuites name=\"tollgate policy test\" tests=\"{all}\" failures=\"{failed}\" errors=\"0\">\n"
    ));
    for file in &report.files {
        suite(file, &mut text);
    }
    text.push_str("</testsuites>\n");
    text
}

fn suite(file: &FileReport, text: &mut String) {
    let alone = file.error.as_ref().map(|error| TestReport {
        name: "the file can be read".into(),
        failures: vec![error.clone()],
        ..TestReport::default()
    });
    let tests: Vec<&TestReport> = alone.iter().chain(&file.tests).collect();
    let failed = tests.iter().filter(|test| !test.failures.is_empty()).count();
    let name = escaped(&file.path);
    text.push_str(&format!(
        "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\">\n",
        tests.len()
    ));
    for test in tests {
        let title = escaped(&test.name);
        // Whoever reads it wants no virtual seconds beside real ones.
        text.push_str(&format!("    <testcase classname=\"{name}\" name=\"{title}\" file=\"{name}\" time=\"0\""));
        let Some(first) = test.failures.first() else {
            text.push_str(" />\n");
            continue;
        };
        let message = escaped(first.lines().next().unwrap_or_default());
        let mut whole = test.failures.join("\n");
        if !test.trace.is_empty() {
            let _ = write!(whole, "\nwhat happened:\n{}", test.trace);
        }
        text.push_str(&format!(
            ">\n      <failure message=\"{message}\">{}</failure>\n    </testcase>\n",
            escaped(&whole)
        ));
    }
    text.push_str("  </testsuite>\n");
}

/// Text in XML. Characters that XML 1.0 does not have become question marks.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' | '\r' => out.push(character),
            control if control < ' ' || matches!(control, '\u{fffe}' | '\u{ffff}') => out.push('?'),
            other => out.push(other),
        }
    }
    out
}

/// All of it for programs.
pub fn json(report: &Report) -> Value {
    let files = report.files.iter().map(|file| {
        let tests: Vec<Value> = file
            .tests
            .iter()
            .map(|test| {
                let passed = test.failures.is_empty();
                value!({ "name": test.name, "passed": passed, "failures": test.failures, "trace": test.trace })
            })
            .collect();
        value!({ "path": file.path, "error": file.error, "tests": tests })
    });
    let files: Vec<Value> = files.collect();
    let (all, failed) = report.counts();
    value!({
        "files": files,
        "summary": { "tests": all, "passed": all - failed, "failed": failed },
        "coverage": report.covered().json(),
    })
}
