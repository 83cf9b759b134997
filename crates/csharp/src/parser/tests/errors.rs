//! Wrong texts: which codes, where, and what is made of the rest. The codes are a real compiler's.

use super::super::{parse_block, parse_expression};
use super::dump;

/// The codes for an expression, in their order.
fn expr(source: &str) -> String {
    codes(&parse_expression(source).1)
}

/// The codes for statements, in their order.
fn block(source: &str) -> String {
    codes(&parse_block(source).1)
}

fn codes(diagnostics: &[base::Diagnostic]) -> String {
    let codes: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code.trim_start_matches("CS")).collect();
    codes.join(" ")
}

/// Each line of `cases` is a text, ` -> `, and its codes.
fn check(read: fn(&str) -> String, cases: &str) {
    for case in cases.lines().map(str::trim).filter(|case| !case.is_empty()) {
        let (source, expected) = case.split_once(" -> ").expect(case);
        assert_eq!(read(source.trim()), expected.trim(), "{source}");
    }
}

#[test]
fn operands_and_brackets_that_are_missing() {
    check(
        expr,
        "1 +                    -> 1525
         is string              -> 1525
         (1                     -> 1026
         f(1,                   -> 1525 1026
         f(1 2)                 -> 1003
         a[                     -> 1003
         a[]                    -> 0443
         a ? b                  -> 1003 1525
         1 + 2)                 -> 1002
         a b                    -> 1002
         int x = 5              -> 1525 1002
         (a: 1)                 -> 8124
         new                    -> 1526
         new A                  -> 1526
         new int[]              -> 1586
         new int[2][3]          -> 0178
         new A { B = 1, 2 }     -> 0747
         new[] { 1 2 }          -> 1003
         1 + throw e            -> 1525
         (int x, y) => x        -> 0748
         from x in y            -> 0742
         ;                      -> 0126
         1; return 2            -> 1073",
    );
}

#[test]
fn statements_that_break_off() {
    check(
        block,
        "return 1               -> 1002
         int x = 1 return x;    -> 1002
         return 1; }            -> 1022
         { return 1;            -> 1513
         int                    -> 1001 1002
         if (                   -> 1525 1026 1525 1002
         do { } return 1;       -> 1003 1003 1525 1026 1002
         else { return 1; }     -> 8641
         try { }                -> 1524
         catch { }              -> 1003 1514 1513
         if (a) int x = 1;      -> 1023
         foreach (x in a) { }   -> 0230
         foreach (int in a) { } -> 1525 0230
         case 1: return 1;      -> 1513 1002 1513
         class A { } return 1;  -> 1513
         public int x = 5;      -> 1513
         readonly int c = 5;    -> 0106
         goto ;                 -> 1001
         switch a { }           -> 8515
         int a[3];              -> 0650
         a => { return 1 };     -> 1002",
    );
}

#[test]
fn tokens_that_are_wrong() {
    check(
        expr,
        r#""a                   -> 1010
         '                      -> 1010 1011
         ''                     -> 1011
         'ab'                   -> 1012
         '😀'                   -> 1012
         "\q"                   -> 1009
         "\U00110000"           -> 1009
         @"a                    -> 1039
         1 /* a                 -> 1035
         99999999999999999999   -> 1021
         1e999                  -> 0594
         1e999f                 -> 0594
         99999999999999999999999999999m -> 0594
         0x                     -> 1013
         1_                     -> 1013
         1e                     -> 0595
         @                      -> 1525 1002 1646
         1 $ 2                  -> 1002 1056
         a #                    -> 1040"#,
    );
}

#[test]
fn interpolated_strings_that_are_wrong() {
    check(
        expr,
        r#"$"{}"                -> 1733
         $"{1,}"                -> 1733
         $"{1 2}"               -> 1073
         $"{1                   -> 8076
         $"{                    -> 8076 1733
         $"{1}                  -> 1010
         $"a}b"                 -> 8086
         $"{1:}"                -> 8089
         $"{1:X }"              -> 8088
         $"{a ? 1 : 2}"         -> 8361
         $"\{1}"                -> 8087 8086
         $"{1 // a}"            -> 8077
         @$"a"                  -> 8401"#,
    );
}

#[test]
fn later_versions_are_named() {
    check(
        expr,
        "5 switch { _ => 1 }    -> 8370
         a ??= b                -> 8370
         1..2                   -> 8370
         a[^1]                  -> 8370
         null!                  -> 8370
         new()                  -> 8370
         static () => 1         -> 8370
         x is not null          -> 8370
         x is { }               -> 8370
         x is > 5 and < 7       -> 8370 8370 8370
         x is (1, 2)            -> 8370
         x is int or string     -> 8370
         x with { A = 1 }       -> 8370",
    );
    check(
        block,
        "using var x = y;       -> 8370
         static int F() => 1;   -> 8370
         switch (a) { case int: break; } -> 8370
         switch (a) { case > 1: break; } -> 8370
         await using (a) { }    -> 8370",
    );
}

#[test]
fn pointers_are_refused() {
    check(block, "int* p; -> 0214\nreturn *p; -> 0193\nreturn a->b; -> 0193\nreturn &a; -> 0214\nunsafe { } -> 0227");
}

#[test]
fn a_message_names_what_was_found() {
    let message = |source| parse_expression(source).1.remove(0).message;
    assert_eq!(message("1 +"), "Invalid expression term ';'");
    assert_eq!(message("1 + is"), "Invalid expression term 'is'");
    let feature =
        "Feature 'recursive patterns' is not available in C# 7.3. Please use language version 8.0 or greater.";
    assert_eq!(message("5 switch { _ => 1 }"), feature);
}

#[test]
fn findings_stand_where_the_text_is_wrong() {
    let spans = |source: &str| -> Vec<_> {
        parse_block(source).1.iter().map(|found| (found.span.start, found.span.end)).collect()
    };
    assert_eq!(spans("int x = 1 return x;"), [(10, 16)]);
    // Not on the next line, where nothing is wrong.
    assert_eq!(spans("int x = 1\nreturn x;"), [(9, 9)]);
    assert_eq!(spans("return \"a\\qb\";"), [(9, 11)]);
}

#[test]
fn what_follows_an_error_is_read() {
    let (block, found) = parse_block("int x = ; f(1 2); return x +;");
    assert_eq!(codes(&found), "1525 1003 1525");
    assert_eq!(dump::block(&block), "({} (local int x=<error>) (call f 1 2) (return (+ x <error>)))");
}
