//! [`Shared`]: what policies keep for the whole process, whatever worker they run on and however often they are published.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

type Entry = Arc<dyn Any + Send + Sync>;

/// One value of each type that a policy asks for: key sets of providers, tokens that were fetched.
///
/// A value is made when it is first asked for, and lives as long as the process. What it holds is keyed by whatever the
/// policy names, service included, and bounded by the policy.
#[derive(Default)]
pub struct Shared(RwLock<HashMap<TypeId, Entry>>);

impl Shared {
    /// The one value of type `T`.
    pub fn of<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let id = TypeId::of::<T>();
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        let entry = known.unwrap_or_else(|| {
            let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(id).or_insert_with(|| Arc::new(T::default())))
        });
        // An entry has the type of its id.
        entry.downcast().unwrap_or_default()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn whoever_asks_for_a_type_gets_the_same_value() {
        let shared = Shared::default();
        *shared.of::<Mutex<u8>>().lock().unwrap() = 7;
        assert_eq!(*shared.of::<Mutex<u8>>().lock().unwrap(), 7);
        assert_eq!(*shared.of::<Mutex<u16>>().lock().unwrap(), 0);
    }
}
