//! A body made by a Liquid template.

use std::rc::Rc;

use csharp::surface::Surface;
use dom::XObject;
use json::JToken;
use liquid::{DateTime, DateTimeKind, Limits, Markup, Template};
use policy::{
    Body,
    base::{Diagnostic, Timestamp},
    exchange::Side,
    prelude::*,
};

use super::{Nil, context, json_body, xml_body};
use crate::media;

pub(super) struct Liquid {
    on: On,
    /// The message whose body the template sees; none inside of `return-response`.
    side: Option<Side>,
    template: Template,
    surface: Arc<Surface>,
    nil: Nil,
    dates: bool,
}

impl Liquid {
    pub(super) fn compile(element: &Element, nil: Nil, dates: bool, cx: &mut Compiler<'_>) -> Option<Self> {
        let text = cx.template(element)?;
        let markup = if element.elements().next().is_some() { Markup::Xml } else { Markup::Text };
        let parsed = Template::parse(text.text(), markup);
        for found in parsed.errors {
            cx.report(Diagnostic::error("PX0140", found.message, text.span(found.range)));
        }
        for found in parsed.warnings {
            let warning = Diagnostic::warning("PX0141", found.message, text.span(found.range));
            cx.report(match found.note {
                Some(note) => warning.note(note),
                None => warning,
            });
        }
        let template = parsed.template?;
        let surface = Arc::clone(cx.environment().catalogue.surface());
        for path in template.paths() {
            if let Some(unknown) = context::unknown_member(&surface, path) {
                cx.report(Diagnostic::warning("PX0142", unknown, text.whole_span()));
            }
        }
        let side = match cx.on() {
            On::Request => Some(Side::Request),
            On::Response => Some(Side::Response),
            On::Draft => None,
            // A call is made out of the message that policies change where it stands.
            On::Call => Some(match cx.section() {
                Some(Section::Outbound | Section::OnError) => Side::Response,
                _ => Side::Request,
            }),
        };
        if template.reads("body") && side.is_some() {
            cx.note_body_read();
        }
        Some(Self { on: cx.on(), side, template, surface, nil, dates })
    }

    /// What `body` is.
    fn body(&self, exchange: &Exchange) -> Result<Shown, Fault> {
        let Some(side) = self.side.filter(|_| self.template.reads("body")) else { return Ok(Shown::Nothing) };
        let (headers, consumed) = match side {
            Side::Request => (&exchange.request.headers, exchange.request.consumed),
            Side::Response => (&exchange.response.headers, exchange.response.consumed),
        };
        if consumed {
            return Ok(Shown::Nothing);
        }
        let bytes = exchange.readable(side).ok_or_else(|| Fault::body_needed(side))?;
        let text = media::text(bytes);
        if text.trim().is_empty() {
            return Ok(Shown::Nothing);
        }
        let content_type = headers.joined("Content-Type").unwrap_or_default();
        let read = match () {
            () if media::is_json(&content_type) => json_body::read(&text, self.dates).map(Shown::Json),
            () if media::is_xml(&content_type) => xml_body::read(&text).map(Shown::Xml),
            () => return Ok(Shown::Text(text.into())),
        };
        read.map_err(|wrong| Fault::expression(format!("The body is not what its Content-Type says: {wrong}")))
    }
}

/// A body that was read.
enum Shown {
    Nothing,
    Text(Rc<str>),
    Json(JToken),
    Xml(XObject),
}

impl Shown {
    fn value<'a>(&self, policy: &Liquid) -> liquid::Value<'a> {
        match self {
            Self::Nothing => liquid::Value::Nil,
            Self::Text(text) => liquid::Value::Str(Rc::clone(text)),
            Self::Json(token) => json_body::value(token, false),
            Self::Xml(node) => xml_body::of_node(node.clone(), policy.nil, policy.dates),
        }
    }
}

impl Policy for Liquid {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let body = self.body(exchange)?;
        let now = date_time(exchange.host.clock.now());
        let limits = Limits::default();
        let rendered = if self.template.reads("context") {
            context::with(exchange, &self.surface, |context| {
                let root = |name: &str| match name {
                    "body" => Some(body.value(self)),
                    "context" => Some(context.clone()),
                    _ => None,
                };
                self.template.render(&root, now, &limits)
            })
        } else {
            self.template.render(&|name| (name == "body").then(|| body.value(self)), now, &limits)
        };
        let text = rendered.map_err(|limit| Fault::expression(format!("The body was not made: {limit}.")))?;
        let size = text.len();
        exchange.set_body(self.on, Body::full(text));
        exchange.note(|_| format!("The body was made by the template: {size} bytes."));
        Ok(Flow::Continue)
    }
}

/// The wall clock in UTC.
fn date_time(now: Timestamp) -> DateTime {
    const UNIX_EPOCH: i64 = 621_355_968_000_000_000;
    DateTime::from_ticks(UNIX_EPOCH + now.0.div_euclid(100), DateTimeKind::Utc).unwrap_or_default()
}
