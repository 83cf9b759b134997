//! `find-and-replace`: replaces a text in a body.

use policy::{Bytes, prelude::*};

use crate::media::replace::{Pair, replace};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "find-and-replace",
    summary: "Replaces every occurrence of a text in the body of a message.",
    notes: "Before the backend it changes the request, behind it the response. The text is no pattern, and letter case counts. A body that \
            streams is changed as it passes: nothing waits but what may be the beginning of an occurrence. A body that \
            is compressed with gzip, deflate or Brotli is unpacked and goes on unpacked; in one with another coding nothing is found.",
    attrs: &[
        Attr::required("from", Kind::Text, "What to look for; nothing happens if it is empty.").expr(),
        Attr::required("to", Kind::Text, "What to put in its place.").expr(),
    ],
    examples: &[
        Example {
            title: "Another name in what the backend answers",
            section: Section::Outbound,
            policy: r#"<find-and-replace from="notebook" to="laptop" />"#,
            given: "GET /resource/1 HTTP/1.1",
            backend: "HTTP/1.1 200 OK\n\na notebook, two notebooks, a Notebook",
            then: "HTTP/1.1 200 OK\n\na laptop, two laptops, a Notebook",
            ..Example::BASE
        },
        Example {
            title: "A text that is computed",
            policy: r#"<find-and-replace from="{id}" to="@(context.Request.MatchedParameters["id"])" />"#,
            given: "POST /resource/7 HTTP/1.1\n\nid={id}",
            then: "POST http://backend.example/resource/7 HTTP/1.1\n\nid=7",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let from = cx.attr(element, "from");
        let to = cx.attr(element, "to");
        Some(Step::now(FindAndReplace { on: cx.on(), from: from?, to: to? }))
    },
    ..PolicyDef::BASE
};

struct FindAndReplace {
    on: On,
    from: Value<Bytes>,
    to: Value<Bytes>,
}

impl Policy for FindAndReplace {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let from = self.from.get(exchange)?.into_owned();
        let to = self.to.get(exchange)?.into_owned();
        exchange.decode(self.on.side());
        let body = match self.on {
            On::Request | On::Call => &mut exchange.request.body,
            On::Response | On::Draft => &mut exchange.response_mut(self.on).body,
        };
        replace(body, vec![Pair { from, to, whole_host: false }]);
        exchange.note(|_| "The text is replaced wherever the body has it.");
        Ok(Flow::Continue)
    }
}
