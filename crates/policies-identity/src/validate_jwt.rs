//! `validate-jwt`: lets a request pass only with a token that was signed by someone the document trusts.

use crypto::jws::Token;
use policy::prelude::*;

use crate::{
    provider::{KeySet, Providers},
    token::{
        self, Common, MESSAGE, OUTPUT, Refusal, STATUS,
        claims::{self, AUDIENCES, CLAIMS},
        keys::{DECRYPTION, SIGNING, Signing},
        source,
    },
};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "validate-jwt",
    summary: "Lets a request pass only with a JSON web token that is signed, in force, and says what it must.",
    notes: "HS256, RS256, PS256, ES256 and their variants with 384 and 512 bits are accepted; `none` only for tokens \
            without a signature where `require-signed-tokens` is false. Encrypted tokens hold a signed one, under `dir`, \
            `RSA-OAEP` or `RSA-OAEP-256` with AES in CBC or GCM. The signature is verified for every request. The keys of \
            an `openid-config` are kept for an hour, for all services of the process; a token with an unknown key id makes \
            them be fetched again, at most once in five minutes, and while the provider is down the old keys stay.",
    sections: Sections::INBOUND,
    attrs: &[
        source::HEADER,
        source::QUERY,
        source::VALUE,
        STATUS,
        MESSAGE,
        Attr::or("require-expiration-time", Kind::Bool, "true", "Whether the token must say when it ends.").expr(),
        Attr::optional("require-scheme", Kind::Name, "Scheme that an `Authorization` header must have.").expr(),
        Attr::or("require-signed-tokens", Kind::Bool, "true", "Whether the token must have a signature.").expr(),
        Attr::or("clock-skew", Kind::Int(0, 1 << 32), "0", "Seconds that the clocks may differ.").expr(),
        OUTPUT,
    ],
    children: &[
        Child {
            name: "openid-config",
            attrs: &[
                Attr::required("url", Kind::Url, "Where the provider describes itself.").expr(),
                Attr::or("validate-connectivity", Kind::Bool, "true", "Accepted; nothing is fetched before a token comes."),
            ],
            doc: "An OpenID provider, whose keys and issuer are accepted.",
            ..Child::BASE
        },
        SIGNING,
        DECRYPTION,
        AUDIENCES,
        Child {
            name: "issuers",
            count: (0, 1),
            children: &[Child::texts("issuer", Kind::Text, "An issuer.")],
            doc: "Issuers that are accepted, besides the one of the provider whose key signed the token.",
            ..Child::BASE
        },
        CLAIMS,
    ],
    examples: &[
        Example {
            title: "No token",
            policy: r#"<validate-jwt header-name="Authorization"><issuer-signing-keys><key>c2VjcmV0IG9mIHR3byBhbmQgdGhpcnR5IGJ5dGVzIQ==</key></issuer-signing-keys></validate-jwt>"#,
            then: "HTTP/1.1 401 Unauthorized\nContent-Type: application/json\n\n{ \"statusCode\": 401, \"message\": \"JWT not present.\" }",
            ..Example::BASE
        },
        Example {
            title: "A token with a shared secret, for one audience",
            policy: r#"<validate-jwt header-name="Authorization" require-scheme="Bearer" require-expiration-time="false" output-token-variable-name="jwt"><issuer-signing-keys><key>c2VjcmV0IG9mIHR3byBhbmQgdGhpcnR5IGJ5dGVzIQ==</key></issuer-signing-keys><audiences><audience>orders</audience></audiences></validate-jwt><set-header name="X-User" exists-action="override"><value>@(((Jwt)context.Variables["jwt"]).Subject)</value></set-header>"#,
            given: EXAMPLE_TOKEN,
            then: "GET / HTTP/1.1\nX-User: ann",
            ..Example::BASE
        },
        Example {
            title: "Somebody else's signature",
            policy: r#"<validate-jwt header-name="Authorization" require-expiration-time="false" failed-validation-httpcode="403" failed-validation-error-message="Not for you."><issuer-signing-keys><key>YW5vdGhlciBzZWNyZXQ=</key></issuer-signing-keys></validate-jwt>"#,
            given: EXAMPLE_TOKEN,
            then: "HTTP/1.1 403 Forbidden\nContent-Type: application/json\n\n{ \"statusCode\": 403, \"message\": \"Not for you.\" }",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let common = Common::compile(DEF.name, element, cx, None);
        let signing = Signing::compile(element, cx);
        let issuers = token::listed(element, cx, "issuers");
        let must_end = cx.attr_or(element, "require-expiration-time", true);
        let must_be_signed = cx.attr_or(element, "require-signed-tokens", true);
        let skew = cx.attr_or(element, "clock-skew", 0);
        let configs = element.elements().filter(|child| child.name == "openid-config");
        let providers: Vec<Option<Value<Url>>> = configs.map(|config| cx.attr(config, "url")).collect();
        let providers: Box<[_]> = providers.into_iter().collect::<Option<_>>()?;
        let has_providers = !providers.is_empty();
        let policy = ValidateJwt {
            common: common?,
            signing: signing?,
            providers,
            issuers: issuers?,
            must_end: must_end?,
            must_be_signed: must_be_signed?,
            skew: skew?,
        };
        Some(if has_providers { Step::later(policy) } else { Step::now(policy) })
    },
    ..PolicyDef::BASE
};

/// `{"alg":"HS256"}`, `{"sub":"ann","aud":"orders"}`.
const EXAMPLE_TOKEN: &str = "GET / HTTP/1.1\nAuthorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4iLCJhdWQiOiJvcmRlcnMifQ.glTLTu_DdcwwM70ObW9ZzhGEh3zgRjhVlJjVtWHf1JI";

struct ValidateJwt {
    common: Common,
    signing: Signing,
    providers: Box<[Value<Url>]>,
    issuers: Box<[Value<String>]>,
    must_end: Value<bool>,
    must_be_signed: Value<bool>,
    skew: Value<u64>,
}

impl Policy for ValidateJwt {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let text = match self.common.text(exchange)? {
            Ok(text) => text,
            Err(refusal) => return self.common.conclude(None, Err(refusal), exchange),
        };
        let outcome = match token::parsed(&text) {
            Ok(token) => {
                let given = self.signing.given(exchange)?;
                let signer = if self.is_unsigned(&token, exchange)? {
                    Ok(())
                } else {
                    self.signing.with(&given, &[]).signer(&token).map(drop)
                };
                match signer {
                    Ok(()) => self.judge(&token, None, exchange)?,
                    Err(refusal) => Err(refusal),
                }
            }
            Err(refusal) => Err(refusal),
        };
        self.common.conclude(Some(&text), outcome, exchange)
    }
}

impl LaterPolicy for ValidateJwt {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let text = match self.common.text(exchange)? {
                Ok(text) => text,
                Err(refusal) => return self.common.conclude(None, Err(refusal), exchange),
            };
            let outcome = match token::parsed(&text) {
                Ok(token) => self.with_providers(&token, exchange).await?,
                Err(refusal) => Err(refusal),
            };
            self.common.conclude(Some(&text), outcome, exchange)
        })
    }
}

impl ValidateJwt {
    async fn with_providers(&self, token: &Token<'_>, exchange: &mut Exchange) -> Result<Result<(), Refusal>, Fault> {
        if self.is_unsigned(token, exchange)? {
            return self.judge(token, None, exchange);
        }
        let given = self.signing.given(exchange)?;
        let registry = exchange.host.shared.of::<Providers>();
        let urls = Value::all(&self.providers, exchange)?;
        let providers: Vec<_> = urls.iter().map(|url| registry.at(url)).collect();
        match token::signer(token, &self.signing, &given, &providers, exchange).await {
            Ok(set) => self.judge(token, set.as_deref(), exchange),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Whether the token has no signature and need not have one.
    fn is_unsigned(&self, token: &Token<'_>, exchange: &mut Exchange) -> Result<bool, Fault> {
        let is_unsigned = token.header["alg"] == "none" && token.signature.is_empty() && !token.is_critical();
        Ok(is_unsigned && !*self.must_be_signed.get(exchange)?)
    }

    /// Judges what a token says, once its signature is good. `set` is the provider whose key made it.
    fn judge(
        &self,
        token: &Token<'_>,
        set: Option<&KeySet>,
        exchange: &mut Exchange,
    ) -> Result<Result<(), Refusal>, Fault> {
        let (skew, must_end) = (*self.skew.get(exchange)?, *self.must_end.get(exchange)?);
        let issuers = Value::all(&self.issuers, exchange)?;
        let now = exchange.host.clock.now();
        let own = claims::in_force(&token.claims, now, skew, must_end).and_then(|()| claims::issuer(&token.claims));
        let issuer = match own {
            Ok(issuer) => issuer,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Err(refusal) = self.common.audience(token, &[], exchange)? {
            return Ok(Err(refusal));
        }
        let allowed = issuers.iter().map(|one| one.as_str()).chain(set.map(|set| &*set.issuer));
        let is_open = issuers.is_empty() && set.is_none();
        if !is_open && !issuer.is_some_and(|issuer| allowed.into_iter().any(|allowed| allowed == issuer)) {
            return Ok(Err(Refusal::issuer()));
        }
        self.common.required(token, exchange)
    }
}
