//! `emit-metric`: leaves a number with dimensions of one's own in the metrics.

use policy::{metrics::Emitted, prelude::*};

/// The dimensions that need no value.
const DEFAULTS: [(&str, Known); 7] = [
    ("API ID", Known::Api),
    ("Operation ID", Known::Operation),
    ("Product ID", Known::Product),
    ("User ID", Known::User),
    ("Subscription ID", Known::Subscription),
    ("Location", Known::Location),
    ("Gateway ID", Known::Gateway),
];

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "emit-metric",
    summary: "Leaves a number with dimensions of one's own in the metrics.",
    notes: "Prometheus finds it as `tollgate_custom_metric_count` and `tollgate_custom_metric_sum`, with the labels `service`, `workspace`, \
            `namespace` and `name` and a label for each dimension (`API ID` becomes `API_ID`). These dimensions need no value: `API ID`, \
            `Operation ID`, `Product ID`, `User ID`, `Subscription ID`, `Location`, `Gateway ID`; what is not known of a request is `None`. \
            A metric has at most 2000 sets of values; what comes beyond goes into one series with the label `overflow`. Values are cut at 256 \
            characters.",
    attrs: &[
        Attr::required("name", Kind::Name, "The metric."),
        Attr::or("namespace", Kind::Name, "API Management", "The namespace of the metric."),
        Attr::or("value", Kind::Text, "1", "The number.").expr(),
    ],
    children: &[Child {
        name: "dimension",
        count: (1, 5),
        attrs: &[
            Attr::required("name", Kind::Name, "The dimension.").expr(),
            Attr::optional("value", Kind::Text, "Its value. Dimensions that the gateway knows need none.").expr(),
        ],
        doc: "A dimension.",
        ..Child::BASE
    }],
    examples: &[Example {
        title: "Count calls by caller",
        policy: r#"<emit-metric name="Request" value="1" namespace="my-metrics">
  <dimension name="User ID" />
  <dimension name="Client IP" value="@(context.Request.IpAddress)" />
  <dimension name="API ID" />
</emit-metric>"#,
        given: "GET /resource/1 HTTP/1.1",
        then: "GET http://backend.example/resource/1 HTTP/1.1",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let name = cx.literal(element, "name");
        let namespace = cx.literal_or(element, "namespace", "API Management".into());
        let value = cx.attr_or(element, "value", 1.0);
        let children = element.elements().filter(|child| child.name == "dimension");
        let dimensions: Vec<_> = children.map(|child| dimension(child, cx)).collect();
        Some(Step::now(EmitMetric {
            name: name?,
            namespace: namespace?,
            value: value?,
            dimensions: dimensions.into_iter().collect::<Option<_>>()?,
        }))
    },
    ..PolicyDef::BASE
};

fn dimension(element: &Element, cx: &mut Compiler<'_>) -> Option<Dimension> {
    let name: Value<Arc<str>> = cx.attr(element, "name")?;
    let value = cx.optional(element, "value")?;
    if let (Value::Literal(literal), None) = (&name, &value) {
        let Some(known) = known(literal) else {
            let message = format!("The dimension \"{literal}\" needs a value: the gateway knows none for it.");
            let names: Vec<_> = DEFAULTS.iter().map(|(name, _)| *name).collect();
            let note = format!("It knows: {}.", names.join(", "));
            cx.report(policy::base::Diagnostic::error("PX0105", message, element.name_span).note(note));
            return None;
        };
        return Some(Dimension { name, value: Of::Known(known) });
    }
    Some(Dimension { name, value: value.map_or(Of::Name, Of::Value) })
}

struct EmitMetric {
    name: Arc<str>,
    namespace: Arc<str>,
    value: Value<f64>,
    dimensions: Box<[Dimension]>,
}

struct Dimension {
    name: Value<Arc<str>>,
    value: Of,
}

/// Where the value of a dimension comes from.
enum Of {
    Value(Value<Arc<str>>),
    /// From the gateway, as the name said when the policy was published.
    Known(Known),
    /// From the gateway, as the name says each time.
    Name,
}

#[derive(Clone, Copy)]
enum Known {
    Api,
    Operation,
    Product,
    User,
    Subscription,
    Location,
    Gateway,
}

fn known(name: &str) -> Option<Known> {
    DEFAULTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, known)| *known)
}

impl Known {
    fn of(self, exchange: &Exchange) -> Arc<str> {
        let entities = &exchange.entities;
        let value = match self {
            Self::Api => entities.api.as_ref().map(|api| &api.id),
            Self::Operation => entities.operation.as_ref().map(|operation| &operation.id),
            Self::Product => entities.product.as_ref().map(|product| &product.id),
            Self::User => entities.user.as_ref().map(|user| &user.id),
            Self::Subscription => entities.subscription.as_ref().map(|subscription| &subscription.id),
            Self::Location => Some(&entities.service.region),
            Self::Gateway => Some(&entities.service.gateway_id),
        };
        value.cloned().unwrap_or_else(|| "None".into())
    }
}

impl Policy for EmitMetric {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let value = *self.value.get(exchange)?;
        let mut dimensions = Vec::with_capacity(self.dimensions.len());
        for dimension in &self.dimensions {
            let name = dimension.name.get(exchange)?.into_owned();
            let value = match &dimension.value {
                Of::Value(value) => value.get(exchange)?.into_owned(),
                Of::Known(known) => known.of(exchange),
                Of::Name => known(&name).map_or_else(|| "None".into(), |known| known.of(exchange)),
            };
            dimensions.push((name, value));
        }
        let entities = &exchange.entities;
        exchange.host.metrics.emit(Emitted {
            service: Arc::clone(&entities.service.name),
            workspace: entities.workspace.as_ref().map(|workspace| Arc::clone(&workspace.id)).unwrap_or_default(),
            namespace: Arc::clone(&self.namespace),
            name: Arc::clone(&self.name),
            value,
            dimensions: dimensions.into(),
        });
        Ok(Flow::Continue)
    }
}
