//! Access tokens: made at sign-in, judged at each call.

use arm::{Code, Error, Result};
use crypto::jws::{Token, in_force};
use serde_json::{Value, json};

use crate::{Caller, Control};

/// The names under which the clients know the resource manager, whatever server they talk to.
const AUDIENCES: [&str; 2] = ["https://management.azure.com", "https://management.core.windows.net"];

impl Control {
    /// A token for a principal, and for how many seconds it is valid.
    pub(crate) async fn issue(&self, app: &str, object: &str, audience: &str, issuer: &str) -> Result<(String, u64)> {
        let key = self.signing_key().await?;
        let now = self.parts.clock.now().secs();
        let lifetime = self.settings().token_lifetime.as_secs();
        let claims = json!({
            "aud": audience, "iss": issuer, "iat": now, "nbf": now, "exp": now + lifetime as i64,
            "tid": self.settings().tenant, "oid": object, "sub": object, "appid": app, "azp": app,
            "idtyp": "app", "ver": "2.0", "uti": crypto::random::uuid(&*self.parts.entropy),
        });
        Ok((key.sign(&claims).map_err(Error::internal)?, lifetime))
    }

    /// Who sends this `Authorization` header.
    pub async fn authenticate(&self, authorization: Option<&str>) -> Result<Caller> {
        let Some(header) = authorization else {
            let message = "Authentication failed. The 'Authorization' header is missing.";
            return Err(Error::new(Code::AuthenticationFailed, message));
        };
        let invalid =
            |why: &str| Error::new(Code::InvalidAuthenticationToken, format!("The access token is invalid: {why}."));
        let token = match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => return Err(invalid("the scheme must be Bearer")),
        };
        let token = Token::parse(token).map_err(|_| invalid("it is not a JSON web token"))?;
        let key = match token.key_id() {
            Some(id) => self.verifying_key(id).await?,
            None => None,
        };
        let key = key.ok_or_else(|| invalid("it is not signed with a key of this server"))?;
        if token.algorithm() != Some(key.algorithm()) || token.verify(&key.verifying()).is_err() {
            return Err(invalid("its signature does not match"));
        }
        let claims = &token.claims;
        let now = self.parts.clock.now();
        if claims["exp"].as_i64().is_none_or(|exp| exp <= now.secs()) {
            let expired = claims["exp"].as_i64().map(base::Timestamp::from_secs).map(arm::rfc3339).unwrap_or_default();
            let message = format!(
                "The access token expiry UTC time '{expired}' is earlier than current UTC time '{}'.",
                arm::rfc3339(now)
            );
            return Err(Error::new(Code::ExpiredAuthenticationToken, message));
        }
        if !in_force(claims, now, 60) {
            return Err(invalid("it is not in force yet"));
        }
        let audience = claims["aud"].as_str().unwrap_or_default().trim_end_matches('/');
        let known = AUDIENCES.contains(&audience) || audience.eq_ignore_ascii_case(&self.settings().origin);
        if !known {
            return Err(invalid(&format!("its audience '{audience}' is not this server")));
        }
        let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
        match text("oid") {
            object if !object.is_empty() => Ok(Caller::Principal { object, app: text("appid") }),
            _ => Err(invalid("it names nobody")),
        }
    }

    /// `/{tenant}/v2.0/.well-known/openid-configuration`, or without `v2.0` the older form.
    pub fn discovery(&self, tenant: &str, version_two: bool) -> Value {
        let base = format!("{}/{tenant}", self.settings().origin);
        let (oauth, issuer) =
            if version_two { ("oauth2/v2.0", format!("{base}/v2.0")) } else { ("oauth2", format!("{base}/")) };
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{base}/{oauth}/authorize"),
            "token_endpoint": format!("{base}/{oauth}/token"),
            "device_authorization_endpoint": format!("{base}/{oauth}/devicecode"),
            "jwks_uri": format!("{base}/discovery/v2.0/keys"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": ["token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid"],
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nbf", "oid", "appid", "tid"],
        })
    }
}
