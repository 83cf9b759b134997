//! Policy documents as a client keeps them: what is put is what is got, in either format, and names stay right.

use policy_xml::{Element, Format, Node, read};
use serde_json::{Value, json};

use crate::world::World;

#[path = "../../../policy-xml/tests/corpus/mod.rs"]
mod corpus;

/// The documents that this server's check takes: it knows no named values and no fragments.
fn documents() -> impl Iterator<Item = &'static str> {
    let plain = |text: &&str| !text.contains("{{") && !text.contains("fragment") && text.contains("<policies");
    corpus::DOCUMENTS.iter().map(|(_, text)| *text).filter(plain)
}

async fn shown(world: &World, query: &str) -> (String, String) {
    let shown = world.get(&format!("/policies/policy{query}")).await.expect(200).body;
    let text = |name: &str| shown["properties"][name].as_str().unwrap().to_owned();
    (text("format"), text("value"))
}

async fn put(world: &World, format: &str, value: &str) {
    world.put("/policies/policy", json!({ "properties": { "format": format, "value": value } })).await.expect(200);
}

/// Every value and text of a document, in order.
fn says(element: &Element, said: &mut Vec<String>) {
    said.extend(element.attributes.iter().map(|attribute| attribute.value.value.text().to_owned()));
    for child in &element.children {
        match child {
            Node::Element(child) => says(child, said),
            Node::Text(text) => said.push(text.value.text().to_owned()),
            Node::Comment(_) => {}
        }
    }
}

fn meaning(text: &str, format: Format) -> Vec<String> {
    let mut said = Vec::new();
    says(&read(text, format, usize::MAX).root.unwrap(), &mut said);
    said
}

#[tokio::test]
async fn what_is_put_is_what_is_got_byte_for_byte() {
    let world = World::with_service().await;
    let mut count = 0;
    for raw in documents() {
        count += 1;
        put(&world, "rawxml", raw).await;
        assert_eq!(shown(&world, "").await, ("rawxml".to_owned(), raw.to_owned()));
        assert_eq!(shown(&world, "?format=rawxml").await.1, raw);
        let (format, xml) = shown(&world, "?format=xml").await;
        assert_eq!(format, "xml");
        assert_eq!(meaning(&xml, Format::Xml), meaning(raw, Format::RawXml));
        // And the other way round.
        put(&world, "xml", &xml).await;
        assert_eq!(shown(&world, "").await, ("xml".to_owned(), xml.clone()));
        assert_eq!(shown(&world, "?format=xml").await.1, xml);
        assert_eq!(meaning(&shown(&world, "?format=rawxml").await.1, Format::RawXml), meaning(raw, Format::RawXml));
    }
    assert!(count >= 5, "{count} documents");
}

#[tokio::test]
async fn odd_but_right_documents_come_back_as_they_were() {
    let world = World::with_service().await;
    for text in [
        "<policies/>",
        "\n\t<policies  >\r\n<outbound/><inbound></inbound >\n</policies>\n\n",
        "<!-- first --><policies><!-- <inbound> --><inbound><base/><set-body><![CDATA[ <a> ]]></set-body></inbound></policies><!-- last -->",
        "<policies><inbound><set-header id='x' name='a' exists-action='append'><value>&#65;&amp;\u{e9}</value></set-header></inbound></policies>",
    ] {
        for format in ["xml", "rawxml"] {
            put(&world, format, text).await;
            assert_eq!(shown(&world, "").await, (format.to_owned(), text.to_owned()));
        }
    }
}

#[tokio::test]
async fn a_link_is_fetched_once_and_its_text_is_kept() {
    let world = World::with_service().await;
    for (format, kept) in [("xml-link", "xml"), ("rawxml-link", "rawxml")] {
        put(&world, format, "https://files.example/policy.xml").await;
        let (format, value) = shown(&world, "").await;
        assert_eq!((format.as_str(), value.as_str()), (kept, "<policies><inbound><base /></inbound></policies>"));
    }
    for url in ["https://files.example/none.xml", "https://files.example/big"] {
        let body = json!({ "properties": { "format": "xml-link", "value": url } });
        let refused = world.put("/policies/policy", body).await.expect(400);
        assert!(refused.why().contains("could not be fetched"), "{}", refused.why());
    }
}

#[tokio::test]
async fn a_document_may_be_256_kb_long_and_a_fragment_512() {
    let world = World::with_service().await;
    let policy = |length: usize| format!("<policies>{}</policies>", " ".repeat(length - 21));
    put(&world, "xml", &policy(256 << 10)).await;
    let body = json!({ "properties": { "value": policy((256 << 10) + 1) } });
    world.put("/policies/policy", body).await.expect(400);
    let fragment = |length: usize| json!({ "properties": { "value": format!("<fragment>{}</fragment>", " ".repeat(length - 21)) } });
    world.put("/policyFragments/f", fragment(300 << 10)).await.expect(201);
}

#[tokio::test]
async fn a_named_value_is_found_wherever_a_document_has_it() {
    let world = World::with_service().await;
    world.put("/namedValues/nv", json!({ "properties": { "displayName": "old", "value": "1" } })).await.expect(201);
    for text in [
        "<set-body>a {{old}} b</set-body>",
        "<set-body>@(\"{{old}}\" + 1)</set-body>",
        "<set-body>@({{old}} + 1)</set-body>",
        "<set-header name=\"{{old}}\"><value>x</value></set-header>",
        "<set-body>@(new[] { {{old}} })</set-body>",
    ] {
        let document = format!("<policies><inbound>{text}</inbound></policies>");
        put(&world, "rawxml", &document).await;
        let refused = world.delete("/namedValues/nv").await.expect(400);
        assert!(refused.why().contains("'/policies/policy'"), "{text}: {}", refused.why());
        let renamed = |name: &str| json!({ "properties": { "displayName": name, "value": "1" } });
        world.put("/namedValues/nv", renamed("new")).await.expect(200);
        assert_eq!(shown(&world, "").await.1, document.replace("{{old}}", "{{new}}"));
        world.put("/namedValues/nv", renamed("old")).await.expect(200);
        assert_eq!(shown(&world, "").await.1, document);
    }
}

#[tokio::test]
async fn a_schema_that_a_policy_checks_with_stays() {
    let world = World::with_service().await;
    let schema = json!({ "properties": { "schemaType": "json", "document": { "type": "object" } } });
    world.put("/schemas/order", schema).await.expect(201);
    let policy = "<policies><inbound><validate-content unspecified-content-type-action=\"ignore\" max-size=\"1\" size-exceeded-action=\"ignore\">\
                  <content validate-as=\"json\" action=\"detect\" schema-id=\"order\" /></validate-content></inbound></policies>";
    put(&world, "xml", policy).await;
    let refused = world.delete("/schemas/order").await.expect(400);
    assert!(refused.why().contains("is used by '/policies/policy'"), "{}", refused.why());
    world.call("DELETE", "/policies/policy\nIf-Match: *", Value::Null).await.expect(200);
    world.delete("/schemas/order").await.expect(200);
}

#[tokio::test]
async fn the_policies_that_there_are_can_be_listed_by_scope() {
    let world = World::with_service().await;
    let names = async |query: &str| {
        let page = world.get(&format!("/policyDescriptions{query}")).await.expect(200).body;
        let all = page["value"].as_array().unwrap().iter();
        all.map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["cross-domain", "cors"]);
    assert_eq!(names("?scope=Api").await, ["cors"]);
    let first = world.get("/policyDescriptions").await.expect(200).body["value"][0].clone();
    assert_eq!(first["type"], "Microsoft.ApiManagement/service/policyDescriptions");
    assert_eq!(first["properties"], json!({ "description": "Lets Flash call.", "scope": 1 }));
    world.get("/policyDescriptions?scope=None").await.expect(400);
}
