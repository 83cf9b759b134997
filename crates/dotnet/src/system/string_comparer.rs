//! `System.StringComparer`: a handle that says how strings compare.

use std::cmp::Ordering;

use csharp::{
    Args, Cx, Result, Value,
    surface::{TypeDef, pure},
    ty::Def,
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.StringComparer",
    bases: &["IComparer<string>", "IEqualityComparer<string>"],
    members: &[
        pure("static StringComparer Ordinal { get; }", |_, _| Ok(Value::Word(Def(&DEF), ORDINAL)), "By unit."),
        pure(
            "static StringComparer OrdinalIgnoreCase { get; }",
            |_, _| Ok(Value::Word(Def(&DEF), ORDINAL | IGNORES_CASE)),
            "By unit, upper-cased.",
        ),
        pure(
            "static StringComparer InvariantCulture { get; }",
            |_, _| Ok(Value::Word(Def(&DEF), 0)),
            "As people sort.",
        ),
        pure(
            "static StringComparer InvariantCultureIgnoreCase { get; }",
            |_, _| Ok(Value::Word(Def(&DEF), IGNORES_CASE)),
            "As people sort, regardless of case.",
        ),
        pure("static StringComparer CurrentCulture { get; }", |_, _| Ok(Value::Word(Def(&DEF), 0)), "As people sort."),
        pure(
            "static StringComparer CurrentCultureIgnoreCase { get; }",
            |_, _| Ok(Value::Word(Def(&DEF), IGNORES_CASE)),
            "As people sort, regardless of case.",
        ),
        pure("int Compare(string x, string y)", compare, "Which comes first."),
        pure(
            "bool Equals(string x, string y)",
            |_, args| Ok(Value::Bool(order(&args) == Ordering::Equal)),
            "Whether both are the same.",
        ),
        pure("int GetHashCode(string obj)", hash, "A number that equal texts share."),
    ],
    doc: "How strings compare.",
    ..TypeDef::CLASS
};

const ORDINAL: u64 = 1;
const IGNORES_CASE: u64 = 2;

/// Whether a comparer ignores case; false for any other value.
pub(crate) fn ignores_case(comparer: &Value) -> bool {
    matches!(comparer, Value::Word(Def(def), bits) if std::ptr::eq(*def, &raw const DEF) && bits & IGNORES_CASE != 0)
}

/// Whether a comparer is ordinal, and whether it ignores case; `None` for any other value.
pub(super) fn rule(comparer: &Value) -> Option<(bool, bool)> {
    match comparer {
        Value::Word(Def(def), bits) if std::ptr::eq(*def, &raw const DEF) => {
            Some((bits & ORDINAL != 0, bits & IGNORES_CASE != 0))
        }
        _ => None,
    }
}

fn order(args: &Args<'_>) -> Ordering {
    let (Some(left), Some(right)) = (args.opt_str(1), args.opt_str(2)) else {
        return args.opt_str(1).is_some().cmp(&args.opt_str(2).is_some());
    };
    let ignores_case = args.word(0) & IGNORES_CASE != 0;
    match args.word(0) & ORDINAL != 0 {
        true if ignores_case => dotformat::compare_ordinal_ignore_case(&left.to_text(), &right.to_text()),
        true => left.compare_ordinal(right),
        false => dotformat::compare_invariant(&left.to_text(), &right.to_text(), ignores_case),
    }
}

fn compare(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(Value::Int(order(&args) as i32))
}

fn hash(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = args.str(1, "obj")?;
    let folded = if args.word(0) & IGNORES_CASE != 0 {
        Value::str(dotformat::to_upper_invariant(&text.to_text()))
    } else {
        Value::Str(text.clone())
    };
    let hash = folded.hash_code();
    Ok(Value::Int((hash ^ (hash >> 32)) as i32))
}
