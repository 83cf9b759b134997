//! `set-variable`: remembers a value for later policies of the same request.

use policy::{AnyValue, describe, prelude::*};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "set-variable",
    summary: "Remembers a value for later policies of the same request, in `context.Variables`.",
    notes: "A literal is a string. An expression may give a value of any type: real documents keep JSON objects in variables.",
    attrs: &[
        Attr::required("name", Kind::Name, "The variable."),
        Attr::required("value", Kind::Any, "What it holds.").expr(),
    ],
    examples: &[Example {
        title: "Compute once, use later",
        policy: r#"<set-variable name="who" value="@(context.Request.IpAddress)" />
<set-header name="X-Who"><value>@((string)context.Variables["who"])</value></set-header>"#,
        given: "GET /resource/1 HTTP/1.1",
        then: "GET http://backend.example/resource/1 HTTP/1.1\nX-Who: 203.0.113.7",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let name = cx.literal(element, "name");
        let value = cx.any(element, "value");
        Some(Step::now(SetVariable { name: name?, value: value? }))
    },
    ..PolicyDef::BASE
};

struct SetVariable {
    name: Arc<str>,
    value: AnyValue,
}

impl Policy for SetVariable {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let value = self.value.get(exchange)?;
        exchange.note(|_| Effect::new(format!("{} = {}", self.name, describe(&value))));
        exchange.variables.set(&self.name, value);
        Ok(Flow::Continue)
    }
}
