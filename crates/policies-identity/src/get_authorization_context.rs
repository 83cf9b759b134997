//! `get-authorization-context`: a token for the backend, from an authorization of the service's credential manager.

use dotnet::Authorization;
use policy::{csharp, entity, login, prelude::*};
use serde_json::Value as Json;

use crate::{
    credentials::{Grant, Tokens},
    provider::Providers,
    token::{
        self, claims,
        keys::Signing,
    },
};

words! {
    /// Who asks.
    enum IdentityType { Managed = "managed", Jwt = "jwt" }
}

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "get-authorization-context",
    summary: "Puts a token of an authorization of the credential manager into a variable.",
    notes: "Authorizations with the client credentials grant give tokens, which are kept until three minutes before they end \
            (half their time, if that is short). Those with an authorization code give none: consent cannot be given here \
            yet. An access policy must name who asks: the service's own identity, or the owner of the token in `identity`, \
            which Microsoft Entra must have issued for `https://azure-api.net/authorization-manager`.",
    sections: Sections::INBOUND,
    scopes: Scopes::NO_WORKSPACE,
    attrs: &[
        Attr::required("provider-id", Kind::Name, "Authorization provider.").expr(),
        Attr::required("authorization-id", Kind::Name, "Authorization of the provider.").expr(),
        Attr::required("context-variable-name", Kind::Name, "Variable that gets the token, an `Authorization`.").expr(),
        Attr::or("identity-type", Kind::OneOf(IdentityType::WORDS), "managed", "Who must be allowed to use it.").expr(),
        Attr::optional("identity", Kind::Text, "Token of who asks, for the identity type `jwt`.").expr(),
        Attr::or("ignore-error", Kind::Bool, "false", "Whether the variable is null where there is no token.").expr(),
    ],
    examples: &[
        Example {
            title: "No such authorization",
            policy: r#"<get-authorization-context provider-id="github" authorization-id="bot" context-variable-name="auth" />"#,
            then: "HTTP/1.1 500 Internal Server Error\nContent-Type: application/json\n\n{ \"statusCode\": 500, \"message\": \"Internal server error\", \"activityId\": \"11111111-1111-4111-9111-111111111111\" }",
            ..Example::BASE
        },
        Example {
            title: "A request that goes on without a token",
            policy: r#"<get-authorization-context provider-id="github" authorization-id="bot" context-variable-name="auth" identity-type="managed" ignore-error="true" /><set-header name="Authorization" exists-action="override"><value>@("Bearer " + ((Authorization)context.Variables.GetValueOrDefault("auth"))?.AccessToken)</value></set-header>"#,
            then: "GET / HTTP/1.1\nAuthorization: Bearer",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let provider = cx.attr(element, "provider-id");
        let authorization = cx.attr(element, "authorization-id");
        let variable = cx.attr(element, "context-variable-name");
        let kind = cx.attr_or(element, "identity-type", IdentityType::Managed);
        let identity = cx.optional(element, "identity");
        let ignore_error = cx.attr_or(element, "ignore-error", false);
        let policy = GetAuthorizationContext {
            provider: provider?,
            authorization: authorization?,
            variable: variable?,
            kind: kind?,
            identity: identity?,
            ignore_error: ignore_error?,
        };
        if matches!(policy.kind, Value::Literal(IdentityType::Jwt)) && policy.identity.is_none() {
            let message = "<get-authorization-context> with the identity type jwt must have the attribute identity.";
            cx.error("PX0105", message, element.name_span);
            return None;
        }
        Some(Step::later(policy))
    },
    ..PolicyDef::BASE
};

struct GetAuthorizationContext {
    provider: Value<String>,
    authorization: Value<String>,
    variable: Value<Arc<str>>,
    kind: Value<IdentityType>,
    identity: Option<Value<String>>,
    ignore_error: Value<bool>,
}

/// What is wrong: a reason and a sentence.
type Denied = (&'static str, String);

impl LaterPolicy for GetAuthorizationContext {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let provider = self.provider.get(exchange)?.to_lowercase();
            let name = self.authorization.get(exchange)?.to_lowercase();
            let variable = self.variable.get(exchange)?;
            let kind = *self.kind.get(exchange)?;
            let identity = Value::optional(&self.identity, exchange)?;
            let ignore_error = *self.ignore_error.get(exchange)?;
            let given = match kind {
                IdentityType::Managed => None,
                IdentityType::Jwt => Some(identity.as_deref().map_or("", String::as_str)),
            };
            match token(&provider, &name, given, exchange).await {
                Ok((token, secret)) => {
                    exchange.hide(&[secret]);
                    exchange.variables.set(&variable, csharp::Value::object(token));
                    exchange.note(|_| format!("The variable {variable} holds a token."));
                }
                Err((reason, message)) if ignore_error => {
                    exchange.note(|_| format!("There is no token: {reason}: {message}"));
                    exchange.variables.set(&variable, csharp::Value::Null);
                }
                Err((reason, message)) => return Err(Fault::new(DEF.name, reason, message)),
            }
            Ok(Flow::Continue)
        })
    }
}

async fn token(provider: &str, name: &str, identity: Option<&str>, exchange: &Exchange) -> Result<(Authorization, Arc<str>), Denied> {
    let authorizations = &exchange.entities.service.authorizations;
    let authorization = authorizations.get(&(provider.into(), name.into())).cloned().ok_or_else(|| {
        ("AuthorizationNotFound", format!("There is no authorization '{name}' of the provider '{provider}'."))
    })?;
    let is_allowed = match identity {
        None => is_own(&authorization, exchange),
        Some(identity) => is_bearer(&authorization, identity, exchange).await?,
    };
    if !is_allowed {
        let message = format!("No access policy of the authorization '{name}' names who asks.");
        return Err(("AuthorizationAccessDenied", message));
    }
    let unusable = |why: &str| format!("The authorization '{name}' gives no token: {why}.");
    let grant = authorization.grant.as_ref().map_err(|why| ("AuthorizationNotUsable", unusable(why)))?;
    let tokens = exchange.host.shared.of::<Tokens>();
    let host = &*exchange.host;
    let fetch = Grant { credentials: grant, host }.fetch();
    let answer = tokens.get(&authorization.key, grant, &*host.clock, fetch).await;
    let answer = answer.map_err(|why| ("TokenNotReceived", unusable(&why)))?;
    let claims = answer.claims.iter().map(|(name, value)| (name.as_str().into(), claim(value))).collect();
    let token = answer.token.expose();
    Ok((Authorization::new(token, claims), token.as_str().into()))
}

/// Whether an access policy names the service's own identity.
fn is_own(authorization: &entity::Authorization, exchange: &Exchange) -> bool {
    let own = exchange.entities.service.principal.as_deref();
    own.is_some_and(|own| authorization.access.iter().any(|access| access.object_id.eq_ignore_ascii_case(own)))
}

/// Whether an access policy names the owner of a token, and the token is good.
async fn is_bearer(authorization: &entity::Authorization, text: &str, exchange: &Exchange) -> Result<bool, Denied> {
    let invalid = |why: &str| ("IdentityInvalid", format!("The token in identity is not valid: {why}."));
    let token = token::parsed(text.trim().trim_start_matches("Bearer ").trim())
        .map_err(|_| invalid("it is no JSON web token"))?;
    let claim = |name: &str| token.claims[name].as_str().unwrap_or_default();
    let is_named = |access: &&entity::AccessPolicy| {
        let is = |wanted: &str, own: &str| !own.is_empty() && wanted.eq_ignore_ascii_case(own);
        let app = ["appid", "azp"].into_iter().map(claim).find(|app| !app.is_empty()).unwrap_or_default();
        is(&access.object_id, claim("oid"))
            && is(&access.tenant_id, claim("tid"))
            && (access.app_ids.is_empty() || access.app_ids.iter().any(|allowed| is(allowed, app)))
    };
    // The tenant is one that the configuration names, so that a token cannot send us anywhere.
    let Some(access) = authorization.access.iter().find(is_named) else { return Ok(false) };
    let endpoint = authorization.login.clone().or_else(|| Url::parse(login::ENDPOINT));
    let endpoint = endpoint.ok_or_else(|| invalid("there is no login address"))?;
    let path = endpoint.joined(&format!("{}/v2.0/.well-known/openid-configuration", access.tenant_id));
    let provider = exchange.host.shared.of::<Providers>().at(&Url { path, ..endpoint });
    let set = token::signer(&token, &Signing::default(), &[], &[provider], exchange).await;
    let set = set.ok().flatten().ok_or_else(|| invalid("its signature does not match"))?;
    let judged = claims::in_force(&token.claims, exchange.host.clock.now(), 0, true)
        .and_then(|()| claims::is_for(&token.claims, std::iter::once(login::AUTHORIZATION_MANAGER)))
        .and_then(|()| claims::issuer(&token.claims))
        .and_then(|issuer| claims::is_issued_by(&token.claims, issuer.unwrap_or_default(), &set.issuer, &access.tenant_id));
    judged.map(|()| true).map_err(|refusal| invalid(refusal.text()))
}

/// A field of the answer, as C# has it.
fn claim(value: &Json) -> csharp::Value {
    match value {
        Json::Null => csharp::Value::Null,
        Json::Bool(value) => csharp::Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => csharp::Value::Long(number),
            None => csharp::Value::Double(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => csharp::Value::str(text.as_str()),
        other => csharp::Value::str(other.to_string()),
    }
}
