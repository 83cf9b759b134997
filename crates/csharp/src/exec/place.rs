//! What can be assigned to: array elements, members, items of tuples, variables.

use super::{
    code::{MemberPlace, Node, Place},
    eval::gather,
    frame::Frame,
    types::is_instance,
};
use crate::{
    call::{Args, Cx, Result},
    exception,
    ty::Ty,
    value::{Array, Collection, Tuple, Value},
};

/// A place whose receiver and indices have been computed.
pub(super) enum Target<'c> {
    Var(super::code::Loc),
    Member(&'c MemberPlace, Vec<Value>),
    Element { array: Value, indices: Vec<i64>, element: &'c Ty },
    TupleItem(Box<Target<'c>>, usize),
    Discard,
}

impl Place {
    pub(super) fn resolve(&self, frame: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Target<'_>> {
        Ok(match self {
            Self::Var(loc) => Target::Var(*loc),
            Self::Member(member) => {
                let mut values = Vec::with_capacity(member.args.len() + 1);
                for arg in &member.args {
                    values.push(arg.eval(frame, cx)?);
                }
                Target::Member(member, values)
            }
            Self::Element(parts) => {
                let (array, indices, element) = &**parts;
                let array = array.eval(frame, cx)?;
                let mut at = Vec::with_capacity(indices.len());
                for index in indices {
                    at.push(whole(&index.eval(frame, cx)?));
                }
                Target::Element { array, indices: at, element }
            }
            Self::TupleItem(inner, at) => Target::TupleItem(Box::new(inner.resolve(frame, cx)?), *at),
            Self::Discard => Target::Discard,
        })
    }
}

impl Target<'_> {
    pub(super) fn read(&self, frame: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
        match self {
            Self::Var(loc) => Ok(frame.load(*loc)),
            Self::Member(member, values) => {
                member.check_receiver(values)?;
                (member.read)(cx, Args::new(&mut values.clone(), &member.types))
            }
            Self::Element { array, indices, .. } => element(array, indices),
            Self::TupleItem(inner, at) => item(&inner.read(frame, cx)?, *at),
            Self::Discard => Ok(Value::Null),
        }
    }

    pub(super) fn write(self, value: Value, frame: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<()> {
        match self {
            Self::Var(loc) => frame.store(loc, value),
            Self::Member(member, mut values) => {
                member.check_receiver(&values)?;
                values.push(value);
                let Some(write) = member.write else {
                    return Err(exception::not_supported("The property is read-only."));
                };
                write(cx, Args::new(&mut values, &member.types))?;
            }
            Self::Element { array, indices, element } => {
                let array = array.downcast::<Array>().ok_or_else(exception::null_reference)?;
                let at = offset(array, &indices)?;
                // An array of a derived type may stand behind an array of the base: only it knows what fits.
                let fits =
                    array.element == *element || value.is_null() || is_instance(&value, &array.element, cx.surface);
                if !fits {
                    let text = "Attempted to access an element as a type incompatible with the array.";
                    return Err(exception::raise(&exception::ARRAY_TYPE_MISMATCH, text));
                }
                if !array.set_item(at, value)? {
                    return Err(exception::index_out_of_range());
                }
            }
            Self::TupleItem(inner, at) => {
                let holder = inner.read(frame, cx)?;
                let tuple = holder.downcast::<Tuple>().ok_or_else(exception::null_reference)?;
                if let Some(place) = tuple.items.borrow_mut().get_mut(at) {
                    *place = value;
                }
            }
            Self::Discard => {}
        }
        Ok(())
    }
}

impl MemberPlace {
    fn check_receiver(&self, values: &[Value]) -> Result<()> {
        if self.check && values.first().is_some_and(Value::is_null) { Err(exception::null_reference()) } else { Ok(()) }
    }
}

/// `array[indices]`.
pub(super) fn read_element(array: &Node, indices: &[Node], frame: &mut Frame<'_>, cx: &mut Cx<'_>) -> Result<Value> {
    let array = array.eval(frame, cx)?;
    gather(indices, frame, cx, |values, _, _| match values {
        [index] => element(&array, &[whole(index)]),
        _ => element(&array, &values.iter().map(whole).collect::<Vec<_>>()),
    })
}

fn element(array: &Value, indices: &[i64]) -> Result<Value> {
    let found = match (array.downcast::<Array>(), array, indices) {
        (Some(array), ..) => array.item(offset(array, indices)?),
        // A list that gives its items as they are asked for.
        (None, Value::Object(list), [at]) => {
            let list = list.collection().ok_or_else(exception::null_reference)?;
            usize::try_from(*at).ok().and_then(|at| list.item(at))
        }
        _ => return Err(exception::null_reference()),
    };
    found.ok_or_else(exception::index_out_of_range)
}

/// The index into the items, which lie one dimension after the other.
fn offset(array: &Array, indices: &[i64]) -> Result<usize> {
    let index = |index: &i64| usize::try_from(*index).map_err(|_| exception::index_out_of_range());
    match (indices, &array.lengths) {
        ([at], None) => index(at),
        (_, Some(lengths)) if lengths.len() == indices.len() => {
            lengths.iter().zip(indices).try_fold(0, |sum, (length, at)| match index(at)? {
                at if at < *length => Ok(sum * length + at),
                _ => Err(exception::index_out_of_range()),
            })
        }
        _ => Err(exception::index_out_of_range()),
    }
}

/// An item of a tuple or a property of an anonymous object.
pub(super) fn item(holder: &Value, at: usize) -> Result<Value> {
    if let Some(tuple) = holder.downcast::<Tuple>() {
        return Ok(tuple.items.borrow().get(at).cloned().unwrap_or_default());
    }
    let object = holder.downcast::<crate::value::Anonymous>().ok_or_else(exception::null_reference)?;
    Ok(object.items.get(at).cloned().unwrap_or_default())
}

/// An index of any integral type.
fn whole(value: &Value) -> i64 {
    match value {
        Value::Int(value) => i64::from(*value),
        Value::ULong(value) => i64::try_from(*value).unwrap_or(i64::MAX),
        _ => Args::new(&mut [value.clone()], &[]).long(0),
    }
}
