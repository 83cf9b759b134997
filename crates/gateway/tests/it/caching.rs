//! Responses and values that are kept for a while, over real sockets and in the test's own time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use testkit::{Documents, FakeBackend, Gateway, ManualClock, Reply, Setup};

use crate::policies::setup;

/// A backend that counts its answers, and a gateway that caches them as `lookup` and `store` say.
struct Bed {
    gateway: Gateway,
    clock: Arc<ManualClock>,
    backend: FakeBackend,
}

impl Bed {
    fn new(lookup: &str, store: &str) -> Self {
        let lookup = format!(
            "<cache-lookup vary-by-developer=\"false\" vary-by-developer-groups=\"false\" {lookup}</cache-lookup>"
        );
        Self::with(&format!("{lookup}<base />"), &format!("<base />{store}"))
    }

    fn with(inbound: &str, outbound: &str) -> Self {
        let counter = AtomicU64::new(0);
        let backend = FakeBackend::with(move |seen| {
            if seen.target.starts_with("/chunked")
                || seen.target.starts_with("/cut")
                || seen.target.starts_with("/bytes")
            {
                return None;
            }
            let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
            let mut reply = Reply::new(200, format!("answer {number}")).header("X-Number", &number.to_string());
            for (name, value) in &seen.headers {
                if let Some(name) = name.to_ascii_lowercase().strip_prefix("x-give-") {
                    reply = reply.header(name, value);
                }
            }
            Some(reply)
        });
        let clock = Arc::new(ManualClock::default());
        let setup = Setup { clock: Arc::<ManualClock>::clone(&clock), ..setup() };
        let policy = format!(
            "<policies><inbound>{inbound}</inbound><backend><base /></backend><outbound>{outbound}</outbound></policies>"
        );
        let documents = Documents::service("contoso").open_api("all", "", &backend.url()).policy("apis/all", &policy);
        Self { gateway: Gateway::start(setup, documents), clock, backend }
    }

    fn get(&self, target: &str, lines: &str) -> String {
        self.ask("GET", target, lines)
    }

    fn ask(&self, method: &str, target: &str, lines: &str) -> String {
        self.gateway.exchange(&format!("{method} {target} HTTP/1.1\nHost: h\n{lines}"))
    }

    /// Whether two requests are answered with one response.
    fn same(&self, first: (&str, &str), second: (&str, &str)) -> bool {
        body(&self.get(first.0, first.1)) == body(&self.get(second.0, second.1))
    }

    fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

fn body(response: &str) -> &str {
    response.split_once("\n\n").map_or("", |(_, body)| body)
}

fn header<'a>(response: &'a str, name: &str) -> Option<&'a str> {
    response.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

const STORE: &str = "<cache-store duration=\"60\" />";

#[test]
fn a_response_is_served_again_until_its_time_is_over() {
    let bed = Bed::new("downstream-caching-type=\"private\">", STORE);
    let first = bed.get("/a", "");
    assert_eq!(
        (body(&first), header(&first, "cache-control")),
        ("answer 1", Some("private, max-age=60, must-revalidate"))
    );
    bed.pass(20);
    let second = bed.get("/a", "");
    assert_eq!((body(&second), header(&second, "x-number")), ("answer 1", Some("1")));
    assert_eq!(header(&second, "cache-control"), Some("private, max-age=40, must-revalidate"));
    assert_eq!(header(&second, "content-length"), Some("8"));
    bed.pass(40);
    assert_eq!(body(&bed.get("/a", "")), "answer 2");
    let log = bed.gateway.wait_for_log(3);
    let cache =
        |line: &str| line.split(" cache=").nth(1).map(|rest| rest.split(' ').next().unwrap_or_default().to_owned());
    let uses: Vec<_> = log.iter().map(|line| cache(line).unwrap_or_default()).collect();
    assert_eq!(uses, ["miss", "hit", "miss"]);
}

#[test]
fn a_path_and_its_whole_query_tell_responses_apart_unless_parameters_are_listed() {
    let bed = Bed::new(">", STORE);
    assert!(bed.same(("/a?x=1&y=2", ""), ("/a?x=1&y=2", "")));
    assert!(!bed.same(("/a?x=1", ""), ("/a?x=2", "")));
    assert!(!bed.same(("/a", ""), ("/b", "")));
    assert!(bed.same(("/c", "Accept: a\n"), ("/c", "Accept: b\n")));
    let listed = Bed::new(
        "><vary-by-query-parameter>x;y</vary-by-query-parameter><vary-by-query-parameter>Z</vary-by-query-parameter>",
        STORE,
    );
    assert!(listed.same(("/a?x=1&other=1", ""), ("/a?other=2&X=1", "")));
    assert!(!listed.same(("/a?x=1", ""), ("/a?y=1", "")));
    assert!(!listed.same(("/a?z=1", ""), ("/a?z=2", "")));
    assert!(!listed.same(("/a?x=1&x=2", ""), ("/a?x=1&y=2", "")));
}

#[test]
fn headers_that_are_listed_tell_responses_apart() {
    let bed = Bed::new("><vary-by-header>Accept;X-Tenant</vary-by-header>", STORE);
    assert!(bed.same(("/a", "Accept: a\nX-Other: 1\n"), ("/a", "accept: a\nX-Other: 2\n")));
    assert!(!bed.same(("/a", "Accept: a\n"), ("/a", "Accept: b\n")));
    assert!(!bed.same(("/a", "Accept: c\n"), ("/a", "X-Tenant: c\n")));
    assert!(!bed.same(("/a", "Accept: d\n"), ("/a", "")));
}

#[test]
fn what_is_private_is_kept_only_where_the_policy_allows_it() {
    let bed = Bed::new(">", STORE);
    assert!(!bed.same(("/a", "Authorization: Bearer t\n"), ("/a", "Authorization: Bearer t\n")));
    assert!(bed.same(("/a", ""), ("/a", "")));
    assert!(!bed.same(("/a", ""), ("/a", "Authorization: Bearer t\n")));
    assert!(!bed.same(("/b", "X-Give-Cache-Control: max-age=3, PRIVATE\n"), ("/b", "")));
    assert!(!bed.same(("/c", "X-Give-Cache-Control: no-store\n"), ("/c", "")));
    assert!(bed.same(("/d", "X-Give-Cache-Control: no-cache, max-age=0\n"), ("/d", "")));
    let allowed =
        Bed::new("allow-private-response-caching=\"@(true)\"><vary-by-header>Authorization</vary-by-header>", STORE);
    assert!(allowed.same(("/a", "Authorization: a\n"), ("/a", "Authorization: a\n")));
    assert!(!allowed.same(("/a", "Authorization: a\n"), ("/a", "Authorization: b\n")));
    assert!(allowed.same(("/b", "X-Give-Cache-Control: private\n"), ("/b", "")));
    let cookie = bed.get("/e", "X-Give-Set-Cookie: session=1\n");
    assert_eq!(header(&cookie, "set-cookie"), Some("session=1"));
    let again = bed.get("/e", "");
    assert_eq!((body(&again) == body(&cookie), header(&again, "set-cookie")), (true, None));
}

#[test]
fn only_whole_responses_of_gets_are_kept() {
    let bed = Bed::new(">", STORE);
    for (method, lines) in [("POST", "Content-Length: 0\n"), ("HEAD", ""), ("GET", "Range: bytes=0-1\n")] {
        let before = bed.backend.requests();
        bed.ask(method, "/a", lines);
        bed.ask(method, "/a", lines);
        assert_eq!(bed.backend.requests() - before, 2, "{method}");
    }
    // Bodies without a length are kept while they pass; what breaks off is not.
    for (target, calls) in [("/chunked", 1), ("/cut", 2), ("/bytes/2000000", 1), ("/bytes/3000000", 2)] {
        let before = bed.backend.requests();
        let (first, second) = (bed.get(target, ""), bed.get(target, ""));
        assert_eq!(bed.backend.requests() - before, calls, "{target}");
        match target {
            "/chunked" => assert_eq!(body(&second), "one two"),
            "/cut" => {}
            _ => assert!(body(&first) == body(&second), "{target}"),
        }
    }
}

#[test]
fn which_statuses_are_kept_is_said_by_cache_response() {
    let status = "<set-status code=\"@(int.Parse(context.Request.Headers.GetValueOrDefault(&quot;X-Status&quot;, &quot;200&quot;)))\" reason=\"r\" />";
    let kept = |store: &str, code: u16| {
        let bed = Bed::new(">", &format!("{status}{store}"));
        let lines = format!("X-Status: {code}\n");
        bed.same(("/a", &lines), ("/a", &lines))
    };
    assert!(kept(STORE, 200) && !kept(STORE, 404) && !kept(STORE, 201));
    let all = "<cache-store duration=\"60\" cache-response=\"@(context.Response.StatusCode < 500)\" />";
    assert!(kept(all, 404) && !kept(all, 503) && !kept(all, 206));
    assert!(!kept("<cache-store duration=\"60\" cache-response=\"false\" />", 200));
    assert!(!kept("<cache-store duration=\"0\" />", 200));
}

#[test]
fn developers_have_responses_of_their_own_where_the_policy_says_so() {
    let backend = FakeBackend::with(|seen| Some(Reply::new(200, format!("{:?}", seen.header("x-who")))));
    let policy = |developer: bool| {
        format!(
            "<policies><inbound><cache-lookup vary-by-developer=\"{developer}\" vary-by-developer-groups=\"false\" />\
             <set-header name=\"X-Who\"><value>@(context.Subscription.Id)</value></set-header></inbound>\
             <backend><base /></backend><outbound>{STORE}</outbound></policies>"
        )
    };
    let key = |name: &str| json!({ "displayName": name, "scope": "/apis", "primaryKey": name, "secondaryKey": format!("{name}-2"), "state": "active" });
    let documents = Documents::service("contoso")
        .open_api("own", "own", &backend.url())
        .policy("apis/own", &policy(true))
        .open_api("shared", "shared", &backend.url())
        .policy("apis/shared", &policy(false))
        .put("subscriptions/one", key("one"))
        .put("subscriptions/two", key("two"));
    let gateway = Gateway::start(setup(), documents);
    let ask = |path: &str, key: &str| {
        let response = gateway.exchange(&format!("GET /{path} HTTP/1.1\nHost: h\nOcp-Apim-Subscription-Key: {key}\n"));
        body(&response).to_owned()
    };
    assert_ne!(ask("own", "one"), ask("own", "two"));
    assert_eq!(ask("own", "one"), ask("own", "one-2"));
    assert_eq!(ask("shared", "one"), ask("shared", "two"));
}

#[test]
fn two_services_never_share_an_entry() {
    let backend = FakeBackend::with(|seen| Some(Reply::new(200, format!("{:?}", seen.header("x-service")))));
    let policy = |name: &str| {
        format!(
            "<policies><inbound><cache-lookup vary-by-developer=\"false\" vary-by-developer-groups=\"false\" />\
             <cache-lookup-value key=\"k\" variable-name=\"v\" default-value=\"{name}\" />\
             <cache-store-value key=\"k\" value=\"@((string)context.Variables[&quot;v&quot;])\" duration=\"60\" />\
             <set-header name=\"X-Service\"><value>@((string)context.Variables[&quot;v&quot;])</value></set-header></inbound>\
             <backend><base /></backend><outbound>{STORE}</outbound></policies>"
        )
    };
    let documents = Documents::service("one").open_api("a", "a", &backend.url()).policy("apis/a", &policy("one"));
    let documents = documents.and_service("two").open_api("a", "a", &backend.url()).policy("apis/a", &policy("two"));
    let gateway = Gateway::start(setup(), documents);
    let ask = |host: &str| body(&gateway.exchange(&format!("GET /a HTTP/1.1\nHost: {host}.localhost\n"))).to_owned();
    for _ in 0..2 {
        assert_eq!((ask("one"), ask("two")), ("Some(\"one\")".to_owned(), "Some(\"two\")".to_owned()));
    }
}

#[test]
fn a_value_is_kept_until_its_time_is_over_or_it_is_removed() {
    let show = "<set-header name=\"X-V\"><value>@(context.Variables.ContainsKey(&quot;v&quot;) ? context.Variables[&quot;v&quot;].GetType().Name + context.Variables[&quot;v&quot;] : &quot;unset&quot;)</value></set-header>";
    let inbound = "<choose><when condition=\"@(context.Request.Method == &quot;PUT&quot;)\"><cache-store-value key=\"@(context.Request.Url.Path)\" value=\"@(context.Request.Headers.Count + 40)\" duration=\"30\" /></when>\
                   <when condition=\"@(context.Request.Method == &quot;DELETE&quot;)\"><cache-remove-value key=\"@(context.Request.Url.Path)\" fail-on-cache-removal-error=\"true\" /></when></choose>\
                   <cache-lookup-value key=\"@(context.Request.Url.Path)\" variable-name=\"v\" caching-type=\"external\" />";
    let bed = Bed::with(inbound, show);
    let ask =
        |method: &str, path: &str| header(&bed.ask(method, path, "Content-Length: 0\n"), "x-v").unwrap().to_owned();
    assert_eq!(ask("GET", "/a"), "unset");
    let put = ask("PUT", "/a");
    assert!(put.starts_with("Int324"), "{put}");
    bed.pass(29);
    assert_eq!((ask("GET", "/a"), ask("GET", "/b")), (put, "unset".to_owned()));
    bed.pass(1);
    assert_eq!(ask("GET", "/a"), "unset");
    ask("PUT", "/a");
    assert_eq!((ask("DELETE", "/a"), ask("DELETE", "/a")), ("unset".to_owned(), "unset".to_owned()));
}
