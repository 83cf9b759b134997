//! Which variables live in cells, and which cells each function brings along from those around it.

use std::collections::{BTreeMap, BTreeSet};

use super::walk::{Use, uses};
use crate::ir::{FnId, Unit, VarId};

/// Captures of every function that can run.
pub(super) struct Captures {
    /// In the order of the first cells of a frame.
    pub(super) of: BTreeMap<FnId, Vec<VarId>>,
    /// Variables that live in cells.
    pub(super) celled: BTreeSet<VarId>,
}

pub(super) fn captures(unit: &Unit) -> Captures {
    let mut celled = BTreeSet::new();
    let (mut used, mut inner): (BTreeMap<FnId, BTreeSet<VarId>>, BTreeMap<FnId, BTreeSet<FnId>>) = Default::default();
    let mut open = vec![FnId(0)];
    while let Some(id) = open.pop() {
        let Some(function) = unit.functions.get(id.0 as usize).filter(|_| !used.contains_key(&id)) else { continue };
        let (mut vars, mut functions) = (BTreeSet::new(), BTreeSet::new());
        uses(&function.body, &mut |what, _| match what {
            Use::Var(var) => {
                vars.insert(var);
            }
            Use::Alias(var, target) => celled.extend([var, target]),
            Use::Lambda(function) | Use::Called(function) => {
                functions.insert(function);
            }
            Use::Member(_) | Use::Change | Use::Loop => {}
        });
        open.extend(functions.iter().copied());
        used.insert(id, vars);
        inner.insert(id, functions);
    }
    let foreign = |id: FnId, var: &VarId| unit.vars.get(var.0 as usize).is_some_and(|var| var.owner != id);
    let mut of: BTreeMap<FnId, BTreeSet<VarId>> =
        used.iter().map(|(id, vars)| (*id, vars.iter().copied().filter(|var| foreign(*id, var)).collect())).collect();
    // A function needs what those it creates and calls need, as long as it does not own it.
    loop {
        let mut changed = false;
        for (id, functions) in &inner {
            let needed: BTreeSet<VarId> =
                functions.iter().filter_map(|inner| of.get(inner)).flatten().copied().collect();
            let own = of.entry(*id).or_default();
            for var in needed.into_iter().filter(|var| foreign(*id, var)) {
                changed |= own.insert(var);
            }
        }
        if !changed {
            break;
        }
    }
    celled.extend(of.values().flatten());
    Captures { of: of.into_iter().map(|(id, vars)| (id, vars.into_iter().collect())).collect(), celled }
}
