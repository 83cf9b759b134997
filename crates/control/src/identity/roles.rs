//! Roles: lists of actions. Assignments: documents that give a principal a role on a scope and on all below it.

use arm::{Action, ActionPattern, Code, Error, ResourceId, Result};
use serde_json::json;
use store::{Document, IndexEntry, Put, Query};

use crate::{Caller, Control, commit::SHAPE};

/// The kind of assignments.
pub(crate) const ASSIGNMENTS: &str = "roleassignments";

/// The role that may do everything.
pub const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

/// A role of the cloud, by its well-known id.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) actions: &'static [&'static str],
    pub(crate) not_actions: &'static [&'static str],
}

/// The roles that are built in.
pub(crate) static BUILT_IN: &[Role] = &[
    Role { id: OWNER, name: "Owner", actions: &["*"], not_actions: &[] },
    Role {
        id: "b24988ac-6180-42a0-ab88-20f7382dd24c",
        name: "Contributor",
        actions: &["*"],
        not_actions: &["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"],
    },
    Role { id: "acdd72a7-3385-48ef-bd42-f606fba81ae7", name: "Reader", actions: &["*/read"], not_actions: &[] },
    Role {
        id: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        name: "User Access Administrator",
        actions: &["*/read", "Microsoft.Authorization/*"],
        not_actions: &[],
    },
    Role {
        id: "312a565d-c81f-4fd8-895a-4e21e48d571c",
        name: "API Management Service Contributor",
        actions: &[
            "Microsoft.ApiManagement/service/*",
            "Microsoft.Authorization/*/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ],
        not_actions: &[],
    },
    Role {
        id: "e022efe7-f5ba-4159-bbe4-b44f577e9b61",
        name: "API Management Service Operator Role",
        actions: &[
            "Microsoft.ApiManagement/service/*/read",
            "Microsoft.ApiManagement/service/backup/action",
            "Microsoft.ApiManagement/service/delete",
            "Microsoft.ApiManagement/service/managedeployments/action",
            "Microsoft.ApiManagement/service/read",
            "Microsoft.ApiManagement/service/restore/action",
            "Microsoft.ApiManagement/service/updatecertificate/action",
            "Microsoft.ApiManagement/service/updatehostname/action",
            "Microsoft.ApiManagement/service/write",
            "Microsoft.Authorization/*/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ],
        not_actions: &["Microsoft.ApiManagement/service/users/keys/read"],
    },
    Role {
        id: "71522526-b88f-4d52-b57f-d31fc3546d0d",
        name: "API Management Service Reader Role",
        actions: &[
            "Microsoft.ApiManagement/service/*/read",
            "Microsoft.ApiManagement/service/read",
            "Microsoft.Authorization/*/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ],
        not_actions: &["Microsoft.ApiManagement/service/users/keys/read"],
    },
    Role {
        id: "0c34c906-8d99-4cb7-8bb7-33f5b0a1a799",
        name: "API Management Workspace Contributor",
        actions: &["Microsoft.ApiManagement/service/workspaces/*", "Microsoft.Authorization/*/read"],
        not_actions: &[],
    },
    Role {
        id: "ef1c2c96-4a77-49e8-b9a4-6179fe1d2fd2",
        name: "API Management Workspace Reader",
        actions: &["Microsoft.ApiManagement/service/workspaces/*/read", "Microsoft.Authorization/*/read"],
        not_actions: &[],
    },
];

impl Role {
    /// The role of this id, which may be the tail of a full one.
    pub(crate) fn find(id: &str) -> Option<&'static Self> {
        let id = id.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        BUILT_IN.iter().find(|role| role.id.eq_ignore_ascii_case(id))
    }

    fn allows(&self, action: &Action) -> bool {
        let any = |patterns: &[&str]| patterns.iter().any(|pattern| ActionPattern(pattern).matches(action));
        any(self.actions) && !any(self.not_actions)
    }
}

/// The id of the built-in role of this name, compared without case, or of this id.
pub fn role_id(name: &str) -> Option<&'static str> {
    let named = BUILT_IN.iter().find(|role| role.name.eq_ignore_ascii_case(name));
    named.or_else(|| Role::find(name)).map(|role| role.id)
}

/// The names of the built-in roles.
pub fn role_names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|role| role.name)
}

/// The document that gives a principal a role.
pub(crate) fn assignment(scope: &ResourceId, name: &str, principal: &str, role: &str) -> Put {
    let role = role.rsplit('/').next().unwrap_or_default();
    let scope = scope.as_str();
    let definition = format!("{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}");
    let body = json!({ "properties": {
        "roleDefinitionId": definition, "principalId": principal, "principalType": "ServicePrincipal", "scope": scope } });
    let id = format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}");
    let index = IndexEntry::new("principal", principal.to_ascii_lowercase());
    Put { shape: SHAPE, ..Put::new(id, ASSIGNMENTS, body) }.index(index)
}

impl Control {
    /// Refuses unless the caller has the right on this resource.
    pub(crate) async fn authorize(&self, caller: &Caller, action: &Action, id: &ResourceId) -> Result<()> {
        let Caller::Principal { object, app } = caller else { return Ok(()) };
        let covers = |assignment: &Document| {
            let text = |name: &str| assignment.properties()[name].as_str().unwrap_or_default().to_owned();
            let scope = text("scope");
            let within = scope == "/" || ResourceId::parse(&scope).is_some_and(|scope| scope.contains(id));
            within && Role::find(&text("roleDefinitionId")).is_some_and(|role| role.allows(action))
        };
        if self.assignments(object).await?.iter().any(covers) {
            return Ok(());
        }
        let message = format!(
            "The client '{app}' with object id '{object}' does not have authorization to perform action '{action}' over \
             scope '{id}' or the scope is invalid. If access was recently granted, please refresh your credentials."
        );
        Err(Error::new(Code::AuthorizationFailed, message))
    }

    /// Whether the caller has any role in or above a subscription.
    pub(crate) async fn sees(&self, caller: &Caller, subscription: &ResourceId) -> Result<bool> {
        let Caller::Principal { object, .. } = caller else { return Ok(true) };
        let assignments = self.assignments(object).await?;
        Ok(assignments.iter().any(|assignment| {
            let scope = assignment.properties()["scope"].as_str().unwrap_or_default();
            let touches = |scope: ResourceId| scope.contains(subscription) || subscription.contains(&scope);
            scope == "/" || ResourceId::parse(scope).is_some_and(touches)
        }))
    }

    async fn assignments(&self, object: &str) -> Result<Vec<Document>> {
        self.list(Query::kind(ASSIGNMENTS).index("principal", object.to_ascii_lowercase())).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arm::Method;

    #[test]
    fn roles_allow_what_they_list() {
        let allows = |role: &str, method, kind: &str| {
            let role = BUILT_IN.iter().find(|known| known.name == role).unwrap();
            role.allows(&Action::of(method, kind))
        };
        let api = "Microsoft.ApiManagement/service/apis";
        assert!(allows("Owner", Method::Delete, "Microsoft.Authorization/roleAssignments"));
        assert!(!allows("Contributor", Method::Delete, "Microsoft.Authorization/roleAssignments"));
        assert!(allows("Reader", Method::Get, api) && !allows("Reader", Method::Put, api));
        assert!(!allows("Reader", Method::Post, "Microsoft.ApiManagement/service/namedValues/listValue"));
        assert!(allows("API Management Service Contributor", Method::Put, api));
        assert!(!allows("API Management Service Contributor", Method::Put, "Microsoft.Resources/resourceGroups"));
        assert!(allows("API Management Service Operator Role", Method::Put, "Microsoft.ApiManagement/service"));
        assert!(!allows("API Management Service Operator Role", Method::Put, api));
        assert_eq!((role_id("owner"), role_id(OWNER), role_id("Nobody")), (Some(OWNER), Some(OWNER), None));
    }
}
