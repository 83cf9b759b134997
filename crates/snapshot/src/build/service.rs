//! The service itself and its workspaces.

use policy::entity::{Authority, Directory, Service, Workspace};

use super::authorizations;
use crate::docs::{Doc, Docs};

/// The service as requests see it.
pub(crate) fn service(doc: &Doc, docs: &Docs, directory: Directory) -> Service {
    Service {
        name: doc.name().into(),
        id: doc.id.as_str().into(),
        region: doc.body["location"].as_str().unwrap_or_default().into(),
        gateway_id: "managed".into(),
        gateway_is_managed: true,
        directory,
        authorities: authorities(doc),
        asks_for_certificate: asks_for_certificate(doc),
        principal: doc.body["identity"]["principalId"].as_str().map(Into::into),
        authorizations: authorizations(&doc.key, docs),
        ..Service::default()
    }
}

/// The certificates of authorities that an operator put into the service. What cannot be read vouches for nobody.
fn authorities(doc: &Doc) -> Box<[Authority]> {
    let certificates = doc.get("certificates").as_array().into_iter().flatten();
    let authority = |value: &serde_json::Value| {
        let data: String = value["encodedCertificate"].as_str()?.split_ascii_whitespace().collect();
        let data = crypto::text::from_base64(&data).ok()?;
        let certificate = crypto::x509::parse(&data).ok().or_else(|| {
            let password = value["certificatePassword"].as_str().unwrap_or_default();
            crypto::x509::parse(crypto::pfx::read(&data, password).ok()?.certificates.first()?).ok()
        })?;
        Some(Authority { certificate, is_root: value["storeName"] == "Root" })
    };
    certificates.filter_map(authority).collect()
}

/// Whether one of the gateway's host names asks clients for a certificate, or all do (`enableClientCertificate`).
fn asks_for_certificate(doc: &Doc) -> bool {
    let mut hosts = doc.get("hostnameConfigurations").as_array().into_iter().flatten();
    let asks = |host: &serde_json::Value| host["type"] == "Proxy" && host["negotiateClientCertificate"] == true;
    doc.flag("enableClientCertificate", false) || hosts.any(asks)
}

/// A workspace as requests see it.
pub(crate) fn workspace(doc: &Doc, directory: Directory) -> Workspace {
    Workspace { id: doc.name().into(), name: doc.shared("displayName"), directory }
}

/// The host names at which the service's gateway answers, besides its own under `localhost`.
pub(crate) fn hosts(doc: &Doc) -> Vec<String> {
    let configurations = doc.get("hostnameConfigurations").as_array().into_iter().flatten();
    let proxies = configurations.filter(|host| host["type"] == "Proxy");
    proxies.filter_map(|host| host["hostName"].as_str()).map(str::to_lowercase).collect()
}
