//! The texts of `context`.

use std::borrow::Cow;

use csharp::host::{Text, Url as Which};

use super::message::url;
use crate::{Exchange, Section, entity::Group};

/// A text of `context`; `None` is `null`.
pub(super) fn text(exchange: &Exchange, text: Text) -> Option<Cow<'_, str>> {
    // What nearly every expression asks for.
    let text: &str = match text {
        Text::RequestMethod => exchange.request.method.as_str(),
        Text::UrlScheme(which) => url(exchange, which)?.scheme.as_str(),
        Text::UrlHost(which) => &url(exchange, which)?.host,
        Text::UrlPath(which) => &url(exchange, which)?.path,
        other => return of_entity(exchange, other),
    };
    Some(text.into())
}

fn of_entity(exchange: &Exchange, text: Text) -> Option<Cow<'_, str>> {
    let entities = &exchange.entities;
    let service = &*entities.service;
    let api = entities.api.as_deref();
    let backend = exchange.target.backend.as_deref();
    let error = exchange.last_error.as_ref();
    let operation = entities.operation.as_deref();
    let product = entities.product.as_deref();
    let subscription = entities.subscription.as_deref();
    let user = entities.user.as_deref();
    let workspace = entities.workspace.as_deref();
    let text: &str = match text {
        Text::ApiId => &api?.id,
        Text::ApiName => &api?.name,
        Text::ApiPath => &api?.path,
        Text::ApiRevision => &api?.revision,
        Text::ApiVersion => &api?.version,
        Text::ApiProtocol(index) => api?.protocols.get(index)?,
        Text::SubscriptionKeyHeader => &api?.key_header,
        Text::SubscriptionKeyQuery => &api?.key_query,

        Text::BackendId => &backend?.id,
        Text::BackendRegion => backend?.azure_region.as_ref()?,
        Text::BackendType if backend?.pool.is_none() => "Single",
        Text::BackendType => "Pool",

        Text::DeploymentGatewayId | Text::GatewayId => &service.gateway_id,
        Text::DeploymentRegion => &service.region,
        Text::DeploymentServiceId => &service.id,
        Text::DeploymentServiceName => &service.name,
        Text::GatewayInstanceId => &service.gateway_instance_id,

        Text::ErrorSource => error?.source(),
        Text::ErrorReason => error?.reason(),
        Text::ErrorMessage => error?.message(),
        Text::ErrorScope => error?.scope()?,
        Text::ErrorSection => error?.section().map(Section::word)?,
        Text::ErrorPath => error?.path()?,
        Text::ErrorPolicyId => error?.policy_id()?,

        Text::OperationId => &operation?.id,
        Text::OperationMethod => &operation?.method,
        Text::OperationName => &operation?.name,
        Text::OperationUrlTemplate => &operation?.url_template,

        Text::ProductId => &product?.id,
        Text::ProductName => &product?.name,
        Text::ProductState if product?.published => "Published",
        Text::ProductState => "NotPublished",
        Text::ProductGroupId(index) => &group(&product?.groups, index)?.id,
        Text::ProductGroupName(index) => &group(&product?.groups, index)?.name,
        Text::ProductApiId(index) => &product?.apis.get(index)?.id,
        Text::ProductApiName(index) => &product?.apis.get(index)?.name,
        Text::ProductApiPath(index) => &product?.apis.get(index)?.path,

        Text::RequestIpAddress => return Some(exchange.client.address?.to_canonical().to_string().into()),
        Text::PrivateEndpointName | Text::PrivateEndpointGroupId | Text::PrivateEndpointMemberName => return None,
        Text::ResponseStatusReason => exchange.response.reason(),

        Text::SubscriptionId => &subscription?.id,
        Text::SubscriptionName => &subscription?.name,
        Text::SubscriptionKey if entities.secondary_key => subscription?.secondary_key.expose(),
        Text::SubscriptionKey | Text::SubscriptionPrimaryKey => subscription?.primary_key.expose(),
        Text::SubscriptionSecondaryKey => subscription?.secondary_key.expose(),

        Text::UserId => &user?.id,
        Text::UserEmail => &user?.email,
        Text::UserFirstName => &user?.first_name,
        Text::UserLastName => &user?.last_name,
        Text::UserNote => &user?.note,
        Text::UserGroupId(index) => &group(&user?.groups, index)?.id,
        Text::UserGroupName(index) => &group(&user?.groups, index)?.name,
        Text::UserIdentityProvider(index) => &user?.identities.get(index)?.0,
        Text::UserIdentityId(index) => &user?.identities.get(index)?.1,

        Text::WorkspaceId => &workspace?.id,
        Text::WorkspaceName => &workspace?.name,

        // These are above.
        Text::RequestMethod | Text::UrlScheme(_) | Text::UrlHost(_) | Text::UrlPath(_) => return None,
        Text::UrlQueryString(which) => return query_string(exchange, which),
    };
    Some(text.into())
}

fn query_string(exchange: &Exchange, which: Which) -> Option<Cow<'_, str>> {
    url(exchange, which).map(|url| url.query_string().into())
}

fn group(groups: &[Group], index: usize) -> Option<&Group> {
    groups.get(index)
}
