//! `tollgate policy`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{Done, tollgate};

/// The worked example of `docs/policy-testing.md`.
fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/policies")
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn on(folder: &Path, before: &[&str], after: &[&str]) -> Done {
    let folder = folder.to_str().unwrap();
    tollgate(&[before, &[folder], after].concat())
}

const GOOD: &str = "<policies>\n    <inbound>\n        <base />\n    </inbound>\n</policies>\n";
const BAD: &str = "<policies><inbound><set-headr /></inbound></policies>";

#[test]
fn check_ends_with_one_only_if_a_document_is_wrong() {
    let good = folder(&[("apis/a/policy.xml", GOOD), ("readme.md", "x"), ("node_modules/b.xml", BAD)]);
    let done = on(good.path(), &["policy", "check"], &[]);
    assert_eq!((done.code, done.out.as_str()), (0, "1 document checked: nothing to complain about\n"));
    let bad = folder(&[("apis/a/policy.xml", GOOD), ("apis/b/policy.xml", BAD)]);
    let done = on(bad.path(), &["policy", "check"], &[]);
    assert_eq!((done.code, done.err.as_str()), (1, ""));
    assert!(done.out.ends_with("2 documents checked: 1 error, 0 warnings\n"), "{}", done.out);
    let missing = "<policies><inbound><include-fragment fragment-id=\"x\" /></inbound></policies>";
    let lacking = folder(&[("a.xml", missing)]);
    assert_eq!(on(lacking.path(), &["policy", "check"], &[]).code, 0);
    assert_eq!(on(lacking.path(), &["policy", "check"], &["--strict"]).code, 1);
}

#[test]
fn check_prints_json_and_sarif() {
    let bad = folder(&[("a.xml", BAD)]);
    let json: Value = serde_json::from_str(&on(bad.path(), &["policy", "check"], &["--format", "json"]).out).unwrap();
    assert_eq!(json["summary"]["errors"], 1);
    let sarif: Value = serde_json::from_str(&on(bad.path(), &["policy", "check"], &["--format", "sarif"]).out).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "PX0100");
}

#[test]
fn what_cannot_be_done_says_what_to_do() {
    let empty = folder(&[("readme.md", "x")]);
    for (command, hint) in
        [("check", "files end with .xml"), ("fmt", "files end with .xml"), ("test", "end with .test.yaml")]
    {
        let done = on(empty.path(), &["policy", command], &[]);
        assert_eq!(done.code, 2, "{command}");
        assert!(done.err.starts_with("error: ") && done.err.contains(hint), "{}", done.err);
    }
    let done = tollgate(&["policy", "check", "not-there"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("cannot read not-there"), "{}", done.err);
    let done = on(empty.path(), &["policy", "check", "--scope", "tenat"], &[]);
    assert!(done.err.contains("the scopes are global, workspace, product, api and operation"), "{}", done.err);
}

#[test]
fn fmt_rewrites_what_is_not_laid_out_and_check_only_names_it() {
    let tree = folder(&[
        ("a.xml", "<policies><inbound><base/></inbound></policies>"),
        ("b.xml", GOOD),
        ("c.xml", "<project/>"),
    ]);
    let checked = on(tree.path(), &["policy", "fmt", "--check"], &[]);
    assert_eq!(checked.code, 1);
    assert!(
        checked.out.ends_with("a.xml\n") && checked.err.contains("1 of 2 documents are not laid out"),
        "{}",
        checked.err
    );
    let done = on(tree.path(), &["policy", "fmt"], &[]);
    assert_eq!((done.code, done.out.as_str()), (0, "1 of 2 documents laid out anew\n"));
    assert_eq!(fs::read_to_string(tree.path().join("a.xml")).unwrap(), GOOD);
    assert_eq!(on(tree.path(), &["policy", "fmt", "--check"], &[]).code, 0);
}

#[test]
fn the_worked_example_is_checked_laid_out_and_passes_its_tests() {
    let checked = on(&examples(), &["policy", "check"], &[]);
    assert_eq!(checked.code, 0, "{}", checked.out);
    assert_eq!(on(&examples(), &["policy", "fmt", "--check"], &[]).code, 0);
    let out = tempfile::tempdir().unwrap();
    let (junit, lcov) = (out.path().join("junit.xml"), out.path().join("coverage.info"));
    let files = ["--junit", junit.to_str().unwrap(), "--coverage", lcov.to_str().unwrap()];
    let tested = on(&examples(), &["policy", "test"], &files);
    assert_eq!(tested.code, 0, "{}", tested.out);
    assert!(tested.out.contains("8 tests in 1 file: all passed\ncoverage: "), "{}", tested.out);
    assert!(fs::read_to_string(junit).unwrap().contains("tests=\"8\" failures=\"0\""));
    assert!(fs::read_to_string(lcov).unwrap().contains("orders.api.xml\n"));
    let one = on(&examples(), &["policy", "test", "--filter", "discount"], &["--format", "json"]);
    let json: Value = serde_json::from_str(&one.out).unwrap();
    assert_eq!(json["summary"]["tests"], 1);
}

#[test]
fn a_test_that_fails_ends_with_one() {
    let tree = folder(&[
        ("d.xml", "<policies><inbound><return-response /></inbound></policies>"),
        (
            "d.test.yaml",
            "policy: d.xml\nrequest: GET / HTTP/1.1\ntests: [{ name: is not found, expect: { status: 404 } }]",
        ),
    ]);
    let done = on(tree.path(), &["policy", "test"], &[]);
    assert_eq!(done.code, 1);
    assert!(done.out.contains("FAIL is not found\n       status: expected 404, got 200\n"), "{}", done.out);
}

#[test]
fn run_prints_the_response_and_what_happened() {
    let tree = examples();
    let at = |path: &str| tree.join(path).to_str().unwrap().to_owned();
    let (document, request) = (at("orders.api.xml"), at("messages/get-order.http"));
    let (backend, context) = (at("messages/order-7.http"), at("messages/context.yaml"));
    let beta = ["--named-value", "beta-tenant=contoso"];
    let run = |more: &[&str]| {
        let fixed = ["policy", "run", &document, "--request", &request, "--backend", &backend, "--context", &context];
        tollgate(&[&fixed[..], more].concat())
    };
    // Without the backend entity the document does not compile, and says so at its place.
    let broken = run(&beta);
    assert_eq!(broken.code, 1);
    assert!(broken.err.contains("There is no backend \"orders-beta\"."), "{}", broken.err);
    let beta = [&beta[..], &["--entity", "orders-beta=http://beta.example/v2"]].concat();
    let done = run(&beta);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.out.starts_with("HTTP/1.1 200 OK\nContent-Type: application/json\n"), "{}", done.out);
    for part in
        ["GET http://beta.example/v2/7?expand=lines", "discount = 10", "choose[1]/when[2]/set-backend-service[1]"]
    {
        assert!(done.out.contains(part), "{part}\n{}", done.out);
    }
    let json: Value = serde_json::from_str(&run(&[&beta[..], &["--format", "json"]].concat()).out).unwrap();
    assert_eq!(json["response"]["status"], 200);
    assert_eq!(json["variables"]["discount"], 10);
    assert_eq!(json["trace"]["traceEntries"]["inbound"][0]["source"], "api-inspector");
}
