//! The extension methods that policies have beyond .NET's own: they win over those of the same name.

use csharp::{
    Args, Cx, Result, Str, Value, exception,
    host::Find,
    surface::{Kind, TypeDef, pure, reads},
};

use super::{basic, jwt::Jwt, pairs::HostPairs};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.PolicyExtensions",
    kind: Kind::Static,
    members: &[
        reads(
            "string GetValueOrDefault(this IReadOnlyDictionary<string, string[]> dictionary, string name, string defaultValue = null)",
            joined,
            "The values under a name, joined with commas, or the default.",
        )
        .finds(Find::Joined),
        reads(
            "string GetValueOrDefault(this IReadOnlyDictionary<string, string> dictionary, string name, string defaultValue = null)",
            single,
            "The value under a name, or the default.",
        )
        .finds(Find::Joined),
        reads(
            "object GetValueOrDefault(this IReadOnlyDictionary<string, object> dictionary, string name)",
            single,
            "The variable, or null.",
        )
        .finds(Find::ItemOr),
        reads(
            "T GetValueOrDefault<T>(this IReadOnlyDictionary<string, object> dictionary, string name, T defaultValue = default(T))",
            typed,
            "The variable as a T, or the default; InvalidCastException where it is no T.",
        )
        .finds(Find::ItemOr),
        pure(
            "BasicAuthCredentials AsBasic(this string input)",
            as_basic,
            "The credentials of an `Authorization` header, or null.",
        ),
        pure(
            "Jwt AsJwt(this string input)",
            as_jwt,
            "The token of an `Authorization` header, or null. It is not verified.",
        ),
        pure(
            "bool TryParseJwt(this string input, out Jwt result)",
            try_parse_jwt,
            "The token of an `Authorization` header, if it has one. It is not verified.",
        ),
        pure(
            "bool TryParseBasic(this string input, out BasicAuthCredentials result)",
            try_parse_basic,
            "The credentials of an `Authorization` header, if it has some.",
        ),
        reads(
            "bool VerifyNoRevocation(this X509Certificate2 input)",
            |_, args| args.some(0, "certificate").map(|_| Value::Bool(false)),
            "Never, like `Verify()`: expressions have no list of trusted authorities.",
        ),
    ],
    doc: "What policies add to .NET's types.",
    ..TypeDef::CLASS
};

/// The value under the name. Headers and the like are asked for one name only, as the host joins them.
fn find(cx: &Cx<'_>, args: &Args<'_>) -> Result<Option<Value>> {
    let Value::Object(object) = args.value(0) else { return Err(exception::null_reference()) };
    let name = args.some(1, "key")?;
    match object.host_lookup(cx, name) {
        Some(found) => Ok(found),
        None => Ok(args.collection(0).and_then(|map| map.lookup(name))),
    }
}

fn joined(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    if let Some(HostPairs(pairs)) = args.object::<HostPairs>(0) {
        let name = args.str(1, "key")?.to_text();
        if let Some(found) = cx.host.pair(*pairs, &name) {
            return Ok(Value::str(found));
        }
        drop(name);
        return Ok(args.take(2));
    }
    let Some(values) = find(cx, &args)? else { return Ok(args.take(2)) };
    let mut items = cx.collect(&values)?;
    if let [Value::Str(_)] = items.as_slice() {
        return Ok(items.pop().unwrap_or_default());
    }
    let parts: Vec<String> =
        items.iter().filter_map(Value::as_str).map(|text: &Str| text.to_text().into_owned()).collect();
    Ok(Value::str(parts.join(",")))
}

fn single(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    Ok(match find(cx, &args)? {
        Some(value) => value,
        None => args.take(2),
    })
}

fn typed(cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let Some(value) = find(cx, &args)? else { return Ok(args.take(2)) };
    let ty = args.ty(args.types().len().saturating_sub(1));
    if value.is_null() {
        return if ty.is_value_type() && !ty.is_nullable() { Err(exception::null_reference()) } else { Ok(value) };
    }
    let own = value.ty();
    if cx.surface.is_a(&own, ty.unwrap_nullable()) { Ok(value) } else { Err(exception::cannot_cast(&own, ty)) }
}

fn as_basic(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(args.opt_str(0).and_then(|text| basic::parse(&text.to_text())).unwrap_or_default())
}

fn try_parse_basic(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let found = args.opt_str(0).and_then(|text| basic::parse(&text.to_text()));
    let is_there = found.is_some();
    args.set(1, found.unwrap_or_default());
    Ok(Value::Bool(is_there))
}

fn jwt(args: &Args<'_>) -> Option<Value> {
    args.opt_str(0).and_then(|text| Jwt::parse(&text.to_text())).map(Value::object)
}

fn as_jwt(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(jwt(&args).unwrap_or_default())
}

fn try_parse_jwt(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let found = jwt(&args);
    let is_there = found.is_some();
    args.set(1, found.unwrap_or_default());
    Ok(Value::Bool(is_there))
}
