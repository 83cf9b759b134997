//! `IResponse`: `context.Response`, and the responses that `send-request` stores in variables.

use std::rc::Rc;

use csharp::{
    Args, Cx, Result, Str, Ty, Value,
    host::{Ask, Number, Pairs, Side, Text},
    parcel::{Packed, Packer},
    surface::{Kind, TypeDef, reads},
    value::Object,
};

use super::{body, pairs, text};
use crate::collections::Dictionary;

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.IResponse",
    kind: Kind::Interface,
    members: &[
        reads("int StatusCode { get; }", status, "The status code."),
        reads("string StatusReason { get; }", reason, "The reason phrase.").asks(|_| Text::ResponseStatusReason.into()),
        reads("IReadOnlyDictionary<string, string[]> Headers { get; }", headers, "The headers.")
            .asks(|_| Ask::Pairs(Pairs::Headers(Side::Response))),
        reads("IMessageBody Body { get; }", message_body, "The body, or null."),
    ],
    doc: "A response.",
    ..TypeDef::CLASS
};

/// A response that a variable holds.
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The reason phrase.
    pub reason: Str,
    /// Each name with its values.
    pub headers: Vec<(Str, Vec<Str>)>,
    /// The body.
    pub body: Rc<[u8]>,
}

impl Object for Response {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn pack(&self, _packer: &mut Packer) -> Option<Packed> {
        let (status, reason, headers) = (self.status, self.reason.clone(), self.headers.clone());
        let body = self.body.to_vec();
        Some(Packed::new(move |_| Value::object(Response { status, reason, headers, body: body.into() })))
    }
}

fn status(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(match args.object::<Response>(0) {
        Some(response) => response.status.into(),
        None => cx.host.number(Number::ResponseStatusCode).unwrap_or_default() as i32,
    }))
}

fn reason(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    match args.object::<Response>(0) {
        Some(response) => Ok(Value::Str(response.reason.clone())),
        None => text(cx, Text::ResponseStatusReason),
    }
}

fn headers(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(match args.object::<Response>(0) {
        Some(response) => {
            let headers = response
                .headers
                .iter()
                .map(|(name, values)| (Value::Str(name.clone()), Value::strings(values.clone())));
            Dictionary::ignoring_case(Ty::STRING, Ty::array(Ty::STRING), headers)
        }
        None => pairs::value(Pairs::Headers(Side::Response)),
    })
}

fn message_body(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(match args.object::<Response>(0) {
        Some(response) => body::held(response.body.clone()),
        None => body::of(cx, Side::Response),
    })
}
