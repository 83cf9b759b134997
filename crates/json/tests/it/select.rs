//! JSONPath. Expected results and messages were recorded from Newtonsoft.Json 13.

use json::{Error, Formatting, JToken, MatchRegex, NoRegex, RegexFlags};

/// Knows the few patterns of the cases.
struct Patterns;

impl MatchRegex for Patterns {
    fn is_match(&self, input: &str, pattern: &str, flags: RegexFlags) -> Result<bool, Error> {
        let fold = |text: &str| if flags.ignore_case { text.to_lowercase() } else { text.to_owned() };
        let (input, pattern) = (fold(input), fold(pattern));
        Ok(match pattern.strip_prefix('^') {
            Some(start) => input.starts_with(start),
            None => input.contains(&pattern),
        })
    }
}

#[test]
fn paths_find_what_newtonsoft_finds() {
    let document = JToken::parse(DOCUMENT).unwrap();
    for (path, found) in FOUND {
        let tokens = document.select_tokens(path, false, &Patterns).unwrap();
        let json: Vec<_> = tokens.iter().map(|token| token.to_json(Formatting::None)).collect();
        assert_eq!(format!("[{}]", json.join(",")), *found, "{path}");
    }
}

#[test]
fn bad_paths_are_refused() {
    let document = JToken::parse(DOCUMENT).unwrap();
    for (path, message) in REFUSED {
        let error = document.select_tokens(path, false, &Patterns).unwrap_err();
        assert_eq!(error.message, *message, "{path}");
    }
}

#[test]
fn a_missing_match_is_an_error_on_request() {
    let document = JToken::parse(DOCUMENT).unwrap();
    for (path, message) in STRICT {
        match (document.select_token(path, true, &Patterns), message) {
            (Ok(token), None) => assert!(token.is_none(), "{path}"),
            (result, message) => assert_eq!(result.unwrap_err().message, message.unwrap_or("none"), "{path}"),
        }
    }
}

#[test]
fn a_negative_index_is_out_of_range() {
    let message =
        "Index was out of range. Must be non-negative and less than the size of the collection. (Parameter 'index')";
    assert_eq!(JToken::parse("[1]").unwrap().select_token("[-1]", false, &NoRegex).unwrap_err().message, message);
}

#[test]
fn paths_of_found_tokens_survive_the_document_handle() {
    let path = |text: &str, path: &str| {
        JToken::parse(text).unwrap().select_token(path, false, &NoRegex).unwrap().unwrap().path()
    };
    assert_eq!(path("{'a':{'b':[1,{'c':2}]}}", "a.b[1].c"), "a.b[1].c");
    assert_eq!(path("{'a b':{'c':[1,{\"d'e\":2}]}}", "['a b'].c[1].*"), r"['a b'].c[1]['d\'e']");
}

const DOCUMENT: &str = r#"{"s":[{"n":"x","p":5,"o":{"k":1}},{"n":"y","p":15.5},{"n":null}],"a":[1,2,3,4,5],"b.c":true,"d":"2024-03-05T14:07:09Z"}"#;

const FOUND: &[(&str, &str)] = &[
    (
        "$",
        r#"[{"s":[{"n":"x","p":5,"o":{"k":1}},{"n":"y","p":15.5},{"n":null}],"a":[1,2,3,4,5],"b.c":true,"d":"2024-03-05T14:07:09Z"}]"#,
    ),
    ("a", "[[1,2,3,4,5]]"),
    ("$.a[1:3]", "[2,3]"),
    ("a[-2:]", "[4,5]"),
    ("a[::-1]", "[5,4,3,2,1]"),
    ("a[4:1:-2]", "[5,3]"),
    ("a[0,2]", "[1,3]"),
    ("a[0,2,9]", "[1,3]"),
    ("$..n", r#"["x","y",null]"#),
    (
        "$..*",
        r#"[{"s":[{"n":"x","p":5,"o":{"k":1}},{"n":"y","p":15.5},{"n":null}],"a":[1,2,3,4,5],"b.c":true,"d":"2024-03-05T14:07:09Z"},[{"n":"x","p":5,"o":{"k":1}},{"n":"y","p":15.5},{"n":null}],{"n":"x","p":5,"o":{"k":1}},"x",5,{"k":1},1,{"n":"y","p":15.5},"y",15.5,{"n":null},null,[1,2,3,4,5],1,2,3,4,5,true,"2024-03-05T14:07:09Z"]"#,
    ),
    ("$..[0]", "[]"),
    ("$..a[1]", "[2]"),
    ("$.s[*].n", r#"["x","y",null]"#),
    ("s[?(@.p)]", r#"[{"n":"x","p":5,"o":{"k":1}},{"n":"y","p":15.5}]"#),
    ("s[?(@.p)].n", r#"["x","y"]"#),
    ("s[?(@.p > 5)].n", r#"["y"]"#),
    ("s[?(@.p >= 5 && @.n == 'x')].n", r#"["x"]"#),
    ("s[?(@.n == null)]", r#"[{"n":null}]"#),
    ("s[?(@.n != null)].n", r#"["x","y"]"#),
    ("s[?(@.n =~ /X/i)].n", r#"["x"]"#),
    ("s[?(@.n =~ /^X/)].n", "[]"),
    ("s[?(@.p == '5')].n", "[]"),
    ("s[?(@.p === '5')].n", "[]"),
    ("s[?(@.p === 5)].n", r#"["x"]"#),
    ("s[?(@.p == 5.0)].n", r#"["x"]"#),
    ("s[?(@.p !== 5)].n", r#"["y"]"#),
    ("s[?(@.p < 10 || @.n == 'y')].n", r#"["x","y"]"#),
    ("s[?(@.p <> 5)].n", r#"["y"]"#),
    ("s[?(@.p == true)].n", "[]"),
    ("s[?(@.o.k == 1)].n", r#"["x"]"#),
    ("s[?(@.n == $.s[0].n)].n", r#"["x"]"#),
    ("s[?($.a[0] == 1)].n", r#"["x","y",null]"#),
    ("s[?(1 == 1)].n", r#"["x","y",null]"#),
    ("['b.c']", "[true]"),
    ("$['s'][0]['n','p']", r#"["x",5]"#),
    ("['s','a']", r#"[[{"n":"x","p":5,"o":{"k":1}},{"n":"y","p":15.5},{"n":null}],[1,2,3,4,5]]"#),
    ("s.n", "[]"),
    ("s[0].n[0]", "[]"),
    ("s[0]['n'][*]", "[]"),
    ("zz", "[]"),
    ("zz.y", "[]"),
    ("zz[0]", "[]"),
    ("a[9]", "[]"),
    ("a.x", "[]"),
    ("*", r#"[[{"n":"x","p":5,"o":{"k":1}},{"n":"y","p":15.5},{"n":null}],[1,2,3,4,5],true,"2024-03-05T14:07:09Z"]"#),
    ("*.n", "[]"),
    ("a.*", "[]"),
    (".a", "[[1,2,3,4,5]]"),
    ("$a", "[]"),
    ("a[1:2:3:4]", "[2]"),
    ("a[ 0 ]", "[1]"),
    ("s[?(@.n =~ /x/z)].n", r#"["x"]"#),
    ("s[?(@.p == 5) ]", r#"[{"n":"x","p":5,"o":{"k":1}}]"#),
    ("s[?( @.p == 5 )].n", r#"["x"]"#),
    ("s[?(@['p'] == 5)].n", r#"["x"]"#),
    (r"s[?(@.n == 'it\'s')].n", "[]"),
    ("s[?(@.d > '2023-01-01')]", "[]"),
    ("$[?(@ == '2024-03-05T14:07:09Z')]", "[]"),
    ("$[?(@.k == 1)]", "[]"),
    ("$.s[?(@.o)]", r#"[{"n":"x","p":5,"o":{"k":1}}]"#),
    ("$.s[?(@.*)].n", r#"["x","y",null]"#),
    ("$..[?(@.k == 1)]", r#"[{"k":1}]"#),
    ("$..[?(@.p)].n", r#"["x","y"]"#),
    ("$..['n']", r#"["x","y",null]"#),
    ("$..s.*.n", "[]"),
    ("a[?(@ > 1)][0]", "[]"),
    ("a[?(@ == 1.0)]", "[1]"),
    ("a[?(@ != 1)]", "[2,3,4,5]"),
    ("$.s.[0]", r#"[{"n":"x","p":5,"o":{"k":1}}]"#),
    ("s[0]..k", "[1]"),
    ("a.length", "[]"),
    ("s[?(@.p == 1e1)]", "[]"),
    ("s[?(@.p == -5)]", "[]"),
    ("a[01]", "[2]"),
    ("a[:]", "[1,2,3,4,5]"),
    ("[0]", "[]"),
    ("$[0]", "[]"),
];

const REFUSED: &[(&str, &str)] = &[
    ("a[::0]", "Step cannot be zero."),
    ("s[?(!@.p)]", "Unexpected character while parsing path query: !"),
    ("s[?(@.p==5&&(@.n=='x'||@.n=='y'))].n", "Unexpected character while parsing path query: )"),
    (r#"["b.c"]"#, r#"Unexpected character while parsing path indexer: ""#),
    ("a.", "Unexpected end while parsing path."),
    ("a..", "Unexpected end while parsing path."),
    ("$..", "Unexpected end while parsing path."),
    ("a[", "Path ended with open indexer."),
    ("a[]", "Array index expected."),
    ("a['x", "Path ended with an open string."),
    ("a[x]", "Unexpected character while parsing path indexer: x"),
    ("a[1", "Path ended with open indexer."),
    ("a[1:", "Path ended with open indexer."),
    ("a[1:x]", "Unexpected character while parsing path indexer: x"),
    ("a[*", "Path ended with open indexer."),
    ("a[*]x", "Unexpected character following indexer: x"),
    ("a[0]b", "Unexpected character following indexer: b"),
    ("a [0]", "Unexpected character while parsing path:  "),
    ("a b", "Unexpected character while parsing path:  "),
    ("[?(@.p]", "Path ended with open query."),
    ("s[?(@.p ==)]", "Unexpected character while parsing path query: )"),
    ("s[?(@.p = 5)]", "Could not read query operator."),
    ("s[?(@.p == 'x]", "Path ended with an open string."),
    ("s[?(@.p == bad)]", "Unexpected character while parsing path query: b"),
    ("s[?(@.n =~ /x)]", "Path ended with an open regex."),
    ("s[?@.p]", "Unexpected character while parsing path indexer: @"),
    ("s[?(p)]", "Unexpected character while parsing path query: p"),
    ("s[?(@.p == 5 & @.n)]", "Unexpected character while parsing path query: &"),
    ("a[99999999999]", "Value was either too large or too small for an Int32."),
    ("a[,1]", "Array index expected."),
    ("a[1,]", "Array index expected."),
    ("s..", "Unexpected end while parsing path."),
];

const STRICT: &[(&str, Option<&str>)] = &[
    ("a[9]", Some("Index 9 outside the bounds of JArray.")),
    ("a.x", Some("Property 'x' not valid on JArray.")),
    ("zz", Some("Property 'zz' does not exist on JObject.")),
    ("zz.y", Some("Property 'zz' does not exist on JObject.")),
    (r#"a["x"]"#, Some(r#"Unexpected character while parsing path indexer: ""#)),
    ("a.length", Some("Property 'length' not valid on JArray.")),
    ("[0]", Some("Index 0 not valid on JObject.")),
    ("s[9].n", Some("Index 9 outside the bounds of JArray.")),
    ("a[0,9]", Some("Index 9 outside the bounds of JArray.")),
    ("a['x']", Some("Property 'x' not valid on JArray.")),
    ("a[1:1]", Some("Array slice of 1 to 1 returned no results.")),
    ("s.n", Some("Property 'n' not valid on JArray.")),
    ("a[::0]", Some("Step cannot be zero.")),
    ("s[?(@.p == 99)]", None),
    ("a[0].b", Some("Property 'b' not valid on JValue.")),
    ("a[5:9]", Some("Array slice of 5 to 9 returned no results.")),
    ("$..zz", None),
    ("['zz','yy']", Some("Property 'zz' does not exist on JObject.")),
    ("a[*].x", Some("Property 'x' not valid on JValue.")),
    ("s[0].*", Some("Path returned multiple tokens.")),
    ("b[*]", Some("Property 'b' does not exist on JObject.")),
    ("d[*]", Some("Index * not valid on JValue.")),
    ("d[0]", Some("Index 0 not valid on JValue.")),
    ("d[0:1]", Some("Array slice is not valid on JValue.")),
];
