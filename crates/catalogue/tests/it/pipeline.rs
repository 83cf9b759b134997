//! What becomes of an exchange: sections, `<base />`, faults, limits.

use engine::rehearse::{Outcome, in_section, rehearse, rehearse_chain};
use policy::{Catalogue, Exchange, Fault, Flow, Policy, PolicyDef, Scope, Section, Step, exchange::Side};

use super::catalogue;

/// Runs a document on a GET.
fn run(document: &str) -> Outcome {
    rehearse(&catalogue(), document, "GET /resource/1 HTTP/1.1", "HTTP/1.1 200 OK\nX-From: backend", 1).unwrap()
}

fn mark(name: &str) -> String {
    format!("<set-header name=\"X-Trail\" exists-action=\"append\"><value>{name}</value></set-header>")
}

/// Lines of a message that begin with `name`.
fn header<'a>(message: &'a str, name: &str) -> Vec<&'a str> {
    message.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).collect()
}

#[test]
fn base_puts_the_broader_scope_where_it_stands() {
    let document = |before: &str, base: &str, after: &str| {
        let backend = "<backend><base /></backend><outbound><base /></outbound>";
        format!("<policies><inbound>{}{base}{}</inbound>{backend}</policies>", mark(before), mark(after))
    };
    let global = format!(
        "<policies><inbound>{}<base /></inbound><backend><forward-request /></backend></policies>",
        mark("global")
    );
    let trail = |api: &str, product: &str| {
        let chain = [(Scope::Api, api), (Scope::Product, product), (Scope::Global, global.as_str())];
        let outcome = rehearse_chain(&catalogue(), &chain, "GET /resource/1 HTTP/1.1", "", 1).unwrap();
        header(&outcome.sent.unwrap(), "X-Trail").join("|")
    };
    let (api, product) = (document("api1", "<base />", "api2"), document("product1", "<base />", "product2"));
    assert_eq!(trail(&api, &product), "api1,product1,global,product2,api2");
    // Without base nothing is inherited.
    assert_eq!(trail(&document("api1", "", "api2"), &product), "api1,api2");
    assert_eq!(trail(&api, &document("product1", "", "product2")), "api1,product1,product2,api2");
}

#[test]
fn without_forward_request_the_response_is_an_empty_200_and_outbound_runs() {
    let outcome = run(&format!("<policies><inbound /><backend /><outbound>{}</outbound></policies>", mark("out")));
    assert_eq!(outcome, Outcome { sent: None, answer: "HTTP/1.1 200 OK\nX-Trail: out\n".into(), error: None });
}

#[test]
fn return_response_ends_everything() {
    let outcome = run(&format!(
        "<policies><inbound><return-response><set-status code=\"203\" reason=\"Mine\" /><set-header name=\"X-A\"><value>1</value>\
         </set-header><set-body>hi</set-body></return-response>{}</inbound><backend><base /></backend><outbound>{}</outbound></policies>",
        mark("inbound"),
        mark("outbound")
    ));
    assert_eq!(outcome.answer, "HTTP/1.1 203 Mine\nX-A: 1\n\nhi");
    assert_eq!(outcome.sent, None);
}

#[test]
fn a_fault_skips_the_rest_and_shows_where_it_happened() {
    let outcome = run(&format!(
        "<policies><inbound><choose><when condition=\"false\" /><when condition=\"true\"><check-header id=\"c\" name=\"X-Key\" \
         failed-check-httpcode=\"418\" failed-check-error-message=\"No &quot;key&quot;\" ignore-case=\"true\" /></when></choose></inbound>\
         <backend><base /></backend><outbound>{}</outbound><on-error>{}</on-error></policies>",
        mark("outbound"),
        mark("on-error")
    ));
    assert_eq!(outcome.error.as_deref(), Some("check-header HeaderNotFound inbound choose[1]/when[2]/check-header[1]"));
    assert_eq!(
        outcome.answer,
        "HTTP/1.1 418 I'm a teapot\nContent-Type: application/json\nX-Trail: on-error\n\n\
         { \"statusCode\": 418, \"message\": \"No \\\"key\\\"\" }"
    );
    assert_eq!(outcome.sent, None);
}

#[test]
fn on_error_may_answer_as_it_likes() {
    let outcome =
        run("<policies><inbound><ip-filter action=\"forbid\"><address>203.0.113.7</address></ip-filter></inbound>\
         <on-error><return-response><set-status code=\"404\" /></return-response></on-error></policies>");
    assert_eq!(outcome.answer, "HTTP/1.1 404 Not Found\n");
    assert_eq!(outcome.error.as_deref(), Some("ip-filter CallerIpBlocked inbound ip-filter[1]"));
}

#[test]
fn a_call_past_the_rate_is_refused_with_the_time_to_wait() {
    let policies = "<rate-limit calls=\"2\" renewal-period=\"30\" remaining-calls-header-name=\"X-Left\" />";
    let document = in_section(Section::Inbound, policies);
    let last = |repeat| rehearse(&catalogue(), &document, "GET /resource/1 HTTP/1.1", "", repeat).unwrap();
    assert_eq!(header(&last(2).answer, "X-Left"), ["0"]);
    let refused = last(3);
    assert_eq!(refused.sent, None);
    assert_eq!(refused.error.as_deref(), Some("rate-limit RateLimitExceeded inbound rate-limit[1]"));
    let wait: u64 = header(&refused.answer, "Retry-After")[0].parse().unwrap();
    assert_eq!(wait, 30);
    assert!(refused.answer.starts_with("HTTP/1.1 429 Too Many Requests\n"));
    let body =
        format!("{{ \"statusCode\": 429, \"message\": \"Rate limit is exceeded. Try again in {wait} seconds.\" }}");
    assert!(refused.answer.ends_with(&body), "{}", refused.answer);
}

#[test]
fn a_page_of_a_known_origin_may_read_errors_too() {
    let policies = "<cors><allowed-origins><origin>https://shop.example</origin></allowed-origins></cors>\
                    <ip-filter action=\"forbid\"><address>203.0.113.7</address></ip-filter>";
    let given = "GET /resource/1 HTTP/1.1\nOrigin: https://shop.example";
    let outcome = rehearse(&catalogue(), &in_section(Section::Inbound, policies), given, "", 1).unwrap();
    assert!(outcome.answer.starts_with("HTTP/1.1 403 Forbidden\n"));
    assert_eq!(header(&outcome.answer, "Access-Control-Allow-Origin"), ["https://shop.example"]);
}

#[test]
fn a_preflight_without_cors_in_scope_is_an_ordinary_request() {
    let given = "OPTIONS /resource/1 HTTP/1.1\nOrigin: https://shop.example\nAccess-Control-Request-Method: PUT";
    let outcome =
        rehearse(&catalogue(), "<policies><backend><forward-request /></backend></policies>", given, "", 1).unwrap();
    assert!(outcome.sent.unwrap().starts_with("OPTIONS "));
    let cors = "<cors><allowed-origins><origin>https://other.example</origin></allowed-origins></cors>";
    let outcome = rehearse(&catalogue(), &in_section(Section::Inbound, cors), given, "", 1).unwrap();
    assert_eq!(outcome, Outcome { sent: None, answer: "HTTP/1.1 200 OK\n".into(), error: None });
}

#[test]
fn a_cors_policy_in_a_fragment_answers_preflights() {
    let given = "OPTIONS /resource/1 HTTP/1.1\nOrigin: https://shop.example\nAccess-Control-Request-Method: PUT";
    let document = in_section(Section::Inbound, "<include-fragment fragment-id=\"shop\" />");
    let outcome = rehearse(&catalogue(), &document, given, "", 1).unwrap();
    assert_eq!(header(&outcome.answer, "Access-Control-Allow-Origin"), ["https://shop.example"]);
    assert_eq!(outcome.sent, None);
}

#[test]
fn a_panic_is_a_500_that_on_error_sees() {
    let document =
        format!("<policies><inbound><explode /></inbound><on-error>{}</on-error></policies>", mark("on-error"));
    let outcome = rehearse(&with_test_policies(), &document, "GET /resource/1 HTTP/1.1", "", 1).unwrap();
    assert_eq!(
        outcome.answer,
        "HTTP/1.1 500 Internal Server Error\nContent-Type: application/json\nX-Trail: on-error\n\n\
         { \"statusCode\": 500, \"message\": \"Internal server error\", \"activityId\": \"11111111-1111-4111-9111-111111111111\" }"
    );
    assert_eq!(outcome.error.as_deref(), Some("gateway InternalError inbound "));
}

#[test]
fn a_step_that_needs_a_body_runs_again_once_it_is_there() {
    let document =
        format!("<policies><inbound><measure />{}</inbound><backend><base /></backend></policies>", mark("once"));
    let given = "POST /resource/1 HTTP/1.1\n\n12345";
    let outcome = rehearse(&with_test_policies(), &document, given, "", 1).unwrap();
    let sent = outcome.sent.unwrap();
    assert_eq!((header(&sent, "X-Length"), header(&sent, "X-Trail")), (vec!["5"], vec!["once"]));
}

#[test]
fn what_an_expression_changed_before_it_waited_for_a_body_is_taken_back() {
    let change = "var list = (JArray)context.Variables[\"list\"]; list.Add(1); if (list.Count == 1) { list.Add(context.Request.Body.As<string>()); }";
    let steps = [
        "<stream />",
        "<set-variable name=\"list\" value=\"@(new JArray())\" />",
        "<set-variable name=\"same\" value=\"@(context.Variables[&quot;list&quot;])\" />",
        &format!("<set-header name=\"X-Own\"><value>@{{ {change} return list.Count; }}</value></set-header>"),
        "<set-header name=\"X-Same\"><value>@(string.Join(\"|\", (JArray)context.Variables[\"same\"]))</value></set-header>",
    ];
    let document = format!("<policies><inbound>{}</inbound><backend><base /></backend></policies>", steps.concat());
    let outcome = rehearse(&with_test_policies(), &document, "POST /resource/1 HTTP/1.1\n\nabc", "", 1).unwrap();
    let sent = outcome.sent.unwrap();
    assert_eq!((header(&sent, "X-Own"), header(&sent, "X-Same")), (vec!["2"], vec!["1|abc"]));
}

#[test]
fn an_expression_that_meets_no_body_on_its_way_leaves_the_stream_alone() {
    let steps = [
        "<stream />",
        "<set-header name=\"X-V\"><value>@(context.Request.Method == \"GET\" ? context.Request.Body.As<string>() : \"no\")</value></set-header>",
        "<set-header name=\"X-Whole\"><value>@(context.Request.Body.As<string>(true).Length)</value></set-header>",
    ];
    let document = format!("<policies><inbound>{}</inbound><backend><base /></backend></policies>", steps.concat());
    let outcome = rehearse(&with_test_policies(), &document, "POST /resource/1 HTTP/1.1\n\nabc", "", 1).unwrap();
    let sent = outcome.sent.unwrap();
    assert_eq!((header(&sent, "X-V"), header(&sent, "X-Whole")), (vec!["no"], vec!["3"]));
    assert!(sent.ends_with("abc"), "{sent}");
}

#[test]
fn a_body_that_every_run_reads_is_there_before_the_run_and_no_other() {
    let was_read = |expression: &str| {
        let inbound = format!("<stream /><set-header name=\"X-V\"><value>{expression}</value></set-header>");
        let document = format!(
            "<policies><inbound>{inbound}</inbound><backend><base /></backend><on-error><whole /></on-error></policies>"
        );
        let outcome = rehearse(&with_test_policies(), &document, "POST /resource/1 HTTP/1.1\n\nabc", "", 1).unwrap();
        header(&outcome.answer, "X-Whole").join(",")
    };
    assert_eq!(was_read("@(int.Parse(\"x\") + context.Request.Body.As<string>())"), "True");
    assert_eq!(was_read("@(int.Parse(\"x\") > 1 ? context.Request.Body.As<string>() : \"\")"), "False");
    assert_eq!(was_read("@(int.Parse(\"x\") + (context.Request.Body == null ? 1 : 2))"), "False");
}

/// The catalogue, with a policy that panics, one that says whether the body is in memory, one that makes a stream of the body, and one that looks at a body which still has to be read.
fn with_test_policies() -> Catalogue {
    static EXPLODE: PolicyDef =
        PolicyDef { name: "explode", compile: |_, _| Some(Step::now(Explode)), ..PolicyDef::BASE };
    static MEASURE: PolicyDef = PolicyDef {
        name: "measure",
        compile: |_, cx| {
            cx.note_body_read();
            Some(Step::now(Measure))
        },
        ..PolicyDef::BASE
    };
    static STREAM: PolicyDef = PolicyDef { name: "stream", compile: |_, _| Some(Step::now(Stream)), ..PolicyDef::BASE };
    static WHOLE: PolicyDef = PolicyDef { name: "whole", compile: |_, _| Some(Step::now(Whole)), ..PolicyDef::BASE };
    static TABLE: &[&PolicyDef] = &[&EXPLODE, &MEASURE, &STREAM, &WHOLE];
    let tables = [policies_flow::CATALOGUE, policies_message::CATALOGUE, policies_integration::CATALOGUE, TABLE];
    Catalogue::new(&tables, &[], dotnet::surface().unwrap())
}

struct Explode;

impl Policy for Explode {
    fn run(&self, _: &mut Exchange) -> Result<Flow, Fault> {
        panic!("a defect of ours")
    }
}

struct Stream;

impl Policy for Stream {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        // A stage that is still to run hides the bytes, as a stream does.
        exchange.request.body.observe(Silent);
        Ok(Flow::Continue)
    }
}

struct Whole;

impl Policy for Whole {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let is_whole = if exchange.request.body.bytes().is_some() { "True" } else { "False" };
        let value = policy::HeaderValue::parse(is_whole).unwrap();
        exchange.response.headers.set(policy::HeaderName::from_static("X-Whole"), value);
        Ok(Flow::Continue)
    }
}

struct Silent;

impl policy::exchange::Observe for Silent {
    fn chunk(&mut self, _: &policy::Bytes) {}
}

struct Measure;

impl Policy for Measure {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        // A stage that is still to run hides the bytes, as a stream does.
        if !exchange.variables.iter().any(|(name, _)| &**name == "observed") {
            exchange.request.body.observe(Silent);
            exchange.variables.set(&"observed".into(), policy::csharp::Value::Bool(true));
        }
        let length = exchange.request.body.bytes().map(<[u8]>::len).ok_or_else(|| Fault::body_needed(Side::Request))?;
        exchange.request.headers.set(policy::HeaderName::from_static("X-Length"), (length as u64).into());
        Ok(Flow::Continue)
    }
}
