//! The token endpoint: client credentials in, a token out, or an error in OAuth's form.

use arm::Result;
use serde_json::{Value, json};

use crate::{Answer, Control};

impl Control {
    /// Answers `POST /{tenant}/oauth2/v2.0/token` (or `/oauth2/token`). `form` are the decoded fields, `basic` the id and
    /// secret of a Basic `Authorization` header.
    pub async fn sign_in(
        &self,
        tenant: &str,
        form: &[(String, String)],
        basic: Option<(String, String)>,
    ) -> Result<Answer> {
        let field = |name: &str| form.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
        if !self.knows_tenant(tenant) {
            return Ok(refused(400, "invalid_request", &format!("AADSTS90002: Tenant '{tenant}' not found.")));
        }
        let grant = field("grant_type");
        if grant != "client_credentials" {
            let message = format!("AADSTS70003: The app requested an unsupported grant type '{grant}'.");
            return Ok(refused(400, "unsupported_grant_type", &message));
        }
        let (app, secret) = basic.unwrap_or_else(|| (field("client_id").to_owned(), field("client_secret").to_owned()));
        if app.is_empty() || secret.is_empty() {
            let message = "AADSTS900144: The request body must contain 'client_id' and 'client_secret'.";
            return Ok(refused(400, "invalid_request", message));
        }
        let Some(object) = self.verified(&app, &secret).await? else {
            let message =
                format!("AADSTS7000215: Invalid client secret provided, or no application '{app}' in this tenant.");
            return Ok(refused(401, "invalid_client", &message));
        };
        let scope = field("scope").split(' ').find_map(|scope| scope.strip_suffix("/.default"));
        let audience = scope.unwrap_or_else(|| field("resource"));
        if audience.is_empty() {
            let message = "AADSTS1002012: The request needs a 'scope' that ends in /.default, or a 'resource'.";
            return Ok(refused(400, "invalid_scope", message));
        }
        let issuer = format!("{}/{tenant}/v2.0", self.settings().origin);
        let (token, seconds) = self.issue(&app, &object, audience, &issuer).await?;
        let expires = self.parts.clock.now().secs() + seconds as i64;
        let body = json!({
            "token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds,
            "expires_on": expires.to_string(), "resource": audience, "access_token": token,
        });
        Ok(no_store(Answer::json(200, body)))
    }

    /// Whether a path's first segment is our tenant. `adfs` is what clients say that cannot name one.
    pub fn knows_tenant(&self, tenant: &str) -> bool {
        tenant.eq_ignore_ascii_case(&self.settings().tenant) || tenant.eq_ignore_ascii_case("adfs")
    }
}

fn refused(status: u16, error: &str, description: &str) -> Answer {
    let body: Value = json!({ "error": error, "error_description": description });
    no_store(Answer::json(status, body))
}

fn no_store(answer: Answer) -> Answer {
    answer.header("cache-control", "no-store").header("pragma", "no-cache")
}
