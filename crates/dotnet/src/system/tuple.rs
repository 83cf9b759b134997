//! `System.Tuple`: tuples that are objects.

use std::cmp::Ordering;

use csharp::{
    Args, Cx, Result, Str, Ty, Value,
    parcel::{Packed, Packer},
    surface::{Kind, TypeDef, pure},
    value::{Object, all_equal, combined_hash},
};

pub(crate) static CREATE: TypeDef = TypeDef {
    name: "System.Tuple",
    kind: Kind::Static,
    members: &[
        pure("static Tuple<T1> Create<T1>(T1 item1)", |_, args| Ok(new(&DEF_1, &args)), "One value."),
        pure(
            "static Tuple<T1, T2> Create<T1, T2>(T1 item1, T2 item2)",
            |_, args| Ok(new(&DEF_2, &args)),
            "Two values.",
        ),
        pure(
            "static Tuple<T1, T2, T3> Create<T1, T2, T3>(T1 item1, T2 item2, T3 item3)",
            |_, args| Ok(new(&DEF_3, &args)),
            "Three values.",
        ),
        pure(
            "static Tuple<T1, T2, T3, T4> Create<T1, T2, T3, T4>(T1 item1, T2 item2, T3 item3, T4 item4)",
            |_, args| Ok(new(&DEF_4, &args)),
            "Four values.",
        ),
        pure(
            "static Tuple<T1, T2, T3, T4, T5> Create<T1, T2, T3, T4, T5>(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5)",
            |_, args| Ok(new(&DEF_5, &args)),
            "Five values.",
        ),
    ],
    doc: "Makes tuples.",
    ..TypeDef::CLASS
};

macro_rules! tuples {
    ($($name:ident [$($param:literal),*] $ctor:literal [$($item:literal $at:literal),*];)*) => {$(
        pub(crate) static $name: TypeDef = TypeDef {
            name: "System.Tuple",
            params: &[$($param),*],
            bases: &["IComparable"],
            members: &[
                pure($ctor, |_, args| Ok(new(&$name, &args)), "From its values."),
                $(pure($item, |_, args| Ok(item(&args, $at)), "One of its values.")),*
            ],
            doc: "A tuple.",
            ..TypeDef::CLASS
        };
    )*};
}

tuples! {
    DEF_1 ["T1"] "Tuple(T1 item1)" ["T1 Item1 { get; }" 0];
    DEF_2 ["T1", "T2"] "Tuple(T1 item1, T2 item2)" ["T1 Item1 { get; }" 0, "T2 Item2 { get; }" 1];
    DEF_3 ["T1", "T2", "T3"] "Tuple(T1 item1, T2 item2, T3 item3)" ["T1 Item1 { get; }" 0, "T2 Item2 { get; }" 1, "T3 Item3 { get; }" 2];
    DEF_4 ["T1", "T2", "T3", "T4"] "Tuple(T1 item1, T2 item2, T3 item3, T4 item4)" ["T1 Item1 { get; }" 0, "T2 Item2 { get; }" 1, "T3 Item3 { get; }" 2, "T4 Item4 { get; }" 3];
    DEF_5 ["T1", "T2", "T3", "T4", "T5"] "Tuple(T1 item1, T2 item2, T3 item3, T4 item4, T5 item5)" ["T1 Item1 { get; }" 0, "T2 Item2 { get; }" 1, "T3 Item3 { get; }" 2, "T4 Item4 { get; }" 3, "T5 Item5 { get; }" 4];
}

struct Tuple {
    def: &'static TypeDef,
    types: Vec<Ty>,
    items: Vec<Value>,
}

impl Object for Tuple {
    fn ty(&self) -> Ty {
        Ty::generic(self.def, self.types.clone())
    }

    fn pack(&self, packer: &mut Packer) -> Option<Packed> {
        let (def, types, items) = (self.def, self.types.clone(), packer.values(&self.items)?);
        Some(Packed::new(move |unpacked| Value::object(Tuple { def, types, items: unpacked.values(&items) })))
    }

    fn text(&self, cx: &mut Cx<'_>) -> Result<Str> {
        let mut parts = Vec::new();
        for item in &self.items {
            parts.push(cx.text(item)?.to_text().into_owned());
        }
        Ok(format!("({})", parts.join(", ")).into())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<Tuple>().is_some_and(|other| self.types == other.types && all_equal(&self.items, &other.items))
    }

    fn hash(&self) -> Option<u64> {
        Some(combined_hash(&self.items))
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        let other = other.downcast::<Tuple>().filter(|other| self.types == other.types)?;
        let mut orders = self.items.iter().zip(&other.items).map(|(left, right)| left.compare(right));
        orders.find(|order| *order != Some(Ordering::Equal)).unwrap_or(Some(Ordering::Equal))
    }
}

fn new(def: &'static TypeDef, args: &Args<'_>) -> Value {
    let items = (0..args.len()).map(|at| args.value(at).clone()).collect();
    Value::object(Tuple { def, types: args.types().to_vec(), items })
}

fn item(args: &Args<'_>, at: usize) -> Value {
    args.object::<Tuple>(0).and_then(|tuple| tuple.items.get(at).cloned()).unwrap_or_default()
}
