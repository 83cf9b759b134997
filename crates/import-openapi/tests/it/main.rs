//! Documents in, entities out.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use import_openapi::{Import, Problem, Syntax, read};
use proptest::prelude::*;
use serde_json::{Value, json};

fn imported(document: Value) -> Import {
    read(&document.to_string(), Syntax::Json).unwrap()
}

fn refused(text: &str, syntax: Syntax) -> Problem {
    read(text, syntax).unwrap_err()
}

fn three(paths: Value) -> Value {
    json!({ "openapi": "3.0.3", "info": { "title": "T", "version": "1" }, "paths": paths })
}

fn properties<'a>(import: &'a Import, name: &str) -> &'a Value {
    &import.operations.iter().find(|operation| operation.name == name).unwrap().properties
}

#[test]
fn an_operation_carries_template_parameters_request_and_responses() {
    let mut document = three(json!({ "/orders/{id}": {
        "parameters": [{ "name": "id", "in": "path", "required": true, "description": "Which", "schema": { "type": "integer" } }],
        "put": {
            "operationId": "replaceOrder", "summary": "Replace", "description": "All of it",
            "parameters": [{ "name": "dry", "in": "query", "schema": { "type": "boolean", "default": false } },
                           { "name": "X-Tag", "in": "header", "required": true, "schema": { "type": "string", "enum": ["a", "b"] } }],
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Order" }, "example": { "sku": "A" } } } },
            "responses": { "200": { "description": "Done", "content": { "application/json": { "examples": { "one": { "value": 1 } } } } }, "default": { "description": "-" } }
        } } }));
    document["components"] = json!({ "schemas": { "Order": { "type": "object" } } });
    let import = imported(document);
    assert_eq!(
        *properties(&import, "replaceorder"),
        json!({
            "displayName": "Replace", "method": "PUT", "urlTemplate": "/orders/{id}",
            "templateParameters": [{ "name": "id", "description": "Which", "type": "integer", "required": true }],
            "description": "All of it",
            "request": {
                "queryParameters": [{ "name": "dry", "type": "boolean", "required": false, "defaultValue": "false" }],
                "headers": [{ "name": "X-Tag", "type": "string", "required": true, "values": ["a", "b"] }],
                "representations": [{ "contentType": "application/json", "examples": { "default": { "value": { "sku": "A" } } },
                                      "schemaId": "components", "typeName": "Order" }]
            },
            "responses": [{ "statusCode": 200, "description": "Done", "headers": [],
                            "representations": [{ "contentType": "application/json", "examples": { "one": { "value": 1 } } }] }]
        })
    );
    assert_eq!(
        import.schemas[0].properties["document"],
        json!({ "components": { "schemas": { "Order": { "type": "object" } } } })
    );
}

#[test]
fn a_required_query_parameter_stands_in_the_template() {
    let import = imported(three(json!({ "/find": { "get": { "operationId": "find", "parameters": [
        { "name": "q", "in": "query", "required": true, "schema": { "type": "string" } },
        { "name": "page", "in": "query", "schema": { "type": ["null", "integer"] } }] } } })));
    let find = properties(&import, "find");
    assert_eq!(find["urlTemplate"], "/find?q={q}");
    assert_eq!(find["templateParameters"][0]["name"], "q");
    assert_eq!(find["request"]["queryParameters"], json!([{ "name": "page", "type": "integer", "required": false }]));
    let mut plain = find.clone();
    import_openapi::query_out_of_template(&mut plain);
    assert_eq!((&plain["urlTemplate"], &plain["templateParameters"]), (&json!("/find"), &json!([])));
    let names: Vec<&Value> =
        plain["request"]["queryParameters"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["q", "page"]);
}

#[test]
fn references_are_followed_and_circles_end() {
    let mut document = three(
        json!({ "/a/{x}": { "get": { "parameters": [{ "$ref": "#/components/parameters/X" }, { "$ref": "#/components/parameters/Loop" }] } } }),
    );
    document["components"] = json!({ "parameters": { "X": { "name": "x", "in": "path", "schema": { "type": "integer" } }, "Loop": { "$ref": "#/components/parameters/Loop" } } });
    let import = imported(document);
    assert_eq!(properties(&import, "get-a-x")["templateParameters"][0]["type"], "integer");
}

#[test]
fn openapi_2_bodies_and_forms_become_representations() {
    let import = imported(
        json!({ "swagger": "2.0", "info": { "title": "Pets", "version": "1" }, "host": "pets.example", "basePath": "/v1", "schemes": ["https"],
        "consumes": ["application/xml"], "definitions": { "Pet": { "type": "object", "example": { "name": "Rex" } } },
        "paths": { "/pets": { "post": { "operationId": "add", "parameters": [{ "in": "body", "name": "pet", "schema": { "$ref": "#/definitions/Pet" } }],
                                        "responses": { "201": { "description": "ok", "schema": { "$ref": "#/definitions/Pet" } } } },
                              "put": { "operationId": "form", "consumes": ["multipart/form-data"], "parameters": [{ "in": "formData", "name": "file", "type": "file", "required": true }], "responses": {} } } } }),
    );
    assert_eq!(import.api["serviceUrl"], "https://pets.example/v1");
    assert_eq!(
        properties(&import, "add")["request"]["representations"],
        json!([{ "contentType": "application/xml", "examples": { "default": { "value": { "name": "Rex" } } }, "schemaId": "definitions", "typeName": "Pet" }])
    );
    assert_eq!(properties(&import, "add")["responses"][0]["representations"][0]["contentType"], "application/json");
    assert_eq!(
        properties(&import, "form")["request"]["representations"],
        json!([{ "contentType": "multipart/form-data", "formParameters": [{ "name": "file", "type": "file", "required": true }] }])
    );
}

#[test]
fn yaml_reads_as_json_does() {
    let yaml = "openapi: 3.0.1\ninfo: {title: Stock, version: 2}\nservers:\n  - url: https://s.example/\npaths:\n  /items:\n    get:\n      summary: All\n      responses:\n        200:\n          description: The items\n        '404': {description: None}\n";
    let import = read(yaml, Syntax::Yaml).unwrap();
    assert_eq!(import.api["serviceUrl"], "https://s.example");
    let statuses: Vec<_> = properties(&import, "get-items")["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["statusCode"].clone())
        .collect();
    assert_eq!(statuses, [200, 404]);
}

#[test]
fn broken_text_says_where() {
    let json = refused("{\"openapi\": \"3.0.1\",\n \"info\": ", Syntax::Json);
    assert!(json.to_string().contains("line 2"), "{json}");
    let yaml = refused("openapi: 3.0.1\ninfo: [\n", Syntax::Yaml);
    assert!(yaml.to_string().contains("line "), "{yaml}");
}

#[test]
fn what_is_no_openapi_document_is_refused_with_the_reason() {
    assert!(refused("{}", Syntax::Json).message.contains("neither `openapi` nor `swagger`"));
    assert!(refused("{\"openapi\": \"4.0\"}", Syntax::Json).message.contains("4.0"));
    assert!(refused("{\"openapi\": \"3.0.0\", \"info\": {}}", Syntax::Json).message.contains("info.title"));
    let undescribed =
        three(json!({ "/a/{x}/{y}": { "get": { "parameters": [{ "name": "x", "in": "path" }] } } })).to_string();
    assert!(refused(&undescribed, Syntax::Json).message.contains("`y`"));
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,200}", yaml in any::<bool>()) {
        let _ = read(&text, if yaml { Syntax::Yaml } else { Syntax::Json });
    }

    #[test]
    fn no_shape_panics(path in "/[a-z{}/?]{0,20}", key in "(get|put|parameters|\\$ref|responses)", value in "(1|\"x\"|\\[\\]|\\{\\}|null|\\[\\{\\}\\]|\\{\"200\":3\\})") {
        let text = format!("{{\"openapi\":\"3.0.0\",\"info\":{{\"title\":\"t\"}},\"paths\":{{{path:?}:{{{key:?}:{value}}}}}}}");
        let _ = read(&text, Syntax::Json);
    }
}
