//! Tuples, anonymous objects, and the objects that stand for types.

use std::{cell::RefCell, cmp::Ordering};

use super::{Object, Value};
use crate::{
    call::{Cx, Result},
    parcel::{Packed, Packer},
    surface::TypeDef,
    text::Str,
    ty::{AnonymousTy, TupleTy, Ty},
};

/// `(1, "a")`. A variable of tuple type holds its own copy.
pub struct Tuple {
    /// Types and names.
    pub ty: std::sync::Arc<TupleTy>,
    /// The items.
    pub items: RefCell<Vec<Value>>,
}

impl Object for Tuple {
    fn ty(&self) -> Ty {
        Ty::Tuple(self.ty.clone())
    }

    fn pack(&self, packer: &mut Packer) -> Option<Packed> {
        let (ty, items) = (self.ty.clone(), packer.values(&*self.items.borrow())?);
        Some(Packed::new(move |unpacked| Value::object(Tuple { ty, items: RefCell::new(unpacked.values(&items)) })))
    }

    fn text(&self, cx: &mut Cx<'_>) -> Result<Str> {
        let mut parts = Vec::new();
        for item in self.items.borrow().iter() {
            parts.push(cx.text(item)?.to_text().into_owned());
        }
        Ok(format!("({})", parts.join(", ")).into())
    }

    fn equals(&self, other: &Value) -> bool {
        other
            .downcast::<Tuple>()
            .is_some_and(|other| self.ty == other.ty && all_equal(&self.items.borrow(), &other.items.borrow()))
    }

    fn hash(&self) -> Option<u64> {
        Some(combined_hash(&self.items.borrow()))
    }

    fn compare(&self, other: &Value) -> Option<Ordering> {
        let other = other.downcast::<Tuple>()?;
        let (left, right) = (self.items.borrow(), other.items.borrow());
        for (left, right) in left.iter().zip(right.iter()) {
            match left.compare(right)? {
                Ordering::Equal => {}
                unequal => return Some(unequal),
            }
        }
        Some(Ordering::Equal)
    }
}

/// `new { A = 1 }`.
pub struct Anonymous {
    /// Names and types.
    pub ty: std::sync::Arc<AnonymousTy>,
    /// The values of its properties.
    pub items: Vec<Value>,
}

impl Object for Anonymous {
    fn ty(&self) -> Ty {
        Ty::Anonymous(self.ty.clone())
    }

    fn pack(&self, packer: &mut Packer) -> Option<Packed> {
        let (ty, items) = (self.ty.clone(), packer.values(&self.items)?);
        Some(Packed::new(move |unpacked| Value::object(Anonymous { ty, items: unpacked.values(&items) })))
    }

    fn text(&self, cx: &mut Cx<'_>) -> Result<Str> {
        let mut parts = Vec::new();
        for ((name, _), item) in self.ty.fields.iter().zip(&self.items) {
            parts.push(format!("{name} = {}", cx.text(item)?));
        }
        if parts.is_empty() {
            return Ok("{ }".into());
        }
        Ok(format!("{{ {} }}", parts.join(", ")).into())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<Anonymous>().is_some_and(|other| self.ty == other.ty && all_equal(&self.items, &other.items))
    }

    fn hash(&self) -> Option<u64> {
        Some(combined_hash(&self.items))
    }
}

/// Whether items are pairwise equal.
pub fn all_equal(left: &[Value], right: &[Value]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.equals(right))
}

/// One hash of several values.
pub fn combined_hash(items: &[Value]) -> u64 {
    items.iter().fold(17, |hash, item| hash.wrapping_mul(31).wrapping_add(item.hash_code()))
}

/// What `typeof(T)` and `GetType()` give.
pub struct TypeObject {
    /// The type it stands for.
    pub ty: Ty,
    /// `System.Type`.
    pub def: &'static TypeDef,
}

impl Object for TypeObject {
    fn ty(&self) -> Ty {
        Ty::named(self.def)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.ty.clr_name().into())
    }

    fn equals(&self, other: &Value) -> bool {
        other.downcast::<TypeObject>().is_some_and(|other| self.ty == other.ty)
    }

    fn hash(&self) -> Option<u64> {
        Some(self.ty.full_name().bytes().fold(7, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte))))
    }
}
