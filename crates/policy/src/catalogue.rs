//! [`Catalogue`]: every policy the process knows, as a value that is handed over at start.

use std::{collections::HashMap, sync::Arc};

use csharp::surface::Surface;

use crate::{Missing, PolicyDef, Sections};

/// All policies and the C# surface.
pub struct Catalogue {
    by_name: HashMap<&'static str, &'static PolicyDef>,
    missing: HashMap<&'static str, Sections>,
    surface: Arc<Surface>,
}

/// What a name stands for.
pub(crate) enum Known {
    Policy(&'static PolicyDef),
    Missing(Sections),
    Nothing,
}

impl Catalogue {
    /// Puts tables together. A name that is both there and missing counts as there.
    pub fn new(tables: &[&'static [&'static PolicyDef]], missing: &[Missing], surface: Arc<Surface>) -> Self {
        let all = || tables.iter().copied().flatten().copied();
        let by_name: HashMap<_, _> = all().flat_map(|def| def.names().map(move |name| (name, def))).collect();
        let missing = missing.iter().filter(|missing| !by_name.contains_key(missing.name));
        let missing = missing.map(|missing| (missing.name, missing.sections)).collect();
        Self { by_name, missing, surface }
    }

    /// The policies in order of their names, each once.
    pub fn policies(&self) -> Vec<&'static PolicyDef> {
        let mut all: Vec<_> =
            self.by_name.iter().filter(|(name, def)| **name == def.name).map(|(_, def)| *def).collect();
        all.sort_by_key(|def| def.name);
        all
    }

    /// Every name that is known, older names included.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.by_name.keys().chain(self.missing.keys()).copied()
    }

    /// The policy of this name or older name.
    pub fn policy(&self, name: &str) -> Option<&'static PolicyDef> {
        self.by_name.get(name).copied()
    }

    /// The names that are known and do not run yet, in order: the gap list.
    pub fn gaps(&self) -> Vec<&'static str> {
        let idle = self.by_name.iter().filter(|(_, def)| !def.runs).map(|(name, _)| name);
        let mut all: Vec<_> = self.missing.keys().chain(idle).copied().collect();
        all.sort_unstable();
        all
    }

    /// The .NET surface of expressions.
    pub fn surface(&self) -> &Arc<Surface> {
        &self.surface
    }

    pub(crate) fn find(&self, name: &str) -> Known {
        match (self.by_name.get(name), self.missing.get(name)) {
            (Some(def), _) => Known::Policy(def),
            (None, Some(sections)) => Known::Missing(*sections),
            (None, None) => Known::Nothing,
        }
    }
}
