//! What is assigned to.

use std::sync::Arc;

use super::{Frame, Lower, Node};
use crate::{
    call::{Args, Cx, Native, Result},
    exception,
    ir::{Expr, Place},
    ty::Ty,
    value::{Array, Tuple, Value},
};

/// A place whose receiver and indices have been evaluated.
pub(super) enum Spot {
    Loc(super::Loc),
    Member(Vec<Value>),
    Element(Value, Vec<i64>),
    TupleItem(Box<Spot>),
    Nowhere,
}

/// A compiled place: how to find it, read it and write it.
pub(super) struct PlaceCode {
    pub(super) find: Box<dyn Fn(&mut Frame<'_>, &mut Cx<'_>) -> Result<Spot> + Send + Sync>,
    pub(super) read: Box<dyn Fn(&mut Frame<'_>, &mut Cx<'_>, &Spot) -> Result<Value> + Send + Sync>,
    pub(super) write: Box<dyn Fn(&mut Frame<'_>, &mut Cx<'_>, &Spot, Value) -> Result<()> + Send + Sync>,
}

impl Lower<'_> {
    pub(super) fn place(&self, place: &Place) -> PlaceCode {
        match place {
            Place::Var(var) => {
                let loc = self.loc(*var);
                PlaceCode {
                    find: Box::new(move |_, _| Ok(Spot::Loc(loc))),
                    read: Box::new(move |frame, _, _| Ok(frame.get(loc))),
                    write: Box::new(move |frame, _, _, value| {
                        frame.set(loc, value);
                        Ok(())
                    }),
                }
            }
            Place::Discard => PlaceCode {
                find: Box::new(|_, _| Ok(Spot::Nowhere)),
                read: Box::new(|_, _, _| Ok(Value::Null)),
                write: Box::new(|_, _, _, _| Ok(())),
            },
            Place::Member { member, args, types } => {
                let info = self.surface.member(*member);
                let (get, set, is_static): (Native, Option<Native>, bool) = (info.row.run, info.row.set, info.is_static);
                let nodes: Vec<Node> = args.iter().map(|arg| self.expression(arg)).collect();
                let (types, more): (Arc<[Ty]>, Arc<[Ty]>) = (types.clone(), types.clone());
                PlaceCode {
                    find: Box::new(move |frame, cx| {
                        let mut values = Vec::with_capacity(nodes.len() + 1);
                        for node in &nodes {
                            values.push(node(frame, cx)?);
                        }
                        if !is_static && values.first().is_some_and(Value::is_null) {
                            return Err(exception::null_reference());
                        }
                        Ok(Spot::Member(values))
                    }),
                    read: Box::new(move |_, cx, spot| match spot {
                        Spot::Member(values) => get(cx, Args::new(&mut values.clone(), &types)),
                        _ => Ok(Value::Null),
                    }),
                    write: Box::new(move |_, cx, spot, value| {
                        if let (Spot::Member(values), Some(set)) = (spot, set) {
                            let mut values = values.clone();
                            values.push(value);
                            set(cx, Args::new(&mut values, &more))?;
                        }
                        Ok(())
                    }),
                }
            }
            Place::Element(array, indices) => {
                let array = self.expression(array);
                let indices: Vec<Node> = indices.iter().map(|index| self.expression(index)).collect();
                PlaceCode {
                    find: Box::new(move |frame, cx| {
                        let array = array(frame, cx)?;
                        let mut at = Vec::with_capacity(indices.len());
                        for index in &indices {
                            at.push(index_of(&index(frame, cx)?));
                        }
                        Ok(Spot::Element(array, at))
                    }),
                    read: Box::new(|_, _, spot| match spot {
                        Spot::Element(array, at) => element(array, at),
                        _ => Ok(Value::Null),
                    }),
                    write: Box::new(|_, cx, spot, value| match spot {
                        Spot::Element(array, at) => set_element(cx, array, at, value),
                        _ => Ok(()),
                    }),
                }
            }
            Place::TupleItem(inner, index) => {
                let index = *index;
                let inner = Arc::new(self.place(inner));
                let (finder, reader) = (inner.clone(), inner.clone());
                PlaceCode {
                    find: Box::new(move |frame, cx| Ok(Spot::TupleItem(Box::new((finder.find)(frame, cx)?)))),
                    read: Box::new(move |frame, cx, spot| {
                        let Spot::TupleItem(spot) = spot else { return Ok(Value::Null) };
                        Ok(item(&(reader.read)(frame, cx, spot)?, index))
                    }),
                    // Tuples are values: the place gets a new one.
                    write: Box::new(move |frame, cx, spot, value| {
                        let Spot::TupleItem(spot) = spot else { return Ok(()) };
                        let old = (inner.read)(frame, cx, spot)?;
                        let Some(tuple) = old.downcast::<Tuple>() else { return Ok(()) };
                        let mut items = tuple.items.borrow().clone();
                        if let Some(place) = items.get_mut(index) {
                            *place = value;
                        }
                        let new = Value::object(Tuple { ty: tuple.ty.clone(), items: items.into() });
                        (inner.write)(frame, cx, spot, new)
                    }),
                }
            }
        }
    }

    /// Reads elements of arrays.
    pub(super) fn element(&self, array: &Expr, indices: &[Expr]) -> Node {
        let array = self.expression(array);
        if let [index] = indices
            && index.ty == Ty::INT
        {
            let index = self.int(index);
            return Box::new(move |frame, cx| {
                let array = array(frame, cx)?;
                let at = index(frame, cx)?;
                element(&array, &[i64::from(at)])
            });
        }
        let indices: Vec<Node> = indices.iter().map(|index| self.expression(index)).collect();
        Box::new(move |frame, cx| {
            let array = array(frame, cx)?;
            let mut at = Vec::with_capacity(indices.len());
            for index in &indices {
                at.push(index_of(&index(frame, cx)?));
            }
            element(&array, &at)
        })
    }
}

fn index_of(value: &Value) -> i64 {
    match value {
        Value::Int(value) => i64::from(*value),
        Value::UInt(value) => i64::from(*value),
        Value::Long(value) => *value,
        Value::ULong(value) => i64::try_from(*value).unwrap_or(-1),
        _ => -1,
    }
}

/// The position of an element in the flat storage.
fn flat(array: &Array, at: &[i64]) -> Option<usize> {
    match &array.lengths {
        None => usize::try_from(*at.first()?).ok(),
        Some(lengths) => lengths.iter().zip(at).try_fold(0_usize, |flat, (length, at)| {
            let at = usize::try_from(*at).ok().filter(|at| at < length)?;
            flat.checked_mul(*length)?.checked_add(at)
        }),
    }
}

fn element(array: &Value, at: &[i64]) -> Result<Value> {
    use crate::value::Collection;
    let array = array.downcast::<Array>().ok_or_else(exception::null_reference)?;
    flat(array, at).and_then(|at| array.item(at)).ok_or_else(exception::index_out_of_range)
}

fn set_element(cx: &Cx<'_>, array: &Value, at: &[i64], value: Value) -> Result<()> {
    use crate::value::Collection;
    let array = array.downcast::<Array>().ok_or_else(exception::null_reference)?;
    // Arrays are covariant: a `string[]` seen as `object[]` still takes strings only.
    if let Value::Object(_) | Value::Str(_) = &value
        && array.element != Ty::OBJECT
        && !cx.surface.is_a(&value.ty(), array.element.unwrap_nullable())
    {
        let text = "Attempted to access an element as a type incompatible with the array.";
        return Err(exception::raise(&exception::ARRAY_TYPE_MISMATCH, text));
    }
    match flat(array, at) {
        Some(at) if array.set_item(at, value)? => Ok(()),
        _ => Err(exception::index_out_of_range()),
    }
}

/// An item of a tuple or a property of an anonymous object.
pub(super) fn item(value: &Value, index: usize) -> Value {
    if let Some(tuple) = value.downcast::<Tuple>() {
        return tuple.items.borrow().get(index).cloned().unwrap_or_default();
    }
    let fields = value.downcast::<crate::value::Anonymous>();
    fields.and_then(|anonymous| anonymous.items.get(index).cloned()).unwrap_or_default()
}

