//! `XDeclaration`.

use std::cell::RefCell;

use csharp::{
    Args, Cx, Object, Result, Str, Ty, Value,
    surface::{TypeDef, reads},
};

pub(super) static DEF: TypeDef = TypeDef {
    name: "System.Xml.Linq.XDeclaration",
    members: &[
        reads("XDeclaration(string version, string encoding, string standalone)", new, "A declaration."),
        reads("string Version { get; }", |_, args| get(&args, |own| &own.version), "`1.0`.")
            .with_set(|_, args| set(&args, |own| &mut own.version)),
        reads("string Encoding { get; }", |_, args| get(&args, |own| &own.encoding), "The encoding's name.")
            .with_set(|_, args| set(&args, |own| &mut own.encoding)),
        reads("string Standalone { get; }", |_, args| get(&args, |own| &own.standalone), "`yes` or `no`.")
            .with_set(|_, args| set(&args, |own| &mut own.standalone)),
    ],
    doc: "The first line of a document.",
    ..TypeDef::CLASS
};

/// An `XDeclaration`.
pub(super) struct Declaration(pub(super) RefCell<dom::Declaration>);

impl Object for Declaration {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.0.borrow().to_string().into())
    }
}

/// A declaration as a value.
pub(super) fn wrap(declaration: dom::Declaration) -> Value {
    Value::object(Declaration(RefCell::new(declaration)))
}

type Field = Option<std::rc::Rc<str>>;

fn text(args: &Args<'_>, index: usize) -> Field {
    args.opt_str(index).map(|text| text.to_text().into())
}

fn new(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let [version, encoding, standalone] = [0, 1, 2].map(|index| text(&args, index));
    Ok(wrap(dom::Declaration { version, encoding, standalone }))
}

fn get(args: &Args<'_>, field: fn(&dom::Declaration) -> &Field) -> Result<Value> {
    Ok(Value::str_or_null(field(&args.this::<Declaration>()?.0.borrow()).as_deref()))
}

fn set(args: &Args<'_>, field: fn(&mut dom::Declaration) -> &mut Field) -> Result<Value> {
    *field(&mut args.this::<Declaration>()?.0.borrow_mut()) = text(args, 1);
    Ok(Value::Null)
}
