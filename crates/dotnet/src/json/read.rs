//! JSON as objects: what `ToObject<T>` and `DeserializeObject<T>` make of tokens.

use csharp::{Args, Cx, Prim, Result, Ty, Value, exception, surface::TypeDef, ty::Def, value::Tuple};
use json::{JToken, JTokenType, parse_json_date};

use super::{
    cast::{self, holds_null},
    exceptions,
    exceptions::{checked, serialization},
    foreign,
    token::wrap,
};
use crate::collections::key_value_pair;

/// `token.ToObject<T>()`: built-in types are cast, all others read as if from a text.
pub(super) fn to_object(cx: &mut Cx<'_>, token: &JToken, ty: &Ty) -> Result<Value> {
    match cast::explicit(ty.unwrap_nullable()) {
        Some(_) if is_null(token) && holds_null(ty) => Ok(Value::Null),
        Some(cast) => cast(cx, token),
        None => of_token(cx, token, ty),
    }
}

/// Reads a token as a type. Dates within tokens stay what they are.
pub(super) fn of_token(cx: &mut Cx<'_>, token: &JToken, ty: &Ty) -> Result<Value> {
    Reader { cx, finds_dates: false }.value(token, ty)
}

/// Reads a token of a text in which dates are still texts: only what is not read as a string becomes a date.
pub(super) fn of_text(cx: &mut Cx<'_>, token: &JToken, ty: &Ty, finds_dates: bool) -> Result<Value> {
    Reader { cx, finds_dates }.value(token, ty)
}

fn is_null(token: &JToken) -> bool {
    matches!(token.kind(), JTokenType::Null | JTokenType::Undefined)
}

struct Reader<'r, 'c> {
    cx: &'r mut Cx<'c>,
    finds_dates: bool,
}

impl Reader<'_, '_> {
    fn value(&mut self, token: &JToken, ty: &Ty) -> Result<Value> {
        self.cx.meter.step()?;
        self.cx.meter.allocate(size_of::<Value>())?;
        if let Some(def) = ty.def().filter(|def| def.namespace() == "Newtonsoft.Json.Linq") {
            return self.token(token, ty, def);
        }
        if is_null(token) {
            if holds_null(ty) {
                return Ok(Value::Null);
            }
            let name = ty.clr_name();
            return Err(serialization(format!("Error converting value {{null}} to type '{name}'.{}", at(token))));
        }
        let ty = ty.unwrap_nullable();
        if *ty == Ty::OBJECT {
            return self.object(token);
        }
        if let Some(def) = ty.def().filter(|def| def.enum_def().is_some()) {
            return enumeration(token, def);
        }
        if cast::explicit(ty).is_some() {
            return self.simple(token, ty);
        }
        self.structure(token, ty)
    }

    /// A `JToken`, `JObject`…
    fn token(&mut self, token: &JToken, ty: &Ty, def: &TypeDef) -> Result<Value> {
        let own = token.deep_clone();
        if self.finds_dates {
            find_dates(&own);
        }
        let value = wrap(own);
        if self.cx.surface.is_a(&value.ty(), ty) {
            return Ok(value);
        }
        if is_null(token) {
            return Ok(Value::Null);
        }
        let (found, wanted) = (value.ty().full_name(), def.name);
        Err(serialization(format!(
            "Deserialized JSON type '{found}' is not compatible with expected type '{wanted}'.{}",
            at(token)
        )))
    }

    /// `object`: what has structure stays a token.
    fn object(&mut self, token: &JToken) -> Result<Value> {
        if token.is_container() {
            let own = token.deep_clone();
            if self.finds_dates {
                find_dates(&own);
            }
            return Ok(wrap(own));
        }
        let value = token.as_value().unwrap_or(json::Value::Null);
        foreign::of_json(self.cx, &self.with_date(value))
    }

    fn with_date(&self, value: json::Value) -> json::Value {
        match &value {
            json::Value::String(text) if self.finds_dates => {
                parse_json_date(text.as_str()).map_or(value, json::Value::Date)
            }
            _ => value,
        }
    }

    /// A type that tokens can be cast to. The reader is stricter than the cast.
    fn simple(&mut self, token: &JToken, ty: &Ty) -> Result<Value> {
        let kind = token.kind();
        let failed = |what: &str| {
            let text = format!("Could not convert string to {what}: {token}.{}", at(token));
            exception::raise(&exceptions::READER, text)
        };
        if token.is_container() && *ty != Ty::array(Ty::BYTE) {
            let first = token.to_json(json::Formatting::None).chars().next().unwrap_or(' ');
            let text = format!("Unexpected character encountered while parsing value: {first}.{}", at(token));
            return Err(exception::raise(&exceptions::READER, text));
        }
        let Some(cast) = cast::explicit(ty) else { return Ok(Value::Null) };
        match ty.prim() {
            Some(Prim::String) => {
                if kind == JTokenType::Boolean && self.finds_dates {
                    return Ok(Value::str(token.to_json(json::Formatting::None)));
                }
                cast(self.cx, token)
            }
            Some(prim) if prim.is_integral() && prim != Prim::Char => match kind {
                JTokenType::Float => {
                    let text = format!(
                        "Input string '{}' is not a valid integer.{}",
                        token.to_json(json::Formatting::None),
                        at(token)
                    );
                    Err(exception::raise(&exceptions::READER, text))
                }
                JTokenType::Boolean => {
                    let text = format!(
                        "Unexpected character encountered while parsing value: {}.{}",
                        token.to_string().to_lowercase(),
                        at(token)
                    );
                    Err(exception::raise(&exceptions::READER, text))
                }
                _ => cast(self.cx, token).map_err(|raised| narrow(raised, || failed("integer"))),
            },
            Some(Prim::Bool) => cast(self.cx, token).map_err(|raised| narrow(raised, || failed("boolean"))),
            Some(Prim::Double | Prim::Float) => {
                cast(self.cx, token).map_err(|raised| narrow(raised, || failed("double")))
            }
            Some(Prim::Decimal) => cast(self.cx, token).map_err(|raised| narrow(raised, || failed("decimal"))),
            _ => match ty.def().map(|def| def.name) {
                Some("System.DateTime") => cast(self.cx, token).map_err(|raised| narrow(raised, || failed("DateTime"))),
                Some("System.DateTimeOffset") => {
                    cast(self.cx, token).map_err(|raised| narrow(raised, || failed("DateTimeOffset")))
                }
                _ => cast(self.cx, token).map_err(|raised| {
                    narrow(raised, || {
                        let text = token.to_json(json::Formatting::None);
                        serialization(format!(
                            "Error converting value {text} to type '{}'.{}",
                            ty.clr_name(),
                            at(token)
                        ))
                    })
                }),
            },
        }
    }

    fn structure(&mut self, token: &JToken, ty: &Ty) -> Result<Value> {
        let surface = self.cx.surface;
        match ty {
            Ty::Array(element, 1) => {
                let items = self.items(token, ty, element)?;
                return Ok(Value::array((**element).clone(), items));
            }
            Ty::Tuple(tuple) => {
                let mut items = Vec::new();
                for (at, item) in tuple.items.iter().enumerate() {
                    items.push(self.member(token, &format!("Item{}", at + 1), item)?);
                }
                return Ok(Value::object(Tuple { ty: tuple.clone(), items: items.into() }));
            }
            Ty::Anonymous(anonymous) => {
                let mut items = Vec::new();
                for (name, item) in &anonymous.fields {
                    items.push(self.member(token, name, item)?);
                }
                return Ok(Value::object(csharp::value::Anonymous { ty: anonymous.clone(), items }));
            }
            _ => {}
        }
        let (Some(def), args) = (ty.def(), ty.args()) else { return Err(unknown(ty, token)) };
        match (def.simple_name(), args) {
            ("KeyValuePair", [key_ty, value_ty]) => {
                let key = self.member(token, "Key", key_ty)?;
                let value = self.member(token, "Value", value_ty)?;
                Ok(key_value_pair::pair(key_ty, value_ty, key, value))
            }
            ("Dictionary" | "IDictionary" | "IReadOnlyDictionary", [key_ty, value_ty]) => {
                let out = self.empty("System.Collections.Generic.Dictionary", args, token)?;
                for property in children(token, ty, JTokenType::Object)? {
                    let name = property.name().map(|name| JToken::from(json::Value::String(name)));
                    let key = self.value(&name.unwrap_or_else(JToken::object), key_ty)?;
                    let value = self.value(&property.property_value().unwrap_or_else(JToken::object), value_ty)?;
                    if let Value::Object(object) = &out
                        && let Some(pairs) = object.collection()
                    {
                        pairs.set_key(key, value)?;
                    }
                }
                Ok(out)
            }
            (_, [element]) if surface.element_type(ty).as_ref() == Some(element) => {
                let name = if ty.is_interface() { "System.Collections.Generic.List" } else { def.name };
                let name = if def.simple_name() == "ISet" { "System.Collections.Generic.HashSet" } else { name };
                let out = self.empty(name, args, token)?;
                for item in self.items(token, ty, element)? {
                    if let Value::Object(object) = &out
                        && let Some(list) = object.collection()
                    {
                        list.insert(list.count(), item)?;
                    }
                }
                Ok(out)
            }
            _ => Err(unknown(ty, token)),
        }
    }

    /// A new collection.
    fn empty(&mut self, name: &str, types: &[Ty], token: &JToken) -> Result<Value> {
        let surface = self.cx.surface;
        let unknown = || unknown(&Ty::OBJECT, token);
        let info = surface.type_named(name, types.len()).ok_or_else(unknown)?;
        let constructors = info.by_name.get(".ctor").into_iter().flatten();
        let plain =
            constructors.map(|id| surface.member(*id)).find(|member| member.params.is_empty()).ok_or_else(unknown)?;
        (plain.row.run)(self.cx, Args::of_constructor(&mut [], types, info.def))
    }

    fn items(&mut self, token: &JToken, ty: &Ty, element: &Ty) -> Result<Vec<Value>> {
        let children = children(token, ty, JTokenType::Array)?;
        children.iter().map(|child| self.value(child, element)).collect()
    }

    /// A member of a tuple, pair or anonymous object: names may differ in case, and absent ones have the default.
    fn member(&mut self, token: &JToken, name: &str, ty: &Ty) -> Result<Value> {
        match token.property_ignoring_case(name).and_then(|property| property.property_value()) {
            Some(value) => self.value(&value, ty),
            None => Ok(Value::default_of(ty)),
        }
    }
}

fn enumeration(token: &JToken, def: &'static TypeDef) -> Result<Value> {
    let found = match token.as_value() {
        Some(json::Value::Integer(number)) => Some(number),
        Some(json::Value::String(text)) => {
            let text = text.as_str().trim();
            let known = def.enum_def().into_iter().flat_map(|known| known.values);
            let named = known.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, value)| *value);
            named.or_else(|| text.parse().ok())
        }
        _ => None,
    };
    found.map(|number| Value::Word(Def(def), number as u64)).ok_or_else(|| {
        serialization(format!(
            "Error converting value {} to type '{}'.{}",
            token.to_json(json::Formatting::None),
            def.name,
            at(token)
        ))
    })
}

/// The children of a token that must be of `kind`.
fn children(token: &JToken, ty: &Ty, kind: JTokenType) -> Result<Vec<JToken>> {
    if token.kind() == kind {
        return Ok(token.children());
    }
    let name = ty.clr_name();
    let (found, wanted) = match kind {
        JTokenType::Array => ("JSON object (e.g. {\"name\":\"value\"})", "JSON array (e.g. [1,2,3])"),
        _ => ("JSON array (e.g. [1,2,3])", "JSON object (e.g. {\"name\":\"value\"})"),
    };
    Err(serialization(if token.is_container() {
        format!(
            "Cannot deserialize the current {found} into type '{name}' because the type requires a {wanted} to deserialize correctly.{}",
            at(token)
        )
    } else {
        format!("Error converting value {} to type '{name}'.{}", token.to_json(json::Formatting::None), at(token))
    }))
}

/// What goes wrong in a cast is told in the reader's words; limits pass.
fn narrow(raised: csharp::Raise, told: impl FnOnce() -> csharp::Raise) -> csharp::Raise {
    if matches!(raised, csharp::Raise::Exception(_)) { told() } else { raised }
}

fn at(token: &JToken) -> String {
    format!(" Path '{}'.", token.path())
}

fn unknown(ty: &Ty, token: &JToken) -> csharp::Raise {
    let name = ty.clr_name();
    serialization(format!("Unable to find a constructor to use for type {name}.{}", at(token)))
}

/// Texts that look like dates become dates, as they would have while reading.
fn find_dates(token: &JToken) {
    for token in std::iter::once(token.clone()).chain(token.descendants()) {
        if let Some(json::Value::String(text)) = token.as_value()
            && let Some(date) = parse_json_date(text.as_str())
        {
            token.set_value(json::Value::Date(date));
        }
    }
}

/// A text without any JSON in it.
pub(super) fn nothing(ty: &Ty) -> Result<Value> {
    if !holds_null(ty) {
        let name = ty.clr_name();
        return Err(serialization(format!(
            "No JSON content found and type '{name}' is not nullable. Path '', line 0, position 0."
        )));
    }
    Ok(Value::Null)
}

/// JSON, with dates left as they are.
pub(super) fn parse(text: json::Text) -> Result<JToken> {
    checked(JToken::parse_with(text, json::Load { dates: false, ..json::Load::default() }))
}
