//! `Authorization`: what `get-authorization-context` leaves in its variable.

use csharp::{
    Str, Ty, Value,
    parcel::{Packed, Packer},
    surface::{TypeDef, pure},
    value::Object,
};

use crate::collections::Dictionary;

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.Authorization",
    members: &[
        pure(
            "string AccessToken { get; }",
            |_, args| Ok(Value::Str(args.this::<Authorization>()?.token.clone())),
            "The token for the backend.",
        ),
        pure(
            "IReadOnlyDictionary<string, object> Claims { get; }",
            |_, args| {
                let claims = args.this::<Authorization>()?.claims.clone();
                let pairs = claims.into_iter().map(|(name, value)| (Value::Str(name), value));
                Ok(Dictionary::of(Ty::STRING, Ty::OBJECT, pairs))
            },
            "What the token's issuer said beside it.",
        ),
    ],
    doc: "A token of the credential manager.",
    ..TypeDef::CLASS
};

/// A token with what came beside it.
pub struct Authorization {
    token: Str,
    claims: Vec<(Str, Value)>,
}

impl Authorization {
    /// A token, and the other fields of the answer that it came with.
    pub fn new(token: &str, claims: Vec<(Str, Value)>) -> Self {
        Self { token: token.into(), claims }
    }
}

impl Object for Authorization {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn pack(&self, packer: &mut Packer) -> Option<Packed> {
        let token = self.token.clone();
        let claims = self.claims.iter().map(|(name, value)| Some((name.clone(), packer.value(value)?)));
        let claims = claims.collect::<Option<Vec<_>>>()?;
        Some(Packed::new(move |unpacked| {
            let claims = claims.iter().map(|(name, value)| (name.clone(), unpacked.value(value))).collect();
            Value::object(Authorization { token, claims })
        }))
    }
}
