//! What a self-hosted gateway has instead of the service: its name, its host names, the authorities that it trusts.

use std::sync::Arc;

use policy::entity::{Authority, Service};
use store::Key;

use super::{Wrong, anchors, covered};
use crate::{
    docs::{Doc, Docs},
    hosts::HostName,
};

/// The service as requests to this gateway see it.
pub(crate) fn of_gateway(service: Service, gateway: &Doc, docs: &Docs) -> Service {
    let location = gateway.get("locationData")["name"].as_str().unwrap_or_default();
    let authorities = authorities(gateway, docs);
    Service {
        gateway_id: gateway.name().into(),
        gateway_is_managed: false,
        region: if location.is_empty() { service.region } else { location.into() },
        anchors: anchors(&authorities),
        authorities,
        ..service
    }
}

/// Certificates of the service that the gateway takes for authorities. What cannot be read vouches for nobody.
fn authorities(gateway: &Doc, docs: &Docs) -> Box<[Authority]> {
    let authority = |doc: &Arc<Doc>| {
        let certificate = docs.get("certificates", &gateway.scope.child(&format!("certificates/{}", doc.name())))?;
        let data: String = certificate.text("data").split_ascii_whitespace().collect();
        let data = crypto::text::from_base64(&data).ok()?;
        let pfx = crypto::pfx::read(&data, certificate.text("password")).ok()?;
        let certificate = crypto::x509::parse(pfx.certificates.first()?).ok()?;
        Some(Authority { certificate, is_root: doc.flag("isTrusted", false) })
    };
    docs.children(&gateway.key, "gateways/certificateauthorities").filter_map(authority).collect()
}

/// The host names at which the gateway answers, and what is wrong with their certificates. What has not changed is taken from `before`.
pub(crate) fn hosts_of_gateway(gateway: &Doc, docs: &Docs, before: &[Arc<HostName>]) -> (Vec<Arc<HostName>>, Wrong) {
    let mut wrong = Wrong::new();
    let mut hosts = Vec::new();
    for doc in docs.children(&gateway.key, "gateways/hostnameconfigurations") {
        let pfx = docs.get("certificates", &Key::new(doc.text("certificateId")));
        let pfx = pfx.map(|certificate| (certificate.text("data"), certificate.text("password")));
        let certificate = match pfx {
            Some((file, password)) => covered(file, password, before),
            None => Err("it is not there".to_owned()),
        };
        let certificate = certificate.unwrap_or_else(|why| {
            wrong.push((doc.key.clone(), format!("its certificate cannot be used: {why}")));
            None
        });
        hosts.push(Arc::new(HostName {
            name: doc.text("hostname").to_lowercase().into(),
            asks_for_certificate: doc.flag("negotiateClientCertificate", false),
            // The first answers clients that name no host.
            is_default: hosts.is_empty(),
            certificate,
        }));
    }
    (hosts, wrong)
}
