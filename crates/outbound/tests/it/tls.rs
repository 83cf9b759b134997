//! TLS with backends: what is checked, what is shown.

use std::{net::SocketAddr, sync::Arc};

use outbound::{Client, ClientSettings};
use policy::{
    OutboundRequest, Url,
    base::Secret,
    entity::{Backend, BackendTls, ClientCertificate, Credentials},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};
use testkit::RealClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{on_worker, request, settings};

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Issuer {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn issue(issuer: &Issuer, name: &str) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, issuer).unwrap();
    (certificate.der().clone(), PrivateKeyDer::try_from(key.serialize_der()).unwrap())
}

fn trusting(issuer: &Issuer) -> Arc<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add(issuer.der().clone()).unwrap();
    Arc::new(roots)
}

/// Answers every request with the subject key size of the client's certificate, or `none`.
async fn serve(issuer: &Issuer, name: &str, clients: Option<&Issuer>) -> SocketAddr {
    let (certificate, key) = issue(issuer, name);
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => builder.with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(trusting(clients), Arc::new(default_provider()))
                .build()
                .unwrap(),
        ),
    };
    let config = builder.with_single_cert(vec![certificate], key).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    tokio::task::spawn_local(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(tcp).await else { continue };
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            let shown = stream.get_ref().1.peer_certificates().map_or(0, <[_]>::len).to_string();
            let answer =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{shown}", shown.len());
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}

fn calling(
    address: SocketAddr,
    host: &str,
    tls: BackendTls,
    certificate: Option<ClientCertificate>,
) -> OutboundRequest {
    let mut request = request("GET", "http://unused/");
    request.url = Url::parse(&format!("https://{host}:{}/", address.port())).unwrap();
    let credentials = Credentials { certificate: certificate.map(Arc::new), ..Credentials::default() };
    request.backend = Some(Arc::new(Backend { tls, credentials, ..Backend::default() }));
    request
}

async fn outcome(client: &Client, request: OutboundRequest) -> String {
    use policy::Outbound as _;
    match client.send(request).await {
        Ok(response) => crate::text(response).await,
        Err(error) => error.message,
    }
}

#[test]
fn chain_and_name_are_checked_as_the_backend_says() {
    on_worker(async {
        let (known, unknown) = (authority("known"), authority("unknown"));
        let client =
            Client::spawn(ClientSettings { roots: trusting(&known), ..settings() }, Arc::new(RealClock::default()));
        let trusted = serve(&known, "api.localhost", None).await;
        let foreign = serve(&unknown, "api.localhost", None).await;
        let call = |address, host: &'static str, validate_chain, validate_name| {
            let tls = BackendTls { validate_chain, validate_name, pins: None };
            outcome(&client, calling(address, host, tls, None))
        };
        let good = "200 0";
        assert_eq!(call(trusted, "api.localhost", true, true).await, good);
        contains(call(trusted, "other.localhost", true, true).await, "not valid for name");
        assert_eq!(call(trusted, "other.localhost", true, false).await, good);
        contains(call(foreign, "api.localhost", true, true).await, "UnknownIssuer");
        contains(call(foreign, "other.localhost", true, false).await, "UnknownIssuer");
        assert_eq!(call(foreign, "api.localhost", false, true).await, good);
        contains(call(foreign, "other.localhost", false, true).await, "not valid for name");
        assert_eq!(call(foreign, "other.localhost", false, false).await, good);
    });
}

#[test]
fn a_client_certificate_is_shown_where_the_backend_has_one() {
    on_worker(async {
        let issuer = authority("known");
        let client =
            Client::spawn(ClientSettings { roots: trusting(&issuer), ..settings() }, Arc::new(RealClock::default()));
        let address = serve(&issuer, "api.localhost", Some(&issuer)).await;
        let (leaf, key) = issue(&issuer, "caller");
        let certificate = ClientCertificate {
            thumbprint: "1".into(),
            chain: Box::new([leaf.to_vec().into()]),
            key: Secret::new(key.secret_der().to_vec().into()),
            ..ClientCertificate::default()
        };
        let with = calling(address, "api.localhost", BackendTls::default(), Some(certificate));
        assert_eq!(outcome(&client, with).await, "200 1");
        let without = calling(address, "api.localhost", BackendTls::default(), None);
        contains(outcome(&client, without).await, "CertificateRequired");
    });
}

#[track_caller]
fn contains(text: String, part: &str) {
    assert!(text.contains(part), "`{part}` is not in `{text}`");
}
