//! Policies that convert, replace, wrap or make up bodies.

use engine::rehearse::{Outcome, in_section, rehearse, rehearse_chain};
use policy::{Catalogue, Exchange, Fault, Flow, Policy, PolicyDef, Scope, Section, Sections, Step};

use super::{catalogue, diagnostics::found};

fn run(section: Section, policies: &str, given: &str, backend: &str) -> Outcome {
    rehearse(&catalogue(), &in_section(section, policies), given, backend, 1).unwrap()
}

/// What the client gets if the backend answers `backend` to a GET with these header lines.
fn answer(policies: &str, headers: &str, backend: &str) -> String {
    run(Section::Outbound, policies, &format!("GET /resource/1 HTTP/1.1\n{headers}"), backend).answer
}

fn sent(policies: &str, given: &str) -> String {
    run(Section::Inbound, policies, given, "").sent.unwrap()
}

fn body_of(message: &str) -> &str {
    message.split_once("\n\n").map_or("", |(_, body)| body)
}

#[test]
fn every_occurrence_of_the_plain_text_is_replaced_in_every_section() {
    let policy = "<find-and-replace from=\"a.b\" to=\"X\" />";
    assert_eq!(body_of(&sent(policy, "POST /resource/1 HTTP/1.1\n\na.b aXb A.B a.ba.b")), "X aXb A.B XX");
    assert_eq!(body_of(&answer(policy, "", "HTTP/1.1 200 OK\n\nsay a.b")), "say X");
    let document = format!(
        "<policies><inbound><return-response><set-body>a.b</set-body></return-response></inbound><outbound>{policy}</outbound></policies>"
    );
    let ended = rehearse(&catalogue(), &document, "GET /resource/1 HTTP/1.1", "", 1).unwrap();
    assert_eq!(body_of(&ended.answer), "a.b");
    let document = format!(
        "<policies><inbound><ip-filter action=\"forbid\"><address>203.0.113.7</address></ip-filter></inbound><on-error>{}</on-error></policies>",
        "<find-and-replace from=\"Forbidden\" to=\"Not you\" />"
    );
    let failed = rehearse(&catalogue(), &document, "GET /resource/1 HTTP/1.1", "", 1).unwrap();
    assert_eq!(body_of(&failed.answer), "{ \"statusCode\": 403, \"message\": \"Not you\" }");
}

#[test]
fn what_is_replaced_may_be_computed_and_nothing_is_replaced_by_nothing() {
    let policy = "<find-and-replace from=\"@(context.Request.Headers.GetValueOrDefault(\"X-From\", \"\"))\" to=\"@((string)null)\" />";
    assert_eq!(body_of(&answer(policy, "X-From: b", "HTTP/1.1 200 OK\n\nabc")), "ac");
    assert_eq!(body_of(&answer(policy, "", "HTTP/1.1 200 OK\n\nabc")), "abc");
    assert_eq!(body_of(&answer(policy, "X-From: b", "HTTP/1.1 200 OK")), "");
    // A later expression sees what was replaced.
    let then = format!("{policy}<set-body>@(context.Response.Body.As<string>() + \"!\")</set-body>");
    assert_eq!(body_of(&answer(&then, "X-From: b", "HTTP/1.1 200 OK\n\nabc")), "ac!");
}

#[test]
fn links_to_the_backend_become_links_to_the_gateway_and_back() {
    let backend = "HTTP/1.1 200 OK\n\nhttp://backend.example/a http://backend.example http:\\/\\/backend.example\\/a http://backend.example.org/a http://backend.example:81/a https://backend.example/a";
    assert_eq!(
        body_of(&answer("<redirect-content-urls />", "", backend)),
        "https://contoso.example/echo/a https://contoso.example/echo https:\\/\\/contoso.example\\/echo\\/a http://backend.example.org/a http://backend.example:81/a https://backend.example/a"
    );
    let inbound = "<set-backend-service base-url=\"http://other.example/v3/\" /><redirect-content-urls />";
    let sent =
        sent(inbound, "POST /resource/1 HTTP/1.1\n\nhttps://contoso.example/echo/x https://contoso.example/echoes");
    assert_eq!(body_of(&sent), "http://other.example/v3/x https://contoso.example/echoes");
    assert_eq!(
        found("<policies><outbound><redirect-content-urls /><redirect-content-urls /></outbound></policies>"),
        ["1:47 PX0108 <redirect-content-urls> may stand only once in a section."]
    );
}

const JSON: &str = "HTTP/1.1 200 OK\nContent-Type: application/json; charset=utf-8\n\n{\"a\": \"x\"}";
const XML: &str = "HTTP/1.1 200 OK\nContent-Type: text/xml\n\n<a>x</a>";

#[test]
fn a_conversion_looks_at_the_content_type_and_at_what_the_client_accepts() {
    let to_xml = |apply: &str, accept: &str, headers: &str, backend: &str| {
        let policy = format!("<json-to-xml apply=\"{apply}\" consider-accept-header=\"{accept}\" />");
        body_of(&answer(&policy, headers, backend)) == "<a>x</a>"
    };
    assert!(to_xml("always", "false", "", JSON));
    assert!(to_xml("always", "false", "", "HTTP/1.1 200 OK\n\n{\"a\": \"x\"}"));
    assert!(to_xml("content-type-json", "false", "", JSON));
    assert!(!to_xml("content-type-json", "false", "", "HTTP/1.1 200 OK\nContent-Type: text/plain\n\n{\"a\": \"x\"}"));
    assert!(to_xml("always", "true", "Accept: text/html, application/xml;q=0.9", JSON));
    assert!(to_xml("always", "true", "Accept: application/atom+xml", JSON));
    for refused in ["", "Accept: */*", "Accept: application/json", "Accept: text/xml;q=0, application/json"] {
        assert!(!to_xml("always", "true", refused, JSON), "{refused}");
    }
    let to_json = |attributes: &str, headers: &str, backend: &str| {
        let policy = format!("<xml-to-json kind=\"direct\" {attributes} />");
        answer(&policy, headers, backend).ends_with("Content-Type: application/json\n\n{\"a\":\"x\"}")
    };
    // The header counts unless the policy says otherwise.
    assert!(to_json("apply=\"always\"", "Accept: application/json", XML));
    assert!(!to_json("apply=\"always\"", "", XML));
    assert!(to_json("apply=\"content-type-xml\" consider-accept-header=\"false\"", "", XML));
    assert!(!to_json("apply=\"content-type-xml\" consider-accept-header=\"false\"", "", "HTTP/1.1 200 OK\n\n<a>x</a>"));
    // Attributes may be computed.
    assert!(to_json("apply=\"@(\"always\")\" consider-accept-header=\"@(1 > 2)\"", "", XML));
}

#[test]
fn requests_are_converted_too_and_an_empty_body_is_left_alone() {
    let policy = "<json-to-xml apply=\"always\" consider-accept-header=\"false\" />";
    let message = sent(policy, "POST /resource/1 HTTP/1.1\nContent-Type: application/json\n\n{\"a\": [1, 2]}");
    assert!(message.contains("Content-Type: application/xml"), "{message}");
    assert_eq!(body_of(&message), "<Document><a>1</a><a>2</a></Document>");
    let message = sent(policy, "POST /resource/1 HTTP/1.1\nContent-Type: application/json\n\n");
    assert!(message.contains("Content-Type: application/json"), "{message}");
}

#[test]
fn a_body_that_cannot_be_converted_is_an_error() {
    let broken = |policy: &str| {
        let outcome = run(Section::Outbound, policy, "GET /resource/1 HTTP/1.1", "HTTP/1.1 200 OK\n\n<oops");
        assert!(outcome.answer.starts_with("HTTP/1.1 500 "), "{}", outcome.answer);
        outcome.error.unwrap()
    };
    assert_eq!(
        broken("<json-to-xml apply=\"always\" consider-accept-header=\"false\" />"),
        "json-to-xml BodyConversionFailure outbound json-to-xml[1]"
    );
    assert_eq!(
        broken("<xml-to-json kind=\"direct\" apply=\"always\" consider-accept-header=\"false\" />"),
        "xml-to-json BodyConversionFailure outbound xml-to-json[1]"
    );
}

fn as_xml(attributes: &str, json: &str) -> String {
    let policy = format!("<json-to-xml apply=\"always\" consider-accept-header=\"false\" {attributes} />");
    body_of(&answer(&policy, "", &format!("HTTP/1.1 200 OK\n\n{json}"))).to_owned()
}

#[test]
fn json_becomes_xml_member_by_member() {
    for (json, xml) in [
        (
            r#"{"r": {"s": "a<b", "n": 1.50, "i": 7, "t": true, "o": {}}}"#,
            "<r><s>a&lt;b</s><n>1.5</n><i>7</i><t>true</t><o /></r>",
        ),
        (r##"{"r": {"@id": 5, "#text": "x"}}"##, "<r id=\"5\">x</r>"),
        (r#"{"r": [{"a": 1}, {"a": 2}]}"#, "<Document><r><a>1</a></r><r><a>2</a></r></Document>"),
        ("[1, 2]", "<Document><Item>1</Item><Item>2</Item></Document>"),
        (
            r#"{"r": {"two words": 1, "1st": 2, "a:b": 3}}"#,
            "<r><two_x0020_words>1</two_x0020_words><_x0031_st>2</_x0031_st><a_x003A_b>3</a_x003A_b></r>",
        ),
        // An underscore parts a prefix only if that is declared.
        (
            r#"{"r": {"xmlns_p": "urn:p", "p_x": 1, "first_name": "Ann"}}"#,
            "<r xmlns:p=\"urn:p\"><p:x>1</p:x><first_name>Ann</first_name></r>",
        ),
        (r#"{"r": {"xmlns": "urn:d", "x": 1}}"#, "<r xmlns=\"urn:d\"><x>1</x></r>"),
    ] {
        assert_eq!(as_xml("", json), xml, "{json}");
    }
    assert_eq!(
        as_xml(
            "namespace-separator=\".\" namespace-prefix=\"ns\" attribute-block-name=\"attrs\"",
            r#"{"p.r": {"ns.p": "urn:p", "attrs": {"a": 1, "p.b": "x"}}}"#
        ),
        "<p:r xmlns:p=\"urn:p\" a=\"1\" p:b=\"x\" />"
    );
}

#[test]
fn dates_in_json_are_written_as_xml_has_them_or_copied() {
    let json = r#"{"r": {"at": "2012-03-21T05:40:10.5000Z", "old": "/Date(0)/"}}"#;
    assert_eq!(as_xml("", json), "<r><at>2012-03-21T05:40:10.5Z</at><old>1970-01-01T00:00:00Z</old></r>");
    assert_eq!(as_xml("parse-date=\"false\"", json), "<r><at>2012-03-21T05:40:10.5000Z</at><old>/Date(0)/</old></r>");
}

#[test]
fn xml_becomes_json_directly_or_for_scripts() {
    let as_json = |attributes: &str, xml: &str| {
        let policy = format!("<xml-to-json apply=\"always\" consider-accept-header=\"false\" {attributes} />");
        body_of(&answer(&policy, "", &format!("HTTP/1.1 200 OK\n\n{xml}"))).to_owned()
    };
    let xml = r#"<?xml version="1.0"?><s:r xmlns:s="urn:s" s:id="1" n="2"><!--c--><s:a>x</s:a><s:a p="q">y</s:a><b><c /></b><d><![CDATA[z]]></d></s:r>"#;
    assert_eq!(
        as_json("kind=\"direct\"", xml),
        r##"{"?xml":{"@version":"1.0"},"s:r":{"@xmlns:s":"urn:s","@s:id":"1","@n":"2","#comment":"c","s:a":["x",{"@p":"q","#text":"y"}],"b":{"c":null},"d":{"#cdata-section":"z"}}}"##
    );
    assert_eq!(
        as_json("kind=\"javascript-friendly\"", xml),
        r#"{"r":{"id":"1","n":"2","a":["x",{"p":"q","value":"y"}],"b":{"c":null},"d":"z"}}"#
    );
    assert_eq!(
        as_json("kind=\"direct\" always-array-child-elements=\"true\"", "<r><a>1</a><b>2</b><b><c>3</c></b></r>"),
        r#"{"r":{"a":["1"],"b":["2",{"c":["3"]}]}}"#
    );
}

#[test]
fn jsonp_wraps_json_where_a_valid_function_is_named() {
    let policy = "<jsonp callback-parameter-name=\"@(\"c\" + \"b\")\" />";
    let wrapped = |query: &str, backend: &str| {
        run(Section::Outbound, policy, &format!("GET /resource/1{query} HTTP/1.1"), backend)
    };
    assert!(wrapped("?cb=f", JSON).answer.ends_with("Content-Type: application/javascript\n\nf({\"a\": \"x\"})"));
    assert_eq!(body_of(&wrapped("", JSON).answer), "{\"a\": \"x\"}");
    assert_eq!(body_of(&wrapped("?cb=f", XML).answer), "<a>x</a>");
    for wrong in ["", "1a", "a-b", "a..b", "alert(1)//", "a%20b"] {
        let outcome = wrapped(&format!("?cb={wrong}"), JSON);
        assert_eq!(outcome.error.as_deref(), Some("jsonp CallbackParameterInvalid outbound jsonp[1]"), "{wrong}");
        assert!(outcome.answer.starts_with("HTTP/1.1 400 Bad Request\n"), "{}", outcome.answer);
    }
}

#[test]
fn a_flash_client_gets_the_policy_file_before_anything_else() {
    let document = "<policies><inbound><ip-filter action=\"forbid\"><address>203.0.113.7</address></ip-filter><cross-domain>\
                    <cross-domain-policy><allow-access-from domain=\"*.example\" /></cross-domain-policy></cross-domain></inbound></policies>";
    let answered =
        |first: &str| rehearse_chain(&catalogue(), &[(Scope::Global, document)], first, "", 1).unwrap().answer;
    assert_eq!(
        answered("GET /crossdomain.xml HTTP/1.1"),
        "HTTP/1.1 200 OK\nContent-Type: text/x-cross-domain-policy\n\n<?xml version=\"1.0\"?>\n<cross-domain-policy>\
         <allow-access-from domain=\"*.example\" /></cross-domain-policy>"
    );
    assert!(answered("POST /crossdomain.xml HTTP/1.1").starts_with("HTTP/1.1 403 "));
    assert!(answered("GET /resource/1 HTTP/1.1").starts_with("HTTP/1.1 403 "));
    // `cors` is not asked: this is no preflight.
    let cors = "<policies><inbound><cors><allowed-origins><origin>*</origin></allowed-origins></cors></inbound><backend><forward-request /></backend></policies>";
    let outcome =
        rehearse_chain(&catalogue(), &[(Scope::Global, cors)], "GET /crossdomain.xml HTTP/1.1", "", 1).unwrap();
    assert!(outcome.sent.is_some());
    let wrong = found("<policies><inbound><cross-domain /></inbound></policies>");
    assert!(
        wrong.iter().any(|line| line.contains("PX0104")) && wrong.iter().any(|line| line.contains("PX0109")),
        "{wrong:?}"
    );
}

#[test]
fn a_mock_takes_status_and_type_from_the_policy_and_the_rest_from_the_operation() {
    // The operation declares an example for 200 and application/json.
    let mock = |attributes: &str| {
        let outcome = run(Section::Inbound, &format!("<mock-response {attributes} />"), "GET /resource/1 HTTP/1.1", "");
        assert_eq!(outcome.sent, None);
        outcome.answer
    };
    let declared = "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"id\":42}";
    assert_eq!(mock(""), declared);
    assert_eq!(mock("content-type=\"Application/JSON\""), declared.replace("application/json", "Application/JSON"));
    assert_eq!(
        mock("content-type=\"application/json; charset=utf-8\""),
        declared.replace("application/json", "application/json; charset=utf-8")
    );
    assert_eq!(mock("content-type=\"text/xml\""), "HTTP/1.1 200 OK\nContent-Type: text/xml\n");
    assert_eq!(mock("status-code=\"204\""), "HTTP/1.1 204 No Content\n");
    assert_eq!(found("<policies><inbound><mock-response status-code=\"@(200)\" /></inbound></policies>").len(), 1);
    let outbound = run(Section::Outbound, "<mock-response />", "GET /resource/1 HTTP/1.1", "HTTP/1.1 500 Oops");
    assert_eq!(outbound.answer, declared);
}

/// Puts a response into the variable `answer`, as `send-request` does.
static HOLD: PolicyDef = PolicyDef {
    name: "hold",
    summary: "Holds a response.",
    sections: Sections::ALL,
    compile: |_, _| Some(Step::now(Hold)),
    ..PolicyDef::BASE
};

struct Hold;

impl Policy for Hold {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let response = dotnet::Response {
            status: 418,
            reason: "Short and stout".into(),
            headers: vec![("X-Two".into(), vec!["a".into(), "b".into()])],
            body: (*b"tea").into(),
        };
        exchange.variables.set(&"answer".into(), policy::csharp::Value::object(response));
        Ok(Flow::Continue)
    }
}

#[test]
fn a_response_of_ones_own_may_begin_as_one_that_a_variable_holds() {
    static TABLE: &[&PolicyDef] = &[&HOLD];
    let tables = [policies_message::CATALOGUE, policies_flow::CATALOGUE, policies_integration::CATALOGUE, TABLE];
    let catalogue = Catalogue::new(&tables, &[], dotnet::surface().unwrap());
    let answer = |policies: &str| {
        let document = in_section(Section::Inbound, policies);
        rehearse(&catalogue, &document, "GET /resource/1 HTTP/1.1", "", 1).unwrap()
    };
    assert_eq!(
        answer("<hold /><return-response response-variable-name=\"answer\" />").answer,
        "HTTP/1.1 418 Short and stout\nX-Two: a\nX-Two: b\n\ntea"
    );
    assert_eq!(
        answer(
            "<hold /><return-response response-variable-name=\"answer\"><set-status code=\"200\" reason=\"Fine\" />\
             <set-header name=\"X-Two\"><value>c</value></set-header><set-body>coffee</set-body></return-response>"
        )
        .answer,
        "HTTP/1.1 200 Fine\nX-Two: c\n\ncoffee"
    );
    for policies in [
        "<return-response response-variable-name=\"answer\" />",
        "<set-variable name=\"answer\" value=\"text\" /><return-response response-variable-name=\"answer\" />",
    ] {
        let error = answer(policies).error;
        assert_eq!(error.as_deref(), Some("return-response ResponseVariableInvalid inbound return-response[1]"));
    }
}

#[test]
fn in_an_operation_rewriting_with_a_parameter_that_it_does_not_have_is_refused() {
    let rewrite = |template: &str| {
        found(&format!("<policies><inbound><rewrite-uri template=\"{template}\" /></inbound></policies>"))
    };
    // The operation of these documents is /orders/{id}/{*rest}?kind={kind}.
    assert_eq!(rewrite("/v2/{id}/{KIND}/{rest}?x={*rest}"), [""; 0]);
    assert_eq!(
        rewrite("/v2/{no}?y={never}"),
        ["1:43 PX0107 The URL template of the operation has no parameter \"no\", \"never\"."]
    );
    assert_eq!(rewrite("@(\"/{no}\")"), [""; 0]);
    assert_eq!(rewrite("/a{b"), ["1:43 PX0107 The value of template: \"/a{b\" opens a brace that it does not close."]);
}
