//! The service itself and its workspaces.

use std::sync::Arc;

use policy::{
    entity::{Authority, Directory, Service, Workspace},
    trust::Anchors,
};

use super::{Wrong, authorizations};
use crate::{
    docs::{Doc, Docs},
    hosts::{HostCertificate, HostName},
};

/// The service as requests see it.
pub(crate) fn service(doc: &Doc, docs: &Docs, directory: Directory) -> Service {
    let authorities = authorities(doc);
    Service {
        name: doc.name().into(),
        id: doc.id.as_str().into(),
        region: doc.body["location"].as_str().unwrap_or_default().into(),
        gateway_id: "managed".into(),
        gateway_is_managed: true,
        directory,
        anchors: anchors(&authorities),
        authorities,
        asks_for_certificate: doc.flag("enableClientCertificate", false),
        principal: doc.body["identity"]["principalId"].as_str().map(Into::into),
        authorizations: authorizations(&doc.key, docs),
        ..Service::default()
    }
}

/// The same for calls of backends.
pub(super) fn anchors(authorities: &[Authority]) -> Option<Arc<Anchors>> {
    let of = |is_root: bool| {
        let fit = authorities.iter().filter(move |authority| authority.is_root == is_root);
        fit.map(|authority| authority.certificate.der.clone().into()).collect()
    };
    Anchors::new(of(true), of(false)).map(Arc::new)
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

/// A workspace as requests see it.
pub(crate) fn workspace(doc: &Doc, directory: Directory) -> Workspace {
    Workspace { id: doc.name().into(), name: doc.shared("displayName"), directory }
}

/// The host names at which the service's gateway answers, besides its own under `localhost`, and what is wrong with their
/// certificates. What has not changed is taken from `before`.
pub(crate) fn hosts(doc: &Doc, before: &[Arc<HostName>]) -> (Vec<Arc<HostName>>, Wrong) {
    let mut wrong = Wrong::new();
    let configurations = doc.get("hostnameConfigurations").as_array().into_iter().flatten();
    let proxies = configurations.filter(|host| host["type"] == "Proxy");
    let hosts = proxies.filter_map(|host| {
        let name = host["hostName"].as_str()?.to_lowercase();
        let text = |name: &str| host[name].as_str().unwrap_or_default();
        let (file, password) = (text("encodedCertificate"), text("certificatePassword"));
        let certificate = covered(file, password, before).unwrap_or_else(|why| {
            wrong.push((doc.key.clone(), format!("the certificate of its host {name} cannot be used: {why}")));
            None
        });
        Some(Arc::new(HostName {
            name: name.into(),
            asks_for_certificate: host["negotiateClientCertificate"] == true,
            is_default: host["defaultSslBinding"] == true,
            certificate,
        }))
    });
    let hosts = hosts.collect();
    (hosts, wrong)
}

/// The certificate in a PFX file, taken from `before` if it is there; none without a file.
pub(super) fn covered(
    file: &str,
    password: &str,
    before: &[Arc<HostName>],
) -> Result<Option<Arc<HostCertificate>>, String> {
    if file.is_empty() {
        return Ok(None);
    }
    let mut known = before.iter().filter_map(|host| host.certificate.as_ref());
    match known.find(|one| one.is_from(file, password)) {
        Some(known) => Ok(Some(Arc::clone(known))),
        None => HostCertificate::open(file, password).map(|certificate| Some(Arc::new(certificate))),
    }
}
