//! `expandApiVersionSet` and `expandGroups`: what a list shows of other resources when it is asked to.

use arm::{ResourceId, Result};
use resources::ResourceDef;
use serde_json::{Value, json};
use store::{Document, Query};

use crate::{Call, Control, commit::key};

impl Control {
    /// Adds to resources of a kind what the call wants to see with them.
    pub(super) async fn expand(&self, call: &Call, def: &ResourceDef, shown: &mut [Value]) -> Result<()> {
        let sets = def.segment == "apis" && call.flag("expandApiVersionSet");
        let groups = matches!(def.segment, "users" | "products") && call.flag("expandGroups");
        if !sets && !groups {
            return Ok(());
        }
        for one in shown {
            let Some(id) = one["id"].as_str().and_then(ResourceId::parse) else { continue };
            if groups {
                let groups = self.groups_of(&id).await?;
                one["properties"]["groups"] = groups.into();
            } else if let Some(set) = one["properties"]["apiVersionSetId"].as_str().and_then(ResourceId::parse)
                && let Some(set) = self.read(&set).await?
            {
                one["properties"]["apiVersionSet"] = details(&set);
            }
        }
        Ok(())
    }

    /// The groups that a user belongs to, or that see a product.
    async fn groups_of(&self, id: &ResourceId) -> Result<Vec<Value>> {
        let Some(scope) = id.scope() else { return Ok(Vec::new()) };
        let ids: Vec<ResourceId> = if id.segment() == "users" {
            let kind = format!("{}/groups/users", scope.kind());
            let links = self.list(Query::kind(kind).under(&key(&scope)).index("target", id.key())).await?;
            links.iter().filter_map(|link| ResourceId::parse(&link.id)?.parent()).collect()
        } else {
            let links = self.children(id, "groups").await?;
            links.iter().map(|link| scope.child("groups", link.name())).collect()
        };
        let mut groups = Vec::new();
        for id in ids {
            if let Some(group) = self.read(&id).await? {
                let mut shown = json!({ "id": group.id, "name": group.name() });
                for (name, value) in group.properties().as_object().into_iter().flatten() {
                    shown[name] = value.clone();
                }
                groups.push(shown);
            }
        }
        Ok(groups)
    }
}

fn details(set: &Document) -> Value {
    let properties = set.properties();
    json!({
        "id": set.id, "name": properties["displayName"], "description": properties["description"],
        "versioningScheme": properties["versioningScheme"], "versionQueryName": properties["versionQueryName"],
        "versionHeaderName": properties["versionHeaderName"],
    })
}
