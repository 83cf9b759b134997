//! `send-request`, `send-one-way-request`, `wait` and what their calls hold.

use policy::entity::ClientCertificate;

use crate::stage::{
    Act::{self, Answers, AnswersAfter, Fails},
    Played, Stage,
};

/// `policies` in inbound, a backend that is called, and on-error as given.
fn document(policies: &str) -> String {
    format!("<policies><inbound>{policies}</inbound><backend><forward-request /></backend></policies>")
}

/// Answers with what an expression gives.
fn tell(expression: &str) -> String {
    format!("<return-response><set-body>@({expression})</set-body></return-response>")
}

const R: &str = "((IResponse)context.Variables[\"r\"])";

/// What an expression says of a variable after a call to a service that does `act`.
fn after(call: &str, script: impl Fn(&str, usize) -> Act + 'static, expression: &str) -> Played {
    Stage::new(document(&format!("{call}{}", tell(expression))), script).play()
}

#[test]
fn a_new_call_is_an_empty_get_of_its_own() {
    let call =
        "<send-request response-variable-name=\"r\"><set-url>http://other.example/x?y=1</set-url></send-request>";
    let played = after(call, |_, _| Answers(200, "hi"), &format!("{R}.Body.As<string>()"));
    assert_eq!(played.calls, ["0 GET http://other.example/x?y=1"]);
    assert_eq!(played.answer, "200 hi");
}

#[test]
fn the_children_of_a_call_change_the_call_and_nothing_else() {
    let call = "<send-request mode=\"new\" response-variable-name=\"r\"><set-url>@(\"http://other.example/\" + context.Request.Method)</set-url>\
                <set-method>PUT</set-method><set-header name=\"X-Own\"><value>@(context.Request.Headers.GetValueOrDefault(\"X-Client\"))</value></set-header>\
                <set-body>@(\"was \" + context.Request.Method)</set-body><authentication-basic username=\"u\" password=\"p\" /></send-request>";
    let played = Stage::new(document(call), |_, _| Answers(200, "")).play();
    assert_eq!(
        played.calls,
        [
            "0 PUT http://other.example/GET X-Own=ann Authorization=Basic dTpw was GET",
            "0 GET http://backend.example/orders?page=2 X-Client=ann",
        ]
    );
}

#[test]
fn a_call_may_stand_in_every_section_with_all_its_children() {
    let call = "<send-request response-variable-name=\"r\"><set-url>http://other.example</set-url><set-method>POST</set-method>\
                <authentication-basic username=\"u\" password=\"p\" /></send-request>";
    let document = format!(
        "<policies><inbound>{call}</inbound><backend>{call}</backend><outbound>{call}<set-variable name=\"x\" value=\"@(int.Parse(&quot;x&quot;))\" />\
         </outbound><on-error>{call}</on-error></policies>"
    );
    let played = Stage::new(document, |_, _| Answers(200, "")).play();
    assert_eq!(played.calls, vec!["0 POST http://other.example/ Authorization=Basic dTpw"; 4]);
}

#[test]
fn a_copy_has_method_url_headers_and_body_of_the_request_which_keeps_them() {
    let call = "<set-header name=\"X-Own\"><value>1</value></set-header><send-request mode=\"copy\" response-variable-name=\"r\" />";
    let played = Stage::new(document(call), |_, _| Answers(200, "")).given("POST", "hello").play();
    let line = "0 POST http://backend.example/orders?page=2 X-Client=ann X-Own=1 hello";
    assert_eq!(played.calls, [line, line]);
}

#[test]
fn a_copy_goes_elsewhere_with_other_parts_if_its_children_say_so() {
    let call = "<send-request mode=\"copy\" response-variable-name=\"r\"><set-url>http://other.example/</set-url><set-method>PATCH</set-method>\
                <set-header name=\"X-Client\" exists-action=\"delete\" /><set-body>bye</set-body></send-request>";
    let played = Stage::new(document(call), |_, _| Answers(200, "")).given("POST", "hello").play();
    assert_eq!(
        played.calls,
        ["0 PATCH http://other.example/ bye", "0 POST http://backend.example/orders?page=2 X-Client=ann hello"]
    );
}

#[test]
fn the_body_of_a_call_may_be_a_template_over_the_body_of_the_request() {
    let call = "<send-request response-variable-name=\"r\"><set-url>http://other.example</set-url><set-method>POST</set-method>\
                <set-body template=\"liquid\">who={{body}} {{context.Request.Method}}</set-body></send-request>";
    let played = Stage::new(document(call), |_, _| Answers(200, "")).given("PUT", "ann").play();
    assert_eq!(played.calls[0], "0 POST http://other.example/ who=ann PUT");
    assert!(played.calls[1].ends_with(" ann"), "{:?}", played.calls);
}

#[test]
fn the_mode_may_be_an_expression() {
    let call = "<send-request mode=\"@(&quot;co&quot; + &quot;py&quot;)\" response-variable-name=\"r\" />";
    let played = Stage::new(document(call), |_, _| Answers(200, "")).play();
    assert_eq!(played.calls.len(), 2);
    let call = "<send-request mode=\"@(&quot;ne&quot; + &quot;w&quot;)\" response-variable-name=\"r\" />";
    let played = Stage::new(document(call), |_, _| Answers(200, "")).play();
    assert_eq!(played.error.as_deref(), Some("send-request UrlNotFound send-request[1]"));
}

#[test]
fn the_answer_is_an_iresponse_with_status_headers_and_body() {
    let call = "<send-request response-variable-name=\"r\"><set-url>http://other.example</set-url></send-request>";
    let say = format!(
        "{R}.StatusCode + \" \" + {R}.StatusReason + \" \" + {R}.Headers.GetValueOrDefault(\"X-ANSWER\") + \" \" + \
         {R}.Body.As<JObject>()[\"a\"] + \" \" + {R}.Body.As<string>().Length"
    );
    let played = after(call, |_, _| Answers(201, "{\"a\": 7}"), &say);
    assert_eq!(played.answer, "200 201 Created yes,twice 7 8");
}

#[test]
fn an_error_status_is_an_answer() {
    let call = "<send-request response-variable-name=\"r\"><set-url>http://other.example</set-url></send-request>";
    let played = after(call, |_, _| Answers(503, "no"), &format!("{R}.StatusCode + {R}.Body.As<string>()"));
    assert_eq!((played.answer.as_str(), played.error), ("200 503no", None));
}

#[test]
fn a_service_that_cannot_be_reached_is_a_failure_with_a_reason() {
    let call = "<send-request response-variable-name=\"r\"><set-url>http://other.example</set-url></send-request>";
    let played = Stage::new(document(call), |_, _| Fails).play();
    assert_eq!(played.error.as_deref(), Some("send-request BackendConnectionFailure send-request[1]"));
    assert!(played.answer.starts_with("500 "), "{}", played.answer);
}

#[test]
fn a_call_takes_sixty_seconds_at_most_or_what_timeout_says() {
    for (timeout, at) in [("", 60), ("timeout=\"7\"", 7), ("timeout=\"@(3 + 1)\"", 4)] {
        let call = format!(
            "<send-request response-variable-name=\"r\" {timeout}><set-url>http://other.example</set-url></send-request>"
        );
        let played = Stage::new(document(&call), |_, _| AnswersAfter(100, 200, "")).play();
        assert_eq!(played.error.as_deref(), Some("send-request Timeout send-request[1]"));
        assert_eq!(played.over, at);
    }
}

#[test]
fn an_error_that_is_ignored_leaves_null() {
    let call = "<send-request response-variable-name=\"r\" ignore-error=\"true\" timeout=\"5\"><set-url>http://other.example</set-url></send-request>";
    let say = "context.Variables.ContainsKey(\"r\") && context.Variables[\"r\"] == null ? \"null\" : \"something\"";
    assert_eq!(after(call, |_, _| Fails, say).answer, "200 null");
    let late = after(call, |_, _| AnswersAfter(9, 200, ""), say);
    assert_eq!((late.answer.as_str(), late.over), ("200 null", 5));
}

#[test]
fn a_one_way_call_neither_delays_nor_fails_the_exchange_and_outlives_it() {
    let call = "<send-one-way-request timeout=\"20\"><set-url>http://other.example/hook</set-url><set-method>POST</set-method>\
                <set-body>@(context.Request.Headers.GetValueOrDefault(\"X-Client\"))</set-body></send-one-way-request>";
    let slow = |url: &str, _| if url.contains("other") { AnswersAfter(10, 500, "") } else { Answers(200, "done") };
    let played = Stage::new(document(call), slow).play();
    assert_eq!((played.answer.as_str(), played.over, played.error), ("200 done", 0, None));
    let mut calls = played.calls;
    calls.sort();
    assert_eq!(
        calls,
        ["0 GET http://backend.example/orders?page=2 X-Client=ann", "0 POST http://other.example/hook ann"]
    );
    let down = |url: &str, _| if url.contains("other") { Fails } else { Answers(200, "done") };
    let played = Stage::new(document(call), down).play();
    assert_eq!((played.answer.as_str(), played.calls.len()), ("200 done", 2));
}

const TWO: &str = "<send-request response-variable-name=\"r\"><set-url>http://one.example</set-url></send-request>\
                   <send-request response-variable-name=\"s\"><set-url>http://two.example</set-url></send-request>";

fn both(what: &str) -> String {
    let say = "string.Join(\" \", new[] { \"r\", \"s\" }.Select(n => context.Variables.ContainsKey(n) ? ((IResponse)context.Variables[n]).Body.As<string>() : \"-\"))";
    document(&format!("<wait for=\"{what}\">{TWO}</wait>{}", tell(say)))
}

#[test]
fn wait_for_all_calls_at_the_same_time_and_has_every_answer() {
    let script = |url: &str, _| if url.contains("one") { AnswersAfter(5, 200, "1") } else { AnswersAfter(3, 200, "2") };
    let played = Stage::new(both("all"), script).play();
    assert_eq!(played.calls, ["0 GET http://one.example/", "0 GET http://two.example/"]);
    assert_eq!((played.answer.as_str(), played.over), ("200 1 2", 5));
}

#[test]
fn wait_for_any_has_the_first_answer_and_gives_up_the_others() {
    let script = |url: &str, _| if url.contains("one") { AnswersAfter(5, 200, "1") } else { AnswersAfter(3, 200, "2") };
    let played = Stage::new(both("any"), script).play();
    assert_eq!((played.answer.as_str(), played.over), ("200 - 2", 3));
}

#[test]
fn wait_for_any_passes_over_failures_as_long_as_somebody_may_answer() {
    let script = |url: &str, _| if url.contains("one") { Fails } else { AnswersAfter(3, 200, "2") };
    let played = Stage::new(both("any"), script).play();
    assert_eq!((played.answer.as_str(), played.error), ("200 - 2", None));
    let played = Stage::new(both("any"), |_, _| Fails).play();
    assert_eq!(played.error.as_deref(), Some("send-request BackendConnectionFailure wait[1]/send-request[1]"));
}

#[test]
fn wait_for_all_fails_with_the_first_failure() {
    let script = |url: &str, _| if url.contains("two") { Fails } else { AnswersAfter(9, 200, "1") };
    let played = Stage::new(both("all"), script).play();
    assert_eq!(played.error.as_deref(), Some("send-request BackendConnectionFailure wait[1]/send-request[2]"));
    assert_eq!(played.over, 0);
}

#[test]
fn branches_in_wait_run_at_the_same_time_too() {
    let branch = |name: &str| {
        format!(
            "<choose><when condition=\"@(context.Request.Method == &quot;GET&quot;)\"><send-request response-variable-name=\"{name}\">\
             <set-url>http://{name}.example</set-url></send-request><set-variable name=\"{name}2\" \
             value=\"@(((IResponse)context.Variables[&quot;{name}&quot;]).StatusCode)\" /></when></choose>"
        )
    };
    let say = "(int)context.Variables[\"a2\"] + (int)context.Variables[\"b2\"]";
    let wait = format!("<wait>{}{}</wait>{}", branch("a"), branch("b"), tell(&format!("({say}).ToString()")));
    let played = Stage::new(document(&wait), |_, _| AnswersAfter(4, 201, "")).play();
    assert_eq!((played.answer.as_str(), played.over, played.calls.len()), ("200 402", 4, 2));
}

#[test]
fn a_branch_in_wait_may_answer_the_client() {
    let wait = "<wait><choose><when condition=\"true\"><send-request response-variable-name=\"r\"><set-url>http://one.example</set-url></send-request>\
                <return-response><set-status code=\"418\" /></return-response></when></choose>\
                <send-request response-variable-name=\"s\"><set-url>http://two.example</set-url></send-request></wait>";
    let script = |url: &str, _| if url.contains("one") { Answers(200, "") } else { AnswersAfter(50, 200, "") };
    let played = Stage::new(document(wait), script).play();
    assert_eq!((played.answer.as_str(), played.over), ("418", 0));
}

#[test]
fn a_call_may_go_through_a_proxy_with_a_certificate() {
    let certificate =
        ClientCertificate { id: "Partner".into(), thumbprint: "AB12".into(), ..ClientCertificate::default() };
    let children = ["certificate-id=\"partner\"", "thumbprint=\"ab:12\"", "certificate-id=\"@(&quot;PARTNER&quot;)\""];
    for child in children {
        let call = format!(
            "<send-request response-variable-name=\"r\"><set-url>https://other.example</set-url><authentication-certificate {child} />\
             <proxy url=\"http://proxy.example:8080\" username=\"u\" password=\"p\" /></send-request><return-response />"
        );
        let played = Stage::new(document(&call), |_, _| Answers(200, "")).certificate(certificate.clone()).play();
        let (shown, proxy, _) = played.last.unwrap();
        assert_eq!(&*shown.unwrap().id, "Partner");
        assert_eq!(proxy.unwrap().url.to_string(), "http://proxy.example:8080/");
    }
}

#[test]
fn what_a_call_holds_does_not_stick_to_the_request() {
    let certificate = ClientCertificate { id: "partner".into(), ..ClientCertificate::default() };
    let call = "<send-request response-variable-name=\"r\"><set-url>https://other.example</set-url><authentication-certificate certificate-id=\"partner\" />\
                <proxy url=\"http://proxy.example:8080\" /></send-request>";
    let played = Stage::new(document(call), |_, _| Answers(200, "")).certificate(certificate.clone()).play();
    assert!(matches!(played.last, Some((None, None, _))));
    let own = "<authentication-certificate certificate-id=\"partner\" /><proxy url=\"@(&quot;http://proxy.example:&quot; + 8080)\" />";
    let played = Stage::new(document(own), |_, _| Answers(200, "")).certificate(certificate).play();
    assert!(matches!(played.last, Some((Some(_), Some(_), _))));
}

#[test]
fn a_certificate_that_is_not_there_is_a_failure() {
    let played =
        Stage::new(document("<authentication-certificate thumbprint=\"00\" />"), |_, _| Answers(200, "")).play();
    assert_eq!(
        played.error.as_deref(),
        Some("authentication-certificate CertificateNotFound authentication-certificate[1]")
    );
}
