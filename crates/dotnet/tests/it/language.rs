//! The language itself: statements, closures, patterns, errors.

use crate::host::{block, expression};

#[test]
fn loops_and_locals() {
    assert_eq!(block("int s = 0; for (int i = 0; i < 1000; i++) { s += i % 7; } return s;"), "2997");
    assert_eq!(block("int n = 0; while (true) { n++; if (n == 3) continue; if (n > 5) break; } return n;"), "6");
    assert_eq!(block("int n = 0; do { n += 2; } while (n < 7); return n;"), "8");
    assert_eq!(block(r#"string s = ""; foreach (var c in "abc") { s = c + s; } return s;"#), "cba");
}

#[test]
fn arithmetic_follows_the_types() {
    assert_eq!(expression("7 / 2"), "3");
    assert_eq!(expression("7 / 2.0"), "3.5");
    assert_eq!(expression("0.1m + 0.2m"), "0.3");
    assert_eq!(expression("'a' + 1"), "98");
    assert_eq!(expression("1 + 2 + \"x\" + 1 + 2"), "3x12");
    assert_eq!(
        expression("(byte)300"),
        "CS0221: Constant value '300' cannot be converted to a 'byte' (use 'unchecked' syntax to override)"
    );
    assert_eq!(expression("int.MaxValue + 1"), "CS0220: The operation overflows at compile time in checked mode");
    assert_eq!(block("int a = int.MaxValue; return unchecked(a + 1);"), "-2147483648");
    assert_eq!(block("int a = int.MaxValue; return checked(a + 1);"), "! OverflowException");
}

#[test]
fn lambdas_capture_variables() {
    assert_eq!(block("int n = 1; Func<int, int> f = x => x + n; n = 10; return f(1);"), "11");
    assert_eq!(
        block(
            "var fs = new List<Func<int>>(); for (int i = 0; i < 3; i++) { int j = i; fs.Add(() => j); } return fs[0]() + fs[2]();"
        ),
        "2"
    );
    assert_eq!(block("int Fib(int n) => n < 2 ? n : Fib(n - 1) + Fib(n - 2); return Fib(12);"), "144");
}

#[test]
fn exceptions_are_caught_by_type_and_filter() {
    assert_eq!(block(r#"try { return int.Parse("x"); } catch (FormatException) { return "bad"; }"#), "bad");
    assert_eq!(block(r#"string s = ""; try { s += "a"; } finally { s += "b"; } return s;"#), "ab");
    assert_eq!(
        block(r#"try { throw new Exception("m"); } catch (Exception e) when (e.Message == "m") { return e.Message; }"#),
        "m"
    );
    assert_eq!(expression("((string)null).Length"), "! NullReferenceException");
}

#[test]
fn patterns_and_switches() {
    assert_eq!(block("object o = 5; return o is int n && n > 3 ? n : 0;"), "5");
    assert_eq!(
        block(r#"switch (3) { case 1: return "one"; case 3: return "three"; default: return "other"; }"#),
        "three"
    );
    assert_eq!(
        block(
            r#"object o = "s"; switch (o) { case int i when i > 2: return i; case string s: return s + "!"; } return null;"#
        ),
        "s!"
    );
}

#[test]
fn tuples_anonymous_objects_and_initializers() {
    assert_eq!(block("var (a, b) = (1, \"x\"); return b + a;"), "x1");
    assert_eq!(expression("new { A = 1, B = \"x\" }"), "{ A = 1, B = x }");
    assert_eq!(expression("new Dictionary<string, int> { [\"a\"] = 1, [\"b\"] = 2 }[\"b\"]"), "2");
    assert_eq!(expression("new List<int> { 1, 2, 3 }.Count"), "3");
    assert_eq!(block("var t = (x: 1, y: 2); t.x = 5; return t.x + t.y;"), "7");
}

#[test]
fn null_conditionals_and_nullables() {
    assert_eq!(block("string s = null; return s?.Length ?? -1;"), "-1");
    assert_eq!(block("int? a = null; return a + 1 == null;"), "True");
    assert_eq!(block("int? a = 5; return a.Value + a.GetValueOrDefault();"), "10");
}

#[test]
fn mistakes_get_the_codes_of_a_compiler() {
    assert!(expression("context.NoSuchMember").starts_with("CS1061"));
    assert!(expression("undeclared").starts_with("CS0103"));
    assert!(expression("1 + true").starts_with("CS0019"));
    assert!(block("int x = \"a\"; return x;").starts_with("CS0029"));
    assert!(block("int x; return x;").starts_with("CS0165"));
    assert!(block("if (context.Tracing) { return 1; }").starts_with("CS0161"));
    assert!(expression("int.Parse(5)").starts_with("CS1503"));
}

#[test]
fn endless_programs_end() {
    assert_eq!(block("while (true) { }"), "! the expression takes too many steps");
    assert_eq!(block("int F(int n) => F(n + 1); return F(0);"), "! the expression nests calls too deeply");
}
