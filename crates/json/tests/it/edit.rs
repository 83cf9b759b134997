//! Changing, comparing and converting. Expected results were recorded from Newtonsoft.Json 13.

use json::{ArrayMerge, ErrorKind, Formatting, Integral, JToken, JTokenType, MergeSettings, Value};

fn parse(text: &str) -> JToken {
    JToken::parse(text).unwrap()
}

fn json(token: &JToken) -> String {
    token.to_json(Formatting::None)
}

fn int(n: i64) -> JToken {
    JToken::value(n)
}

#[test]
fn a_parent_outlives_its_handle() {
    let value = parse("{'a':1}").get("a").unwrap();
    assert_eq!(value.parent().unwrap().kind(), JTokenType::Property);
    assert_eq!(json(&value.root()), r#"{"a":1}"#);
    assert_eq!(parse("{'a':{'b':1}}").get("a").unwrap().get("b").unwrap().ancestors().len(), 4);
}

#[test]
fn a_token_that_has_a_parent_is_cloned() {
    let (child, a, b) = (parse("{'x':1}"), JToken::object(), JToken::object());
    a.set_key("c", &child).unwrap();
    b.set_key("c", &child).unwrap();
    child.set_key("x", &int(2)).unwrap();
    assert_eq!(json(&a) + &json(&b), r#"{"c":{"x":2}}{"c":{"x":1}}"#);
    let own = JToken::object();
    own.add_property("self", &own).unwrap();
    assert_eq!(json(&own), r#"{"self":{}}"#);
}

#[test]
fn a_root_cannot_become_its_own_descendant() {
    let array = parse("[[1]]");
    array.child(0).unwrap().add_after_self(&array).unwrap();
    assert_eq!(json(&array), "[[1],[[1]]]");
}

#[test]
fn handles_follow_a_token_into_another_tree() {
    let inner = parse("[1,2,3]");
    let last = inner.child(2).unwrap();
    let mut outer = inner.clone();
    for n in 0..50 {
        let object = JToken::object();
        object.add_property(format!("k{n}"), &outer).unwrap();
        outer = object;
    }
    last.set_value(9i64);
    assert_eq!(json(&inner), "[1,2,9]");
    assert!(last.root().same(&outer));
    assert!(last.path().starts_with("k49.k48."));
}

#[test]
fn properties_are_set_inserted_and_removed() {
    let object = parse("{'a':1,'b':2}");
    object.property_named("a").unwrap().add_after_self(&JToken::property("m", &int(5)).unwrap()).unwrap();
    object.property_named("b").unwrap().add_before_self(&JToken::property("n", &int(6)).unwrap()).unwrap();
    assert_eq!(json(&object), r#"{"a":1,"m":5,"n":6,"b":2}"#);
    object.get("a").unwrap().replace(&JToken::object()).unwrap();
    object.property_named("b").unwrap().replace(&JToken::property("b", &int(3)).unwrap()).unwrap();
    assert!(object.remove_property("m") && !object.remove_property("m"));
    assert_eq!(json(&object), r#"{"a":{},"n":6,"b":3}"#);
}

#[test]
fn a_large_object_finds_its_properties_after_changes() {
    let object = JToken::object();
    for n in 0..100 {
        object.add_property(format!("n{n}"), &int(n)).unwrap();
    }
    assert!(object.remove_property("n50"));
    assert!(object.get("n50").is_none());
    let holder = parse("{'a':[1,2,3,4,5]}");
    holder.add_property("o", &object).unwrap();
    assert_eq!(object.get("n99").unwrap().to_string(), "99");
    assert_eq!(object.get("n99").unwrap().path(), "o.n99");
}

#[test]
fn changes_that_make_no_sense_are_refused() {
    let object = || parse("{'a':1,'b':2}");
    let array = || parse("[1,2]");
    let property = JToken::property("b", &int(1)).unwrap();
    let add_value = object().add(&int(1)).unwrap_err();
    let twin =
        "Can not add property b to Newtonsoft.Json.Linq.JObject. Property with the same name already exists on object.";
    for (error, message) in [
        (add_value, "Can not add Newtonsoft.Json.Linq.JValue to Newtonsoft.Json.Linq.JObject."),
        (object().add(&property).unwrap_err(), twin),
        (object().property_named("a").unwrap().replace(&property).unwrap_err(), twin),
        (
            array().add(&property).unwrap_err(),
            "Can not add Newtonsoft.Json.Linq.JProperty to Newtonsoft.Json.Linq.JArray.",
        ),
        (array().insert(5, &int(1)).unwrap_err(), "Index must be within the bounds of the List. (Parameter 'index')"),
        (array().remove_at(5).unwrap_err(), "Index is equal to or greater than Count. (Parameter 'index')"),
        (array().set_index(3, &int(1)).unwrap_err(), "Index is equal to or greater than Count. (Parameter 'index')"),
        (int(1).remove().unwrap_err(), "The parent is missing."),
        (property.add(&int(2)).unwrap_err(), "Newtonsoft.Json.Linq.JProperty cannot have multiple values."),
        (
            object().get("a").unwrap().remove().unwrap_err(),
            "Cannot add or remove items from Newtonsoft.Json.Linq.JProperty.",
        ),
        (
            object().at_index(0).unwrap_err(),
            "Accessed JObject values with invalid key value: 0. Object property name expected.",
        ),
        (
            object().set_index(5, &int(1)).unwrap_err(),
            "Set JObject values with invalid key value: 5. Object property name expected.",
        ),
        (
            array().at_key("x").unwrap_err(),
            "Accessed JArray values with invalid key value: \"x\". Int32 array index expected.",
        ),
        (
            array().set_key("x", &int(1)).unwrap_err(),
            "Set JArray values with invalid key value: \"x\". Int32 array index expected.",
        ),
        (int(1).at_key("b").unwrap_err(), "Cannot access child value on Newtonsoft.Json.Linq.JValue."),
        (int(1).set_key("b", &int(1)).unwrap_err(), "Cannot set child value on Newtonsoft.Json.Linq.JValue."),
        (int(1).first().unwrap_err(), "Cannot access child value on Newtonsoft.Json.Linq.JValue."),
    ] {
        assert_eq!(error.message, message);
    }
}

#[test]
fn merging_takes_over_what_is_new() {
    let merged = |into: &str, from: &str, settings: MergeSettings| {
        let into = parse(into);
        into.merge(&parse(from), settings).unwrap();
        json(&into)
    };
    let arrays = |arrays| MergeSettings { arrays, ..MergeSettings::default() };
    let plain = MergeSettings::default();
    let from = "{'a':{'x':2,'y':[2],'z':0},'b':{},'c':[1],'d':null}";
    assert_eq!(
        merged("{'a':{'x':1,'y':[1]},'b':null,'c':5}", from, plain),
        r#"{"a":{"x":2,"y":[1,2],"z":0},"b":{},"c":[1],"d":null}"#
    );
    assert_eq!(
        merged("{'l':[1,2],'p':1}", "{'l':[2,3],'p':null}", arrays(ArrayMerge::Union)),
        r#"{"l":[1,2,3],"p":1}"#
    );
    assert_eq!(merged("{'l':[1,2]}", "{'l':[9]}", arrays(ArrayMerge::Replace)), r#"{"l":[9]}"#);
    let items = merged("{'a':[1,{'x':1}]}", "{'a':[{'y':1},{'x':2},3]}", arrays(ArrayMerge::Merge));
    assert_eq!(items, r#"{"a":[{"y":1},{"x":2},3]}"#);
    assert_eq!((merged("{'a':1}", "[1]", plain), merged("[1]", "{'a':1}", plain)), (r#"{"a":1}"#.into(), "[1]".into()));
}

#[test]
fn equality_is_deep_and_ignores_the_order_of_properties() {
    for (a, b, equal) in [
        ("{'a':1,'b':2}", "{'b':2,'a':1}", true),
        ("[1,2]", "[2,1]", false),
        ("1", "1.0", false),
        ("{'a':[1,{}]}", "{'a':[1,{}]}", true),
        ("{'a':[1,{}]}", "{'a':[1,[]]}", false),
        ("{'a':1}", "{'a':1,'b':2}", false),
    ] {
        assert_eq!(parse(a).deep_equals(&parse(b)), equal, "{a} {b}");
    }
    let decimal = JToken::value(Value::Decimal("1.0".parse().unwrap()));
    assert!(JToken::value(1.0).deep_equals(&decimal));
    assert!(!JToken::value(Value::NullString).deep_equals(&JToken::value(Value::Null)));
}

#[test]
fn values_compare_as_the_first_ones_type() {
    use std::cmp::Ordering::{Greater, Less};
    let compare = |a: &str, b: &str| parse(a).compare_to(&parse(b));
    assert_eq!(compare("'b'", "'a'").unwrap(), Greater);
    assert_eq!(compare("2", "'10'").unwrap(), Less);
    assert_eq!(compare("2", "2.5").unwrap(), Less);
    assert_eq!(compare("true", "false").unwrap(), Greater);
    assert_eq!(compare("'x'", "1").unwrap_err().kind, ErrorKind::Format);
}

#[test]
fn integers_convert_with_rounding_to_even() {
    for (text, n) in [("2.5", 2), ("3.5", 4), ("'12'", 12), ("true", 1), ("5.0", 5), ("1.6", 2)] {
        assert_eq!(parse(text).to_integer(Integral::Int32).unwrap(), n, "{text}");
    }
    assert_eq!(JToken::property("a", &int(5)).unwrap().to_integer(Integral::Int32).unwrap(), 5);
    let format = "Input string was not in a correct format.";
    let int32 = "Value was either too large or too small for an Int32.";
    for (text, target, message) in [
        ("'x'", Integral::Int32, format),
        ("'1.5'", Integral::Int32, format),
        ("''", Integral::Int32, format),
        ("null", Integral::Int32, "Can not convert Null to Int32."),
        ("[]", Integral::Int32, "Can not convert Array to Int32."),
        ("3000000000", Integral::Int32, int32),
        ("12345678901234567890", Integral::Int32, int32),
        ("1e30", Integral::Int64, "Arithmetic operation resulted in an overflow."),
        ("300", Integral::Byte, "Value was either too large or too small for an unsigned byte."),
        ("'2020-01-01T00:00:00'", Integral::Int32, "Can not convert Date to Int32."),
    ] {
        assert_eq!(parse(text).to_integer(target).unwrap_err().message, message, "{text}");
    }
}

#[test]
fn other_conversions_follow_newtonsoft() {
    assert_eq!(parse("0.1").to_decimal().unwrap().to_string(), "0.1");
    assert_eq!(parse("'1.50'").to_decimal().unwrap().to_string(), "1.50");
    assert_eq!(parse("1e30").to_decimal().unwrap_err().kind, ErrorKind::Overflow);
    assert!(parse("'True '").to_boolean().unwrap());
    assert!(!parse("0.0").to_boolean().unwrap());
    assert_eq!(parse("'yes'").to_boolean().unwrap_err().message, "String 'yes' was not recognized as a valid Boolean.");
    assert_eq!(parse("'abc'").to_double().unwrap_err().kind, ErrorKind::Format);
    assert_eq!(parse("'2024-03-05'").to_date().unwrap().invariant(), "03/05/2024 00:00:00");
    assert_eq!(parse("5").to_date().unwrap_err().message, "Can not convert Integer to DateTime.");
    assert_eq!(parse("'01:00:00'").to_time_span().unwrap(), 36_000_000_000);
    assert_eq!(&*parse("'AQI='").to_bytes().unwrap().unwrap(), &[1, 2]);
    assert_eq!(parse("'A'").to_bytes().unwrap_err().kind, ErrorKind::Format);
    assert_eq!(parse("'ab'").to_char().unwrap_err().message, "String must be exactly one character long.");
    assert_eq!(parse("'x'").to_guid().unwrap_err().kind, ErrorKind::Format);
    assert_eq!(
        JToken::value(Value::DateOffset(json::DateTimeOffset { ticks: 0, offset: 5 })).to_date().unwrap().ticks,
        0
    );
}

#[test]
fn texts_come_out_of_every_value() {
    for (text, expected) in [
        ("'2024-03-05T14:07:09Z'", Some("03/05/2024 14:07:09")),
        ("true", Some("True")),
        ("1.0", Some("1")),
        ("null", None),
        ("undefined", None),
        ("12345678901234567890", Some("12345678901234567890")),
    ] {
        assert_eq!(parse(text).to_text().unwrap().as_deref(), expected, "{text}");
    }
    assert_eq!(parse("{}").to_text().unwrap_err().message, "Can not convert Object to String.");
}
