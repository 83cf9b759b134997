//! `set-body` with Liquid templates: what they see, and what of them is refused.

use engine::rehearse::{Outcome, in_section, rehearse};
use policy::Section;

use super::{catalogue, diagnostics::found};

fn inbound(policies: &str, given: &str) -> Outcome {
    rehearse(&catalogue(), &in_section(Section::Inbound, policies), given, "", 1).unwrap()
}

fn body_of(message: &str) -> &str {
    message.split_once("\n\n").map_or("", |(_, body)| body)
}

fn template(attributes: &str, template: &str) -> String {
    format!("<set-body template=\"liquid\"{attributes}>{template}</set-body>")
}

/// What the backend gets for a body of this type.
fn made(content_type: &str, body: &str, attributes: &str, text: &str) -> String {
    let given = format!("POST /resource/1 HTTP/1.1\nContent-Type: {content_type}\n\n{body}");
    let outcome = inbound(&template(attributes, text), &given);
    body_of(&outcome.sent.unwrap_or_else(|| panic!("{:?}", outcome.error))).to_owned()
}

fn of_json(body: &str, text: &str) -> String {
    made("application/json", body, "", text)
}

fn of_xml(body: &str, text: &str) -> String {
    made("text/xml; charset=utf-8", body, "", text)
}

/// What the template says of `context` for a GET.
fn said(text: &str) -> String {
    let given = "GET /resource/a%20b?detail=x&tag=1&tag=2 HTTP/1.1\nX-One: 1\nX-Two: a\nX-Two: b";
    let outcome = inbound(&format!("<set-method>POST</set-method>{}", template("", text)), given);
    body_of(&outcome.sent.unwrap()).to_owned()
}

#[test]
fn a_json_body_is_seen_by_its_members() {
    let body =
        r#"{"customer": {"Name": "Ann", "age": 41, "rate": 1.5, "vip": true, "none": null, "tags": ["x", "y"]}}"#;
    for (text, expected) in [
        (
            "{{body.customer.Name}} {{body.customer.age}} {{body.customer.rate}} {{body.customer.vip}}",
            "Ann 41 1.5 true",
        ),
        // A name that does not fit is tried in any case.
        ("{{body.Customer.name}}", "Ann"),
        ("{{body.customer.none}}{{body.nobody.name}}", ""),
        ("{{body.customer.tags[1]}}{{body.customer.tags.size}}{{body.customer['Name']}}", "y2Ann"),
        ("{% for t in body.customer.tags %}{{ t }};{% endfor %}", "x;y;"),
        ("{% if body.customer.age > 40 and body.customer.vip %}old{% endif %}", "old"),
        ("{% for pair in body.customer limit:2 %}{{ pair.Key }}={{ pair.Value }};{% endfor %}", "Name=Ann;age=41;"),
        ("{{body.customer.tags}}", "xy"),
    ] {
        assert_eq!(of_json(body, text), expected, "{text}");
    }
    assert_eq!(
        of_json("[{\"a\": 1}, {\"a\": 2}]", "[{% JSONArrayFor e in body %}{{e.a}}{% endJSONArrayFor %}]"),
        "[1,2]"
    );
}

#[test]
fn an_xml_body_is_seen_by_local_names_attributes_and_lists() {
    let body = r#"<s:Envelope xmlns:s="urn:s"><s:Body><o:Orders xmlns:o="urn:o" day="Monday"><o:Order no="1">a</o:Order><o:Order no="2">b</o:Order><Total>3</Total></o:Orders></s:Body></s:Envelope>"#;
    for (text, expected) in [
        ("{{body.envelope.body.orders.Total}}", "3"),
        ("{{body.envelope.body.Orders.Order[0]}}{{body.envelope.body.Orders.Order[1]}}", "ab"),
        ("{{body.envelope.body.Orders['@day']}} {{body.envelope.body.Orders.day}}", "Monday Monday"),
        ("{% for o in body.envelope.body.Orders.Order %}{{ o['@no'] }}{{ o | Upcase }} {% endfor %}", "1A 2B "),
        ("{% if body.envelope.body.Orders.Order[0] == 'a' %}first{% endif %}", "first"),
        ("[{% JSONArrayFor t in body.envelope.body.Orders.Total %}{{ t }}{% endJSONArrayFor %}]", "[3]"),
        ("{{ body.envelope.body.Orders.Order | Size }}", "2"),
    ] {
        assert_eq!(of_xml(body, text), expected, "{text}");
    }
    assert_eq!(made("application/soap+xml", "<a><b>1</b></a>", "", "{{body.a.b}}"), "1");
}

#[test]
fn another_body_is_a_text_and_none_is_nothing() {
    assert_eq!(made("text/plain", "hello", "", "{{body | Upcase}}"), "HELLO");
    assert_eq!(made("application/problem+json", "{\"a\":1}", "", "{{body.a}}"), "1");
    assert_eq!(said("[{{body}}{{body.x}}{% if body %}x{% endif %}]"), "[]");
}

#[test]
fn a_body_that_is_not_what_its_type_says_is_an_error() {
    let given = "POST /resource/1 HTTP/1.1\nContent-Type: application/json\n\n{oops";
    let outcome = inbound(&template("", "{{body.a}}"), given);
    assert_eq!(outcome.sent, None);
    assert_eq!(outcome.error.as_deref(), Some("set-body ExpressionValueEvaluationFailure inbound set-body[1]"));
    // Who does not look at the body does not mind.
    assert_eq!(made("application/json", "{oops", "", "fine"), "fine");
}

#[test]
fn xsi_nil_is_blank_or_null() {
    let body = r#"<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><b xsi:nil="true" /></a>"#;
    let text = "{% if body.a.b == null %}null{% elsif body.a.b == '' %}blank{% endif %}";
    assert_eq!(of_xml(body, text), "blank");
    assert_eq!(made("text/xml", body, " xsi-nil=\"blank\"", text), "blank");
    assert_eq!(made("text/xml", body, " xsi-nil=\"null\"", text), "null");
}

#[test]
fn dates_are_read_unless_parse_date_says_no() {
    let json = r#"{"at": "2012-03-21T05:40:10Z", "old": "/Date(1198908717056)/", "day": "2012-03-21"}"#;
    assert_eq!(
        of_json(json, "{{body.at}} {{body.old}} {{body.day}}"),
        "03/21/2012 05:40:10 12/29/2007 06:11:57 2012-03-21"
    );
    assert_eq!(of_json(json, "{{body.at | Date: 'yyyyMMddTHH:mm:ssZ'}}"), "20120321T05:40:10Z");
    assert_eq!(
        made("text/json", json, " parse-date=\"false\"", "{{body.at}} {{body.old}}"),
        "2012-03-21T05:40:10Z /Date(1198908717056)/"
    );
    // A text is formatted, too.
    assert_eq!(made("text/json", json, " parse-date=\"false\"", "{{body.at | Date: 'yyyy'}}"), "2012");
    let xml = "<a><at>2012-03-21T05:40:10Z</at></a>";
    assert_eq!(of_xml(xml, "{{body.a.at | Date: 'o'}}"), "2012-03-21T05:40:10.0000000Z");
    assert_eq!(made("text/xml", xml, " parse-date=\"false\"", "{{body.a.at}}"), "2012-03-21T05:40:10Z");
}

#[test]
fn context_is_what_it_is_in_expressions() {
    for (text, expected) in [
        (
            "{{context.Request.Method}} {{context.Request.OriginalMethod}} {{context.Request.IpAddress}}",
            "POST GET 203.0.113.7",
        ),
        (
            "{{context.Request.Url.Scheme}} {{context.Request.Url.Host}} {{context.Request.Url.Port}} {{context.Request.Url.Path}} {{context.Request.Url.QueryString}}",
            "http backend.example 80 /resource/a%20b ?detail=x&tag=1&tag=2",
        ),
        (
            "{{context.Request.OriginalUrl.Host}} {{context.Request.OriginalUrl.Path}}",
            "contoso.example /echo/resource/a%20b",
        ),
        ("{{context.Request.OriginalUrl}}", "https://contoso.example/echo/resource/a%20b?detail=x&tag=1&tag=2"),
        (
            "{{context.Request.OriginalUrl.ToUri.AbsolutePath}} {{context.Request.OriginalUrl.ToString}}",
            "/echo/resource/a%20b https://contoso.example/echo/resource/a%20b?detail=x&tag=1&tag=2",
        ),
        (
            "{{context.Request.Url.Query['detail']}} {{context.Request.Url.Query.tag[1]}} {{context.Request.Url.Query.tag.size}}",
            "x 2 2",
        ),
        (
            "{{context.Request.Headers['x-one']}} {{context.Request.Headers.X-One}} {{context.Request.Headers['X-Two'] | Join: ','}}",
            "1 1 a,b",
        ),
        ("{{context.Request.MatchedParameters['id']}} {{context.Request.MatchedParameters.id}}", "a b a b"),
        (
            "{% if context.Request.HasBody %}body{% else %}none{% endif %} {{context.Request.ClientCertificates.size}}",
            "none 0",
        ),
        (
            "{{context.Api.Name}} {{context.Operation.Id}} {{context.Product.Name}} {{context.Subscription.Id}} {{context.User.Email}}",
            "Echo API get-resource Starter sub-1 ann@contoso.example",
        ),
        (
            "{{context.Api.IsCurrentRevision}} {{context.Deployment.ServiceName}} {{context.Timestamp | Date: 'yyyy-MM-dd'}}",
            "true contoso 2024-05-17",
        ),
        ("{{context.LastError.Message}}{{context.Workspace.Id}}", ""),
        ("{{ 'now' | Date: 'yyyy-MM-dd HH:mm' }}", "2024-05-17 12:34"),
    ] {
        assert_eq!(said(text), expected, "{text}");
    }
}

#[test]
fn headers_are_listed_one_by_one() {
    let text = "{% for header in context.Request.Headers %}{{- header.Key }}: {{ header.Value }}\n{% endfor %}";
    assert_eq!(said(text), "Host: contoso.example\nX-One: 1\nX-Two: ab\n");
}

#[test]
fn variables_of_every_type_are_seen() {
    let policies = r#"<set-variable name="text" value="Ann" />
        <set-variable name="number" value="@(6 * 7)" />
        <set-variable name="flag" value="@(true)" />
        <set-variable name="at" value="@(new DateTime(2024, 2, 29))" />
        <set-variable name="list" value="@(new List<string> { "a", "b" })" />
        <set-variable name="map" value="@(new Dictionary<string, int> { { "x", 1 } })" />
        <set-variable name="json" value="@(JObject.Parse("{\"a\": {\"b\": [1, 2]}}"))" />
        <set-variable name="xml" value="@(XElement.Parse("<a><b>c</b></a>"))" />
        <set-method>POST</set-method>"#;
    for (text, expected) in [
        (
            "{{context.Variables[\"text\"]}} {{context.Variables.text}} {{context.Variables['number']}} {{context.Variables.flag}}",
            "Ann Ann 42 true",
        ),
        ("{{context.Variables.number | Plus: 1}} {{context.Variables.at | Date: 'dd.MM.yyyy'}}", "43 29.02.2024"),
        ("{{context.Variables.list[1]}} {{context.Variables.list | Join: '-'}} {{context.Variables.map.x}}", "b a-b 1"),
        (
            "{% assign j = context.Variables['json'] %}{{ j['a'].b[1] }} {{ j.a.b | Size }} {{ context.Variables.xml.b }}",
            "2 2 c",
        ),
        ("{{context.Variables.nobody}}{% if context.Variables.text == 'Ann' %}yes{% endif %}", "yes"),
        ("{{context.Variables.json.a}}", "{\n  \"b\": [\n    1,\n    2\n  ]\n}"),
    ] {
        let sent = inbound(&format!("{policies}{}", template("", text)), "GET /resource/1 HTTP/1.1").sent.unwrap();
        assert_eq!(body_of(&sent), expected, "{text}");
    }
}

#[test]
fn named_values_go_first_and_everything_else_in_braces_is_the_templates() {
    let text = "{{env}} {{ number }} {% assign mine = 'x' %}{{mine}} {{ body.env }}{{not-there}}";
    assert_eq!(of_json("{\"env\": \"own\"}", text), "prod 42 x own");
}

#[test]
fn behind_the_backend_a_template_sees_the_response() {
    let policies =
        template("", "{{body.status}} {{context.Response.StatusCode}} {{context.Response.Headers['X-From']}}");
    let backend = "HTTP/1.1 201 Created\nContent-Type: application/json\nX-From: there\n\n{\"status\": \"made\"}";
    let outcome =
        rehearse(&catalogue(), &in_section(Section::Outbound, &policies), "GET /resource/1 HTTP/1.1", backend, 1);
    assert_eq!(body_of(&outcome.unwrap().answer), "made 201 there");
}

#[test]
fn in_on_error_a_template_sees_the_error() {
    let document = format!(
        "<policies><inbound><set-header name=\"X-A\"><value>@(((string)null).Length.ToString())</value></set-header></inbound>\
         <on-error>{}</on-error></policies>",
        template("", "{{context.LastError.Source}}/{{context.LastError.Reason}} {{context.Response.StatusCode}}")
    );
    let outcome = rehearse(&catalogue(), &document, "GET /resource/1 HTTP/1.1", "", 1).unwrap();
    assert_eq!(body_of(&outcome.answer), "set-header/ExpressionValueEvaluationFailure 500");
}

#[test]
fn in_a_response_of_ones_own_the_body_is_empty_and_context_is_there() {
    let policies =
        format!("<return-response>{}</return-response>", template("", "[{{body.a}}] {{context.Request.Method}}"));
    let outcome = inbound(&policies, "POST /resource/1 HTTP/1.1\nContent-Type: application/json\n\n{\"a\": 1}");
    assert_eq!(body_of(&outcome.answer), "[] POST");
}

#[test]
fn policies_that_the_service_makes_for_soap_work_both_ways() {
    let document = r#"<policies>
  <inbound>
    <base />
    <set-header name="SOAPAction" exists-action="override"><value>"http://tempuri.org/Find"</value></set-header>
    <set-body template="liquid">
      <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:tem="http://tempuri.org/">
        <soapenv:Body>
          <tem:Find>
            {% if body.find.ZIP %}
            <tem:ZIP>{{body.find.ZIP}}</tem:ZIP>
            {% else %}
            <tem:ZIP />
            {% endif %}
          </tem:Find>
        </soapenv:Body>
      </soapenv:Envelope>
    </set-body>
    <set-header name="Content-Type" exists-action="override"><value>text/xml</value></set-header>
  </inbound>
  <backend><base /></backend>
  <outbound>
    <base />
    <choose>
      <when condition="@(context.Response.StatusCode < 400)">
        <set-body template="liquid">{ "findResponse": {
          "status": {% if body.envelope.body.FindResponse.Status %}"{{body.envelope.body.FindResponse.Status | Replace: '\r', '\r' | Replace: '\n', '\n' | Replace: '([^\\](\\\\)*)"', '$1\"'}}"{% else %} null {% endif %},
          "items": [ {% JSONArrayFor item in body.envelope.body.FindResponse.Items.Item -%} { "iD": {{item.ID}}, "at": {% if item.At %}"{{item.At | Date: "o"}}"{% else %}null{% endif %} } {% endJSONArrayFor -%} ]
        } }</set-body>
      </when>
      <otherwise>
        <set-body template="liquid">{ "error": { "code": "{{body.envelope.body.fault.faultcode}}", "message": "{{body.envelope.body.fault.faultstring}}" } }</set-body>
      </otherwise>
    </choose>
    <set-header name="Content-Type" exists-action="override"><value>application/json</value></set-header>
  </outbound>
</policies>"#;
    let run = |given: &str, status: &str, body: &str| {
        let given = format!("POST /resource/1 HTTP/1.1\nContent-Type: application/json\n\n{given}");
        let envelope = format!(
            "HTTP/1.1 {status}\nContent-Type: text/xml\n\n<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">\
             <soap:Body>{body}</soap:Body></soap:Envelope>"
        );
        let outcome = rehearse(&catalogue(), document, &given, &envelope, 1).unwrap();
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        (squeezed(body_of(&outcome.sent.unwrap())), squeezed(body_of(&outcome.answer)))
    };
    let reply = "<FindResponse xmlns=\"http://tempuri.org/\"><Status>say \"hi\"\nnow</Status><Items><Item><ID>1</ID><At>2024-05-17T10:00:00</At></Item>\
                 <Item><ID>2</ID></Item></Items></FindResponse>";
    let (sent, answer) = run(r#"{"find": {"ZIP": "1010"}}"#, "200 OK", reply);
    assert_eq!(
        sent,
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:tem=\"http://tempuri.org/\"> <soapenv:Body> \
         <tem:Find> <tem:ZIP>1010</tem:ZIP> </tem:Find> </soapenv:Body> </soapenv:Envelope>"
    );
    assert_eq!(
        answer,
        r#"{ "findResponse": { "status": "say \"hi\"\nnow", "items": [ { "iD": 1, "at": "2024-05-17T10:00:00.0000000" } ,{ "iD": 2, "at": null } ] } }"#
    );
    let fault = "<soap:Fault><faultcode>soap:Client</faultcode><faultstring>No</faultstring></soap:Fault>";
    let (sent, answer) = run("{}", "500 Oops", fault);
    assert!(sent.contains("<tem:ZIP />"), "{sent}");
    assert_eq!(answer, r#"{ "error": { "code": "soap:Client", "message": "No" } }"#);
}

#[test]
fn mistakes_in_a_template_are_told_with_line_and_column() {
    let text = "<policies>\n  <inbound>\n    <set-body template=\"liquid\">{{header}}\n      {% if body.x %}{{ body.@y }}\n    </set-body>\n  </inbound>\n</policies>";
    assert_eq!(
        found(text),
        [
            "4:7 PX0140 This tag is not closed: {% endif %} is missing.",
            "4:22 PX0140 \"body.@y\" is no variable: \"@\" may not stand there.",
        ]
    );
    let in_body = |content: &str| {
        found(&format!("<policies><inbound><set-body template=\"liquid\">{content}</set-body></inbound></policies>"))
    };
    assert_eq!(in_body("@(1 + 1)"), ["1:48 PX0106 An expression is not allowed here: a template is text."]);
    assert_eq!(
        in_body("{{ body.x | upcase }}{{ context.Request.Nobody }}{{ context.Variables.x.y }}"),
        [
            "1:48 PX0141 There is no filter \"upcase\": the value passes unchanged. (Did you mean Upcase?)",
            "1:48 PX0142 context.Request has no member Nobody: it is empty in the template.",
        ]
    );
    assert_eq!(
        found("<policies><inbound><set-body template=\"none\">{{ no }}</set-body></inbound></policies>").len(),
        1
    );
}

#[test]
fn a_template_that_makes_too_much_fails_and_nothing_else_does() {
    let text = "{% assign x = 'abcdefgh' %}{% for i in (1..60) %}{% assign x = x | Append: x %}{% endfor %}{{ x }}";
    let outcome = inbound(&template("", text), "POST /resource/1 HTTP/1.1");
    assert_eq!(outcome.error.as_deref(), Some("set-body ExpressionValueEvaluationFailure inbound set-body[1]"));
    assert!(outcome.answer.starts_with("HTTP/1.1 500 "));
}
