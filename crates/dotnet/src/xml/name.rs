//! `XName` and `XNamespace`.

use std::rc::Rc;

use csharp::{
    Args, Cx, Object, Result, Str, Ty, Value, exception,
    surface::{TypeDef, pure},
};

use super::exceptions::checked;

pub(super) static DEF: TypeDef = TypeDef {
    name: "System.Xml.Linq.XName",
    members: &[
        pure("static XName Get(string expandedName)", get, "Of `local` or `{namespace}local`."),
        pure("static XName Get(string localName, string namespaceName)", get_in, "Of a local name in a namespace."),
        pure("static implicit operator XName(string expandedName)", from_string, "Of `local` or `{namespace}local`."),
        pure("static bool operator ==(XName left, XName right)", equals, "Whether both are the same name."),
        pure("static bool operator !=(XName left, XName right)", differ, "Whether they are different names."),
        pure(
            "string LocalName { get; }",
            |_, args| Ok(Value::str(&*args.this::<Name>()?.0.local)),
            "The name without its namespace.",
        ),
        pure(
            "string NamespaceName { get; }",
            |_, args| Ok(Value::str(&*args.this::<Name>()?.0.namespace)),
            "The namespace's name.",
        ),
        pure(
            "XNamespace Namespace { get; }",
            |_, args| Ok(namespace(&args.this::<Name>()?.0.namespace)),
            "The namespace.",
        ),
    ],
    doc: "The name of an element or attribute.",
    ..TypeDef::CLASS
};

pub(super) static NAMESPACE: TypeDef = TypeDef {
    name: "System.Xml.Linq.XNamespace",
    members: &[
        pure("static XNamespace Get(string namespaceName)", get_namespace, "A namespace by its name."),
        pure(
            "static implicit operator XNamespace(string namespaceName)",
            namespace_from_string,
            "A namespace by its name.",
        ),
        pure("static XName operator +(XNamespace ns, string localName)", add, "A name in the namespace."),
        pure(
            "static bool operator ==(XNamespace left, XNamespace right)",
            equals,
            "Whether both are the same namespace.",
        ),
        pure(
            "static bool operator !=(XNamespace left, XNamespace right)",
            differ,
            "Whether they are different namespaces.",
        ),
        pure("static XNamespace None { get; }", |_, _| Ok(namespace("")), "No namespace."),
        pure("static XNamespace Xml { get; }", |_, _| Ok(namespace(dom::XML)), "The namespace of the prefix `xml`."),
        pure(
            "static XNamespace Xmlns { get; }",
            |_, _| Ok(namespace(dom::XMLNS)),
            "The namespace of the prefix `xmlns`.",
        ),
        pure("XName GetName(string localName)", add, "A name in the namespace."),
        pure("string NamespaceName { get; }", |_, args| Ok(Value::str(&*args.this::<Namespace>()?.0)), "The name."),
    ],
    doc: "A namespace of XML.",
    ..TypeDef::CLASS
};

/// An `XName`.
pub(super) struct Name(pub(super) dom::XName);

impl Object for Name {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.0.to_string().into())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<Name>().is_some_and(|other| self.0 == other.0)
    }

    fn hash(&self) -> Option<u64> {
        Some(hash(&self.0.local) ^ hash(&self.0.namespace).rotate_left(1))
    }
}

/// An `XNamespace`.
struct Namespace(Rc<str>);

impl Object for Namespace {
    fn ty(&self) -> Ty {
        Ty::named(&NAMESPACE)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok((&*self.0).into())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<Namespace>().is_some_and(|other| self.0 == other.0)
    }

    fn hash(&self) -> Option<u64> {
        Some(hash(&self.0))
    }
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(5381, |hash: u64, byte| hash.wrapping_mul(33) ^ u64::from(byte))
}

/// A name as a value.
pub(super) fn name(name: dom::XName) -> Value {
    Value::object(Name(name))
}

/// A namespace as a value.
pub(super) fn namespace(namespace: &str) -> Value {
    Value::object(Namespace(namespace.into()))
}

/// Argument `index`, an `XName`; `None` for null.
pub(super) fn at<'a>(args: &'a Args<'_>, index: usize) -> Option<&'a dom::XName> {
    args.object::<Name>(index).map(|name| &name.0)
}

/// Argument `index`, an `XName` that must not be null.
pub(super) fn required<'a>(args: &'a Args<'_>, index: usize) -> Result<&'a dom::XName> {
    at(args, index).ok_or_else(|| exception::argument_null("name"))
}

fn get(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    checked(dom::XName::parse(&args.str(0, "expandedName")?.to_text())).map(name)
}

fn from_string(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    if args.value(0).is_null() { Ok(Value::Null) } else { get(cx, args) }
}

fn get_in(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (local, namespace) = (args.str(0, "localName")?, args.str(1, "namespaceName")?);
    checked(dom::XName::new(&namespace.to_text(), &local.to_text())).map(name)
}

fn get_namespace(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(namespace(&args.str(0, "namespaceName")?.to_text()))
}

fn namespace_from_string(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(args.opt_str(0).map_or(Value::Null, |name| namespace(&name.to_text())))
}

fn add(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let namespace = args.object_or::<Namespace>(0, "ns")?;
    checked(dom::XName::new(&namespace.0, &args.str(1, "localName")?.to_text())).map(name)
}

fn equals(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(args.value(0).equals(args.value(1))))
}

fn differ(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(!args.value(0).equals(args.value(1))))
}
