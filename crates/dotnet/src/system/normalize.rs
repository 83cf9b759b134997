//! Unicode's normal forms: `String.Normalize` and `System.Text.NormalizationForm`.

use csharp::{
    Args, Cx, Result, Value, exception,
    surface::{EnumDef, TypeDef},
};
use unicode_normalization::UnicodeNormalization;

pub(crate) static FORM: TypeDef = TypeDef {
    name: "System.Text.NormalizationForm",
    kind: EnumDef::of(&[("FormC", 1), ("FormD", 2), ("FormKC", 5), ("FormKD", 6)]),
    doc: "Unicode's normal forms.",
    ..TypeDef::CLASS
};

fn in_form(args: &Args<'_>) -> Result<String> {
    let text = args.text().as_str().map(str::to_owned);
    // Half of a pair belongs to no form.
    let text = text.ok_or_else(|| exception::argument("Invalid Unicode code point found.", "strInput"))?;
    Ok(match args.value(1) {
        Value::Word(_, 2) => text.nfd().collect(),
        Value::Word(_, 5) => text.nfkc().collect(),
        Value::Word(_, 6) => text.nfkd().collect(),
        Value::Word(_, 1) | Value::Null => text.nfc().collect(),
        _ => return Err(exception::argument("Invalid or unsupported normalization form.", "normalizationForm")),
    })
}

pub(super) fn normalize(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = in_form(&args)?;
    cx.meter.text(text.len())?;
    Ok(Value::str(text))
}

pub(super) fn is_normalized(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Bool(args.text().as_str() == Some(&in_form(&args)?)))
}
