//! `json-to-xml`: converts a body from JSON to XML.

use dom::SaveOptions;
use dotnet::{JsonAsXml, json_as_xml};
use json::{JToken, Load};
use policy::prelude::*;

use crate::media::{
    convert::{When, failed},
    is_xml,
};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "json-to-xml",
    summary: "Converts the body of a message from JSON to XML.",
    notes: "An object with one member that is no array becomes the root element; everything else stands in `<Document>`. An array repeats its \
            element, an empty one is an empty element, `null` is `xsi:nil`. `@name` is an attribute and `#text` a text, as Newtonsoft has it. \
            A name that begins with a prefix that is declared, and the separator, is in that namespace. An empty body stays as it is.",
    sections: Sections::INBOUND.or(Sections::OUTBOUND).or(Sections::ON_ERROR),
    attrs: &[
        Attr::required("apply", Kind::OneOf(&["always", "content-type-json"]), "Whether the `Content-Type` must be JSON.").expr(),
        Attr::or("consider-accept-header", Kind::Bool, "true", "Whether the client must ask for XML in `Accept`.").expr(),
        Attr::or("parse-date", Kind::Bool, "true", "Whether dates are written as XML has them, or copied."),
        Attr::or("namespace-separator", Kind::Name, "_", "What stands between prefix and name in a member's name.").expr(),
        Attr::or("namespace-prefix", Kind::Name, "xmlns", "How the names of members begin that declare namespaces.").expr(),
        Attr::optional("attribute-block-name", Kind::Name, "The member whose members are attributes.").expr(),
    ],
    examples: &[
        Example {
            title: "Several members",
            section: Section::Outbound,
            policy: r#"<json-to-xml apply="always" consider-accept-header="false" />"#,
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"name\": \"Ann\", \"tags\": [\"x\", \"y\"], \"none\": [], \"gone\": null}",
            then: "HTTP/1.1 200 OK\nContent-Type: application/xml\n\n<Document><name>Ann</name><tags>x</tags><tags>y</tags><none /><gone xsi:nil=\"true\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" /></Document>",
            ..Example::BASE
        },
        Example {
            title: "Namespaces and attributes",
            section: Section::Outbound,
            policy: r##"<json-to-xml apply="always" consider-accept-header="false" namespace-separator=":" attribute-block-name="#attrs" />"##,
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 200 OK\n\n{\"s:Envelope\": {\"xmlns:s\": \"urn:soap\", \"s:Body\": {\"#attrs\": {\"no\": 1}, \"name\": \"x\"}}}",
            then: "HTTP/1.1 200 OK\n\n<s:Envelope xmlns:s=\"urn:soap\"><s:Body no=\"1\"><name>x</name></s:Body></s:Envelope>",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let when = When::compile(element, cx);
        let dates = cx.literal_or(element, "parse-date", true);
        let separator = cx.attr_or(element, "namespace-separator", "_".to_owned());
        let prefix = cx.attr_or(element, "namespace-prefix", "xmlns".to_owned());
        let block = cx.optional(element, "attribute-block-name");
        Some(Step::now(JsonToXml { when: when?, dates: dates?, separator: separator?, prefix: prefix?, block: block? }))
    },
    ..PolicyDef::BASE
};

struct JsonToXml {
    when: When,
    dates: bool,
    separator: Value<String>,
    prefix: Value<String>,
    block: Option<Value<String>>,
}

impl Policy for JsonToXml {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let separator = self.separator.get(exchange)?;
        let prefix = self.prefix.get(exchange)?;
        let block = Value::optional(&self.block, exchange)?;
        if !self.when.holds(exchange, is_xml)? {
            exchange.note(|_| "The body stays as it is: its type or what the client accepts does not ask for XML.");
            return Ok(Flow::Continue);
        }
        let Some(text) = self.when.body(exchange)? else { return Ok(Flow::Continue) };
        let load = Load { dates: self.dates, ..Load::default() };
        let (separator, prefix) = (separator.into_owned(), prefix.into_owned());
        let block = block.map(std::borrow::Cow::into_owned);
        let xml = exchange.aside(self, text.len(), move || -> Result<String, String> {
            let json = JToken::parse_with(text, load).map_err(|error| error.to_string())?;
            let options = JsonAsXml { separator: &separator, prefix: &prefix, attributes: block.as_deref() };
            let document = json_as_xml(&json, &options)?;
            let save = SaveOptions { indent: false, ..SaveOptions::default() };
            document.to_xml(save).map_err(|error| error.to_string())
        })?;
        self.when.finish(exchange, xml.map_err(|error| failed("JSON", error))?, "application/xml");
        exchange.note(|_| "The body was converted from JSON to XML.");
        Ok(Flow::Continue)
    }
}
