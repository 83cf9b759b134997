//! `validate-client-certificate`, over TLS, with clients that show certificates.

use std::{future::Future, sync::Arc, time::Duration};

use base::{Secret, Timestamp};
use gateway::{Identities, ServerIdentity};
use outbound::{Client, ClientSettings};
use policy::{Method, Outbound, OutboundRequest, Url, entity::ClientCertificate};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SerialNumber, date_time_ymd};
use rustls::{RootCertStore, pki_types::PrivateKeyDer};
use serde_json::{Value, json};
use testkit::{Documents, FakeBackend, Gateway, ManualClock, RealClock, Setup};
use tokio::runtime::{Builder, LocalOptions};

use crate::bed::{CATALOGUE, NOW, refused};

type Issuer = CertifiedIssuer<'static, KeyPair>;

struct Asking(Arc<ServerIdentity>);

impl Identities for Asking {
    fn identity(&self, _: Option<&str>) -> Option<Arc<ServerIdentity>> {
        Some(Arc::clone(&self.0))
    }
}

fn params(name: &str, years: (i32, i32)) -> CertificateParams {
    let mut params = CertificateParams::new(vec![format!("{name}.example")]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "US");
    params.distinguished_name.push(DnType::OrganizationName, "Contoso, Ltd.");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(years.0, 1, 1);
    params.not_after = date_time_ymd(years.1, 1, 1);
    params.serial_number = Some(SerialNumber::from_slice(&[0x0a, 0xbc]));
    params
}

fn authority(name: &str) -> Issuer {
    let mut params = params(name, (2020, 2040));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn below(name: &str, issuer: &Issuer) -> Issuer {
    let mut params = params(name, (2020, 2040));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), issuer).unwrap()
}

fn client(name: &str, issuer: &Issuer, years: (i32, i32)) -> ClientCertificate {
    let key = KeyPair::generate().unwrap();
    let certificate = params(name, years).signed_by(&key, issuer).unwrap();
    ClientCertificate {
        chain: [certificate.der().to_vec().into()].into(),
        key: Secret::new(key.serialize_der().into()),
        ..ClientCertificate::default()
    }
}

fn thumbprint(der: &[u8]) -> String {
    crypto::text::hex_upper(&crypto::hash::sha1(der))
}

struct Bed {
    gateway: Gateway,
    _backend: FakeBackend,
    roots: Arc<RootCertStore>,
}

impl Bed {
    /// A gateway whose service holds these authorities.
    fn start(authorities: &[(&str, &Issuer)]) -> Self {
        let server = authority("server");
        let mut roots = RootCertStore::empty();
        roots.add(server.der().clone()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &server).unwrap();
        let identity = ServerIdentity {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            asks_for_certificate: true,
        };
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(NOW)));
        let mut setup = Setup { clock, ..Setup::with(Arc::clone(&CATALOGUE)) };
        (setup.settings.https, setup.settings.http) = (setup.settings.http, None);
        setup.identities = Some(Arc::new(Asking(Arc::new(identity))));
        let backend = FakeBackend::start();
        let certificates: Vec<Value> = authorities
            .iter()
            .map(|(store, issuer)| json!({ "storeName": store, "encodedCertificate": crypto::text::base64(issuer.der()) }))
            .collect();
        let documents = Documents::service("contoso").properties(json!({ "certificates": certificates })).open_api(
            "echo",
            "echo",
            &backend.url(),
        );
        Self { gateway: Gateway::start(setup, documents), _backend: backend, roots: Arc::new(roots) }
    }

    /// The status for a client with this certificate.
    fn status(&self, policy: &str, certificate: Option<&ClientCertificate>) -> u16 {
        let document = format!(
            "<policies><inbound><base />{policy}</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>"
        );
        self.gateway.write(Documents::of("contoso").policy("apis/echo", &document));
        assert_eq!(self.gateway.problems(), Vec::<String>::new());
        let settings = ClientSettings { roots: Arc::clone(&self.roots), ..ClientSettings::default() };
        let request = OutboundRequest {
            client_certificate: certificate.cloned().map(Arc::new),
            ..OutboundRequest::new(
                Method::GET,
                Url::parse(&format!("https://localhost:{}/echo/a", self.gateway.address.port())).unwrap(),
                Duration::from_secs(10),
            )
        };
        on_worker(async {
            let client = Client::spawn(settings, Arc::new(RealClock::default()));
            client.send(request).await.unwrap().status.code()
        })
    }
}

fn on_worker<T>(work: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build_local(LocalOptions::default()).unwrap().block_on(work)
}

fn identity(attributes: &str) -> String {
    format!(
        r#"<validate-client-certificate validate-trust="false"><identities><identity {attributes} /></identities></validate-client-certificate>"#
    )
}

#[test]
fn a_certificate_must_be_there_and_lead_to_a_root_of_the_service() {
    let (root, stranger) = (authority("root"), authority("stranger"));
    let middle = below("middle", &root);
    let bed = Bed::start(&[("Root", &root), ("CertificateAuthority", &middle)]);
    let policy = "<validate-client-certificate />";
    assert_eq!(bed.status(policy, None), 401);
    assert_eq!(bed.status(policy, Some(&client("one", &root, (2020, 2030)))), 200);
    assert_eq!(bed.status(policy, Some(&client("two", &middle, (2020, 2030)))), 200);
    let unknown = client("three", &stranger, (2020, 2030));
    assert_eq!(bed.status(policy, Some(&unknown)), 401);
    assert_eq!(bed.status(r#"<validate-client-certificate validate-trust="false" />"#, Some(&unknown)), 200);
    assert_eq!(bed.status(r#"<validate-client-certificate ignore-error="true" />"#, None), 200);
}

#[test]
fn an_authority_that_is_no_root_vouches_for_nobody_alone() {
    let root = authority("root");
    let middle = below("middle", &root);
    let bed = Bed::start(&[("CertificateAuthority", &middle)]);
    assert_eq!(bed.status("<validate-client-certificate />", Some(&client("a", &middle, (2020, 2030)))), 401);
}

#[test]
fn times_count_unless_the_document_does_not_care() {
    let root = authority("root");
    let bed = Bed::start(&[("Root", &root)]);
    let (old, early) = (client("old", &root, (2020, 2024)), client("early", &root, (2025, 2030)));
    let policy = |attributes: &str| format!("<validate-client-certificate {attributes} />");
    for certificate in [&old, &early] {
        assert_eq!(bed.status(&policy(""), Some(certificate)), 401);
    }
    assert_eq!(bed.status(&policy(r#"validate-not-after="false""#), Some(&old)), 200);
    assert_eq!(bed.status(&policy(r#"validate-not-before="false""#), Some(&early)), 200);
    assert_eq!(bed.status(&policy(r#"validate-not-before="false""#), Some(&old)), 401);
}

#[test]
fn all_that_an_identity_says_must_be_true() {
    let root = authority("root");
    let bed = Bed::start(&[("Root", &root)]);
    let certificate = client("one", &root, (2020, 2030));
    let own = thumbprint(&certificate.chain[0]);
    let status = |attributes: &str| bed.status(&identity(attributes), Some(&certificate));
    for attributes in [
        format!(r#"thumbprint="{own}""#),
        format!(r#"thumbprint="{}""#, own.to_lowercase()),
        r#"serial-number="0ABC""#.into(),
        r#"common-name="one""#.into(),
        r#"dns-name="ONE.example""#.into(),
        r#"subject="C=US, O="Contoso, Ltd.", CN=one""#.into(),
        r#"subject="CN=one, O=&quot;Contoso, Ltd.&quot;, C=US""#.into(),
        r#"issuer-subject="C=US, O="Contoso, Ltd.", CN=root""#.into(),
        format!(r#"issuer-thumbprint="{}""#, thumbprint(root.der())),
    ] {
        assert_eq!(status(&attributes), 200, "{attributes}");
    }
    for attributes in [
        format!(r#"thumbprint="{own}" common-name="two""#),
        r#"serial-number="ABD""#.into(),
        r#"common-name="One""#.into(),
        r#"dns-name="two.example""#.into(),
        r#"subject="CN=one""#.into(),
        r#"issuer-subject="CN=root""#.into(),
        format!(r#"issuer-thumbprint="{own}""#),
    ] {
        assert_eq!(status(&attributes), 401, "{attributes}");
    }
    let two = r#"<validate-client-certificate><identities><identity common-name="two" /><identity common-name="one" /></identities></validate-client-certificate>"#;
    assert_eq!(bed.status(two, Some(&certificate)), 200);
}

#[test]
fn a_document_that_means_nothing_is_refused() {
    let many = r#"<identity common-name="x" />"#.repeat(11);
    let policy = format!("<validate-client-certificate><identities>{many}</identities></validate-client-certificate>");
    assert!(refused(&policy)[0].starts_with("PX0108"));
    assert!(refused(&identity("")).contains(&"PX0105 An <identity> must have an attribute.".to_owned()));
    assert!(refused(&identity(r#"thumbprint="xyz""#))[0].contains("is not hexadecimal"));
    assert!(refused(&identity(r#"issuer-certificate-id="nobody""#))[0].starts_with("PX0124"));
    let both = r#"issuer-certificate-id="signer" issuer-subject="CN=a""#;
    assert!(refused(&identity(both))[0].starts_with("PX0108"));
}
