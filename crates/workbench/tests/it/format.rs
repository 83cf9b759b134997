//! How documents are laid out.

use policy::policy_xml::{self, Element, Format, Node};
use proptest::prelude::*;
use workbench::format::format;

use crate::catalogue;

fn laid_out(text: &str) -> String {
    format(catalogue(), text, Format::RawXml).unwrap()
}

#[test]
fn elements_get_a_line_each_and_everything_else_stays() {
    let text = r#"<!-- The orders API. -->
<policies><inbound><base/>
  <!-- two
       lines -->
  <set-header   name="X"
  exists-action='override'><value>@{
        var a = "<b>";
        return a;
  }</value></set-header>


<choose><when condition="@(1 < 2 && "a" == "a")"><set-body>{ "a":   1 }
</set-body></when></choose><rewrite-uri template="/a" copy-unmatched-params="false"/>  <!-- why -->
</inbound><backend></backend></policies>"#;
    let expected = r#"<!-- The orders API. -->
<policies>
    <inbound>
        <base />
        <!-- two
       lines -->
        <set-header   name="X"
  exists-action='override'>
            <value>@{
        var a = "<b>";
        return a;
  }</value>
        </set-header>

        <choose>
            <when condition="@(1 < 2 && "a" == "a")">
                <set-body>{ "a":   1 }
</set-body>
            </when>
        </choose>
        <rewrite-uri template="/a" copy-unmatched-params="false" /> <!-- why -->
    </inbound>
    <backend></backend>
</policies>
"#;
    assert_eq!(laid_out(text), expected);
    assert_eq!(laid_out(expected), expected);
}

#[test]
fn what_nobody_knows_stays_as_it_is() {
    let text = "<fragment>\n    <something><odd>  <x/></odd></something>\n</fragment>\n";
    assert_eq!(laid_out(text), text);
}

#[test]
fn a_document_that_cannot_be_read_is_left_alone() {
    assert!(format(catalogue(), "<policies><inbound>", Format::RawXml).is_err());
}

/// Everything but space between elements: names, attributes, texts, comments.
fn essence(element: &Element, source: &str) -> String {
    let attributes: String =
        element.attributes.iter().map(|one| format!(" {}={}", one.name, one.value.span.of(source))).collect();
    let children: String = element
        .children
        .iter()
        .map(|node| match node {
            Node::Element(child) => essence(child, source),
            Node::Comment(span) => format!("<!--{}-->", span.of(source)),
            Node::Text(text) if text.value.text().trim().is_empty() => String::new(),
            Node::Text(text) => text.span.of(source).to_owned(),
        })
        .collect();
    format!("<{}{attributes}>{children}</>", element.name)
}

fn piece() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("<base/>".to_owned()),
        Just("<set-header name=\"A\"  exists-action='skip'><value> @( \"<\" ) </value></set-header>".to_owned()),
        Just("<set-body> <x a=\"1\"/>\n</set-body>".to_owned()),
        Just("<set-variable name=\"v\" value=\"@{\n return 1;\n}\" />".to_owned()),
        Just("<!-- a\n b -->".to_owned()),
        Just("<unknown  q=\"1\"><p> </p></unknown>".to_owned()),
        Just("<return-response/>".to_owned()),
    ];
    let space = prop_oneof![Just(""), Just(" "), Just("\n"), Just("\n\n\n\t"), Just("\r\n")];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        (prop::collection::vec((inner, space.clone()), 0..4), any::<bool>()).prop_map(|(parts, otherwise)| {
            let inside: String = parts.into_iter().map(|(part, space)| format!("{space}{part}{space}")).collect();
            let more = if otherwise { "<otherwise></otherwise>" } else { "" };
            format!("<choose><when condition=\"@(1 < 2)\">{inside}</when>{more}</choose>")
        })
    })
}

proptest! {
    #[test]
    fn laying_out_keeps_everything_but_space_and_does_it_once(pieces in prop::collection::vec(piece(), 0..5)) {
        let text = format!("<policies><inbound>{}</inbound></policies>", pieces.join("\n"));
        let once = laid_out(&text);
        prop_assert_eq!(&laid_out(&once), &once);
        let read = |text: &str| policy_xml::read(text, Format::RawXml, usize::MAX).root.unwrap();
        prop_assert_eq!(essence(&read(&text), &text), essence(&read(&once), &once));
    }
}
