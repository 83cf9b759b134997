//! What takes a shorter way where the compiler knows enough gives the same as on the long one.

use csharp::{Failure, Form, Options, Value, limits::Limit, limits::Limits};

use crate::host::{Facts, block, expression, outcome};

#[test]
fn loops_over_plain_integers_give_what_other_loops_give() {
    let bodies = [
        "s += i % 7;",
        "s += i % -3;",
        "s = s * 31 + (i ^ 5) - (i << 2);",
        "s = (s | i) & 1023; t += s - i * 3;",
        "t = i; s += t * t; t = s >> 3;",
    ];
    for body in bodies {
        let spun = format!("int s = 1, t = 2; for (int i = -20; i < 23; i += 3) {{ {body} }} return s + \",\" + t;");
        let walked =
            format!("int s = 1, t = 2; int i = -20; while (i < 23) {{ {body} i += 3; }} return s + \",\" + t;");
        assert_eq!(block(&spun), block(&walked), "{body}");
    }
    assert_eq!(block("int n = 10; for (int i = 0; i < n; i++) { n -= 1; } return n;"), "5");
    assert_eq!(block("int s = 0; for (int i = 0; i < 10; i++) { i += 1; s += i; } return s;"), "25");
    assert_eq!(block("int s = 3; for (int i = 5; i < 5; i++) { s += 1; } return s;"), "3");
    assert_eq!(block("int s = int.MaxValue; for (int i = 0; i < 2; i++) { s += i; } return s;"), "-2147483648");
}

#[test]
fn loops_over_plain_integers_count_their_steps() {
    let surface = dotnet::surface().expect("the surface builds");
    let source = "int s = 0; for (int i = 0; i < 1000000; i++) { s += i; } return s;";
    let program = csharp::compile(source, Form::Block, &surface, &Options::default()).program.expect("it compiles");
    let run = |steps| program.run(&mut Facts::default(), &Limits { steps, ..Limits::default() });
    assert!(matches!(run(100_000), Err(Failure::Limit(Limit::Steps))));
    assert!(run(10_000_000).is_ok());
}

#[test]
fn facts_of_context_are_the_same_by_name_and_through_a_variable() {
    for (direct, through) in [
        ("context.Request.Method", "var r = context.Request; return r.Method;"),
        ("context.Request.OriginalUrl.Host", "var u = context.Request.OriginalUrl; return u.Host;"),
        ("context.Operation.Name", "var o = context.Operation; return o.Name;"),
        (
            "context.Request.Headers.GetValueOrDefault(\"X\", \"none\")",
            "var h = context.Request.Headers; return h.GetValueOrDefault(\"X\", \"none\");",
        ),
        ("context.Subscription.Id", "var s = context.Subscription; return s.Id;"),
        ("context.Subscription.Id == \"a\"", "var s = context.Subscription; return s.Id == \"a\";"),
    ] {
        assert_eq!(expression(direct), block(through), "{direct}");
    }
    assert_eq!(expression("context.Subscription.Id"), "! NullReferenceException");
}

#[test]
fn variables_are_unboxed_as_their_types_say() {
    let variables = [("n", Value::Int(5)), ("b", Value::Bool(true)), ("s", Value::str("x")), ("nil", Value::Null)];
    let mut host = Facts::default();
    host.variables.extend(variables.map(|(name, value)| (name.to_owned(), value)));
    for (source, expected) in [
        ("(int)context.Variables[\"n\"] * 2 + 1", "11"),
        ("(int)context.Variables[\"s\"]", "! InvalidCastException"),
        ("(int)context.Variables[\"nil\"]", "! NullReferenceException"),
        ("(int)context.Variables[\"nope\"]", "! KeyNotFoundException"),
        ("(bool)context.Variables[\"b\"] ? 1 : 2", "1"),
        ("(bool)context.Variables[\"n\"] ? 1 : 2", "! InvalidCastException"),
        ("context.Variables.GetValueOrDefault<int>(\"nope\", 4)", "4"),
        ("context.Variables.GetValueOrDefault<string>(\"s\")", "x"),
        ("context.Variables.GetValueOrDefault<int>(\"s\")", "! InvalidCastException"),
        ("context.Variables.GetValueOrDefault<int>(\"nil\")", "! NullReferenceException"),
        ("context.Variables.GetValueOrDefault(\"nope\", \"d\")", "d"),
    ] {
        assert_eq!(outcome(&mut host, source, Form::Expression), expected, "{source}");
    }
}

#[test]
fn literals_give_what_the_same_texts_in_variables_give() {
    for (literal, call) in [
        (r#""(?<a>\\d+)x""#, "Regex.Match(\"12x\", p).Groups[\"a\"].Value"),
        (r#""B""#, "Regex.Replace(\"abc\", p, \"-\", RegexOptions.IgnoreCase)"),
        (r#""(""#, "Regex.IsMatch(\"a\", p)"),
        (r#""yyyy-MM-ddTHH:mm:ss.fffZ""#, "new DateTime(2024, 3, 5, 7, 8, 9).ToString(p)"),
        (r#""ffffffff""#, "new DateTime(2024, 3, 5).ToString(p)"),
        (r#""U""#, "new DateTimeOffset(2024, 3, 5, 7, 8, 9, TimeSpan.Zero).ToString(p)"),
        (r#""{0,5}|{1:F1}|{{}}""#, "string.Format(p, \"a\", 2.0)"),
        (r#""{0""#, "string.Format(p, \"a\")"),
        (r#""items[?(@.n > 1)].s""#, "JObject.Parse(\"{items:[{n:1,s:'a'},{n:2,s:'b'}]}\").SelectToken(p)"),
        (r#""items[""#, "JObject.Parse(\"{items:[]}\").SelectToken(p)"),
    ] {
        let through = block(&format!("string p = {literal}; return {call};"));
        assert_eq!(
            block(&format!(
                "return {};",
                call.replace("(p", &format!("({literal}")).replace(", p", &format!(", {literal}"))
            )),
            through,
            "{call}"
        );
        assert!(!through.contains("CS"), "{through}");
    }
    assert_eq!(
        block("var d = new DateTime(2024, 3, 5); return $\"{d:yyyy/MM}|{d,12:dd.MM.yyyy}\";"),
        "2024/03|  05.03.2024"
    );
}

#[test]
fn chains_of_linq_give_in_one_loop_what_they_give_step_by_step() {
    let sources = [
        "new[] { \"b\", \"aa\", \"ccc\", \"\" }",
        "new List<string> { \"aa\", \"aa\", \"d\" }",
        "new string[0]",
        "\"x,aa,,ccc\".Split(',')",
        "new List<string> { \"a\", null }",
    ];
    let stages = ["Select(x => x + n)", "Where(x => x.Length > 1)", "Where(x => { n++; return n > 2; })"];
    let ends = [
        "Any()",
        "Any(x => x.Length == 3)",
        "All(x => x.Length > n)",
        "Count()",
        "Count(x => x != \"aa\")",
        "Contains(\"aa1\")",
        "Contains(\"a\" + (n += 1))",
        "First()",
        "First(x => x.StartsWith(\"c\"))",
        "FirstOrDefault()",
        "FirstOrDefault(x => x == \"nope\")",
    ];
    for source in sources {
        for (first, second) in stages.iter().flat_map(|first| stages.iter().map(move |second| (first, second))) {
            for end in ends {
                let fused = format!("int n = 1; var r = {source}.{first}.{second}.{end}; return r + \"|\" + n;");
                let apart = format!(
                    "int n = 1; IEnumerable<string> s = {source}; var a = s.{first}; var b = a.{second}; var r = b.{end}; return r + \"|\" + n;"
                );
                assert_eq!(block(&fused), block(&apart), "{fused}");
            }
        }
    }
    let null = "IEnumerable<string> s = null; int n = 0; try { return \"\" + s.Any(x => (n += 1) > 0); }";
    assert_eq!(block(&format!("{null} catch (ArgumentNullException e) {{ return e.ParamName + n; }}")), "source0");
    assert_eq!(
        block("IEnumerable<int> s = null; return s.Select(x => x).Contains(1 / s.Count());"),
        "! ArgumentNullException"
    );
    assert_eq!(
        block("var l = new List<int> { 1 }; return l.Any(x => { l.Add(x); return false; });"),
        "! InvalidOperationException"
    );
    assert_eq!(expression("context.Product.Groups.Any(g => g.Name == \"a\")"), "! NullReferenceException");
}

#[test]
fn chains_of_linq_count_their_steps() {
    let surface = dotnet::surface().expect("the surface builds");
    let source = "Enumerable.Range(0, 1000000).Where(x => x < 0).Any()";
    let program =
        csharp::compile(source, Form::Expression, &surface, &Options::default()).program.expect("it compiles");
    let run = |steps| program.run(&mut Facts::default(), &Limits { steps, ..Limits::default() });
    assert!(matches!(run(100_000), Err(Failure::Limit(Limit::Steps))));
    assert!(run(10_000_000).is_ok());
}

#[test]
fn pieces_of_a_text_are_the_same_lazily_and_in_an_array() {
    let texts = ["", "a", ",", "a,b,c", ",a,,b,", "a, b, c", ",,,", "aaaa", "ä,b", "a,b,1234567890123456789012345,"];
    let splits = [
        "Split(',')",
        "Split(',', StringSplitOptions.RemoveEmptyEntries)",
        "Split(new[] { ',' }, StringSplitOptions.RemoveEmptyEntries)",
        "Split(new[] { \", \" }, StringSplitOptions.None)",
        "Split(new[] { \"aa\" }, StringSplitOptions.None)",
        "Split(',', 2)",
        "Split(',', ';')",
        "Split('ä')",
        "Split()",
    ];
    let uses = [
        "Last()",
        "LastOrDefault()",
        "Last(x => x != \"\")",
        "First()",
        "FirstOrDefault()",
        "Single()",
        "Count()",
        "Length",
        "Contains(\"b\")",
        "ElementAt(1)",
        "ToList().Count",
        "Skip(1).FirstOrDefault()",
        "Select(x => x.Trim()).Where(x => x != \"\").Count()",
    ];
    for text in texts {
        for split in splits {
            for then in uses {
                let lazily = format!("return \"{text}\".{split}.{then};");
                let array = format!("var pieces = \"{text}\".{split}; return pieces.{then};");
                assert_eq!(block(&lazily), block(&array), "{lazily}");
            }
            for index in ["-1", "0", "1", "7"] {
                let lazily = format!("return \"{text}\".{split}[{index}];");
                let array = format!("var pieces = \"{text}\".{split}; return pieces[{index}];");
                assert_eq!(block(&lazily), block(&array), "{lazily}");
            }
            let walk = "var all = \"\"; foreach (var x in";
            let lazily = format!("{walk} \"{text}\".{split}) {{ all += x + \"|\"; }} return all;");
            let array = format!("var p = \"{text}\".{split}; {walk} p) {{ all += x + \"|\"; }} return all;");
            assert_eq!(block(&lazily), block(&array), "{lazily}");
        }
    }
}

#[test]
fn conditions_over_facts_are_decided_as_any_others_are() {
    for (direct, through) in [
        (
            "context.Request.Method == \"GET\" && context.Request.OriginalUrl.Scheme != \"https\"",
            "string m = context.Request.Method, s = context.Request.OriginalUrl.Scheme; return m == \"GET\" && s != \"https\";",
        ),
        (
            "!(context.Request.Method == \"PUT\" || context.Request.OriginalUrl.Host == null)",
            "string m = context.Request.Method, h = context.Request.OriginalUrl.Host; return !(m == \"PUT\" || h == null);",
        ),
        (
            "context.Request.Method != null && context.Subscription.Id == \"a\"",
            "var s = context.Subscription; return context.Request.Method != null && s.Id == \"a\";",
        ),
    ] {
        assert_eq!(expression(direct), block(through), "{direct}");
    }
    let surface = dotnet::surface().expect("the surface builds");
    let source = "context.Request.Method == \"GET\" && context.Request.Method == \"GET\"";
    let program =
        csharp::compile(source, Form::Expression, &surface, &Options::default()).program.expect("it compiles");
    let run = |steps| program.run(&mut Facts::default(), &Limits { steps, ..Limits::default() });
    assert!(matches!(run(1), Err(Failure::Limit(Limit::Steps))));
    assert!(run(10).is_ok());
}

#[test]
fn texts_are_joined_in_pieces_of_any_kind() {
    let long = "x".repeat(6000);
    for (source, expected) in [
        ("var s = \"é\"; return $\"{s}-{1}-{s}\";", "é-1-é".to_owned()),
        ("var s = \"\\ud83d\"; return $\"a{s}\\ude00b\";", "a😀b".to_owned()),
        ("var s = \"\\ud83d\"; return ($\"a{s}b\" + s).Length;", "4".to_owned()),
        ("string s = null; return $\"[{s}]\" + $\"{$\"<{1}>\" + 2}{'c'}\";", "[]<1>2c".to_owned()),
    ] {
        assert_eq!(block(source), expected, "{source}");
    }
    assert_eq!(block(&format!("var s = \"{long}\"; return $\"{{s}}{{s}}\".Length;")), "12000");
}
