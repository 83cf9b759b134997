//! `set-header`: adds, overrides, appends to or removes a header.

use policy::{prelude::*, redact};

words! {
    /// What to do with a header or query parameter that is already there.
    pub(crate) enum Exists { Override = "override", Skip = "skip", Append = "append", Delete = "delete" }
}

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "set-header",
    summary: "Adds, overrides, appends to or removes a header.",
    notes: "Before the backend it changes the request, behind it the response. Several values are joined with a comma; `Set-Cookie` and \
            its like get a line each. Headers that frame a message cannot be changed.",
    attrs: &[
        Attr::required("name", Kind::HeaderName, "Header to act on.").expr(),
        Attr::or("exists-action", Kind::OneOf(Exists::WORDS), "override", "What to do if it is already there.").expr(),
    ],
    children: &[Child::texts("value", Kind::Text, "A value.")],
    examples: &[
        Example {
            title: "Override a header",
            policy: r#"<set-header name="X-Env" exists-action="override"><value>{{env}}</value></set-header>"#,
            given: "GET /resource/1 HTTP/1.1\nX-Env: dev",
            then: "GET http://backend.example/resource/1 HTTP/1.1\nX-Env: prod",
            ..Example::BASE
        },
        Example {
            title: "Remove what the backend tells about itself",
            section: Section::Outbound,
            policy: r#"<set-header name="X-Powered-By" exists-action="delete" />"#,
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 200 OK\nX-Powered-By: magic",
            then: "HTTP/1.1 200 OK\nX-Powered-By: (none)",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let name: Option<Value<HeaderName>> = cx.attr(element, "name");
        let exists = cx.attr_or(element, "exists-action", Exists::Override);
        let values = cx.texts(element, "value");
        if let Some(framing) = name.as_ref().and_then(|name| name.literal()).filter(|name| is_framing(name.as_bytes())) {
            let message = format!("The header {} frames messages on the wire and cannot be set.", framing.as_str());
            cx.error("PX0108", message, element.span);
            return None;
        }
        let (name, exists, values) = (name?, exists?, values?);
        Some(match Fixed::of(cx.on(), &name, &exists, &values) {
            Some(fixed) => Step::now(fixed),
            None => Step::now(SetHeader { on: cx.on(), name, exists, values }),
        })
    },
    ..PolicyDef::BASE
};

/// What most documents say: to remove a header, or to give it one value, with no expression.
struct Fixed {
    on: On,
    name: HeaderName,
    /// None removes it.
    value: Option<HeaderValue>,
}

impl Fixed {
    fn of(on: On, name: &Value<HeaderName>, exists: &Value<Exists>, values: &[Value<HeaderValue>]) -> Option<Self> {
        let value = match (exists.literal()?, values) {
            (Exists::Delete, []) => None,
            (Exists::Override, [value]) => Some(value.literal()?.clone()),
            _ => return None,
        };
        Some(Self { on, name: name.literal()?.clone(), value })
    }
}

impl Policy for Fixed {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let headers = exchange.headers_mut(self.on);
        headers.remove(&self.name);
        match &self.value {
            Some(value) => {
                headers.push(self.name.clone(), value.clone());
                note(exchange, self.on, &self.name);
            }
            None => exchange.note(|_| format!("The header {} was removed.", self.name.as_str())),
        }
        Ok(Flow::Continue)
    }
}

/// With expressions, or several values, or something to do with those that are there.
struct SetHeader {
    on: On,
    name: Value<HeaderName>,
    exists: Value<Exists>,
    values: Box<[Value<HeaderValue>]>,
}

impl Policy for SetHeader {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let name = self.name.get(exchange)?;
        let exists = *self.exists.get(exchange)?;
        // Every value before the first change: an expression may fail, or wait for a body and run again.
        let values = Value::all(&self.values, exchange)?;
        if is_framing(name.as_bytes()) {
            let message = format!("The header {} frames messages on the wire and cannot be set.", name.as_str());
            return Err(Fault::expression(message));
        }
        let headers = exchange.headers_mut(self.on);
        let present = headers.contains(&*name);
        match exists {
            Exists::Skip if present => {
                exchange.note(|_| format!("The header {} is there already.", name.as_str()));
                return Ok(Flow::Continue);
            }
            Exists::Delete => {
                headers.remove(&*name);
                exchange.note(|_| format!("The header {} was removed.", name.as_str()));
                return Ok(Flow::Continue);
            }
            Exists::Override if present => {
                headers.remove(&*name);
            }
            _ => {}
        }
        if has_a_line_each(name.as_bytes()) {
            for value in values {
                headers.push(name.as_ref().clone(), value.into_owned());
            }
            note(exchange, self.on, &name);
            return Ok(Flow::Continue);
        }
        let mut values = values.into_iter();
        let Some(first) = values.next() else { return Ok(Flow::Continue) };
        let before = if exists == Exists::Append { headers.joined(&*name) } else { None };
        let joined = match (before, values.len()) {
            (None, 0) => first.into_owned(),
            (before, _) => join(before, first.as_bytes(), values.map(|value| value.as_bytes().clone())),
        };
        headers.set(name.as_ref().clone(), joined);
        note(exchange, self.on, &name);
        Ok(Flow::Continue)
    }
}

/// Says what the header holds now.
fn note(exchange: &mut Exchange, on: On, name: &HeaderName) {
    exchange.note(|exchange| {
        let value = exchange.headers(on).joined(name.as_str()).unwrap_or_default();
        let shown = redact::shown(name.as_str(), &value);
        Effect::new(format!("{name}: {shown}")).with("header", Detail::header(name.as_str(), &value))
    });
}

fn join(before: Option<String>, first: &[u8], rest: impl Iterator<Item = policy::Bytes>) -> HeaderValue {
    let mut joined = before.map(|before| before + ",").unwrap_or_default().into_bytes();
    joined.extend_from_slice(first);
    for value in rest {
        joined.push(b',');
        joined.extend_from_slice(&value);
    }
    // Parts without line breaks make a whole without one.
    HeaderValue::from_bytes(joined.into()).unwrap_or_default()
}

/// Headers that the wire needs as they are: they belong to the connection, not to the message.
fn is_framing(name: &[u8]) -> bool {
    const NAMES: &[&[u8]] = &[b"Connection", b"Content-Length", b"Keep-Alive", b"Transfer-Encoding"];
    NAMES.iter().any(|one| one.eq_ignore_ascii_case(name))
}

/// Headers whose values hold commas themselves, so that each value needs a line.
fn has_a_line_each(name: &[u8]) -> bool {
    const NAMES: &[&str] = &[
        "Cookie", "Date", "Expires", "If-Modified-Since", "If-Unmodified-Since", "Last-Modified", "Proxy-Authenticate", "Set-Cookie",
        "User-Agent", "WWW-Authenticate", "Warning",
    ];
    NAMES.iter().any(|one| one.as_bytes().eq_ignore_ascii_case(name))
}
