//! `trace`: adds a message of one's own to the trace of a request.

use policy::{
    exchange::{Effect, Severity},
    prelude::*,
};

words! {
    /// How much a message matters.
    enum Weight { Verbose = "verbose", Information = "information", Error = "error" }
}

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "trace",
    summary: "Adds a message of one's own to the trace of a request.",
    notes: "The published reference leaves out on-error, where real documents have it most. A request that is not traced pays nothing: \
            the message is not even evaluated. In older documents the message is the text of the element itself.",
    sections: Sections::INBOUND.or(Sections::BACKEND).or(Sections::OUTBOUND),
    also: Sections::ON_ERROR,
    attrs: &[
        Attr::required("source", Kind::Text, "Who says it."),
        Attr::or("severity", Kind::OneOf(Weight::WORDS), "verbose", "How much it matters."),
    ],
    content: Content::Text(Kind::Text, true),
    children: &[
        Child { count: (0, 1), ..Child::texts("message", Kind::Text, "What is said.") },
        Child {
            name: "metadata",
            attrs: &[
                Attr::required("name", Kind::Name, "Name of a value."),
                Attr::required("value", Kind::Text, "The value.").expr(),
            ],
            doc: "A value beside the message.",
            ..Child::BASE
        },
    ],
    examples: &[
        Example {
            title: "The message as text, as older documents have it",
            section: Section::OnError,
            policy: r#"<trace source="OnError">It went wrong.</trace>"#,
            then: "HTTP/1.1 200 OK",
            ..Example::BASE
        },
        Example {
        title: "Say where we are",
        policy: r#"<trace source="orders" severity="information"><message>@("caller " + context.Request.IpAddress)</message><metadata name="step" value="start" /></trace>"#,
        given: "GET /resource/1 HTTP/1.1",
        then: "GET http://backend.example/resource/1 HTTP/1.1",
        ..Example::BASE
    }
    ],
    compile: |element, cx| {
        let child = element.elements().find(|child| child.name == "message");
        let text = element.first_text();
        let message = match (child, text) {
            (Some(child), None) => cx.text(child),
            (None, Some(_)) => cx.text(element),
            (Some(_), Some(text)) => {
                cx.error("PX0110", "<trace> may not hold text beside a <message>.", text.span);
                None
            }
            (None, None) => {
                cx.error("PX0109", "<trace> must have a <message>.", element.name_span);
                None
            }
        };
        let metadata: Vec<_> = element
            .elements()
            .filter(|child| child.name == "metadata")
            .map(|child| Some((cx.literal(child, "name")?, cx.attr(child, "value")?)))
            .collect();
        Some(Step::now(Trace {
            source: cx.literal(element, "source")?,
            severity: match cx.literal_or(element, "severity", Weight::Verbose)? {
                Weight::Verbose => Severity::Verbose,
                Weight::Information => Severity::Information,
                Weight::Error => Severity::Error,
            },
            message: message?,
            metadata: metadata.into_iter().collect::<Option<_>>()?,
        }))
    },
    ..PolicyDef::BASE
};

struct Trace {
    source: Arc<str>,
    severity: Severity,
    message: Value<String>,
    metadata: Box<[(Arc<str>, Value<String>)]>,
}

impl Policy for Trace {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        if !exchange.is_traced() {
            return Ok(Flow::Continue);
        }
        let message = self.message.get(exchange)?.into_owned();
        let mut effect = Effect::new(message);
        for (name, value) in &self.metadata {
            effect = effect.with(Arc::clone(name), value.get(exchange)?.into_owned());
        }
        exchange.note_as(&self.source, self.severity, |_| effect);
        Ok(Flow::Continue)
    }
}
