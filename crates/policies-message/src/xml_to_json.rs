//! `xml-to-json`: converts a body from XML to JSON.

use dom::{ParseOptions, XObject};
use dotnet::{XmlAsJson, xml_as_json};
use json::Formatting;
use policy::prelude::*;

use crate::media::{
    convert::{When, failed},
    is_json,
};

words! {
    /// How the JSON is shaped.
    pub(crate) enum Shape { JavascriptFriendly = "javascript-friendly", Direct = "direct" }
}

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "xml-to-json",
    summary: "Converts the body of a message from XML to JSON.",
    notes: "`direct` keeps everything, as Newtonsoft's `JsonConvert` does: attributes are `@name`, text beside them is `#text`, the \
            declaration is `?xml`, names keep their prefix. `javascript-friendly` keeps what a script works with: attributes are plain \
            members, text beside them is `value`, prefixes, namespaces, comments and the declaration are left out. Elements of one name are \
            an array, a lone one is not, unless `always-array-child-elements` says so. An empty body stays as it is.",
    sections: Sections::INBOUND.or(Sections::OUTBOUND).or(Sections::ON_ERROR),
    attrs: &[
        Attr::required("kind", Kind::OneOf(Shape::WORDS), "How the JSON is shaped.").expr(),
        Attr::required("apply", Kind::OneOf(&["always", "content-type-xml"]), "Whether the `Content-Type` must be XML.").expr(),
        Attr::or("consider-accept-header", Kind::Bool, "true", "Whether the client must ask for JSON in `Accept`.").expr(),
        Attr::or("always-array-child-elements", Kind::Bool, "false", "Whether lone elements are arrays, too.").expr(),
    ],
    examples: &[
        Example {
            title: "As Newtonsoft does",
            section: Section::Outbound,
            policy: r#"<xml-to-json kind="direct" apply="always" consider-accept-header="false" />"#,
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 200 OK\nContent-Type: text/xml\n\n<a id=\"1\"><b>x</b><b>y</b><c /></a>",
            then: "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"a\":{\"@id\":\"1\",\"b\":[\"x\",\"y\"],\"c\":null}}",
            ..Example::BASE
        },
        Example {
            title: "For scripts, where the client asks for JSON",
            section: Section::Outbound,
            policy: r#"<xml-to-json kind="javascript-friendly" apply="content-type-xml" />"#,
            given: "GET /resource/1 HTTP/1.1\nAccept: application/json",
            backend: "HTTP/1.1 200 OK\nContent-Type: text/xml\n\n<s:a xmlns:s=\"urn:s\" id=\"1\"><s:b no=\"2\">x</s:b></s:a>",
            then: "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"a\":{\"id\":\"1\",\"b\":{\"no\":\"2\",\"value\":\"x\"}}}",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let when = When::compile(element, cx);
        let shape = cx.attr(element, "kind");
        let arrays = cx.attr_or(element, "always-array-child-elements", false);
        Some(Step::now(XmlToJson { when: when?, shape: shape?, arrays: arrays? }))
    },
    ..PolicyDef::BASE
};

struct XmlToJson {
    when: When,
    shape: Value<Shape>,
    arrays: Value<bool>,
}

impl Policy for XmlToJson {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let plain = *self.shape.get(exchange)? == Shape::JavascriptFriendly;
        let arrays = *self.arrays.get(exchange)?;
        if !self.when.holds(exchange, is_json)? {
            exchange.note(|_| "The body stays as it is: its type or what the client accepts does not ask for JSON.");
            return Ok(Flow::Continue);
        }
        let Some(text) = self.when.body(exchange)? else { return Ok(Flow::Continue) };
        let json = exchange.aside(self, text.len(), move || -> Result<String, String> {
            let document = XObject::parse_document(&text, ParseOptions::default()).map_err(|error| error.to_string())?;
            let json = xml_as_json(&document, XmlAsJson { plain, arrays }).map_err(|error| error.to_string())?;
            Ok(json.to_json(Formatting::None))
        })?;
        self.when.finish(exchange, json.map_err(|error| failed("XML", error))?, "application/json");
        exchange.note(|_| "The body was converted from XML to JSON.");
        Ok(Flow::Continue)
    }
}
