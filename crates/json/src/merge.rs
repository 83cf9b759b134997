//! `JContainer.Merge`.

use crate::error::Result;
use crate::token::{JToken, JTokenType};

/// `MergeArrayHandling`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArrayMerge {
    /// Append.
    #[default]
    Concat,
    /// Append what is not there yet.
    Union,
    /// Take the other array's items instead.
    Replace,
    /// Merge item by item.
    Merge,
}

/// `JsonMergeSettings`.
#[derive(Clone, Copy, Debug, Default)]
pub struct MergeSettings {
    /// What to do with arrays.
    pub arrays: ArrayMerge,
    /// `MergeNullValueHandling.Merge`: a null replaces a value.
    pub nulls: bool,
    /// `PropertyNameComparison` ignores case.
    pub ignore_case: bool,
}

impl JToken {
    /// `Merge(content, settings)`: takes over what `content` has. Content of another type changes nothing.
    pub fn merge(&self, content: &JToken, settings: MergeSettings) -> Result<()> {
        // A list of pairs instead of recursion: a tree made by code may be deeper than the stack.
        let mut pending = vec![(self.clone(), content.clone())];
        while let Some((into, from)) = pending.pop() {
            match (into.kind(), from.kind()) {
                (JTokenType::Object, JTokenType::Object) => merge_object(&into, &from, settings, &mut pending)?,
                (JTokenType::Array, JTokenType::Array) | (JTokenType::Constructor, JTokenType::Constructor) => {
                    merge_items(&into, &from, settings, &mut pending)?;
                }
                (JTokenType::Property, JTokenType::Property) => {
                    if let Some(value) = from.property_value().filter(|v| v.kind() != JTokenType::Null) {
                        into.set_property_value(&value)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// `JObject.GetValue`, `Property` with an ignoring comparison: an exact match goes first.
    pub fn property_ignoring_case(&self, name: &str) -> Option<JToken> {
        self.property_named(name).or_else(|| {
            let wanted = name.to_lowercase();
            self.children().into_iter().find(|p| p.name().is_some_and(|n| n.to_lowercase() == wanted))
        })
    }
}

type Pairs = Vec<(JToken, JToken)>;

fn merge_object(into: &JToken, from: &JToken, settings: MergeSettings, pending: &mut Pairs) -> Result<()> {
    for property in from.children() {
        let (Some(name), Some(value)) = (property.name(), property.property_value()) else { continue };
        let known = if settings.ignore_case { into.property_ignoring_case(&name) } else { into.property_named(&name) };
        let Some(known) = known else {
            into.add_property(name, &value)?;
            continue;
        };
        match known.property_value().filter(|old| old.is_container() && old.kind() == value.kind()) {
            Some(old) => pending.push((old, value)),
            None if settings.nulls || !is_null(&value) => known.set_property_value(&value)?,
            None => {}
        }
    }
    Ok(())
}

fn merge_items(into: &JToken, from: &JToken, settings: MergeSettings, pending: &mut Pairs) -> Result<()> {
    let items = from.children();
    match settings.arrays {
        ArrayMerge::Concat => items.iter().try_for_each(|item| into.add(item)),
        ArrayMerge::Union => items.iter().try_for_each(|item| {
            if into.children().iter().any(|known| known.deep_equals(item)) { Ok(()) } else { into.add(item) }
        }),
        ArrayMerge::Replace => {
            if !into.same(from) {
                into.clear()?;
                items.iter().try_for_each(|item| into.add(item))?;
            }
            Ok(())
        }
        ArrayMerge::Merge => items.iter().enumerate().try_for_each(|(at, item)| match into.child(at) {
            None => into.add(item),
            Some(old) if old.is_container() => {
                pending.push((old, item.clone()));
                Ok(())
            }
            Some(old) if item.kind() != JTokenType::Null => old.replace(item),
            Some(_) => Ok(()),
        }),
    }
}

fn is_null(token: &JToken) -> bool {
    token.as_value().is_some_and(|value| value.is_null())
}
