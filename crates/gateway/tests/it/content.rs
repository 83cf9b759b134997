//! `validate-*` on an imported API, as clients and backends meet them.

use import_openapi::{Syntax, read};
use serde_json::json;
use testkit::{Documents, FakeBackend, Gateway, Reply, Seen, Setup};

use crate::policies::setup;

const SHOP: &str = r##"{
  "openapi": "3.0.3",
  "info": { "title": "Shop", "version": "1" },
  "paths": {
    "/orders/{id}": {
      "put": {
        "operationId": "put-order",
        "parameters": [
          { "name": "id", "in": "path", "required": true, "schema": { "type": "integer", "minimum": 1 } },
          { "name": "dry", "in": "query", "schema": { "type": "boolean" } },
          { "name": "tag", "in": "query", "schema": { "type": "array", "items": { "type": "string", "maxLength": 3 } } },
          { "name": "kind", "in": "query", "schema": { "type": "string", "enum": ["new", "old"] } },
          { "name": "X-Client", "in": "header", "required": true, "schema": { "$ref": "#/components/schemas/Client" } }
        ],
        "requestBody": { "content": {
          "application/json": { "schema": { "$ref": "#/components/schemas/Order" } },
          "application/merge-patch+json": { "schema": { "type": "object", "maxProperties": 1 } },
          "text/csv": {}
        } },
        "responses": {
          "200": {
            "description": "stored",
            "headers": { "X-Left": { "schema": { "type": "integer", "maximum": 9 } }, "X-Id": { "required": true, "schema": { "type": "string" } } },
            "content": { "application/json": { "schema": { "type": "object", "required": ["stored"] } } }
          }
        }
      }
    }
  },
  "components": { "schemas": {
    "Client": { "type": "string", "pattern": "^[a-z]+$" },
    "Order": {
      "type": "object", "required": ["sku"],
      "properties": {
        "sku": { "type": "string" },
        "count": { "type": "integer", "nullable": true, "minimum": 0, "exclusiveMinimum": true },
        "lines": { "type": "array", "items": { "$ref": "#/components/schemas/Order" } }
      }
    }
  } }
}"##;

/// The shop, imported, with a policy of its only operation.
fn shop(backend: &FakeBackend, policy: &str) -> Documents {
    let import = read(SHOP, Syntax::Json).unwrap();
    let mut api = import.api;
    for (name, value) in
        [("path", json!("shop")), ("serviceUrl", json!(backend.url())), ("subscriptionRequired", json!(false))]
    {
        api.insert(name.into(), value);
    }
    let mut documents = Documents::service("contoso").put("apis/shop", api.into());
    for operation in import.operations {
        documents = documents.put(&format!("apis/shop/operations/{}", operation.name), operation.properties);
    }
    for schema in import.schemas {
        documents = documents.put(&format!("apis/shop/schemas/{}", schema.name), schema.properties);
    }
    let address = json!({ "schemaType": "json", "document": { "definitions": { "Small": { "maxProperties": 1 } }, "maxProperties": 2 } });
    let soap = json!({ "schemaType": "xml", "value": "<xs:schema />" });
    documents.put("schemas/limits", address).put("schemas/soap", soap).policy("apis/shop/operations/put-order", policy)
}

fn inbound(policies: &str) -> String {
    format!(
        "<policies><inbound>{policies}</inbound><backend><base /></backend><outbound /><on-error>{TELL}</on-error></policies>"
    )
}

fn outbound(policies: &str) -> String {
    format!(
        "<policies><inbound /><backend><base /></backend><outbound>{policies}</outbound><on-error>{TELL}</on-error></policies>"
    )
}

/// Shows what went wrong in headers.
const TELL: &str = r#"<set-header name="X-Error" exists-action="override"><value>@(context.LastError.Source + "|" + context.LastError.Reason + "|" + context.LastError.Message)</value></set-header>
<set-header name="X-Errors" exists-action="override"><value>@(context.Variables.ContainsKey("errors") ? string.Join(";", ((JArray)context.Variables["errors"]).Select(e => (string)e["Name"] + "," + (string)e["Type"] + "," + (string)e["ValidationRule"] + "," + (string)e["Action"])) : "none")</value></set-header>"#;

struct Shop {
    backend: FakeBackend,
    gateway: Gateway,
}

/// What the client gets: the status, the message if it is an error, the headers that [`TELL`] writes.
struct Answer {
    status: String,
    message: String,
    error: String,
    errors: String,
}

impl Shop {
    fn new(policy: &str) -> Self {
        Self::answering(policy, |_| None)
    }

    fn answering(policy: &str, handler: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let backend = FakeBackend::with(handler);
        let gateway = Gateway::start(setup(), shop(&backend, policy));
        assert_eq!(gateway.problems(), Vec::<String>::new());
        Self { backend, gateway }
    }

    fn put(&self, target: &str, headers: &str, body: &str) -> Answer {
        let request = format!(
            "PUT /shop/orders/{target} HTTP/1.1\nHost: contoso.localhost\n{headers}Content-Length: {}\n\n{body}",
            body.len()
        );
        let answer = self.gateway.exchange(&request);
        let (head, body) = answer.split_once("\n\n").unwrap_or((&answer, ""));
        let header = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
            line.unwrap_or_default().to_owned()
        };
        let error: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        Answer {
            status: head.split(' ').nth(1).unwrap_or_default().to_owned(),
            message: error["message"].as_str().unwrap_or_default().to_owned(),
            error: header("x-error"),
            errors: header("x-errors"),
        }
    }
}

const JSON: &str = "X-Client: a\nContent-Type: application/json; charset=utf-8\n";
const INTERNAL: &str = "The request could not be processed due to an internal error. Contact the API owner.";

fn content(attributes: &str, inner: &str) -> String {
    format!(
        "<validate-content unspecified-content-type-action=\"prevent\" max-size=\"100\" size-exceeded-action=\"prevent\" \
         errors-variable-name=\"errors\" {attributes}>{inner}</validate-content>"
    )
}

const CHECK_JSON: &str = r#"<content type="application/json" validate-as="json" action="prevent" />"#;

#[test]
fn a_body_that_breaks_its_schema_is_answered_with_what_it_breaks() {
    let shop = Shop::new(&inbound(&content("", CHECK_JSON)));
    assert_eq!(
        shop.put("1", JSON, r#"{ "sku": "a", "count": null, "lines": [{ "sku": "b", "count": 1 }] }"#).status,
        "200"
    );
    let wrong = shop.put("1", JSON, "{\n \"sku\": 1,\n \"count\": 0\n}");
    let message = "Body of the request does not conform to the definition Order, which is associated with the content type application/json. \
                   Invalid type. Expected String but got Integer. Line: 2, Position: 9";
    assert_eq!((wrong.status.as_str(), wrong.message.as_str()), ("400", message));
    assert_eq!(wrong.error, format!("validate-content|Bad request|{message}"));
    let one = "application/json,RequestBody,IncorrectMessage,prevent";
    assert_eq!(wrong.errors, format!("{one};{one}"));
    assert_eq!(shop.backend.requests(), 1);
}

#[test]
fn a_body_that_is_no_json_is_the_owners_secret() {
    let shop = Shop::new(&inbound(&content("", CHECK_JSON)));
    let wrong = shop.put("1", JSON, "{");
    assert_eq!((wrong.status.as_str(), wrong.message.as_str()), ("400", INTERNAL));
    assert!(
        wrong.error.contains("Body of the request cannot be validated for the content type application/json. "),
        "{}",
        wrong.error
    );
    assert_eq!(wrong.errors, ",RequestBody,ValidationException,prevent");
}

#[test]
fn a_body_past_the_size_is_prevented_detected_or_ignored() {
    let long = format!("{{ \"sku\": \"{}\" }}", "x".repeat(200));
    let shop = Shop::new(&inbound(&content("", CHECK_JSON)));
    let wrong = shop.put("1", JSON, &long);
    assert_eq!(wrong.message, "Request's body is 213 bytes long and it exceeds the limit of 100 bytes.");
    assert!(
        wrong.error.ends_with("Request's body is 213 bytes long and it exceeds the configured limit of 100 bytes.")
    );
    assert_eq!((wrong.status.as_str(), wrong.errors.as_str()), ("400", ",RequestBody,SizeLimit,prevent"));
    let show = r#"<return-response><set-status code="200" /><set-header name="X-Errors"><value>@(context.Variables.ContainsKey("errors") ? ((JArray)context.Variables["errors"]).ToString(Newtonsoft.Json.Formatting.None) : "none")</value></set-header></return-response>"#;
    for (action, errors) in [
        (
            "detect",
            r#"[{"Name":"","Type":"RequestBody","ValidationRule":"SizeLimit","Details":"Request's body is 213 bytes long and it exceeds the configured limit of 100 bytes.","Action":"detect"}]"#,
        ),
        ("ignore", "none"),
    ] {
        let policy = content("", CHECK_JSON)
            .replace("size-exceeded-action=\"prevent\"", &format!("size-exceeded-action=\"{action}\""));
        let passed = Shop::new(&inbound(&(policy + show))).put("1", JSON, &long);
        assert_eq!((passed.status.as_str(), passed.errors.as_str()), ("200", errors), "{action}");
    }
}

#[test]
fn content_types_count_as_the_map_says_and_unknown_ones_are_refused() {
    let shop = Shop::new(&inbound(&content("", CHECK_JSON)));
    let unknown = shop.put("1", "X-Client: a\nContent-Type: application/xml\n", "<a/>");
    assert_eq!(
        (unknown.status.as_str(), unknown.message.as_str()),
        ("400", "Unspecified content type application/xml is not allowed.")
    );
    assert_eq!(unknown.errors, "application/xml,RequestBody,Unspecified,prevent");
    let missing = shop.put("1", "X-Client: a\n", "{}");
    assert_eq!(missing.message, "Unspecified content type  is not allowed.");
    assert_eq!(shop.put("1", "X-Client: a\n", "").status, "200");
    // Declared without a schema: there is nothing to check.
    assert_eq!(shop.put("1", "X-Client: a\nContent-Type: text/csv\n", "a,b").status, "200");

    let map = r#"<content-type-map missing-content-type-value="application/json"><type from="application/hal+json" to="application/json" />
        <type when="@(context.Request.Headers.GetValueOrDefault("X-Odd") == "1")" to="application/json" /></content-type-map>"#;
    let shop = Shop::new(&inbound(&content("", &format!("{map}{CHECK_JSON}"))));
    for headers in [
        "X-Client: a\n",
        "X-Client: a\nContent-Type: application/hal+json\n",
        "X-Client: a\nX-Odd: 1\nContent-Type: a/b\n",
    ] {
        assert!(
            shop.put("1", headers, "{}").message.contains("Required properties are missing from object: sku."),
            "{headers}"
        );
        assert_eq!(shop.put("1", headers, "{\"sku\":\"a\"}").status, "200");
    }
    let any = r#"<content-type-map any-content-type-value="application/json" />"#;
    let shop = Shop::new(&inbound(&content("", &format!("{any}{CHECK_JSON}"))));
    assert!(shop.put("1", "X-Client: a\nContent-Type: a/b\n", "{}").message.contains("sku"));
}

#[test]
fn a_rule_without_a_type_is_for_every_declared_one() {
    let rule = r#"<content validate-as="json" action="prevent" allow-additional-properties="false" case-insensitive-property-names="true" />"#;
    let shop = Shop::new(&inbound(&content("", rule)));
    assert_eq!(shop.put("1", JSON, r#"{ "SKU": "a" }"#).status, "200");
    assert!(
        shop.put("1", JSON, r#"{ "sku": "a", "more": 1 }"#).message.contains("Property 'more' has not been defined")
    );
    // A schema that stands where it is used got a name.
    let merge = shop.put("1", "X-Client: a\nContent-Type: application/merge-patch+json\n", "{\"a\":1,\"b\":2}");
    assert!(merge.message.contains("conform to the definition OrdersIdPutRequest, which"), "{}", merge.message);
}

#[test]
fn a_schema_of_the_service_can_stand_for_the_declared_one() {
    let rule = |more: &str| {
        format!(r#"<content type="application/json" validate-as="json" action="prevent" schema-id="limits" {more} />"#)
    };
    let shop = Shop::new(&inbound(&content("", &rule(""))));
    assert_eq!(shop.put("1", JSON, "{\"a\":1,\"b\":2}").status, "200");
    let wrong = shop.put("1", JSON, "{\"a\":1,\"b\":2,\"c\":3}").message;
    assert!(
        wrong.contains("definition limits, which")
            && wrong.contains("Object property count 3 exceeds maximum count of 2."),
        "{wrong}"
    );
    let shop = Shop::new(&inbound(&content("", &rule("schema-ref=\"#/definitions/Small\""))));
    assert!(shop.put("1", JSON, "{\"a\":1,\"b\":2}").message.contains("definition limits#/definitions/Small, which"));
    // A new schema takes effect without a new policy.
    let stricter = json!({ "schemaType": "json", "document": { "definitions": { "Small": { "maxProperties": 0 } } } });
    shop.gateway.write(Documents::of("contoso").put("schemas/limits", stricter));
    assert_eq!(shop.put("1", JSON, "{\"a\":1}").status, "400");
}

#[test]
fn a_schema_that_is_not_there_is_the_owners_fault() {
    let shop = Shop::new(&inbound(&content("", CHECK_JSON)));
    let other = json!({ "contentType": "application/vnd.oai.openapi.components+json", "document": { "components": { "schemas": { "Other": {} } } } });
    shop.gateway.write(Documents::of("contoso").put("apis/shop/schemas/components", other));
    let wrong = shop.put("1", JSON, "{}");
    assert_eq!((wrong.status.as_str(), wrong.message.as_str()), ("400", INTERNAL));
    assert!(wrong.error.ends_with(
        "API's schema does not contain definition Order, which is associated with the content type application/json."
    ));
    assert_eq!(wrong.errors, "application/json,RequestBody,MissingDefinition,prevent");
    shop.gateway.write(Documents::of("contoso").delete("apis/shop/schemas/components"));
    let wrong = shop.put("1", JSON, "{}");
    assert!(wrong.error.ends_with("API's schema does not exist or it could not be resolved."), "{}", wrong.error);
    assert_eq!(wrong.errors, ",ApiSchema,,prevent");
}

#[test]
fn a_long_body_is_checked_all_the_same() {
    let policy = content("", CHECK_JSON).replace("max-size=\"100\"", "max-size=\"4194304\"");
    let shop = Shop::new(&inbound(&policy));
    let line = r#"{"sku":"abc","count":1}"#;
    let lines = |last: &str| format!("{{\"sku\":\"a\",\"lines\":[{}{last}]}}", format!("{line},").repeat(20_000));
    assert_eq!(shop.put("1", JSON, &lines(line)).status, "200");
    assert_eq!(shop.backend.last().unwrap().body.len(), lines(line).len());
    assert!(shop.put("1", JSON, &lines("7")).message.contains("Invalid type. Expected Object but got Integer."));
}

#[test]
fn a_response_that_breaks_its_schema_is_answered_with_502() {
    let policy = outbound(&content("", CHECK_JSON));
    let shop = Shop::answering(&policy, |seen| {
        let body = if seen.target.contains("good") { "{\"stored\":1}" } else { "{}" };
        Some(Reply::new(200, body).header("Content-Type", "application/json"))
    });
    assert_eq!(shop.put("1?good", JSON, "").status, "200");
    let wrong = shop.put("1", JSON, "");
    assert_eq!((wrong.status.as_str(), wrong.message.as_str()), ("502", INTERNAL));
    let details = "Body of the response does not conform to the definition OrdersIdPut200Response, which is associated with the content type \
                   application/json. Required properties are missing from object: stored. Line: 1, Position: 1";
    assert_eq!(wrong.error, format!("validate-content|Response not allowed|{details}"));
    assert_eq!(wrong.errors, "application/json,ResponseBody,IncorrectMessage,prevent");
}

fn parameters(inner: &str) -> String {
    format!(
        "<validate-parameters specified-parameter-action=\"prevent\" unspecified-parameter-action=\"prevent\" \
         errors-variable-name=\"errors\">{inner}</validate-parameters>"
    )
}

#[test]
fn parameters_are_checked_against_what_is_declared() {
    let shop = Shop::new(&inbound(&parameters("")));
    let good = "X-Client: abc\nUser-Agent: x\n";
    let only = |query: &str, headers: &str| shop.put(query, headers, "");
    let passed = only("1?dry=true&tag=a&tag=bc&kind=new&subscription-key=k", "X-Client: abc\n");
    assert_eq!((passed.status.as_str(), passed.message.as_str()), ("200", ""));
    for (target, headers, message, error) in [
        (
            "1?more=1",
            "X-Client: a\n",
            "Unspecified query parameter more is not allowed.",
            "more,QueryParameter,Unspecified,prevent",
        ),
        ("1", good, "Unspecified header User-Agent is not allowed.", "User-Agent,RequestHeader,Unspecified,prevent"),
        (
            "1?dry=1&dry=2",
            "X-Client: a\n",
            "Request cannot contain multiple values for the query parameter dry.",
            "dry,QueryParameter,IncorrectMessage,prevent",
        ),
        (
            "1?dry=no",
            "X-Client: a\n",
            "Value of the query parameter dry couldn't be parsed according to the definition. Could not convert string to boolean: no.",
            "dry,QueryParameter,IncorrectMessage,prevent",
        ),
        (
            "1?kind=odd",
            "X-Client: a\n",
            "The value of the query parameter kind does not conform to the definition. Value \"odd\" is not defined in enum. Line: 1, Position: 5",
            "kind,QueryParameter,IncorrectMessage,prevent",
        ),
        (
            "1?tag=abc,abcd",
            "X-Client: a\n",
            "The value of the query parameter tag does not conform to the definition. String 'abcd' exceeds maximum length of 3. Line: 1, Position: 13",
            "tag,QueryParameter,IncorrectMessage,prevent",
        ),
        (
            "0",
            "X-Client: a\n",
            "The value of the path parameter id does not conform to the definition. Integer 0 is less than minimum value of 1. Line: 1, Position: 1",
            "id,PathParameter,IncorrectMessage,prevent",
        ),
        (
            "x",
            "X-Client: a\n",
            "Value of the path parameter id couldn't be parsed according to the definition. Could not convert string to integer: x.",
            "id,PathParameter,IncorrectMessage,prevent",
        ),
        (
            "1",
            "X-Client: A\n",
            "The value of the header X-Client does not conform to the definition. String 'A' does not match regex pattern '^[a-z]+$'. Line: 1, Position: 3",
            "X-Client,RequestHeader,IncorrectMessage,prevent",
        ),
        (
            "1",
            "",
            "The value of the header X-Client does not conform to the definition. It is required and is not there.",
            "X-Client,RequestHeader,IncorrectMessage,prevent",
        ),
    ] {
        let wrong = only(target, headers);
        assert_eq!((wrong.status.as_str(), wrong.message.as_str(), wrong.errors.as_str()), ("400", message, error));
        assert!(wrong.error.starts_with("validate-parameters|Bad request|"), "{}", wrong.error);
    }
}

#[test]
fn places_and_names_override_what_holds_for_all_parameters() {
    let inner = "<headers specified-parameter-action=\"ignore\" unspecified-parameter-action=\"ignore\" />\
                 <query unspecified-parameter-action=\"detect\"><parameter name=\"debug\" action=\"prevent\" /><parameter name=\"dry\" action=\"ignore\" /></query>\
                 <path specified-parameter-action=\"detect\"><parameter name=\"other\" action=\"prevent\" /></path>";
    let shop = Shop::new(&inbound(&parameters(inner)));
    assert_eq!(shop.put("0?dry=odd&more=1", "X-Odd: 1\nX-Client: A\n", "").status, "200");
    let debug = shop.put("0?debug=1&more=1", "X-Odd: 1\n", "");
    assert_eq!(debug.message, "Unspecified query parameter debug is not allowed.");
    assert_eq!(
        debug.errors,
        "id,PathParameter,IncorrectMessage,detect;debug,QueryParameter,Unspecified,prevent;more,QueryParameter,Unspecified,detect"
    );
    // What holds for all holds for what a place does not say.
    assert_eq!(shop.put("1?kind=odd", "", "").status, "400");
}

#[test]
fn response_headers_are_checked_against_what_is_declared_for_the_status() {
    let policy = |inner: &str| {
        outbound(&format!(
            "<validate-headers specified-header-action=\"prevent\" unspecified-header-action=\"prevent\" errors-variable-name=\"errors\">{inner}\
             </validate-headers>"
        ))
    };
    let answer = |seen: &Seen| {
        let mut reply = Reply::new(200, "{}").header("Content-Type", "application/json");
        for header in seen.target.split_once('?').map_or("", |(_, query)| query).split('&') {
            let (name, value) = header.split_once('=').unwrap_or((header, ""));
            reply = reply.header(name, value);
        }
        Some(reply)
    };
    let shop = Shop::answering(&policy(""), answer);
    assert_eq!(shop.put("1?X-Id=a&X-Left=9", JSON, "").status, "200");
    for (target, details, error) in [
        ("1?X-Id=a&X-More=1", "Unspecified header X-More is not allowed.", "X-More,ResponseHeader,Unspecified,prevent"),
        (
            "1?X-Id=a&X-Left=10",
            "Value of the header X-Left does not conform to the definition. Integer 10 exceeds maximum value of 9. Line: 1, Position: 2",
            "X-Left,ResponseHeader,IncorrectMessage,prevent",
        ),
        (
            "1?X-Id=a&X-Left=x",
            "Value of the header X-Left cannot be parsed according to the definition. Could not convert string to integer: x.",
            "X-Left,ResponseHeader,IncorrectMessage,prevent",
        ),
        (
            "1?X-Id=a&X-Id=b",
            "Response cannot contain multiple values for the header X-Id.",
            "X-Id,ResponseHeader,IncorrectMessage,prevent",
        ),
        (
            "1?X-Left=1",
            "Value of the header X-Id does not conform to the definition. It is required and is not there.",
            "X-Id,ResponseHeader,IncorrectMessage,prevent",
        ),
    ] {
        let wrong = shop.put(target, JSON, "");
        assert_eq!((wrong.status.as_str(), wrong.message.as_str()), ("502", INTERNAL));
        assert_eq!(
            (wrong.error, wrong.errors.as_str()),
            (format!("validate-headers|Response not allowed|{details}"), error)
        );
    }
    let shop = Shop::answering(
        &policy("<header name=\"x-more\" action=\"ignore\" /><header name=\"X-Left\" action=\"detect\" />"),
        answer,
    );
    assert_eq!(shop.put("1?X-Id=a&X-Left=x&X-More=1", JSON, "").status, "200");
}

#[test]
fn statuses_that_are_not_declared_are_refused_but_for_those_the_policy_names() {
    let policy = outbound(
        "<validate-status-code unspecified-status-code-action=\"prevent\" errors-variable-name=\"errors\"><status-code code=\"404\" action=\"detect\" />\
         </validate-status-code>",
    );
    let shop = Shop::answering(&policy, |seen| Some(Reply::new(seen.target.split_once('?')?.1.parse().ok()?, "")));
    assert_eq!(shop.put("1?200", JSON, "").status, "200");
    assert_eq!(shop.put("1?404", JSON, "").status, "404");
    let wrong = shop.put("1?500", JSON, "");
    assert_eq!((wrong.status.as_str(), wrong.message.as_str()), ("502", INTERNAL));
    assert_eq!(wrong.error, "validate-status-code|Response not allowed|Response status code 500 is not allowed.");
    assert_eq!(wrong.errors, "500,StatusCode,Unspecified,prevent");
}

#[test]
fn what_cannot_be_checked_yet_breaks_the_document_and_says_so() {
    let backend = FakeBackend::start();
    for (content, why) in [
        (
            r#"<content type="text/xml" validate-as="xml" action="prevent" schema-id="soap" />"#,
            "<content validate-as=\"xml\"> is valid, but Tollgate cannot run it yet.",
        ),
        (
            r#"<content type="text/xml" validate-as="soap" action="prevent" />"#,
            "<content validate-as=\"soap\"> is valid, but Tollgate cannot run it yet.",
        ),
        (
            r#"<content validate-as="json" action="prevent" schema-id="soap" />"#,
            "The schema \"soap\" is not a JSON schema.",
        ),
        (r#"<content validate-as="json" action="prevent" schema-id="gone" />"#, "There is no schema \"gone\"."),
        (
            r##"<content validate-as="json" action="prevent" schema-id="limits" schema-ref="#/definitions/Gone" />"##,
            "The schema \"limits\" cannot be used: ",
        ),
    ] {
        let gateway = Gateway::start(setup(), shop(&backend, &inbound(&self::content("", content))));
        let problems = gateway.problems();
        assert!(problems.len() == 1 && problems[0].contains(why), "{problems:?}");
    }
}

#[test]
fn a_policy_that_cannot_run_yet_answers_501_where_the_node_says_so() {
    let backend = FakeBackend::start();
    let policy = inbound(
        "<choose><when condition=\"@(context.Request.Url.Query.ContainsKey(&quot;dry&quot;))\">\
         <log-to-eventhub logger-id=\"hub\">x</log-to-eventhub></when></choose>",
    );
    let refusing = Gateway::start(setup(), shop(&backend, &policy));
    assert!(refusing.problems()[0].contains("<log-to-eventhub> is valid, but Tollgate cannot run it yet."));
    let setup = Setup { fail_unsupported: true, ..setup() };
    let shop = Shop { gateway: Gateway::start(setup, shop(&backend, &policy)), backend };
    assert_eq!(shop.put("1", JSON, "").status, "200");
    let reached = shop.put("1?dry=1", JSON, "");
    let message = "<log-to-eventhub> is valid, but Tollgate cannot run it yet.";
    assert_eq!((reached.status.as_str(), reached.message.as_str()), ("501", message));
    assert_eq!(reached.error, format!("log-to-eventhub|PolicyNotSupported|{message}"));
}
