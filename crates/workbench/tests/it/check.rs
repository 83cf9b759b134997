//! What a check says of documents and of trees.

use policy::Scope;
use serde_json::Value;
use workbench::check::{File, Options, check, human, json, sarif};

use crate::catalogue;

fn file(path: &str, text: &str) -> File {
    File { path: path.into(), text: text.into(), named: false }
}

fn inbound(policies: &str) -> String {
    format!("<policies>\n  <inbound>\n    {policies}\n  </inbound>\n</policies>\n")
}

fn findings(text: &str, options: Options) -> Vec<String> {
    let report = check(catalogue(), vec![file("a.api.xml", text)], options);
    let found = report.documents.iter().flat_map(|document| &document.findings);
    found.map(|one| format!("{:?} {}", one.severity, one.code)).collect()
}

#[test]
fn a_finding_shows_its_line_and_a_mark() {
    let text = inbound("<set-headr name=\"X\"><value>1</value></set-headr>");
    let report = check(catalogue(), vec![file("orders.api.xml", &text)], Options::default());
    assert!(report.is_refused());
    let text = human(&report, false);
    let expected = "\
error[PX0100]: There is no policy <set-headr>.
 --> orders.api.xml:3:6
  |
3 |     <set-headr name=\"X\"><value>1</value></set-headr>
  |      ^^^^^^^^^
  |
  = help: Did you mean <set-header>?

1 document checked: 1 error, 0 warnings
";
    assert_eq!(text, expected);
}

#[test]
fn what_the_tree_lacks_and_what_does_not_run_yet_are_warnings_unless_strict() {
    let text = inbound(
        r#"<set-header name="X-{{env}}" exists-action="override"><value>@("{{token}}" + 1)</value></set-header>
           <include-fragment fragment-id="elsewhere" />
           <set-backend-service backend-id="orders" />
           <rate-limit calls="{{calls}}" renewal-period="60" />
           <publish-to-dapr topic="x" pubsub-name="y">@("z")</publish-to-dapr>"#,
    );
    let lax = findings(&text, Options::default());
    assert!(lax.iter().all(|found| found.starts_with("Warning")), "{lax:?}");
    for code in ["PX0101", "PX0120", "PX0122", "PX0123"] {
        assert!(lax.iter().any(|found| found.ends_with(code)), "{code} {lax:?}");
    }
    let strict = findings(&text, Options { strict: true, ..Options::default() });
    assert!(strict.iter().all(|found| found.starts_with("Error")), "{strict:?}");
}

#[test]
fn a_named_value_that_is_code_is_of_unknown_type_and_the_rest_is_still_checked() {
    let fine = inbound(
        r#"<choose><when condition="@({{flag}} == "true" && context.Request.Body.As<JObject>()["n"].Value<int>() <= {{weight}})"><base /></when></choose>"#,
    );
    // `<base />` stands in the wrong place; the condition is right whatever the values are.
    assert_eq!(findings(&fine, Options::default()), ["Warning PX0123", "Warning PX0123", "Error PX0100"]);
    let wrong = inbound(r#"<set-variable name="x" value="@({{weight}} + context.Reqest.Method)" />"#);
    assert_eq!(findings(&wrong, Options::default()), ["Warning PX0123", "Error CS1061"]);
}

#[test]
fn fragments_named_values_and_backends_of_the_tree_are_used() {
    let document = inbound(
        "<include-fragment fragment-id=\"greeting\" />\n<rate-limit calls=\"{{calls}}\" renewal-period=\"60\" />\n<set-backend-service backend-id=\"orders\" />",
    );
    let files = vec![
        file("apis/a/policy.xml", &document),
        file(
            "policy fragments/greeting/policy.xml",
            "<fragment><set-header name=\"X\"><value>{{env}}</value></set-header></fragment>",
        ),
        file(
            "named values/calls/namedValueInformation.json",
            r#"{"properties": {"displayName": "calls", "value": "3"}}"#,
        ),
        file(
            "named values/env/namedValueInformation.json",
            r#"{"properties": {"displayName": "env", "value": "prod"}}"#,
        ),
        file("backends/orders/backendInformation.json", r#"{"properties": {"url": "http://orders.example"}}"#),
        file("pom.xml", "<project />"),
    ];
    let report = check(catalogue(), files, Options::default());
    assert_eq!(
        human(&report, false),
        "2 documents checked: nothing to complain about (1 other file left out: no policy documents)\n"
    );
}

#[test]
fn the_scope_is_that_of_the_path_or_the_one_that_suits() {
    let quota = inbound("<quota calls=\"5\" renewal-period=\"3600\" />");
    let codes = |path: &str, options: Options| -> Vec<String> {
        let report = check(catalogue(), vec![file(path, &quota)], options);
        report.documents[0]
            .findings
            .iter()
            .map(|found| found.code.to_string())
            .filter(|code| code != "PX0101")
            .collect()
    };
    let at = |scope| Options { scope: Some(scope), ..Options::default() };
    assert!(codes("loose.xml", Options::default()).is_empty());
    assert!(codes("products/starter/policy.xml", Options::default()).is_empty());
    assert!(codes("apis/a/policy.xml", at(Scope::Product)).is_empty());
}

#[test]
fn json_and_sarif_name_lines_and_columns() {
    let text = inbound("<set-headr />");
    let report = check(catalogue(), vec![file("a b/orders.api.xml", &text)], Options::default());
    let machine = json(&report);
    assert_eq!(machine["summary"]["errors"], 1);
    let finding = &machine["documents"][0]["findings"][0];
    assert_eq!((&finding["line"], &finding["column"], &finding["endColumn"]), (&3.into(), &6.into(), &15.into()));
    assert_eq!(machine["documents"][0]["scope"], "api");
    let sarif = sarif(&report, "1.2.3");
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "PX0100");
    let result = &run["results"][0];
    assert_eq!(
        (&result["ruleId"], &result["ruleIndex"], &result["level"]),
        (&"PX0100".into(), &0.into(), &"error".into())
    );
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b/orders.api.xml");
    assert_eq!(place["region"]["startLine"], Value::from(3));
}

#[test]
fn a_file_that_somebody_names_must_be_a_document() {
    let named = File { named: true, ..file("notes.xml", "<notes />") };
    let report = check(catalogue(), vec![named], Options::default());
    assert_eq!(report.documents[0].findings[0].code, "PX0130");
}
