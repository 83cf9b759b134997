//! Finds the kind of a path and spells its id as the contract does.

use std::{collections::BTreeMap, sync::LazyLock};

use arm::{NAMESPACE, ResourceId};

use crate::{RESOURCES, ResourceDef};

/// Every kind (`service/apis`, `service/workspaces/apis`) with its definition.
static KINDS: LazyLock<BTreeMap<String, &'static ResourceDef>> = LazyLock::new(|| {
    let mut kinds = BTreeMap::new();
    for def in RESOURCES {
        if def.parents.is_empty() {
            kinds.insert(def.segment.to_lowercase(), *def);
        }
        for parent in def.parents {
            kinds.insert(format!("{parent}/{}", def.segment).to_lowercase(), *def);
            if def.workspaces {
                let rest = parent.strip_prefix("service").unwrap_or_default();
                kinds.insert(format!("service/workspaces{rest}/{}", def.segment).to_lowercase(), *def);
            }
        }
    }
    kinds
});

/// The definition of a lower-cased kind.
pub fn def(kind: &str) -> Option<&'static ResourceDef> {
    KINDS.get(kind).copied()
}

/// Every kind with its definition, workspace twins included, in order.
pub fn kinds() -> impl Iterator<Item = (&'static str, &'static ResourceDef)> {
    KINDS.iter().map(|(kind, def)| (kind.as_str(), *def))
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub struct Located {
    /// The resource, or for a list or an action the one that it belongs to. The casing of types is the contract's.
    pub id: ResourceId,
    /// The type or action segment that follows it: `apis` in `…/service/n/apis`.
    pub rest: Option<String>,
}

/// Reads a decoded path that leads into a service: `subscriptions/{s}/resourceGroups/{g}/providers/{namespace}/…`.
pub fn locate(path: &[&str]) -> Option<Located> {
    let [subscriptions, subscription, groups, group, providers, namespace, types @ ..] = path else { return None };
    let fixed = [
        (subscriptions, "subscriptions"),
        (groups, "resourceGroups"),
        (providers, "providers"),
        (namespace, NAMESPACE),
    ];
    if fixed.iter().any(|(given, word)| !given.eq_ignore_ascii_case(word)) {
        return None;
    }
    let mut id = ResourceId::subscription(subscription).child("resourceGroups", group).child("providers", NAMESPACE);
    let mut pairs = types.chunks_exact(2);
    let mut kind = String::new();
    for pair in pairs.by_ref() {
        let [segment, name] = pair else { return None };
        kind = format!("{kind}/{segment}").trim_start_matches('/').to_lowercase();
        id = id.child(def(&kind).map_or(*segment, |def| def.segment), name);
    }
    Some(Located { id, rest: pairs.remainder().first().map(|rest| (*rest).to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_spelled_as_the_contract_does() {
        let path =
            "SUBSCRIPTIONS/s/resourcegroups/G/Providers/microsoft.apimanagement/SERVICE/n/namedvalues/V/listValue";
        let located = locate(&path.split('/').collect::<Vec<_>>()).unwrap();
        assert_eq!(
            located.id.as_str(),
            "/subscriptions/s/resourceGroups/G/providers/Microsoft.ApiManagement/service/n/namedValues/V"
        );
        assert_eq!(located.rest.as_deref(), Some("listValue"));
    }

    /// Every kind here must be one that the specification knows, so that no line is misspelled.
    #[test]
    fn kinds_are_the_specifications() {
        for (kind, _) in kinds() {
            let known = arm::OPERATIONS.iter().any(|operation| operation.kind == kind);
            // In workspaces links are made through `apiLinks` and `groupLinks` only.
            assert!(known || kind.starts_with("service/workspaces/"), "{kind}");
        }
    }

    #[test]
    fn every_file_is_registered() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        #[allow(clippy::disallowed_methods)] // The test reads its own source folder.
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let parts = ["def", "field", "lib", "name", "path", "registry", "uses"];
        let kinds = files.filter(|file| !parts.contains(&file.file_stem().unwrap().to_str().unwrap())).count();
        // `api_link.rs` holds four, and so does `gateway.rs`.
        assert_eq!(kinds + 3 + 3, RESOURCES.len());
    }
}
