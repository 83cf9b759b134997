//! `JToken`, and the one object behind all classes of the family.

use std::{cmp::Ordering, rc::Rc};

use csharp::{
    Args, Cx, Result, Str, Ty, Value, exception,
    parcel::{Packed, Packer},
    surface::{Member, TypeDef, acts, reads},
    value::{Collection, Iter, Object, from_fn},
};
use json::{Formatting, JToken, JTokenType};

use super::{
    cast,
    content::{self, token_of},
    exceptions::{checked, of_error},
    foreign::text,
    read,
    select::{self, select_token, select_tokens},
    sequence::{Walk, children, sequence},
    settings, write,
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "Newtonsoft.Json.Linq.JToken",
    bases: &["IEnumerable<JToken>"],
    members: &cast::with::<{ cast::count(ROWS) }>(ROWS),
    doc: "A piece of JSON.",
    ..TypeDef::CLASS
};

const ROWS: &[Member] = &[
    reads("static JToken Parse(string json)", parse, "Reads JSON."),
    reads("static JToken Parse(string json, JsonLoadSettings settings)", parse, "Reads JSON."),
    reads("static JToken FromObject(object o)", from_object, "The JSON of any object."),
    reads(
        "static bool DeepEquals(JToken t1, JToken t2)",
        deep_equals,
        "Whether both say the same; the order of properties does not matter.",
    ),
    reads("JTokenType Type { get; }", kind, "What the token is."),
    reads(
        "bool HasValues { get; }",
        |_, args| Ok(Value::Bool(this(&args)?.count() > 0)),
        "Whether there are children.",
    ),
    reads(
        "JContainer Parent { get; }",
        |_, args| Ok(wrap_some(this(&args)?.parent())),
        "The container around, or null.",
    ),
    reads("JToken Root { get; }", |_, args| Ok(wrap(this(&args)?.root())), "The outermost container."),
    reads("string Path { get; }", |_, args| Ok(Value::str(this(&args)?.path())), "The path from the root."),
    reads(
        "JToken First { get; }",
        |_, args| checked(this(&args)?.first()).map(wrap_some),
        "The first child; a value throws.",
    ),
    reads(
        "JToken Last { get; }",
        |_, args| checked(this(&args)?.last()).map(wrap_some),
        "The last child; a value throws.",
    ),
    reads("JToken Next { get; }", |_, args| Ok(wrap_some(this(&args)?.next())), "The next sibling."),
    reads("JToken Previous { get; }", |_, args| Ok(wrap_some(this(&args)?.previous())), "The previous sibling."),
    reads(
        "JToken this[object key] { get; }",
        item,
        "The child under a name or index; null where an object has no such name.",
    )
    .with_set(set_item),
    reads("T Value<T>(object key)", value, "The child under a name or index, converted."),
    reads("IEnumerable<T> Values<T>()", values, "The children, converted."),
    reads(
        "JEnumerable<JToken> Children()",
        |_, args| Ok(children(this(&args)?.clone(), Ty::named(&DEF))),
        "The children.",
    ),
    reads(
        "JEnumerable<T> Children<T>()",
        |_, args| Ok(children(this(&args)?.clone(), args.ty(0).clone())),
        "The children of a type.",
    ),
    reads(
        "IEnumerable<JToken> Ancestors()",
        |cx, args| {
            let all = this(&args)?.ancestors();
            tokens(cx, all)
        },
        "The containers around, nearest first.",
    ),
    reads("IEnumerable<JToken> AncestorsAndSelf()", ancestors_and_self, "The token and the containers around."),
    reads("IEnumerable<JToken> BeforeSelf()", before_self, "The siblings before."),
    reads("IEnumerable<JToken> AfterSelf()", after_self, "The siblings after."),
    reads("JToken SelectToken(string path)", select_token, "The token that a JSONPath leads to, or null.")
        .prepared(select::literal),
    reads(
        "JToken SelectToken(string path, bool errorWhenNoMatch)",
        select_token,
        "The token that a JSONPath leads to.",
    )
    .prepared(select::literal),
    reads("IEnumerable<JToken> SelectTokens(string path)", select_tokens, "The tokens that a JSONPath leads to.")
        .prepared(select::literal),
    reads(
        "IEnumerable<JToken> SelectTokens(string path, bool errorWhenNoMatch)",
        select_tokens,
        "The tokens that a JSONPath leads to.",
    )
    .prepared(select::literal),
    reads("T ToObject<T>()", to_object, "The token as a type."),
    reads("object ToObject(Type objectType)", to_object_of_type, "The token as a type."),
    reads("JToken DeepClone()", |_, args| Ok(wrap(this(&args)?.deep_clone())), "A copy without a parent."),
    reads("string ToString(Formatting formatting)", to_string, "The token as JSON."),
    acts(
        "void Remove()",
        |_, args| checked(this(&args)?.remove()).map(|()| Value::Null),
        "Takes the token out of its container.",
    ),
    acts("void Replace(JToken value)", replace, "Puts another token in its place."),
    acts("void AddAfterSelf(object content)", add_after_self, "Adds siblings after the token."),
    acts("void AddBeforeSelf(object content)", add_before_self, "Adds siblings before the token."),
];

/// A token as an object of C#. Every class of the family is this one; which it is, the token says.
pub(crate) struct Token(pub(crate) JToken);

impl Object for Token {
    fn ty(&self) -> Ty {
        Ty::named(match self.0.kind() {
            JTokenType::Object => &super::object::DEF,
            JTokenType::Array => &super::array::DEF,
            JTokenType::Constructor => &super::constructor::DEF,
            JTokenType::Property => &super::property::DEF,
            JTokenType::Raw => &super::value::RAW,
            _ => &super::value::DEF,
        })
    }

    fn identity(&self) -> Option<(usize, u64)> {
        Some(self.0.identity())
    }

    /// The whole tree goes, so that the token has its parent and its siblings there, too.
    fn pack(&self, packer: &mut Packer) -> Option<Packed> {
        if self.0.parent().is_none() {
            let loose = self.0.loosen();
            return Some(Packed::new(move |_| wrap(loose.token())));
        }
        let (root, way) = (packer.value(&wrap(self.0.root()))?, self.0.way());
        Some(Packed::new(move |unpacked| {
            let root = unpacked.value(&root);
            wrap_some(root.downcast::<Token>().and_then(|Token(root)| root.at_way(&way)))
        }))
    }

    fn text(&self, cx: &mut Cx<'_>) -> Result<Str> {
        let text = self.0.to_string();
        cx.meter.text(text.len())?;
        Ok(text.into())
    }

    /// Values equal by content, containers by identity.
    fn equals(&self, other: &Value) -> bool {
        let Some(Token(other)) = other.downcast() else { return false };
        if self.0.is_container() { self.0.same(other) } else { !other.is_container() && self.0.deep_equals(other) }
    }

    fn hash(&self) -> Option<u64> {
        let kind = self.0.kind() as u64;
        Some(match self.0.as_value() {
            // Numbers of different size can be equal, so only what all have in common counts.
            Some(value) if self.0.kind() != JTokenType::Float => {
                value.display().bytes().fold(kind, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()))
            }
            _ => kind,
        })
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        match other {
            _ if self.0.is_container() => None,
            Value::Null => Some(Ordering::Greater),
            other => self.0.compare_to(&other.downcast::<Token>()?.0).ok(),
        }
    }

    /// As `IEnumerable<JToken>`: an object gives its properties.
    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let mut walk = Walk::new(self.0.clone());
        Some(Box::new(from_fn(move |_| Ok(walk.next()?.map(wrap)))))
    }

    fn collection(&self) -> Option<&dyn Collection> {
        self.0.is_container().then_some(self)
    }

    fn snapshot(&self) -> Option<Value> {
        Some(wrap(self.0.deep_clone()))
    }
}

impl Collection for Token {
    fn count(&self) -> usize {
        self.0.count()
    }

    fn item(&self, index: usize) -> Option<Value> {
        self.0.child(index).map(wrap)
    }

    fn set_item(&self, index: usize, value: Value) -> Result<bool> {
        checked(self.0.set_index(index as i64, &given(&value))).map(|()| true)
    }

    fn insert(&self, index: usize, value: Value) -> Result<()> {
        match crate::collections::key_value_pair::parts(&value) {
            Some((key, value)) => self.set_key(key, value),
            None => checked(self.0.insert(index as i64, &given(&value))),
        }
    }

    fn remove(&self, index: usize) -> Result<()> {
        checked(self.0.remove_at(index as i64))
    }

    fn clear(&self) -> Result<()> {
        checked(self.0.clear())
    }

    fn lookup(&self, key: &Value) -> Option<Value> {
        self.0.get(&key.as_str()?.to_text()).map(wrap)
    }

    fn set_key(&self, key: Value, value: Value) -> Result<()> {
        let key = key.as_str().cloned().ok_or_else(|| exception::argument_null("key"))?;
        checked(self.0.set_key(&key.to_text(), &given(&value)))
    }

    fn remove_key(&self, key: &Value) -> Result<bool> {
        Ok(key.as_str().is_some_and(|key| self.0.remove_property(&key.to_text())))
    }
}

/// A token as a value.
pub(crate) fn wrap(token: JToken) -> Value {
    Value::object(Token(token))
}

/// A token as a value, or null.
pub(super) fn wrap_some(token: Option<JToken>) -> Value {
    token.map_or(Value::Null, wrap)
}

/// Tokens as an `IEnumerable<JToken>`.
pub(super) fn tokens(cx: &mut Cx<'_>, tokens: Vec<JToken>) -> Result<Value> {
    cx.meter.steps(tokens.len() as u64)?;
    sequence(cx, Ty::named(&DEF), tokens.into_iter().map(wrap).collect())
}

/// The receiver.
pub(super) fn this<'a>(args: &'a Args<'_>) -> Result<&'a JToken> {
    args.this::<Token>().map(|token| &token.0)
}

/// An argument of type `JToken`, where null means a JSON null.
pub(super) fn given(value: &Value) -> JToken {
    value.downcast::<Token>().map_or_else(|| json::Value::Null.into(), |token| token.0.clone())
}

/// `token[key]`.
pub(super) fn at_key(token: &JToken, key: &Value) -> Result<Option<JToken>> {
    match key {
        Value::Str(key) => checked(token.at_key(&key.to_text())),
        Value::Int(index) => checked(token.at_index((*index).into())).map(Some),
        Value::Null => Err(exception::argument_null("key")),
        other => {
            let key = other.ty().full_name();
            Err(exception::argument(
                &format!("Accessed {} values with invalid key value: {key}.", token.kind().class()),
                "",
            ))
        }
    }
}

/// The JSON text of a `Parse`, with its settings after it.
pub(super) fn source(cx: &mut Cx<'_>, args: &Args<'_>) -> Result<(json::Text, json::Load)> {
    let source = args.str(0, "s")?;
    cx.meter.allocate(source.byte_len().saturating_mul(4))?;
    Ok((text(source), settings::load(args.value(1))))
}

fn parse(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (text, load) = source(cx, &args)?;
    checked(JToken::parse_with(text, load)).map(wrap)
}

fn from_object(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    write::to_token(cx, args.some(0, "o")?, &write::Options::default()).map(wrap)
}

fn deep_equals(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(match (args.object::<Token>(0), args.object::<Token>(1)) {
        (Some(left), Some(right)) => left.0.deep_equals(&right.0),
        (None, None) => true,
        _ => false,
    }))
}

fn kind(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::enumeration(&super::enums::TOKEN_TYPE, this(&args)?.kind() as i64))
}

pub(super) fn item(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    at_key(this(&args)?, args.value(1)).map(wrap_some)
}

pub(super) fn set_item(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (token, new) = (this(&args)?, given(args.value(2)));
    let done = match args.value(1) {
        Value::Str(key) => token.set_key(&key.to_text(), &new),
        Value::Int(index) => token.set_index((*index).into(), &new),
        Value::Null => return Err(exception::argument_null("key")),
        key => {
            let text = format!("Set {} values with invalid key value: {}.", token.kind().class(), key.ty().full_name());
            return Err(exception::argument(&text, ""));
        }
    };
    checked(done).map(|()| Value::Null)
}

fn value(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    match at_key(this(&args)?, args.value(1))? {
        Some(token) => cast::convert(cx, &token, args.ty(0)),
        None => Ok(Value::default_of(args.ty(0))),
    }
}

fn values(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let token = this(&args)?;
    checked(token.first())?;
    let mut out = Vec::new();
    for child in token.children() {
        cx.meter.step()?;
        out.push(cast::convert(cx, &child, args.ty(0))?);
    }
    sequence(cx, args.ty(0).clone(), out)
}

fn ancestors_and_self(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let token = this(&args)?;
    let all = std::iter::once(token.clone()).chain(token.ancestors()).collect();
    tokens(cx, all)
}

fn before_self(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let token = this(&args)?;
    let siblings = token.parent().map(|parent| parent.children()).unwrap_or_default();
    let all = siblings.into_iter().take(token.position().unwrap_or(0)).collect();
    tokens(cx, all)
}

fn after_self(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let all = std::iter::successors(this(&args)?.next(), JToken::next).collect();
    tokens(cx, all)
}

fn to_object(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    read::to_object(cx, this(&args)?, args.ty(0))
}

fn to_object_of_type(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let ty = args.object_or::<csharp::value::TypeObject>(1, "objectType")?.ty.clone();
    read::to_object(cx, this(&args)?, &ty)
}

fn to_string(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = this(&args)?.to_json(formatting(args.value(1)));
    cx.meter.text(text.len())?;
    Ok(Value::str(text))
}

/// A `Formatting`.
pub(super) fn formatting(value: &Value) -> Formatting {
    if matches!(value, Value::Word(_, 1)) { Formatting::Indented } else { Formatting::None }
}

fn replace(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    this(&args)?.replace(&given(args.value(1))).map_err(of_error)?;
    Ok(Value::Null)
}

fn add_after_self(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let mut last = this(&args)?.clone();
    for new in content::items(cx, args.value(1))? {
        let new = token_of(cx, &new)?;
        checked(last.add_after_self(&new))?;
        last = last.next().unwrap_or(last);
    }
    Ok(Value::Null)
}

fn add_before_self(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    for new in content::items(cx, args.value(1))? {
        let new = token_of(cx, &new)?;
        checked(this(&args)?.add_before_self(&new))?;
    }
    Ok(Value::Null)
}
