//! `authentication-basic`: logs in at the backend with a name and a password.

use policy::prelude::*;

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "authentication-basic",
    summary: "Logs in at the backend with a name and a password; inside of `send-request`, at the service that it calls.",
    notes: "It sets the header `Authorization`, over whatever the client sent in it.",
    sections: Sections::INBOUND,
    also: Sections::BACKEND,
    attrs: &[
        Attr::required("username", Kind::Text, "Who calls.").expr(),
        Attr::required("password", Kind::Text, "Their password.").expr(),
    ],
    examples: &[Example {
        title: "A password from a named value",
        policy: r#"<authentication-basic username="gateway" password="{{token}}" />"#,
        given: "GET /resource/1 HTTP/1.1\nAuthorization: Bearer abc",
        then: "GET http://backend.example/resource/1 HTTP/1.1\nAuthorization: Basic Z2F0ZXdheTpzM2NyM3Q=",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let (user, password) = (cx.attr(element, "username"), cx.attr(element, "password"));
        let (user, password): (Value<String>, Value<String>) = (user?, password?);
        let made = match (user.literal(), password.literal()) {
            (Some(user), Some(password)) => Some(login(user, password)),
            _ => None,
        };
        Some(Step::now(AuthenticationBasic { on: credentials_on(cx), user, password, made }))
    },
    ..PolicyDef::BASE
};

struct AuthenticationBasic {
    on: On,
    user: Value<String>,
    password: Value<String>,
    /// The header, where it is known when the policy is published.
    made: Option<HeaderValue>,
}

impl Policy for AuthenticationBasic {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let value = match &self.made {
            Some(made) => made.clone(),
            None => {
                let user = self.user.get(exchange)?;
                let password = self.password.get(exchange)?;
                login(&user, &password)
            }
        };
        exchange.headers_mut(self.on).set(AUTHORIZATION, value);
        Ok(Flow::Continue)
    }
}

/// The header that says who calls.
pub(crate) const AUTHORIZATION: HeaderName = HeaderName::from_static("Authorization");

/// Credentials are for whoever is called, also where policies change the response.
pub(crate) fn credentials_on(cx: &Compiler<'_>) -> On {
    if cx.on() == On::Call { On::Call } else { On::Request }
}

fn login(user: &str, password: &str) -> HeaderValue {
    let text = crypto::text::base64(format!("{user}:{password}").as_bytes());
    // Base64 is fit for a header.
    HeaderValue::parse(&format!("Basic {text}")).unwrap_or_default()
}
