//! `validate-azure-ad-token`: lets a request pass only with a token of Microsoft Entra.

use crypto::jws::Token;
use policy::{login, prelude::*};

use crate::{
    provider::{KeySet, Providers},
    token::{
        self, Common, MESSAGE, OUTPUT, Refusal, STATUS,
        claims::{self, AUDIENCES, CLAIMS},
        keys::{DECRYPTION, Signing},
        source,
    },
};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "validate-azure-ad-token",
    summary: "Lets a request pass only with a token that Microsoft Entra issued to an application that may call.",
    notes: "`tenant-id` is a tenant's id, one of its domains, `common`, `organizations`, or the URL of one of these. The keys \
            are those of the tenant's OpenID configuration, kept as for `validate-jwt`. Tokens of version 1.0 and 2.0 are \
            accepted.",
    sections: Sections::INBOUND,
    attrs: &[
        Attr::required("tenant-id", Kind::Name, "Tenant that issues the tokens.").expr(),
        source::HEADER,
        source::QUERY,
        source::VALUE,
        Attr::or("authentication-endpoint", Kind::Url, login::ENDPOINT, "Where tenants sign in.").expr(),
        STATUS,
        MESSAGE,
        OUTPUT,
    ],
    children: &[
        Child {
            name: "client-application-ids",
            count: (0, 1),
            children: &[Child::texts("application-id", Kind::Text, "An application.")],
            doc: "Applications that may call.",
            ..Child::BASE
        },
        Child {
            name: "backend-application-ids",
            count: (0, 1),
            children: &[Child::texts("application-id", Kind::Text, "An application.")],
            doc: "Applications that tokens may be for: their ids are audiences, also behind `api://`.",
            ..Child::BASE
        },
        AUDIENCES,
        CLAIMS,
        DECRYPTION,
    ],
    examples: &[
        Example {
            title: "No token",
            policy: r#"<validate-azure-ad-token tenant-id="9dd35a29-1c47-4e5c-b0a7-0f1d4d2f7c11"><client-application-ids><application-id>3f6b9a0d-52a8-4a92-9e2b-6f4a5f1f0c55</application-id></client-application-ids></validate-azure-ad-token>"#,
            then: "HTTP/1.1 401 Unauthorized\nContent-Type: application/json\n\n{ \"statusCode\": 401, \"message\": \"JWT not present.\" }",
            ..Example::BASE
        },
        Example {
            title: "What is no token",
            policy: r#"<validate-azure-ad-token tenant-id="contoso.onmicrosoft.com" header-name="X-Token" failed-validation-httpcode="403" failed-validation-error-message="No."><audiences><audience>orders</audience></audiences></validate-azure-ad-token>"#,
            given: "GET / HTTP/1.1\nX-Token: abc",
            then: "HTTP/1.1 403 Forbidden\nContent-Type: application/json\n\n{ \"statusCode\": 403, \"message\": \"No.\" }",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let header = HeaderName::from_static("Authorization");
        let common = Common::compile(DEF.name, element, cx, Some(header));
        let tenant = cx.attr(element, "tenant-id");
        let endpoint = cx.optional(element, "authentication-endpoint");
        let clients = token::listed(element, cx, "client-application-ids");
        let backends = token::listed(element, cx, "backend-application-ids");
        let policy = ValidateToken {
            common: common?,
            tenant: tenant?,
            endpoint: endpoint?,
            clients: clients?,
            backends: backends?,
        };
        if policy.clients.is_empty() && policy.backends.is_empty() && !policy.common.names_audience() {
            let message = "<validate-azure-ad-token> must list client-application-ids or audiences.";
            cx.error("PX0109", message, element.name_span);
            return None;
        }
        Some(Step::later(policy))
    },
    ..PolicyDef::BASE
};

struct ValidateToken {
    common: Common,
    tenant: Value<Tenant>,
    endpoint: Option<Value<Url>>,
    clients: Box<[Value<String>]>,
    backends: Box<[Value<String>]>,
}

/// A tenant: an id, a domain or a word; or the URL of one.
#[derive(Clone, Debug)]
enum Tenant {
    Name(String),
    At(Url),
}

impl FromText for Tenant {
    fn from_text(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let is_name = |text: &str| {
            !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.'))
        };
        match Url::parse(text) {
            Some(url) if url.query.is_none() => Ok(Self::At(url)),
            _ if is_name(text) => Ok(Self::Name(text.to_ascii_lowercase())),
            _ => Err(format!("\"{text}\" is no tenant")),
        }
    }
}

impl Tenant {
    /// Where the tenant describes itself, if it signs in at `endpoint`.
    fn configuration(&self, endpoint: &Url) -> Url {
        let base = match self {
            Self::Name(name) => Url { path: endpoint.joined(name), ..endpoint.clone() },
            Self::At(url) => url.clone(),
        };
        Url { path: base.joined("v2.0/.well-known/openid-configuration"), ..base }
    }

    /// Its name: in a URL, the first segment.
    fn name(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::At(url) => url.path.split('/').find(|segment| !segment.is_empty()).unwrap_or_default(),
        }
    }
}

impl LaterPolicy for ValidateToken {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let text = match self.common.text(exchange)? {
                Ok(text) => text,
                Err(refusal) => return self.common.conclude(None, Err(refusal), exchange),
            };
            let outcome = match token::parsed(&text) {
                Ok(token) => self.verified(&token, exchange).await?,
                Err(refusal) => Err(refusal),
            };
            self.common.conclude(Some(&text), outcome, exchange)
        })
    }
}

impl ValidateToken {
    async fn verified(&self, token: &Token<'_>, exchange: &mut Exchange) -> Result<Result<(), Refusal>, Fault> {
        let tenant = self.tenant.get(exchange)?;
        let endpoint = match Value::optional(&self.endpoint, exchange)? {
            Some(url) => url.into_owned(),
            None => Url::parse(login::ENDPOINT).ok_or_else(|| Fault::expression("the login address is none"))?,
        };
        let url = tenant.configuration(&endpoint);
        let provider = exchange.host.shared.of::<Providers>().at(&url);
        match token::signer(token, &Signing::default(), &[], &[provider], exchange).await {
            Ok(Some(set)) => self.judge(token, &set, tenant.name(), exchange),
            // There is no other key.
            Ok(None) => Ok(Err(Refusal::malformed())),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    fn judge(
        &self,
        token: &Token<'_>,
        set: &KeySet,
        tenant: &str,
        exchange: &mut Exchange,
    ) -> Result<Result<(), Refusal>, Fault> {
        let clients = Value::all(&self.clients, exchange)?;
        let backends = Value::all(&self.backends, exchange)?;
        let now = exchange.host.clock.now();
        let own = claims::in_force(&token.claims, now, 0, true)
            .and_then(|()| claims::issuer(&token.claims))
            .and_then(|issuer| claims::is_issued_by(&token.claims, issuer.unwrap_or_default(), &set.issuer, tenant));
        if let Err(refusal) = own {
            return Ok(Err(refusal));
        }
        let backends: Vec<String> =
            backends.iter().flat_map(|id| [id.as_str().to_owned(), format!("api://{}", id.as_str())]).collect();
        if let Err(refusal) = self.common.audience(token, &backends, exchange)? {
            return Ok(Err(refusal));
        }
        // `azp` is what version 2.0 calls `appid`.
        let client = ["appid", "azp"].into_iter().find_map(|name| Some((name, token.claims.get(name)?.as_str()?)));
        let is_allowed = |id: &str| clients.iter().any(|allowed| allowed.trim().eq_ignore_ascii_case(id));
        match client {
            _ if clients.is_empty() => {}
            Some((_, id)) if is_allowed(id) => {}
            Some((name, id)) => {
                let message = format!("Claim {name} value of {id} is not allowed. Access denied.");
                return Ok(Err(Refusal::new("TokenClaimValueNotAllowed", message)));
            }
            None => {
                let message = "JWT is missing the following claims: appid. Access denied.";
                return Ok(Err(Refusal::new("TokenClaimNotFound", message)));
            }
        }
        self.common.required(token, exchange)
    }
}
