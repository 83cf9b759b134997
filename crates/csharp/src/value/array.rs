//! Arrays.

use std::{cell::RefCell, rc::Rc};

use super::{Collection, Iter, Object, Value, from_fn, snapshot};
use crate::{
    call::Result,
    parcel::{Packed, Packer},
    ty::Ty,
};

/// `T[]`, `T[,]`. Bytes are kept as bytes.
pub struct Array {
    /// `T`.
    pub element: Ty,
    /// The length of each dimension, where there is more than one.
    pub lengths: Option<Box<[usize]>>,
    /// The items, last dimension first.
    pub items: RefCell<Items>,
}

/// Storage of an array.
pub enum Items {
    /// `byte[]`.
    Bytes(Vec<u8>),
    /// All others.
    Values(Vec<Value>),
}

impl Array {
    /// A `T[]` with these items.
    pub fn new(element: Ty, items: Vec<Value>) -> Self {
        let items = if element == Ty::BYTE {
            Items::Bytes(items.iter().map(|item| if let Value::Byte(byte) = item { *byte } else { 0 }).collect())
        } else {
            Items::Values(items)
        };
        Self { element, lengths: None, items: RefCell::new(items) }
    }

    /// A copy of its items.
    pub fn values(&self) -> Vec<Value> {
        match &*self.items.borrow() {
            Items::Bytes(bytes) => bytes.iter().map(|byte| Value::Byte(*byte)).collect(),
            Items::Values(values) => values.clone(),
        }
    }
}

impl Object for Array {
    fn ty(&self) -> Ty {
        Ty::Array(self.element.clone().into(), self.lengths.as_ref().map_or(1, |lengths| lengths.len() as u8))
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let mut at = 0;
        Some(Box::new(from_fn(move |_| {
            at += 1;
            Ok(self.item(at - 1))
        })))
    }

    fn collection(&self) -> Option<&dyn Collection> {
        Some(self)
    }

    fn pack(&self, packer: &mut Packer) -> Option<Packed> {
        let (element, lengths) = (self.element.clone(), self.lengths.clone());
        Some(match &*self.items.borrow() {
            Items::Bytes(bytes) => {
                let bytes = bytes.clone();
                Packed::new(move |_| {
                    Value::object(Array { element, lengths, items: RefCell::new(Items::Bytes(bytes)) })
                })
            }
            Items::Values(values) => {
                let items = packer.values(values)?;
                Packed::new(move |unpacked| {
                    let items = RefCell::new(Items::Values(unpacked.values(&items)));
                    Value::object(Array { element, lengths, items })
                })
            }
        })
    }

    fn snapshot(&self) -> Option<Value> {
        let items = match &*self.items.borrow() {
            Items::Bytes(bytes) => Items::Bytes(bytes.clone()),
            Items::Values(values) => Items::Values(values.iter().map(snapshot).collect()),
        };
        let lengths = self.lengths.clone();
        Some(Value::object(Array { element: self.element.clone(), lengths, items: RefCell::new(items) }))
    }
}

impl Collection for Array {
    /// As an `IList<T>` an array takes and gives no items, so it says it is read-only.
    fn is_read_only(&self) -> bool {
        true
    }

    fn count(&self) -> usize {
        match &*self.items.borrow() {
            Items::Bytes(bytes) => bytes.len(),
            Items::Values(values) => values.len(),
        }
    }

    fn item(&self, index: usize) -> Option<Value> {
        match &*self.items.borrow() {
            Items::Bytes(bytes) => bytes.get(index).map(|byte| Value::Byte(*byte)),
            Items::Values(values) => values.get(index).cloned(),
        }
    }

    fn set_item(&self, index: usize, value: Value) -> Result<bool> {
        match (&mut *self.items.borrow_mut(), value) {
            (Items::Bytes(bytes), Value::Byte(byte)) => Ok(bytes.get_mut(index).map(|item| *item = byte).is_some()),
            (Items::Bytes(_), _) => Ok(false),
            (Items::Values(values), value) => Ok(values.get_mut(index).map(|item| *item = value).is_some()),
        }
    }
}
