//! What is refused, and what a template says about itself.

use liquid::{Markup, Template};

/// Messages with the source that each is about.
fn errors(source: &str) -> Vec<(String, &str)> {
    let parsed = Template::parse(source, Markup::Text);
    assert_eq!(parsed.template.is_none(), !parsed.errors.is_empty());
    parsed.errors.into_iter().map(|found| (found.message, &source[found.range])).collect()
}

#[test]
fn mistakes_are_all_named_with_their_places() {
    let source =
        "{% if body.x %}\n{% shazam %}{{ a.@b }}\n{% for x of y %}{% endfor %}{% endif %}{% endcase %}{{ 'a }}";
    let found = errors(source);
    let pairs: Vec<_> = found.iter().map(|(message, at)| (message.as_str(), *at)).collect();
    assert_eq!(
        pairs,
        [
            ("This variable is not closed: \"}}\" is missing.", "{{ 'a }}"),
            ("There is no tag \"shazam\".", "{% shazam %}"),
            ("\"a.@b\" is no variable: \"@\" may not stand there.", "{{ a.@b }}"),
            ("A loop is written as {% for item in list %}.", "{% for x of y %}"),
            ("{% endcase %} stands alone: no tag before it is open.", "{% endcase %}"),
        ]
    );
}

#[test]
fn each_mistake_is_refused() {
    for (source, message) in [
        ("{% if x %}a", "This tag is not closed: {% endif %} is missing."),
        ("{% raw %}a", "This tag is not closed: {% endraw %} is missing."),
        ("{% if %}{% endif %}", "A condition is missing."),
        ("{% if a ~ b %}{% endif %}", "There is no operator \"~\"."),
        ("{% assign x %}", "An assignment is written as {% assign name = value %}."),
        ("{% include 'x' %}", "The tag \"include\" needs other templates, and a policy has none."),
        ("{% case x %}{% when %}{% endcase %}", "A value is missing: {% when value %}."),
        ("{{ a[b }}", "\"a[b\" opens a bracket that it does not close."),
        ("{{ 1x }}", "\"1x\" is no number."),
        ("{% for a in b %}{% elsif c %}{% endfor %}", "{% elsif %} may not stand in {% for %}."),
    ] {
        assert_eq!(errors(source).first().map(|(found, _)| found.as_str()), Some(message), "{source}");
    }
}

#[test]
fn tags_nested_too_deeply_are_refused() {
    let source = "{% if a %}".repeat(200);
    assert!(errors(&source).iter().any(|(message, _)| message == "Tags are nested too deeply."));
}

#[test]
fn a_template_says_what_it_reads() {
    let source =
        "{% assign x = body.a['b'][0].c %}{{ x.y }}{% for i in context.Request.Headers %}{{ i.Key }}{% endfor %}";
    let template = Template::parse(source, Markup::Text).template.unwrap();
    assert!(template.reads("body") && template.reads("context") && !template.reads("nobody"));
    let paths: Vec<String> = template.paths().map(|path| path.join("/")).collect();
    assert_eq!(paths, ["body/a/b", "context/Request/Headers"]);
}

#[test]
fn in_xml_a_tag_may_hold_entities() {
    let source =
        "<a b=\"{{ v[&quot;x&quot;] | Default: &quot;&amp;amp;&quot; }}\">{% if 1 &lt; 2 %}&lt;{% endif %}</a>";
    let template = Template::parse(source, Markup::Xml).template.unwrap();
    let now = liquid::DateTime::from_date(2024, 1, 1).unwrap();
    assert_eq!(template.render(&|_| None, now, &liquid::Limits::default()).unwrap(), "<a b=\"&amp;\">&lt;</a>");
}
