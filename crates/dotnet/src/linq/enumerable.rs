//! `System.Linq.Enumerable`: the methods that give sequences are lazy, the others run at once (`terminal`).

use csharp::{
    Value,
    surface::{Kind, Pass, TypeDef, acts, pure},
};

use super::{grouping, order, terminal as end};

use super::streams::{
    append, cast, concat, default_if_empty, distinct, except, filter, intersect, of_type, prepend, range, repeat,
    reverse, select, select_indexed, select_many, select_many_pairs, skip, skip_last, skip_while, take, take_last,
    take_while, to_hash_set, union, zip, zip_pairs,
};

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Linq.Enumerable",
    kind: Kind::Static,
    members: &[
        acts(
            "IEnumerable<TSource> Where<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            filter,
            "The items that match.",
        ).passes(Pass::Where),
        acts(
            "IEnumerable<TSource> Where<TSource>(this IEnumerable<TSource> source, Func<TSource, int, bool> predicate)",
            filter,
            "The items that match, by item and index.",
        ),
        acts(
            "IEnumerable<TResult> Select<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, TResult> selector)",
            select,
            "What each item becomes.",
        ).passes(Pass::Select),
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
        ).enumerates(),
        acts(
            "IEnumerable<TSource> Skip<TSource>(this IEnumerable<TSource> source, int count)",
            skip,
            "All but the first items.",
        ).enumerates(),
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
            "IEnumerable<TSource> TakeWhile<TSource>(this IEnumerable<TSource> source, Func<TSource, int, bool> predicate)",
            take_while,
            "The items before the first that does not match, by item and index.",
        ),
        acts(
            "IEnumerable<TSource> SkipWhile<TSource>(this IEnumerable<TSource> source, Func<TSource, int, bool> predicate)",
            skip_while,
            "The items from the first that does not match, by item and index.",
        ),
        acts(
            "IEnumerable<TResult> SelectMany<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, int, IEnumerable<TResult>> selector)",
            select_many,
            "The items of all sequences, by item and index.",
        ),
        acts(
            "IEnumerable<TResult> SelectMany<TSource, TCollection, TResult>(this IEnumerable<TSource> source, Func<TSource, int, IEnumerable<TCollection>> collectionSelector, Func<TSource, TCollection, TResult> resultSelector)",
            select_many_pairs,
            "What each pair becomes, by item and index.",
        ),
        acts(
            "IEnumerable<(TFirst First, TSecond Second)> Zip<TFirst, TSecond>(this IEnumerable<TFirst> first, IEnumerable<TSecond> second)",
            zip_pairs,
            "Items of both in pairs, as long as both have some.",
        ),
        acts(
            "HashSet<TSource> ToHashSet<TSource>(this IEnumerable<TSource> source)",
            to_hash_set,
            "The items as a set.",
        ).enumerates(),
        acts(
            "HashSet<TSource> ToHashSet<TSource>(this IEnumerable<TSource> source, IEqualityComparer<TSource> comparer)",
            to_hash_set,
            "The items as a set that compares in its own way.",
        ).enumerates(),
        acts(
            "IEnumerable<TResult> GroupBy<TSource, TKey, TElement, TResult>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector, Func<TKey, IEnumerable<TElement>, TResult> resultSelector)",
            grouping::group_by_element_result,
            "What each key and its elements become.",
        ),
        acts(
            "IEnumerable<TResult> GroupBy<TSource, TKey, TElement, TResult>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TSource, TElement> elementSelector, Func<TKey, IEnumerable<TElement>, TResult> resultSelector, IEqualityComparer<TKey> comparer)",
            grouping::group_by_element_result,
            "What each key and its elements become; keys compare in their own way.",
        ),
        acts(
            "IEnumerable<TResult> GroupBy<TSource, TKey, TResult>(this IEnumerable<TSource> source, Func<TSource, TKey> keySelector, Func<TKey, IEnumerable<TSource>, TResult> resultSelector, IEqualityComparer<TKey> comparer)",
            grouping::group_by_result,
            "What each key and its items become; keys compare in their own way.",
        ),
        acts(
            "IEnumerable<TResult> Join<TOuter, TInner, TKey, TResult>(this IEnumerable<TOuter> outer, IEnumerable<TInner> inner, Func<TOuter, TKey> outerKeySelector, Func<TInner, TKey> innerKeySelector, Func<TOuter, TInner, TResult> resultSelector, IEqualityComparer<TKey> comparer)",
            grouping::join,
            "What each pair with equal keys becomes; keys compare in their own way.",
        ),
        acts(
            "IEnumerable<TResult> GroupJoin<TOuter, TInner, TKey, TResult>(this IEnumerable<TOuter> outer, IEnumerable<TInner> inner, Func<TOuter, TKey> outerKeySelector, Func<TInner, TKey> innerKeySelector, Func<TOuter, IEnumerable<TInner>, TResult> resultSelector, IEqualityComparer<TKey> comparer)",
            grouping::group_join,
            "What each item becomes with those of equal keys; keys compare in their own way.",
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
        acts("TSource First<TSource>(this IEnumerable<TSource> source)", end::first, "The first item.").passes(Pass::First),
        acts(
            "TSource First<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::first,
            "The first item that matches.",
        ).passes(Pass::First),
        acts(
            "TSource FirstOrDefault<TSource>(this IEnumerable<TSource> source)",
            end::first_or_default,
            "The first item, or the default.",
        ).passes(Pass::FirstOrDefault),
        acts(
            "TSource FirstOrDefault<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::first_or_default,
            "The first item that matches, or the default.",
        ).passes(Pass::FirstOrDefault),
        acts("TSource Last<TSource>(this IEnumerable<TSource> source)", end::last, "The last item.").enumerates(),
        acts(
            "TSource Last<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::last,
            "The last item that matches.",
        ).enumerates(),
        acts(
            "TSource LastOrDefault<TSource>(this IEnumerable<TSource> source)",
            end::last_or_default,
            "The last item, or the default.",
        ).enumerates(),
        acts(
            "TSource LastOrDefault<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::last_or_default,
            "The last item that matches, or the default.",
        ).enumerates(),
        acts("TSource Single<TSource>(this IEnumerable<TSource> source)", end::single, "The only item.").enumerates(),
        acts(
            "TSource Single<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::single,
            "The only item that matches.",
        ).enumerates(),
        acts(
            "TSource SingleOrDefault<TSource>(this IEnumerable<TSource> source)",
            end::single_or_default,
            "The only item, or the default.",
        ).enumerates(),
        acts(
            "TSource SingleOrDefault<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::single_or_default,
            "The only item that matches, or the default.",
        ).enumerates(),
        acts(
            "TSource ElementAt<TSource>(this IEnumerable<TSource> source, int index)",
            end::element_at,
            "The item at an index.",
        ).enumerates(),
        acts(
            "TSource ElementAtOrDefault<TSource>(this IEnumerable<TSource> source, int index)",
            end::element_at_or_default,
            "The item at an index, or the default.",
        ).enumerates(),
        acts("bool Any<TSource>(this IEnumerable<TSource> source)", end::any, "Whether there is an item.").passes(Pass::Any),
        acts(
            "bool Any<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::any,
            "Whether an item matches.",
        ).passes(Pass::Any),
        acts(
            "bool All<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::all,
            "Whether all items match.",
        ).passes(Pass::All),
        acts("int Count<TSource>(this IEnumerable<TSource> source)", end::count, "How many items.").passes(Pass::Count),
        acts(
            "int Count<TSource>(this IEnumerable<TSource> source, Func<TSource, bool> predicate)",
            end::count,
            "How many items match.",
        ).passes(Pass::Count),
        acts(
            "bool Contains<TSource>(this IEnumerable<TSource> source, TSource value)",
            end::contains,
            "Whether an item is there.",
        ).passes(Pass::Contains),
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
        acts("TSource[] ToArray<TSource>(this IEnumerable<TSource> source)", end::to_array, "The items as an array.").enumerates(),
        acts("List<TSource> ToList<TSource>(this IEnumerable<TSource> source)", end::to_list, "The items as a list.").enumerates(),
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
        ).enumerates(),
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
