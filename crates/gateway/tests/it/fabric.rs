//! Backends in a Service Fabric cluster: resolved by its naming service, remembered, and resolved anew when they have moved.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use policy::offload::Budget;
use serde_json::{Value, json};
use testkit::{Documents, FakeBackend, Gateway, ManualClock, Reply, Setup};

use crate::{
    naming::{Issuer, Naming, authority, pfx},
    policies::setup,
};

/// What the naming service tells of a partition.
fn partition(version: &str, replicas: &[(&str, &str)]) -> String {
    let replicas: Vec<_> = replicas.iter().map(|(kind, address)| json!({ "Kind": kind, "Address": address })).collect();
    json!({
        "Name": "fabric:/shop/orders", "PartitionInformation": { "ServicePartitionKind": "Singleton", "Id": "1" },
        "Endpoints": replicas, "Version": version,
    })
    .to_string()
}

fn listeners(pairs: &[(&str, &str)]) -> String {
    let named: serde_json::Map<String, Value> =
        pairs.iter().map(|(name, url)| ((*name).to_owned(), (*url).into())).collect();
    json!({ "Endpoints": named }).to_string()
}

struct Bed {
    servers: Issuer,
    clients: Issuer,
}

impl Bed {
    fn new() -> Self {
        Self { servers: authority("cluster ca"), clients: authority("clients") }
    }

    fn naming(&self, answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Naming {
        Naming::start(&self.servers, &self.clients, answer)
    }

    fn documents(&self, cluster: Value, policy: &str) -> Documents {
        let backend = json!({
            "url": "fabric:/shop/orders", "protocol": "http", "properties": { "serviceFabricCluster": cluster },
            "credentials": { "header": { "X-Key": ["k"] } },
        });
        Documents::service("contoso")
            .open_api("all", "", "http://unused.example")
            .put("certificates/cluster", json!({ "data": pfx(&self.clients, "gateway"), "password": "p" }))
            .put("backends/fabric", backend)
            .policy("apis/all", policy)
    }
}

fn cluster(naming: &Naming, more: Value) -> Value {
    let mut cluster = json!({
        "managementEndpoints": [format!("https://{}", naming.address)], "clientCertificateId": "/certificates/cluster",
        "serverCertificateThumbprints": [crypto::text::hex_upper(&crypto::hash::sha1(&naming.certificate))],
        "maxPartitionResolutionRetries": 2,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        cluster[name] = value.clone();
    }
    cluster
}

fn policy(attributes: &str) -> String {
    format!(
        "<policies><inbound><set-backend-service backend-id=\"fabric\" {attributes} /></inbound><backend><forward-request /></backend></policies>"
    )
}

fn start(documents: Documents) -> Gateway {
    let gateway = Gateway::start(setup(), documents);
    assert_eq!(gateway.problems(), Vec::<String>::new());
    gateway
}

fn ask(gateway: &Gateway, path: &str) -> String {
    gateway.exchange(&format!("GET {path} HTTP/1.1\nHost: h\n"))
}

#[test]
fn a_service_is_resolved_once_and_called_where_it_lives() {
    let (bed, backend) = (Bed::new(), FakeBackend::start());
    let address = listeners(&[("", &format!("{}/base/", backend.url()))]);
    let naming = bed.naming(move |_| (200, partition("7", &[("Stateless", &address)])));
    let gateway = start(bed.documents(cluster(&naming, json!({})), &policy("")));
    for _ in 0..3 {
        assert!(ask(&gateway, "/a?x=1").starts_with("HTTP/1.1 200 OK\n"));
    }
    let seen = backend.last().unwrap();
    assert_eq!((seen.target.as_str(), seen.header("x-key")), ("/base/a?x=1", Some("k")));
    assert_eq!(seen.header("host"), Some(&*backend.address().to_string()));
    assert_eq!(
        *naming.asked.lock().unwrap(),
        ["GET /Services/shop~orders/$/ResolvePartition?api-version=6.0&PartitionKeyType=1 HTTP/1.1"]
    );
}

#[test]
fn partition_listener_and_replica_are_those_that_the_policy_names() {
    let [bed, _] = [Bed::new(), Bed::new()];
    let backends = [FakeBackend::start(), FakeBackend::start(), FakeBackend::start()];
    let at = |number: usize, path: &str| format!("{}/{path}", backends[number].url());
    let primary = listeners(&[("a", &at(0, "a")), ("b", &at(0, "b"))]);
    let others = [listeners(&[("b", &at(1, "b"))]), listeners(&[("b", &at(2, "b"))])];
    let naming = bed.naming(move |line| {
        if line.contains("PartitionKeyType=2&PartitionKeyValue=42") {
            return (400, json!({ "Error": { "Code": "FABRIC_E_INVALID_PARTITION_KEY" } }).to_string());
        }
        let [one, other] = &others;
        (
            200,
            partition("1", &[("StatefulSecondary", one), ("StatefulPrimary", &primary), ("StatefulSecondary", other)]),
        )
    });
    let named = |key: &str, more: &str| {
        policy(&format!(
            "sf-service-instance-name=\"fabric:/shop/stock\" sf-partition-key=\"{key}\" sf-listener-name=\"b\" {more}"
        ))
    };
    let gateway = start(bed.documents(cluster(&naming, json!({})), &named("-7", "")));
    assert!(ask(&gateway, "/x").contains("\"path\":\"/b/x\""));
    gateway.write(
        Documents::of("contoso").policy("apis/all", &named("@(\"north\" + \"-1\")", "sf-replica-type=\"secondary\"")),
    );
    (0..4).for_each(|_| assert!(ask(&gateway, "/x").contains("\"path\":\"/b/x\"")));
    // A name may look like a number.
    gateway.write(Documents::of("contoso").policy("apis/all", &named("42", "")));
    assert!(ask(&gateway, "/x").contains("\"path\":\"/b/x\""));
    assert_eq!(backends.each_ref().map(FakeBackend::requests), [2, 2, 2]);
    let line = |rest: &str| {
        format!("GET /Services/shop~stock/$/ResolvePartition?api-version=6.0&PartitionKeyType={rest} HTTP/1.1")
    };
    assert_eq!(
        *naming.asked.lock().unwrap(),
        [
            line("2&PartitionKeyValue=-7"),
            line("3&PartitionKeyValue=north-1"),
            line("2&PartitionKeyValue=42"),
            line("3&PartitionKeyValue=42"),
        ]
    );
}

#[test]
fn a_service_that_has_moved_is_resolved_anew_as_the_condition_says_and_not_for_ever() {
    let bed = Bed::new();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let backend = FakeBackend::with(|seen| seen.target.starts_with("/busy").then(|| Reply::new(503, "")));
    let current = Arc::new(Mutex::new(format!("http://{gone}")));
    let told = Arc::clone(&current);
    let naming = bed.naming(move |line| {
        let version = if line.contains("PreviousRspVersion") { "2" } else { "1" };
        (200, partition(version, &[("Stateless", &listeners(&[("", &told.lock().unwrap())]))]))
    });
    let condition = "sf-resolve-condition=\"@(context.LastError?.Reason == &quot;BackendConnectionFailure&quot; || context.Response.StatusCode == 503)\"";
    let gateway = start(bed.documents(cluster(&naming, json!({})), &policy(condition)));
    let asked = || naming.asked.lock().unwrap().len();
    // Once, and two retries.
    assert!(ask(&gateway, "/a").starts_with("HTTP/1.1 500 "));
    assert_eq!(asked(), 3);
    *current.lock().unwrap() = backend.url();
    assert!(ask(&gateway, "/a").starts_with("HTTP/1.1 200 OK\n"));
    assert_eq!(asked(), 4);
    assert!(naming.asked.lock().unwrap().last().unwrap().contains("&PreviousRspVersion=2 "));
    assert!(ask(&gateway, "/a").starts_with("HTTP/1.1 200 OK\n"));
    assert_eq!(asked(), 4);
    // An answer may say so, too.
    assert!(ask(&gateway, "/busy").starts_with("HTTP/1.1 503 "));
    assert_eq!((asked(), backend.requests()), (6, 5));
    // A body that has streamed away is not sent again.
    let chunked = "POST /busy HTTP/1.1\nHost: h\nContent-Length: 100000\n";
    let mut client = gateway.connect();
    client.send(chunked);
    client.send_bytes(&vec![b'x'; 100_000]);
    assert!(client.response().starts_with("HTTP/1.1 503 "));
    // It asked because of the one before, and has the next one ask.
    assert_eq!((asked(), backend.requests()), (7, 6));
    assert!(ask(&gateway, "/a").starts_with("HTTP/1.1 200 OK\n"));
    assert_eq!(asked(), 8);
}

#[test]
fn a_place_that_cannot_be_reached_is_doubted_without_a_condition_and_an_old_one_in_any_case() {
    let bed = Bed::new();
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let backends = [FakeBackend::start(), FakeBackend::start()];
    let current = Arc::new(Mutex::new(Some(format!("http://{gone}"))));
    let told = Arc::clone(&current);
    let naming = bed.naming(move |_| match &*told.lock().unwrap() {
        Some(place) => (200, partition("1", &[("Stateless", place)])),
        None => (503, String::new()),
    });
    let clock = Arc::new(ManualClock::default());
    let setup = Setup { clock: Arc::<ManualClock>::clone(&clock), ..setup() };
    let gateway = Gateway::start(setup, bed.documents(cluster(&naming, json!({})), &policy("")));
    let lives_at = |place: Option<String>| *current.lock().unwrap() = place;
    assert!(ask(&gateway, "/a").starts_with("HTTP/1.1 500 "));
    lives_at(Some(backends[0].url()));
    assert!(ask(&gateway, "/a").starts_with("HTTP/1.1 200 OK\n"));
    lives_at(Some(backends[1].url()));
    assert!(ask(&gateway, "/a").starts_with("HTTP/1.1 200 OK\n"));
    assert_eq!(backends.each_ref().map(FakeBackend::requests), [2, 0]);
    let later = || {
        clock.advance(Duration::from_secs(61));
        // Slowly enough for a worker to notice.
        std::thread::sleep(Duration::from_millis(20));
    };
    later();
    assert!(ask(&gateway, "/a").starts_with("HTTP/1.1 200 OK\n"));
    assert_eq!(backends.each_ref().map(FakeBackend::requests), [2, 1]);
    // A naming service that is down takes nothing with it.
    lives_at(None);
    later();
    assert!(ask(&gateway, "/a").starts_with("HTTP/1.1 200 OK\n"));
    assert_eq!(backends.each_ref().map(FakeBackend::requests), [2, 2]);
}

#[test]
fn a_condition_that_takes_long_sends_nothing_twice() {
    let (bed, backend) = (Bed::new(), FakeBackend::start());
    let address = backend.url();
    let naming = bed.naming(move |_| (200, partition("1", &[("Stateless", &address)])));
    let condition =
        "sf-resolve-condition=\"@{ var n = 0; for (var i = 0; i &lt; 20000; i++) { n += i; } return n == 1; }\"";
    let budget = Budget { turn: Some(Duration::ZERO), ..Budget::default() };
    let documents = bed.documents(cluster(&naming, json!({})), &policy(condition));
    let gateway = Gateway::start(Setup { budget, ..setup() }, documents);
    assert_eq!(gateway.problems(), Vec::<String>::new());
    assert!(gateway.exchange("POST /a HTTP/1.1\nHost: h\n\nx").starts_with("HTTP/1.1 200 OK\n"));
    assert_eq!((backend.requests(), gateway.offload.moved().moved), (1, 1));
}

#[test]
fn a_naming_service_that_fails_is_asked_elsewhere_and_one_that_is_not_the_clusters_is_not_believed() {
    let (bed, backend) = (Bed::new(), FakeBackend::start());
    let broken = bed.naming(|_| (500, String::new()));
    let address = backend.url();
    let good = bed.naming(move |_| (200, partition("1", &[("Stateless", &address)])));
    let issuer = crypto::text::hex(&crypto::hash::sha1(bed.servers.der()));
    let names = |issuer: &str| json!([{ "name": "cluster.example", "issuerCertificateThumbprint": issuer }]);
    let endpoints = |of: &[&Naming]| -> Value { of.iter().map(|one| format!("https://{}", one.address)).collect() };
    let both = json!({ "managementEndpoints": endpoints(&[&broken, &good]), "serverCertificateThumbprints": [], "serverX509Names": names(&issuer) });
    let gateway = start(bed.documents(cluster(&good, both), &policy("")));
    assert!(ask(&gateway, "/a").starts_with("HTTP/1.1 200 OK\n"));
    assert_eq!(broken.asked.lock().unwrap().len(), 1);

    let stranger = "00".repeat(20);
    let unknown = bed.naming(|_| (404, json!({ "Error": { "Code": "FABRIC_E_SERVICE_DOES_NOT_EXIST" } }).to_string()));
    for (endpoint, issuer, why) in [
        (&good, stranger.as_str(), "the server shows none of the certificates that its entity names"),
        (&unknown, &issuer, "answered 404 FABRIC_E_SERVICE_DOES_NOT_EXIST."),
    ] {
        let own = json!({ "managementEndpoints": endpoints(&[endpoint]), "serverCertificateThumbprints": [], "serverX509Names": names(issuer) });
        let tell = "<on-error><return-response><set-body>@(context.LastError.Reason + \": \" + context.LastError.Message)</set-body></return-response></on-error></policies>";
        let policy = policy("sf-service-instance-name=\"fabric:/shop/other\"").replace("</policies>", tell);
        let gateway = start(bed.documents(cluster(endpoint, own), &policy));
        let answer = ask(&gateway, "/a");
        assert!(
            answer.contains("BackendConnectionFailure: The service fabric:/shop/other cannot be resolved: ")
                && answer.contains(why),
            "{answer}"
        );
    }
}

#[test]
fn an_entity_that_cannot_be_a_service_of_a_cluster_is_a_problem() {
    let bed = Bed::new();
    for (cluster, why) in [
        (Value::Null, "its URL `fabric:/shop/orders` needs a Service Fabric cluster (properties.serviceFabricCluster)"),
        (json!({ "managementEndpoints": [] }), "its Service Fabric cluster has no management endpoint"),
        (
            json!({ "managementEndpoints": ["https://c:19080"], "clientCertificatethumbprint": "AB" }),
            "the client certificate `AB` of its cluster is not there",
        ),
    ] {
        let gateway = Gateway::start(setup(), bed.documents(cluster, "<policies />"));
        let problems = gateway.problems();
        assert!(problems[0].ends_with(why), "{problems:?}");
    }
}
