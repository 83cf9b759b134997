//! Reading and writing back. Expected texts were recorded from .NET Core 3.1.

use dom::{ParseOptions, XObject};

fn parse(element: bool, preserve_whitespace: bool, text: &str) -> dom::Result<XObject> {
    let options = ParseOptions { preserve_whitespace };
    if element { XObject::parse_element(text, options) } else { XObject::parse_document(text, options) }
}

#[test]
fn documents_are_written_as_dotnet_writes_them() {
    for (element, preserve, text, written) in WRITTEN {
        assert_eq!(parse(*element, *preserve, text).unwrap().to_string(), *written, "{text}");
    }
}

#[test]
fn what_is_not_xml_is_refused_in_dotnets_words() {
    for (element, text, message) in REFUSED {
        assert_eq!(parse(*element, false, text).unwrap_err().message, *message, "{text}");
    }
}

#[test]
fn entities_of_the_document_type_are_unknown() {
    let error = parse(false, false, r#"<!DOCTYPE r [<!ENTITY e "]x">]><r>&e;</r>"#).unwrap_err();
    assert_eq!(error.message, "Reference to undeclared entity 'e'. Line 1, position 36.");
}

#[test]
fn nesting_ends_somewhere() {
    let nested = "<a>".repeat(dom::MAX_DEPTH + 1);
    assert!(parse(false, false, &nested).unwrap_err().message.starts_with("Elements are nested deeper than 10000."));
    let deep = "<a>".repeat(dom::MAX_DEPTH) + &"</a>".repeat(dom::MAX_DEPTH);
    let deep = parse(false, false, &deep).unwrap();
    assert!(deep.deep_clone().deep_equals(&deep));
}

const WRITTEN: &[(bool, bool, &str, &str)] = &[
    (false, false, "<a/><!--c-->", "<a />\n<!--c-->"),
    (false, false, "<a b=\"&lt;&#10;\n\u{9} x\"/>", r#"<a b="&lt;&#xA;   x" />"#),
    (true, false, "<a>t<b>x<c/></b><d><e/></d></a>", "<a>t<b>x<c /></b><d><e /></d></a>"),
    (true, false, "<a><b/>t<c><d/></c></a>", "<a>\n  <b />t<c><d /></c></a>"),
    (
        true,
        false,
        "<a><b><c/></b><!--x--><?p d?><d></d></a>",
        "<a>\n  <b>\n    <c />\n  </b>\n  <!--x-->\n  <?p d?>\n  <d></d>\n</a>",
    ),
    (true, true, "<a> <b/> x </a>", "<a> <b /> x </a>"),
    (true, true, "<a>\n  <b/>\n</a>", "<a>\n  <b />\n</a>"),
    (true, false, "<a xml:space='preserve'> <b/> </a>", r#"<a xml:space="preserve"> <b /> </a>"#),
    (true, false, "<a>&#32;<b/></a>", "<a>\n  <b />\n</a>"),
    (
        false,
        false,
        "<?xml version='1.0' encoding='utf-8'?><!--c--><!DOCTYPE r><?pi  d ?><r/><!--e-->",
        "<!--c-->\n<!DOCTYPE r []>\n<?pi d ?>\n<r />\n<!--e-->",
    ),
    (false, false, "<!DOCTYPE r SYSTEM 's'><r/>", "<!DOCTYPE r SYSTEM \"s\"[]>\n<r />"),
    (
        false,
        false,
        "<!DOCTYPE r PUBLIC 'p' 's' [<!ELEMENT r ANY>]><r/>",
        "<!DOCTYPE r PUBLIC \"p\" \"s\"[<!ELEMENT r ANY>]>\n<r />",
    ),
    (true, false, "<a b='x&#13;y\u{d}\nz\u{9}w&#9;'/>", r#"<a b="x&#xD;y z w&#x9;" />"#),
    (true, false, "<!--c--><a/><!--d-->", "<a />"),
];

const REFUSED: &[(bool, &str, &str)] = &[
    (false, "<a>", "Data at the root level is invalid. Line 1, position 1."),
    (false, "<a", "Data at the root level is invalid. Line 1, position 1."),
    (false, "<a b", "Unexpected end of file while parsing Name has occurred. Line 1, position 5."),
    (false, "<a b=", "Unexpected end of file has occurred. Line 1, position 6."),
    (false, "<a b=1/>", r#"'1' is an unexpected token. The expected token is '"' or '''. Line 1, position 6."#),
    (false, r#"<a b="1"#, "There is an unclosed literal string. Line 1, position 8."),
    (
        false,
        r#"<a b="1""#,
        "Unexpected end of file has occurred. The following elements are not closed:  Line 1, position 9.",
    ),
    (false, r#"<a b="1"c="2"/>"#, "'c' is an unexpected token. Expecting whitespace. Line 1, position 9."),
    (false, r#"<a b="1" b="2"/>"#, "'b' is a duplicate attribute name. Line 1, position 10."),
    (false, r#"<a b="<"/>"#, "'<', hexadecimal value 0x3C, is an invalid attribute character. Line 1, position 7."),
    (false, "<p:a/>", "'p' is an undeclared prefix. Line 1, position 2."),
    (false, r#"<a p:b="1"/>"#, "'p' is an undeclared prefix. Line 1, position 4."),
    (false, "<a>&nbsp;</a>", "Reference to undeclared entity 'nbsp'. Line 1, position 5."),
    (false, "<a>&</a>", "An error occurred while parsing EntityName. Line 1, position 5."),
    (false, "<a>& x</a>", "An error occurred while parsing EntityName. Line 1, position 5."),
    (false, "<a>&amp</a>", "'<' is an unexpected token. The expected token is ';'. Line 1, position 8."),
    (false, "<a>&#xZZ;</a>", "Invalid syntax for a hexadecimal numeric entity reference. Line 1, position 7."),
    (false, "<a>&#0;</a>", "'.', hexadecimal value 0x00, is an invalid character. Line 1, position 6."),
    (false, "<a>\u{1}</a>", "'\u{1}', hexadecimal value 0x01, is an invalid character. Line 1, position 4."),
    (false, "x", "Data at the root level is invalid. Line 1, position 1."),
    (false, "<a/>x", "Data at the root level is invalid. Line 1, position 5."),
    (false, "<a/><b/>", "There are multiple root elements. Line 1, position 6."),
    (
        false,
        r#" <?xml version="1.0"?><a/>"#,
        "Unexpected XML declaration. The XML declaration must be the first node in the document, and no whitespace characters are allowed to appear before it. Line 1, position 4.",
    ),
    (false, r#"<?xml version="1.0"?>"#, "Root element is missing."),
    (false, "<?xml?><a/>", "Syntax for an XML declaration is invalid. Line 1, position 6."),
    (false, r#"<?xml version="2.0"?><a/>"#, "Version number '2.0' is invalid. Line 1, position 16."),
    (
        false,
        "<a><!-- a--b --></a>",
        "An XML comment cannot contain '--', and '-' cannot be the last character. Line 1, position 10.",
    ),
    (false, "<a><!-- x", "Unexpected end of file while parsing Comment has occurred. Line 1, position 8."),
    (false, "<a>]]></a>", "']]>' is not allowed in character data. Line 1, position 4."),
    (false, "<a><![CDATA[x</a>", "Unexpected end of file while parsing CDATA has occurred. Line 1, position 18."),
    (false, "<a><?pi", "Unexpected end of file while parsing Name has occurred. Line 1, position 8."),
    (
        false,
        "<a></a",
        "Unexpected end of file has occurred. The following elements are not closed: a. Line 1, position 7.",
    ),
    (false, "</a>", "Unexpected end tag. Line 1, position 3."),
    (false, "<1a/>", "Name cannot begin with the '1' character, hexadecimal value 0x31. Line 1, position 2."),
    (false, r#"<a 1b=""/>"#, "Name cannot begin with the '1' character, hexadecimal value 0x31. Line 1, position 4."),
    (false, "<a b/>", "'/' is an unexpected token. The expected token is '='. Line 1, position 5."),
    (
        false,
        "<a><b></a></b>",
        "The 'b' start tag on line 1 position 5 does not match the end tag of 'a'. Line 1, position 9.",
    ),
    (
        false,
        "<a><b>",
        "Unexpected end of file has occurred. The following elements are not closed: b, a. Line 1, position 7.",
    ),
    (false, "<>", "Data at the root level is invalid. Line 1, position 1."),
    (false, "< a/>", "Name cannot begin with the ' ' character, hexadecimal value 0x20. Line 1, position 2."),
    (false, r#"<a xmlns:p=""/>"#, "Invalid namespace declaration. Line 1, position 12."),
    (
        false,
        r#"<a xmlns:xml="x"/>"#,
        r#"Prefix "xml" is reserved for use by XML and can be mapped only to namespace name "http://www.w3.org/XML/1998/namespace". Line 1, position 4."#,
    ),
    (
        false,
        r#"<a xmlns:p="u" xmlns:q="u" p:x="" q:x=""/>"#,
        "'q:x' is a duplicate attribute name. Line 1, position 35.",
    ),
    (false, "<a:b:c/>", "The ':' character, hexadecimal value 0x3A, cannot be included in a name. Line 1, position 5."),
    (
        false,
        "<a><?xml x?></a>",
        "Unexpected XML declaration. The XML declaration must be the first node in the document, and no whitespace characters are allowed to appear before it. Line 1, position 6.",
    ),
    (false, "<a\n  b=>", r#"'>' is an unexpected token. The expected token is '"' or '''. Line 2, position 5."#),
    (
        false,
        "<a>\n<b>\n</a>",
        "The 'b' start tag on line 2 position 2 does not match the end tag of 'a'. Line 3, position 3.",
    ),
    (false, "<![CDATA[x]]>", "Data at the root level is invalid. Line 1, position 1."),
    (false, "<!DOCTYPE a><!DOCTYPE a><a/>", "Cannot have multiple DTDs. Line 1, position 13."),
    (false, "<a/", "Data at the root level is invalid. Line 1, position 1."),
    (false, "<a / >", "' ' is an unexpected token. The expected token is '>'. Line 1, position 5."),
    (false, r#"<a x:="1"/>"#, "Name cannot begin with the '=' character, hexadecimal value 0x3D. Line 1, position 6."),
    (false, "", "Root element is missing."),
    (false, "  ", "Root element is missing."),
    (true, "<a/>x", "Data at the root level is invalid. Line 1, position 5."),
];
