//! How long evaluations take, warmed up, one thread. The same expressions were measured on a real .NET.

use std::{borrow::Cow, hint::black_box, rc::Rc};

use base::Timestamp;
use criterion::{Criterion, criterion_group, criterion_main};
use csharp::{
    Form, Options, Value, compile,
    host::{Body, Host, Instant, Pairs, Part, Side, Text},
    limits::Limits,
};

const BODY: &[u8] =
    br#"{"orderId":42,"items":[{"sku":"A-1","qty":2},{"sku":"B-2","qty":1}],"next":"page","secret":"s"}"#;
const TOKEN: &str = "Bearer eyJhbGciOiJub25lIn0.eyJzY3AiOiJvcmRlcnMucmVhZCIsInN1YiI6InUifQ.";

const EXPRESSIONS: [(&str, Form, &str); 14] = [
    ("01 const bool", Form::Expression, "true"),
    ("02 method equality", Form::Expression, r#"context.Request.Method == "POST""#),
    ("03 header default", Form::Expression, r#"context.Request.Headers.GetValueOrDefault("X-Number", "0")"#),
    ("04 variable cast + arithmetic", Form::Expression, r#"(int)context.Variables["num"] * 2 + 1"#),
    ("05 string split/linq", Form::Expression, "context.Request.Url.Path.Split('/').Last().ToUpperInvariant()"),
    (
        "06 interpolation",
        Form::Expression,
        r#"$"{context.Request.OriginalUrl.Scheme}://{context.Request.OriginalUrl.Host}{context.Request.OriginalUrl.Path}""#,
    ),
    (
        "07 regex named group",
        Form::Expression,
        r#"Regex.Match(context.Response.Headers.GetValueOrDefault("Cache-Control",""), @"max-age=(?<maxAge>\d+)").Groups["maxAge"]?.Value"#,
    ),
    (
        "08 JWT claim",
        Form::Expression,
        r#"context.Request.Headers.GetValueOrDefault("Authorization", "").AsJwt()?.Claims.GetValueOrDefault("scp", "")"#,
    ),
    (
        "09 body JObject + JSONPath",
        Form::Expression,
        r#"(string)context.Request.Body.As<JObject>(true).SelectToken("items[1].sku")"#,
    ),
    ("10 linq groups any", Form::Expression, r#"context.User.Groups.Select(g => g.Name).Contains("Developers")"#),
    (
        "11 HMAC SAS token block",
        Form::Block,
        r#"var toSign = Uri.EscapeDataString("https://ns.example/q") + "\n1767225600"; using (var h = new HMACSHA256(Encoding.UTF8.GetBytes("0123456789abcdef"))) { return "SharedAccessSignature sig=" + Uri.EscapeDataString(Convert.ToBase64String(h.ComputeHash(Encoding.UTF8.GetBytes(toSign)))); }"#,
    ),
    (
        "12 JSON filter block",
        Form::Block,
        r#"var b = context.Response.Body.As<JObject>(preserveContent: true); foreach (var n in new[] { "secret", "next" }) b.Property(n)?.Remove(); return b.ToString(Newtonsoft.Json.Formatting.None);"#,
    ),
    ("13 loop sum 1000", Form::Block, "int s = 0; for (int i = 0; i < 1000; i++) { s += i % 7; } return s;"),
    ("14 date format", Form::Expression, r#"context.Timestamp.AddMinutes(5).ToString("yyyy-MM-ddTHH:mm:ssZ")"#),
];

struct Facts {
    body: Rc<[u8]>,
}

impl Host for Facts {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_767_225_600)
    }

    fn entropy(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }

    fn has(&self, _part: Part) -> bool {
        true
    }

    fn text(&self, text: Text) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(match text {
            Text::RequestMethod => "POST",
            Text::UrlScheme(_) => "https",
            Text::UrlHost(_) => "gw.contoso.example",
            Text::UrlPath(_) => "/shop/v1/orders/42/items",
            Text::UserGroupName(0) | Text::UserGroupId(0) => "Developers",
            Text::UserGroupName(1) | Text::UserGroupId(1) => "Beta testers",
            _ => return None,
        }))
    }

    fn instant(&self, _instant: Instant) -> Option<Timestamp> {
        Some(self.now())
    }

    fn pair(&self, _pairs: Pairs, name: &str) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(match name {
            "X-Number" => "1234",
            "Cache-Control" => "public, max-age=600, s-maxage=30",
            "Authorization" => TOKEN,
            _ => return None,
        }))
    }

    fn variable(&self, _name: &str) -> Option<Value> {
        Some(Value::Int(17))
    }

    fn body(&mut self, _side: Side, _preserve: bool) -> Body {
        Body::Bytes(self.body.clone())
    }
}

fn speed(criterion: &mut Criterion) {
    let surface = dotnet::surface().expect("the surface builds");
    let limits = Limits::default();
    let mut host = Facts { body: BODY.into() };
    for (name, form, source) in EXPRESSIONS {
        let compiled = compile(source, form, &surface, &Options::default());
        // A member that is not there yet leaves its row out; the name shows which.
        let Some(program) = compiled.program else {
            criterion.bench_function(&format!("{name} (does not compile)"), |_| {});
            continue;
        };
        criterion.bench_function(name, |bencher| bencher.iter(|| black_box(program.run(&mut host, &limits).is_ok())));
    }
}

criterion_group!(benches, speed);
criterion_main!(benches);
