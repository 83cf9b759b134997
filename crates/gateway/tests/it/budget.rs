//! Policies that compute for long, beside other connections of the same worker.

use std::time::Duration;

use policy::offload::Budget;
use testkit::{Connection, FakeBackend, Gateway, Setup};

use crate::policies::{documents, setup};

/// Counts as far as the caller wants, with an object of a variable at hand.
const POLICIES: &str = r#"<policies><inbound>
<set-variable name="seen" value="@(new List<string>())" />
<choose><when condition="@(context.Request.Headers.ContainsKey("X-Rounds"))">
    <set-variable name="last" value="@{
        var seen = (List<string>)context.Variables["seen"];
        var rounds = int.Parse(context.Request.Headers["X-Rounds"][0]);
        for (var round = 0; round < rounds; round++) { seen.Clear(); seen.Add(round.ToString()); }
        context.Trace("counted");
        return seen[0];
    }" />
    <return-response><set-status code="200" reason="OK" />
        <set-body>@($"{context.Variables["last"]} {((List<string>)context.Variables["seen"]).Count}")</set-body></return-response>
</when></choose>
<return-response><set-status code="200" reason="OK" /><set-body>quick</set-body></return-response>
</inbound><backend /><outbound /><on-error /></policies>"#;

fn gateway(backend: &FakeBackend, budget: Budget) -> Gateway {
    Gateway::start(Setup { budget, ..setup() }, documents(backend).policy("apis/all", POLICIES))
}

fn counting(rounds: &str) -> String {
    format!("GET / HTTP/1.1\nHost: h\nX-Rounds: {rounds}\n\n")
}

const QUICK: &str = "GET / HTTP/1.1\nHost: h\n\n";

#[test]
fn a_neighbour_on_the_same_worker_is_answered_while_an_expression_burns() {
    let backend = FakeBackend::start();
    let budget = Budget { turn: Some(Duration::from_millis(1)), most: Duration::from_hours(1), ..Budget::default() };
    let gateway = gateway(&backend, budget);
    let (mut burning, mut neighbour) = (Connection::open(gateway.address), Connection::open(gateway.address));
    // It ends long after this test, when nobody waits for it any more.
    burning.send(&counting("2000000000"));
    while gateway.offload.moved().moved == 0 {
        std::thread::yield_now();
    }
    for _ in 0..3 {
        neighbour.send(QUICK);
        assert!(neighbour.response().ends_with("quick"));
    }
    assert_eq!(gateway.wait_for_log(3).len(), 3, "the one that burns is still under way");
}

#[test]
fn an_expression_comes_to_the_same_wherever_it_runs() {
    let backend = FakeBackend::start();
    for turn in [None, Some(Duration::ZERO), Some(Duration::from_mins(10))] {
        let gateway = gateway(&backend, Budget { turn, ..Budget::default() });
        for rounds in ["1", "20", "20000"] {
            let last = rounds.parse::<u32>().unwrap() - 1;
            let answer = gateway.exchange(&counting(rounds));
            assert!(answer.ends_with(&format!("\n{last} 1")), "{turn:?}: {answer}");
        }
        assert_eq!(gateway.offload.moved().moved > 0, turn == Some(Duration::ZERO));
    }
}

/// Objects of many kinds go from expression to expression, and one of them changes.
const OBJECTS: &str = r#"<policies><inbound>
<set-variable name="doc" value="@(JObject.Parse("{\"a\":{\"b\":[1,2,\"2020-01-01T00:00:00Z\"]}}"))" />
<set-variable name="inner" value="@{ foreach (var one in new[] { 1 }) { } return ((JObject)context.Variables["doc"])["a"]; }" />
<set-variable name="map" value="@{
    var map = new Dictionary<string, object>();
    foreach (var name in new[] { "x", "y" }) { map[name] = new List<int> { name.Length }; }
    map["tuple"] = (1, "two"); map["same"] = map["x"]; map["uri"] = new Uri("https://host/p?q"); map["text"] = new StringBuilder("abc");
    return map;
}" />
<set-variable name="changed" value="@{
    foreach (var one in new[] { 1 }) { ((JObject)context.Variables["inner"])["b"][0] = "new"; }
    var map = (Dictionary<string, object>)context.Variables["map"];
    ((List<int>)map["same"]).Add(7);
    ((StringBuilder)map["text"]).Append("d");
    return map.Count;
}" />
<set-variable name="lazy" value="@(new[] { 1, 2 }.Select(one => one * 2))" />
<set-variable name="xml" value="@(XElement.Parse("<a><b/></a>"))" />
<return-response><set-status code="200" reason="OK" /><set-body>@{
    var map = (Dictionary<string, object>)context.Variables["map"];
    var parts = new List<string>();
    foreach (var pair in map) { parts.Add(pair.Key); }
    parts.Add(((JObject)context.Variables["doc"]).ToString(Newtonsoft.Json.Formatting.None));
    parts.Add(((JToken)context.Variables["inner"]).Path);
    parts.Add(string.Join("+", (List<int>)map["x"]) + string.Join("+", (List<int>)map["y"]));
    parts.Add(map["text"].ToString() + map["tuple"] + ((Uri)map["uri"]).Query + context.Variables["changed"]);
    parts.Add(string.Join("+", (IEnumerable<int>)context.Variables["lazy"]) + ((XElement)context.Variables["xml"]).Elements().Count());
    return string.Join(" ", parts);
}</set-body></return-response>
</inbound><backend /><outbound /><on-error /></policies>"#;

#[test]
fn objects_of_variables_stay_what_they_are_wherever_expressions_run() {
    let backend = FakeBackend::start();
    for turn in [None, Some(Duration::ZERO)] {
        let setup = Setup { budget: Budget { turn, ..Budget::default() }, ..setup() };
        let gateway = Gateway::start(setup, documents(&backend).policy("apis/all", OBJECTS));
        let answer = gateway.exchange(QUICK);
        assert!(
            answer.ends_with(
                "\nx y tuple same uri text {\"a\":{\"b\":[\"new\",2,\"2020-01-01T00:00:00Z\"]}} a 1+71 abcd(1, two)?q6 2+41"
            ),
            "{turn:?}: {answer} {:?}",
            gateway.problems()
        );
    }
}

/// The first condition reads the body and does not keep it; the second may leave the worker.
const READING: &str = r#"<policies><inbound><choose>
<when condition="@((string)context.Request.Body.As<JObject>()["k"] == "a")">
    <return-response><set-status code="200" reason="OK" /><set-body>first</set-body></return-response>
</when>
<when condition="@{ var sum = 0; for (var round = 0; round < 50000; round++) { sum += round % 7; } return sum > 0; }">
    <return-response><set-status code="200" reason="OK" /><set-body>second</set-body></return-response>
</when></choose></inbound><backend /><outbound /><on-error /></policies>"#;

#[test]
fn a_step_that_runs_again_finds_the_body_that_it_has_read() {
    let backend = FakeBackend::start();
    for turn in [None, Some(Duration::ZERO), Some(Duration::from_micros(1))] {
        let setup = Setup { budget: Budget { turn, ..Budget::default() }, ..setup() };
        let gateway = Gateway::start(setup, documents(&backend).policy("apis/all", READING));
        let answer = gateway.exchange("POST / HTTP/1.1\nHost: h\nContent-Length: 9\n\n{\"k\":\"b\"}");
        assert!(answer.ends_with("second"), "{turn:?}: {answer} {:?}", gateway.problems());
    }
}

#[test]
fn an_expression_that_takes_too_long_fails_and_its_neighbours_do_not() {
    let backend = FakeBackend::start();
    for turn in [None, Some(Duration::ZERO)] {
        let gateway = gateway(&backend, Budget { turn, most: Duration::from_nanos(1), ..Budget::default() });
        let failed = gateway.exchange(&counting("100000"));
        assert!(failed.starts_with("HTTP/1.1 500 "), "{failed}");
        assert!(gateway.exchange(QUICK).ends_with("quick"));
    }
}

#[test]
fn more_than_may_wait_is_refused_with_503() {
    let backend = FakeBackend::start();
    let gateway = gateway(&backend, Budget { turn: Some(Duration::ZERO), waiting: 0, ..Budget::default() });
    let refused = gateway.exchange(&counting("10"));
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(refused.contains("Too much work that takes long is waiting already."), "{refused}");
    assert_eq!((gateway.offload.moved().moved, gateway.offload.moved().refused), (0, 1));
    assert!(gateway.exchange(QUICK).ends_with("quick"));
}
