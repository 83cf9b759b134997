//! `IMessageBody`. What `As<T>` makes of the bytes belongs to the type asked for: see [`convert`].

use std::rc::Rc;

use csharp::{
    Args, Cx, Raise, Result, Str, Ty, Value, exception,
    host::{Body, Part, Side},
    parcel::{Packed, Packer},
    surface::{Kind, TypeDef, acts},
    value::Object,
};

use super::{form, handle};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.IMessageBody",
    kind: Kind::Interface,
    members: &[
        acts(
            "T As<T>(bool preserveContent = false) where T : class",
            read_as,
            "The body as string, byte[], JSON or XML. Without preserveContent it is gone afterwards.",
        ),
        acts(
            "IDictionary<string, IList<string>> AsFormUrlEncodedContent(bool preserveContent = false)",
            read_form,
            "The fields of a form. Without preserveContent the body is gone afterwards.",
        ),
    ],
    doc: "A message's body.",
    ..TypeDef::CLASS
};

/// A body that a variable holds.
struct Held(Rc<[u8]>);

impl Object for Held {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn pack(&self, _packer: &mut Packer) -> Option<Packed> {
        let bytes = self.0.to_vec();
        Some(Packed::new(move |_| held(bytes.into())))
    }
}

/// The body of one of the exchange's messages, or null.
pub(super) fn of(cx: &Cx<'_>, side: Side) -> Value {
    let (part, word) = match side {
        Side::Request => (Part::RequestBody, 0),
        Side::Response => (Part::ResponseBody, 1),
    };
    if cx.host.has(part) { handle(&DEF, word) } else { Value::Null }
}

pub(super) fn held(bytes: Rc<[u8]>) -> Value {
    Value::object(Held(bytes))
}

/// The bytes of a body.
pub(super) fn bytes(cx: &mut Cx<'_>, args: &Args<'_>, preserve: bool) -> Result<Rc<[u8]>> {
    if let Some(held) = args.object::<Held>(0) {
        return Ok(held.0.clone());
    }
    let side = if args.word(0) == 0 { Side::Request } else { Side::Response };
    match cx.host.body(side, preserve) {
        Body::Bytes(bytes) => {
            cx.meter.allocate(bytes.len())?;
            Ok(bytes)
        }
        Body::NotBuffered => Err(Raise::Body(side)),
        Body::Consumed => Err(exception::invalid_operation(
            "The message body has been read already: pass preserveContent: true to read it again.",
        )),
    }
}

fn read_as(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let bytes = bytes(cx, &args, args.bool(1))?;
    let ty = args.ty(args.types().len().saturating_sub(1)).clone();
    convert(cx, &bytes, &ty)
}

fn read_form(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let bytes = bytes(cx, &args, args.bool(1))?;
    form::read(cx, &text(&bytes).to_text())
}

/// The bytes as a `T`.
fn convert(cx: &mut Cx<'_>, bytes: &[u8], ty: &Ty) -> Result<Value> {
    match ty {
        Ty::Prim(csharp::Prim::String) => Ok(Value::Str(text(bytes))),
        Ty::Array(element, 1) if **element == Ty::BYTE => Ok(Value::bytes(bytes.to_vec())),
        Ty::Prim(csharp::Prim::Object) => Ok(Value::Str(text(bytes))),
        // JSON and XML types read themselves from text: their own `Parse` does it.
        _ => parse(cx, &text(bytes), ty),
    }
}

/// UTF-8 without its byte order mark.
fn text(bytes: &[u8]) -> Str {
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    String::from_utf8_lossy(bytes).into()
}

/// Calls `T.Parse(string)`; a `XNode` is read as a document.
fn parse(cx: &mut Cx<'_>, text: &Str, ty: &Ty) -> Result<Value> {
    let surface = cx.surface;
    let name = match ty.def().map(|def| def.name) {
        Some("System.Xml.Linq.XNode") => "System.Xml.Linq.XDocument",
        Some(name) => name,
        None => "",
    };
    let rows = surface.def_named(name).and_then(|def| surface.info(def)).and_then(|info| info.by_name.get("Parse"));
    let row = rows
        .into_iter()
        .flatten()
        .map(|id| surface.member(*id))
        .find(|member| member.is_static && member.params.len() == 1);
    match row {
        Some(member) => (member.row.run)(cx, Args::new(&mut [Value::Str(text.clone())], &[])),
        None => Err(exception::not_supported(format!("A message body cannot be read as '{ty}'."))),
    }
}
