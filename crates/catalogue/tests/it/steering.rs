//! `retry`, `forward-request`, `set-backend-service`, `emit-metric` and tokens of the machine's identity, in time.

use base::Secret;
use policy::{Url, tokens::TokenEndpoint};

use crate::stage::{
    Act::{Answers, AnswersAfter, Fails},
    Played, Stage,
};

/// `policies` in backend.
fn backend(policies: &str) -> String {
    format!("<policies><inbound /><backend>{policies}</backend></policies>")
}

/// The seconds at which other services were called.
fn seconds(played: &Played) -> Vec<u64> {
    played.calls.iter().map(|call| call.split(' ').next().unwrap().parse().unwrap()).collect()
}

/// When a backend that never works is called, with these attributes of `retry`.
fn tries(attributes: &str) -> Vec<u64> {
    let retry = format!(
        "<retry condition=\"@(context.Response.StatusCode == 500)\" {attributes}><forward-request buffer-request-body=\"true\" /></retry>"
    );
    seconds(&Stage::new(backend(&retry), |_, _| Answers(500, "")).play())
}

#[test]
fn retry_waits_the_interval_each_time() {
    assert_eq!(tries("count=\"3\" interval=\"10\""), [0, 10, 20, 30]);
}

#[test]
fn with_delta_the_waits_grow_by_it() {
    assert_eq!(tries("count=\"3\" interval=\"10\" delta=\"5\""), [0, 10, 25, 45]);
}

#[test]
fn with_max_interval_the_waits_grow_exponentially_up_to_it() {
    assert_eq!(tries("count=\"5\" interval=\"10\" delta=\"10\" max-interval=\"100\""), [0, 10, 30, 70, 150, 250]);
    assert_eq!(tries("count=\"2\" interval=\"10\" max-interval=\"4\""), [0, 4, 8]);
}

#[test]
fn the_first_retry_may_come_at_once() {
    assert_eq!(tries("count=\"3\" interval=\"10\" delta=\"5\" first-fast-retry=\"true\""), [0, 0, 15, 35]);
}

#[test]
fn every_attribute_of_retry_may_be_an_expression() {
    assert_eq!(tries("count=\"@(1 + 1)\" interval=\"@(4 + 1)\" first-fast-retry=\"@(1 > 2)\""), [0, 5, 10]);
    let retry = "<retry condition=\"true\" count=\"@(51)\" interval=\"1\"><forward-request /></retry>";
    let played = Stage::new(backend(retry), |_, _| Answers(200, "")).play();
    assert_eq!(played.error.as_deref(), Some("retry ExpressionValueEvaluationFailure retry[1]"));
}

#[test]
fn retry_ends_as_soon_as_the_condition_does_not_hold() {
    let retry = "<retry condition=\"@(context.Response.StatusCode >= 500)\" count=\"10\" interval=\"1\"><forward-request /></retry>";
    let played = Stage::new(backend(retry), |_, number| Answers(if number < 3 { 503 } else { 200 }, "there")).play();
    assert_eq!((seconds(&played), played.answer.as_str()), (vec![0, 1, 2], "200 there"));
}

#[test]
fn the_condition_may_read_the_body_of_the_answer_without_another_call() {
    let retry = "<retry condition=\"@(context.Response.Body.As<string>(true) == &quot;again&quot;)\" count=\"5\" interval=\"1\"><forward-request /></retry>";
    let played = Stage::new(backend(retry), |_, number| Answers(200, if number < 3 { "again" } else { "done" })).play();
    assert_eq!((seconds(&played), played.answer.as_str()), (vec![0, 1, 2], "200 done"));
}

#[test]
fn a_backend_that_cannot_be_reached_is_tried_again_if_the_condition_holds_for_the_pending_error() {
    let retry = "<retry condition=\"@(context.Response.StatusCode == 500 &amp;&amp; context.LastError.Reason == &quot;BackendConnectionFailure&quot;)\" \
                 count=\"5\" interval=\"2\"><forward-request /></retry>";
    let played = Stage::new(backend(retry), |_, number| if number < 3 { Fails } else { Answers(200, "back") }).play();
    assert_eq!((seconds(&played), played.answer.as_str(), played.error), (vec![0, 2, 4], "200 back", None));
}

#[test]
fn a_failure_goes_on_where_the_condition_does_not_hold_or_no_try_is_left() {
    let retry = |condition: &str| {
        format!("<retry condition=\"{condition}\" count=\"2\" interval=\"1\"><forward-request /></retry>")
    };
    for (condition, count) in [("false", 1), ("true", 3), ("@(context.Variables[&quot;x&quot;] == null)", 1)] {
        let played = Stage::new(backend(&retry(condition)), |_, _| Fails).play();
        assert_eq!(
            played.error.as_deref(),
            Some("forward-request BackendConnectionFailure retry[1]/forward-request[1]")
        );
        assert_eq!(played.calls.len(), count, "{condition}");
    }
}

#[test]
fn a_buffered_body_is_sent_with_every_try() {
    let retry = "<retry condition=\"@(context.Response.StatusCode == 500)\" count=\"2\" interval=\"1\"><forward-request buffer-request-body=\"true\" /></retry>";
    let played = Stage::new(backend(retry), |_, _| Answers(500, "")).given("POST", "hello").play();
    assert!(played.calls.len() == 3 && played.calls.iter().all(|call| call.ends_with(" hello")), "{:?}", played.calls);
}

#[test]
fn retry_holds_any_policies_and_a_response_ends_it() {
    let retry = "<retry condition=\"true\" count=\"9\" interval=\"1\">\
                 <set-variable name=\"n\" value=\"@(context.Variables.GetValueOrDefault&lt;int&gt;(&quot;n&quot;) + 1)\" />\
                 <choose><when condition=\"@((int)context.Variables[&quot;n&quot;] == 3)\"><return-response><set-body>enough</set-body></return-response></when></choose></retry>";
    let played = Stage::new(backend(retry), |_, _| Answers(200, "")).play();
    assert_eq!((played.answer.as_str(), played.over), ("200 enough", 2));
}

#[test]
fn forward_request_gives_up_after_its_timeout() {
    for (attributes, at) in [("timeout=\"7\"", 7), ("timeout-ms=\"9000\"", 9), ("timeout=\"@(2 * 2)\"", 4), ("", 300)] {
        let document = backend(&format!("<forward-request {attributes} />"));
        let played = Stage::new(document, |_, _| AnswersAfter(1000, 200, "")).play();
        assert_eq!(played.error.as_deref(), Some("forward-request Timeout forward-request[1]"));
        assert_eq!((played.over, &played.answer[..3]), (at, "500"));
    }
}

#[test]
fn an_error_of_the_backend_is_a_failure_only_if_it_shall_be() {
    let document = |attributes: &str| backend(&format!("<forward-request {attributes} />"));
    for (status, error) in [(399, None), (400, Some(())), (599, Some(())), (600, None)] {
        let played =
            Stage::new(document("fail-on-error-status-code=\"true\""), move |_, _| Answers(status, "x")).play();
        let expected = error.map(|()| "forward-request BackendErrorStatusCode forward-request[1]");
        assert_eq!(played.error.as_deref(), expected, "{status}");
    }
    assert_eq!(Stage::new(document(""), |_, _| Answers(500, "x")).play().answer, "500 x");
}

#[test]
fn continue_timeout_reaches_the_sender() {
    let played = Stage::new(backend("<forward-request continue-timeout=\"3\" />"), |_, _| Answers(200, "")).play();
    assert_eq!(played.last.unwrap().2, Some(std::time::Duration::from_secs(3)));
}

#[test]
fn a_base_url_overrides_a_base_url_of_a_broader_scope() {
    let global = "<policies><inbound><set-backend-service base-url=\"http://global.example/v1\" /></inbound><backend><forward-request /></backend></policies>";
    let api = "<policies><inbound><base /><set-backend-service base-url=\"http://api.example/v2\" /></inbound><backend><base /></backend></policies>";
    let played = Stage::new(api, |_, _| Answers(200, "")).global(global).play();
    assert_eq!(played.calls, ["0 GET http://api.example/v2/orders?page=2 X-Client=ann"]);
}

#[test]
fn a_metric_is_emitted_with_its_dimensions() {
    let metric = "<emit-metric name=\"calls\" namespace=\"shop\" value=\"@(1.5 + 1)\"><dimension name=\"API ID\" /><dimension name=\"Product ID\" />\
                  <dimension name=\"who\" value=\"@(context.Request.Headers.GetValueOrDefault(&quot;X-Client&quot;))\" /></emit-metric>\
                  <emit-metric name=\"plain\"><dimension name=\"Api Id\" value=\"own\" /></emit-metric>";
    let played = Stage::new(backend(metric), |_, _| Answers(200, "")).play();
    let dimensions = |at: usize| {
        let all = played.emitted[at].dimensions.iter().map(|(name, value)| format!("{name}={value}"));
        all.collect::<Vec<_>>().join(" ")
    };
    let [first, second] = &played.emitted[..] else { panic!("{:?}", played.emitted) };
    assert_eq!((&*first.service, &*first.namespace, &*first.name, first.value), ("contoso", "shop", "calls", 2.5));
    assert_eq!(dimensions(0), "API ID=echo Product ID=None who=ann");
    assert_eq!((&*second.namespace, second.value, dimensions(1).as_str()), ("API Management", 1.0, "Api Id=own"));
}

#[test]
fn a_value_that_is_no_number_is_a_failure() {
    let metric = "<emit-metric name=\"m\" value=\"@(&quot;many&quot;)\"><dimension name=\"API ID\" /></emit-metric>";
    let played = Stage::new(backend(metric), |_, _| Answers(200, "")).play();
    assert_eq!(played.error.as_deref(), Some("emit-metric ExpressionValueEvaluationFailure emit-metric[1]"));
}

/// A document that logs in with a token of the machine's identity.
fn login(attributes: &str) -> String {
    format!(
        "<policies><inbound><authentication-managed-identity resource=\"https://vault.example/\" {attributes} /></inbound>\
         <backend><forward-request /></backend></policies>"
    )
}

fn metadata() -> TokenEndpoint {
    TokenEndpoint::InstanceMetadata(Url::parse("http://metadata.example/token").unwrap())
}

const TOKEN: &str = "{\"access_token\": \"eyJ0\", \"expires_in\": \"3599\", \"resource\": \"https://vault.example/\"}";

#[test]
fn a_token_of_the_machine_is_fetched_once_and_sent_as_bearer() {
    let played = Stage::new(login(""), |_, _| Answers(200, TOKEN)).tokens_from(metadata()).times(2).play();
    let call = "0 GET http://backend.example/orders?page=2 X-Client=ann Authorization=Bearer eyJ0";
    let asked = "0 GET http://metadata.example/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.example%2F Metadata=true";
    assert_eq!(played.calls, [asked, call, call]);
}

#[test]
fn the_endpoint_of_app_service_gets_its_secret_and_the_client_id() {
    let url = Url::parse("http://localhost:42/msi/token").unwrap();
    let endpoint = TokenEndpoint::AppService { url, secret: Secret::new("s3cr3t".into()) };
    let expires = "{\"access_token\": \"eyJ1\", \"expires_on\": \"1700009999\"}";
    let played = Stage::new(login("client-id=\"me\""), move |_, _| Answers(200, expires)).tokens_from(endpoint).play();
    assert_eq!(
        played.calls[0],
        "0 GET http://localhost:42/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fvault.example%2F&client_id=me X-IDENTITY-HEADER=s3cr3t"
    );
    assert!(played.calls[1].ends_with("Authorization=Bearer eyJ1"), "{:?}", played.calls);
}

#[test]
fn without_a_token_the_exchange_fails_or_goes_on_as_the_policy_says() {
    let refuse = |url: &str, _| if url.contains("metadata") { Answers(400, "{}") } else { Answers(200, "ok") };
    let played = Stage::new(login(""), refuse).tokens_from(metadata()).play();
    let error = "authentication-managed-identity TokenAcquisitionFailure authentication-managed-identity[1]";
    assert_eq!((played.error.as_deref(), &played.answer[..3]), (Some(error), "500"));
    let played = Stage::new(login("ignore-error=\"true\""), refuse).tokens_from(metadata()).play();
    assert_eq!(played.calls.last().unwrap(), "0 GET http://backend.example/orders?page=2 X-Client=ann");
    let played = Stage::new(login(""), |_, _| Answers(200, "ok")).play();
    assert_eq!(played.error.as_deref(), Some(error));
}

#[test]
fn a_token_in_a_variable_sets_no_header() {
    let document = login("output-token-variable-name=\"t\"").replace(
        "</inbound>",
        "<set-header name=\"X-Own\"><value>@((string)context.Variables[\"t\"])</value></set-header></inbound>",
    );
    let played = Stage::new(document, |_, _| Answers(200, TOKEN)).tokens_from(metadata()).play();
    assert!(played.calls[1].ends_with("X-Client=ann X-Own=eyJ0"), "{:?}", played.calls);
}
