//! `Jwt`: the claims of a token, read but not verified. `validate-jwt` is what verifies.

use std::rc::Rc;

use csharp::{
    Str, Ty, Value,
    parcel::{Packed, Packer},
    surface::{TypeDef, pure},
    value::{Collection, Iter, Object, from_fn},
};
use json::{JToken, JTokenType};

use super::basic::strip_scheme;
use crate::collections::{READ_ONLY_DICTIONARY, pair};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.Jwt",
    members: &[
        pure(
            "string Algorithm { get; }",
            |_, args| Ok(Value::str_or_null(args.this::<Jwt>()?.algorithm.clone())),
            "`alg` of the header.",
        ),
        pure(
            "string Type { get; }",
            |_, args| Ok(Value::str_or_null(args.this::<Jwt>()?.kind.clone())),
            "`typ` of the header.",
        ),
        pure("string Id { get; }", |_, args| Ok(args.this::<Jwt>()?.claim("jti")), "`jti`."),
        pure("string Issuer { get; }", |_, args| Ok(args.this::<Jwt>()?.claim("iss")), "`iss`."),
        pure("string Subject { get; }", |_, args| Ok(args.this::<Jwt>()?.claim("sub")), "`sub`."),
        pure("IEnumerable<string> Audiences { get; }", |_, args| Ok(args.this::<Jwt>()?.audiences()), "`aud`."),
        pure("DateTime? ExpirationTime { get; }", |_, args| Ok(args.this::<Jwt>()?.time("exp")), "`exp`."),
        pure("DateTime? IssuedAt { get; }", |_, args| Ok(args.this::<Jwt>()?.time("iat")), "`iat`."),
        pure("DateTime? NotBefore { get; }", |_, args| Ok(args.this::<Jwt>()?.time("nbf")), "`nbf`."),
        pure(
            "IReadOnlyDictionary<string, string[]> Claims { get; }",
            |_, args| Ok(args.this::<Jwt>()?.claims()),
            "All claims of the payload.",
        ),
    ],
    doc: "A JSON Web Token.",
    ..TypeDef::CLASS
};

/// A token that was read.
pub struct Jwt {
    algorithm: Option<Str>,
    kind: Option<Str>,
    claims: Rc<[Claim]>,
}

/// A claim's name and values: those of an array one by one.
type Claim = (Str, Vec<Str>);

impl Object for Jwt {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn pack(&self, _packer: &mut Packer) -> Option<Packed> {
        let (algorithm, kind, claims) = (self.algorithm.clone(), self.kind.clone(), self.claims.to_vec());
        Some(Packed::new(move |_| Value::object(Jwt { algorithm, kind, claims: claims.into() })))
    }
}

impl Jwt {
    /// Reads a token, with or without `Bearer` before it. None where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let token = strip_scheme(text, "Bearer ").unwrap_or_else(|| text.trim());
        let mut parts = token.split('.');
        let (header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let (header, payload) = (part(header)?, part(payload)?);
        let claims = payload.children().into_iter().filter_map(|property| {
            let value = property.property_value()?;
            let values = match value.kind() {
                JTokenType::Array => value.children().iter().map(claim_text).collect(),
                _ => vec![claim_text(&value)],
            };
            Some((Str::from(property.name()?.as_str()), values))
        });
        let claims = claims.collect();
        let text = |name| header.get(name).map(|token| claim_text(&token));
        Some(Self { algorithm: text("alg"), kind: text("typ"), claims })
    }

    fn values(&self, name: &str) -> Option<&[Str]> {
        self.claims.iter().find(|(known, _)| *known == *name).map(|(_, values)| values.as_slice())
    }

    fn claim(&self, name: &str) -> Value {
        Value::str_or_null(self.values(name).and_then(|values| values.first()).cloned())
    }

    fn audiences(&self) -> Value {
        Value::strings(self.values("aud").unwrap_or_default().to_vec())
    }

    fn claims(&self) -> Value {
        Value::object(Claims(self.claims.clone()))
    }

    /// Seconds since 1970 as a UTC time.
    fn time(&self, name: &str) -> Value {
        let text = self.values(name).and_then(|values| values.first()).map(|text| text.to_text().into_owned());
        let seconds = text.and_then(|text| text.parse::<f64>().ok());
        match seconds.filter(|seconds| seconds.abs() < 9e9) {
            Some(seconds) => {
                crate::system::date_time(crate::system::of_timestamp(base::Timestamp::from_secs(seconds as i64)))
            }
            None => Value::Null,
        }
    }
}

/// The claims of a token as a dictionary. There are few of them: a scan beats a hash.
struct Claims(Rc<[Claim]>);

impl Object for Claims {
    fn ty(&self) -> Ty {
        Ty::generic(&READ_ONLY_DICTIONARY, vec![Ty::STRING, Ty::array(Ty::STRING)])
    }

    fn pack(&self, _packer: &mut Packer) -> Option<Packed> {
        let claims = self.0.to_vec();
        Some(Packed::new(move |_| Value::object(Claims(claims.into()))))
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let mut at = 0;
        Some(Box::new(from_fn(move |_| {
            at += 1;
            Ok(self.item(at - 1))
        })))
    }

    fn collection(&self) -> Option<&dyn Collection> {
        Some(self)
    }
}

impl Collection for Claims {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn item(&self, index: usize) -> Option<Value> {
        let (name, values) = self.0.get(index)?;
        let values = Value::strings(values.iter().cloned());
        Some(pair(&Ty::STRING, &Ty::array(Ty::STRING), Value::Str(name.clone()), values))
    }

    fn is_read_only(&self) -> bool {
        true
    }

    fn lookup(&self, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        let (_, values) = self.0.iter().find(|(name, _)| name == key)?;
        Some(Value::strings(values.iter().cloned()))
    }
}

/// base64url of a JSON object.
fn part(text: &str) -> Option<JToken> {
    let bytes = dotformat::from_base64_url(text).or_else(|| {
        // Plain base64 and padding are taken as well.
        let mut base64 = text.replace('-', "+").replace('_', "/");
        while !base64.len().is_multiple_of(4) {
            base64.push('=');
        }
        dotformat::from_base64(&base64).ok()
    })?;
    let text = String::from_utf8(bytes).unwrap_or_else(|wrong| String::from_utf8_lossy(wrong.as_bytes()).into_owned());
    JToken::parse_object(text).ok()
}

/// A claim as text: booleans in lower case, objects as compact JSON.
fn claim_text(token: &JToken) -> Str {
    match token.as_text() {
        Some(text) => text.as_str().into(),
        None => token.to_json(json::Formatting::None).trim_matches('"').into(),
    }
}
