//! No text makes the parser panic, hang or overflow its stack.

use proptest::prelude::*;

use super::super::{MAX_HEIGHT, parse_block, parse_expression};

/// Words that meet in grammar decisions.
const WORDS: &[&str] = &[
    "a",
    "b",
    "var",
    "int",
    "string",
    "T",
    "from",
    "in",
    "select",
    "where",
    "group",
    "by",
    "into",
    "orderby",
    "join",
    "on",
    "let",
    "equals",
    "async",
    "await",
    "yield",
    "return",
    "if",
    "else",
    "for",
    "foreach",
    "while",
    "do",
    "switch",
    "case",
    "default",
    "when",
    "try",
    "catch",
    "finally",
    "using",
    "lock",
    "goto",
    "break",
    "throw",
    "new",
    "is",
    "as",
    "not",
    "or",
    "typeof",
    "nameof",
    "ref",
    "out",
    "const",
    "static",
    "public",
    "class",
    "delegate",
    "checked",
    "this",
    "base",
    "null",
    "stackalloc",
    "unsafe",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    ">=",
    ">>",
    "?",
    "?.",
    "??",
    "??=",
    ":",
    "::",
    ";",
    ",",
    ".",
    "..",
    "=",
    "==",
    "=>",
    "+",
    "++",
    "-",
    "->",
    "*",
    "&",
    "&&",
    "|",
    "!",
    "~",
    "^",
    "1",
    "1.5m",
    "0x",
    "\"s\"",
    "'c'",
    "\"",
    "'",
    "$\"",
    "$@\"",
    "@\"",
    "{{",
    "}}",
    "#",
    "@",
    "$",
    "//",
    "/*",
    "*/",
    "\n",
    "_",
    "\\u0061",
    "é",
    "😀",
];

fn soup() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(WORDS), 0..60).prop_map(|words| words.join(" "))
}

fn tight_soup() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(WORDS), 0..60).prop_map(|words| words.concat())
}

fn read(source: &str) {
    let length = source.len() as u32;
    let (_, found) = parse_expression(source);
    let (_, in_block) = parse_block(source);
    for diagnostic in found.iter().chain(&in_block) {
        let span = diagnostic.span;
        assert!(span.start <= span.end && span.end <= length, "{diagnostic:?}");
        assert!(source.get(span.start as usize..span.end as usize).is_some(), "{diagnostic:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_words_are_read(source in soup()) {
        read(&source);
    }

    #[test]
    fn any_words_without_spaces_are_read(source in tight_soup()) {
        read(&source);
    }

    #[test]
    fn any_text_is_read(source in "\\PC{0,200}") {
        read(&source);
    }
}

#[test]
fn text_that_is_too_deep_or_too_long_is_refused() {
    let times = |part: &str| part.repeat(20_000);
    for source in [
        times("("),
        times("a+"),
        times("a."),
        times("a?."),
        times("a["),
        times("a<"),
        times("-"),
        times("{"),
        times("f(x=>"),
        times("if(a)"),
        times("$\"{"),
        times("new[]{"),
        times("a?"),
        times("(int)"),
        format!("int{} a;", times("[]")),
        format!("var {}", times("(")),
        times("from x in y select x into "),
        times("a=>"),
        times("x is "),
    ] {
        let block = parse_block(&source).1;
        let expression = parse_expression(&source).1;
        let refused = |found: &[base::Diagnostic]| base::has_errors(found);
        assert!(refused(&block) && refused(&expression), "{}", &source[..20]);
    }
}

#[test]
fn what_people_write_is_not_too_deep() {
    let nested = format!("{}1{}", "(".repeat(100), ")".repeat(100));
    let chain = format!("1{}", " + 1".repeat(MAX_HEIGHT as usize - 10));
    for source in [nested, chain] {
        assert_eq!(parse_expression(&source).1, []);
    }
}
