//! Forms (`application/x-www-form-urlencoded`): what `AsFormUrlEncodedContent` gives, and how it becomes text again.

use csharp::{
    Args, Cx, Result, Str, Ty, Value,
    surface::{Kind, TypeDef, acts},
};
use dotformat::{url_decode, url_encode};

use crate::collections::{Dictionary, List, interfaces, key_value_pair};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "PolicyExpressions.FormExtensions",
    kind: Kind::Static,
    members: &[
        acts(
            "string ToQueryString(this IDictionary<string, IList<string>> form)",
            write,
            "The fields as a query, without `?`.",
        ),
        acts(
            "string ToFormUrlEncodedContent(this IDictionary<string, IList<string>> form)",
            write,
            "The fields as the body of a form.",
        ),
    ],
    doc: "What policies add to the fields of a form.",
    ..TypeDef::CLASS
};

/// `a=1&b=&c`: each name once, in the order of its first use, with its values. A field without `=` is empty.
pub(super) fn read(cx: &mut Cx<'_>, text: &str) -> Result<Value> {
    let mut fields: Vec<(String, Vec<Value>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for field in text.split('&').filter(|field| !field.is_empty()) {
        cx.meter.step()?;
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        let (name, value) = (url_decode(name), Value::str(url_decode(value)));
        let at = *places.entry(name.clone()).or_insert(fields.len());
        match fields.get_mut(at) {
            Some((_, values)) => values.push(value),
            None => fields.push((name, vec![value])),
        }
    }
    let fields = fields.into_iter().map(|(name, values)| (Value::str(name), List::value(Ty::STRING, values)));
    Ok(Dictionary::of(Ty::STRING, Ty::generic(&interfaces::LIST, vec![Ty::STRING]), fields))
}

/// Names and values escaped, a pair for each value: a name without values is left out.
fn write(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let escaped = |text: &Value| text.as_str().map(|text: &Str| url_encode(&text.to_text())).unwrap_or_default();
    let mut out = String::new();
    for field in cx.collect(args.some(0, "source")?)? {
        let (name, values) = key_value_pair::parts(&field).unwrap_or_default();
        for value in cx.collect(&values)? {
            if !out.is_empty() {
                out.push('&');
            }
            out.push_str(&escaped(&name));
            out.push('=');
            out.push_str(&escaped(&value));
            cx.meter.text(out.len())?;
        }
    }
    Ok(Value::str(out))
}
