//! Building, finding and changing. Expected results were recorded from .NET Core 3.1.

use dom::{Declaration, Kind, ParseOptions, SaveOptions, XMLNS, XName, XObject};

fn parse(text: &str) -> XObject {
    XObject::parse_element(text, ParseOptions::default()).unwrap()
}

fn name(expanded: &str) -> XName {
    XName::parse(expanded).unwrap()
}

fn element(expanded: &str, content: &[XObject]) -> XObject {
    let element = XObject::element(name(expanded));
    for object in content {
        element.add(object).unwrap();
    }
    element
}

fn attribute(expanded: &str, value: &str) -> XObject {
    XObject::attribute(name(expanded), value)
}

fn xmlns(prefix: &str, uri: &str) -> XObject {
    XObject::attribute(XName::new(XMLNS, prefix).unwrap(), uri)
}

#[test]
fn prefixes_are_chosen_and_made_up_as_dotnet_does() {
    let declared = element("a", &[xmlns("p", "urn:p"), element("{urn:p}b", &[])]);
    let made_up =
        element("{u}a", &[attribute("{v}x", "1"), element("b", &[attribute("{w}y", "2"), attribute("{v}z", "2")])]);
    let last = element("a", &[xmlns("p", "u"), xmlns("q", "u"), element("{u}b", &[attribute("{u}c", "1")])]);
    for (element, written) in [
        (declared, r#"<a xmlns:p="urn:p"><p:b /></a>"#),
        (element("{urn:x}a", &[element("b", &[])]), r#"<a xmlns="urn:x"><b xmlns="" /></a>"#),
        (made_up, r#"<a p1:x="1" xmlns:p1="v" xmlns="u"><b p3:y="2" p1:z="2" xmlns:p3="w" xmlns="" /></a>"#),
        (last, r#"<a xmlns:p="u" xmlns:q="u"><q:b q:c="1" /></a>"#),
        (
            element("{u}a", &[attribute("xmlns", "u"), element("{u}b", &[]), element("c", &[])]),
            r#"<a xmlns="u"><b /><c xmlns="" /></a>"#,
        ),
        (
            element("a", &[attribute("{u}b", "1"), attribute("{u}c", "2"), attribute("{v}c", "2")]),
            r#"<a p1:b="1" p1:c="2" p2:c="2" xmlns:p2="v" xmlns:p1="u" />"#,
        ),
        (element("a", &[attribute("{http://www.w3.org/XML/1998/namespace}lang", "en")]), r#"<a xml:lang="en" />"#),
    ] {
        assert_eq!(element.to_plain_xml().unwrap(), written);
    }
    let inner = parse("<a xmlns:p='urn:p'><p:b><c p:d='1'/></p:b></a>").element_named(&name("{urn:p}b")).unwrap();
    assert_eq!(inner.to_string(), "<p:b xmlns:p=\"urn:p\">\n  <c p:d=\"1\" />\n</p:b>");
}

#[test]
fn what_cannot_be_written_is_refused() {
    let text = XObject::element(name("a"));
    text.add_text("\u{1}").unwrap();
    let refused = |object: XObject| object.to_plain_xml().unwrap_err().message;
    assert_eq!(refused(text), "'\u{1}', hexadecimal value 0x01, is an invalid character.");
    let redefined = "The prefix '' cannot be redefined from 'u' to 'v' within the same start element tag.";
    assert_eq!(refused(element("{u}a", &[attribute("xmlns", "v")])), redefined);
    assert_eq!(refused(element("a", &[xmlns("p", "")])), "The prefix 'p' cannot be bound to the empty namespace name.");
}

#[test]
fn special_sequences_are_broken_up() {
    let element = element(
        "a",
        &[XObject::cdata("x]]>y"), XObject::comment("a--b-"), XObject::processing_instruction("t", "x?>y")],
    );
    let written = "<a><![CDATA[x]]]]><![CDATA[>y]]><!--a- -b- --><?t x? >y?></a>";
    assert_eq!(element.to_string(), written);
    assert_eq!(attribute("q", "<\"'&\n>").to_string(), "q=\"&lt;&quot;'&amp;&#xA;&gt;\"");
    assert_eq!(XObject::text("x<").to_string(), "x&lt;");
}

#[test]
fn content_decides_between_an_empty_tag_and_a_pair() {
    let emptied = parse("<a><b/></a>");
    emptied.element_named(&name("b")).unwrap().remove().unwrap();
    assert_eq!(emptied.to_string(), "<a />");
    let valued = parse("<a>t</a>");
    valued.set_value("").unwrap();
    assert_eq!(valued.to_string(), "<a></a>");
    let texts = parse("<a/>");
    texts.add_text("x").unwrap();
    texts.add_text("y").unwrap();
    assert_eq!((texts.nodes().len(), texts.to_string()), (1, "<a>xy</a>".to_owned()));
    assert!(!parse("<a></a>").is_empty());
    assert!(!parse("<a b='1'/>").deep_equals(&parse("<a b='1'></a>")));
}

#[test]
fn objects_are_replaced_moved_and_cloned() {
    let a = parse("<a><b>1</b></a>");
    a.element_named(&name("b")).unwrap().replace_with(&[element("z", &[XObject::text("q")])]).unwrap();
    let z = a.element_named(&name("z")).unwrap();
    z.add_after_self(&element("y", &[])).unwrap();
    z.add_before_self(&XObject::comment("c")).unwrap();
    assert_eq!(a.to_plain_xml().unwrap(), "<a><!--c--><z>q</z><y /></a>");
    let twice = parse("<a><b/></a>");
    twice.add(&twice.element_named(&name("b")).unwrap()).unwrap();
    assert_eq!(twice.to_plain_xml().unwrap(), "<a><b /><b /></a>");
    let x = parse("<a/>");
    x.set_element_value(&name("b"), Some("1")).unwrap();
    x.set_element_value(&name("b"), Some("z")).unwrap();
    x.set_element_value(&name("c"), None).unwrap();
    x.set_attribute_value(&name("q"), Some("true")).unwrap();
    assert_eq!(x.to_plain_xml().unwrap(), "<a q=\"true\"><b>z</b></a>");
}

#[test]
fn names_can_be_stripped_of_namespaces() {
    let x = parse("<a xmlns:p='urn:p' p:k='1'><p:b/></a>");
    for element in x.descendants(None).into_iter().chain([x.clone()]) {
        let local = element.name().unwrap().local;
        element.set_name(XName::new("", &local).unwrap());
        let declarations = element.attributes().into_iter().filter(|a| a.name().unwrap().declares_namespace());
        declarations.for_each(|attribute| attribute.remove().unwrap());
    }
    assert_eq!(x.to_plain_xml().unwrap(), r#"<a p1:k="1" xmlns:p1="urn:p"><b /></a>"#);
}

#[test]
fn a_parent_outlives_its_handle() {
    let c = parse("<a><b/><c/></a>").element_named(&name("c")).unwrap();
    assert_eq!(c.previous().unwrap().to_string(), "<b />");
    assert_eq!(c.parent().unwrap().name().unwrap().to_string(), "a");
    let deep = parse("<a><b><c/></b></a>").descendants(Some(&name("c"))).remove(0);
    let around: Vec<_> = deep.ancestors(None).iter().map(|e| e.name().unwrap().to_string()).collect();
    assert_eq!(around, ["b", "a"]);
}

#[test]
fn changes_that_make_no_sense_are_refused() {
    let document = XObject::document(None);
    document.add(&element("a", &[])).unwrap();
    let structure = "This operation would create an incorrectly structured document.";
    assert_eq!(document.add(&element("b", &[])).unwrap_err().message, structure);
    let text = "Non-whitespace characters cannot be added to content.";
    assert_eq!(document.add_text("text").unwrap_err().message, text);
    assert_eq!(parse("<a b='1'/>").add(&attribute("b", "2")).unwrap_err().message, "Duplicate attribute.");
    assert_eq!(parse("<a/>").remove().unwrap_err().message, "The parent is missing.");
    for (text, message) in [
        ("a b", "The ' ' character, hexadecimal value 0x20, cannot be included in a name."),
        ("", "'' is an invalid expanded name."),
        ("{u}", "'{u}' is an invalid expanded name."),
        ("{u", "'{u' is an invalid expanded name."),
    ] {
        assert_eq!(XName::parse(text).unwrap_err().message, message);
    }
}

#[test]
fn documents_keep_and_write_their_declaration() {
    let text = "<?xml version='1.0' encoding='utf-8'?><r><a>1</a></r>";
    let document = XObject::parse_document(text, ParseOptions::default()).unwrap();
    assert_eq!(document.declaration().unwrap().encoding.as_deref(), Some("utf-8"));
    assert_eq!(document.kind(), Kind::Document);
    assert_eq!(&*document.root_element().unwrap().element_named(&name("a")).unwrap().value(), "1");
    let saved = document.to_xml(SaveOptions { declaration: true, ..SaveOptions::default() }).unwrap();
    assert_eq!(saved, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<r>\n  <a>1</a>\n</r>");
    let declaration =
        Declaration { version: Some("1.0".into()), encoding: Some("utf-8".into()), standalone: Some("yes".into()) };
    assert_eq!(declaration.to_string(), "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>");
}

#[test]
fn values_and_namespaces_are_looked_up() {
    assert_eq!(&*parse("<a><b>1</b>x<c><![CDATA[y]]></c><!--n--></a>").value(), "1xy");
    let a = parse("<a xmlns='d' xmlns:p='u'/>");
    assert_eq!(a.namespace_of_prefix("p").as_deref(), Some("u"));
    assert_eq!(a.namespace_of_prefix("").as_deref(), Some("d"));
    assert_eq!(a.prefix_of_namespace("u").as_deref(), Some("p"));
    assert!(parse("<a>x</a>").deep_equals(&element("a", &[XObject::text("x")])));
    assert!(!parse("<a b='1' c='2'/>").deep_equals(&parse("<a c='2' b='1'/>")));
}
