//! `service/apis`: an API, or with `;rev=N` one revision of it.

use arm::{Code, Error, ResourceId, Result};
use serde_json::{Value, json};

use crate::{Admission, Field, Index, NameRule, Reference, ResourceDef, Rule};

const TYPES: &[&str] = &["http", "soap", "websocket", "graphql", "odata", "grpc"];
const URLS: &[&str] = &["http", "https", "ws", "wss", "grpc", "grpcs"];
const WEBSOCKET_URLS: &[&str] = &["ws", "wss"];

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "apis",
    title: "API",
    name: NameRule::revision(256),
    fields: &[
        Field::required("displayName", Rule::Text(1, 300)),
        Field::required("path", Rule::Text(0, 400)),
        Field::new("description", Rule::Text(0, 100_000)),
        Field::new("serviceUrl", Rule::Text(0, 2000)),
        Field::new("type", Rule::Words(TYPES)),
        Field::new("apiType", Rule::Words(TYPES)),
        Field::new("protocols", Rule::List(0, 4)),
        Field::new("protocols[]", Rule::Words(&["http", "https", "ws", "wss"])),
        Field::new("apiRevision", Rule::Text(1, 100)),
        Field::new("apiVersion", Rule::Text(0, 100)),
        Field::new("apiRevisionDescription", Rule::Text(0, 256)),
        Field::new("apiVersionDescription", Rule::Text(0, 256)),
        Field::new("subscriptionRequired", Rule::Bool),
        Field::new("isCurrent", Rule::Bool),
        Field::new("subscriptionKeyParameterNames", Rule::Object),
        Field::new("subscriptionKeyParameterNames.header", Rule::Text(1, 100)),
        Field::new("subscriptionKeyParameterNames.query", Rule::Text(1, 100)),
        Field::new("authenticationSettings", Rule::Object),
        Field::new("contact", Rule::Object),
        Field::new("license", Rule::Object),
    ],
    defaults: &[
        ("type", "\"http\""),
        ("apiRevision", "\"1\""),
        ("isCurrent", "true"),
        ("subscriptionRequired", "true"),
        ("protocols", "[\"https\"]"),
        ("subscriptionKeyParameterNames.header", "\"Ocp-Apim-Subscription-Key\""),
        ("subscriptionKeyParameterNames.query", "\"subscription-key\""),
    ],
    read_only: &["isOnline", "provisioningState"],
    references: &[Reference {
        path: "apiVersionSetId",
        to: &["apiVersionSets"],
        collections: false,
        index: "version-set",
    }],
    admit,
    indexes,
    duplicate: |id, body, other| {
        let path = body["properties"]["path"].as_str().unwrap_or_default();
        Error::invalid(
            "path",
            format!(
                "Cannot create API '{}' with the same Path '{path}' as API '{}' unless it's a part of the same version \
                 set and has another version.",
                id.name(),
                other.name()
            ),
        )
    },
    ..ResourceDef::BASE
};

/// The name without `;rev=N`.
pub fn base_name(name: &str) -> &str {
    name.split_once(';').map_or(name, |(base, _)| base)
}

/// The revision that a name asks for.
pub fn revision_of(name: &str) -> Option<&str> {
    let (_, revision) = name.split_once(';')?;
    revision.get(..4).filter(|start| start.eq_ignore_ascii_case("rev=")).and_then(|_| revision.get(4..))
}

fn admit(api: &mut Admission<'_>) -> Result<()> {
    if let Some(url) = api.get("serviceUrl").as_str().filter(|url| !url.is_empty()) {
        let kind = [api.text("apiType"), api.text("type")].into_iter().find(|kind| !kind.is_empty());
        let schemes = if kind == Some("websocket") { WEBSOCKET_URLS } else { URLS };
        let known = url.split_once("://").is_some_and(|(scheme, rest)| {
            !rest.is_empty() && schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme))
        });
        if !known && !url.contains("{{") {
            return Err(Error::invalid(
                "serviceUrl",
                format!("'{url}' is not an absolute URL ({}).", schemes.join(", ")),
            ));
        }
    }
    if api.text("path").contains(['?', '#', '*', ' ']) {
        return Err(Error::invalid("path", "'path' must not contain any of ? # * or spaces."));
    }
    let versioned = !api.text("apiVersion").is_empty();
    if versioned && api.text("apiVersionSetId").is_empty() {
        return Err(Error::invalid("apiVersionSetId", "'apiVersionSetId' is required where 'apiVersion' is given."));
    }
    if let Some(revision) = revision_of(api.id.name()).map(str::to_owned) {
        api.set("apiRevision", revision);
        api.set("isCurrent", false);
    } else {
        api.set("isCurrent", true);
    }
    // Importing is an order given once, not a state.
    if let Some(properties) = api.body["properties"].as_object_mut() {
        for order in ["value", "format", "wsdlSelector", "sourceApiId", "translateRequiredQueryParameters"] {
            properties.shift_remove(order);
        }
    }
    if api.get("apiType").is_string() {
        let kind = api.get("apiType").clone();
        api.set("type", kind);
    }
    let was = api.existing.and_then(|existing| existing["properties"]["type"].as_str());
    if was.is_some_and(|was| (was == "websocket") != (api.text("type") == "websocket")) {
        return Err(Error::invalid("type", "An API cannot become or cease to be a WebSocket API."));
    }
    if !matches!(api.text("type"), "http" | "soap" | "websocket" | "grpc") {
        // It would be stored and never answer as what it says it is.
        let message = format!("APIs of type '{}' are not supported by this server yet.", api.text("type"));
        return Err(Error::new(Code::OperationNotSupported, message)
            .at("type", "must be http, soap, websocket or grpc for now."));
    }
    Ok(())
}

/// A current revision answers at an address; revisions share it with their base.
fn indexes(id: &ResourceId, body: &Value) -> Vec<Index> {
    let properties = &body["properties"];
    let base = Index::many("api-base", Index::scoped(id, base_name(id.name())));
    if revision_of(id.name()).is_some() {
        return vec![base];
    }
    let text = |name: &str| properties[name].as_str().unwrap_or_default();
    // A WebSocket API may share the path of an HTTP API.
    let class = if text("type") == "websocket" { "ws" } else { "http" };
    let path = format!("{class}|{}", text("path").trim_matches('/'));
    let address = json!([path, text("apiVersionSetId").to_lowercase(), text("apiVersion")]).to_string();
    // The workspaces of a service share its gateway, and so its paths.
    let service = id.service().unwrap_or_else(|| id.clone());
    let (path, address) = (
        Index::many("api-path", Index::scoped(&service, &path)),
        Index::one_in_scope("api-address", &service, &address),
    );
    vec![base, path, address]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_base_and_revision() {
        assert_eq!((base_name("a;rev=2"), revision_of("a;rev=2")), ("a", Some("2")));
        assert_eq!((base_name("a"), revision_of("a"), revision_of("a;x")), ("a", None, None));
        assert_eq!(revision_of("a;é"), None);
    }
}
