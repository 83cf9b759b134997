//! Types at run time: `is`, casts, patterns.

use super::{code::Test, frame::Frame};
use crate::{
    call::{Cx, Result},
    exception,
    surface::Surface,
    ty::{Def, Prim, Ty},
    value::Value,
};

/// Whether a value is a `ty`; `null` is nothing.
pub(super) fn is_instance(value: &Value, ty: &Ty, surface: &Surface) -> bool {
    match (value, ty) {
        (Value::Null, _) => false,
        (_, Ty::Prim(Prim::Object)) => true,
        (_, Ty::Nullable(inner)) => is_instance(value, inner, surface),
        (Value::Str(_), Ty::Prim(prim)) => *prim == Prim::String,
        (Value::Int(_), Ty::Prim(prim)) => *prim == Prim::Int,
        (Value::Bool(_), Ty::Prim(prim)) => *prim == Prim::Bool,
        (Value::Word(def, _), Ty::Named(other, _)) if def == other => true,
        _ => surface.is_a(&value.ty(), ty),
    }
}

/// A down-cast or unboxing, in place.
pub(super) fn cast(value: &mut Value, ty: &Ty, surface: &Surface) -> Result<()> {
    if value.is_null() {
        let is_nullable = !ty.is_value_type() || ty.is_nullable();
        return if is_nullable { Ok(()) } else { Err(exception::null_reference()) };
    }
    if !is_instance(value, ty, surface) {
        let target = ty.unwrap_nullable();
        *value = unbox(value, target).ok_or_else(|| exception::cannot_cast(&value.ty(), target))?;
    }
    Ok(())
}

/// A boxed enum can be unboxed as its number, and a number as an enum over it.
fn unbox(value: &Value, ty: &Ty) -> Option<Value> {
    match (value, ty) {
        (Value::Word(def, bits), Ty::Prim(_)) => {
            let values = def.0.enum_def()?;
            let number = crate::arith::convert(&Value::Long(*bits as i64), &Ty::Prim(values.underlying), false).ok()?;
            (*ty == Ty::Prim(values.underlying)).then_some(number)
        }
        (Value::Word(from, bits), Ty::Named(to, _)) => {
            let same = from.0.enum_def()?.underlying == to.0.enum_def()?.underlying;
            same.then(|| Value::Word(Def(to.0), *bits))
        }
        (_, Ty::Named(def, _)) => {
            let values = def.0.enum_def()?;
            (value.ty() == Ty::Prim(values.underlying)).then(|| crate::arith::convert(value, ty, false).ok())?
        }
        _ => None,
    }
}

impl Test {
    pub(super) fn passes(&self, value: &Value, frame: &mut Frame<'_>, cx: &mut Cx<'_>) -> bool {
        let var = match self {
            Self::Const(constant) => return constant.value().equals(value),
            Self::Type(ty, var) => {
                if is_instance(value, ty, cx.surface) {
                    var
                } else {
                    return false;
                }
            }
            Self::Any(var) => var,
        };
        if let Some(var) = var {
            frame.declare(*var, value.clone());
        }
        true
    }
}
