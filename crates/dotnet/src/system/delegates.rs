//! `System.Delegate` and the delegate types: `Action`, `Func`, `Predicate`, `Comparison`, `Converter`.

use csharp::surface::{Kind, TypeDef};

pub(crate) static DELEGATE: TypeDef =
    TypeDef { name: "System.Delegate", doc: "The base of all delegates.", ..TypeDef::CLASS };

macro_rules! delegates {
    ($($name:ident = $class:literal [$($param:literal),*] $invoke:literal;)*) => {$(
        pub(crate) static $name: TypeDef = TypeDef {
            name: $class,
            params: &[$($param),*],
            kind: Kind::Delegate($invoke),
            doc: "A delegate.",
            ..TypeDef::CLASS
        };
    )*};
}

delegates! {
    ACTION_0 = "System.Action" [] "void Invoke()";
    ACTION_1 = "System.Action" ["in T"] "void Invoke(T obj)";
    ACTION_2 = "System.Action" ["in T1", "in T2"] "void Invoke(T1 arg1, T2 arg2)";
    ACTION_3 = "System.Action" ["in T1", "in T2", "in T3"] "void Invoke(T1 arg1, T2 arg2, T3 arg3)";
    ACTION_4 = "System.Action" ["in T1", "in T2", "in T3", "in T4"] "void Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4)";
    FUNC_1 = "System.Func" ["out TResult"] "TResult Invoke()";
    FUNC_2 = "System.Func" ["in T", "out TResult"] "TResult Invoke(T arg)";
    FUNC_3 = "System.Func" ["in T1", "in T2", "out TResult"] "TResult Invoke(T1 arg1, T2 arg2)";
    FUNC_4 = "System.Func" ["in T1", "in T2", "in T3", "out TResult"] "TResult Invoke(T1 arg1, T2 arg2, T3 arg3)";
    FUNC_5 = "System.Func" ["in T1", "in T2", "in T3", "in T4", "out TResult"] "TResult Invoke(T1 arg1, T2 arg2, T3 arg3, T4 arg4)";
    PREDICATE = "System.Predicate" ["in T"] "bool Invoke(T obj)";
    COMPARISON = "System.Comparison" ["in T"] "int Invoke(T x, T y)";
    CONVERTER = "System.Converter" ["in TInput", "out TOutput"] "TOutput Invoke(TInput input)";
}
