//! Tags, conditions, variables and white space.

use super::{check, render};

#[test]
fn nil_and_false_are_false_and_everything_else_is_true() {
    let truth = |value: &str| render(&format!("{{% if {value} %}}t{{% else %}}f{{% endif %}}"));
    for value in ["''", "0", "body.blank", "body.none", "body.one", "true", "'false'", "body.name"] {
        assert_eq!(truth(value), "t", "{value}");
    }
    for value in ["nil", "null", "false", "body.no", "body.null", "missing", "body.missing.deeper"] {
        assert_eq!(truth(value), "f", "{value}");
    }
}

#[test]
fn conditions_compare_and_convert() {
    let holds = |condition: &str| render(&format!("{{% if {condition} %}}t{{% endif %}}")) == "t";
    for condition in [
        "body.n == 7",
        "body.n == '7'",
        "'7' == body.n",
        "body.n != 8",
        "body.n <> 8",
        "body.n > 6",
        "body.n <= 7",
        "body.price >= 12.5",
        "'b' > 'a'",
        "body.name contains 'Lee'",
        "body.list contains 2",
        "body.n==7",
        "body.name startswith 'Ann'",
        "body.name StartsWith 'Ann'",
        "body.name endsWith 'Lee'",
        "body.one hasKey 'age'",
        "body.one hasvalue 40",
        "body.none == empty",
        "body.blank == blank",
        "body.null == nil",
        "body.yes == true",
        "missing == nil",
        "body.yes == 'true'",
        "(body.n == 7)",
        "body.list[0] == 3",
        "body['n'] == 7",
        "body.n == 7 and body.yes",
        "body.no or body.yes",
        // From the right: true or (true and false).
        "true or true and false",
        "body.date < '2013-01-01'",
    ] {
        assert!(holds(condition), "{condition}");
    }
    for condition in [
        "body.n == 8",
        "body.n < 7",
        "missing < 7",
        "7 > missing",
        "body.name == empty",
        "body.one == empty",
        "body.null contains 'x'",
        "false and false or true",
    ] {
        assert!(!holds(condition), "{condition}");
    }
    assert_eq!(render("{% if 7 < 'x' %}{% endif %}"), "Liquid error: Input string was not in a correct format.");
}

#[test]
fn branches() {
    check(&[
        ("{% if body.no %}a{% elsif body.yes %}b{% else %}c{% endif %}", "b"),
        ("{% if body.no %}a{% elseif body.no %}b{% else %}c{% endif %}", "c"),
        ("{% unless body.no %}a{% else %}b{% endunless %}{% unless body.yes %}a{% else %}b{% endunless %}", "ab"),
        ("{% case body.n %}x{% when 1, 7 %}a{% when '8' or 9 %}b{% else %}c{% endcase %}", "a"),
        ("{% case body.n %}{% when 8 %}a{% else %}c{% endcase %}", "c"),
    ]);
}

#[test]
fn loops() {
    check(&[
        ("{% for i in body.list %}{{ i }}{% endfor %}", "312"),
        (
            "{% for i in body.list limit:2 %}{{ i }}{% endfor %}{% for i in body.list offset: 1 %}{{ i }}{% endfor %}",
            "3112",
        ),
        ("{% for i in body.list reversed %}{{ i }}{% endfor %}{% for i in (1..3) %}{{ i }}{% endfor %}", "213123"),
        (
            "{% for i in body.list limit:1 %}{{ i }}{% endfor %}{% for i in body.list offset:continue %}{{ i }}{% endfor %}",
            "312",
        ),
        (
            "{% for i in body.none %}x{% else %}none{% endfor %}{% for i in missing %}x{% else %}none{% endfor %}",
            "nonenone",
        ),
        (
            "{% for i in body.list %}{{ forloop.index }}/{{ forloop.length }}{{ forloop.rindex0 }}{% if forloop.last %}!{% endif %} {% endfor %}",
            "1/32 2/31 3/30! ",
        ),
        (
            "{% for i in (1..9) %}{% if i == 3 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}",
            "124",
        ),
        (
            "{% for pair in body.one %}{{ pair.Key }}={{ pair.Value }};{{ pair[0] }}{{ pair[1] }} {% endfor %}",
            "name=Eve;nameEve age=40;age40 ",
        ),
        ("{% for p in body.people %}{{ p.name }}{{ i }}{% endfor %}{{ p }}", "Bobann"),
        (
            "{% tablerow i in body.list cols:2 %}{{ i }}{% endtablerow %}",
            "<tr class=\"row1\">\n<td class=\"col1\">3</td><td class=\"col2\">1</td></tr>\n<tr class=\"row2\"><td class=\"col1\">2</td></tr>\n",
        ),
    ]);
}

#[test]
fn an_array_loop_puts_commas_between_and_takes_a_lone_value_for_a_list() {
    check(&[
        (
            "[{% JSONArrayFor i in body.people %}{ \"n\": \"{{ i.name }}\" }{% endJSONArrayFor %}]",
            "[{ \"n\": \"Bob\" },{ \"n\": \"ann\" }]",
        ),
        ("[{% JSONArrayFor i in body.one %}\"{{ i.name }}\"{% endJSONArrayFor %}]", "[\"Eve\"]"),
        (
            "[{% JSONArrayFor i in body.name %}{{ i }}{% endJSONArrayFor %}{% JSONArrayFor i in missing %}x{% endJSONArrayFor %}]",
            "[Ann Lee]",
        ),
        ("[{% JSONArrayFor i in body.none -%} x {% endJSONArrayFor -%} ]", "[]"),
    ]);
}

#[test]
fn variables() {
    check(&[
        ("{% assign x = body.n | Plus: 1 %}{{ x }}{% capture y %}<{{ x }}>{% endcapture %}{{ y }}", "8<8>"),
        ("{% for i in (1..2) %}{% assign last = i %}{% endfor %}{{ last }}", "2"),
        ("{% increment c %}{% increment c %}{{ c }}{% decrement c %}{% decrement d %}", "0121-1"),
        (
            "{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}{% cycle 'a', 'b' %}{% cycle 'g': 'x', 'y' %}{% cycle 'g': 'x', 'y' %}",
            "abaxy",
        ),
        ("{% for i in (1..3) %}{% ifchanged %}{{ body.n }}{% endifchanged %}{% endfor %}", "7"),
        (
            "{{ body.list[0] }}{{ body.list[-1] }}{{ body.list[9] }}{{ body.list.first }}{{ body.list.last }}{{ body.list.size }}",
            "32323",
        ),
        (
            "{% assign key = 'name' %}{{ body[key] }} {{ body['name'] }} {{ body[\"one\"].age }} {{ body.first-name }}",
            "Ann Lee Ann Lee 40 dashed",
        ),
        ("{{ Body.n }}{{ body.N }}{{ body.n == 7 }}{{ body.n and more }}", "77"),
        ("{{ }}{{ 'a' }}{{ \"b\" }}{{ 5 }}{{ true }}", "ab5true"),
    ]);
}

#[test]
fn raw_comment_and_white_space() {
    check(&[
        ("{% raw %}{{ body.n }}{% if %}{% endraw %}", "{{ body.n }}{% if %}"),
        ("a{% comment %}{{ x }} {% if %}{% endcomment %}b{% comment %}{% endcomment %}", "ab"),
        ("a \n  {%- if true -%}\n  b\n  {%- endif -%}  \nc", "a \n  b\n\nc"),
        ("[ {{- body.n -}} ]", "[7]"),
        ("{\"a\": {\"b\": {{ body.n }}}}", "{\"a\": {\"b\": 7}}"),
    ]);
}

#[test]
fn an_unknown_filter_passes_the_value_on() {
    let parsed = liquid::Template::parse("{{ 'a' | upcase | json }}{{ 'b' | Upcase }}", liquid::Markup::Text);
    let notes: Vec<_> =
        parsed.warnings.iter().map(|warning| (warning.message.as_str(), warning.note.as_deref())).collect();
    assert_eq!(
        notes,
        [
            ("There is no filter \"upcase\": the value passes unchanged.", Some("Did you mean Upcase?")),
            ("There is no filter \"json\": the value passes unchanged.", None),
        ]
    );
    assert_eq!(render("{{ 'a' | upcase | json }}{{ 'b' | Upcase }}"), "aB");
}
