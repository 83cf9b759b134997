//! Test files on documents that stand in them.

use std::collections::BTreeMap;

use workbench::{
    stage::Text,
    suite::{self, Files, Report},
};

use crate::catalogue;

/// Files in memory.
#[derive(Default)]
struct Memory {
    files: BTreeMap<&'static str, &'static str>,
    fragments: Vec<(String, Text)>,
}

impl Files for Memory {
    fn read(&self, _: &str, path: &str) -> Result<Text, String> {
        let text = self.files.get(path).ok_or_else(|| format!("there is no {path}"))?;
        Ok(Text { path: path.into(), text: (*text).into() })
    }

    fn fragments(&self) -> &[(String, Text)] {
        &self.fragments
    }
}

fn run(files: &Memory, tests: &str) -> Report {
    let tests = [Text { path: "a.test.yaml".into(), text: tests.into() }];
    suite::run(catalogue(), files, &tests, None)
}

/// What went wrong in the only test of a file whose document has these inbound policies.
fn failures(inbound: &str, test: &str) -> Vec<String> {
    let inbound: String = inbound.lines().map(|line| format!("    {line}\n")).collect();
    let test: String = test.lines().map(|line| format!("    {line}\n")).collect();
    let text = format!(
        "policy: |\n  <policies>\n  <inbound><base />\n{inbound}  </inbound>\n  <backend><base /></backend>\n  <outbound><base /></outbound>\n  <on-error><base /></on-error>\n  </policies>\nrequest: GET /a HTTP/1.1\ntests:\n  - name: it\n{test}"
    );
    let report = run(&Memory::default(), &text);
    let file = &report.files[0];
    assert_eq!(file.error, None, "{text}");
    file.tests[0].failures.clone()
}

#[test]
fn what_is_as_expected_passes() {
    let inbound = r#"<set-variable name="n" value="@(40 + 2)" /><set-header name="X"><value>1</value></set-header>"#;
    let test = "\
answers:
  - to: GET http://backend.example/a
    respond: |
      HTTP/1.1 201 Created
      X-From: backend

      {\"a\": [1, {\"b\": 2}], \"c\": 3}
expect:
  status: 201
  reason: Created
  headers: { X-From: backend, X-Gone: null }
  body-contains: '\"c\": 3'
  body-json: { a: [1, { b: 2 }] }
  variables: { n: 42, other: null }
  error: null
  calls:
    - to: GET http://backend.example/*
      headers: { X: \"1\" }
  elapsed: 0s";
    assert_eq!(failures(inbound, test), [""; 0]);
}

#[test]
fn what_differs_is_said_with_a_difference_of_lines() {
    let inbound = "<return-response><set-status code=\"418\" /><set-body>@(\"one\\ntwo\")</set-body></return-response>";
    let test = "\
expect:
  status: 200
  headers: { X: y }
  body: |
    one
    three
  calls: [GET http://backend.example/a]
  variables: { v: 1 }
  error: { reason: Gone }";
    assert_eq!(
        failures(inbound, test),
        [
            "status: expected 200, got 418",
            "header X: expected \"y\", got none",
            "body:\n  one\n- three\n+ two\n",
            "calls:\n- GET http://backend.example/a\n",
            "variable v: expected 1, got null",
            "error: expected one, got none",
        ]
    );
}

#[test]
fn time_is_the_tests_own() {
    let inbound = r#"<rate-limit calls="1" renewal-period="60" />"#;
    let test = "\
clock: 2030-01-01T00:00:00Z
steps:
  - expect: { status: 200 }
  - expect: { status: 429, error: { source: rate-limit, reason: RateLimitExceeded } }
  - after: 61s
    expect: { status: 200 }";
    assert_eq!(failures(inbound, test), [""; 0]);
    let clock = r#"<return-response><set-body>@(DateTime.UtcNow.ToString("o"))</set-body></return-response>"#;
    let test = "clock: 2030-01-02T03:04:05Z\nexpect: { body-contains: 2030-01-02T03:04:05 }";
    assert_eq!(failures(clock, test), [""; 0]);
}

#[test]
fn services_answer_in_turn_late_or_never() {
    let test = "\
answers:
  - { times: 1, respond: HTTP/1.1 500 Oops }
  - { times: 1, delay: 2s }
  - fail: connection
steps:
  - expect: { status: 500 }
  - expect: { status: 200, elapsed: 2s }
  - expect: { status: 500, error: { reason: BackendConnectionFailure } }";
    assert_eq!(failures("", test), [""; 0]);
    let test = "answers: [{ fail: timeout }]\nexpect: { status: 500, error: { reason: Timeout }, elapsed: 5m }";
    assert_eq!(failures("", test), [""; 0]);
}

#[test]
fn a_call_that_no_answer_fits_fails_the_test() {
    let found = failures("", "answers: [{ to: GET http://other.example/* }]\nexpect: { status: 500 }");
    assert_eq!(found, ["unexpected call: GET http://backend.example/a (no answer of the test fits it)"]);
}

#[test]
fn a_context_says_who_calls_and_what() {
    let inbound = r#"<return-response><set-body>@(context.Api.Name + "|" + context.User.Groups.First().Name + "|" + context.Request.MatchedParameters["id"] + "|" + (context.Product == null) + "|" + ((JObject)context.Variables["v"])["x"] + "|" + context.Request.OriginalUrl.Path)</set-body></return-response>"#;
    let test = "\
request: GET /shop/orders/7 HTTP/1.1
context:
  Api: { Name: Shop, Path: shop }
  Operation: { UrlTemplate: '/orders/{id}' }
  Product: null
  User: { Groups: [{ Name: Partners }] }
  Variables: { v: { x: 1 } }
expect: { body: Shop|Partners|7|True|1|/shop/orders/7 }";
    assert_eq!(failures(inbound, test), [""; 0]);
}

#[test]
fn a_file_that_is_wrong_says_where() {
    let report = run(&Memory::default(), "policy: a.xml\nnamed-valuess: {}\ntests: []");
    let error = report.files[0].error.clone().unwrap();
    assert!(error.contains("named-valuess") && error.contains("line 2"), "{error}");
    let report = run(&Memory::default(), "policy: a.xml\ntests: [{ name: x, expect: {} }]");
    assert_eq!(report.files[0].error.as_deref(), Some("there is no a.xml"));
    let broken = "policy: <policies><inbound><set-headr /></inbound></policies>\nrequest: GET / HTTP/1.1\ntests: [{ name: x, expect: {} }]";
    let report = run(&Memory::default(), broken);
    assert!(report.files[0].tests[0].failures[0].contains("error[PX0100]: There is no policy <set-headr>."));
    assert_eq!(report.counts(), (1, 1));
}

const DOCUMENT: &str = "\
<policies>
  <inbound>
    <choose>
      <when condition=\"@(context.Request.Method == \"GET\")\">
        <set-header name=\"A\"><value>@(context.Request.Headers.ContainsKey(\"B\") ? \"x\" : \"y\")</value></set-header>
      </when>
      <otherwise>
        <include-fragment fragment-id=\"f\" />
      </otherwise>
    </choose>
  </inbound>
</policies>";

fn covered() -> Report {
    let mut files = Memory::default();
    files.files.insert("d.xml", DOCUMENT);
    let fragment = "<fragment>\n  <set-header name=\"F\"><value>1</value></set-header>\n</fragment>";
    files.fragments.push(("f".into(), Text { path: "fragments/f.xml".into(), text: fragment.into() }));
    run(
        &files,
        "policy: d.xml\nrequest: GET /a HTTP/1.1\ntests:\n  - { name: one, expect: { status: 200 } }\n  - { name: two, expect: { status: 404 } }",
    )
}

#[test]
fn coverage_tells_what_never_ran() {
    let report = covered();
    let covered = report.covered();
    let sums = covered.sums();
    assert_eq!((sums.policies, sums.all_policies, sums.branches, sums.all_branches), (2, 4, 2, 4));
    assert_eq!(
        covered.gaps(),
        [
            "d.xml:8 include-fragment never ran (choose[1]/otherwise[1]/include-fragment[1])",
            "d.xml:4 never false: context.Request.Method == \"GET\"",
            "d.xml:5 never true: context.Request.Headers.ContainsKey(\"B\")",
            "fragments/f.xml:2 set-header never ran (choose[1]/otherwise[1]/include-fragment[1]/set-header[1])",
        ]
    );
    let lcov = covered.lcov();
    assert!(
        lcov.starts_with("TN:\nSF:d.xml\nBRDA:4,0,0,2\nBRDA:4,0,1,0\nBRDA:5,0,0,0\nBRDA:5,0,1,2\nBRF:4\nBRH:2\n"),
        "{lcov}"
    );
    assert!(lcov.contains("SF:fragments/f.xml\nBRF:0\nBRH:0\nDA:2,0\nLF:1\nLH:0\nend_of_record\n"), "{lcov}");
}

#[test]
fn reports_are_for_people_and_for_build_servers() {
    let report = covered();
    let text = suite::human(&report, false);
    assert!(
        text.starts_with(
            "a.test.yaml\n  ok   one\n  FAIL two\n       status: expected 404, got 200\n       what happened:\n"
        ),
        "{text}"
    );
    assert!(text.contains("2 tests in 1 file: 1 passed, 1 failed\ncoverage: 2 of 4 policies ran (50 %)"), "{text}");
    let junit = suite::junit(&report);
    assert!(junit.contains("<testsuite name=\"a.test.yaml\" tests=\"2\" failures=\"1\" errors=\"0\">"), "{junit}");
    assert!(junit.contains("<failure message=\"status: expected 404, got 200\">"), "{junit}");
    let json = suite::json(&report);
    assert_eq!(json["summary"]["failed"], 1);
    assert_eq!(json["files"][0]["tests"][0]["passed"], true);
}
