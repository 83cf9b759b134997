//! `context` as templates see it: the objects of expressions, read member by member.

use std::{cell::RefCell, rc::Rc};

use csharp::{
    Cx, Ty,
    limits::{Limits, Meter},
    surface::Surface,
};
use dotnet::dynamic::{self, Known, Shape};
use liquid::Object;
use policy::{Exchange, host};

use super::{Nil, json_body, xml_body};

/// Members that only templates have.
const MORE: &[(&str, &str)] =
    &[("Request", "OriginalMethod"), ("Request", "HasBody"), ("Request", "ClientCertificates"), ("Response", "Method")];

/// Lends `context` to `render`.
pub(super) fn with<T>(
    exchange: &mut Exchange,
    surface: &Surface,
    render: impl FnOnce(&liquid::Value<'_>) -> T,
) -> T {
    let facts = Facts {
        method: exchange.request.method.as_str().to_owned(),
        original_method: exchange.client_method.as_str().to_owned(),
        has_body: exchange.request.consumed || !exchange.request.body.is_empty(),
    };
    let root = root(surface);
    let mut context = host::Context::new(exchange);
    let cx = Cx::new(&mut context, surface, Meter::new(&Limits::default()));
    let lent = Rc::new(Lent { cx: RefCell::new(cx), facts });
    render(&liquid::Value::object(Member { lent, value: root, path: "" }))
}

/// What is wrong with a path that begins at `context`, as far as types tell.
pub(super) fn unknown_member(surface: &Surface, path: &[Box<str>]) -> Option<String> {
    let (root, names) = path.split_first().filter(|(root, _)| &***root == "context")?;
    let mut ty = surface.globals().iter().find(|(name, ..)| *name == &**root)?.1.clone();
    let mut so_far = root.to_string();
    for name in names {
        let more = MORE.iter().any(|(owner, known)| so_far == format!("context.{owner}") && *known == &**name);
        // What is iterated can also be measured.
        if more || ["size", "first", "last"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
            return None;
        }
        match dynamic::member_type(surface, &ty, name) {
            Known::Type(next) => ty = next,
            Known::Later => return None,
            Known::Nothing => return Some(format!("{so_far} has no member {name}: it is empty in the template.")),
        }
        so_far.push('.');
        so_far.push_str(name);
    }
    None
}

fn root(surface: &Surface) -> csharp::Value {
    let found = surface.globals().iter().find(|(name, ..)| *name == "context");
    found.map_or(csharp::Value::Null, |(.., value)| value.value())
}

/// What a rendering shares.
struct Lent<'x> {
    cx: RefCell<Cx<'x>>,
    facts: Facts,
}

struct Facts {
    method: String,
    original_method: String,
    has_body: bool,
}

/// An object of C#.
struct Member<'x> {
    lent: Rc<Lent<'x>>,
    value: csharp::Value,
    /// The member of `context` that it is, if it is one.
    path: &'static str,
}

impl<'x> Member<'x> {
    fn wrap(&self, value: &csharp::Value, path: &'static str) -> liquid::Value<'x> {
        match dynamic::shape(value) {
            Shape::Null => liquid::Value::Nil,
            Shape::Bool(value) => liquid::Value::Bool(value),
            Shape::Integer(value) => liquid::Value::Int(value),
            Shape::Double(value) => liquid::Value::Double(value),
            Shape::Decimal(value) => liquid::Value::Decimal(value),
            Shape::Text(text) => liquid::Value::str(text),
            Shape::Date(date) => liquid::Value::Date(date),
            Shape::DateOffset(date) => liquid::Value::DateOffset(date),
            Shape::Json(token) => json_body::value(&token, true),
            Shape::Xml(node) => xml_body::of_node(node, Nil::Blank, true),
            Shape::Pair(key, value) => liquid::Value::Pair(Rc::new((self.wrap(&key, ""), self.wrap(&value, "")))),
            Shape::Object => {
                liquid::Value::object(Member { lent: Rc::clone(&self.lent), value: value.clone(), path })
            }
        }
    }

    fn more(&self, name: &str) -> Option<liquid::Value<'x>> {
        let facts = &self.lent.facts;
        Some(match (self.path, name) {
            ("Request", "OriginalMethod") => liquid::Value::str(&*facts.original_method),
            ("Request", "HasBody") => liquid::Value::Bool(facts.has_body),
            ("Request", "ClientCertificates") => {
                let certificate = self.found("Certificate").filter(|value| !value.is_null());
                liquid::Value::list(certificate.iter().map(|value| self.wrap(value, "")).collect())
            }
            ("Response", "Method") => liquid::Value::str(&*facts.method),
            _ => return None,
        })
    }

    /// What fails, as a missing certificate does, is not there.
    fn found(&self, name: &str) -> Option<csharp::Value> {
        let mut cx = self.lent.cx.try_borrow_mut().ok()?;
        dynamic::member(&mut cx, &self.value, name).ok()?
    }
}

impl<'x> Object<'x> for Member<'x> {
    fn member(&self, name: &str) -> Option<liquid::Value<'x>> {
        if let Some(more) = self.more(name) {
            return Some(more);
        }
        let value = self.found(name)?;
        let is_context = self.value.ty().def().is_some_and(|def| def.name == "PolicyExpressions.IContext");
        let path = match name {
            "Request" if is_context => "Request",
            "Response" if is_context => "Response",
            _ => "",
        };
        Some(self.wrap(&value, path))
    }

    fn items(&self) -> Option<Vec<liquid::Value<'x>>> {
        let items = {
            let mut cx = self.lent.cx.try_borrow_mut().ok()?;
            dynamic::items(&mut cx, &self.value).ok()??
        };
        Some(items.iter().map(|item| self.wrap(item, "")).collect())
    }

    fn text(&self) -> Option<String> {
        let is_array = matches!(self.value.ty(), Ty::Array(..));
        let mut cx = self.lent.cx.try_borrow_mut().ok()?;
        // Lists and dictionaries print what is in them.
        if is_array || dynamic::items(&mut cx, &self.value).is_ok_and(|items| items.is_some()) {
            return None;
        }
        if let Ok(Some(csharp::Value::Str(text))) = dynamic::member(&mut cx, &self.value, "ToString") {
            return Some(text.to_text().into_owned());
        }
        cx.text(&self.value).ok().map(|text| text.to_text().into_owned())
    }
}
