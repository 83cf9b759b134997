//! Service Fabric clusters of backend entities.

use std::sync::Arc;

use policy::{
    Url,
    entity::{Backend, BackendTls, ClientCertificate, Credentials, Proxy},
    fabric::FabricCluster,
    trust::Pins,
};
use serde_json::Value;
use store::Key;

use crate::{build::backend::Certificates, named::NamedValues};

/// How often something is tried again where the entity does not say.
const RETRIES: u32 = 5;

/// The cluster of an entity with this URL; `None` without one.
pub(crate) fn cluster(
    value: &Value,
    url: &str,
    named: &NamedValues,
    certificates: &Certificates,
    proxy: Option<Arc<Proxy>>,
) -> Result<Option<Arc<FabricCluster>>, String> {
    let service = FabricCluster::service_in(url);
    if value.is_null() {
        return match service {
            Some(_) => Err(format!("its URL `{url}` needs a Service Fabric cluster (properties.serviceFabricCluster)")),
            None => Ok(None),
        };
    }
    let texts = |name: &str| {
        let list = value[name].as_array().into_iter().flatten().filter_map(Value::as_str);
        list.map(|text| named.expand(text).into_owned()).collect::<Vec<_>>()
    };
    let endpoint =
        |text: &String| Url::parse(text).ok_or_else(|| format!("its management endpoint `{text}` is no URL"));
    let endpoints = texts("managementEndpoints").iter().map(endpoint).collect::<Result<Box<[_]>, _>>()?;
    if endpoints.is_empty() {
        return Err("its Service Fabric cluster has no management endpoint".into());
    }
    let pins = pins(value);
    let tls = BackendTls { validate_name: pins.is_none(), pins: pins.map(Arc::new), ..BackendTls::default() };
    let certificate = client_certificate(value, certificates)?;
    let management = Backend {
        tls,
        proxy,
        credentials: Credentials { certificate, ..Credentials::default() },
        ..Backend::default()
    };
    let retries = value["maxPartitionResolutionRetries"].as_u64().and_then(|count| u32::try_from(count).ok());
    Ok(Some(Arc::new(FabricCluster {
        endpoints,
        service: service.unwrap_or_default().into(),
        management: Arc::new(management),
        retries: retries.unwrap_or(RETRIES),
    })))
}

/// The certificates that an entity names for a server: of a backend's `tls`, or of a cluster.
pub(crate) fn pins(value: &Value) -> Option<Pins> {
    let digits = |text: &str| -> Box<str> {
        text.chars().filter(char::is_ascii_hexdigit).map(|digit| digit.to_ascii_lowercase()).collect::<String>().into()
    };
    let list = |name: &str| value[name].as_array().into_iter().flatten();
    let name = |value: &Value| {
        let name = value["name"].as_str()?.trim();
        let name = name.strip_prefix("CN=").unwrap_or(name);
        Some((name.into(), digits(value["issuerCertificateThumbprint"].as_str()?)))
    };
    let pins = Pins {
        thumbprints: list("serverCertificateThumbprints").filter_map(Value::as_str).map(digits).collect(),
        names: list("serverX509Names").filter_map(name).collect(),
    };
    pins.some()
}

/// The certificate that the cluster knows us by: by id, else by thumbprint, whose name ARM writes without a capital letter.
fn client_certificate(value: &Value, certificates: &Certificates) -> Result<Option<Arc<ClientCertificate>>, String> {
    let missing = |what: &str| format!("the client certificate `{what}` of its cluster is not there");
    if let Some(id) = value["clientCertificateId"].as_str().filter(|id| !id.is_empty()) {
        return certificates.get(Key::new(id).name()).cloned().map(Some).ok_or_else(|| missing(id));
    }
    let thumbprint = value["clientCertificatethumbprint"].as_str().or(value["clientCertificateThumbprint"].as_str());
    let Some(thumbprint) = thumbprint.filter(|thumbprint| !thumbprint.is_empty()) else { return Ok(None) };
    let found = certificates.values().find(|certificate| certificate.thumbprint.eq_ignore_ascii_case(thumbprint));
    found.cloned().map(Some).ok_or_else(|| missing(thumbprint))
}
