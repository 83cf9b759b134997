//! C# in policies: what it gives, where it is wrong, and what named values have to do with it.

use engine::rehearse::{Outcome, Refused, in_section, rehearse};
use policy::Section;

use super::catalogue;

fn run(policies: &str) -> Outcome {
    rehearse(&catalogue(), &in_section(Section::Inbound, policies), "GET /resource/1 HTTP/1.1", "", 1).unwrap()
}

/// What the expression becomes as a header's value; none if there is no such header.
fn value(expression: &str) -> String {
    let sent = run(&format!("<set-header name=\"X-V\"><value>{expression}</value></set-header>")).sent.unwrap();
    sent.lines().find_map(|line| line.strip_prefix("X-V: ")).unwrap_or_default().to_owned()
}

#[test]
fn values_are_what_to_string_says() {
    assert_eq!(value("@(1 + 2)"), "3");
    assert_eq!(value("@(1 < 2 && \"a\" != \"b\")"), "True");
    assert_eq!(value("@(\"a\" + 1 + 'c')"), "a1c");
    assert_eq!(value("@{ var sum = 0; foreach (var n in new[] { 1, 2, 3 }) { sum += n; } return sum; }"), "6");
    assert_eq!(value("<![CDATA[@(1 < 2 ? \"<\" : \"&\")]]>"), "<");
}

#[test]
fn named_values_may_be_code_text_or_whole_expressions() {
    assert_eq!(value("@(\"{{env}}\" + 1)"), "prod1");
    assert_eq!(value("@(\"{{env}}\".Length + {{number}})"), "46");
}

#[test]
fn conditions_choose() {
    let ring = |condition: &str| {
        let branch = |name: &str| format!("<set-header name=\"X-V\"><value>{name}</value></set-header>");
        let sent = run(&format!(
            "<choose><when condition=\"{condition}\">{}</when><otherwise>{}</otherwise></choose>",
            branch("then"),
            branch("else")
        ));
        sent.sent.unwrap().lines().find_map(|line| line.strip_prefix("X-V: ")).unwrap().to_owned()
    };
    assert_eq!(ring("@(1 < 2)"), "then");
    assert_eq!(ring("@(\"a\" == \"b\")"), "else");
}

#[test]
fn what_is_wrong_has_its_place_in_the_document() {
    let text = "<policies><inbound>\n<set-header name=\"X\"><value>@(\"a\" +\n  nothing)</value></set-header></inbound></policies>";
    let Err(Refused::Document(found)) = rehearse(&catalogue(), text, "GET / HTTP/1.1", "", 1) else {
        panic!("it is wrong")
    };
    let shown: Vec<_> = found.iter().map(|found| (found.code.as_ref(), found.span.of(text))).collect();
    assert_eq!(shown, [("CS0103", "nothing")]);
}

#[test]
fn a_condition_must_be_a_bool() {
    let policies = "<choose><when condition=\"@(1 + 1)\" /><when condition=\"@(\"true\")\" /></choose>";
    let text = in_section(Section::Inbound, policies);
    let Err(Refused::Document(found)) = rehearse(&catalogue(), &text, "GET / HTTP/1.1", "", 1) else {
        panic!("it is wrong")
    };
    let shown: Vec<_> = found.iter().map(|found| (found.message.as_str(), found.span.of(&text))).collect();
    assert_eq!(
        shown,
        [
            ("Cannot implicitly convert type 'int' to 'bool'", "@(1 + 1)"),
            ("Cannot implicitly convert type 'string' to 'bool'", "@(\"true\")"),
        ]
    );
}

#[test]
fn an_exception_leads_to_on_error() {
    let outcome = run("<set-header name=\"X\"><value>@{ string s = null; return s.Length; }</value></set-header>");
    assert_eq!(outcome.error.as_deref(), Some("set-header ExpressionValueEvaluationFailure inbound set-header[1]"));
    assert!(outcome.answer.starts_with("HTTP/1.1 500 "), "{}", outcome.answer);
}

#[test]
fn a_value_that_fits_nowhere_is_a_fault_too() {
    let outcome = run("<set-header name=\"X\"><value>@(\"a\\nb: c\")</value></set-header>");
    assert_eq!(outcome.error.as_deref(), Some("set-header ExpressionValueEvaluationFailure inbound set-header[1]"));
    assert_eq!(outcome.sent, None);
}
