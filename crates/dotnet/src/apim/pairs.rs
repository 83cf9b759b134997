//! Headers, query and matched parameters: dictionaries that the host holds. Looking one name up builds no map.

use std::rc::Rc;

use csharp::{
    Str, Ty, Value,
    host::{Pairs, Side, Url},
    parcel::{Packed, Packer},
    value::{Collection, Iter, Object, from_fn},
};

use crate::collections::{READ_ONLY_DICTIONARY, pair};

/// A dictionary of the host.
pub(super) struct HostPairs(pub(super) Pairs);

/// One object serves all for each kind: it holds nothing.
pub(super) fn value(pairs: Pairs) -> Value {
    const KINDS: [Pairs; 6] = [
        Pairs::Headers(Side::Request),
        Pairs::Headers(Side::Response),
        Pairs::Query(Url::Request),
        Pairs::Query(Url::Original),
        Pairs::Query(Url::Service),
        Pairs::MatchedParameters,
    ];
    thread_local!(static SHARED: [Rc<dyn Object>; 6] = KINDS.map(|kind| Rc::new(HostPairs(kind)) as Rc<dyn Object>));
    let at = KINDS.iter().position(|kind| *kind == pairs).unwrap_or_default();
    Value::Object(SHARED.with(|shared| shared[at].clone()))
}

impl HostPairs {
    fn value_type(&self) -> Ty {
        if self.0 == Pairs::MatchedParameters { Ty::STRING } else { Ty::array(Ty::STRING) }
    }

    fn wrap(&self, values: Vec<Str>) -> Value {
        match self.0 {
            Pairs::MatchedParameters => Value::str_or_null(values.into_iter().next()),
            _ => Value::strings(values),
        }
    }
}

impl Object for HostPairs {
    fn ty(&self) -> Ty {
        Ty::generic(&READ_ONLY_DICTIONARY, vec![Ty::STRING, self.value_type()])
    }

    fn pack(&self, _packer: &mut Packer) -> Option<Packed> {
        let pairs = self.0;
        Some(Packed::new(move |_| value(pairs)))
    }

    fn iterate(self: Rc<Self>) -> Option<Box<dyn Iter>> {
        let mut names: Option<std::vec::IntoIter<Str>> = None;
        Some(Box::new(from_fn(move |cx| {
            let names = names.get_or_insert_with(|| cx.host.pair_names(self.0).into_iter());
            Ok(names.next().map(|name| {
                let values = cx.host.pair_values(self.0, &name.to_text()).unwrap_or_default();
                pair(&Ty::STRING, &self.value_type(), Value::Str(name), self.wrap(values))
            }))
        })))
    }

    fn collection(&self) -> Option<&dyn Collection> {
        Some(self)
    }

    fn host_lookup(&self, cx: &csharp::Cx<'_>, key: &Value) -> Option<Option<Value>> {
        let values = key.as_str().and_then(|name| cx.host.pair_values(self.0, &name.to_text()));
        Some(values.map(|values| self.wrap(values)))
    }

    fn host_count(&self, cx: &csharp::Cx<'_>) -> Option<usize> {
        Some(cx.host.pair_names(self.0).len())
    }
}

impl Collection for HostPairs {
    fn count(&self) -> usize {
        0
    }

    fn item(&self, _index: usize) -> Option<Value> {
        None
    }

    fn is_read_only(&self) -> bool {
        true
    }
}
