//! What the executor must get right: order of effects, jumps through `finally`, iterators, captured variables, limits.

use std::cell::RefCell;

use base::Span;
use csharp::{Failure, Form, Options, Program, Reach, Value, limits::Limit, limits::Limits, observe::Observer};

use crate::host::{Facts, block};

fn program(source: &str) -> Program {
    let surface = dotnet::surface().expect("every row of the surface can be read");
    csharp::compile(source, Form::Block, &surface, &Options::default()).program.expect("the program compiles")
}

fn traces(source: &str) -> Vec<String> {
    let mut host = Facts::default();
    program(source).run(&mut host, &Limits::default()).expect("the program runs");
    host.traces
}

#[test]
fn jumps_out_of_a_try_run_its_finally() {
    let source = r#"string r = ""; for (int i = 0; i < 4; i++) {
        try { if (i == 1) continue; if (i == 3) break; r += i; } finally { r += "f"; } } return r;"#;
    assert_eq!(block(source), "0ff2ff");
    let source = r#"foreach (var i in new[] { 1, 2, 3 }) {
        try { try { if (i == 2) return i; } finally { context.Trace("inner" + i); } } finally { context.Trace("outer" + i); }
    } return 0;"#;
    assert_eq!(traces(source), ["inner1", "outer1", "inner2", "outer2"]);
}

#[test]
fn an_exception_in_a_finally_replaces_the_first() {
    let source = r#"try { try { throw new Exception("a"); } finally { int.Parse("x"); } }
        catch (FormatException) { return "second"; } catch (Exception) { return "first"; }"#;
    assert_eq!(block(source), "second");
}

#[test]
fn a_filter_that_raises_is_false() {
    let source = r#"try { throw new Exception("a"); } catch (Exception e) when (int.Parse(e.Message) > 0) { return 1; }
        catch { return 2; }"#;
    assert_eq!(block(source), "2");
}

#[test]
fn a_return_value_is_taken_before_finally_runs() {
    assert_eq!(block("int F(int n) { try { return n; } finally { n++; } } return F(3);"), "3");
}

#[test]
fn goto_leaves_nested_loops_and_enters_sections() {
    let source = r"int n = 0; for (int i = 0; i < 3; i++) for (int j = 0; j < 3; j++) { n++; if (i == 1) goto done; }
        done: return n;";
    assert_eq!(block(source), "4");
    assert_eq!(block("int n = 0; again: n++; if (n < 5) goto again; return n;"), "5");
    let source = r#"string r = ""; switch (1) { case 1: r += "a"; goto case 2; case 2: r += "b"; goto default; default: return r + "c"; }"#;
    assert_eq!(block(source), "abc");
}

#[test]
fn iterators_run_only_as_far_as_they_are_asked() {
    let source = r#"IEnumerable<int> Endless() { int i = 0; try { while (true) { context.Trace("t" + i); yield return i++; } } finally { context.Trace("end"); } }
        return Endless().Take(2).Sum();"#;
    let seen = traces(source);
    assert_eq!(seen.iter().filter(|trace| trace.starts_with('t')).count(), 2);
    let source = r"IEnumerable<int> Some(int n) { for (int i = 0; i < n; i++) { if (i == 3) yield break; yield return i * 10; } }
        var all = Some(9); return all.Sum() + all.Count();";
    assert_eq!(block(source), "33");
}

#[test]
fn each_round_captures_a_variable_of_its_own_but_a_for_shares_its_counter() {
    let source = r#"var fs = new List<Func<int>>(); for (int i = 0; i < 3; i++) { int j = i; fs.Add(() => j * 10 + i); }
        var r = ""; foreach (var f in fs) r += f() + ","; return r;"#;
    assert_eq!(block(source), "3,13,23,");
    let source = "Func<int> Make() { int c = 0; return () => ++c; } var f = Make(); f(); f(); var g = Make(); return f() * 10 + g();";
    assert_eq!(block(source), "31");
}

#[test]
fn operands_are_read_from_left_to_right() {
    assert_eq!(block("int x = 5; x += x++ + ++x; return x;"), "17");
    assert_eq!(block(r#"string s = "a"; s += s += "b"; return s;"#), "aab");
    let source =
        "int[] a = { 1, 2, 3 }; int i = 0; a[i++] += 10; a[i] = i = 2; return a[0] + \",\" + a[1] + \",\" + i;";
    assert_eq!(block(source), "11,2,2");
}

#[test]
fn tuples_are_values_and_references_are_not() {
    assert_eq!(block("var t = (1, 2); var u = t; u.Item1 = 7; return t.Item1 + u.Item1;"), "8");
    assert_eq!(block("int a = 1, b = 2; (a, b) = (b, a); return a * 10 + b;"), "21");
    assert_eq!(block("int a = 1; ref int b = ref a; b = 9; return a;"), "9");
    let source = "void Swap(ref int x, ref int y) { var z = x; x = y; y = z; } int a = 1, b = 2; Swap(ref a, ref b); return a * 10 + b;";
    assert_eq!(block(source), "21");
}

#[test]
fn null_spreads_through_lifted_operators() {
    assert_eq!(block("int? a = null, b = 3; return (a + b) == null && (a > b) == false && (a ?? b) == 3;"), "True");
    let source = "bool? a = null; return (a & false) == false && (a | true) == true && (a & true) == null;";
    assert_eq!(block(source), "True");
}

#[test]
fn no_program_can_catch_a_limit() {
    let run = |source: &str| program(source).run(&mut Facts::default(), &Limits::default());
    let endless = run("try { while (true) { } } catch { return 1; }");
    assert!(matches!(endless, Err(Failure::Limit(Limit::Steps))), "{endless:?}");
    let deep = run("int F(int n) { try { return F(n + 1); } catch { return n; } } return F(0);");
    assert!(matches!(deep, Err(Failure::Limit(Limit::Depth))), "{deep:?}");
    let wide = run("var a = new long[int.MaxValue]; return a.Length;");
    assert!(matches!(wide, Err(Failure::Limit(Limit::Memory))), "{wide:?}");
}

#[test]
fn an_observer_sees_statements_branches_and_locals() {
    #[derive(Default)]
    struct Seen(RefCell<Vec<String>>, usize);
    impl Observer for Seen {
        fn statement(&mut self, _span: Span) {
            self.1 += 1;
        }
        fn branch(&mut self, _span: Span, taken: bool) {
            self.0.borrow_mut().push(taken.to_string());
        }
        fn local(&mut self, name: &str, value: &Value) {
            self.0.borrow_mut().push(format!("{name}={value:?}"));
        }
    }
    let mut seen = Seen::default();
    let program = program("int n = 1; if (n > 5) return 0; n += 2; return n;");
    program.run_observed(&mut Facts::default(), &Limits::default(), Some(&mut seen)).unwrap();
    assert_eq!(*seen.0.borrow(), ["n=1", "false", "n=3"]);
    assert_eq!(seen.1, 4);
}

#[test]
fn what_every_run_reaches_is_told_from_what_some_runs_reach() {
    let reach = |source: &str| program(source).reach("PolicyExpressions.IRequest", "Body");
    assert_eq!(reach("return context.Request.Body.As<string>();"), Reach::Always);
    assert_eq!(
        reach("if (context.Request.Method == \"GET\") return null; return context.Request.Body;"),
        Reach::Sometimes
    );
    assert_eq!(reach("return context.Request.Method == \"GET\" ? null : context.Request.Body;"), Reach::Sometimes);
    assert_eq!(reach("return context.Response.Body;"), Reach::Never);
}
