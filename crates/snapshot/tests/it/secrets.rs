//! Sealed values are opened for what needs them, and named when they cannot be.

use std::sync::Arc;

use crypto::Keyring;
use serde_json::json;
use store::Key;

use crate::bed::{Bed, Fixed, SERVICE, put_at};

fn sealed(bed: &Bed, path: &str, pointer: &str, secret: &str) -> String {
    let key = Key::new(&format!("{SERVICE}/{path}"));
    bed.keyring.load().seal(&Fixed, key.as_str(), pointer, secret.as_bytes()).unwrap()
}

#[tokio::test]
async fn backends_carry_their_opened_credentials_and_named_values() {
    let bed = Bed::new().await;
    let value = sealed(&bed, "namedValues/token", "/properties/value", "t-1");
    bed.put("namedValues/token", json!({ "displayName": "token", "value": value, "secret": true })).await;
    let header = sealed(&bed, "backends/b", "/properties/credentials/header/x-a~1b/0", "hush");
    let credentials = json!({
        "header": { "x-a": ["{{token}}", "two"] },
        "query": { "code": ["{{token}}"] },
        "authorization": { "scheme": "Bearer", "parameter": "{{token}}" },
    });
    bed.put("backends/B", json!({ "url": "http://h/{{token}}", "protocol": "http", "credentials": credentials })).await;
    let directory = |bed: &Bed| bed.service().entity.directory.clone();
    let backend = Arc::clone(&directory(&bed).backends["b"]);
    assert_eq!(backend.url.as_ref().unwrap().to_string(), "http://h/t-1");
    let (name, values) = &backend.credentials.headers[0];
    assert_eq!((name.as_str(), values[0].text().as_ref(), values.len()), ("x-a", "t-1", 2));
    assert_eq!(backend.credentials.authorization.as_ref().unwrap().1.expose().as_ref(), "t-1");
    assert_eq!(&**backend.credentials.query[0].1[0].expose(), "t-1");

    // An opened secret belongs to its place, also under a name with a slash.
    bed.put("backends/b", json!({ "url": "http://h", "credentials": { "header": { "x-a/b": [header] } } })).await;
    assert_eq!(bed.problems(), ["backends/b: `x-a/b` is no header name"]);
    assert!(directory(&bed).backends.is_empty());
}

#[tokio::test]
async fn a_pool_follows_its_members() {
    let bed = Bed::new().await;
    let pool =
        json!({ "type": "Pool", "pool": { "services": [{ "id": format!("{SERVICE}/backends/One"), "weight": 3 }] } });
    bed.put("backends/All", pool).await;
    assert_eq!(bed.problems().len(), 1);
    for url in ["http://one/", "http://two/"] {
        bed.put("backends/One", json!({ "url": url })).await;
        let member = bed.service().entity.directory.backends["all"].pool.as_ref().unwrap().members[0].clone();
        assert_eq!((member.backend.url.as_ref().unwrap().to_string().as_str(), member.weight), (url, 3));
    }
    assert_eq!(bed.problems(), [""; 0]);
}

#[tokio::test]
async fn a_secret_that_cannot_be_opened_is_named_and_shows_nothing() {
    let bed = Bed::new().await;
    let elsewhere = sealed(&bed, "namedValues/other", "/properties/value", "t-1");
    bed.put("namedValues/token", json!({ "displayName": "token", "value": elsewhere, "secret": true })).await;
    let problems = bed.problems();
    assert!(
        problems.len() == 1 && problems[0].starts_with("namedvalues/token: the secret at /properties/value"),
        "{problems:?}"
    );
}

#[tokio::test]
async fn text_that_merely_looks_sealed_is_text_where_no_secret_lies() {
    let bed = Bed::new().await;
    bed.put("products/p", json!({ "displayName": "sealed:v1:00010203:AAAA" })).await;
    assert_eq!(bed.problems(), [""; 0]);
}

#[tokio::test]
async fn a_rotated_keyring_opens_what_is_written_next() {
    let bed = Bed::new().await;
    let mut keyring = Keyring::clone(&bed.keyring.load());
    keyring.rotate(&Counted);
    bed.keyring.store(Arc::new(keyring));
    let value = sealed(&bed, "namedValues/token", "/properties/value", "new");
    bed.put("namedValues/token", json!({ "displayName": "token", "value": value, "secret": true })).await;
    bed.put("backends/b", json!({ "url": "http://{{token}}" })).await;
    assert_eq!(bed.service().entity.directory.backends["b"].url.as_ref().unwrap().host.as_ref(), "new");
    assert_eq!(bed.problems(), [""; 0]);
}

struct Counted;

impl base::Entropy for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(9);
    }
}

#[tokio::test]
async fn a_certificate_is_found_by_name_and_thumbprint() {
    let bed = Bed::new().await;
    let now = base::Timestamp::from_secs(1_790_000_000);
    let authority = crypto::Authority::generate("Test", now).unwrap();
    let issued = authority.issue(&["client"], now).unwrap();
    let der = |pem: &str| crypto::text::from_pem(pem).unwrap().remove(0).1;
    let chain = [der(&issued.certificate_pem), der(authority.certificate_pem())];
    let pfx = crypto::pfx::write(&der(issued.key_pem.expose()), &chain, "secret").unwrap();
    let data = crypto::text::base64(&pfx);
    bed.put("certificates/C", json!({ "data": data, "password": "wrong" })).await;
    assert_eq!(bed.problems(), ["certificates/c: the password does not open the file"]);
    let thumbprint = crypto::x509::parse(&chain[0]).unwrap().thumbprint;
    bed.put("backends/b", json!({ "url": "https://h", "credentials": { "certificate": [thumbprint] } })).await;
    assert_eq!(bed.problems().len(), 2);
    bed.write(put_at(SERVICE, "certificates/C", json!({ "data": data, "password": "secret" }))).await;
    assert_eq!(bed.problems(), [""; 0]);
    let directory = bed.service().entity.directory.clone();
    let certificate = directory.backends["b"].credentials.certificate.clone().unwrap();
    assert_eq!((&*certificate.id, &*certificate.thumbprint, certificate.chain.len()), ("C", &*thumbprint, 2));
    assert_eq!(directory.certificates["c"].thumbprint, certificate.thumbprint);
}
