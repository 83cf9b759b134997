//! What the reader makes of documents, good and bad.

use proptest::prelude::*;

use super::*;
use crate::{POLICY_LIMIT, Whole, whole};

fn raw(source: &str) -> Reading {
    read(source, Format::RawXml, POLICY_LIMIT)
}

fn good(reading: Reading) -> Element {
    assert_eq!(reading.diagnostics, []);
    reading.root.unwrap()
}

/// Code, offending text and message of everything that is wrong.
fn wrong(source: &str, format: Format) -> Vec<String> {
    let reading = read(source, format, POLICY_LIMIT);
    reading
        .diagnostics
        .iter()
        .map(|found| format!("{} [{}] {}", found.code, found.span.of(source), found.message))
        .collect()
}

#[test]
fn raw_expressions_hold_quotes_tags_and_ampersands() {
    let source = r#"<a x="@(f("k", "") == "<b>" && 1 < 2)" y='@('"' + "'")'><v>@{ return "</v>" + '<'; } </v></a>"#;
    let root = good(raw(source));
    assert_eq!(root.attribute("x").unwrap().value.value.text(), r#"@(f("k", "") == "<b>" && 1 < 2)"#);
    assert_eq!(root.attribute("y").unwrap().value.value.text(), r#"@('"' + "'")"#);
    let value = root.elements().next().unwrap();
    assert_eq!(value.text().text(), r#"@{ return "</v>" + '<'; } "#);
    assert_eq!(value.inner.of(source), r#"@{ return "</v>" + '<'; } "#);
    assert_eq!(value.span.of(source), r#"<v>@{ return "</v>" + '<'; } </v>"#);
}

#[test]
fn escaped_expressions_read_alike_in_both_formats() {
    let source = r#"<a x="@(f(&quot;k&quot;) == &quot;&amp;lt;&quot; &amp;&amp; 1 &lt; 2)">&#64;(x)</a>"#;
    for format in [Format::Xml, Format::RawXml] {
        let root = good(read(source, format, POLICY_LIMIT));
        let value = &root.attribute("x").unwrap().value.value;
        assert_eq!(value.text(), r#"@(f("k") == "&lt;" && 1 < 2)"#);
        let at = value.text().find("&&").unwrap();
        assert_eq!(value.span(at..at + 2).of(source), "&amp;&amp;");
        assert_eq!(root.text().text(), "@(x)");
    }
}

#[test]
fn raw_quotes_and_entities_may_be_mixed() {
    let root = good(raw(r#"<a x="@(f("&lt;") &amp;&amp; g == &quot;)&quot;)"/>"#));
    assert_eq!(root.attribute("x").unwrap().value.value.text(), r#"@(f("&lt;") && g == ")")"#);
}

#[test]
fn comments_are_kept_and_cdata_is_text() {
    let source = "<?xml version=\"1.0\"?>\n<a><!-- x < y --><![CDATA[@(a < b && c)]]></a>\n";
    let root = good(raw(source));
    assert!(matches!(&root.children[0], Node::Comment(span) if span.of(source) == " x < y "));
    assert!(matches!(whole(root.text().text()), Whole::Expression { .. }));
}

#[test]
fn text_before_an_expression_makes_it_text() {
    let root = good(raw("<a>Call to the @(context.Api.Name)</a>"));
    assert_eq!(root.text().text(), "Call to the @(context.Api.Name)");
}

#[test]
fn everything_wrong_is_found_at_once() {
    assert_eq!(
        wrong("<p>\n<a x=1 y=\"2\" y='3'>\n<b></c>\n</p>", Format::RawXml),
        [
            "PX0018 [a] <a> is closed by </p>.",
            "PX0012 [1] The value of x must stand in quotes.",
            "PX0011 [y] The attribute y of <a> is given twice.",
            "PX0018 [b] <b> is closed by </p>.",
            "PX0017 [c] </c> closes nothing.",
        ]
    );
    assert_eq!(
        wrong("<p/> x <q/>", Format::Xml),
        [
            "PX0019 [ x ] Text may not stand outside of the root element.",
            "PX0006 [<q] <q> stands behind the end of the document.",
        ]
    );
    assert_eq!(wrong("", Format::Xml), ["PX0005 [] The document has no element."]);
    assert_eq!(
        wrong("<p", Format::Xml),
        ["PX0008 [<p] The tag <p> is not closed with `>`.", "PX0004 [p] <p> has no end tag."]
    );
}

#[test]
fn an_open_expression_is_named_and_the_rest_is_still_read() {
    let found = wrong("<p><a x=\"@(f(1)\" /><b>@{ return 1; </b><c></d></p>", Format::RawXml);
    assert_eq!(
        found[..2],
        [
            "PX0015 [\"] The expression in x does not end: this is not closed.".to_owned(),
            "PX0015 [{] The expression does not end: this is not closed.".to_owned(),
        ]
    );
    assert!(found.iter().any(|line| line.contains("</d> closes nothing")));
}

#[test]
fn raw_characters_in_xml_are_refused_with_advice() {
    let reading = read(r#"<a x="@(f("k"))"/>"#, Format::Xml, POLICY_LIMIT);
    assert!(reading.is_broken());
    assert!(reading.diagnostics[0].notes[0].contains("rawxml"), "{:?}", reading.diagnostics);
    assert_eq!(wrong("<a x='b&c'>d & e</a>", Format::Xml).len(), 2);
    let tolerant = raw("<a x='b&c'>1 < 2 & e</a>");
    assert!(!tolerant.is_broken());
    assert_eq!(tolerant.root.unwrap().text().text(), "1 < 2 & e");
}

#[test]
fn distinguished_names_may_hold_raw_quotes() {
    let source = r#"<a><identity subject="C=US, O="Contoso, Ltd.", CN=x" thumbprint="1" /><b name="x" /></a>"#;
    let reading = raw(source);
    assert!(!reading.is_broken(), "{:?}", reading.diagnostics);
    let root = reading.root.unwrap();
    let identity = root.elements().next().unwrap();
    assert_eq!(identity.attribute("subject").unwrap().value.value.text(), r#"C=US, O="Contoso, Ltd.", CN=x"#);
    assert_eq!(identity.attribute("thumbprint").unwrap().value.value.text(), "1");
    let xml = crate::convert(source, Format::RawXml, Format::Xml).unwrap();
    assert!(xml.contains(r#"subject="C=US, O=&quot;Contoso, Ltd.&quot;, CN=x" thumbprint"#), "{xml}");
    // Elsewhere a quote ends the value.
    assert!(raw(r#"<a name="x="y"" />"#).is_broken());
}

#[test]
fn size_and_depth_are_limited() {
    assert_eq!(read("<policies/>", Format::Xml, 5).diagnostics[0].code, "PX0020");
    let deep = "<a>".repeat(100_000);
    assert!(raw(&deep[..POLICY_LIMIT / 3 * 3]).diagnostics.iter().any(|found| found.code == "PX0007"));
    assert_eq!(wrong("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", Format::Xml)[0].get(..6), Some("PX0003"));
}

proptest! {
    #[test]
    fn reading_never_panics(
        source in "(<|</|/>|>|<!--|-->|<!\\[CDATA\\[|\\]\\]>|\"|'|=|&|&lt;|&quot;|@\\(|@\\{|\\)|\\}|[a-c ä\n])*", raw in any::<bool>()
    ) {
        let reading = read(&source, if raw { Format::RawXml } else { Format::Xml }, POLICY_LIMIT);
        for found in &reading.diagnostics {
            prop_assert!(source.get(found.span.start as usize..found.span.end as usize).is_some(), "{found:?}");
        }
        prop_assert!(reading.root.is_some() || !reading.diagnostics.is_empty());
    }
}
