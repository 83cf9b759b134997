//! How texts are read, and what is said about wrong ones.

mod dump;
mod errors;
mod robust;

use super::{parse_block, parse_expression};

/// How the expression `source` is read.
fn expr(source: &str) -> String {
    let (value, diagnostics) = parse_expression(source);
    assert!(diagnostics.is_empty(), "{source}: {diagnostics:?}");
    dump::expr(&value.expect(source))
}

/// How the statements `source` are read.
fn block(source: &str) -> String {
    let (block, diagnostics) = parse_block(source);
    assert!(diagnostics.is_empty(), "{source}: {diagnostics:?}");
    let dumped = dump::block(&block);
    dumped.strip_prefix("({} ").and_then(|rest| rest.strip_suffix(')')).unwrap_or(&dumped).to_owned()
}

/// Each line of `cases` is a text, ` -> `, and how it is read.
fn check(read: fn(&str) -> String, cases: &str) {
    for case in cases.lines().map(str::trim).filter(|case| !case.is_empty()) {
        let (source, expected) = case.split_once(" -> ").expect(case);
        assert_eq!(read(source.trim()), expected.trim(), "{source}");
    }
}

#[test]
fn operators_bind_as_the_language_says() {
    check(
        expr,
        "1 + 2 * 3 - 4          -> (- (+ 1 (* 2 3)) 4)
         a = b = c              -> (= a (= b c))
         a += b -= c            -> (+= a (-= b c))
         a ?? b ?? c            -> (?? a (?? b c))
         a || b && c | d ^ e & f -> (|| a (&& b (| c (^ d (& e f)))))
         a == b != c            -> (!= (== a b) c)
         a < b == c > d         -> (== (< a b) (> c d))
         1 << 2 + 3 >> 4        -> (>> (<< 1 (+ 2 3)) 4)
         a >>= 1                -> (>>= a 1)
         -a.b++                 -> (- (post++ (. a b)))
         !a && ~b == +c         -> (&& (! a) (== (~ b) (+ c)))
         - -a                   -> (- (- a))
         a ? b : c ? d : e      -> (? a b (? c d e))
         a ? b ? c : d : e      -> (? a (? b c d) e)
         a ?? throw e           -> (?? a (throw e))
         a ? b : throw e        -> (? a b (throw e))
         a as string + b        -> (+ (as a string) b)
         (a) + b                -> (+ (paren a) b)
         await + 1              -> (+ await 1)
         await a.b              -> (await (. a b))",
    );
}

#[test]
fn a_question_mark_is_read_by_what_follows() {
    check(
        expr,
        "x is int ? y : z       -> (? (is x :int) y z)
         x is int? ? y : z      -> (? (is x :int?) y z)
         x as int? ?? y         -> (?? (as x int?) y)
         x as A ? -1 : 2        -> (? (as x A) (- 1) 2)
         x is int?              -> (is x :int?)
         a?.b                   -> (?. a .b)
         a?.b?[0].c?.d(1)       -> (?. a (?. .b (?. (. ([] 0) c) (call .d 1))))
         a?.b.c + d             -> (+ (?. a (. .b c)) d)
         a?.5:1                 -> (? a 0.5 1)
         a ? (b) : c            -> (? a (paren b) c)",
    );
}

#[test]
fn type_arguments_need_a_fitting_token_behind_them() {
    check(
        expr,
        "f(a < b, c > d)        -> (call f (< a b) (> c d))
         f(a < b, c > (d))      -> (call f (call a<b,c> d))
         a < b                  -> (< a b)
         a<b>(c)                -> (call a<b> c)
         a<b>.c                 -> (. a<b> c)
         a.b<int>(c)            -> (call (. a b<int>) c)
         a < 5 && b > 3         -> (&& (< a 5) (> b 3))
         a<b<c>>(d)             -> (call a<b<c>> d)
         new A<B<C>>()          -> (new A<B<C>>)
         (a < b) == (c > d)     -> (== (paren (< a b)) (paren (> c d)))
         a < b == c             -> (== (< a b) c)
         f<(int, string)[]>(x)  -> (call f<(int, string)[]> x)",
    );
}

#[test]
fn a_name_in_parentheses_is_a_cast_only_before_an_operand() {
    check(
        expr,
        "(a)b                   -> (cast a b)
         (a)(b)                 -> (cast a (paren b))
         (a)-b                  -> (- (paren a) b)
         (int)-b                -> (cast int (- b))
         (int?)b                -> (cast int? b)
         (a[])b                 -> (cast a[] b)
         (a.b<c>)d.e            -> (cast a.b<c> (. d e))
         (string)a[\"b\"] ?? c  -> (?? (cast string (index a \"b\")) c)
         (a)!b                  -> (cast a (! b))
         (a) as b               -> (as (paren a) b)
         (int)a + 1             -> (+ (cast int a) 1)
         (a)$\"x\"              -> (cast a ($ \"x\"))
         (x) => y               -> (=> (x) y)",
    );
}

#[test]
fn operands_and_their_suffixes() {
    check(
        expr,
        "a.b(c)[d].e            -> (. (index (call (. a b) c) d) e)
         f(ref a, out b, in c, d: e) -> (call f ref a out b in c d:e)
         f(out var a, out int b, out _) -> (call f out (declare var a) out (declare int b) out _)
         a[1, 2]                -> (index a 1 2)
         int.MaxValue           -> (. int MaxValue)
         string.Join(\",\", a)  -> (call (. string Join) \",\" a)
         global::System.Math    -> (. global::System Math)
         typeof(A<,>)           -> (typeof A<,>)
         typeof(void)           -> (typeof void)
         sizeof(int)            -> (sizeof int)
         nameof(a.b)            -> (nameof (. a b))
         nameof(a, b)           -> (call nameof a b)
         default                -> default
         default(int[])         -> (default int[])
         checked(a + b)         -> (checked (+ a b))
         unchecked((byte)300)   -> (unchecked (cast byte 300))
         this.a + base.b        -> (+ (. this a) (. base b))
         @if + @class           -> (+ if class)
         \\u0061b               -> ab
         (a, b: c)              -> (tuple a b:c)
         (a: 1, b: (2, 3))      -> (tuple a:1 b:(tuple 2 3))
         a;                     -> a",
    );
}

#[test]
fn creations_and_initializers() {
    check(
        expr,
        "new A()                -> (new A)
         new A(b) { C = 1, D = { E = 2 }, F = { 3 } } -> (new A b (set C=1 D=(set E=2) F=(add 3)))
         new A { }              -> (new A (set))
         new List<int> { 1, 2, } -> (new List<int> (add 1 2))
         new D { { 1, a }, { 2, b } } -> (new D (add 1+a 2+b))
         new D { [\"a\"] = 1, [b] = { C = 2 } } -> (new D (set [\"a\"]=1 [b]=(set C=2)))
         new { A = 1, b.C, d }  -> (new {} A:1 (. b C) d)
         new[] { 1, 2 }         -> (new [1] [1 2])
         new[,] { { 1 }, { 2 } } -> (new [2] [[1] [2]])
         new int[3]             -> (new int[] 3)
         new int[2, 3]          -> (new int[,] 2 3)
         new int[2][,]          -> (new int[,][] 2)
         new int[] { 1 }        -> (new int[] [1])
         new int[,] { { 1, 2 } } -> (new int[,] [[1 2]])
         new int?(5)            -> (new int? 5)
         new A.B<C>[0]          -> (new A.B<C>[] 0)
         new (int, int)[2]      -> (new (int, int)[] 2)
         new A().B              -> (. (new A) B)",
    );
}

#[test]
fn lambdas() {
    check(
        expr,
        "x => x + 1             -> (=> (x) (+ x 1))
         (x, y) => x            -> (=> (x y) x)
         () => { return; }      -> (=> () ({} (return)))
         (int x, List<int> y) => x -> (=> (int x List<int> y) x)
         f(x => y => z, a)      -> (call f (=> (x) (=> (y) z)) a)
         async x => 1           -> (=> async (x) 1)
         async () => 1          -> (=> async () 1)
         async => 1             -> (=> (async) 1)
         delegate (int x) { }   -> (=> (int x) ({}))
         delegate { }           -> (=> any ({}))
         a = x => x             -> (= a (=> (x) x))
         a ? x => 1 : y => 2    -> (? a (=> (x) 1) (=> (y) 2))
         f(x => { g(); }, 1)    -> (call f (=> (x) ({} (call g))) 1)",
    );
}

#[test]
fn patterns() {
    check(
        expr,
        "x is A                 -> (is x :A)
         x is A.B<C>[]          -> (is x :A.B<C>[])
         x is A a && b          -> (&& (is x (declare A a)) b)
         x is var a             -> (is x (var a))
         x is int _             -> (is x (declare int _))
         x is null              -> (is x null)
         x is 5 || y            -> (|| (is x 5) y)
         x is -1                -> (is x (- 1))
         x is \"a\"             -> (is x \"a\")
         x is int.MaxValue      -> (is x (. int MaxValue))
         x is (1)               -> (is x (paren 1))
         !(x is string s)       -> (! (paren (is x (declare string s))))",
    );
}

#[test]
fn queries() {
    check(
        expr,
        "from x in a select x   -> (query from x a select x)
         from int x in a where x > 1 select x -> (query from int x a where (> x 1) select x)
         from x in a let y = x orderby y descending, x ascending select y -> (query from x a let y x (orderby y desc x) select y)
         from x in a join y in b on x.i equals y.j select x -> (query from x a join y b (. x i) (. y j) select x)
         from x in a join A y in b on x equals y into g select g -> (query from x a join A y b x y into g select g)
         from x in a from y in x group y by y.k into g select g.Key -> (query from x a from y x group y (. y k) into g select (. g Key))
         f(from x in a select x, 1) -> (call f (query from x a select x) 1)
         from + where           -> (+ from where)
         (from x in a select x.group).ToList() -> (call (. (paren (query from x a select (. x group))) ToList))",
    );
}

#[test]
fn interpolated_strings() {
    check(
        expr,
        r#"$""                  -> ($)
         $"a{b}c"               -> ($ "a" {b} "c")
         $"{a,-5:X2}"           -> ($ {a,(- 5):"X2"})
         $"{{{a}}}"             -> ($ "{" {a} "}")
         $"{a:yyyy-MM-ddTHH:mm}" -> ($ {a:"yyyy-MM-ddTHH:mm"})
         $"{a:b}}c}"            -> ($ {a:"b}c"})
         $"{(a ? b : c)}"       -> ($ {(paren (? a b c))})
         $"{f("x", $"{y}")}"    -> ($ {(call f "x" ($ {y}))})
         $"{new { A = 1 }.A}"   -> ($ {(. (new {} A:1) A)})
         $"\t\u0041"            -> ($ "\tA")
         $@"a\b""{c}"           -> ($ "a\\b\"" {c})
         $@"{"a"}"              -> ($ {"a"})
         $"{a[b ? 1 : 2]}"      -> ($ {(index a (? b 1 2))})
         $"{f(x => { return 1; })}" -> ($ {(call f (=> (x) ({} (return 1))))})"#,
    );
}

#[test]
fn literals_have_the_type_that_fits() {
    check(
        expr,
        r#"2147483647           -> 2147483647
         2147483648             -> 2147483648u
         4294967296             -> 4294967296L
         9223372036854775808    -> 9223372036854775808uL
         -2147483648            -> -2147483648
         - 2147483648           -> -2147483648
         -(2147483648)          -> (- (paren 2147483648u))
         -2147483648u           -> (- 2147483648u)
         -9223372036854775808L  -> -9223372036854775808L
         -0x80000000            -> (- 2147483648u)
         0xFFu + 1L + 1ul       -> (+ (+ 255u 1L) 1uL)
         0b1010_1010            -> 170
         1_000.5_0              -> 1000.5
         .5e-3                  -> 0.0005
         1f + 1d                -> (+ 1.0f 1.0)
         1.50m                  -> 1.50m
         1e-3m                  -> 0.001m
         79228162514264337593543950335m -> 79228162514264337593543950335m
         1.23456789012345678901234567885m -> 1.2345678901234567890123456788m
         1.23456789012345678901234567895m -> 1.2345678901234567890123456790m
         1.ToString()           -> (call (. 1 ToString))
         'a'                    -> 'a'
         '\x41'                 -> 'A'
         "\ud83d\ude00"         -> "😀"
         "a\ud800"              -> [61, d800]
         @"a\""b"               -> "a\\\"b"
         "a" /* b */ // c       -> "a""#,
    );
}

#[test]
fn declarations_are_told_from_expressions() {
    check(
        block,
        "int a;                 -> (local int a)
         int a = 1, b;          -> (local int a=1 b)
         var a = b;             -> (local var a=b)
         A<B> c;                -> (local A<B> c)
         A.B<C>.D e = f;        -> (local A.B<C>.D e=f)
         int[] a = { 1, 2 };    -> (local int[] a=[1 2])
         int[][,] a;            -> (local int[,][] a)
         int? a = null;         -> (local int? a=null)
         a < b > c;             -> (local a<b> c)
         const string s = \"x\"; -> (const string s=\"x\")
         ref int r = ref a;     -> (ref local int r=(ref a))
         (int, string) t = u;   -> (local (int, string) t=u)
         (int a, string b) t = u; -> (local (int a, string b) t=u)
         (int a, var b) = t;    -> (= (tuple (declare int a) (declare var b)) t)
         (a, b) = (b, a);       -> (= (tuple a b) (tuple b a))
         var (a, (b, _)) = t;   -> (= (declare var (a (b _))) t)
         var = 5;               -> (= var 5)
         a.b = c;               -> (= (. a b) c)
         a[0] = 1;              -> (= (index a 0) 1)
         a?.b();                -> (?. a (call .b))
         int.Parse(a);          -> (call (. int Parse) a)
         await a;               -> (await a)
         dynamic d = 1;         -> (local dynamic d=1)",
    );
}

#[test]
fn statements() {
    check(
        block,
        "if (a) b(); else if (c) { } else return 1; -> (if a (call b) (if c ({}) (return 1)))
         while (a) break;       -> (while a break)
         do { continue; } while (a); -> (do ({} continue) a)
         for (int i = 0, j = 1; i < j; i++, j--) ; -> (for (local int i=0 j=1) (< i j) ((post++ i) (post-- j)) ;)
         for (;;) { }           -> (for () ever () ({}))
         foreach (var x in a) f(x); -> (foreach var x a (call f x))
         foreach (var (a, b) in c) { } -> (foreach (declare var (a b)) c ({}))
         foreach ((int a, var b) in c) { } -> (foreach (tuple (declare int a) (declare var b)) c ({}))
         switch (a) { case 1: case A.B: f(); break; case string s when s == b: return; case int _: default: goto case 1; } -> (switch a (1: (. A B): (call f) break) ((declare string s) when (== s b): (return)) ((declare int _): default: (goto case 1)))
         switch (a) { }         -> (switch a)
         try { } catch (A e) when (b) { throw; } catch { } finally { } -> (try ({}) (catch A e when b ({} (throw))) (catch ({})) (finally ({})))
         using (var a = b) { }  -> (using (local var a=b) ({}))
         using (a) ;            -> (using a ;)
         lock (a) { }           -> (lock a ({}))
         checked { } unchecked { } -> (checked ({})) (unchecked ({}))
         checked(a).b();        -> (call (. (checked a) b))
         a: goto a;             -> (label a (goto a))
         throw new A();         -> (throw (new A))
         int F(int a, params int[] b) => a; -> (function int F (int a params int[] b) a)
         T F<T>(T a = default) where T : class, A, new() { return a; } -> (function T F<T> T:class,new(),A (T a=default) ({} (return a)))
         void F() { }           -> (function void F () ({}))
         IEnumerable<int> F() { yield return 1; yield break; } -> (function IEnumerable<int> F () ({} (yield 1) (yield)))
         return ref a;          -> (return (ref a))",
    );
}

#[test]
fn directives_that_only_fold_text_are_skipped() {
    assert_eq!(block("\n#region a\nreturn 1;\n  #endregion\n"), "(return 1)");
}
