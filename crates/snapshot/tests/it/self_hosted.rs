//! The documents of one self-hosted gateway, as it publishes them.

use std::sync::Arc;

use arc_swap::ArcSwap;
use base::Timestamp;
use crypto::Keyring;
use serde_json::{Value, json};
use snapshot::{Parts, Publisher};
use store::{Batch, Memory, Store};
use testkit::{FixedEntropy, ManualClock};

use crate::bed::{SERVICE, compiler, put_at};

async fn publisher(self_hosted: bool) -> Publisher {
    let store = Arc::new(Memory::new());
    let mut batch = Batch::new(Timestamp(1)).write(put_at(SERVICE, "", json!({})));
    let certificate = format!("{SERVICE}/certificates/none");
    let documents: [(&str, Value); 4] = [
        ("gateways/edge", json!({ "locationData": { "name": "shop floor" } })),
        ("gateways/edge/hostnameConfigurations/h", json!({ "hostname": "Edge.example", "certificateId": certificate })),
        // It is open, and looks as if it were sealed.
        ("namedValues/n", json!({ "displayName": "n", "value": "sealed:v1:00010203:AAAA", "secret": true })),
        ("apis/a", json!({ "displayName": "a", "path": "a", "serviceUrl": "http://{{n}}/" })),
    ];
    for (path, properties) in documents {
        batch = batch.write(put_at(SERVICE, path, properties));
    }
    store.commit(batch).await.unwrap();
    let parts = Parts {
        store: store as Arc<dyn Store>,
        keyring: Arc::new(ArcSwap::from_pointee(Keyring::generate(&FixedEntropy::new(1)))),
        compiler: compiler(),
        clock: Arc::new(ManualClock::at(Timestamp(0))),
        default_service: None,
        self_hosted,
    };
    Publisher::start(parts).await.unwrap()
}

#[tokio::test]
async fn a_self_hosted_gateway_has_its_own_name_place_and_hosts() {
    let publisher = publisher(true).await;
    let snapshot = publisher.current();
    let service = snapshot.by_host("edge.example").unwrap();
    let entity = &service.entity;
    assert_eq!((&*entity.gateway_id, entity.gateway_is_managed, &*entity.region), ("edge", false, "shop floor"));
    assert!(service.host("edge.example").unwrap().certificate.is_none());
    let problems: Vec<&str> = snapshot.problems().map(|problem| problem.message.as_str()).collect();
    assert!(
        problems.iter().any(|problem| problem.contains("certificate cannot be used: it is not there")),
        "{problems:?}"
    );
    assert!(!problems.iter().any(|problem| problem.contains("the secret at")), "{problems:?}");
}

#[tokio::test]
async fn the_services_own_gateway_takes_no_notice_of_others() {
    let publisher = publisher(false).await;
    let service = Arc::clone(&publisher.current().services()[0]);
    assert_eq!((&*service.entity.gateway_id, service.entity.gateway_is_managed), ("managed", true));
    assert!(service.host("edge.example").is_none());
    assert!(publisher.current().problems().any(|problem| problem.message.contains("the secret at")));
}
