//! An API: its entity, its revision and how its version is told.

use std::{borrow::Cow, sync::Arc};

use policy::{Url, entity::Api};
use resources::{base_name, revision_of};
use store::Key;

use crate::{
    addresses::VersionIn,
    docs::{Doc, Docs},
    named::NamedValues,
};

const KEY_HEADER: &str = "Ocp-Apim-Subscription-Key";
const KEY_QUERY: &str = "subscription-key";

/// `grpc` and `grpcs` are HTTP/2 with and without TLS.
fn over_http(url: &str) -> Cow<'_, str> {
    match url.trim().split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("grpc") => Cow::Owned(format!("http://{rest}")),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("grpcs") => Cow::Owned(format!("https://{rest}")),
        _ => Cow::Borrowed(url),
    }
}

/// The API as requests see it, and what is wrong with its service URL. `base` is the document of its current revision,
/// which all revisions share an address with.
pub(crate) fn api(doc: &Doc, base: &Doc, named: &NamedValues) -> (Api, Option<String>) {
    let text = named.expand(doc.text("serviceUrl"));
    let service_url = Url::parse(&over_http(&text));
    let problem =
        (service_url.is_none() && !text.trim().is_empty()).then(|| format!("its service URL `{text}` is not one"));
    let key_name = |name: &str, or: &str| -> Arc<str> {
        let given = doc.get("subscriptionKeyParameterNames")[name].as_str();
        given.filter(|given| !given.is_empty()).unwrap_or(or).into()
    };
    let protocols = doc.get("protocols").as_array().into_iter().flatten();
    let api = Api {
        id: base_name(doc.name()).into(),
        name: doc.shared("displayName"),
        path: base.text("path").trim_matches('/').into(),
        protocols: protocols.filter_map(|protocol| protocol.as_str().map(Into::into)).collect(),
        service_url,
        grpc: doc.text("type") == "grpc",
        key_header: key_name("header", KEY_HEADER),
        key_query: key_name("query", KEY_QUERY),
        subscription_required: doc.flag("subscriptionRequired", true),
        is_current_revision: revision_of(doc.name()).is_none(),
        revision: revision(doc).into(),
        version: base.shared("apiVersion"),
    };
    (api, problem)
}

/// The revision that a document holds.
fn revision(doc: &Doc) -> &str {
    revision_of(doc.name())
        .unwrap_or_else(|| Some(doc.text("apiRevision")).filter(|text| !text.is_empty()).unwrap_or("1"))
}

/// The key of the document that holds the current revision.
pub(crate) fn base_key(doc: &Doc) -> Key {
    Key::new(base_name(doc.key.as_str()))
}

/// How a version is told, and what it adds to the path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) told: VersionIn,
    pub(crate) segment: String,
}

/// How a request tells that it means the version of this API. An API of a version set without a version is the original.
pub(crate) fn version(base: &Doc, docs: &Docs) -> Version {
    let version = base.text("apiVersion");
    let in_path = |segment: &str| Version { told: VersionIn::Path, segment: segment.to_owned() };
    let set = Key::new(base.text("apiVersionSetId"));
    let Some(set) = docs.get("apiversionsets", &set).filter(|_| !version.is_empty()) else { return in_path("") };
    let told = match set.text("versioningScheme") {
        "Header" => VersionIn::Header(set.text("versionHeaderName").into(), version.into()),
        "Query" => VersionIn::Query(set.text("versionQueryName").into(), version.into()),
        _ => return in_path(version),
    };
    Version { told, segment: String::new() }
}
