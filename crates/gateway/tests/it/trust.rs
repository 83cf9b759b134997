//! Whom the gateway trusts at the other end of TLS: authorities of the service, and certificates that an entity names.

use serde_json::{Value, json};
use testkit::{Documents, Gateway};

use crate::{
    naming::{Issuer, Naming, authority, pfx},
    policies::setup,
};

const TELLING: &str = "<policies><inbound><set-backend-service backend-id=\"b\" /></inbound><backend><forward-request /></backend>\
                       <on-error><return-response><set-body>@(context.LastError.Message)</set-body></return-response></on-error></policies>";

struct Bed {
    servers: Issuer,
    clients: Issuer,
    server: Naming,
}

impl Bed {
    fn new() -> Self {
        let (servers, clients) = (authority("servers"), authority("clients"));
        let server = Naming::start(&servers, &clients, |_| (200, "served".to_owned()));
        Self { servers, clients, server }
    }

    fn entity(&self, tls: Value) -> Value {
        json!({
            "url": format!("https://{}", self.server.address), "protocol": "http", "tls": tls,
            "credentials": { "certificateIds": ["/certificates/own"] },
        })
    }

    fn start(&self, authorities: Value, tls: Value) -> Gateway {
        let documents = Documents::service("contoso")
            .properties(json!({ "certificates": authorities }))
            .open_api("all", "", "http://unused.example")
            .put("certificates/own", json!({ "data": pfx(&self.clients, "gateway"), "password": "p" }))
            .put("backends/b", self.entity(tls))
            .policy("apis/all", TELLING);
        let gateway = Gateway::start(setup(), documents);
        assert_eq!(gateway.problems(), Vec::<String>::new());
        gateway
    }

    fn trusting(&self, store: &str) -> Value {
        json!([{ "storeName": store, "encodedCertificate": crypto::text::base64(self.servers.der()) }])
    }
}

fn ask(gateway: &Gateway) -> String {
    let answer = gateway.exchange("GET /a HTTP/1.1\nHost: h\n");
    answer.split_once("\n\n").unwrap().1.to_owned()
}

#[test]
fn roots_of_the_service_vouch_for_backends_from_the_moment_they_are_published() {
    let bed = Bed::new();
    let nameless = || json!({ "validateCertificateName": false });
    let gateway = bed.start(json!([]), nameless());
    assert!(ask(&gateway).contains("UnknownIssuer"), "{}", ask(&gateway));
    for store in ["CertificateAuthority", "Root"] {
        gateway.write(Documents::service("contoso").properties(json!({ "certificates": bed.trusting(store) })));
        assert_eq!(ask(&gateway) == "served", store == "Root", "{store}: {}", ask(&gateway));
    }
    // The name is judged all the same.
    gateway.write(Documents::of("contoso").put("backends/b", bed.entity(json!({}))));
    assert!(ask(&gateway).contains("not valid for name"), "{}", ask(&gateway));
    gateway.write(Documents::service("contoso").properties(json!({ "certificates": [] })));
    gateway.write(Documents::of("contoso").put("backends/b", bed.entity(nameless())));
    assert!(ask(&gateway).contains("UnknownIssuer"), "{}", ask(&gateway));
}

#[test]
fn certificates_that_an_entity_names_count_instead_of_a_chain() {
    let bed = Bed::new();
    let own = &bed.server.certificate;
    let issuer = crypto::text::hex_upper(&crypto::hash::sha1(bed.servers.der()));
    let (sha1, sha256) =
        (crypto::text::hex(&crypto::hash::sha1(own)), crypto::text::hex_upper(&crypto::hash::sha256(own)));
    let name = |name: &str, issuer: &str| json!({ "serverX509Names": [{ "name": name, "issuerCertificateThumbprint": issuer }] });
    for (mut tls, serves) in [
        (json!({ "serverCertificateThumbprints": ["00:11", sha1] }), true),
        (json!({ "serverCertificateThumbprints": [sha256] }), true),
        (json!({ "serverCertificateThumbprints": ["00".repeat(20)] }), false),
        (json!({ "serverCertificateThumbprints": ["00".repeat(20)], "validateCertificateChain": false }), false),
        (name("cluster.example", &issuer), true),
        (name("other.example", &issuer), false),
        (name("cluster.example", &"00".repeat(20)), false),
    ] {
        tls["validateCertificateName"] = false.into();
        let gateway = bed.start(json!([]), tls.clone());
        let answer = ask(&gateway);
        let refused = answer.contains("the server shows none of the certificates that its entity names");
        assert_eq!((answer == "served", refused), (serves, !serves), "{tls}: {answer}");
        // The name is judged all the same.
        tls["validateCertificateName"] = true.into();
        let gateway = bed.start(json!([]), tls);
        assert_ne!(ask(&gateway), "served");
    }
}
