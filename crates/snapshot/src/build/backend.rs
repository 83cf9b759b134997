//! Backends and client certificates: what expressions and `backend-id` find by name.

use std::{collections::HashMap, sync::Arc};

use base::Secret;
use bytes::Bytes;
use policy::{
    HeaderName, HeaderValue, Url,
    entity::{Backend, BackendTls, ClientCertificate, Credentials, Directory, Proxy, Slot},
};
use serde_json::Value;
use store::Key;

use crate::{
    build::{fabric, traffic},
    docs::{Doc, Docs},
    named::NamedValues,
};

/// Client certificates by name.
pub(crate) type Certificates = HashMap<Box<str>, Arc<ClientCertificate>>;
/// Documents that cannot be used, and why.
pub(crate) type Wrong = Vec<(Key, String)>;

/// The certificates of a service or workspace, and what is wrong with those that are left out. Opening them is slow.
pub(crate) fn certificates(scope: &Key, docs: &Docs) -> (Certificates, Wrong) {
    let (mut certificates, mut wrong) = (Certificates::new(), Wrong::new());
    for doc in docs.children(scope, "certificates") {
        match certificate(doc) {
            Ok(certificate) => drop(certificates.insert(doc.key.name().into(), Arc::new(certificate))),
            Err(problem) => wrong.push((doc.key.clone(), problem)),
        }
    }
    (certificates, wrong)
}

/// The backends of a service or workspace with its certificates, and what is wrong with backends that are left out.
pub(crate) fn directory(
    scope: &Key,
    docs: &Docs,
    named: &NamedValues,
    certificates: Certificates,
) -> (Directory, Wrong) {
    let mut wrong = Wrong::new();
    let mut backends: HashMap<Box<str>, Arc<Backend>> = HashMap::new();
    // Pools come last: they hold the backends that they choose from.
    let (pools, single): (Vec<_>, Vec<_>) =
        docs.children(scope, "backends").partition(|doc| doc.text("type").eq_ignore_ascii_case("pool"));
    for doc in single.into_iter().chain(pools) {
        match backend(doc, named, &certificates, &backends) {
            Ok(backend) => drop(backends.insert(doc.key.name().into(), Arc::new(backend))),
            Err(problem) => wrong.push((doc.key.clone(), problem)),
        }
    }
    (Directory::new(backends, certificates), wrong)
}

fn certificate(doc: &Doc) -> Result<ClientCertificate, String> {
    let data: String = doc.text("data").split_ascii_whitespace().collect();
    let data = crypto::text::from_base64(&data).map_err(|error| error.to_string())?;
    let pfx = crypto::pfx::read(&data, doc.text("password")).map_err(|error| error.to_string())?;
    let own = pfx.certificates.first().ok_or("it holds no certificate")?;
    let thumbprint = crypto::text::hex_upper(&crypto::hash::sha1(own)).into();
    Ok(ClientCertificate {
        id: doc.name().into(),
        thumbprint,
        chain: pfx.certificates.into_iter().map(Bytes::from).collect(),
        key: Secret::new(pfx.key.map(Secret::into_exposed).unwrap_or_default().into()),
    })
}

fn backend(
    doc: &Doc,
    named: &NamedValues,
    certificates: &Certificates,
    backends: &HashMap<Box<str>, Arc<Backend>>,
) -> Result<Backend, String> {
    let url = named.expand(doc.text("url"));
    let proxy = proxy(doc.get("proxy"), named)?;
    let cluster = &doc.get("properties")["serviceFabricCluster"];
    let fabric = fabric::cluster(cluster, url.trim(), named, certificates, proxy.clone())?;
    let url = match url.trim() {
        "" => None,
        _ if fabric.is_some() => None,
        url => Some(Url::parse(url).ok_or_else(|| format!("its URL `{url}` is not one"))?),
    };
    let tls = |name: &str| doc.get("tls")[name].as_bool().unwrap_or(true);
    let pool = traffic::pool(doc.get("pool"), backends)?;
    Ok(Backend {
        id: doc.name().into(),
        key: doc.key.as_str().into(),
        title: doc.shared("title"),
        azure_region: doc.get("azureRegion").as_str().map(Into::into),
        url: pool.as_ref().map_or(url, traffic::address),
        protocol: doc.shared("protocol"),
        credentials: credentials(doc.get("credentials"), named, certificates)?,
        proxy,
        tls: BackendTls {
            validate_chain: tls("validateCertificateChain"),
            validate_name: tls("validateCertificateName"),
            pins: fabric::pins(doc.get("tls")).map(Arc::new),
        },
        breaker: traffic::breaker(doc.get("circuitBreaker"))?,
        pool,
        fabric,
        known: Slot::default(),
    })
}

fn credentials(value: &Value, named: &NamedValues, certificates: &Certificates) -> Result<Credentials, String> {
    let expanded = |value: &Value| named.expand(value.as_str().unwrap_or_default()).into_owned();
    let lists = |name: &str| value[name].as_object().into_iter().flatten();
    let items = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let headers = lists("header").map(|(name, list)| {
        let header = HeaderName::parse(name).ok_or_else(|| format!("`{name}` is no header name"))?;
        let values = items(list).iter().map(|value| HeaderValue::parse(&expanded(value))).collect::<Option<_>>();
        Ok((header, values.ok_or_else(|| format!("a value of its header `{name}` holds a line break"))?))
    });
    let query = lists("query").map(|(name, list)| {
        let values = items(list).iter().map(|value| Secret::new(expanded(value).into())).collect();
        (name.as_str().into(), values)
    });
    let authorization = value["authorization"].as_object().map(|authorization| {
        let part = |name: &str| authorization.get(name).map(&expanded).unwrap_or_default();
        (part("scheme").into(), Secret::new(part("parameter").into()))
    });
    Ok(Credentials {
        headers: headers.collect::<Result<_, String>>()?,
        query: query.collect(),
        authorization,
        certificate: client_certificate(value, certificates)?,
    })
}

/// The first certificate that the credentials name: by id, else by thumbprint.
fn client_certificate(value: &Value, certificates: &Certificates) -> Result<Option<Arc<ClientCertificate>>, String> {
    let first = |name: &str| value[name].as_array().and_then(|list| list.first()?.as_str());
    let missing = |what: &str| format!("its client certificate `{what}` is not there");
    if let Some(id) = first("certificateIds") {
        return certificates.get(Key::new(id).name()).cloned().map(Some).ok_or_else(|| missing(id));
    }
    let Some(thumbprint) = first("certificate") else { return Ok(None) };
    let found = certificates.values().find(|certificate| certificate.thumbprint.eq_ignore_ascii_case(thumbprint));
    found.cloned().map(Some).ok_or_else(|| missing(thumbprint))
}

fn proxy(value: &Value, named: &NamedValues) -> Result<Option<Arc<Proxy>>, String> {
    let Some(url) = value["url"].as_str() else { return Ok(None) };
    let url = Url::parse(&named.expand(url)).ok_or_else(|| format!("its proxy's URL `{url}` is not one"))?;
    let text = |name: &str| value[name].as_str().map(|text| named.expand(text).into_owned().into());
    Ok(Some(Arc::new(Proxy {
        url,
        user: text("username"),
        password: Secret::new(text("password").unwrap_or_default()),
    })))
}
