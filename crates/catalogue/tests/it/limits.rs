//! What the limits count, and what they say when it is too much.

use engine::rehearse::{Outcome, in_section, rehearse, rehearse_chain};
use policy::{Scope, Section};

use super::catalogue;

const GLOBAL: &str = "<policies><inbound /><backend><forward-request /></backend></policies>";

fn answer(scope: Scope, policies: &str, backend: &str, repeat: usize) -> Outcome {
    let document = in_section(Section::Inbound, policies);
    let chain = [(scope, document.as_str()), (Scope::Global, GLOBAL)];
    rehearse_chain(&catalogue(), &chain, "GET /resource/1 HTTP/1.1", backend, repeat).unwrap()
}

fn status(outcome: &Outcome) -> &str {
    &outcome.answer[9..12]
}

/// Lines of a message that begin with `name`.
fn header<'a>(message: &'a str, name: &str) -> Vec<&'a str> {
    message.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect()
}

#[test]
fn the_limit_of_an_operation_refuses_without_counting_for_the_product() {
    let policies = "<rate-limit calls=\"9\" renewal-period=\"60\" remaining-calls-header-name=\"X-Left\" total-calls-header-name=\"X-Of\">\
                    <api name=\"Echo API\" id=\"other\" calls=\"1\" renewal-period=\"60\" />\
                    <api name=\"Echo API\" calls=\"4\" renewal-period=\"60\"><operation id=\"get-resource\" calls=\"2\" renewal-period=\"60\" /></api>\
                    </rate-limit>";
    let refused = answer(Scope::Product, policies, "", 7);
    assert_eq!(status(&refused), "429");
    assert_eq!((header(&refused.answer, "X-Left"), header(&refused.answer, "X-Of")), (vec!["0"], vec!["2"]));
    assert_eq!(refused.error.as_deref(), Some("rate-limit RateLimitExceeded inbound rate-limit[1]"));
    // Were refused calls counted for the API, it would be the one that refuses, with 4 in all.
    let admitted = answer(Scope::Product, policies, "", 2);
    assert_eq!((status(&admitted), header(&admitted.answer, "X-Left")), ("200", vec!["0"]));
}

#[test]
fn numbers_of_a_rate_limit_are_variables_too() {
    let policies = "<rate-limit calls=\"1\" renewal-period=\"60\" remaining-calls-variable-name=\"left\" retry-after-variable-name=\"wait\" />";
    let document = format!(
        "<policies><inbound>{policies}</inbound><backend><base /></backend><outbound>{}</outbound><on-error>{}</on-error></policies>",
        "<set-header name=\"X-V\"><value>@((int)context.Variables[\"left\"] + 10)</value></set-header>",
        "<set-header name=\"X-V\"><value>@((int)context.Variables[\"left\"] + (int)context.Variables[\"wait\"])</value></set-header>",
    );
    let chain = [(Scope::Api, document.as_str()), (Scope::Global, GLOBAL)];
    let run = |repeat| rehearse_chain(&catalogue(), &chain, "GET /resource/1 HTTP/1.1", "", repeat).unwrap();
    assert_eq!(header(&run(1).answer, "X-V"), ["10"]);
    assert_eq!(header(&run(2).answer, "X-V"), ["60"]);
}

#[test]
fn one_key_with_two_periods_has_two_counters_and_policies_of_one_period_share_one() {
    let by_key = |calls: u32, period: u32| {
        format!(
            "<rate-limit-by-key calls=\"{calls}\" renewal-period=\"{period}\" counter-key=\"k\" remaining-calls-header-name=\"X-{period}-{calls}\" />"
        )
    };
    let outcome = answer(Scope::Api, &[by_key(10, 1), by_key(20, 60), by_key(30, 60)].concat(), "", 3);
    let left = |name| header(&outcome.answer, name).join("");
    assert_eq!((left("X-1-10"), left("X-60-20"), left("X-60-30")), ("7".into(), "15".into(), "24".into()));
}

#[test]
fn a_count_that_is_an_expression_is_taken_at_the_end_and_the_next_call_notices() {
    let policies = "<rate-limit-by-key calls=\"10\" renewal-period=\"60\" counter-key=\"k\" remaining-calls-header-name=\"X-Left\" \
                    increment-count=\"@(context.Response.Body.As<JObject>(preserveContent: true)[&quot;tokens&quot;].Value<int>())\" />";
    let run = |repeat| answer(Scope::Api, policies, "HTTP/1.1 200 OK\n\n{\"tokens\":6}", repeat);
    assert_eq!(header(&run(1).answer, "X-Left"), ["10"]);
    assert!(run(1).answer.ends_with("{\"tokens\":6}"));
    assert_eq!(header(&run(2).answer, "X-Left"), ["4"]);
    let refused = run(3);
    assert_eq!((status(&refused), header(&refused.answer, "X-Left")), ("429", vec!["0"]));
    assert_eq!(refused.error.as_deref(), Some("rate-limit-by-key RateLimitExceeded inbound rate-limit-by-key[1]"));
}

#[test]
fn a_literal_count_is_taken_at_once() {
    let policies = "<rate-limit-by-key calls=\"10\" renewal-period=\"60\" counter-key=\"k\" increment-count=\"4\" remaining-calls-header-name=\"X-Left\" />";
    assert_eq!(header(&answer(Scope::Api, policies, "", 2).answer, "X-Left"), ["2"]);
    assert_eq!(status(&answer(Scope::Api, policies, "", 3)), "429");
    let never = policies.replace("increment-count=\"4\"", "increment-condition=\"false\"");
    assert_eq!(header(&answer(Scope::Api, &never, "", 20).answer, "X-Left"), ["10"]);
}

#[test]
fn calls_that_fail_or_are_answered_early_are_counted_at_the_end_too() {
    let limit = "<rate-limit-by-key calls=\"1\" renewal-period=\"60\" counter-key=\"k\" increment-condition=\"@(context.Response.StatusCode != 200)\" />";
    let fails = format!(
        "{limit}<check-header name=\"X-Key\" failed-check-httpcode=\"401\" failed-check-error-message=\"no\" ignore-case=\"true\" />"
    );
    assert_eq!(
        (status(&answer(Scope::Api, &fails, "", 1)), status(&answer(Scope::Api, &fails, "", 2))),
        ("401", "429")
    );
    let returns = format!("{limit}<return-response><set-status code=\"202\" /></return-response>");
    assert_eq!(
        (status(&answer(Scope::Api, &returns, "", 1)), status(&answer(Scope::Api, &returns, "", 2))),
        ("202", "429")
    );
    assert_eq!(status(&answer(Scope::Api, limit, "", 5)), "200");
}

#[test]
fn a_condition_that_fails_at_the_end_leads_to_on_error() {
    let policies = "<rate-limit-by-key id=\"mine\" calls=\"1\" renewal-period=\"60\" counter-key=\"k\" increment-condition=\"@(int.Parse(context.Response.StatusReason) > 1)\" />";
    let outcome = answer(Scope::Api, policies, "", 1);
    assert_eq!(status(&outcome), "500");
    let expected = "rate-limit-by-key ExpressionValueEvaluationFailure inbound rate-limit-by-key[1]";
    assert_eq!(outcome.error.as_deref(), Some(expected));
}

#[test]
fn a_period_that_an_expression_gives_keeps_to_the_bounds() {
    let policies = "<rate-limit-by-key calls=\"@(1 + 1)\" renewal-period=\"@(300 + context.Request.MatchedParameters.Count)\" counter-key=\"k\" />";
    let outcome = answer(Scope::Api, policies, "", 1);
    assert!(outcome.error.unwrap().contains("ExpressionValueEvaluationFailure"));
}

#[test]
fn a_quota_by_key_counts_a_request_once_however_many_policies_use_the_key() {
    let quota = |calls: u32| format!("<quota-by-key calls=\"{calls}\" renewal-period=\"300\" counter-key=\"k\" />");
    let policies = [quota(2), quota(3), quota(2)].concat();
    assert_eq!(status(&answer(Scope::Api, &policies, "", 2)), "200");
    let refused = answer(Scope::Api, &policies, "", 3);
    assert_eq!(refused.error.as_deref(), Some("quota-by-key QuotaExceeded inbound quota-by-key[1]"));
    // The stricter one decides, also where it stands second.
    let refused = answer(Scope::Api, &[quota(3), quota(2)].concat(), "", 3);
    assert_eq!(refused.error.as_deref(), Some("quota-by-key QuotaExceeded inbound quota-by-key[2]"));
    // Counted at the end, too.
    let late = "<quota-by-key calls=\"2\" renewal-period=\"300\" counter-key=\"k\" increment-condition=\"@(context.Response.StatusCode == 200)\" />";
    assert_eq!(status(&answer(Scope::Api, &late.repeat(3), "", 2)), "200");
    assert_eq!(status(&answer(Scope::Api, &late.repeat(3), "", 3)), "403");
}

#[test]
fn a_quota_is_replenished_when_its_period_ends() {
    // The stage's clock stands at 2024-05-17T12:34:56Z.
    let refusal = |start: &str, period: u32| {
        let policies = format!(
            "<quota-by-key calls=\"1\" renewal-period=\"{period}\" counter-key=\"k\" first-period-start=\"{start}\" />"
        );
        let refused = answer(Scope::Api, &policies, "", 2);
        assert_eq!(status(&refused), "403");
        (
            refused.answer.rsplit("message\": \"").next().unwrap().trim_end_matches("\" }").to_owned(),
            header(&refused.answer, "Retry-After").join(""),
        )
    };
    let text = |time: &str| format!("Out of call volume quota. Quota will be replenished in {time}.");
    assert_eq!(refusal("0001-01-01T00:00:00Z", 3600), (text("00:25:04"), "1504".into()));
    assert_eq!(refusal("2024-05-17T12:30:00Z", 300), (text("00:00:04"), "4".into()));
    assert_eq!(refusal("2030-01-01T00:00:00Z", 3600), (text("00:25:04"), "1504".into()));
    assert_eq!(refusal("2024-05-17T00:00:00+02:00", 259_200), (text("2.09:25:04"), "206704".into()));
    assert_eq!(refusal("2024-05-17T00:00:00Z", 0), ("Out of call volume quota.".into(), String::new()));
}

#[test]
fn bandwidth_is_what_went_over_the_wire_and_shows_at_the_next_call() {
    let policies = "<quota bandwidth=\"1\" calls=\"100\" renewal-period=\"3600\"><api id=\"echo\" calls=\"3\" renewal-period=\"0\" /></quota>";
    let small = "HTTP/1.1 200 OK\n\nsmall";
    let refused = answer(Scope::Product, policies, small, 4);
    assert_eq!(refused.error.as_deref(), Some("quota QuotaExceeded inbound quota[1]"));
    assert!(refused.answer.ends_with("\"Out of call volume quota.\" }"), "{}", refused.answer);
    let large = format!("HTTP/1.1 200 OK\n\n{}", "x".repeat(1024));
    assert_eq!(status(&answer(Scope::Product, policies, &large, 1)), "200");
    let refused = answer(Scope::Product, policies, &large, 2);
    assert!(
        refused.answer.contains("\"Out of bandwidth quota. Quota will be replenished in 00:25:04.\""),
        "{}",
        refused.answer
    );
    assert_eq!(header(&refused.answer, "Retry-After"), ["1504"]);
}

#[test]
fn what_is_wrong_with_a_limit_is_said_when_it_is_saved() {
    let wrong = |policies: &str| {
        let document = in_section(Section::Inbound, policies);
        format!("{:?}", rehearse(&catalogue(), &document, "GET / HTTP/1.1", "", 1).unwrap_err())
    };
    for (policies, message) in [
        ("<quota-by-key renewal-period=\"300\" counter-key=\"k\" />", "needs calls or bandwidth"),
        ("<quota-by-key calls=\"1\" renewal-period=\"299\" counter-key=\"k\" />", "neither 0 nor 300 or more"),
        (
            "<quota-by-key calls=\"1\" renewal-period=\"300\" counter-key=\"k\" first-period-start=\"soon\" />",
            "is no time as",
        ),
        (
            "<rate-limit-by-key calls=\"1\" renewal-period=\"301\" counter-key=\"k\" />",
            "301 does not lie between 1 and 300",
        ),
        (
            "<rate-limit-by-key calls=\"1\" renewal-period=\"1\" counter-key=\"k\" increment-condition=\"@(1)\" />",
            "Cannot implicitly convert type 'int' to 'bool'",
        ),
        ("<quota calls=\"1\" renewal-period=\"300\" />", "<quota>"),
        ("<limit-concurrency key=\"k\" max-count=\"@(1)\" />", "may not be an expression"),
    ] {
        let said = wrong(policies);
        assert!(said.contains(message), "{policies}: {said}");
    }
}
