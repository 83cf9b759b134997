//! What schemas of all dialects take and refuse.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn api() -> Value {
    json!({ "components": { "schemas": {
        "Order": {
            "type": "object",
            "required": ["id", "lines"],
            "additionalProperties": true,
            "properties": {
                "id": { "type": "integer", "minimum": 0, "exclusiveMinimum": true },
                "note": { "type": "string", "nullable": true, "maxLength": 5 },
                "state": { "enum": ["open", "done"], "nullable": true },
                "Lines": { "type": "array" },
                "lines": { "type": "array", "items": { "$ref": "#/components/schemas/Line" }, "minItems": 1 },
                "parent": { "$ref": "#/components/schemas/Order", "nullable": true },
            },
        },
        "Line": {
            "allOf": [
                { "$ref": "#/components/schemas/Base" },
                { "type": "object", "properties": { "count": { "type": "integer" } }, "additionalProperties": true },
            ],
        },
        "Base": { "type": "object", "required": ["sku"], "properties": { "sku": { "type": "string", "pattern": "^[a-z]+$" } } },
        "Closed": { "type": "object", "properties": { "a": { "type": "object", "additionalProperties": false } }, "additionalProperties": false },
        "Broken": { "type": "nothing" },
        "Far": { "$ref": "https://schemas.example/far.json" },
    } } })
}

fn check(name: &str, reading: Reading, text: &str) -> Vec<String> {
    let schema = Schema::definition(&api(), name, reading).unwrap();
    let violations = schema.check(text.as_bytes()).unwrap();
    violations.into_iter().map(|found| format!("{}:{} {}", found.line, found.position, found.message)).collect()
}

const STRICT: Reading = Reading { additional: Some(false), fold_names: false };
const LOOSE: Reading = Reading { additional: Some(true), fold_names: false };
const FOLDED: Reading = Reading { additional: None, fold_names: true };

#[test]
fn a_right_text_breaks_nothing() {
    let text = r#"{ "id": 1, "note": null, "state": null, "lines": [{ "sku": "a", "count": 2 }], "parent": null, "more": [1] }"#;
    assert_eq!(check("Order", Reading::default(), text), Vec::<String>::new());
}

#[test]
fn every_violation_is_told_with_its_place() {
    let text = "{\n  \"id\": 0,\n  \"note\": \"too long\",\n  \"state\": \"gone\",\n  \"lines\": [\n    { \"count\": 1.5 },\n    { \"sku\": \"A\" }\n  ]\n}";
    assert_eq!(
        check("Order", Reading::default(), text),
        [
            "2:9 Integer 0 equals minimum value of 0 and exclusive minimum is true.",
            "3:20 String 'too long' exceeds maximum length of 5.",
            "4:17 Value \"gone\" is not defined in enum.",
            "6:5 Required properties are missing from object: sku.",
            "6:18 Invalid type. Expected Integer but got Number.",
            "7:16 String 'A' does not match regex pattern '^[a-z]+$'.",
        ]
    );
    assert_eq!(
        check("Order", Reading::default(), "{}"),
        ["1:1 Required properties are missing from object: id, lines."]
    );
    assert_eq!(check("Order", Reading::default(), " []"), ["1:2 Invalid type. Expected Object but got Array."]);
}

#[test]
fn additional_properties_are_refused_or_allowed_as_the_policy_says() {
    let text = r#"{ "id": 1, "more": 1, "lines": [{ "sku": "a", "count": 2, "extra": 0 }] }"#;
    assert_eq!(check("Order", Reading::default(), text), Vec::<String>::new());
    let sentence = |name: &str| {
        format!("Property '{name}' has not been defined and the schema does not allow additional properties.")
    };
    assert_eq!(
        check("Order", STRICT, text),
        [format!("1:20 {}", sentence("more")), format!("1:68 {}", sentence("extra"))]
    );
    let text = r#"{ "a": { "b": 1 }, "c": 2 }"#;
    assert_eq!(check("Closed", Reading::default(), text).len(), 2);
    assert_eq!(check("Closed", LOOSE, text), Vec::<String>::new());
}

#[test]
fn the_case_of_names_does_not_matter_where_the_policy_says_so() {
    let text = r#"{ "ID": 1, "Lines": [{ "SKU": "a" }], "NOTE": "123456" }"#;
    assert_eq!(check("Order", FOLDED, text), ["1:54 String '123456' exceeds maximum length of 5."]);
}

#[test]
fn what_is_not_there_or_is_no_schema_is_told() {
    let error = |document: &Value, name: &str| Schema::definition(document, name, Reading::default()).unwrap_err();
    assert_eq!(error(&api(), "Gone"), Error::NoDefinition("Gone".into()));
    assert_eq!(error(&json!({ "a": 1 }), "Gone"), Error::NoDefinitions);
    assert!(matches!(error(&api(), "Broken"), Error::Invalid(_)));
    // Nothing is fetched.
    assert!(matches!(error(&api(), "Far"), Error::Invalid(_)));
    assert!(Schema::definition(&api(), "#/components/schemas/Line", Reading::default()).is_ok());
    let part = Schema::definition(&api(), "#/components/schemas/Order/properties/id", Reading::default()).unwrap();
    assert_eq!(part.check(b"1"), Ok(Vec::new()));
}

#[test]
fn a_schema_may_stand_alone() {
    let draft4 = json!({ "$schema": "http://json-schema.org/draft-04/schema#", "type": "number", "minimum": 1, "exclusiveMinimum": true });
    let newest = json!({ "type": "array", "prefixItems": [{ "type": "string" }], "unevaluatedItems": false });
    let of = |schema: &Value, text: &str| {
        Schema::whole(schema, Reading::default()).unwrap().check(text.as_bytes()).unwrap().len()
    };
    assert_eq!((of(&draft4, "1"), of(&draft4, "2")), (1, 0));
    assert_eq!((of(&newest, "[\"a\"]"), of(&newest, "[\"a\", 1]")), (0, 1));
    assert!(Schema::whole(&json!([]), Reading::default()).is_err());
}

#[test]
fn of_a_long_text_the_first_violation_is_told() {
    let schema = Schema::whole(&json!({ "items": { "type": "string" } }), Reading::default()).unwrap();
    let numbers = |count: usize| format!("[{}]", vec!["1"; count].join(","));
    assert_eq!(schema.check(numbers(3).as_bytes()).unwrap().len(), 3);
    assert_eq!(schema.check(numbers(500).as_bytes()).unwrap().len(), MOST_TOLD);
    assert_eq!(schema.check(numbers(100_000).as_bytes()).unwrap().len(), 1);
}

#[test]
fn a_text_that_is_no_json_is_told_as_such() {
    let schema = Schema::whole(&json!(true), Reading::default()).unwrap();
    assert_eq!(schema.check(b"{").unwrap_err().0, "EOF while parsing an object at line 1 column 1");
    assert!(schema.check("[".repeat(100_000).as_bytes()).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "([{}\\[\\],:\"a1 \n\\\\]|null|true|\"a\"|\"ä\"|-1.5e3){0,40}") {
        for reading in [Reading::default(), STRICT, FOLDED] {
            let _ = Schema::definition(&api(), "Order", reading).unwrap().check(text.as_bytes());
        }
        let _ = place::find(text.as_bytes(), &["a".into(), "1".into(), "a".into()], true);
    }

    #[test]
    fn no_schema_makes_it_panic(text in "(\\{\"(type|\\$ref|items|properties|allOf|required|enum|pattern)\": |[{}\\[\\],]|\"object\"|\"#/definitions/a\"|\"\\(\"|1|true){0,12}") {
        if let Ok(schema) = serde_json::from_str::<Value>(&text) {
            let _ = Schema::whole(&schema, STRICT);
            let _ = Schema::definition(&json!({ "definitions": { "a": schema } }), "a", FOLDED);
        }
    }
}
