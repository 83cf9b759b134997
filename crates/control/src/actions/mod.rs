//! Operations that are more than create, read, update and delete: one file for each kind of them.

mod backends;
mod debug;
mod deleted_services;
mod gateways;
mod keys;
mod name_availability;
mod quotas;
mod related;
mod services;

use std::future::ready;

use crate::route::Action;

/// Operations by the specification's name. Those of workspaces go by the name without `Workspace`.
pub(crate) static ACTIONS: &[(&str, Action)] = &[
    ("NamedValue_ListValue", |control, cx| Box::pin(keys::list_value(control, cx))),
    ("Subscription_ListSecrets", |control, cx| Box::pin(keys::list_secrets(control, cx))),
    ("Subscription_RegeneratePrimaryKey", |control, cx| Box::pin(keys::regenerate(control, cx, "primaryKey"))),
    ("Subscription_RegenerateSecondaryKey", |control, cx| Box::pin(keys::regenerate(control, cx, "secondaryKey"))),
    ("ApiRevision_ListByService", |control, cx| Box::pin(related::revisions(control, cx))),
    ("ApiProduct_ListByApis", |control, cx| Box::pin(related::products_of_api(control, cx))),
    ("ProductSubscriptions_List", |control, cx| Box::pin(related::subscriptions(control, cx, "subscription-scope"))),
    ("UserSubscription_List", |control, cx| Box::pin(related::subscriptions(control, cx, "subscription-owner"))),
    ("UserSubscription_Get", |control, cx| Box::pin(related::subscription_of_user(control, cx))),
    ("UserGroup_List", |control, cx| Box::pin(related::groups_of_user(control, cx))),
    ("UserIdentities_List", |control, cx| Box::pin(related::identities(control, cx))),
    ("PolicyDescription_ListByService", |control, cx| Box::pin(related::policy_descriptions(control, cx))),
    ("PolicyFragment_ListReferences", |control, cx| Box::pin(related::references(control, cx))),
    ("ApiManagementService_List", |control, cx| Box::pin(services::list(control, cx))),
    ("ApiManagementService_ListByResourceGroup", |control, cx| Box::pin(services::list(control, cx))),
    ("ApiManagementService_CheckNameAvailability", |control, cx| Box::pin(name_availability::run(control, cx))),
    ("DeletedServices_ListBySubscription", |control, cx| Box::pin(ready(deleted_services::list(control, cx)))),
    ("DeletedServices_GetByName", |control, cx| Box::pin(ready(deleted_services::get(control, cx)))),
    ("DeletedServices_Purge", |control, cx| Box::pin(ready(deleted_services::purge(control, cx)))),
    ("Backend_Reconnect", |control, cx| Box::pin(backends::reconnect(control, cx))),
    ("Gateway_ListKeys", |control, cx| Box::pin(gateways::list_keys(control, cx))),
    ("Gateway_RegenerateKey", |control, cx| Box::pin(gateways::regenerate_key(control, cx))),
    ("Gateway_GenerateToken", |control, cx| Box::pin(gateways::generate_token(control, cx))),
    ("Gateway_ListDebugCredentials", |control, cx| Box::pin(debug::credentials(control, cx))),
    ("Gateway_InvalidateDebugCredentials", |control, cx| Box::pin(ready(debug::invalidate(control, cx)))),
    ("Gateway_ListTrace", |control, cx| Box::pin(ready(debug::trace(control, cx)))),
    ("QuotaByCounterKeys_ListByService", |control, cx| Box::pin(quotas::list(control, cx))),
    ("QuotaByCounterKeys_Update", |control, cx| Box::pin(quotas::update(control, cx))),
    ("QuotaByPeriodKeys_Get", |control, cx| Box::pin(quotas::period(control, cx))),
    ("QuotaByPeriodKeys_Update", |control, cx| Box::pin(quotas::update_period(control, cx))),
    ("OperationStatus_Get", |control, cx| Box::pin(control.operation_status(cx))),
    ("OperationsResults_Get", |control, cx| Box::pin(control.operation_outcome(cx))),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// A misspelled name would never be called.
    #[test]
    fn every_action_is_an_operation_of_the_specification() {
        for (name, _) in ACTIONS {
            assert!(arm::OPERATIONS.iter().any(|operation| operation.name == *name), "{name}");
        }
    }
}
