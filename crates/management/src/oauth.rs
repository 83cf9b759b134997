//! Sign-in: the paths of the token endpoint, discovery and the key set, in the forms that clients ask for.

use arm::Result;
use axum::http::{HeaderMap, Method, header, request::Parts};
use bytes::Bytes;
use control::{Answer, Control};
use serde_json::json;

use crate::codec;

/// What a path means to the identity provider.
#[derive(Debug, PartialEq, Eq)]
enum Meant {
    Discovery { version_two: bool },
    Keys,
    Token,
    Instances,
}

/// Answers a path of the identity provider; `None` if it is none.
pub(crate) async fn answer(control: &Control, parts: &Parts, path: &[String], body: &Bytes) -> Option<Result<Answer>> {
    let (tenant, meant) = meant(path)?;
    let verb = if meant == Meant::Token { Method::POST } else { Method::GET };
    if parts.method != verb {
        return Some(Ok(Answer::status(405).header("allow", verb.as_str())));
    }
    if meant == Meant::Instances {
        return Some(Ok(instances(control)));
    }
    Some(match meant {
        Meant::Token => {
            let form = codec::form(&String::from_utf8_lossy(body));
            control.sign_in(&tenant, &form, basic(&parts.headers)).await
        }
        _ if !control.knows_tenant(&tenant) => {
            let message = format!("AADSTS90002: Tenant '{tenant}' not found.");
            Ok(Answer::json(400, json!({ "error": "invalid_tenant", "error_description": message })))
        }
        Meant::Keys => control.key_set().await.map(|keys| Answer::json(200, keys)),
        Meant::Discovery { version_two } => Ok(Answer::json(200, control.discovery(&tenant, version_two))),
        Meant::Instances => Ok(instances(control)),
    })
}

/// The tenant and the meaning of a path. Clients of the ADFS kind put `adfs` before or in place of the tenant.
fn meant(path: &[String]) -> Option<(String, Meant)> {
    let lower: Vec<String> = path.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let meaning = |rest: &[&str]| {
        Some(match rest {
            ["v2.0", ".well-known", "openid-configuration"] => Meant::Discovery { version_two: true },
            [".well-known", "openid-configuration"] => Meant::Discovery { version_two: false },
            ["discovery", "keys"] | ["discovery", "v2.0", "keys"] => Meant::Keys,
            ["oauth2", "token"] | ["oauth2", "v2.0", "token"] => Meant::Token,
            _ => return None,
        })
    };
    match lower.as_slice() {
        ["common", "discovery", "instance"] => Some(("common".to_owned(), Meant::Instances)),
        ["adfs", "adfs", rest @ ..] => meaning(rest).map(|meant| ("adfs".to_owned(), meant)),
        [_, rest @ ..] => meaning(rest).map(|meant| (path.first().cloned().unwrap_or_default(), meant)),
        [] => None,
    }
}

/// Instance discovery: this server is the only instance, and vouches for itself.
fn instances(control: &Control) -> Answer {
    let settings = control.settings();
    let host = settings.origin.split_once("://").map_or(settings.origin.as_str(), |(_, host)| host);
    let metadata = json!([{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }]);
    let endpoint = format!("{}/{}/v2.0/.well-known/openid-configuration", settings.origin, settings.tenant);
    Answer::json(200, json!({ "tenant_discovery_endpoint": endpoint, "api-version": "1.1", "metadata": metadata }))
}

/// Id and secret of a Basic `Authorization` header. Both are form-encoded in it (RFC 6749, 2.3.1).
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, packed) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let unpacked = crypto::text::from_base64(packed.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let unpacked = unpacked.filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (id, secret) = unpacked.split_once(':')?;
    let decoded = |text: &str| codec::form(text).into_iter().next().map(|(name, _)| name).unwrap_or_default();
    Some((decoded(id), decoded(secret)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<(String, Meant)> {
        meant(&path.trim_matches('/').split('/').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn every_form_of_a_path_is_known() {
        let tenant = |meant| Some(("T-1".to_owned(), meant));
        assert_eq!(of("/T-1/v2.0/.well-known/openid-configuration"), tenant(Meant::Discovery { version_two: true }));
        assert_eq!(of("/T-1/oauth2/v2.0/token"), tenant(Meant::Token));
        assert_eq!(of("/T-1/oauth2/token"), tenant(Meant::Token));
        assert_eq!(of("/T-1/discovery/v2.0/keys"), tenant(Meant::Keys));
        assert_eq!(of("/adfs/adfs/v2.0/.well-known/openid-configuration").unwrap().0, "adfs");
        assert_eq!(of("/subscriptions/x"), None);
    }
}
