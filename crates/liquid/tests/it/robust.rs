//! Nothing that is written in a template, or for one, panics or runs for ever.

use liquid::{LimitExceeded, Limits, Markup, Template};
use proptest::prelude::*;

use super::{render, render_within};

#[test]
fn a_template_that_makes_too_much_is_stopped() {
    let limits = Limits { text: 1 << 14, steps: 10_000 };
    let doubling = "{% assign x = 'ab' %}{% for i in (1..40) %}{% assign x = x | Append: x %}{% endfor %}";
    assert_eq!(render_within(doubling, &limits), Err(LimitExceeded::Text));
    assert_eq!(render_within("{% for i in (1..1000000000) %}{% endfor %}", &limits), Err(LimitExceeded::Steps));
    let nested = "{% for i in (1..200) %}{% for j in (1..200) %}{% endfor %}{% endfor %}";
    assert_eq!(render_within(nested, &limits), Err(LimitExceeded::Steps));
    assert_eq!(render_within("{{ 'abc' | Times: 100000 }}", &limits), Err(LimitExceeded::Text));
    assert_eq!(
        render_within("{% for i in (1..2000) %}0123456789abcdef{% endfor %}", &limits),
        Err(LimitExceeded::Text)
    );
}

/// Templates that are nearly right.
fn nearly() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~é\\n]{0,6}",
        "(\\{\\{|\\}\\}|\\{%|%\\}|-%\\}|\\{%-|'|\"|\\||:|,|\\[|\\]|\\(|\\)|\\.\\.|\\.|==|<)",
        "(if|endif|for i in|endfor|case|when|endcase|assign x =|capture x|endcapture|raw|endraw|else|elsif|and|or|contains)",
        "( body\\.(list|people|n|name|date|one)| x| i| 1| -2| 1\\.5| 'a'| nil| empty)",
        "( \\| (Append: 'b'|Slice: -1, 3|Truncate: 3|Split: ''|Sort|Join|Round: 99|Date: 'yyyy%'|Replace: '\\(', ''|DividedBy: 0|Times: -1|Map: 'age'|Currency: 'x'))",
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn reading_never_panics_and_what_is_read_renders(source in nearly()) {
        for markup in [Markup::Text, Markup::Xml] {
            let parsed = Template::parse(&source, markup);
            prop_assert_eq!(parsed.template.is_some(), parsed.errors.is_empty());
            for found in parsed.errors.iter().chain(&parsed.warnings) {
                prop_assert!(source.get(found.range.clone()).is_some());
            }
            if parsed.template.is_some() && markup == Markup::Text {
                let _ = render_within(&source, &Limits { text: 100_000, steps: 10_000 });
            }
        }
    }

    #[test]
    fn text_without_tags_is_printed_as_it_is(source in "[^{]*") {
        prop_assert_eq!(render(&source), source);
    }
}
