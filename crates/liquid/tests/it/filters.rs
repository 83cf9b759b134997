//! Every filter of the published list.

use super::check;

#[test]
fn texts() {
    check(&[
        ("{{ 'a' | Append: 'b' | Prepend: \"c\" }}", "cab"),
        ("{{ body.n | Append: '!' }}{{ nothing | Append: 'x' }}", "7!x"),
        ("{{ \"o'neil\" }}", "o'neil"),
        ("{{ 'hello big world' | Capitalize }}", "Hello Big World"),
        ("{{ 'MiXed' | Downcase }} {{ 'MiXed' | Upcase }}", "mixed MIXED"),
        ("{{ '<a href=\"x\">&' | Escape }}{{ '<' | H }}", "&lt;a href=&quot;x&quot;&gt;&amp;&lt;"),
        ("[{{ ' a ' | Strip }}|{{ ' a ' | Lstrip }}|{{ ' a ' | Rstrip }}]", "[a|a | a]"),
        ("{{ 'a<br/>b<script>x</script><!-- y -->c' | StripHtml }}", "abc"),
        ("{{ 'a\nb\r\nc' | StripNewlines }}{{ 'a\nb\r\nc' | NewlineToBr }}", "abca<br />\nb<br />\r\nc"),
        ("{{ 'abcdefgh' | Truncate: 5 }}{{ 'abc' | Truncate: 5 }}{{ 'abcdef' | Truncate: 4, '-' }}", "ab...abcabc-"),
        ("{{ 'a b c d' | TruncateWords: 2 }} {{ 'a b' | TruncateWords: 2, '!' }}", "a b... a b"),
        ("{{ 'a b&c' | UrlEncode }} {{ 'a+b%26' | UrlDecode }}", "a+b%26c a b&"),
        ("{{ 'a-b-a' | Remove: 'a' }} {{ 'a-b-a' | RemoveFirst: 'a' }}", "-b- -b-a"),
        (
            "{{ '' | Default: 'd' }}{{ body.blank | Default: 'e' }}{{ nothing | Default: 'f' }}{{ 'x' | Default: 'g' }}",
            "defx",
        ),
        ("{{ 'Hello' | Slice: 1 }} {{ 'Hello' | Slice: -3, 2 }} {{ 'Hello' | Slice: 9 }}", "e ll "),
        ("{{ 'Hello' | Size }}{{ body.name.size }}", "57"),
    ]);
}

#[test]
fn replace_takes_a_regular_expression() {
    check(&[
        ("{{ 'a.b.c' | Replace: '\\.', '-' }}", "a-b-c"),
        ("{{ 'a1b22' | Replace: '([0-9]+)', '<$1>' }}", "a<1>b<22>"),
        ("{{ 'a.b' | ReplaceFirst: '.', '$1' }}", "$1.b"),
        ("{{ 'a\nb' | Replace: '\\n', '\\n' }}", "a\\nb"),
        // Generated SOAP policies escape quotes so.
        (r#"{{ body.name | Append: ' says "hi"' | Replace: '([^\\](\\\\)*)"', '$1\"' }}"#, r#"Ann Lee says \"hi\""#),
        ("{{ 'abc' | Replace: 'b' }}", "ac"),
    ]);
    assert!(super::render("{{ 'a' | Replace: '(', '' }}").starts_with("Liquid error: "));
}

#[test]
fn numbers() {
    check(&[
        ("{{ 7 | DividedBy: 2 }} {{ 7 | DividedBy: 2.0 }} {{ 7 | Modulo: 4 }}", "3 3.5 3"),
        ("{{ 7 | Plus: 2 }} {{ 7 | Minus: 9 }} {{ 7 | Times: 3 }} {{ body.price | Times: 2 }}", "9 -2 21 25"),
        ("{{ '5' | Plus: 2 }} {{ '5' | Times: 3 }}", "52 555"),
        ("{{ '5' | Minus: 2 }}", "Liquid error: Argument is not numeric"),
        ("{{ 1 | DividedBy: 0 }}", "Liquid error: Attempted to divide by zero."),
        ("{{ 9223372036854775807 | Plus: 1 }}", "Liquid error: Arithmetic operation resulted in an overflow."),
        ("{{ 2.5 | Round }} {{ 3.5 | Round }} {{ 1.255 | Round: 2 }} [{{ 'x' | Round }}]", "2 4 1.26 []"),
        ("{{ -7 | Abs }} {{ '-1.5' | Abs }} {{ 'x' | Abs }}", "7 1.5 0"),
        ("{{ 3 | AtLeast: 5 }} {{ 7 | AtLeast: 5 }} {{ 7 | AtMost: 5 }} {{ 'x' | AtMost: 5 }}", "5 7 5 x"),
        (
            "{{ 1234.5 | Currency }} {{ -1234.5 | Currency: 'en-US' }} {{ '1234.5' | Currency: 'de-DE' }}",
            "¤1,234.50 -$1,234.50 1.234,50\u{a0}€",
        ),
        ("{{ 'free' | Currency }}", "free"),
        ("{{ 1.2 | Ceil }} {{ 1.8 | Floor }}", "2 1"),
        ("{{ 1.50 }} {{ body.price }} {{ 10.0 }}", "1.5 12.5 10"),
        (
            "{{ 5 | Minus }}",
            "Liquid error: Error - Filter 'Minus' does not have a default value for 'operand' and no value was supplied",
        ),
    ]);
}

#[test]
fn dates_take_dotnet_formats() {
    check(&[
        ("{{ body.date }} {{ body.date | Date: 'yyyy-MM-ddTHH:mm:ssZ' }}", "03/21/2012 00:00:00 2012-03-21T00:00:00Z"),
        ("{{ '2012-03-21T05:40Z' | Date: 'dd MMM yyyy HH:mm' }}", "21 Mar 2012 05:40"),
        ("{{ 'now' | Date: 'yyyy' }} {{ 'Today' | Date: 'o' }}", "2024 2024-05-17T00:00:00.0000000"),
        (
            "{{ 'no date' | Date: 'yyyy' }}{{ nothing | Date: 'yyyy' }}{{ '2012-01-01' | Date: '' }}",
            "no date2012-01-01",
        ),
    ]);
}

#[test]
fn lists() {
    check(&[
        ("{{ 'b,a,,c' | Split: ',' | Sort | Join: '-' }} {{ 'abc' | Split: '' | Last }}", "a-b-c c"),
        (
            "{{ body.list | Sort | Join }} {{ body.list | First }}{{ body.list | Last }} {{ body.list | Size }}",
            "1 2 3 32 3",
        ),
        (
            "{{ body.people | Map: 'name' | Join: ',' }} {{ body.people | Sort: 'name' | Map: 'name' | Join: ',' }}",
            "Bob,ann ann,Bob",
        ),
        ("{{ 'a,b,a' | Split: ',' | Uniq | Join: '' }} {{ body.people | Map: 'x' | Compact | Size }}", "ab 0"),
        ("{{ body.list | Slice: 1, 2 | Join: '' }} {{ body.list | Slice: -1 | Join: '' }}", "12 2"),
        ("{{ body.list }} {{ body.one }} {{ body.none | Size }}{{ body.n | Size }}", "312 [name, Eve][age, 40] 00"),
        ("{{ body.yes | Append: '' }} {{ body.yes }}", "True true"),
        (
            "{{ body.one | Upcase }}",
            "Liquid error: Object of type 'DotLiquid.Hash' cannot be converted to type 'System.String'.",
        ),
        ("{{ body.n | Join }}", "Liquid error: Invalid cast from 'System.Int64' to 'System.Collections.IEnumerable'."),
    ]);
}
