//! What the platform's documentation allows and the surface does not have yet.

use csharp::surface::{Role, Surface, TypeInfo};

use crate::listed::LISTED;

/// Missing types (`System.Uri`) and members (`System.DateTime::AddDays`), in alphabetical order. A type that the
/// documentation allows as a whole counts as there once it has a file.
pub fn missing(surface: &Surface) -> Vec<String> {
    let mut missing = Vec::new();
    for listed in LISTED {
        let types: Vec<&TypeInfo> = surface.types().iter().filter(|info| info.def.name == listed.name).collect();
        if types.is_empty() {
            missing.push(listed.name.to_owned());
            continue;
        }
        let members = listed.members.into_iter().flatten();
        let absent = members.filter(|member| !types.iter().any(|info| has(surface, info, member)));
        missing.extend(absent.map(|member| format!("{}::{member}", listed.name)));
    }
    missing.sort();
    missing
}

fn has(surface: &Surface, info: &TypeInfo, member: &str) -> bool {
    if member == "(Constructor)" {
        return surface
            .members()
            .any(|(_, row)| std::ptr::eq(row.owner, info.def) && matches!(row.role, Role::Constructor));
    }
    if member == "Item"
        && surface.members().any(|(_, row)| std::ptr::eq(row.owner, info.def) && matches!(row.role, Role::Indexer))
    {
        return true;
    }
    let own = info.by_name.keys().any(|name| *name == member);
    let constant =
        info.def.enum_def().is_some_and(|constants| constants.values.iter().any(|(name, _)| *name == member));
    let inherited =
        || info.base.as_ref().and_then(|base| surface.info_of(base)).is_some_and(|base| has(surface, base, member));
    let of_object = || {
        surface.type_named("System.Object", 0).is_some_and(|object| object.by_name.keys().any(|name| *name == member))
    };
    own || constant || inherited() || of_object()
}
