//! What is said about the flow of whole texts. The codes are a real compiler's.

use super::{check_block, check_expression, literal_condition};
use crate::parser::{parse_block, parse_expression};

fn codes(source: &str) -> String {
    let (block, wrong) = parse_block(source);
    assert!(wrong.is_empty(), "{source}: {wrong:?}");
    let found = check_block(source, &block, &literal_condition);
    let codes: Vec<_> = found.iter().map(|found| found.code.trim_start_matches("CS")).collect();
    codes.join(" ")
}

fn check(cases: &str) {
    for case in cases.lines().map(str::trim).filter(|case| !case.is_empty()) {
        let (source, expected) = case.split_once(" -> ").expect(case);
        let expected = if expected.trim() == "ok" { "" } else { expected.trim() };
        assert_eq!(codes(source.trim()), expected, "{source}");
    }
}

#[test]
fn locals_are_assigned_before_they_are_read() {
    check(
        "int x; return x;                                       -> 0165
         int x; x = 1; return x;                                -> ok
         int x; x++; return x;                                  -> 0165
         int x; return x + x;                                   -> 0165
         int x = x; return 1;                                   -> 0165
         int x; if (a) x = 1; return x;                         -> 0165
         int x; if (a) x = 1; else x = 2; return x;             -> ok
         int x; if (a) x = 1; else return 2; return x;          -> ok
         int x; if (a && f(out x)) return x; return 1;          -> ok
         int x; if (a || f(out x)) return x; return 1;          -> 0165
         int x; if (!(a || !f(out x))) return x; return 1;      -> ok
         int x; return a ? f(out x) : x;                        -> 0165
         if (a is int n) { } return n;                          -> 0165
         if (!(a is int n)) return 0; return n;                 -> ok
         if (!f(out var n)) return 0; return n;                 -> ok
         int x; a?.b(out x); return x;                          -> 0165
         int x; (x, _) = t; return x;                           -> ok
         int x; return nameof(x);                               -> ok
         int x; f(ref x); return 1;                             -> 0165
         int x; Action y = () => f(x); return 1;                -> 0165
         int x; Action y = () => { x = 1; }; return x;          -> 0165",
    );
}

#[test]
fn loops_may_run_no_round() {
    check(
        "int x; while (a) x = 1; return x;                      -> 0165
         int x; do x = 1; while (a); return x;                  -> ok
         int x; while (true) { x = 1; break; } return x;        -> ok
         int x; for (;;) { if (a) break; x = 1; } return x;     -> 0165
         int x; foreach (var y in a) x = y; return x;           -> 0165
         foreach (var (p, q) in a) return p + q; return 1;      -> ok
         int x; while (f(out x)) { } return x;                  -> ok
         while (true) { }                                       -> ok
         for (int i = 0; i < 3; i++) { int y; y = i; }          -> 0161",
    );
}

#[test]
fn handlers_start_with_what_was_assigned_before() {
    check(
        "int x; try { x = 1; } catch { } return x;              -> 0165
         int x; try { x = 1; } catch { x = 2; } return x;       -> ok
         int x; try { x = 1; } catch { return 2; } return x;    -> ok
         int x; try { f(); } finally { x = 1; } return x;       -> ok
         try { return 1; } catch (E e) { return e; }            -> ok
         try { return 1; } catch { }                            -> 0161
         try { } finally { throw e; }                           -> ok
         int x; while (true) { try { break; } finally { x = 1; } } return x; -> ok",
    );
}

#[test]
fn a_switch_assigns_what_all_its_sections_do() {
    check(
        "int x; switch (a) { case 1: x = 1; break; default: x = 2; break; } return x; -> ok
         int x; switch (a) { case 1: x = 1; break; } return x;  -> 0165
         switch (a) { case 1: return 1; default: return 2; }    -> ok
         switch (a) { case 1: return 1; }                       -> 0161
         switch (a) { case 1: f(); case 2: return 1; } return 2; -> 0163
         switch (a) { case 1: f(); } return 2;                  -> 8070
         switch (a) { case int n when n > 1: return n; case string s: return s; } return 1; -> ok
         switch (a) { case 1: goto default; default: return 1; } -> ok",
    );
}

#[test]
fn functions_return_on_every_path() {
    check(
        "if (a) return 1;                                       -> 0161
         int F() { } return F();                                -> 0161
         void F() { } F(); return 1;                            -> ok
         int F() => 1; return F();                              -> ok
         int F() { throw e; } return F();                       -> ok
         IEnumerable<int> F() { yield return 1; } return F();   -> ok
         Func<int> f = () => { if (a) return 1; }; return f();  -> 1643
         Action f = () => { if (a) return; }; return f;         -> ok
         return 1; f();                                         -> 0162
         if (false) f(); return 1;                              -> 0162
         return 1; f(); g();                                    -> 0162",
    );
}

#[test]
fn local_functions_take_what_they_read_from_the_call() {
    check(
        "int x; void F() { x = 1; } F(); return x;              -> ok
         int x; int F() => x; return F();                       -> 0165
         int x; int F() => x; x = 1; return F();                -> ok
         int x; x = 1; return F(); int F() => x;                -> ok
         void F(out int y) { y = 1; } F(out var z); return z;   -> ok
         void F(out int y) { } F(out var z); return z;          -> 0177
         void F(out int y) { f(y); y = 1; } F(out var z); return z; -> 0269",
    );
}

#[test]
fn labels_gather_what_jumps_bring() {
    check(
        "int x; goto b; a: return x; b: x = 1; goto a;          -> ok
         int x; if (a) goto b; x = 1; b: return x;              -> 0165
         a: f(); goto a;                                        -> ok",
    );
}

#[test]
fn expressions_are_checked_too() {
    let source = "f(out var x) && x > 1 || x < 2";
    let (value, _) = parse_expression(source);
    let found = check_expression(source, &value.expect(source), &literal_condition);
    assert_eq!(found, []);
    let source = "(a is int n) || n > 1";
    let (value, _) = parse_expression(source);
    let found = check_expression(source, &value.expect(source), &literal_condition);
    assert_eq!(found[0].code, "CS0165");
    assert_eq!(found[0].message, "Use of unassigned local variable 'n'");
}
