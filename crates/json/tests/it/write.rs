//! Writing values and trees. Expected texts were recorded from Newtonsoft.Json 13 on .NET Core 3.1.

use json::{DateKind, DateTime, DateTimeOffset, Formatting, JToken, Value};

fn json(value: Value) -> String {
    JToken::value(value).to_json(Formatting::None)
}

#[test]
fn strings_escape_what_newtonsoft_escapes() {
    let text = "a\"b'c\\/\u{8}\u{c}\n\r\t\u{1}\u{7f}\u{85}\u{2028}\u{2029}<>&é😀";
    let written = "\"a\\\"b'c\\\\/\\b\\f\\n\\r\\t\\u0001\u{7f}\\u0085\\u2028\\u2029<>&é😀\"";
    assert_eq!(json(text.into()), written);
}

#[test]
fn floats_always_look_like_floats() {
    let numbers = [1.0, 1e15, 1e16, 1e-5, 0.0001, f64::NAN, f64::INFINITY, -0.0, 123456789012345680.0, 5e-324];
    let written: Vec<_> = numbers.iter().map(|n| json(Value::Float(*n))).collect();
    let expected = [
        "1.0",
        "1000000000000000.0",
        "10000000000000000.0",
        "1E-05",
        "0.0001",
        "\"NaN\"",
        "\"Infinity\"",
        "-0.0",
        "1.2345678901234568E+17",
        "5E-324",
    ];
    assert_eq!(written, expected);
    assert_eq!(json(Value::Single(1.5)), "1.5");
    assert_eq!(json(Value::Decimal("1.10".parse().unwrap())), "1.10");
    assert_eq!(json(Value::Decimal("1".parse().unwrap())), "1.0");
}

#[test]
fn values_have_two_texts() {
    let date = DateTime { ticks: 638_397_614_451_230_000, kind: DateKind::Unspecified };
    let offset = DateTimeOffset { ticks: 638_397_614_450_000_000, offset: 60 };
    for (value, text, written) in [
        (Value::TimeSpan(937_840_050_000), "1.02:03:04.0050000", "\"1.02:03:04.0050000\""),
        (Value::Uri("http://x/a b".into()), "http://x/a b", "\"http://x/a b\""),
        (Value::Guid(0), "00000000-0000-0000-0000-000000000000", "\"00000000-0000-0000-0000-000000000000\""),
        (Value::Bytes([1, 2].into()), "System.Byte[]", "\"AQI=\""),
        (Value::DateOffset(offset), "01/02/2024 03:04:05 +01:00", "\"2024-01-02T03:04:05+01:00\""),
        (Value::Date(date), "01/02/2024 03:04:05", "\"2024-01-02T03:04:05.123\""),
        (Value::Boolean(true), "True", "true"),
        (Value::Null, "", "null"),
        (Value::NullString, "", "null"),
        (Value::Undefined, "", "undefined"),
        (Value::Raw("{x}".into()), "{x}", "{x}"),
    ] {
        let token = JToken::value(value);
        assert_eq!((token.to_string().as_str(), token.to_json(Formatting::None).as_str()), (text, written));
    }
}

#[test]
fn trees_are_indented_by_two() {
    for (text, written) in [
        ("{'a':{}, 'b':[[],[{}]]}", "{\n  \"a\": {},\n  \"b\": [\n    [],\n    [\n      {}\n    ]\n  ]\n}"),
        ("[1,new Date(1,[2])]", "[\n  1,\n  new Date(\n    1,\n    [\n      2\n    ]\n  )\n]"),
        ("{}", "{}"),
        ("[]", "[]"),
        (
            "{'a':{'b':1,'c':[{'d':null}]},'e':2}",
            "{\n  \"a\": {\n    \"b\": 1,\n    \"c\": [\n      {\n        \"d\": null\n      }\n    ]\n  },\n  \"e\": 2\n}",
        ),
    ] {
        assert_eq!(JToken::parse(text).unwrap().to_string(), written);
    }
    let property = JToken::property("a", &JToken::array()).unwrap();
    assert_eq!(property.to_string(), "\"a\": []");
}

#[test]
fn comments_and_raw_json_stand_in_arrays() {
    let array = JToken::array();
    for value in [Value::Comment("c*/".into()), Value::Integer(1), Value::Raw("raw".into())] {
        array.add(&JToken::value(value)).unwrap();
    }
    assert_eq!(array.to_string(), "[\n  /*c*/*/\n  1,\n  raw\n]");
}

#[test]
fn a_tree_deeper_than_the_stack_is_written_and_copied() {
    let mut token = JToken::array();
    for _ in 0..100_000 {
        let outer = JToken::array();
        outer.add(&token).unwrap();
        token = outer;
    }
    assert_eq!(token.to_json(Formatting::None).len(), 200_002);
    assert!(token.deep_clone().deep_equals(&token));
}
