//! `System.Linq.Enumerable`: the methods that give sequences are lazy, the others run at once (`terminal`).

use std::collections::HashSet;

use csharp::{
    Args, Cx, Result, Ty, Value, exception,
    surface::{Kind, TypeDef, acts, pure},
    value::{Iter, Key, from_fn},
};

use super::{grouping, key_by, lazy, order, sequence, sequence::items, terminal as end};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Linq.Enumerable",
    kind: Kind::Static,
    members: &[
        acts(
            "IEnumerable<TSource> Where<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            filter,
            "The items that match.",
        ),
        acts(
            "IEnumerable<TSource> Where<TSource>(this IEnumerable<TSource> source, Func<TSource, int, bool> predicate)",
            filter,
            "The items that match, by item and index.",
        ),
        acts(
            "IEnumerable<TResult> Select<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, TResult> selector)",
            select,
            "What each item becomes.",
        ),
        acts(
            "IEnumerable<TResult> Select<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, int, TResult> selector)",
            select_indexed,
            "What each item becomes, by item and index.",
        ),
        acts(
            "IEnumerable<TResult> SelectMany<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, IEnumerable<TResult>> selector)",
            select_many,
            "The items of all sequences.",
        ),
        acts(
            "IEnumerable<TResult> SelectMany<TSource, TCollection, TResult>(this IEnumerable<TSource> source, Func<TSource, IEnumerable<TCollection>> collectionSelector, Func<TSource, TCollection, TResult> resultSelector)",
            select_many_pairs,
            "What each pair becomes.",
        ),
        acts(
            "IEnumerable<TSource> Take<TSource>(this IEnumerable<TSource> source, int count)",
            take,
            "The first items.",
        ),
        acts(
            "IEnumerable<TSource> Skip<TSource>(this IEnumerable<TSource> source, int count)",
            skip,
            "All but the first items.",
        ),
        acts(
            "IEnumerable<TSource> TakeWhile<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            take_while,
            "The items before the first that does not match.",
        ),
        acts(
            "IEnumerable<TSource> SkipWhile<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            skip_while,
            "The items from the first that does not match.",
        ),
        acts(
            "IEnumerable<TSource> TakeLast<TSource>(this IEnumerable<TSource> source, int count)",
            take_last,
            "The last items.",
        ),
        acts(
            "IEnumerable<TSource> SkipLast<TSource>(this IEnumerable<TSource> source, int count)",
            skip_last,
            "All but the last items.",
        ),
        acts(
            "IEnumerable<TSource> Concat<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second)",
            concat,
            "Both, one after the other.",
        ),
        acts(
            "IEnumerable<TSource> Append<TSource>(this IEnumerable<TSource> source, TSource element)",
            append,
            "With an item at the end.",
        ),
        acts(
            "IEnumerable<TSource> Prepend<TSource>(this IEnumerable<TSource> source, TSource element)",
            prepend,
            "With an item at the start.",
        ),
        acts(
            "IEnumerable<TSource> Distinct<TSource>(this IEnumerable<TSource> source)",
            distinct,
            "Without repetitions.",
        ),
        acts(
            "IEnumerable<TSource> Union<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second)",
            union,
            "The items of both, without repetitions.",
        ),
        acts(
            "IEnumerable<TSource> Intersect<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second)",
            intersect,
            "The items that both have, without repetitions.",
        ),
        acts(
            "IEnumerable<TSource> Except<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second)",
            except,
            "The items of the first that the second lacks, without repetitions.",
        ),
        acts(
            "IEnumerable<TSource> Reverse<TSource>(this IEnumerable<TSource> source)",
            reverse,
            "In the opposite order.",
        ),
        acts(
            "IEnumerable<TSource> DefaultIfEmpty<TSource>(this IEnumerable<TSource> source)",
            default_if_empty,
            "The type's default alone, if there is no item.",
        ),
        acts(
            "IEnumerable<TSource> DefaultIfEmpty<TSource>(this IEnumerable<TSource> source, TSource defaultValue)",
            default_if_empty,
            "A default alone, if there is no item.",
        ),
        acts(
            "IEnumerable<TResult> Cast<TResult>(this System.Collections.IEnumerable source)",
            cast,
            "Each item as another type.",
        ),
        acts(
            "IEnumerable<TResult> OfType<TResult>(this System.Collections.IEnumerable source)",
            of_type,
            "The items of a type.",
        ),
        acts(
            "IEnumerable<TResult> Zip<TFirst, TSecond, TResult>(this IEnumerable<TFirst> first, IEnumerable<TSecond> second, Func<TFirst, TSecond, TResult> resultSelector)",
            zip,
            "What pairs of both become.",
        ),
        acts(
            "IEnumerable<TSource> AsEnumerable<TSource>(this IEnumerable<TSource> source)",
            |_, mut args| Ok(args.take(0)),
            "Itself.",
        ),
        pure("static IEnumerable<int> Range(int start, int count)", range, "Numbers one after the other."),
        pure(
            "static IEnumerable<TResult> Repeat<TResult>(TResult element, int count)",
            repeat,
            "One item, several times.",
        ),
        pure(
            "static IEnumerable<TResult> Empty<TResult>()",
            |_, args| Ok(Value::array(args.ty(0).clone(), Vec::new())),
            "No item.",
        ),
        acts(
            "IEnumerable<IGrouping<TKey, TSource>> GroupBy<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector)",
            grouping::group_by,
            "Items by key, in order of first occurrence.",
        ),
        acts(
            "IEnumerable<IGrouping<TKey, TElement>> GroupBy<TSource, TKey, TElement>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector)",
            grouping::group_by_element,
            "Elements by key.",
        ),
        acts(
            "IEnumerable<TResult> GroupBy<TSource, TKey, TResult>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TKey, IEnumerable<TSource>, TResult> resultSelector)",
            grouping::group_by_result,
            "What each group becomes.",
        ),
        acts(
            "IEnumerable<TResult> Join<TOuter, TInner, TKey, TResult>(this IEnumerable<TOuter> outer, IEnumerable<TInner> inner, Func<TOuter, TKey> outerKeySelector, Func<TInner, TKey> innerKeySelector, Func<TOuter, TInner, TResult> resultSelector)",
            grouping::join,
            "What pairs of equal key become.",
        ),
        acts(
            "IEnumerable<TResult> GroupJoin<TOuter, TInner, TKey, TResult>(this IEnumerable<TOuter> outer, IEnumerable<TInner> inner, Func<TOuter, TKey> outerKeySelector, Func<TInner, TKey> innerKeySelector, Func<TOuter, IEnumerable<TInner>, TResult> resultSelector)",
            grouping::group_join,
            "What each item becomes with its matches.",
        ),
        acts(
            "ILookup<TKey, TSource> ToLookup<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector)",
            grouping::to_lookup,
            "Items by key, at once.",
        ),
        acts(
            "IOrderedEnumerable<TSource> OrderBy<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector)",
            |cx, args| order::by(cx, args, false),
            "Sorted by a key.",
        ),
        acts(
            "IOrderedEnumerable<TSource> OrderByDescending<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector)",
            |cx, args| order::by(cx, args, true),
            "Sorted by a key, downwards.",
        ),
        acts(
            "IOrderedEnumerable<TSource> ThenBy<TSource, TKey>(this IOrderedEnumerable<TSource> source, Func<TSource, TKey> keySelector)",
            |cx, args| order::then(cx, args, false),
            "Sorted further.",
        ),
        acts(
            "IOrderedEnumerable<TSource> ThenByDescending<TSource, TKey>(this IOrderedEnumerable<TSource> source, Func<TSource, TKey> keySelector)",
            |cx, args| order::then(cx, args, true),
            "Sorted further, downwards.",
        ),
        acts("TSource First<TSource>(this IEnumerable<TSource> source)", end::first, "The first item."),
        acts(
            "TSource First<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::first,
            "The first item that matches.",
        ),
        acts(
            "TSource FirstOrDefault<TSource>(this IEnumerable<TSource> source)",
            end::first_or_default,
            "The first item, or the default.",
        ),
        acts(
            "TSource FirstOrDefault<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::first_or_default,
            "The first item that matches, or the default.",
        ),
        acts("TSource Last<TSource>(this IEnumerable<TSource> source)", end::last, "The last item."),
        acts(
            "TSource Last<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::last,
            "The last item that matches.",
        ),
        acts(
            "TSource LastOrDefault<TSource>(this IEnumerable<TSource> source)",
            end::last_or_default,
            "The last item, or the default.",
        ),
        acts(
            "TSource LastOrDefault<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::last_or_default,
            "The last item that matches, or the default.",
        ),
        acts("TSource Single<TSource>(this IEnumerable<TSource> source)", end::single, "The only item."),
        acts(
            "TSource Single<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::single,
            "The only item that matches.",
        ),
        acts(
            "TSource SingleOrDefault<TSource>(this IEnumerable<TSource> source)",
            end::single_or_default,
            "The only item, or the default.",
        ),
        acts(
            "TSource SingleOrDefault<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::single_or_default,
            "The only item that matches, or the default.",
        ),
        acts(
            "TSource ElementAt<TSource>(this IEnumerable<TSource> source, int index)",
            end::element_at,
            "The item at an index.",
        ),
        acts(
            "TSource ElementAtOrDefault<TSource>(this IEnumerable<TSource> source, int index)",
            end::element_at_or_default,
            "The item at an index, or the default.",
        ),
        acts("bool Any<TSource>(this IEnumerable<TSource> source)", end::any, "Whether there is an item."),
        acts(
            "bool Any<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::any,
            "Whether an item matches.",
        ),
        acts(
            "bool All<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::all,
            "Whether all items match.",
        ),
        acts("int Count<TSource>(this IEnumerable<TSource> source)", end::count, "How many items."),
        acts(
            "int Count<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::count,
            "How many items match.",
        ),
        acts(
            "bool Contains<TSource>(this IEnumerable<TSource> source, TSource value)",
            end::contains,
            "Whether an item is there.",
        ),
        acts(
            "bool SequenceEqual<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second)",
            end::sequence_equal,
            "Whether both have the same items in the same order.",
        ),
        acts(
            "TSource Aggregate<TSource>(this IEnumerable<TSource> source, Func<TSource, TSource, TSource> func)",
            end::aggregate,
            "All items folded into one.",
        ),
        acts(
            "TAccumulate Aggregate<TSource, TAccumulate>(this IEnumerable<TSource> source, TAccumulate seed, Func<TAccumulate, TSource, TAccumulate> func)",
            end::aggregate_seed,
            "All items folded into a seed.",
        ),
        acts(
            "TResult Aggregate<TSource, TAccumulate, TResult>(this IEnumerable<TSource> source, TAccumulate seed, Func<TAccumulate, TSource, TAccumulate> func, Func<TAccumulate, TResult> resultSelector)",
            end::aggregate_result,
            "All items folded into a seed, and what that becomes.",
        ),
        acts("TSource[] ToArray<TSource>(this IEnumerable<TSource> source)", end::to_array, "The items as an array."),
        acts("List<TSource> ToList<TSource>(this IEnumerable<TSource> source)", end::to_list, "The items as a list."),
        acts(
            "Dictionary<TKey, TSource> ToDictionary<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector)",
            end::to_dictionary,
            "The items by key.",
        ),
        acts(
            "Dictionary<TKey, TElement> ToDictionary<TSource, TKey, TElement>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector)",
            end::to_dictionary,
            "Elements by key.",
        ),
        acts("int Sum(this IEnumerable<int> source)", end::sum, "The sum."),
        acts("long Sum(this IEnumerable<long> source)", end::sum, "The sum."),
        acts("double Sum(this IEnumerable<double> source)", end::sum, "The sum."),
        acts("decimal Sum(this IEnumerable<decimal> source)", end::sum, "The sum."),
        acts(
            "int Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, int> selector)",
            end::sum,
            "The sum of what items become.",
        ),
        acts(
            "long Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, long> selector)",
            end::sum,
            "The sum of what items become.",
        ),
        acts(
            "double Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, double> selector)",
            end::sum,
            "The sum of what items become.",
        ),
        acts(
            "decimal Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, decimal> selector)",
            end::sum,
            "The sum of what items become.",
        ),
        acts("double Average(this IEnumerable<int> source)", end::average, "The mean."),
        acts("double Average(this IEnumerable<long> source)", end::average, "The mean."),
        acts("double Average(this IEnumerable<double> source)", end::average, "The mean."),
        acts("decimal Average(this IEnumerable<decimal> source)", end::average, "The mean."),
        acts(
            "double Average<TSource>(this IEnumerable<TSource> source, Func<TSource, int> selector)",
            end::average,
            "The mean of what items become.",
        ),
        acts(
            "double Average<TSource>(this IEnumerable<TSource> source, Func<TSource, long> selector)",
            end::average,
            "The mean of what items become.",
        ),
        acts(
            "double Average<TSource>(this IEnumerable<TSource> source, Func<TSource, double> selector)",
            end::average,
            "The mean of what items become.",
        ),
        acts(
            "decimal Average<TSource>(this IEnumerable<TSource> source, Func<TSource, decimal> selector)",
            end::average,
            "The mean of what items become.",
        ),
        acts("int? Sum(this IEnumerable<int?> source)", end::sum, "The sum; nulls left out."),
        acts(
            "int? Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, int?> selector)",
            end::sum,
            "The sum of what items become.",
        ),
        acts("double? Average(this IEnumerable<int?> source)", end::average_or_null, "The mean; nulls left out."),
        acts(
            "double? Average<TSource>(this IEnumerable<TSource> source, Func<TSource, int?> selector)",
            end::average_or_null,
            "The mean of what items become.",
        ),
        acts("long? Sum(this IEnumerable<long?> source)", end::sum, "The sum; nulls left out."),
        acts(
            "long? Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, long?> selector)",
            end::sum,
            "The sum of what items become.",
        ),
        acts("double? Average(this IEnumerable<long?> source)", end::average_or_null, "The mean; nulls left out."),
        acts(
            "double? Average<TSource>(this IEnumerable<TSource> source, Func<TSource, long?> selector)",
            end::average_or_null,
            "The mean of what items become.",
        ),
        acts("double? Sum(this IEnumerable<double?> source)", end::sum, "The sum; nulls left out."),
        acts(
            "double? Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, double?> selector)",
            end::sum,
            "The sum of what items become.",
        ),
        acts("double? Average(this IEnumerable<double?> source)", end::average_or_null, "The mean; nulls left out."),
        acts(
            "double? Average<TSource>(this IEnumerable<TSource> source, Func<TSource, double?> selector)",
            end::average_or_null,
            "The mean of what items become.",
        ),
        acts("decimal? Sum(this IEnumerable<decimal?> source)", end::sum, "The sum; nulls left out."),
        acts(
            "decimal? Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, decimal?> selector)",
            end::sum,
            "The sum of what items become.",
        ),
        acts("decimal? Average(this IEnumerable<decimal?> source)", end::average_or_null, "The mean; nulls left out."),
        acts(
            "decimal? Average<TSource>(this IEnumerable<TSource> source, Func<TSource, decimal?> selector)",
            end::average_or_null,
            "The mean of what items become.",
        ),
        acts("float Sum(this IEnumerable<float> source)", end::sum, "The sum; nulls left out."),
        acts(
            "float Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, float> selector)",
            end::sum,
            "The sum of what items become.",
        ),
        acts("float Average(this IEnumerable<float> source)", end::average, "The mean; nulls left out."),
        acts(
            "float Average<TSource>(this IEnumerable<TSource> source, Func<TSource, float> selector)",
            end::average,
            "The mean of what items become.",
        ),
        acts("float? Sum(this IEnumerable<float?> source)", end::sum, "The sum; nulls left out."),
        acts(
            "float? Sum<TSource>(this IEnumerable<TSource> source, Func<TSource, float?> selector)",
            end::sum,
            "The sum of what items become.",
        ),
        acts("float? Average(this IEnumerable<float?> source)", end::average_or_null, "The mean; nulls left out."),
        acts(
            "float? Average<TSource>(this IEnumerable<TSource> source, Func<TSource, float?> selector)",
            end::average_or_null,
            "The mean of what items become.",
        ),
        acts(
            "IEnumerable<TSource> Distinct<TSource>(this IEnumerable<TSource> source, IEqualityComparer<TSource> comparer)",
            distinct,
            "Without repetitions, compared in a way of its own.",
        ),
        acts(
            "IEnumerable<TSource> Union<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second, IEqualityComparer<TSource> comparer)",
            union,
            "The same, compared in a way of its own.",
        ),
        acts(
            "IEnumerable<TSource> Intersect<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second, IEqualityComparer<TSource> comparer)",
            intersect,
            "The same, compared in a way of its own.",
        ),
        acts(
            "IEnumerable<TSource> Except<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second, IEqualityComparer<TSource> comparer)",
            except,
            "The same, compared in a way of its own.",
        ),
        acts(
            "bool Contains<TSource>(this IEnumerable<TSource> source, TSource value, IEqualityComparer<TSource> comparer)",
            end::contains,
            "Whether an item is there, compared in a way of its own.",
        ),
        acts(
            "bool SequenceEqual<TSource>(this IEnumerable<TSource> first, IEnumerable<TSource> second, IEqualityComparer<TSource> comparer)",
            end::sequence_equal,
            "Whether both are the same, compared in a way of its own.",
        ),
        acts(
            "Dictionary<TKey, TSource> ToDictionary<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, IEqualityComparer<TKey> comparer)",
            end::to_dictionary,
            "The items by key.",
        ),
        acts(
            "Dictionary<TKey, TElement> ToDictionary<TSource, TKey, TElement>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector, IEqualityComparer<TKey> comparer)",
            end::to_dictionary,
            "Elements by key.",
        ),
        acts("long LongCount<TSource>(this IEnumerable<TSource> source)", end::long_count, "How many items."),
        acts(
            "long LongCount<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::long_count,
            "How many items match.",
        ),
        acts(
            "IOrderedEnumerable<TSource> OrderBy<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, IComparer<TKey> comparer)",
            |cx, args| order::by(cx, args, false),
            "Sorted by a key, compared in a way of its own.",
        ),
        acts(
            "IOrderedEnumerable<TSource> OrderByDescending<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, IComparer<TKey> comparer)",
            |cx, args| order::by(cx, args, true),
            "Sorted by a key, compared in a way of its own.",
        ),
        acts(
            "IOrderedEnumerable<TSource> ThenBy<TSource, TKey>(this IOrderedEnumerable<TSource> source, Func<TSource, TKey> keySelector, IComparer<TKey> comparer)",
            |cx, args| order::then(cx, args, false),
            "Sorted further, compared in a way of its own.",
        ),
        acts(
            "IOrderedEnumerable<TSource> ThenByDescending<TSource, TKey>(this IOrderedEnumerable<TSource> source, Func<TSource, TKey> keySelector, IComparer<TKey> comparer)",
            |cx, args| order::then(cx, args, true),
            "Sorted further, compared in a way of its own.",
        ),
        acts(
            "ILookup<TKey, TElement> ToLookup<TSource, TKey, TElement>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector)",
            grouping::to_lookup_element,
            "Elements by key, at once.",
        ),
        acts(
            "IEnumerable<IGrouping<TKey, TSource>> GroupBy<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, IEqualityComparer<TKey> comparer)",
            grouping::group_by,
            "Items by key, compared in a way of its own.",
        ),
        acts(
            "IEnumerable<IGrouping<TKey, TElement>> GroupBy<TSource, TKey, TElement>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector, IEqualityComparer<TKey> comparer)",
            grouping::group_by_element,
            "Elements by key, compared in a way of its own.",
        ),
        acts(
            "ILookup<TKey, TSource> ToLookup<TSource, TKey>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, IEqualityComparer<TKey> comparer)",
            grouping::to_lookup,
            "Items by key, compared in a way of its own.",
        ),
        acts(
            "ILookup<TKey, TElement> ToLookup<TSource, TKey, TElement>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector, IEqualityComparer<TKey> comparer)",
            grouping::to_lookup_element,
            "Elements by key, compared in a way of its own.",
        ),
        acts(
            "TSource Min<TSource>(this IEnumerable<TSource> source)",
            |cx, args| end::extreme(cx, args, false),
            "The smallest item.",
        ),
        acts(
            "TSource Max<TSource>(this IEnumerable<TSource> source)",
            |cx, args| end::extreme(cx, args, true),
            "The largest item.",
        ),
        acts(
            "TResult Min<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, TResult> selector)",
            |cx, args| end::extreme(cx, args, false),
            "The smallest of what items become.",
        ),
        acts(
            "TResult Max<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, TResult> selector)",
            |cx, args| end::extreme(cx, args, true),
            "The largest of what items become.",
        ),
    ],
    doc: "Queries over sequences.",
    ..TypeDef::CLASS
};

/// The source and the delegate, neither of them null.
fn operands(args: &Args<'_>, name: &str) -> Result<(Value, Value)> {
    Ok((args.some(0, "source")?.clone(), args.some(1, name)?.clone()))
}

fn run(next: impl FnMut(&mut Cx<'_>) -> Result<Option<Value>> + 'static) -> Result<Box<dyn Iter>> {
    Ok(Box::new(from_fn(next)))
}

/// Calls a delegate that takes the item, and perhaps its index.
fn ask(cx: &mut Cx<'_>, delegate: &Value, item: &Value, index: &mut i32, indexed: bool) -> Result<Value> {
    cx.meter.step()?;
    let at = *index;
    *index += 1;
    if indexed {
        cx.call(delegate, &mut [item.clone(), Value::Int(at)])
    } else {
        cx.call(delegate, &mut [item.clone()])
    }
}

fn takes_index(delegate: &Value) -> bool {
    delegate.ty().args().len() == 3
}

fn filter(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, predicate) = operands(&args, "predicate")?;
    let indexed = takes_index(&predicate);
    Ok(lazy(args.ty(0).clone(), move |cx| {
        let (mut inner, predicate, mut index) = (cx.iterate(&source)?, predicate.clone(), 0);
        run(move |cx| {
            while let Some(item) = inner.next(cx)? {
                if matches!(ask(cx, &predicate, &item, &mut index, indexed)?, Value::Bool(true)) {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        })
    }))
}

fn map(args: &Args<'_>, indexed: bool) -> Result<Value> {
    let (source, selector) = operands(args, "selector")?;
    Ok(lazy(args.ty(1).clone(), move |cx| {
        let (mut inner, selector, mut index) = (cx.iterate(&source)?, selector.clone(), 0);
        run(move |cx| match inner.next(cx)? {
            Some(item) => ask(cx, &selector, &item, &mut index, indexed).map(Some),
            None => Ok(None),
        })
    }))
}

fn select(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    map(&args, false)
}

fn select_indexed(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    map(&args, true)
}

fn select_many(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, selector) = operands(&args, "selector")?;
    Ok(flatten(source, selector, None, args.ty(1).clone()))
}

fn select_many_pairs(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, selector) = operands(&args, "collectionSelector")?;
    let result = args.some(2, "resultSelector")?.clone();
    Ok(flatten(source, selector, Some(result), args.ty(2).clone()))
}

fn flatten(source: Value, selector: Value, result: Option<Value>, element: Ty) -> Value {
    lazy(element, move |cx| {
        let (mut outer, selector, result) = (cx.iterate(&source)?, selector.clone(), result.clone());
        let mut current: Option<(Value, Box<dyn Iter>)> = None;
        run(move |cx| {
            loop {
                if let Some((item, inner)) = &mut current
                    && let Some(found) = inner.next(cx)?
                {
                    cx.meter.step()?;
                    return match &result {
                        Some(result) => cx.call(result, &mut [item.clone(), found]).map(Some),
                        None => Ok(Some(found)),
                    };
                }
                match outer.next(cx)? {
                    Some(item) => {
                        let inner = cx.call(&selector, &mut [item.clone()])?;
                        current = Some((item, cx.iterate(&inner)?));
                    }
                    None => return Ok(None),
                }
            }
        })
    })
}

fn take(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, count) = (args.some(0, "source")?.clone(), args.int(1));
    Ok(lazy(args.ty(0).clone(), move |cx| {
        let (mut inner, mut left) = (cx.iterate(&source)?, count);
        run(move |cx| {
            if left <= 0 {
                return Ok(None);
            }
            left -= 1;
            inner.next(cx)
        })
    }))
}

fn skip(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, count) = (args.some(0, "source")?.clone(), args.int(1));
    Ok(lazy(args.ty(0).clone(), move |cx| {
        let (mut inner, mut left) = (cx.iterate(&source)?, count);
        run(move |cx| {
            while left > 0 {
                left -= 1;
                cx.meter.step()?;
                if inner.next(cx)?.is_none() {
                    return Ok(None);
                }
            }
            inner.next(cx)
        })
    }))
}

fn take_while(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, predicate) = operands(&args, "predicate")?;
    Ok(lazy(args.ty(0).clone(), move |cx| {
        let (mut inner, predicate, mut over) = (cx.iterate(&source)?, predicate.clone(), false);
        run(move |cx| {
            let Some(item) = (if over { None } else { inner.next(cx)? }) else { return Ok(None) };
            over = !cx.test(&predicate, &mut [item.clone()])?;
            Ok((!over).then_some(item))
        })
    }))
}

fn skip_while(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, predicate) = operands(&args, "predicate")?;
    Ok(lazy(args.ty(0).clone(), move |cx| {
        let (mut inner, predicate, mut begun) = (cx.iterate(&source)?, predicate.clone(), false);
        run(move |cx| {
            while let Some(item) = inner.next(cx)? {
                cx.meter.step()?;
                if begun || !cx.test(&predicate, &mut [item.clone()])? {
                    begun = true;
                    return Ok(Some(item));
                }
            }
            Ok(None)
        })
    }))
}

/// A sequence that needs all items of its source before the first of its own.
fn whole(
    source: Value,
    element: Ty,
    change: impl Fn(&mut Cx<'_>, Vec<Value>) -> Result<Vec<Value>> + 'static,
) -> Value {
    lazy(element, move |cx| {
        let all = cx.collect(&source)?;
        Ok(items(change(cx, all)?))
    })
}

fn take_last(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let count = usize::try_from(args.int(1)).unwrap_or(0);
    Ok(whole(args.some(0, "source")?.clone(), args.ty(0).clone(), move |_, mut all| {
        all.drain(..all.len().saturating_sub(count));
        Ok(all)
    }))
}

fn skip_last(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let count = usize::try_from(args.int(1)).unwrap_or(0);
    Ok(whole(args.some(0, "source")?.clone(), args.ty(0).clone(), move |_, mut all| {
        all.truncate(all.len().saturating_sub(count));
        Ok(all)
    }))
}

fn reverse(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(whole(args.some(0, "source")?.clone(), args.ty(0).clone(), |_, mut all| {
        all.reverse();
        Ok(all)
    }))
}

/// Sequences one after the other.
fn chain(element: Ty, parts: Vec<Value>) -> Value {
    lazy(element, move |_| {
        let mut rest = parts.clone().into_iter();
        let mut current: Option<Box<dyn Iter>> = None;
        run(move |cx| {
            loop {
                if let Some(inner) = &mut current
                    && let Some(item) = inner.next(cx)?
                {
                    return Ok(Some(item));
                }
                match rest.next() {
                    Some(part) => current = Some(cx.iterate(&part)?),
                    None => return Ok(None),
                }
            }
        })
    })
}

fn concat(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(chain(args.ty(0).clone(), vec![args.some(0, "first")?.clone(), args.some(1, "second")?.clone()]))
}

fn append(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let (ty, source) = (args.ty(0).clone(), args.some(0, "source")?.clone());
    let one = sequence(ty.clone(), vec![args.take(1)]);
    Ok(chain(ty, vec![source, one]))
}

fn prepend(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let (ty, source) = (args.ty(0).clone(), args.some(0, "source")?.clone());
    let one = sequence(ty.clone(), vec![args.take(1)]);
    Ok(chain(ty, vec![one, source]))
}

/// The items of `source` whose first occurrence `keep` accepts.
fn unique(source: Value, element: Ty, other: Option<(Value, bool)>, comparer: Value) -> Value {
    lazy(element, move |cx| {
        let (mut inner, other, comparer) = (cx.iterate(&source)?, other.clone(), comparer.clone());
        let mut known: Option<(HashSet<Key>, bool)> = None;
        let mut seen = HashSet::new();
        run(move |cx| {
            if let (None, Some((other, wanted))) = (&known, &other) {
                known = Some((cx.collect(other)?.iter().map(|item| key_by(&comparer, item)).collect(), *wanted));
            }
            while let Some(item) = inner.next(cx)? {
                cx.meter.step()?;
                let key = key_by(&comparer, &item);
                let fits = known.as_ref().is_none_or(|(set, wanted)| set.contains(&key) == *wanted);
                if fits && seen.insert(key) {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        })
    })
}

fn distinct(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(unique(args.some(0, "source")?.clone(), args.ty(0).clone(), None, args.value(1).clone()))
}

fn union(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (ty, comparer) = (args.ty(0).clone(), args.value(2).clone());
    Ok(unique(concat(cx, args)?, ty, None, comparer))
}

fn intersect(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(unique(
        args.some(0, "first")?.clone(),
        args.ty(0).clone(),
        Some((args.some(1, "second")?.clone(), true)),
        args.value(2).clone(),
    ))
}

fn except(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    Ok(unique(
        args.some(0, "first")?.clone(),
        args.ty(0).clone(),
        Some((args.some(1, "second")?.clone(), false)),
        args.value(2).clone(),
    ))
}

fn default_if_empty(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let ty = args.ty(0).clone();
    let default = if args.len() > 1 { args.take(1) } else { Value::default_of(&ty) };
    Ok(whole(args.some(0, "source")?.clone(), ty, move |_, all| {
        Ok(if all.is_empty() { vec![default.clone()] } else { all })
    }))
}

fn cast(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, ty) = (args.some(0, "source")?.clone(), args.ty(0).clone());
    Ok(lazy(ty.clone(), move |cx| {
        let (mut inner, ty) = (cx.iterate(&source)?, ty.clone());
        run(move |cx| match inner.next(cx)? {
            Some(Value::Null) if ty.is_value_type() && !ty.is_nullable() => Err(exception::null_reference()),
            Some(item) if item.is_null() || cx.surface.is_a(&item.ty(), ty.unwrap_nullable()) => Ok(Some(item)),
            Some(item) => Err(exception::cannot_cast(&item.ty(), &ty)),
            None => Ok(None),
        })
    }))
}

fn of_type(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (source, ty) = (args.some(0, "source")?.clone(), args.ty(0).clone());
    Ok(lazy(ty.clone(), move |cx| {
        let (mut inner, ty) = (cx.iterate(&source)?, ty.clone());
        run(move |cx| {
            while let Some(item) = inner.next(cx)? {
                cx.meter.step()?;
                if !item.is_null() && cx.surface.is_a(&item.ty(), &ty) {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        })
    }))
}

fn zip(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (first, second) = (args.some(0, "first")?.clone(), args.some(1, "second")?.clone());
    let result = args.some(2, "resultSelector")?.clone();
    Ok(lazy(args.ty(2).clone(), move |cx| {
        let (mut left, mut right, result) = (cx.iterate(&first)?, cx.iterate(&second)?, result.clone());
        run(move |cx| match (left.next(cx)?, right.next(cx)?) {
            (Some(left), Some(right)) => cx.call(&result, &mut [left, right]).map(Some),
            _ => Ok(None),
        })
    }))
}

fn range(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let (start, count) = (i64::from(args.int(0)), i64::from(args.int(1)));
    if count < 0 || start + count - 1 > i64::from(i32::MAX) {
        return Err(exception::out_of_range("", "count"));
    }
    Ok(lazy(Ty::INT, move |_| {
        let mut at = 0;
        run(move |_| {
            at += 1;
            Ok((at <= count).then(|| Value::Int((start + at - 1) as i32)))
        })
    }))
}

fn repeat(_cx: &mut Cx<'_>, mut args: Args<'_>) -> Result<Value> {
    let (item, count) = (args.take(0), args.int(1));
    if count < 0 {
        return Err(exception::out_of_range("", "count"));
    }
    Ok(lazy(args.ty(0).clone(), move |_| {
        let (item, mut left) = (item.clone(), count);
        run(move |_| {
            left -= 1;
            Ok((left >= 0).then(|| item.clone()))
        })
    }))
}
