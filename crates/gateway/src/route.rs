//! From a request to its operation, its caller and its policies.

use std::sync::Arc;

use engine::EffectivePolicy;
use policy::{Exchange, Fault, HeaderName, HeaderValue, Response, Section, Status, entity};
use snapshot::{Access, Denied, NotFound, Policies, Problem, ServiceSnapshot, Snapshot};

/// What is to be done with a request.
pub(crate) enum Route {
    /// These policies run.
    Run(Arc<EffectivePolicy>),
    /// It failed; on-error of these policies runs.
    Fail(Arc<EffectivePolicy>, Fault),
    /// The response stands in the exchange.
    Done,
}

/// Decides on a request in the service's order: host, API and operation, CORS preflight, subscription.
pub(crate) fn route(snapshot: &Snapshot, exchange: &mut Exchange) -> Route {
    let Some(service) = snapshot.by_host(&exchange.original_url.host) else {
        return Route::Fail(Arc::default(), not_found());
    };
    exchange.entities.service = Arc::clone(&service.entity);
    if answers_preflight(service, exchange) || answers_cross_domain(service, exchange) {
        return Route::Done;
    }
    // Cheap copies, so that the match may borrow from them while the exchange changes.
    let path = Arc::clone(&exchange.request.url.path);
    let query = exchange.request.url.query.clone();
    let query = query.as_deref().unwrap_or_default();
    let websocket = exchange.upgrade.is_some();
    let found =
        match service.route(exchange.request.method.as_str(), &path, query, &exchange.request.headers, websocket) {
            Ok(found) => found,
            Err(NotFound::Version) => {
                // Observed: no body, and no policy runs.
                exchange.respond(Response::new(Status::NOT_FOUND));
                exchange.last_error = Some(not_found());
                return Route::Done;
            }
            Err(NotFound::Operation(api)) => {
                exchange.entities.api = Some(Arc::clone(&api.entity));
                exchange.entities.workspace.clone_from(&api.workspace);
                return fail(&service.policies, not_found());
            }
            Err(NotFound::Api) => return fail(&service.policies, not_found()),
        };
    let api = &found.api;
    if !api.websocket {
        exchange.upgrade = None;
    }
    exchange.entities.api = Some(Arc::clone(&api.entity));
    exchange.entities.workspace.clone_from(&api.workspace);
    exchange.entities.operation = Some(Arc::clone(&found.operation));
    // Below an API at the root that is the same path.
    let below = if found.path == &*path { Arc::clone(&path) } else { found.path.into() };
    exchange.aim(api.entity.service_url.clone(), below);
    let access = match service.access(api, query, &exchange.request.headers) {
        Ok(access) => access,
        Err(denied) => {
            let fault = unauthorized(denied, exchange, &api.entity);
            return fail(found.policies(None).unwrap_or(&service.policies), fault);
        }
    };
    let policies = found.policies(access.product.as_ref()).unwrap_or(&service.policies).clone();
    exchange.matched = found.parameters;
    admit(exchange, access);
    match policies {
        Policies::Ready(policy) => Route::Run(policy),
        Policies::Broken(problem) => broken(&problem),
    }
}

/// Whether this is a CORS preflight that a `cors` policy answers. It names the operation by the method that will be used.
fn answers_preflight(service: &ServiceSnapshot, exchange: &mut Exchange) -> bool {
    if exchange.request.method.as_str() != "OPTIONS" || !exchange.request.headers.contains("Origin") {
        return false;
    }
    let Some(method) = exchange.request.headers.joined("Access-Control-Request-Method") else { return false };
    let (path, query) = (Arc::clone(&exchange.request.url.path), exchange.request.url.query.clone());
    let found = service.route(&method, &path, query.as_deref().unwrap_or_default(), &exchange.request.headers, false);
    let policies = match &found {
        // The caller is not known yet, and neither is a product.
        Ok(found) => found.policies(None).unwrap_or(&service.policies),
        Err(_) => &service.policies,
    };
    let Policies::Ready(policy) = policies else { return false };
    if let Ok(found) = &found {
        exchange.entities.api = Some(Arc::clone(&found.api.entity));
        exchange.entities.operation = Some(Arc::clone(&found.operation));
    }
    engine::preflight(exchange, policy)
}

/// Whether this is the file by which Flash clients know what they may do, and the global policy has one.
fn answers_cross_domain(service: &ServiceSnapshot, exchange: &mut Exchange) -> bool {
    let asks = &*exchange.original_url.path == "/crossdomain.xml" && engine::is_cross_domain_file(exchange);
    match &service.policies {
        Policies::Ready(policy) if asks => engine::preflight(exchange, policy),
        _ => false,
    }
}

/// Notes as whom the request is handled.
fn admit(exchange: &mut Exchange, access: Access) {
    let entities = &mut exchange.entities;
    entities.product = access.product.map(|product| Arc::clone(&product.entity));
    entities.secondary_key = access.secondary_key;
    if let Some(subscription) = access.subscription {
        entities.user.clone_from(&subscription.user);
        entities.subscription = Some(Arc::clone(&subscription.entity));
    }
}

fn fail(policies: &Policies, fault: Fault) -> Route {
    match policies {
        Policies::Ready(policy) => Route::Fail(Arc::clone(policy), fault),
        // Without policies that run, the default answer is all there is.
        Policies::Broken(_) => Route::Fail(Arc::default(), fault),
    }
}

fn broken(problem: &Problem) -> Route {
    let message = format!("The policies of this operation cannot be used: {}", problem.message);
    let fault =
        Fault::new("configuration", "PolicyInvalid", message).in_section(Section::Inbound).with_cause(&problem.key);
    Route::Fail(Arc::default(), fault)
}

fn not_found() -> Fault {
    let message = "Unable to match incoming request to an operation.";
    Fault::new("configuration", "OperationNotFound", message)
        .with_status(Status::NOT_FOUND)
        .shown("Resource not found")
        .in_section(Section::Backend)
}

/// The two answers to a request without a usable key, to the letter. Client and `context.LastError` read different sentences.
fn unauthorized(denied: Denied, exchange: &Exchange, api: &entity::Api) -> Fault {
    const CHALLENGE: HeaderName = HeaderName::from_static("WWW-Authenticate");
    let (reason, message, shown) = match denied {
        Denied::KeyMissing => (
            "SubscriptionKeyNotFound",
            "Access denied due to missing subscription key. Make sure to include subscription key when making requests to this API.",
            "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.",
        ),
        Denied::KeyInvalid => {
            let text = "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.";
            ("SubscriptionKeyInvalid", text, text)
        }
    };
    let url = &exchange.original_url;
    let (scheme, authority, path) = (url.scheme.as_str(), url.authority(), &api.path);
    let challenge = format!(
        "AzureApiManagementKey realm=\"{scheme}://{authority}/{path}\",name=\"{}\",type=\"header\"",
        api.key_header
    );
    Fault::new("authorization", reason, message)
        .with_status(Status::UNAUTHORIZED)
        .shown(shown)
        .in_section(Section::Inbound)
        .with_header(CHALLENGE, HeaderValue::parse(&challenge).unwrap_or_default())
}
