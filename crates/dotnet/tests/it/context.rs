//! `context` through expressions.

use csharp::{Form, Value};

use crate::host::{Facts, block, expression, outcome};

#[test]
fn headers_are_looked_up_by_name_without_case() {
    assert_eq!(expression(r#"context.Request.Headers.GetValueOrDefault("X-Env","none")"#), "none");
    assert_eq!(expression(r#"context.Request.Headers.GetValueOrDefault("x-tags","none")"#), "a,b");
    assert_eq!(expression(r#"context.Request.Headers["X-Tags"].Length"#), "2");
    assert_eq!(expression(r#"context.Request.Headers.ContainsKey("X-None")"#), "False");
}

#[test]
fn facts_of_the_request_are_there() {
    assert_eq!(expression(r#"context.Request.Method == "POST" && context.Request.Url.Path.StartsWith("/a")"#), "True");
    assert_eq!(expression("context.RequestId.ToString()"), "3f2504e0-4f89-41d3-9a0c-0305e82c3301");
    assert_eq!(expression(r#"context.Subscription?.Id ?? "anonymous""#), "anonymous");
    assert_eq!(expression(r#"$"{context.Api.Id}-{context.Operation.Name}""#), "orders-api-Create order");
    assert_eq!(expression("context.Response.StatusCode >= 500"), "True");
    assert_eq!(expression("context.Request.OriginalUrl.ToString()"), "https://gateway.example/api/orders?q=shoes");
}

#[test]
fn variables_keep_their_types() {
    let mut host =
        Facts { variables: vec![("x".into(), Value::str("kept")), ("n".into(), Value::Int(20))], ..Facts::default() };
    let mut run = |source: &str| outcome(&mut host, source, Form::Expression);
    assert_eq!(run(r#"(string)context.Variables["x"]"#), "kept");
    assert_eq!(run(r#"context.Variables.GetValueOrDefault<string>("x")"#), "kept");
    assert_eq!(run(r#"(int)context.Variables["n"] * 2 + 1"#), "41");
    assert_eq!(run(r#"(string)context.Variables["n"]"#), "! InvalidCastException");
    assert_eq!(run(r#"context.Variables["none"]"#), "! KeyNotFoundException");
    assert_eq!(run(r#"context.Variables.GetValueOrDefault("none", 5)"#), "5");
}

#[test]
fn a_block_returns_from_any_branch() {
    let source = r#"var q = context.Request.Url.Query.GetValueOrDefault("q",""); if (q.Length > 3) { return q.ToUpper(); } return "short";"#;
    assert_eq!(block(source), "SHOES");
}

#[test]
fn time_and_chance_come_from_the_host() {
    assert_eq!(expression("new Random().Next(1,10) > 0"), "True");
    assert_eq!(expression(r#"DateTime.UtcNow.ToString("yyyy")"#), "2026");
    assert_eq!(expression("Guid.NewGuid()"), "07070707-0707-4707-8707-070707070707");
}

#[test]
fn a_body_that_is_not_there_yet_is_asked_for() {
    assert_eq!(expression("context.Request.Body.As<string>()"), "Request body needed");
    let mut host = Facts { body: Some("hello"), ..Facts::default() };
    assert_eq!(
        outcome(&mut host, "context.Request.Body.As<string>(preserveContent: true).Length", Form::Expression),
        "5"
    );
}

#[test]
fn traces_reach_the_host_only_when_the_evaluation_ends() {
    let mut host = Facts::default();
    let source = r#"context.Trace("one"); return context.Request.Body.As<string>();"#;
    assert_eq!(outcome(&mut host, source, Form::Block), "Request body needed");
    assert!(host.traces.is_empty());
    host.body = Some("x");
    assert_eq!(outcome(&mut host, source, Form::Block), "x");
    assert_eq!(host.traces, ["one"]);
}
