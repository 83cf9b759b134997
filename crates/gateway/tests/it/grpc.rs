//! gRPC: HTTP/2 on both sides, messages as they come, trailers behind them or alone.

use bytes::Bytes;
use h2::{
    RecvStream, SendStream,
    client::{ResponseFuture, SendRequest},
};
use http::{HeaderMap, Request, StatusCode};
use testkit::{Documents, Gateway, H2Backend};
use tokio::{net::TcpStream, task::spawn_local};

use crate::{policies::setup, secure::on_worker};

const POLICY: &str = "<policies><inbound><set-header name=\"x-by\" exists-action=\"override\"><value>gateway</value></set-header></inbound>\
                      <backend><forward-request http-version=\"2\" timeout=\"20\" /></backend>\
                      <outbound><set-header name=\"x-seen\" exists-action=\"override\"><value>@(context.Response.StatusCode.ToString())</value></set-header></outbound></policies>";

fn start(backend: &H2Backend, policy: &str) -> Gateway {
    let documents = Documents::service("contoso").open_api("all", "", &backend.url()).policy("apis/all", policy);
    let gateway = Gateway::start(setup(), documents);
    assert_eq!(gateway.problems(), Vec::<String>::new());
    gateway
}

/// A client's connection.
async fn connect(gateway: &Gateway) -> SendRequest<Bytes> {
    let tcp = TcpStream::connect(gateway.address).await.unwrap();
    let (client, connection) = h2::client::handshake(tcp).await.unwrap();
    spawn_local(async move {
        // It ends with the test.
        let _ = connection.await;
    });
    client.ready().await.unwrap()
}

/// Begins a call of a method.
fn call(client: &mut SendRequest<Bytes>, method: &str) -> (ResponseFuture, SendStream<Bytes>) {
    let request = Request::post(format!("http://contoso.localhost/grpc/{method}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("grpc-timeout", "5S")
        .header("x-trace-bin", "AAEC");
    client.send_request(request.body(()).unwrap(), false).unwrap()
}

async fn next(body: &mut RecvStream) -> Option<Bytes> {
    let bytes = body.data().await?.unwrap();
    body.flow_control().release_capacity(bytes.len()).unwrap();
    Some(bytes)
}

/// What is left of a response, with its trailers.
async fn rest(mut body: RecvStream) -> (String, HeaderMap) {
    let mut all = Vec::new();
    while let Some(bytes) = next(&mut body).await {
        all.extend_from_slice(&bytes);
    }
    (String::from_utf8(all).unwrap(), body.trailers().await.unwrap().unwrap_or_default())
}

fn run<T>(backend: &H2Backend, policy: &str, work: impl AsyncFnOnce(SendRequest<Bytes>, &Gateway) -> T) -> T {
    let gateway = start(backend, policy);
    on_worker(async { work(connect(&gateway).await, &gateway).await })
}

#[test]
fn a_unary_call_passes_with_its_headers_and_trailers() {
    let backend = H2Backend::start();
    run(&backend, POLICY, async |mut client, _gateway| {
        let (answer, mut sending) = call(&mut client, "Unary");
        sending.send_data(Bytes::from_static(b"ping"), true).unwrap();
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(
            (&answer.headers()["content-type"], &answer.headers()["x-seen"]),
            (&"application/grpc".parse().unwrap(), &"200".parse().unwrap())
        );
        assert!(!answer.headers().contains_key("grpc-status"));
        let (message, trailers) = rest(answer.into_body()).await;
        assert_eq!((message.as_str(), trailers["grpc-status"].as_bytes()), ("ping", &b"0"[..]));
    });
    let seen = &backend.seen()[0];
    let header = |name: &str| seen.headers().get(name).map(|value| value.to_str().unwrap());
    assert_eq!(seen.uri().path(), "/grpc/Unary");
    assert_eq!(seen.uri().authority().map(http::uri::Authority::as_str), Some(&*backend.address().to_string()));
    assert_eq!(
        ["te", "content-type", "grpc-timeout", "x-trace-bin", "x-by", "host"].map(header),
        [Some("trailers"), Some("application/grpc"), Some("5S"), Some("AAEC"), Some("gateway"), None]
    );
}

#[test]
fn each_message_of_a_server_arrives_before_the_next_is_sent() {
    let backend = H2Backend::start();
    run(&backend, POLICY, async |mut client, _gateway| {
        let (answer, mut sending) = call(&mut client, "ServerStream");
        sending.send_data(Bytes::from_static(b"m"), true).unwrap();
        let mut body = answer.await.unwrap().into_body();
        assert_eq!(next(&mut body).await.unwrap(), "m");
        for _ in 0..2 {
            backend.release();
            assert_eq!(next(&mut body).await.unwrap(), "m");
        }
        let (rest, trailers) = rest(body).await;
        assert_eq!((rest.as_str(), trailers["grpc-status"].as_bytes()), ("", &b"0"[..]));
    });
}

#[test]
fn a_client_may_stream_and_both_may() {
    let backend = H2Backend::start();
    run(&backend, POLICY, async |mut client, _gateway| {
        let (answer, mut sending) = call(&mut client, "ClientStream");
        for message in ["a", "b", "c"] {
            sending.send_data(Bytes::from_static(message.as_bytes()), message == "c").unwrap();
        }
        let (message, trailers) = rest(answer.await.unwrap().into_body()).await;
        assert_eq!((message.as_str(), trailers["grpc-status"].as_bytes()), ("abc", &b"0"[..]));

        let (answer, mut sending) = call(&mut client, "Both");
        let mut body = answer.await.unwrap().into_body();
        for message in ["one", "two"] {
            sending.send_data(Bytes::from_static(message.as_bytes()), false).unwrap();
            assert_eq!(next(&mut body).await.unwrap(), message);
        }
        sending.send_data(Bytes::new(), true).unwrap();
        assert_eq!(rest(body).await.1["grpc-status"], "0");
    });
    assert_eq!(backend.connections(), 1);
}

#[test]
fn an_error_without_a_message_is_a_head_alone() {
    let backend = H2Backend::start();
    run(&backend, POLICY, async |mut client, gateway| {
        let (answer, mut sending) = call(&mut client, "Fail");
        sending.send_data(Bytes::from_static(b"ping"), true).unwrap();
        let answer = answer.await.unwrap();
        assert_eq!((answer.status(), &answer.headers()["grpc-status"]), (StatusCode::OK, &"5".parse().unwrap()));
        assert_eq!(answer.headers()["grpc-message"], "no such thing");
        assert!(answer.body().is_end_stream());
        assert!(gateway.wait_for_log(1)[0].contains(" 200 0B backend=200 "));
    });
}

#[test]
fn a_client_that_gives_up_is_given_up_on_at_the_backend() {
    let backend = H2Backend::start();
    run(&backend, POLICY, async |mut client, gateway| {
        let (answer, mut sending) = call(&mut client, "Hang");
        sending.send_data(Bytes::from_static(b"ping"), true).unwrap();
        while backend.seen().is_empty() {
            tokio::task::yield_now().await;
        }
        sending.send_reset(h2::Reason::CANCEL);
        drop(answer);
        while backend.resets() == 0 {
            tokio::task::yield_now().await;
        }
        assert!(gateway.wait_for_log(1)[0].contains(" 499 "), "{:?}", gateway.log());
    });
}

#[test]
fn a_stream_that_breaks_does_not_look_whole() {
    let backend = H2Backend::start();
    run(&backend, POLICY, async |mut client, _gateway| {
        let (answer, mut sending) = call(&mut client, "Break");
        sending.send_data(Bytes::from_static(b"ping"), true).unwrap();
        let mut body = answer.await.unwrap().into_body();
        assert_eq!(next(&mut body).await.unwrap(), "begun");
        backend.release();
        assert!(body.data().await.unwrap().is_err());
    });
}

#[test]
fn a_call_that_is_refused_or_waits_too_long_has_the_status_of_http_that_callers_map() {
    let backend = H2Backend::start();
    let impatient = POLICY.replace("timeout=\"20\"", "timeout-ms=\"50\"");
    let refusing = "<policies><inbound><return-response><set-status code=\"401\" reason=\"Unauthorized\" /></return-response></inbound></policies>";
    for (policy, status) in [(&*impatient, 500), (refusing, 401)] {
        run(&backend, policy, async |mut client, _gateway| {
            let (answer, mut sending) = call(&mut client, "Hang");
            sending.send_data(Bytes::from_static(b"ping"), true).unwrap();
            assert_eq!(answer.await.unwrap().status(), StatusCode::from_u16(status).unwrap());
        });
    }
    while backend.resets() == 0 {
        std::thread::yield_now();
    }
}

#[test]
fn an_api_of_grpc_speaks_http2_with_its_backend_without_being_told() {
    let backend = H2Backend::start();
    let api = serde_json::json!({
        "displayName": "Echo", "path": "", "serviceUrl": format!("grpc://{}", backend.address()), "protocols": ["http"],
        "type": "grpc", "subscriptionRequired": false,
    });
    let unary = serde_json::json!({ "displayName": "Unary", "method": "POST", "urlTemplate": "/grpc/Unary" });
    let documents = Documents::service("contoso").put("apis/echo", api).put("apis/echo/operations/unary", unary);
    let forward = "<policies><backend><forward-request /></backend></policies>";
    let gateway = Gateway::start(setup(), documents.policy("", forward));
    assert_eq!(gateway.problems(), Vec::<String>::new());
    on_worker(async {
        let mut client = connect(&gateway).await;
        let (answer, mut sending) = call(&mut client, "Unary");
        sending.send_data(Bytes::from_static(b"ping"), true).unwrap();
        let (message, trailers) = rest(answer.await.unwrap().into_body()).await;
        assert_eq!((message.as_str(), trailers["grpc-status"].as_bytes()), ("ping", &b"0"[..]));
        // A method that the API does not have is `UNIMPLEMENTED` to callers of gRPC.
        let (answer, _sending) = call(&mut client, "Other");
        assert_eq!(answer.await.unwrap().status(), StatusCode::NOT_FOUND);
    });
}
