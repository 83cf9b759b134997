//! Objects as JSON: what `SerializeObject` and `FromObject` make of any value.

use std::rc::Rc;

use csharp::{
    Cx, Object, Result, Str, Ty, Value,
    surface::Role,
    ty::Def,
    value::{Anonymous, Array, Items, Tuple},
};
use json::JToken;

use super::{
    exceptions::{checked, serialization, too_deep},
    foreign::{self, text},
    token::Token,
};
use crate::{collections::key_value_pair, xml};

/// How deep objects may nest. .NET has no limit but its stack.
const MAX_DEPTH: usize = 200;

/// How to write.
#[derive(Clone, Copy, Default)]
pub(super) struct Options {
    /// Leave out properties that are null; entries of dictionaries stay.
    pub(super) skip_nulls: bool,
}

/// The JSON of a value.
pub(super) fn to_token(cx: &mut Cx<'_>, value: &Value, options: &Options) -> Result<JToken> {
    Writer { cx, options, path: Vec::new() }.token(value)
}

struct Writer<'w, 'c> {
    cx: &'w mut Cx<'c>,
    options: &'w Options,
    /// The objects around: meeting one again would not end.
    path: Vec<Rc<dyn Object>>,
}

impl Writer<'_, '_> {
    fn token(&mut self, value: &Value) -> Result<JToken> {
        self.cx.meter.step()?;
        self.cx.meter.allocate(2 * size_of::<Value>())?;
        if let Some(Token(token)) = value.downcast() {
            return Ok(token.deep_clone());
        }
        if let Some(simple) = foreign::to_json(self.cx, value)? {
            return Ok(simple.into());
        }
        if let Some(node) = xml::as_json(value) {
            return checked(node);
        }
        if let Value::Word(Def(def), _) = value
            && matches!(def.kind, csharp::surface::Kind::Interface)
        {
            // What the host holds shows its properties.
            self.cx.meter.enter()?;
            let token = self.properties(value);
            self.cx.meter.leave();
            return token;
        }
        let Value::Object(object) = value else { return Ok(JToken::object()) };
        if self.path.iter().any(|around| Rc::ptr_eq(around, object)) {
            let name = object.ty().clr_name();
            return Err(serialization(format!("Self referencing loop detected with type '{name}'.")));
        }
        if self.path.len() == MAX_DEPTH {
            return Err(too_deep());
        }
        self.path.push(object.clone());
        let token = self.structure(value, object);
        self.path.pop();
        token
    }

    fn structure(&mut self, value: &Value, object: &Rc<dyn Object>) -> Result<JToken> {
        if let Some(anonymous) = value.downcast::<Anonymous>() {
            let names = anonymous.ty.fields.iter().map(|(name, _)| Str::from(&**name));
            return self.object(names.zip(anonymous.items.iter().cloned()));
        }
        if let Some(tuple) = value.downcast::<Tuple>() {
            let items = tuple.items.borrow().clone();
            return self.object((1..).map(|at| Str::from(format!("Item{at}"))).zip(items));
        }
        if let Some((key, value)) = key_value_pair::parts(value) {
            return self.object([("Key".into(), key), ("Value".into(), value)]);
        }
        if let Some(array) = value.downcast::<Array>().filter(|array| array.lengths.is_some()) {
            let lengths = array.lengths.as_deref().unwrap_or_default();
            let Items::Values(items) = &*array.items.borrow() else { return self.nested(&array.values(), lengths) };
            return self.nested(items, lengths);
        }
        if self.is_dictionary(&object.ty()) {
            return self.dictionary(value);
        }
        if object.clone().iterate().is_some() {
            let items = self.cx.collect(value)?;
            return self.array(&items);
        }
        self.properties(value)
    }

    fn object(&mut self, properties: impl IntoIterator<Item = (Str, Value)>) -> Result<JToken> {
        let out = JToken::object();
        for (name, value) in properties {
            if value.is_null() && self.options.skip_nulls {
                continue;
            }
            let token = self.token(&value)?;
            checked(out.add_property(text(&name), &token))?;
        }
        Ok(out)
    }

    fn array(&mut self, items: &[Value]) -> Result<JToken> {
        let out = JToken::array();
        for item in items {
            let token = self.token(item)?;
            checked(out.add(&token))?;
        }
        Ok(out)
    }

    /// An array of several dimensions, as arrays of arrays.
    fn nested(&mut self, items: &[Value], lengths: &[usize]) -> Result<JToken> {
        let [_, inner @ ..] = lengths else { return Ok(JToken::array()) };
        if inner.is_empty() {
            return self.array(items);
        }
        let out = JToken::array();
        for part in items.chunks(inner.iter().product::<usize>().max(1)) {
            let token = self.nested(part, inner)?;
            checked(out.add(&token))?;
        }
        Ok(out)
    }

    fn is_dictionary(&self, ty: &Ty) -> bool {
        let surface = self.cx.surface;
        ["IDictionary", "IReadOnlyDictionary"].iter().any(|name| {
            surface.types_named(name, 2).next().is_some_and(|info| surface.instance_of(ty, info.def).is_some())
        })
    }

    fn dictionary(&mut self, value: &Value) -> Result<JToken> {
        let out = JToken::object();
        for pair in self.cx.collect(value)? {
            let Some((key, value)) = key_value_pair::parts(&pair) else { continue };
            let name = match foreign::to_json(self.cx, &key)? {
                Some(json::Value::Date(date)) => date.iso().into(),
                _ => text(&self.cx.text(&key)?),
            };
            let token = self.token(&value)?;
            checked(out.set_key(name.as_str(), &token))?;
        }
        Ok(out)
    }

    /// Any other object: the properties that the surface knows, those of the class first.
    fn properties(&mut self, value: &Value) -> Result<JToken> {
        let surface = self.cx.surface;
        let mut rows = Vec::new();
        let mut class = Some(value.ty());
        while let Some(ty) = class {
            if let Some(info) = surface.info_of(&ty) {
                let ids = info.by_name.values().flatten();
                let mut own: Vec<_> = ids.copied().collect();
                own.sort_unstable();
                let readable = own
                    .into_iter()
                    .map(|id| surface.member(id))
                    .filter(|member| member.role == Role::Property && member.readable && !member.is_static);
                rows.extend(readable.map(|member| (member, surface.type_args(&ty).to_vec())));
            }
            class = surface.base(&ty);
        }
        let mut properties = Vec::new();
        for (member, types) in rows {
            let content = (member.row.run)(self.cx, csharp::Args::new(&mut [value.clone()], &types))?;
            properties.push((Str::from(member.name), content));
        }
        self.object(properties)
    }
}
