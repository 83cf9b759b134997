//! `System.Collections` and `System.Collections.Generic`.

pub(crate) mod dictionary;
mod dictionary_parts;
mod enumerator;
mod extensions;
pub(crate) mod interfaces;
pub(crate) mod key_value_pair;
pub(crate) mod list;
mod queue;
mod set;

use csharp::surface::TypeDef;

pub(crate) use dictionary::Dictionary;
pub(crate) use enumerator::enumerator;
pub(crate) use interfaces::{ENUMERABLE_OF, READ_ONLY_DICTIONARY};
pub(crate) use key_value_pair::{pair, parts as key_value};
pub(crate) use list::List;
pub(crate) use queue::read_only;
pub(crate) use set::set_of;

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[
    &enumerator::PLAIN,
    &enumerator::OF,
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
    &extensions::DEF,
    &extensions::PAIRS,
    &list::DEF,
    &dictionary::DEF,
    &dictionary_parts::KEYS,
    &dictionary_parts::VALUES,
    &queue::QUEUE,
    &queue::STACK,
    &queue::READ_ONLY,
    &set::ISET,
    &set::DEF,
];
