//! Expressions over `context`: what policies know of the request, and of one another.

use engine::rehearse::{Outcome, rehearse};

use super::catalogue;

fn run(document: &str, given: &str, backend: &str) -> Outcome {
    rehearse(&catalogue(), document, given, backend, 1).unwrap()
}

fn header<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    message.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

const MAIN_JOB: &str = r#"<policies>
  <inbound>
    <cors allow-credentials="true">
      <allowed-origins><origin>https://shop.example</origin></allowed-origins>
      <allowed-methods><method>*</method></allowed-methods>
      <allowed-headers><header>*</header></allowed-headers>
    </cors>
    <base />
    <rate-limit calls="2" renewal-period="60" remaining-calls-header-name="X-Left" />
    <set-header name="X-Token" exists-action="override"><value>{{token}}</value></set-header>
    <set-header name="X-Caller" exists-action="override">
      <value>@(context.Request.IpAddress + " " + context.Subscription.Id + " " + context.Api.Name)</value>
    </set-header>
    <choose>
      <when condition="@(context.Request.Headers.GetValueOrDefault("X-Beta", "no") == "yes" && context.Request.Method == "GET")">
        <set-backend-service base-url="http://beta.example/v2" />
      </when>
      <otherwise><rewrite-uri template="/stable/{id}" /></otherwise>
    </choose>
    <set-header name="Cookie" exists-action="delete" />
  </inbound>
  <backend><base /></backend>
  <outbound>
    <base />
    <set-header name="X-Was" exists-action="override"><value>@(context.Response.StatusCode.ToString())</value></set-header>
    <set-header name="X-Powered-By" exists-action="delete" />
  </outbound>
  <on-error>
    <base />
    <set-header name="X-Error" exists-action="override"><value>@(context.LastError.Source + "/" + context.LastError.Reason)</value></set-header>
  </on-error>
</policies>"#;

#[test]
fn the_policies_of_the_main_job_work_together() {
    let beta = "GET /resource/7?a=b HTTP/1.1\nX-Beta: yes\nCookie: c=1\nOrigin: https://shop.example";
    let outcome = run(MAIN_JOB, beta, "HTTP/1.1 201 Created\nX-Powered-By: magic\n\nhi");
    let sent = outcome.sent.unwrap();
    assert!(sent.starts_with("GET http://beta.example/v2/resource/7?a=b HTTP/1.1\n"), "{sent}");
    assert_eq!(header(&sent, "X-Token"), Some("s3cr3t"));
    assert_eq!(header(&sent, "X-Caller"), Some("203.0.113.7 sub-1 Echo API"));
    assert_eq!(header(&sent, "Cookie"), None);
    assert_eq!(header(&outcome.answer, "X-Was"), Some("201"));
    assert_eq!(header(&outcome.answer, "X-Powered-By"), None);
    assert_eq!(header(&outcome.answer, "X-Left"), Some("1"));
    assert_eq!(header(&outcome.answer, "Access-Control-Allow-Origin"), Some("https://shop.example"));

    let stable = run(MAIN_JOB, "GET /resource/7?a=b HTTP/1.1", "");
    assert!(stable.sent.unwrap().starts_with("GET http://backend.example/stable/7?a=b HTTP/1.1\n"));

    let refused = rehearse(&catalogue(), MAIN_JOB, "GET /resource/7 HTTP/1.1", "", 3).unwrap();
    assert!(refused.answer.starts_with("HTTP/1.1 429 "), "{}", refused.answer);
    assert_eq!(header(&refused.answer, "X-Error"), Some("rate-limit/RateLimitExceeded"));
}

#[test]
fn bodies_are_read_only_where_an_expression_asks_for_them() {
    let document = r#"<policies><inbound>
      <set-variable name="length" value="@(context.Request.Body.As<string>(preserveContent: true).Length)" />
      <choose><when condition="@(context.Request.Body.As<string>(true).Contains("ll"))">
        <set-header name="X-Length"><value>@(((int)context.Variables["length"]).ToString())</value></set-header>
      </when></choose>
    </inbound><backend><base /></backend></policies>"#;
    let sent = run(document, "POST /resource/7 HTTP/1.1\n\nhello", "").sent.unwrap();
    assert_eq!(header(&sent, "X-Length"), Some("5"));
    assert!(sent.ends_with("\n\nhello"), "{sent}");
}

#[test]
fn a_body_read_without_keeping_it_is_gone() {
    let document = r#"<policies><inbound>
      <set-header name="X-Body"><value>@(context.Request.Body.As<string>())</value></set-header>
    </inbound><backend><base /></backend></policies>"#;
    let sent = run(document, "POST /resource/7 HTTP/1.1\n\nhello", "").sent.unwrap();
    assert_eq!(header(&sent, "X-Body"), Some("hello"));
    assert!(!sent.contains("\n\nhello"), "{sent}");
}

#[test]
fn return_response_sees_the_response_that_it_replaces() {
    let document = r#"<policies><backend><base /></backend><outbound><return-response>
      <set-status code="502" />
      <set-body>@("was " + context.Response.StatusCode + " " + context.Response.Headers.GetValueOrDefault("X-A"))</set-body>
    </return-response></outbound></policies>"#;
    assert_eq!(
        run(document, "GET /resource/7 HTTP/1.1", "HTTP/1.1 404 Not Found\nX-A: 1").answer,
        "HTTP/1.1 502 Bad Gateway\n\nwas 404 1"
    );
}
