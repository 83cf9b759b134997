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
