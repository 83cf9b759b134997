//! `System.Collections` and `System.Collections.Generic`.

mod dictionary;
mod interfaces;
mod key_value_pair;
mod list;

use csharp::surface::TypeDef;

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[
    &interfaces::ENUMERABLE,
    &interfaces::ENUMERABLE_OF,
    &interfaces::COLLECTION,
    &interfaces::READ_ONLY_COLLECTION,
    &interfaces::LIST,
    &interfaces::READ_ONLY_LIST,
    &interfaces::DICTIONARY,
    &interfaces::READ_ONLY_DICTIONARY,
    &interfaces::EQUALITY_COMPARER,
    &interfaces::COMPARER,
    &key_value_pair::DEF,
    &list::DEF,
    &dictionary::DEF,
];
