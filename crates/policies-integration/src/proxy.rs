//! `proxy`: reaches the backend, or the service of a call, through an HTTP proxy.

use policy::{base::Secret, entity, prelude::*};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "proxy",
    summary: "Reaches the backend through an HTTP proxy; inside of `send-request`, the service that it calls.",
    notes: "HTTPS goes through a tunnel (`CONNECT`); plain HTTP is sent to the proxy with its whole URL. With a user name the proxy gets \
            Basic credentials; NTLM is not spoken.",
    sections: Sections::INBOUND,
    also: Sections::BACKEND,
    attrs: &[
        Attr::required("url", Kind::Url, "The proxy.").expr(),
        Attr::optional("username", Kind::Text, "Who calls.").expr(),
        Attr::optional("password", Kind::Text, "Their password.").expr(),
    ],
    examples: &[Example {
        title: "The way out of a closed network",
        policy: r#"<proxy url="http://proxy.example:8080" username="gateway" password="{{token}}" />"#,
        given: "GET /resource/1 HTTP/1.1",
        then: "GET http://backend.example/resource/1 HTTP/1.1\nProxy-Authorization: (none)",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let url = cx.attr(element, "url");
        let user = cx.optional(element, "username");
        let password = cx.optional(element, "password");
        Some(Step::now(match (url?, user?, password?) {
            // Known when it is published: then it is made once.
            (Value::Literal(url), None | Some(Value::Literal(_)), None | Some(Value::Literal(_))) => {
                let mut text = |name| cx.optional_literal::<Arc<str>>(element, name);
                let password = text("password")?.unwrap_or_default();
                Proxy::Known(Arc::new(entity::Proxy { url, user: text("username")?, password: Secret::new(password) }))
            }
            (url, user, password) => Proxy::Asked { url, user, password },
        }))
    },
    ..PolicyDef::BASE
};

enum Proxy {
    Known(Arc<entity::Proxy>),
    Asked { url: Value<Url>, user: Option<Value<Arc<str>>>, password: Option<Value<Arc<str>>> },
}

impl Policy for Proxy {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let proxy = match self {
            Self::Known(proxy) => Arc::clone(proxy),
            Self::Asked { url, user, password } => {
                let url = url.get(exchange)?.into_owned();
                let user = Value::optional(user, exchange)?.map(|user| Arc::clone(&user));
                let password = Value::optional(password, exchange)?.map(|password| Arc::clone(&password));
                Arc::new(entity::Proxy { url, user, password: Secret::new(password.unwrap_or_default()) })
            }
        };
        *exchange.proxy_mut() = Some(proxy);
        Ok(Flow::Continue)
    }
}
