//! Backend entities over real sockets: circuit breakers and pools that several workers share, in the test's own time.

use std::{sync::Arc, thread, time::Duration};

use gateway::GatewaySettings;
use outbound::{ClientSettings, PoolSettings};
use serde_json::{Value, json};
use testkit::{Documents, FakeBackend, Gateway, ManualClock, Reply, Setup};

use crate::policies::{documents, setup};

const POLICY: &str = "<policies><inbound><set-backend-service backend-id=\"B\" /></inbound><backend><forward-request /></backend></policies>";

const WORKERS: usize = 3;

/// A gateway with several workers, whose time the test makes.
fn start(documents: Documents) -> (Arc<ManualClock>, Gateway) {
    let clock = Arc::new(ManualClock::default());
    let setup = setup();
    let settings = GatewaySettings { workers: WORKERS, ..setup.settings };
    let setup = Setup { settings, clock: Arc::<ManualClock>::clone(&clock), ..setup };
    let gateway = Gateway::start(setup, documents);
    assert_eq!(gateway.problems(), Vec::<String>::new());
    (clock, gateway)
}

/// Lets time pass and every worker notice. A request that began before would take the jump for its own wait.
fn pass(clock: &ManualClock, by: Duration) {
    clock.advance(by);
    while clock.sleepers() < WORKERS {
        thread::yield_now();
    }
}

fn single(backend: &FakeBackend, rule: Value) -> Value {
    json!({ "url": backend.url(), "protocol": "http", "circuitBreaker": { "rules": [rule] } })
}

fn rule(count: u32) -> Value {
    json!({
        "name": "r", "tripDuration": "PT10S",
        "failureCondition": { "count": count, "interval": "PT1M", "statusCodeRanges": [{ "min": 500, "max": 599 }] },
    })
}

fn pool(members: &[(&str, Option<u32>, Option<u32>)]) -> Value {
    let member = |(name, priority, weight): &(&str, Option<u32>, Option<u32>)| json!({ "id": format!("/backends/{name}"), "priority": priority, "weight": weight });
    json!({ "type": "Pool", "pool": { "services": members.iter().map(member).collect::<Vec<_>>() } })
}

/// Sends a request on a connection of its own, which any worker may get; gives the answer's status.
fn ask(gateway: &Gateway, path: &str) -> u16 {
    status(&gateway.exchange(&format!("GET {path} HTTP/1.1\nHost: h\n")))
}

fn status(response: &str) -> u16 {
    response.split(' ').nth(1).unwrap().parse().unwrap()
}

fn header(response: &str, name: &str) -> Option<String> {
    let line = response.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))?;
    Some(line.to_owned())
}

#[test]
fn failures_on_all_workers_open_the_breaker_for_all_and_it_closes_in_time() {
    let backend = FakeBackend::start();
    let (clock, gateway) =
        start(documents(&backend).put("backends/B", single(&backend, rule(5))).policy("apis/all", POLICY));
    for _ in 0..4 {
        assert_eq!(ask(&gateway, "/status/503"), 503);
        assert_eq!(ask(&gateway, "/fine"), 200);
    }
    assert_eq!(ask(&gateway, "/status/500"), 500);
    assert_eq!(backend.requests(), 9);
    pass(&clock, Duration::from_millis(2500));
    for _ in 0..9 {
        let response = gateway.exchange("GET /fine HTTP/1.1\nHost: h\n");
        assert!(response.starts_with("HTTP/1.1 503 Service Unavailable\n"), "{response}");
        assert_eq!(header(&response, "retry-after").as_deref(), Some("8"));
        assert!(response.ends_with("{ \"statusCode\": 503, \"message\": \"Service Unavailable\" }"), "{response}");
    }
    assert_eq!(backend.requests(), 9);
    pass(&clock, Duration::from_millis(7500));
    // It is as if nothing had happened: as many failures open it again.
    for _ in 0..5 {
        assert_eq!(ask(&gateway, "/status/500"), 500);
    }
    assert_eq!(ask(&gateway, "/fine"), 503);
    assert_eq!(backend.requests(), 14);
}

#[test]
fn failures_of_an_interval_that_is_over_do_not_count() {
    let backend = FakeBackend::start();
    let (clock, gateway) =
        start(documents(&backend).put("backends/B", single(&backend, rule(3))).policy("apis/all", POLICY));
    for _ in 0..4 {
        assert_eq!([ask(&gateway, "/status/500"), ask(&gateway, "/status/502")], [500, 502]);
        pass(&clock, Duration::from_secs(61));
    }
    assert_eq!(ask(&gateway, "/fine"), 200);
}

#[test]
fn a_breaker_stays_open_when_its_backend_is_published_again_and_closes_when_its_rule_changes() {
    let backend = FakeBackend::start();
    let (_clock, gateway) =
        start(documents(&backend).put("backends/B", single(&backend, rule(1))).policy("apis/all", POLICY));
    assert_eq!(ask(&gateway, "/status/500"), 500);
    assert_eq!(ask(&gateway, "/fine"), 503);
    let mut titled = single(&backend, rule(1));
    titled["title"] = "Another".into();
    gateway.write(Documents::of("contoso").put("backends/B", titled));
    assert_eq!(ask(&gateway, "/fine"), 503);
    gateway.write(Documents::of("contoso").put("backends/B", single(&backend, rule(2))));
    assert_eq!(ask(&gateway, "/fine"), 200);
}

#[test]
fn a_backend_may_say_how_long_and_a_rule_what_callers_read() {
    let backend = FakeBackend::with(|seen| {
        let busy = || Reply::new(429, "").header("Retry-After", "90");
        seen.target.starts_with("/busy").then(busy)
    });
    let mut own = rule(1);
    own["acceptRetryAfter"] = true.into();
    own["failureResponse"] = json!({ "statusCode": 429 });
    own["failureCondition"]["statusCodeRanges"] = json!([{ "min": 429, "max": 429 }]);
    let (clock, gateway) =
        start(documents(&backend).put("backends/B", single(&backend, own)).policy("apis/all", POLICY));
    assert_eq!([ask(&gateway, "/status/500"), ask(&gateway, "/fine"), ask(&gateway, "/busy")], [500, 200, 429]);
    pass(&clock, Duration::from_mins(1));
    let response = gateway.exchange("GET /fine HTTP/1.1\nHost: h\n");
    assert_eq!((status(&response), header(&response, "retry-after").as_deref()), (429, Some("30")));
    pass(&clock, Duration::from_secs(30));
    assert_eq!(ask(&gateway, "/fine"), 200);
}

#[test]
fn a_share_of_failures_opens_it_once_there_are_enough_calls() {
    let backend = FakeBackend::start();
    let share = json!({ "tripDuration": "PT10S", "failureCondition": { "percentage": 50, "interval": "PT1M" } });
    let (_clock, gateway) =
        start(documents(&backend).put("backends/B", single(&backend, share)).policy("apis/all", POLICY));
    for _ in 0..5 {
        assert_eq!([ask(&gateway, "/fine"), ask(&gateway, "/fine")], [200, 200]);
    }
    for _ in 0..10 {
        assert_eq!(ask(&gateway, "/status/500"), 500);
    }
    assert_eq!(ask(&gateway, "/fine"), 503);
}

#[test]
fn a_call_without_an_answer_counts_if_the_reasons_say_so() {
    let backend = FakeBackend::start();
    let reasons = |reason: &str| {
        let condition =
            json!({ "count": 1, "errorReasons": [reason], "statusCodeRanges": [{ "min": 429, "max": 429 }] });
        single(&backend, json!({ "tripDuration": "PT10S", "failureCondition": condition }))
    };
    let (_clock, gateway) = start(documents(&backend).put("backends/B", reasons("Timeout")).policy("apis/all", POLICY));
    assert_eq!([ask(&gateway, "/close"), ask(&gateway, "/fine")], [500, 200]);
    gateway.write(Documents::of("contoso").put("backends/B", reasons("BackendConnectionFailure")));
    assert_eq!([ask(&gateway, "/close"), ask(&gateway, "/fine")], [500, 503]);
}

#[test]
fn breakers_of_services_with_equal_names_are_their_own() {
    let backend = FakeBackend::start();
    let of = |documents: Documents| documents.put("backends/B", single(&backend, rule(1))).policy("apis/all", POLICY);
    let other = of(documents(&backend)).and_service("fabrikam").open_api("all", "", &backend.url());
    let (_clock, gateway) = start(of(other));
    let ask = |service: &str, path: &str| {
        status(&gateway.exchange(&format!("GET {path} HTTP/1.1\nHost: {service}.localhost\n")))
    };
    assert_eq!([ask("contoso", "/status/500"), ask("contoso", "/fine"), ask("fabrikam", "/fine")], [500, 503, 200]);
}

#[test]
fn a_pool_takes_turns_whatever_worker_asks() {
    let backends = [FakeBackend::start(), FakeBackend::start(), FakeBackend::start()];
    let mut documents = documents(&backends[0])
        .put("backends/B", pool(&[("b0", None, None), ("b1", None, None), ("b2", None, Some(2))]));
    for (at, backend) in backends.iter().enumerate() {
        let url = format!("{}/v{at}/", backend.url());
        let credentials = json!({ "header": { "X-Key": [format!("k{at}")] } });
        documents = documents
            .put(&format!("backends/b{at}"), json!({ "url": url, "protocol": "http", "credentials": credentials }));
    }
    let (_clock, gateway) = start(documents.policy("apis/all", POLICY));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..5).for_each(|_| assert_eq!(ask(&gateway, "/a/b?x=1"), 200)));
        }
    });
    assert_eq!(backends.each_ref().map(FakeBackend::requests), [10, 10, 20]);
    for (at, backend) in backends.iter().enumerate() {
        let seen = backend.last().unwrap();
        assert_eq!(
            (seen.target.as_str(), seen.header("x-key")),
            (&*format!("/v{at}/a/b?x=1"), Some(&*format!("k{at}")))
        );
        assert_eq!(seen.header("host"), Some(&*backend.address().to_string()));
    }
}

#[test]
fn the_next_priority_is_asked_once_all_of_the_better_one_are_left_alone() {
    let failing = || FakeBackend::with(|seen| seen.target.starts_with("/bad").then(|| Reply::new(500, "")));
    let [first, second, last] = [failing(), failing(), FakeBackend::start()];
    let entity = documents(&first)
        .put("backends/B", pool(&[("last", Some(2), None), ("first", Some(1), None), ("second", Some(1), None)]))
        .put("backends/first", single(&first, rule(1)))
        .put("backends/second", single(&second, rule(1)))
        .put("backends/last", single(&last, rule(1)));
    let (clock, gateway) = start(entity.policy("apis/all", POLICY));
    let requests = || [first.requests(), second.requests(), last.requests()];
    assert_eq!([ask(&gateway, "/a"), ask(&gateway, "/bad")], [200, 500]);
    // One of the better ones is left.
    assert_eq!([ask(&gateway, "/a"), ask(&gateway, "/a"), ask(&gateway, "/bad")], [200, 200, 500]);
    assert_eq!(requests().iter().sum::<usize>(), 5);
    assert_eq!(requests()[2], 0);
    pass(&clock, Duration::from_secs(4));
    assert_eq!([ask(&gateway, "/a"), ask(&gateway, "/status/500")], [200, 500]);
    assert_eq!(requests()[2], 2);
    // The first breaker closes first.
    let response = gateway.exchange("GET /a HTTP/1.1\nHost: h\n");
    assert_eq!((status(&response), header(&response, "retry-after").as_deref()), (503, Some("6")));
    pass(&clock, Duration::from_secs(6));
    assert_eq!(ask(&gateway, "/a"), 200);
    assert_eq!(requests()[2], 2);
}

#[test]
fn a_retry_goes_to_another_member() {
    let [bad, good] = [FakeBackend::with(|_| Some(Reply::new(503, ""))), FakeBackend::start()];
    let policy = "<policies><inbound><set-backend-service backend-id=\"B\" /></inbound><backend>\
                  <retry condition=\"@(context.Response.StatusCode == 503)\" count=\"1\" interval=\"0\"><forward-request /></retry></backend>\
                  <outbound><set-header name=\"X-Backend\"><value>@($\"{context.Backend.Id} {context.Backend.Type}\")</value></set-header></outbound></policies>";
    let entity = documents(&good)
        .put("backends/B", pool(&[("bad", None, None), ("good", None, None)]))
        .put("backends/bad", single(&bad, rule(1)))
        .put("backends/good", json!({ "url": good.url(), "protocol": "http" }));
    let (_clock, gateway) = start(entity.policy("apis/all", policy));
    let response = gateway.exchange("GET /a HTTP/1.1\nHost: h\n");
    assert_eq!((status(&response), header(&response, "x-backend").as_deref()), (200, Some("B Pool")));
    assert_eq!([ask(&gateway, "/a"), ask(&gateway, "/a")], [200, 200]);
    assert_eq!([bad.requests(), good.requests()], [1, 3]);
}

#[test]
fn a_client_with_the_cookie_stays_at_its_member_while_that_may_be_called() {
    let [one, two] = [FakeBackend::start(), FakeBackend::start()];
    let mut sticky = pool(&[("one", None, None), ("two", None, None)]);
    sticky["pool"]["sessionAffinity"] = json!({ "sessionId": { "source": "cookie", "name": "Sid" } });
    let entity = documents(&one)
        .put("backends/B", sticky)
        .put("backends/one", single(&one, rule(1)))
        .put("backends/two", single(&two, rule(1)));
    let (_clock, gateway) = start(entity.policy("apis/all", POLICY));
    let first = header(&gateway.exchange("GET /a HTTP/1.1\nHost: h\n"), "set-cookie").unwrap();
    let (pair, attributes) = first.split_once(';').unwrap();
    assert!(pair.starts_with("Sid=") && attributes == " Path=/; HttpOnly", "{first}");
    for _ in 0..4 {
        let response = gateway.exchange(&format!("GET /a HTTP/1.1\nHost: h\nCookie: a=b; {pair}\n"));
        assert_eq!((status(&response), header(&response, "set-cookie")), (200, None));
    }
    assert_eq!([one.requests(), two.requests()], [5, 0]);
    let request = |path: &str| gateway.exchange(&format!("GET {path} HTTP/1.1\nHost: h\nCookie: {pair}\n"));
    assert_eq!(status(&request("/status/500")), 500);
    let moved = request("/a");
    assert_eq!(status(&moved), 200);
    assert!(header(&moved, "set-cookie").is_some_and(|cookie| !cookie.starts_with(pair)), "{moved}");
    assert_eq!([one.requests(), two.requests()], [6, 1]);
}

#[test]
fn a_backend_whose_url_matches_is_used_without_being_named() {
    let backend = FakeBackend::start();
    let entity = |path: &str| json!({ "url": backend.url() + path, "protocol": "http", "credentials": { "header": { "X-By": [path] } } });
    let documents = documents(&backend).put("backends/short", entity("/v1")).put("backends/long", entity("/v1/deep"));
    let (_clock, gateway) = start(documents);
    for path in ["/v1/a", "/v1/deep/a", "/v1x", "/v1/deep?x"] {
        assert_eq!(ask(&gateway, path), 200);
    }
    let by = || backend.seen().iter().map(|seen| seen.header("x-by").unwrap_or("-").to_owned()).collect::<Vec<_>>();
    assert_eq!(by(), ["/v1", "/v1/deep", "-", "/v1/deep"]);
    let policy = format!(
        "<policies><inbound><send-request response-variable-name=\"r\"><set-url>{}/v1/sub</set-url></send-request></inbound>\
         <backend><forward-request /></backend></policies>",
        backend.url()
    );
    gateway.write(Documents::of("contoso").policy("apis/all", &policy));
    assert_eq!(ask(&gateway, "/other"), 200);
    assert_eq!(by().get(4..).unwrap(), ["/v1", "-"]);
}

#[test]
fn metrics_show_breakers_from_the_first_call_on() {
    let backend = FakeBackend::start();
    let (clock, gateway) =
        start(documents(&backend).put("backends/B", single(&backend, rule(1))).policy("apis/all", POLICY));
    const LABELS: &str = "{service=\"contoso\",workspace=\"\",backend=\"b\"} ";
    let shown = || {
        let text = gateway.telemetry.render();
        assert_eq!(text.matches("# EOF").count(), 1);
        let of =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(LABELS).map(str::to_owned));
        (of("tollgate_backend_breaker_open"), of("tollgate_backend_breaker_trips_total"))
    };
    let is = |open: &str, trips: &str| (Some(open.to_owned()), Some(trips.to_owned()));
    assert_eq!(shown(), (None, None));
    assert_eq!(ask(&gateway, "/fine"), 200);
    assert_eq!(shown(), is("0", "0"));
    assert_eq!(ask(&gateway, "/status/500"), 500);
    assert_eq!(shown(), is("1", "1"));
    assert_eq!(gateway.backends.open(Duration::ZERO).len(), 1);
    pass(&clock, Duration::from_secs(10));
    assert_eq!(shown(), is("0", "1"));
}

#[test]
fn a_reconnect_closes_what_is_kept_when_its_time_has_come() {
    let [backend, other] = [FakeBackend::start(), FakeBackend::start()];
    let (clock, gateway) = start(documents(&backend).open_api("other", "other", &other.url()));
    // One connection stays with one worker.
    let mut client = gateway.connect();
    let mut ask = |path: &str| {
        client.send(&format!("GET {path} HTTP/1.1\nHost: h\n"));
        assert_eq!(status(&client.response()), 200);
    };
    ask("/a");
    ask("/other/a");
    let url = policy::Url::parse(&backend.url()).unwrap();
    gateway.backends.reconnect(&url, Duration::from_secs(2));
    pass(&clock, Duration::from_secs(1));
    ask("/a");
    assert_eq!([backend.connections(), other.connections()], [1, 1]);
    pass(&clock, Duration::from_secs(2));
    ask("/a");
    ask("/a");
    ask("/other/a");
    assert_eq!([backend.connections(), other.connections()], [2, 1]);
}

#[test]
fn a_request_that_gets_no_connection_in_time_is_a_503_and_no_failure_of_the_backend() {
    let backend = FakeBackend::start();
    let setup = setup();
    let pool = PoolSettings { most: 1, longest_line: 0, ..PoolSettings::default() };
    let settings = GatewaySettings { workers: WORKERS, ..setup.settings };
    let outbound = ClientSettings { pool, ..setup.outbound };
    let setup = Setup { settings, outbound, ..setup };
    let gateway = Gateway::start(
        setup,
        documents(&backend).put("backends/B", single(&backend, rule(1))).policy("apis/all", POLICY),
    );
    let mut held = gateway.connect();
    held.send("GET /hold/a HTTP/1.1\nHost: h\n");
    while backend.requests() == 0 {
        thread::yield_now();
    }
    for _ in 0..5 {
        let response = gateway.exchange("GET /a HTTP/1.1\nHost: h\n");
        assert!(response.starts_with("HTTP/1.1 503 Service Unavailable\n"), "{response}");
        assert_eq!(header(&response, "retry-after").as_deref(), Some("1"));
    }
    backend.release();
    assert!(held.response().starts_with("HTTP/1.1 200 OK\n"));
    assert_eq!((backend.requests(), backend.connections()), (1, 1));
    let metrics = gateway.telemetry.render();
    assert!(
        metrics.contains("tollgate_backend_breaker_trips_total{service=\"contoso\",workspace=\"\",backend=\"b\"} 0\n"),
        "{metrics}"
    );
    assert!(
        metrics.contains(&format!("tollgate_backend_connections_refused_total{{place=\"{}\"}} 5\n", backend.address())),
        "{metrics}"
    );
}

#[test]
fn what_is_known_of_a_deleted_backend_is_forgotten() {
    let backend = FakeBackend::start();
    let (clock, gateway) =
        start(documents(&backend).put("backends/B", single(&backend, rule(1))).policy("apis/all", POLICY));
    assert_eq!(ask(&gateway, "/status/500"), 500);
    let is_known = || gateway.telemetry.render().contains("backend=\"b\"");
    pass(&clock, Duration::from_secs(61));
    assert!(is_known());
    gateway.write(Documents::of("contoso").policy("apis/all", "<policies />").delete("backends/B"));
    pass(&clock, Duration::from_secs(61));
    while is_known() {
        thread::yield_now();
    }
}

#[test]
fn a_call_carries_all_that_its_entity_wants_through_the_proxy_that_it_names() {
    let proxy = FakeBackend::start();
    let entity = json!({
        "url": "http://orders.example/v1", "protocol": "soap",
        "credentials": {
            "authorization": { "scheme": "Basic", "parameter": "{{parameter}}" },
            "header": { "X-My": ["one", "{{two}}"] }, "query": { "sv": ["a b", "c"] },
        },
        "proxy": { "url": proxy.url(), "username": "me", "password": "{{two}}" },
    });
    let named = |value: &str| json!({ "displayName": value, "value": format!("the {value}") });
    let documents = documents(&proxy)
        .put("namedValues/a", named("parameter"))
        .put("namedValues/b", named("two"))
        .put("backends/B", entity)
        .policy("apis/all", POLICY);
    let (_clock, gateway) = start(documents);
    let request = "GET /a?x=1 HTTP/1.1\nHost: h\nAuthorization: Bearer client\nX-My: client\nProxy-Authorization: Basic Y2xpZW50\n";
    assert_eq!(status(&gateway.exchange(request)), 200);
    let seen = proxy.last().unwrap();
    assert_eq!(seen.target, "http://orders.example/v1/a?x=1&sv=a%20b&sv=c");
    let all = |name: &str| {
        let lines = seen.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        lines.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(all("authorization"), ["Basic the parameter"]);
    assert_eq!(all("x-my"), ["one", "the two"]);
    assert_eq!(all("proxy-authorization"), ["Basic bWU6dGhlIHR3bw=="]);
    assert_eq!(all("host"), ["orders.example"]);
}
