//! `authentication-managed-identity`: logs in at the backend with a token of the machine's own identity.

use std::{rc::Rc, time::Duration};

use policy::{
    OutboundRequest,
    base::{Secret, Timestamp, within},
    csharp::Value as CSharp,
    exchange::{HostParts, url::encode},
    prelude::*,
    tokens::TokenEndpoint,
};

use crate::{
    authentication_basic::{AUTHORIZATION, credentials_on},
    remote::{Kept, Lease},
};

/// The endpoint is near; longer waits help nobody.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes that an answer of the endpoint may have.
const LARGEST: u64 = 256 * 1024;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "authentication-managed-identity",
    summary: "Logs in at the backend with a token of the machine's own identity; inside of `send-request`, at the service that it calls.",
    notes: "The token comes from the endpoint in the setting `[managed-identity]`: an Azure machine's by default, or App Service's, whose \
            secret stands there as well. It is kept until shortly before it expires, and fetched once for all who wait for it. With \
            `output-token-variable-name` it goes into the variable and no header is set. Without `client-id` it is the token of the \
            system-assigned identity.",
    sections: Sections::INBOUND,
    also: Sections::BACKEND.or(Sections::OUTBOUND).or(Sections::ON_ERROR),
    scopes: Scopes::NO_WORKSPACE,
    attrs: &[
        Attr::required("resource", Kind::Name, "What the token is for: an application ID URI.").expr(),
        Attr::optional("client-id", Kind::Name, "The client id of a user-assigned identity."),
        Attr::optional("output-token-variable-name", Kind::Name, "A variable for the token."),
        Attr::or("ignore-error", Kind::Bool, "false", "Whether the request goes on without a token.").expr(),
    ],
    examples: &[Example {
        title: "The token in a variable",
        policy: r#"<authentication-managed-identity resource="https://vault.example" output-token-variable-name="token" />
<set-header name="X-Token"><value>@((string)context.Variables["token"])</value></set-header>"#,
        given: "GET /resource/1 HTTP/1.1",
        backend: "HTTP/1.1 200 OK\n\n{\"access_token\": \"eyJ0\", \"expires_in\": \"3599\", \"token_type\": \"Bearer\"}",
        then: "GET http://backend.example/resource/1 HTTP/1.1\nX-Token: eyJ0\nAuthorization: (none)",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let resource = cx.attr(element, "resource");
        let client = cx.optional_literal(element, "client-id");
        let variable = cx.optional_literal(element, "output-token-variable-name");
        let ignore_error = cx.attr_or(element, "ignore-error", false);
        Some(Step::later(AuthenticationManagedIdentity {
            on: credentials_on(cx),
            resource: resource?,
            client: client?,
            variable: variable?,
            ignore_error: ignore_error?,
        }))
    },
    ..PolicyDef::BASE
};

/// A token.
type Text = Secret<Arc<str>>;

/// Tokens by the identity and the resource that they are for.
type Tokens = Kept<(), Text>;

struct AuthenticationManagedIdentity {
    on: On,
    resource: Value<String>,
    client: Option<String>,
    variable: Option<Arc<str>>,
    ignore_error: Value<bool>,
}

impl LaterPolicy for AuthenticationManagedIdentity {
    fn run<'a>(&'a self, exchange: &'a mut Exchange) -> LocalFuture<'a, Result<Flow, Fault>> {
        Box::pin(async move {
            let ignores = *self.ignore_error.get(exchange)?;
            let resource = self.resource.get(exchange)?;
            let token = self.token(&exchange.host, &resource).await;
            let token = match token {
                Ok(token) => Some(token),
                Err(_) if ignores => None,
                Err(why) => {
                    let message = format!("There is no token for {resource}: {why}.");
                    return Err(Fault::new(DEF.name, "TokenAcquisitionFailure", message));
                }
            };
            match (&self.variable, token) {
                (Some(variable), token) => {
                    let token = token.map_or(CSharp::Null, |token| CSharp::str(&**token.expose()));
                    exchange.variables.set(variable, token);
                }
                (None, Some(token)) => {
                    let value = HeaderValue::parse(&format!("Bearer {}", token.expose()));
                    exchange.headers_mut(self.on).set(AUTHORIZATION, value.unwrap_or_default());
                }
                (None, None) => {}
            }
            Ok(Flow::Continue)
        })
    }
}

impl AuthenticationManagedIdentity {
    async fn token(&self, host: &Rc<HostParts>, resource: &str) -> Result<Text, String> {
        let endpoint = host.token_endpoint.as_ref().ok_or("no token endpoint is configured")?;
        let name = format!("{}\n{resource}", self.client.as_deref().unwrap_or_default());
        let fetch = fetch(host, endpoint, resource, self.client.as_deref());
        host.shared.of::<Tokens>().get(&name, &(), &*host.clock, fetch).await
    }
}

async fn fetch(
    host: &HostParts,
    endpoint: &TokenEndpoint,
    resource: &str,
    client: Option<&str>,
) -> Result<Lease<Text>, String> {
    let (url, version, header, secret) = match endpoint {
        TokenEndpoint::InstanceMetadata(url) => (url, "2018-02-01", "Metadata", "true"),
        TokenEndpoint::AppService { url, secret } => (url, "2019-08-01", "X-IDENTITY-HEADER", &**secret.expose()),
    };
    let mut query = format!("api-version={version}&resource={}", encode(resource));
    if let Some(client) = client {
        query = format!("{query}&client_id={}", encode(client));
    }
    let request = OutboundRequest {
        headers: [(header, secret)].into_iter().collect(),
..OutboundRequest::new(Method::GET, Url { query: Some(query.into()), ..url.clone() }, PATIENCE)
    };
    let work = async {
        let mut answer = host.outbound.send(request).await.map_err(|error| error.to_string())?;
        if answer.status != Status::OK {
            return Err(format!("the token endpoint answered {}", answer.status.code()));
        }
        answer.body.collect(LARGEST).await.map_err(|error| error.to_string())
    };
    let body = within(&*host.clock, PATIENCE, work).await.map_err(|_| "the token endpoint did not answer in time")??;
    read(&body, host.clock.now()).ok_or_else(|| "the token endpoint answered with something that is no token".to_owned())
}

/// Both endpoints write numbers as strings, one of them sometimes as numbers.
fn read(body: &[u8], now: Timestamp) -> Option<Lease<Text>> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    let text = answer["access_token"].as_str().filter(|text| HeaderValue::parse(text).is_some())?;
    let number = |name: &str| answer[name].as_i64().or_else(|| answer[name].as_str()?.trim().parse().ok());
    let seconds = number("expires_in").or_else(|| number("expires_on")?.checked_sub(now.secs()))?;
    Some(Lease { value: Secret::new(text.into()), life: Duration::from_secs(u64::try_from(seconds).ok()?) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_answer_makes_the_reader_panic(
            text in "\\PC{0,40}",
            expires in prop_oneof!["-?[0-9]{1,25}", "\\PC{0,10}"],
            quoted: bool,
        ) {
            let expires = if quoted { format!("{expires:?}") } else { expires };
            for body in [text.clone(), format!("{{\"access_token\": {text:?}, \"expires_on\": {expires}}}")] {
                let token = read(body.as_bytes(), Timestamp::from_secs(1_700_000_000));
                // What is taken fits into a header.
                prop_assert!(token.is_none_or(|token| HeaderValue::parse(token.value.expose()).is_some()));
            }
        }
    }

    #[test]
    fn lives_are_told_in_many_ways() {
        let life = |expires: &str| {
            let body = format!("{{\"access_token\": \"t\", {expires}}}");
            read(body.as_bytes(), Timestamp::from_secs(1000)).map(|token| token.life.as_secs())
        };
        assert_eq!(life("\"expires_in\": 60"), Some(60));
        assert_eq!(life("\"expires_in\": \"60\", \"expires_on\": \"9\""), Some(60));
        assert_eq!(life("\"expires_on\": \"1030\""), Some(30));
        assert_eq!(life("\"expires_on\": 10"), None);
        assert_eq!(life("\"token_type\": \"Bearer\""), None);
    }
}
