//! `BasicAuthCredentials`.

use csharp::{
    Str, Ty, Value,
    parcel::{Packed, Packer},
    surface::{TypeDef, pure},
    value::Object,
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.BasicAuthCredentials",
    members: &[
        pure(
            "string UserId { get; }",
            |_, args| Ok(Value::Str(args.this::<Basic>()?.user.clone())),
            "Before the colon.",
        ),
        pure(
            "string Password { get; }",
            |_, args| Ok(Value::Str(args.this::<Basic>()?.password.clone())),
            "Behind the colon.",
        ),
    ],
    doc: "What an `Authorization: Basic` header holds.",
    ..TypeDef::CLASS
};

pub(super) struct Basic {
    user: Str,
    password: Str,
}

impl Object for Basic {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn pack(&self, _packer: &mut Packer) -> Option<Packed> {
        let (user, password) = (self.user.clone(), self.password.clone());
        Some(Packed::new(move |_| Value::object(Basic { user, password })))
    }
}

/// Without its scheme, whose case does not matter.
pub(super) fn strip_scheme<'t>(text: &'t str, scheme: &str) -> Option<&'t str> {
    let text = text.trim();
    let (head, rest) = text.split_at_checked(scheme.len())?;
    head.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

/// `Basic <base64 of user:password>`.
pub(super) fn parse(text: &str) -> Option<Value> {
    let bytes = dotformat::from_base64(strip_scheme(text, "Basic ")?).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (user, password) = text.split_once(':')?;
    Some(Value::object(Basic { user: user.into(), password: password.into() }))
}
