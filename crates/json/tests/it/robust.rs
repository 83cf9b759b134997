//! Foreign bytes never bring the crate down.

use json::{Formatting, JPath, JToken, NoRegex};
use proptest::prelude::*;

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in r#"[\[\]{}:,"'\\/*a-fnNtuIxE0-9.+\-() \n\u{e9}]{0,40}"#) {
        if let Ok(token) = JToken::parse(text) {
            let json = token.to_json(Formatting::Indented);
            let _ = JToken::parse(json);
            let _ = token.path();
        }
    }

    #[test]
    fn any_string_is_read_or_refused(text in any::<String>()) {
        let _ = JToken::parse(text);
    }

    #[test]
    fn any_path_is_compiled_or_refused(path in r"[$@.\[\]()?'*:,a-c0-9=~<>!&|/\\ \-\u{e9}]{0,30}") {
        let document = JToken::parse("{'a':[1,{'b':2.5,'c':'x'}],'b':{'a':null},'c':'2024-01-01T00:00:00'}").unwrap();
        if let Ok(path) = JPath::parse(&path) {
            let _ = path.select(&document, true, &NoRegex);
        }
    }

    #[test]
    fn what_was_written_reads_back_equal(texts in prop::collection::vec(any::<String>(), 0..8), numbers in prop::collection::vec(any::<f64>(), 0..8)) {
        let array = JToken::array();
        for text in &texts {
            array.add(&JToken::value(text.as_str())).unwrap();
        }
        for number in numbers.into_iter().filter(|n| n.is_finite()) {
            array.add(&JToken::value(number)).unwrap();
        }
        let load = json::Load { dates: false, ..json::Load::default() };
        let back = JToken::parse_with(array.to_json(Formatting::None), load).unwrap();
        prop_assert!(back.deep_equals(&array));
    }
}
