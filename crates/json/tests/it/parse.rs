//! Reading: what the tolerant reader accepts and how it refuses. Expected texts were recorded from Newtonsoft.Json 13.

use json::{Comments, Formatting, JToken, JTokenType, Load};

#[test]
fn odd_texts_are_read() {
    for (text, json) in READ {
        assert_eq!(JToken::parse(*text).unwrap().to_json(Formatting::None), *json, "{text}");
    }
}

#[test]
fn bad_texts_are_refused_in_newtonsofts_words() {
    for (class, text, message) in REFUSED {
        let result = match *class {
            "JObject" => JToken::parse_object(*text),
            "JArray" => JToken::parse_array(*text),
            _ => JToken::parse(*text),
        };
        assert_eq!(result.unwrap_err().message, *message, "{class} {text}");
    }
}

#[test]
fn nesting_ends_at_64() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(JToken::parse(nested(64)).is_ok());
    let message = JToken::parse(nested(65)).unwrap_err().message;
    let path = "[0]".repeat(64);
    assert_eq!(message, format!("The reader's MaxDepth of 64 has been exceeded. Path '{path}', line 1, position 65."));
}

#[test]
fn a_leading_comment_is_the_token() {
    let token = JToken::parse("/*c*/1").unwrap();
    assert_eq!((token.kind(), token.to_string()), (JTokenType::Comment, "c".to_owned()));
}

#[test]
fn comments_are_kept_on_request() {
    let load = Load { comments: Comments::Load, ..Load::default() };
    let token = JToken::parse_with("[/*a*/1,/*b*/{'x'/*lost*/:/*c*/2}]", load);
    assert!(token.is_err(), "a comment cannot stand before a colon");
    assert_eq!(JToken::parse_with("[/*a*/1,2]", load).unwrap().to_json(Formatting::None), "[/*a*/1,2]");
}

#[test]
fn dates_can_be_left_alone() {
    let load = Load { dates: false, ..Load::default() };
    let token = JToken::parse_with("['2024-03-05T14:07:09Z']", load).unwrap();
    assert_eq!(token.child(0).unwrap().kind(), JTokenType::String);
}

#[test]
fn a_repeated_name_replaces_the_first_in_its_place() {
    let many: Vec<_> = (0..40).map(|n| format!("'n{n}':{n},")).collect();
    let many = many.concat();
    let token = JToken::parse(format!("{{'a':1,{many}'a':2,'n7':'x'}}")).unwrap();
    assert_eq!(token.count(), 41);
    assert_eq!(token.child(0).unwrap().to_json(Formatting::None), r#""a":2"#);
    assert_eq!(token.get("n7").unwrap().to_string(), "x");
    assert_eq!(token.child(8).unwrap().to_string(), "\"n7\": \"x\"");
}

const READ: &[(&str, &str)] = &[
    ("[-Infinity,NaN,Infinity,undefined]", r#"["-Infinity","NaN","Infinity",undefined]"#),
    ("[1,]", "[1]"),
    ("[,]", "[undefined]"),
    ("[1,,2]", "[1,undefined,2]"),
    (r#"{"a":1,}"#, r#"{"a":1}"#),
    (r#"{"a":,"b":1}"#, r#"{"a":undefined,"b":1}"#),
    ("{a:1, 'b':2, $c_1:3}", r#"{"a":1,"b":2,"$c_1":3}"#),
    (
        "[0x1F, 017, 0.5, 1e5, 1E+3, -1.5e-3, 12345678901234567890, -9223372036854775808, 1e400]",
        r#"[31,15,0.5,100000.0,1000.0,-0.0015,12345678901234567890,-9223372036854775808,"Infinity"]"#,
    ),
    ("[.5]", "[0.5]"),
    ("[5.]", "[5.0]"),
    ("new Date(1,[2])", "new Date(1,[2])"),
    (
        "['/Date(1234567890000)/','/Date(1234567890000+0200)/','2024-03-05T14:07:09+02:00','2024-03-05T14:07:09.1234567','2024-03-05T24:00:00Z','2024-03-05T14:07','2024-03-05T14:07:09.12Z ']",
        r#"["2009-02-13T23:31:30Z","2009-02-13T23:31:30+00:00","2024-03-05T12:07:09+00:00","2024-03-05T14:07:09.1234567","2024-03-06T00:00:00Z","2024-03-05T14:07","2024-03-05T14:07:09.12Z "]"#,
    ),
];

const REFUSED: &[(&str, &str, &str)] = &[
    ("JToken", "[1, x]", "Unexpected character encountered while parsing value: x. Path '[0]', line 1, position 4."),
    ("JToken", r#"{"a":1, !}"#, "Invalid property identifier character: !. Path 'a', line 1, position 8."),
    ("JToken", "tru", "Unexpected end when reading JSON. Path '', line 1, position 3."),
    ("JToken", "[tru]", "Error parsing boolean value. Path '', line 1, position 4."),
    ("JToken", "[tx]", "Unexpected end when reading JSON. Path '', line 1, position 4."),
    ("JToken", "[t", "Unexpected end when reading JSON. Path '', line 1, position 2."),
    ("JToken", "n", "Unexpected end when reading JSON. Path '', line 1, position 1."),
    ("JToken", "[nx]", "Unexpected character encountered while parsing value: n. Path '', line 1, position 1."),
    ("JToken", "[Nax]", "Error parsing NaN value. Path '', line 1, position 3."),
    ("JToken", "[Inf]", "Unexpected end when reading JSON. Path '', line 1, position 5."),
    ("JToken", "[-Inf]", "Unexpected end when reading JSON. Path '', line 1, position 6."),
    ("JToken", r#"{"a":}"#, "Unexpected character encountered while parsing value: }. Path 'a', line 1, position 5."),
    (
        "JToken",
        r#"{"a":]"#,
        "JsonToken EndArray is not valid for closing JsonType Object. Path '', line 1, position 6.",
    ),
    ("JToken", "]", "JsonToken EndArray is not valid for closing JsonType None. Path '', line 1, position 1."),
    ("JToken", "}", "Unexpected character encountered while parsing value: }. Path '', line 0, position 0."),
    (
        "JToken",
        "[1 2]",
        "After parsing a value an unexpected character was encountered: 2. Path '[0]', line 1, position 3.",
    ),
    ("JToken", "[1;2]", "Unexpected character encountered while parsing number: ;. Path '', line 1, position 2."),
    (
        "JToken",
        "{a b:1}",
        "Invalid character after parsing property name. Expected ':' but got: b. Path '', line 1, position 3.",
    ),
    ("JToken", "{a-b:1}", "Invalid JavaScript property identifier character: -. Path '', line 1, position 2."),
    (
        "JToken",
        r#"{"a" 1}"#,
        "Invalid character after parsing property name. Expected ':' but got: 1. Path '', line 1, position 5.",
    ),
    (
        "JToken",
        r#"{"a""#,
        "Invalid character after parsing property name. Expected ':' but got: \u{0}. Path '', line 1, position 4.",
    ),
    ("JToken", "{a", "Unexpected end while parsing unquoted property name. Path '', line 1, position 2."),
    ("JToken", "{", "Error reading JObject from JsonReader. Path '', line 1, position 1."),
    ("JToken", "[", "Error reading JArray from JsonReader. Path '', line 1, position 1."),
    ("JObject", "{", "Error reading JObject from JsonReader. Path '', line 1, position 1."),
    (
        "JObject",
        "[]",
        "Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. Path '', line 1, position 1.",
    ),
    (
        "JObject",
        "[1",
        "Error reading JObject from JsonReader. Current JsonReader item is not an object: StartArray. Path '', line 1, position 1.",
    ),
    ("JArray", "[1", "Unexpected end of content while loading JArray. Path '[0]', line 1, position 2."),
    (
        "JArray",
        r#"[[1,{"b":1"#,
        "Unexpected end of content while loading JArray. Path '[0][1].b', line 1, position 10.",
    ),
    ("JToken", "[089]", "Input string '089' is not a valid number. Path '[0]', line 1, position 4."),
    ("JToken", "[1.2.3]", "Input string '1.2.3' is not a valid number. Path '[0]', line 1, position 6."),
    ("JToken", "[-]", "Input string '-' is not a valid number. Path '[0]', line 1, position 2."),
    ("JToken", "[+5]", "Unexpected character encountered while parsing value: +. Path '', line 1, position 1."),
    ("JToken", r#""abc"#, r#"Unterminated string. Expected delimiter: ". Path '', line 1, position 4."#),
    ("JToken", r"'a\qb'", r"Bad JSON escape sequence: \q. Path '', line 1, position 4."),
    ("JToken", r"'a\u12'", "Unexpected end while parsing Unicode escape sequence. Path '', line 1, position 4."),
    ("JToken", r"'a\u12zx'", r"Invalid Unicode escape sequence: \u12zx. Path '', line 1, position 4."),
    (
        "JToken",
        "[1,\u{a}  2,\u{a} x]",
        "Unexpected character encountered while parsing value: x. Path '[1]', line 3, position 1.",
    ),
    ("JToken", "/*c", "Unexpected end while parsing comment. Path '', line 1, position 3."),
    ("JToken", "/x", "Unexpected end while parsing comment. Path '', line 1, position 1."),
    ("JToken", "", "Error reading JToken from JsonReader. Path '', line 0, position 0."),
    ("JToken", "  ", "Error reading JToken from JsonReader. Path '', line 1, position 2."),
    ("JArray", "", "Error reading JArray from JsonReader. Path '', line 0, position 0."),
    (
        "JToken",
        "new Date(1,[2]",
        "Unexpected end of content while loading JConstructor. Path '[1]', line 1, position 14.",
    ),
    ("JToken", "new Da;te(1,[2])", "Unexpected character while parsing constructor: ;. Path '', line 1, position 6."),
    ("JToken", "newx", "Unexpected content while parsing JSON. Path '', line 1, position 3."),
];
