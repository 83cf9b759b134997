//! TLS and HTTP/2.

use std::{
    collections::HashMap,
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use gateway::{GatewaySettings, Identities, ServerIdentity};
use outbound::{Client, ClientSettings};
use policy::{
    Body, Method, Outbound, OutboundRequest, Url, base::Secret, entity::ClientCertificate, exchange::Version,
    outbound::HttpVersion,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName},
    version::{TLS12, TLS13},
};
use testkit::{Documents, FakeBackend, RealClock};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    runtime::{Builder, LocalOptions},
};

use testkit::{Gateway, Setup};

use crate::policies::{before, documents, setup};

struct ByName(HashMap<&'static str, Arc<ServerIdentity>>);

impl Identities for ByName {
    fn identity(&self, name: Option<&str>) -> Option<Arc<ServerIdentity>> {
        name.and_then(|name| self.0.get(name)).or_else(|| self.0.get("default.localhost")).map(Arc::clone)
    }
}

fn identities(asks_for_certificate: bool) -> (Arc<RootCertStore>, ByName) {
    let (issuer, identities) = issued(asks_for_certificate);
    let mut roots = RootCertStore::empty();
    roots.add(issuer).unwrap();
    (Arc::new(roots), identities)
}

/// An issuer's certificate, and what it has issued.
fn issued(asks_for_certificate: bool) -> (CertificateDer<'static>, ByName) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let issue = |name: &'static str| {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let identity = ServerIdentity {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            asks_for_certificate,
        };
        (name, Arc::new(identity))
    };
    let identities = ByName(["default.localhost", "a.localhost", "b.localhost"].map(issue).into());
    (issuer.der().clone(), identities)
}

pub(crate) fn on_worker<T>(work: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build_local(LocalOptions::default()).unwrap().block_on(work)
}

fn client(roots: Arc<RootCertStore>) -> Client {
    Client::spawn(ClientSettings { roots, ..ClientSettings::default() }, Arc::new(RealClock::default()))
}

async fn call(client: &Client, url: &str, http_version: HttpVersion) -> Result<(Version, u16, usize), String> {
    outcome(client, request(url, http_version)).await
}

fn request(url: &str, http_version: HttpVersion) -> OutboundRequest {
    OutboundRequest {
        body: Body::full(vec![b'y'; 100_000]),
        http_version,
        ..OutboundRequest::new(Method::POST, Url::parse(url).unwrap(), Duration::from_secs(30))
    }
}

async fn outcome(client: &Client, request: OutboundRequest) -> Result<(Version, u16, usize), String> {
    let mut response = client.send(request).await.map_err(|error| error.message)?;
    let body = response.body.collect(u64::MAX).await.map_err(|error| error.to_string())?;
    Ok((response.version, response.status.code(), body.len()))
}

fn https() -> GatewaySettings {
    let https = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    GatewaySettings { http: None, https, ..setup().settings }
}

/// A gateway that serves HTTPS on `a.localhost`, and the certificate that vouches for it, in base64.
pub(crate) fn encrypted(documents: Documents) -> (String, Gateway) {
    let (issuer, identities) = issued(false);
    let setup = Setup { settings: https(), identities: Some(Arc::new(identities)), ..setup() };
    (crypto::text::base64(&issuer), Gateway::start(setup, documents))
}

#[test]
fn each_host_shows_its_certificate_and_both_protocols_are_spoken() {
    let backend = FakeBackend::start();
    let (roots, identities) = identities(false);
    let setup = Setup { settings: https(), identities: Some(Arc::new(identities)), ..setup() };
    let gateway = Gateway::start(setup, documents(&backend));
    let port = gateway.address.port();
    on_worker(async {
        let client = client(roots);
        for (name, version, spoken) in [
            ("a.localhost", HttpVersion::One, Version::Http11),
            ("b.localhost", HttpVersion::TwoOrOne, Version::Http2),
            ("default.localhost", HttpVersion::Two, Version::Http2),
        ] {
            let url = format!("https://{name}:{port}/bytes/70000");
            for _ in 0..2 {
                assert_eq!(call(&client, &url, version).await, Ok((spoken, 200, 70_000)), "{name}");
            }
        }
        let unknown = call(&client, &format!("https://c.localhost:{port}/"), HttpVersion::One).await;
        assert!(unknown.unwrap_err().contains("not valid for name"));
    });
    let line = &gateway.wait_for_log(6)[2];
    assert!(line.starts_with(&format!("\"POST https://b.localhost:{port}/bytes/70000 HTTP/2\" 200 70000B")), "{line}");
}

#[test]
fn http2_needs_no_tls_if_the_client_knows() {
    let backend = FakeBackend::start();
    let gateway = before(&backend);
    on_worker(async {
        let client = client(Arc::new(RootCertStore::empty()));
        let url = format!("http://{}/bytes/70000", gateway.address);
        let mut done = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (client, url) = (client.clone(), url.clone());
            done.spawn_local(async move { call(&client, &url, HttpVersion::Two).await });
        }
        while let Some(outcome) = done.join_next().await {
            assert_eq!(outcome.unwrap(), Ok((Version::Http2, 200, 70_000)));
        }
        assert!(gateway.telemetry.render().contains("tollgate_connections 1\n"), "one connection carries all");
    });
}

#[test]
fn a_certificate_that_nobody_trusts_reaches_the_policies() {
    let backend = FakeBackend::start();
    let (roots, identities) = identities(true);
    let setup = Setup { settings: https(), identities: Some(Arc::new(identities)), ..setup() };
    let policy = "<policies><inbound><base /><show-certificate /></inbound><backend><base /></backend></policies>";
    let gateway = Gateway::start(setup, documents(&backend).policy("apis/all", policy));
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(["caller".to_owned()]).unwrap().self_signed(&key).unwrap();
    let shown = ClientCertificate {
        chain: Box::new([own.der().to_vec().into()]),
        key: Secret::new(key.serialize_der().into()),
        ..ClientCertificate::default()
    };
    on_worker(async {
        let client = client(roots);
        let url = format!("https://a.localhost:{}/bytes/1", gateway.address.port());
        for (client_certificate, size) in [(None, 0), (Some(Arc::new(shown)), own.der().len())] {
            let request = OutboundRequest { client_certificate, ..request(&url, HttpVersion::One) };
            let response = client.send(request).await.unwrap();
            assert_eq!(response.headers.joined("x-certificate"), Some(size.to_string()));
        }
    });
}

#[test]
fn both_versions_of_tls_are_spoken_and_a_renewed_certificate_counts_from_the_next_handshake() {
    let backend = FakeBackend::start();
    let served: Arc<Mutex<(Arc<RootCertStore>, ByName)>> = Arc::new(Mutex::new(identities(false)));
    let setup = Setup { settings: https(), identities: Some(Arc::new(Renewed(Arc::clone(&served)))), ..setup() };
    let gateway = Gateway::start(setup, documents(&backend));
    on_worker(async {
        let ask = async |roots: Arc<RootCertStore>, version: &'static SupportedProtocolVersion| {
            let config = ClientConfig::builder_with_provider(Arc::new(default_provider()));
            let config = config.with_protocol_versions(&[version]).unwrap();
            let config = config.with_root_certificates(roots).with_no_client_auth();
            let tcp = tokio::net::TcpStream::connect(gateway.address).await.unwrap();
            let name = ServerName::try_from("a.localhost").unwrap();
            let stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, tcp).await;
            let mut stream = stream.map_err(|error| error.to_string())?;
            stream.write_all(b"GET /bytes/3 HTTP/1.1\r\nHost: a.localhost\r\nConnection: close\r\n\r\n").await.unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).await.unwrap();
            assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.ends_with("\r\n\r\nxxx"), "{text}");
            Ok::<_, String>(stream.get_ref().1.protocol_version().unwrap())
        };
        let old = Arc::clone(&served.lock().unwrap().0);
        for version in [&TLS12, &TLS13] {
            assert_eq!(ask(Arc::clone(&old), version).await, Ok(version.version));
        }
        *served.lock().unwrap() = identities(false);
        let new = Arc::clone(&served.lock().unwrap().0);
        assert!(ask(old, &TLS13).await.is_err());
        assert!(ask(new, &TLS13).await.is_ok());
    });
}

/// Shows whatever certificates there are at the moment.
struct Renewed(Arc<Mutex<(Arc<RootCertStore>, ByName)>>);

impl Identities for Renewed {
    fn identity(&self, name: Option<&str>) -> Option<Arc<ServerIdentity>> {
        self.0.lock().unwrap().1.identity(name)
    }
}
