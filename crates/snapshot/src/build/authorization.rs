//! The credential manager: authorizations that policies get tokens from.

use std::{collections::HashMap, sync::Arc};

use base::Secret;
use policy::{
    Url,
    entity::{AccessPolicy, Authorization, ClientCredentials},
    login,
};
use serde_json::{Map, Value};
use store::Key;

use crate::docs::{Doc, Docs};

/// Authorizations by provider and name.
pub(crate) type Authorizations = HashMap<(Box<str>, Box<str>), Arc<Authorization>>;

const AUTHORIZATIONS: &str = "authorizationproviders/authorizations";
const ACCESS: &str = "authorizationproviders/authorizations/accesspolicies";

/// The authorizations of a service.
pub(crate) fn authorizations(service: &Key, docs: &Docs) -> Authorizations {
    let providers = docs.children(service, "authorizationproviders");
    let pairs = providers.flat_map(|provider| {
        let name: Box<str> = provider.key.name().into();
        docs.children(&provider.key, AUTHORIZATIONS).map(move |doc| {
            let parameters = parameters(provider, doc);
            let authorization = Authorization {
                key: doc.key.as_str().into(),
                login: Url::parse(text(&parameters, "loginUri")),
                grant: grant(provider, doc, &parameters),
                access: docs.children(&doc.key, ACCESS).map(|doc| access(doc)).collect(),
            };
            ((name.clone(), doc.key.name().into()), Arc::new(authorization))
        })
    });
    pairs.collect()
}

/// What provider and authorization say together; the authorization goes first.
fn parameters(provider: &Doc, authorization: &Doc) -> Map<String, Value> {
    let mut parameters = Map::new();
    let provider = &provider.get("oauth2")["grantTypes"]["clientCredentials"];
    for source in [provider, authorization.get("parameters")] {
        let given = source.as_object().into_iter().flatten().filter(|(_, value)| value.as_str() != Some(""));
        parameters.extend(given.map(|(name, value)| (name.clone(), value.clone())));
    }
    parameters
}

fn text<'p>(parameters: &'p Map<String, Value>, name: &str) -> &'p str {
    parameters.get(name).and_then(Value::as_str).unwrap_or_default().trim()
}

fn grant(provider: &Doc, doc: &Doc, parameters: &Map<String, Value>) -> Result<ClientCredentials, String> {
    if doc.text("oauth2grantType") != "ClientCredentials" {
        return Err("its grant is AuthorizationCode, and consent cannot be given here yet".into());
    }
    let required = |name: &str| match text(parameters, name) {
        "" => Err(format!("its parameter {name} is missing")),
        text => Ok(text),
    };
    let is_entra = provider.text("identityProvider").eq_ignore_ascii_case("aad");
    let mut fields: Vec<(Arc<str>, Arc<str>)> = Vec::new();
    let token_url = if is_entra {
        let login = match text(parameters, "loginUri") {
            "" => login::ENDPOINT,
            login => login,
        };
        format!("{}/{}/oauth2/v2.0/token", login.trim_end_matches('/'), required("tenantId")?)
    } else {
        required("tokenUrl")?.to_owned()
    };
    let scope = match (text(parameters, "scopes"), text(parameters, "resourceUri")) {
        ("", resource) if is_entra && !resource.is_empty() => format!("{}/.default", resource.trim_end_matches('/')),
        (scopes, _) => scopes.to_owned(),
    };
    if !scope.is_empty() {
        fields.push(("scope".into(), scope.into()));
    }
    if !is_entra {
        // What a provider wants beyond the standard, such as an audience.
        const KNOWN: &[&str] = &["clientId", "clientSecret", "tokenUrl", "refreshUrl", "authorizationUrl", "scopes"];
        let more = parameters.iter().filter(|(name, _)| !KNOWN.contains(&name.as_str()));
        fields.extend(more.filter_map(|(name, value)| Some((name.as_str().into(), value.as_str()?.into()))));
    }
    Ok(ClientCredentials {
        token_url: Url::parse(&token_url).ok_or_else(|| format!("`{token_url}` is no URL"))?,
        client_id: required("clientId")?.into(),
        client_secret: Secret::new(required("clientSecret")?.into()),
        fields: fields.into(),
    })
}

fn access(doc: &Doc) -> AccessPolicy {
    let apps = doc.get("appIds").as_array().into_iter().flatten();
    AccessPolicy {
        object_id: doc.shared("objectId"),
        tenant_id: doc.shared("tenantId"),
        app_ids: apps.filter_map(|app| app.as_str().map(Into::into)).collect(),
    }
}
