//! `set-backend-service`: sends the request to another backend.

use policy::{
    Scope,
    entity::Backend,
    fabric::{FabricCluster, FabricPartition, FabricTarget},
    prelude::*,
    redact,
};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "set-backend-service",
    summary: "Sends the request to another base URL or to a backend entity.",
    notes: "The path of the operation, and what `rewrite-uri` made of it, goes below the new base. A backend entity that the policy of a \
            broader scope chose is overridden by another `backend-id` only, not by a `base-url`. A backend with a Service Fabric \
            cluster is resolved by the naming service of that when the request is sent; the place is remembered. `sf-resolve-condition` is asked after \
            each answer or failure: while it holds, the service is resolved anew and the request sent again, as often as the entity's \
            `maxPartitionResolutionRetries` says and if its body is still there. The Dapr form is refused for now.",
    sections: Sections::INBOUND.or(Sections::BACKEND),
    unbuilt: &["set-backend-service (Dapr)"],
    attrs: &[
        Attr::optional("base-url", Kind::Url, "The new base.").expr(),
        Attr::optional("backend-id", Kind::Name, "The resource name of a backend.").expr(),
        Attr::optional("sf-resolve-condition", Kind::Bool, "Service Fabric: whether to resolve again and send again, asked after each call.").expr(),
        Attr::optional("sf-service-instance-name", Kind::Text, "Service Fabric: the service, as `fabric:/application/service`; that of the entity's URL without one.").expr(),
        Attr::optional("sf-partition-key", Kind::Text, "Service Fabric: the key of the partition, a number or a name; none for a service with one.").expr(),
        Attr::or("sf-replica-type", Kind::OneOf(Replica::WORDS), "primary", "Service Fabric: which replica of a stateful service.").expr(),
        Attr::optional("sf-listener-name", Kind::Text, "Service Fabric: the listener of the replica; its first without one.").expr(),
        Attr::optional("dapr-app-id", Kind::Text, "Dapr: the application.").expr(),
        Attr::optional("dapr-method", Kind::Text, "Dapr: the method.").expr(),
        Attr::optional("dapr-namespace", Kind::Text, "Dapr: the namespace.").expr(),
    ],
    examples: &[
        Example {
            title: "Another base URL",
            policy: r#"<set-backend-service base-url="http://other.example/v3" />"#,
            given: "GET /resource/1 HTTP/1.1",
            then: "GET http://other.example/v3/resource/1 HTTP/1.1",
            ..Example::BASE
        },
        Example {
            title: "A backend entity",
            policy: r#"<set-backend-service backend-id="orders" />"#,
            given: "GET /resource/1 HTTP/1.1",
            then: "GET http://orders.example/v2/resource/1 HTTP/1.1",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let dapr = element.attribute("backend-id").filter(|id| id.value.value.text().trim().eq_ignore_ascii_case("dapr"));
        let dapr = dapr.or_else(|| element.attributes.iter().find(|attribute| attribute.name.starts_with("dapr-")));
        if let Some(attribute) = dapr {
            return cx.unsupported("The Dapr form of <set-backend-service>", attribute.name_span);
        }
        let fabric = Fabric {
            service: cx.optional(element, "sf-service-instance-name")?,
            key: cx.optional(element, "sf-partition-key")?,
            replica: cx.attr_or(element, "sf-replica-type", Replica::Primary)?,
            listener: cx.optional(element, "sf-listener-name")?,
            again: cx.optional(element, "sf-resolve-condition")?.map(Arc::new),
        };
        let base: Option<Value<Url>> = cx.optional(element, "base-url")?;
        let id: Option<Value<String>> = cx.optional(element, "backend-id")?;
        let target = match (base, id) {
            (Some(base), None) => Target::Url(base),
            (None, Some(Value::Literal(id))) => {
                let span = element.attribute("backend-id").map_or(element.span, |attribute| attribute.value.span);
                Target::Backend(cx.backend(&id, span)?)
            }
            (None, Some(id)) => Target::Named(id),
            (Some(_), Some(_)) => {
                cx.error("PX0108", "base-url and backend-id exclude each other.", element.span);
                return None;
            }
            (None, None) => {
                cx.error("PX0102", "<set-backend-service> needs a base-url or a backend-id.", element.span);
                return None;
            }
        };
        if let Target::Backend(backend) = &target
            && backend.fabric.is_none()
            && let Some(attribute) = element.attributes.iter().find(|attribute| attribute.name.starts_with("sf-"))
        {
            let message = format!("The backend \"{}\" has no Service Fabric cluster.", backend.id);
            cx.error("PX0108", message, attribute.name_span);
            return None;
        }
        Some(Step::now(SetBackendService { scope: cx.scope(), target, fabric }))
    },
    ..PolicyDef::BASE
};

words! {
    /// `sf-replica-type`.
    enum Replica { Primary = "primary", Secondary = "secondary" }
}

struct SetBackendService {
    scope: Scope,
    target: Target,
    fabric: Fabric,
}

/// What is said of a service of a Service Fabric cluster.
struct Fabric {
    service: Option<Value<String>>,
    key: Option<Value<String>>,
    replica: Value<Replica>,
    listener: Option<Value<String>>,
    again: Option<Arc<Value<bool>>>,
}

enum Target {
    Url(Value<Url>),
    /// Found when the policy was published; a change of the entity publishes it again.
    Backend(Arc<Backend>),
    /// Found by name at each call.
    Named(Value<String>),
}

impl Policy for SetBackendService {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        match &self.target {
            Target::Url(url) => {
                // What a backend-id of a broader scope said stands: only another backend-id overrides it.
                let url = url.get(exchange)?.into_owned();
                if exchange.target.chosen_at.is_none_or(|chosen_at| chosen_at >= self.scope) {
                    exchange.aim_at(url, None);
                    exchange.target.chosen_at = None;
                }
            }
            Target::Backend(backend) => self.aim(exchange, backend)?,
            Target::Named(id) => {
                let id = id.get(exchange)?.into_owned();
                let backend = find(exchange, &id.to_ascii_lowercase());
                let backend = backend.ok_or_else(|| missing(format!("There is no backend \"{id}\".")))?;
                self.aim(exchange, &backend)?;
            }
        }
        exchange.note(|exchange| format!("The URL is now {}", redact::url(&exchange.request.url.to_string())));
        Ok(Flow::Continue)
    }
}

impl SetBackendService {
    fn aim(&self, exchange: &mut Exchange, backend: &Arc<Backend>) -> Result<(), Fault> {
        if let Some(cluster) = &backend.fabric {
            let partition = self.fabric.partition(exchange, &cluster.service)?;
            let place = cluster.place().ok_or_else(|| missing(format!("The cluster of the backend \"{}\" has no endpoint.", backend.id)))?;
            exchange.aim_at(place, Some(Arc::clone(backend)));
            let target = FabricTarget { cluster: Arc::clone(cluster), partition, again: self.fabric.again.clone() };
            exchange.target.fabric = Some(Box::new(target));
            exchange.target.chosen_at = Some(self.scope);
            return Ok(());
        }
        let url = backend.url.clone();
        let url = url.ok_or_else(|| missing(format!("The backend \"{}\" has no URL.", backend.id)))?;
        exchange.aim_at(url, Some(Arc::clone(backend)));
        exchange.target.chosen_at = Some(self.scope);
        Ok(())
    }
}

impl Fabric {
    /// The partition of `service`, or of the one that the policy names.
    fn partition(&self, exchange: &mut Exchange, service: &Arc<str>) -> Result<FabricPartition, Fault> {
        let mut text = |value: &Option<Value<String>>| {
            let text = Value::optional(value, exchange)?;
            Ok::<_, Fault>(text.filter(|text| !text.trim().is_empty()).map(|text| Arc::<str>::from(text.trim())))
        };
        let (named, key, listener) = (text(&self.service)?, text(&self.key)?, text(&self.listener)?);
        let service = match &named {
            Some(name) => FabricCluster::service_in(name).unwrap_or(name.trim_matches('/')).into(),
            None => Arc::clone(service),
        };
        let secondary = *self.replica.get(exchange)? == Replica::Secondary;
        Ok(FabricPartition { service, key, listener, secondary })
    }
}

/// A workspace's own backends come before those of the service.
fn find(exchange: &Exchange, id: &str) -> Option<Arc<Backend>> {
    let workspace = exchange.entities.workspace.as_ref().and_then(|workspace| workspace.directory.backends.get(id));
    workspace.or_else(|| exchange.entities.service.directory.backends.get(id)).cloned()
}

fn missing(message: String) -> Fault {
    Fault::new("set-backend-service", "BackendNotFound", message)
}
