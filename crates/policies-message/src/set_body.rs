//! `set-body`: replaces the body of a message.

mod context;
mod json_body;
mod template;
mod xml_body;

use policy::{Body, Bytes, prelude::*};

use template::Liquid;

words! {
    /// What an element with `xsi:nil="true"` is to a template.
    pub(crate) enum Nil { Blank = "blank", Null = "null" }
}

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "set-body",
    summary: "Replaces the body of a message with a literal, with what an expression gives, or with what a Liquid template makes.",
    notes: "Before the backend it changes the request, behind it the response. A message without a body gets one.\n\n\
            A template sees `body` and `context`. `body` is the body of the message as its `Content-Type` says: JSON (`application/json`, \
            `text/json`, `…+json`), XML (`application/xml`, `text/xml`, `…+xml`), else a text. XML names lose their prefix, elements of one \
            name become a list, an attribute is `[\"@name\"]`; a name that does not fit is tried in any case. `context` has everything that \
            it has in expressions, and `Request.OriginalMethod`, `Request.HasBody`, `Request.ClientCertificates`, `Response.Method`. Inside \
            of `return-response`, `body` is empty.\n\n\
            Filters are those of DotLiquid, written as C# methods: `Upcase`, `DividedBy`. `Replace` takes a regular expression, `Date` a .NET \
            format. A filter that does not exist passes the value on; saving warns of it. `{% JSONArrayFor item in list %}` puts commas \
            between its turns and takes a lone value for a list of one. `include`, `extends` and `block` are refused.",
    sections: Sections::INBOUND.or(Sections::BACKEND).or(Sections::OUTBOUND),
    also: Sections::ON_ERROR,
    attrs: &[
        Attr::optional("template", Kind::OneOf(&["liquid", "none"]), "The template language."),
        Attr::or("xsi-nil", Kind::OneOf(Nil::WORDS), "blank", "What an element with `xsi:nil` is to a template."),
        Attr::or("parse-date", Kind::Bool, "true", "Whether texts of the body that look like dates are dates to a template."),
    ],
    content: Content::Verbatim,
    examples: &[
        Example {
            title: "A literal",
            policy: r#"<set-body>{"env": "{{env}}"}</set-body>"#,
            given: "POST /resource/1 HTTP/1.1\nContent-Length: 2\n\nhi",
            then: "POST http://backend.example/resource/1 HTTP/1.1\n\n{\"env\": \"prod\"}",
            ..Example::BASE
        },
        Example {
            title: "Change what the backend answers",
            section: Section::Outbound,
            policy: r"<set-body>@(context.Response.Body.As<string>().ToUpperInvariant())</set-body>",
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 200 OK\n\nquiet",
            then: "HTTP/1.1 200 OK\n\nQUIET",
            ..Example::BASE
        },
        Example {
            title: "JSON to SOAP",
            policy: r#"<set-body template="liquid"><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><cust>{{body.getOpenOrders.cust | Upcase}}</cust></soap:Body></soap:Envelope></set-body>"#,
            given: "POST /resource/1 HTTP/1.1\nContent-Type: application/json\n\n{\"getOpenOrders\": {\"cust\": \"ann\"}}",
            then: "POST http://backend.example/resource/1 HTTP/1.1\n\n<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><cust>ANN</cust></soap:Body></soap:Envelope>",
            ..Example::BASE
        },
        Example {
            title: "SOAP to JSON",
            section: Section::Outbound,
            policy: r#"<set-body template="liquid">{ "items": [{% JSONArrayFor item in body.envelope.body.items.item %}"{{item.Name}}"{% endJSONArrayFor %}] }</set-body>"#,
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 200 OK\nContent-Type: text/xml\n\n<s:Envelope xmlns:s=\"urn:s\"><s:Body><items><item><Name>a</Name></item><item><Name>b</Name></item></items></s:Body></s:Envelope>",
            then: "HTTP/1.1 200 OK\n\n{ \"items\": [\"a\",\"b\"] }",
            ..Example::BASE
        },
        Example {
            title: "Facts of the request",
            policy: r#"<set-body template="liquid">{{context.Request.Method}} {{context.Request.OriginalUrl.Host}} {{context.Request.MatchedParameters["id"]}} {{context.Request.Headers["X-A"]}} {{context.User.Email}}</set-body>"#,
            given: "POST /resource/7 HTTP/1.1\nX-A: one",
            then: "POST http://backend.example/resource/7 HTTP/1.1\n\nPOST contoso.example 7 one ann@contoso.example",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let template = cx.optional_literal::<String>(element, "template")?;
        let nil = cx.literal_or(element, "xsi-nil", Nil::Blank);
        let dates = cx.literal_or(element, "parse-date", true);
        if template.is_some_and(|template| template.trim().eq_ignore_ascii_case("liquid")) {
            return Some(Step::now(Liquid::compile(element, nil?, dates?, cx)?));
        }
        Some(Step::now(SetBody { on: cx.on(), body: cx.content(element)? }))
    },
    ..PolicyDef::BASE
};

struct SetBody {
    on: On,
    body: Value<Bytes>,
}

impl Policy for SetBody {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let body = self.body.get(exchange)?.into_owned();
        let size = body.len();
        exchange.set_body(self.on, Body::full(body));
        exchange.note(|_| format!("The body was replaced: {size} bytes."));
        Ok(Flow::Continue)
    }
}
