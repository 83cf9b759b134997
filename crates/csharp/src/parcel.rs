//! [`Parcel`]: values on their way to another thread, where an evaluation goes on that takes too long for the first.
//!
//! An object is taken apart into what may travel and put together again at the other end. Objects that values share are
//! shared there, too. What cannot travel, such as a delegate or a sequence that is still to run, says so.

use std::{collections::HashMap, rc::Rc};

use crate::value::{Const, Object, Value};

/// How deep objects in objects may lie.
const DEPTH: usize = 200;

/// A value in a parcel.
#[derive(Clone, Debug)]
pub struct Item(Form);

#[derive(Clone, Debug)]
enum Form {
    Plain(Const),
    /// A place in the parcel.
    Packed(usize),
    /// An object that waits at the other end: see [`Packer::knowing`].
    Known(usize),
}

/// Puts one object together again.
pub struct Packed(Box<dyn FnOnce(&Unpacked<'_>) -> Value + Send>);

impl Packed {
    /// `unpack` makes an object that equals the packed one.
    pub fn new(unpack: impl FnOnce(&Unpacked<'_>) -> Value + Send + 'static) -> Self {
        Self(Box::new(unpack))
    }
}

/// Objects on their way. It goes to another thread; [`Parcel::unpack`] makes values of it there.
#[derive(Default)]
pub struct Parcel(Vec<Packed>);

/// Takes objects apart.
#[derive(Default)]
pub struct Packer {
    packed: Vec<Packed>,
    /// What each of them was made of.
    originals: Vec<Value>,
    /// By identity. `None` while it is being packed.
    places: HashMap<Identity, Option<Form>>,
    /// So that no address is used twice.
    held: Vec<Rc<dyn Object>>,
    depth: usize,
}

type Identity = (usize, u64);

/// What has been put together so far.
pub struct Unpacked<'k> {
    values: Vec<Value>,
    known: &'k [Value],
}

impl Packer {
    /// Packs for somebody who has these objects already, in this order: they do not travel.
    pub fn knowing(values: &[Value]) -> Self {
        let mut packer = Self::default();
        for (number, value) in values.iter().enumerate() {
            if let Value::Object(object) = value {
                packer.places.insert(identity(object), Some(Form::Known(number)));
                packer.held.push(Rc::clone(object));
            }
        }
        packer
    }

    /// Packs a value. `None` where it cannot travel.
    pub fn value(&mut self, value: &Value) -> Option<Item> {
        let Value::Object(object) = value else { return Const::of(value).map(|plain| Item(Form::Plain(plain))) };
        let identity = identity(object);
        match self.places.get(&identity) {
            Some(Some(form)) => return Some(Item(form.clone())),
            // It holds itself.
            Some(None) => return None,
            None => {}
        }
        if self.depth == DEPTH {
            return None;
        }
        self.places.insert(identity, None);
        self.held.push(Rc::clone(object));
        self.depth += 1;
        let packed = object.pack(self);
        self.depth -= 1;
        let form = Form::Packed(self.packed.len());
        self.packed.push(packed?);
        self.originals.push(value.clone());
        self.places.insert(identity, Some(form.clone()));
        Some(Item(form))
    }

    /// Packs all of them.
    pub fn values<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) -> Option<Vec<Item>> {
        values.into_iter().map(|value| self.value(value)).collect()
    }

    /// What travels, and what it was made of, in the order in which it is put together.
    pub fn finish(self) -> (Parcel, Vec<Value>) {
        (Parcel(self.packed), self.originals)
    }
}

impl Parcel {
    /// Puts the objects together. `known` stand at the places of those of [`Packer::knowing`].
    pub fn unpack(self, known: &[Value]) -> Unpacked<'_> {
        let mut unpacked = Unpacked { values: Vec::with_capacity(self.0.len()), known };
        // What an object holds comes before it.
        for Packed(unpack) in self.0 {
            let value = unpack(&unpacked);
            unpacked.values.push(value);
        }
        unpacked
    }
}

impl Unpacked<'_> {
    /// The value of an item of this parcel.
    pub fn value(&self, item: &Item) -> Value {
        match &item.0 {
            Form::Plain(plain) => plain.value(),
            Form::Packed(place) => self.values.get(*place).cloned().unwrap_or_default(),
            Form::Known(place) => self.known.get(*place).cloned().unwrap_or_default(),
        }
    }

    /// All objects that were in the parcel, in the order in which they were packed.
    pub fn objects(&self) -> &[Value] {
        &self.values
    }

    /// The values of all of them.
    pub fn values(&self, items: &[Item]) -> Vec<Value> {
        items.iter().map(|item| self.value(item)).collect()
    }
}

fn identity(object: &Rc<dyn Object>) -> Identity {
    object.identity().unwrap_or_else(|| (Rc::as_ptr(object).cast::<()>().addr(), u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ty::Ty,
        value::{Array, Collection as _},
    };

    fn items(value: &Value) -> Vec<Value> {
        value.downcast::<Array>().unwrap().values()
    }

    #[test]
    fn what_values_share_they_share_at_the_other_end() {
        let inner = Value::bytes(vec![1, 2]);
        let outer = Value::array(Ty::OBJECT, vec![inner.clone(), inner, Value::Int(7)]);
        let mut packer = Packer::default();
        let item = packer.value(&outer).unwrap();
        let parcel = packer.finish().0;
        std::thread::spawn(move || {
            let outer = parcel.unpack(&[]).value(&item);
            let [Value::Object(one), Value::Object(other), Value::Int(7)] = &*items(&outer) else { panic!("not it") };
            assert!(Rc::ptr_eq(one, other));
        })
        .join()
        .unwrap();
    }

    #[test]
    fn what_the_other_end_has_does_not_travel() {
        let (here, there) = (Value::bytes(vec![1]), Value::bytes(vec![1]));
        let mut packer = Packer::knowing(&[Value::Null, here.clone()]);
        let item = packer.value(&Value::array(Ty::OBJECT, vec![here])).unwrap();
        let known = [Value::Null, there.clone()];
        let back = packer.finish().0.unpack(&known).value(&item);
        let (Value::Object(one), Value::Object(other)) = (&items(&back)[0], &there) else { panic!("no objects") };
        assert!(Rc::ptr_eq(one, other));
    }

    #[test]
    fn what_holds_itself_stays() {
        let array = Value::array(Ty::OBJECT, vec![Value::Null]);
        array.downcast::<Array>().unwrap().set_item(0, array.clone()).unwrap();
        assert!(Packer::default().value(&array).is_none());
    }
}
