//! Foreign bytes never bring the crate down.

use dom::xpath::{NoNamespaces, XPath};
use dom::{ParseOptions, XObject};
use proptest::prelude::*;

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in r#"[<>/=a-c:"'&;#x0-9!\[\]CDAT?\- \n\u{e9}]{0,40}"#) {
        for preserve_whitespace in [false, true] {
            if let Ok(document) = XObject::parse_document(&text, ParseOptions { preserve_whitespace }) {
                let _ = document.to_string();
            }
        }
    }

    #[test]
    fn markup_is_read_or_refused(parts in prop::collection::vec(prop::sample::select(vec![
        "<a>", "</a>", "<a", "/>", ">", " b='1'", " xmlns:p='u'", "<p:c/>", " p:d='x'", "x", "&amp;", "&#10;", "<!--c-->",
        "<![CDATA[y]]>", "<?t d?>", "<!DOCTYPE a>", "\r\n", " ",
    ]), 0..14)) {
        if let Ok(document) = XObject::parse_document(&parts.concat(), ParseOptions { preserve_whitespace: true }) {
            let plain = document.to_plain_xml().unwrap();
            let again = XObject::parse_document(&plain, ParseOptions { preserve_whitespace: true }).unwrap();
            prop_assert_eq!(again.to_plain_xml().unwrap(), plain);
        }
    }

    #[test]
    fn any_xpath_is_compiled_or_refused(path in r#"[a-b/@.*()\[\]:|=<>!+\-0-9"' \u{e9}$,]{0,30}"#) {
        let document = XObject::parse_document("<a b='1'>t<b>2</b><!--c--></a>", ParseOptions::default()).unwrap();
        if let Ok(path) = XPath::parse(&path, &NoNamespaces) {
            let _ = path.evaluate(&document);
        }
    }

    #[test]
    fn any_xpath_of_words_is_compiled_or_refused(parts in prop::collection::vec(prop::sample::select(vec![
        "a", "b", "/", "//", "@", "*", "[", "]", "(", ")", "position()", "last()", "count(", "text()", "..", ".", "=", "and",
        " or ", "-", "1", "'s'", "|", "ancestor::", "following::", "preceding::", "not(", "string(", "substring(", ",", "sum(",
    ]), 0..14)) {
        let document = XObject::parse_document("<a b='1'>t<b>2</b><!--c--></a>", ParseOptions::default()).unwrap();
        if let Ok(path) = XPath::parse(&parts.concat(), &NoNamespaces) {
            let _ = path.evaluate(&document);
        }
    }
}
