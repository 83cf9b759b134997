//! What `json-to-xml` and `xml-to-json` have in common: when they apply, and how they change a message.

use policy::{Body, prelude::*};

use super::{is_json, is_xml, media_type, text};

words! {
    /// When a conversion applies. Each policy takes two of these.
    pub(crate) enum Apply { Always = "always", IfJson = "content-type-json", IfXml = "content-type-xml" }
}

/// What a conversion asks before it begins.
pub(crate) struct When {
    pub(crate) on: On,
    pub(crate) apply: Value<Apply>,
    pub(crate) consider_accept: Value<bool>,
}

impl When {
    /// Reads the attributes that both policies have.
    pub(crate) fn compile(element: &Element, cx: &mut Compiler<'_>) -> Option<Self> {
        let apply = cx.attr(element, "apply");
        let consider_accept = cx.attr_or(element, "consider-accept-header", true);
        cx.note_body_read();
        Some(Self { on: cx.on(), apply: apply?, consider_accept: consider_accept? })
    }

    /// Whether the message is to be converted, by its headers.
    pub(crate) fn holds(&self, exchange: &mut Exchange, wanted: fn(&str) -> bool) -> Result<bool, Fault> {
        let apply = *self.apply.get(exchange)?;
        let consider_accept = *self.consider_accept.get(exchange)?;
        let content_type = exchange.headers(self.on).joined("Content-Type").unwrap_or_default();
        let fits = match apply {
            Apply::Always => true,
            Apply::IfJson => is_json(&content_type),
            Apply::IfXml => is_xml(&content_type),
        };
        let asked = || exchange.request.headers.joined("Accept").is_some_and(|accept| accepts(&accept, wanted));
        Ok(fits && (!consider_accept || asked()))
    }

    /// The text of the message's body; `None` where there is none.
    pub(crate) fn body(&self, exchange: &Exchange) -> Result<Option<String>, Fault> {
        let side = self.on.side();
        let bytes = exchange.readable(side).ok_or_else(|| Fault::body_needed(side))?;
        let text = text(bytes);
        Ok((!text.trim().is_empty()).then(|| text.into_owned()))
    }

    /// Puts the result in the place of the body.
    pub(crate) fn finish(&self, exchange: &mut Exchange, body: String, content_type: &'static str) {
        let name = HeaderName::from_static("Content-Type");
        let size = body.len();
        exchange.headers_mut(self.on).set(name, HeaderValue::from_static(content_type));
        exchange.set_body(self.on, Body::full(body));
        exchange.note(|_| format!("The body was converted to {content_type}: {size} bytes."));
    }
}

/// Whether a media type that is `wanted` is named, and not with a weight of zero.
fn accepts(accept: &str, wanted: fn(&str) -> bool) -> bool {
    let refused = |item: &str| {
        let weights = item.split(';').skip(1).filter_map(|parameter| parameter.trim().strip_prefix("q="));
        weights.filter_map(|weight| weight.trim().parse::<f32>().ok()).any(|weight| weight == 0.0)
    };
    accept.split(',').any(|item| wanted(media_type(item)) && !refused(item))
}

/// A body that is not what it should be.
pub(crate) fn failed(what: &str, why: impl std::fmt::Display) -> Fault {
    Fault::new("", "BodyConversionFailure", format!("The body cannot be read as {what}: {why}"))
}
