//! Finer points of the policies that change messages.

use engine::rehearse::{Outcome, in_section, rehearse};
use policy::Section;

use super::catalogue;

fn inbound(policies: &str, given: &str) -> Outcome {
    rehearse(&catalogue(), &in_section(Section::Inbound, policies), given, "", 1).unwrap()
}

/// The lines of one header in what the backend gets.
fn sent(policies: &str, headers: &str, name: &str) -> Vec<String> {
    let message = inbound(policies, &format!("GET /resource/1 HTTP/1.1\n{headers}")).sent.unwrap();
    message.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::to_owned).collect()
}

/// The target that the backend is asked for.
fn target(policies: &str, path: &str) -> String {
    let message = inbound(policies, &format!("GET {path} HTTP/1.1")).sent.unwrap();
    message.split(' ').nth(1).unwrap().trim_start_matches("http://backend.example").to_owned()
}

#[test]
fn each_exists_action_does_what_its_name_says() {
    let set = |action: &str, headers| {
        let policy = format!(
            "<set-header name=\"x-a\" exists-action=\"{action}\"><value>new</value><value>er</value></set-header>"
        );
        sent(&policy, headers, "x-a").join("|")
    };
    assert_eq!(set("override", "X-A: old"), "new,er");
    assert_eq!(set("append", "x-a: old"), "old,new,er");
    assert_eq!(set("append", ""), "new,er");
    assert_eq!(set("skip", ""), "new,er");
    assert_eq!(set("skip", "x-a: old"), "old");
    assert_eq!(set("delete", "X-A: old\nx-a: older"), "");
}

#[test]
fn some_headers_get_a_line_for_each_value() {
    let policy =
        "<set-header name=\"Cookie\" exists-action=\"append\"><value>a=1</value><value>b=2</value></set-header>";
    assert_eq!(sent(policy, "Cookie: c=3", "Cookie"), ["c=3", "a=1", "b=2"]);
}

#[test]
fn a_value_on_several_lines_of_the_document_is_one_line_on_the_wire() {
    let policy = "<set-header name=\"X-Long\"><value>\n  first,\n  second\n</value></set-header>";
    assert_eq!(sent(policy, "", "X-Long"), ["first, second"]);
}

#[test]
fn headers_that_frame_a_message_cannot_be_set() {
    let policy = in_section(Section::Inbound, "<set-header name=\"content-length\"><value>5</value></set-header>");
    assert!(rehearse(&catalogue(), &policy, "GET / HTTP/1.1", "", 1).is_err());
}

#[test]
fn query_parameters_are_set_and_the_others_stay_as_they_were_written() {
    let set = |action: &str, values: &str, path: &str| {
        target(
            &format!("<set-query-parameter name=\"q\" exists-action=\"{action}\">{values}</set-query-parameter>"),
            path,
        )
    };
    let value = "<value>a b&amp;c</value>";
    assert_eq!(set("override", value, "/resource/1?x=%2F&q=1&q=2"), "/resource/1?x=%2F&q=a%20b%26c");
    assert_eq!(set("append", value, "/resource/1?q=1"), "/resource/1?q=1&q=a%20b%26c");
    assert_eq!(set("skip", value, "/resource/1?Q=1"), "/resource/1?Q=1");
    assert_eq!(set("delete", "", "/resource/1?q=1"), "/resource/1");
}

#[test]
fn rewriting_drops_what_the_operation_names_and_keeps_the_rest() {
    let rewrite = |attributes: &str, path: &str| target(&format!("<rewrite-uri {attributes} />"), path);
    // The operation is /resource/{id}?detail={detail}.
    assert_eq!(rewrite("template=\"/put\"", "/resource/1?detail=x&c=d"), "/put?c=d");
    assert_eq!(rewrite("template=\"/put?detail={id}\"", "/resource/1?detail=x&c=%20d"), "/put?detail=1&c=%20d");
    assert_eq!(rewrite("template=\"/put\" copy-unmatched-params=\"false\"", "/resource/1?c=d"), "/put");
    assert_eq!(rewrite("template=\"/a/{id}/b\"", "/resource/x%20y"), "/a/x%20y/b");
}

#[test]
fn rewriting_and_another_backend_go_together_in_any_order() {
    let both =
        ["<set-backend-service base-url=\"http://other.example/v3\" />", "<rewrite-uri template=\"/items/{id}\" />"];
    for policies in [both.concat(), [both[1], both[0]].concat()] {
        let sent = inbound(&policies, "GET /resource/1?c=d HTTP/1.1").sent.unwrap();
        assert!(sent.starts_with("GET http://other.example/v3/items/1?c=d HTTP/1.1\n"), "{sent}");
    }
}

#[test]
fn a_mock_is_the_declared_example() {
    let answer =
        inbound("<mock-response status-code=\"200\" content-type=\"application/json\" />", "GET /resource/1 HTTP/1.1")
            .answer;
    assert_eq!(answer, "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"id\":42}");
}

#[test]
fn a_new_body_is_not_encoded_as_the_old_one_was() {
    let policy = in_section(Section::Outbound, "<set-body>plain</set-body>");
    let backend = "HTTP/1.1 200 OK\nContent-Encoding: gzip\n\nzipped";
    let outcome = rehearse(&catalogue(), &policy, "GET /resource/1 HTTP/1.1", backend, 1).unwrap();
    assert_eq!(outcome.answer, "HTTP/1.1 200 OK\n\nplain");
}

#[test]
fn xml_in_a_literal_body_is_written_as_dotnet_writes_it() {
    let policies = "<set-method>POST</set-method><set-body><a b='1'>&amp;<c/></a></set-body>";
    let sent = inbound(policies, "GET /resource/1 HTTP/1.1").sent.unwrap();
    assert!(sent.ends_with("\n\n<a b=\"1\">&amp;<c /></a>"), "{sent}");
}

#[test]
fn a_call_of_an_unknown_origin_ends_where_the_policy_says_so() {
    let cors = |terminate| {
        let policies = format!(
            "<cors terminate-unmatched-request=\"{terminate}\"><allowed-origins><origin>https://shop.example:443</origin></allowed-origins></cors>"
        );
        move |origin: &str| inbound(&policies, &format!("GET /resource/1 HTTP/1.1\nOrigin: {origin}")).sent.is_some()
    };
    assert!(!cors(true)("https://evil.example"));
    assert!(cors(false)("https://evil.example"));
    // A port left out is the scheme's own.
    assert!(cors(true)("https://shop.example"));
}
