//! What `context` holds, as a file says it: the names are those of the members that expressions read.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::Arc,
};

use base::{Secret, Timestamp};
use policy::{
    HeaderName, Url,
    csharp::{
        self, Form, Options,
        host::Host,
        limits::{Limits, Meter},
        surface::Surface,
    },
    entity,
    exchange::Entities,
};
use serde::Deserialize;
use serde_json::Value as Json;

/// `context`. What is left out is as on the usual stage; `null` takes a product, a subscription or a user away.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Context {
    #[serde(default)]
    api: Api,
    #[serde(default)]
    operation: Operation,
    #[serde(default, deserialize_with = "given")]
    product: Given<Product>,
    #[serde(default, deserialize_with = "given")]
    subscription: Given<Subscription>,
    #[serde(default, deserialize_with = "given")]
    user: Given<User>,
    #[serde(default)]
    workspace: Option<Named>,
    #[serde(default)]
    deployment: Deployment,
    #[serde(default)]
    request: Request,
    #[serde(default)]
    variables: BTreeMap<String, Json>,
    timestamp: Option<String>,
}

/// Left out, `null`, or said.
#[derive(Clone, Debug, Default)]
enum Given<T> {
    #[default]
    Usual,
    Nothing,
    Said(T),
}

fn given<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(from: D) -> Result<Given<T>, D::Error> {
    Ok(Option::deserialize(from)?.map_or(Given::Nothing, Given::Said))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Named {
    id: Option<String>,
    name: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Api {
    id: Option<String>,
    name: Option<String>,
    path: Option<String>,
    protocols: Option<Vec<String>>,
    service_url: Option<String>,
    revision: Option<String>,
    version: Option<String>,
    is_current_revision: Option<bool>,
    subscription_required: Option<bool>,
    subscription_key_parameter_names: KeyNames,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct KeyNames {
    header: Option<String>,
    query: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Operation {
    id: Option<String>,
    name: Option<String>,
    method: Option<String>,
    url_template: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Product {
    id: Option<String>,
    name: Option<String>,
    approval_required: bool,
    subscription_required: Option<bool>,
    #[serde(alias = "SubscriptionLimit")]
    subscriptions_limit: Option<i32>,
    state: Option<String>,
    groups: Vec<Named>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Subscription {
    id: Option<String>,
    name: Option<String>,
    #[serde(alias = "Key")]
    primary_key: Option<String>,
    secondary_key: Option<String>,
    created_date: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct User {
    id: Option<String>,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    note: Option<String>,
    registration_date: Option<String>,
    groups: Vec<Named>,
    identities: Vec<Identity>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Identity {
    id: String,
    provider: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Deployment {
    service_name: Option<String>,
    service_id: Option<String>,
    region: Option<String>,
    gateway_id: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Request {
    ip_address: Option<String>,
    matched_parameters: BTreeMap<String, String>,
}

impl Context {
    /// Reads a context from JSON or YAML.
    ///
    /// # Errors
    /// What is wrong, with its line.
    pub fn read(text: &str) -> Result<Self, String> {
        crate::yaml(text)
    }

    /// The path of the API, without slashes around it.
    pub fn api_path(&self) -> &str {
        self.api.path.as_deref().unwrap_or_default().trim_matches('/')
    }

    /// The host that the client calls.
    pub fn host(&self) -> String {
        format!("{}.example", self.deployment.service_name.as_deref().unwrap_or("contoso"))
    }

    /// The caller's address.
    pub fn address(&self) -> Result<IpAddr, String> {
        match &self.request.ip_address {
            None => Ok([203, 0, 113, 7].into()),
            Some(text) => text.parse().map_err(|_| format!("Request.IpAddress: \"{text}\" is no IP address")),
        }
    }

    /// When the request comes, if that is said.
    pub fn timestamp(&self) -> Result<Option<Timestamp>, String> {
        time("Timestamp", self.timestamp.as_deref())
    }

    /// `MatchedParameters` for a path below the API: what is said, or else what the operation's template finds.
    pub fn matched(&self, path: &str) -> Vec<(Arc<str>, String)> {
        let template = self.operation.url_template.as_deref().unwrap_or_default();
        let mut matched = template_parameters(template, path);
        for (name, value) in &self.request.matched_parameters {
            matched.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            matched.push((name.as_str().into(), value.clone()));
        }
        matched
    }

    /// What the configuration says around an exchange; `backends` are found by name at run time.
    pub fn entities(&self, backends: &BTreeMap<String, Arc<entity::Backend>>) -> Result<Entities, String> {
        let api = Arc::new(self.api()?);
        let id = |given: &Option<String>, usual: &str| Arc::<str>::from(given.as_deref().unwrap_or(usual));
        let named = |named: &Named| {
            let name = named.name.as_deref().or(named.id.as_deref()).unwrap_or_default();
            entity::Group { id: named.id.as_deref().unwrap_or(name).into(), name: name.into() }
        };
        let product = match &self.product {
            Given::Nothing => None,
            Given::Usual => {
                Some(Product { id: Some("starter".into()), name: Some("Starter".into()), ..Product::default() })
            }
            Given::Said(product) => Some(product.clone()),
        };
        let product = product.map(|product| entity::Product {
            id: id(&product.id, "starter"),
            name: id(&product.name, product.id.as_deref().unwrap_or("Starter")),
            approval_required: product.approval_required,
            subscription_required: product.subscription_required.unwrap_or(true),
            subscriptions_limit: product.subscriptions_limit,
            published: product.state.as_deref().is_none_or(|state| !state.eq_ignore_ascii_case("NotPublished")),
            groups: product.groups.iter().map(named).collect(),
            apis: [Arc::clone(&api)].into(),
        });
        let subscription = match &self.subscription {
            Given::Nothing => None,
            Given::Usual => Some(Subscription::default()),
            Given::Said(subscription) => Some(subscription.clone()),
        };
        let subscription = subscription.map(|subscription| {
            let key = |key: &Option<String>| Secret::new(Arc::<str>::from(key.as_deref().unwrap_or_default()));
            Ok::<_, String>(entity::Subscription {
                id: id(&subscription.id, "sub-1"),
                name: id(&subscription.name, "First"),
                primary_key: key(&subscription.primary_key),
                secondary_key: key(&subscription.secondary_key),
                created: time("Subscription.CreatedDate", subscription.created_date.as_deref())?,
                start: time("Subscription.StartDate", subscription.start_date.as_deref())?,
                end: time("Subscription.EndDate", subscription.end_date.as_deref())?,
                allow_tracing: true,
            })
        });
        let user = match &self.user {
            Given::Nothing => None,
            Given::Usual => Some(User { email: Some("ann@contoso.example".into()), ..User::default() }),
            Given::Said(user) => Some(user.clone()),
        };
        let user = user.map(|user| {
            Ok::<_, String>(entity::User {
                id: id(&user.id, "1"),
                email: id(&user.email, ""),
                first_name: id(&user.first_name, ""),
                last_name: id(&user.last_name, ""),
                note: id(&user.note, ""),
                registration: time("User.RegistrationDate", user.registration_date.as_deref())?,
                groups: user.groups.iter().map(named).collect(),
                identities: user
                    .identities
                    .iter()
                    .map(|identity| (identity.provider.as_str().into(), identity.id.as_str().into()))
                    .collect(),
            })
        });
        let backends = backends.iter().map(|(id, backend)| (id.as_str().into(), Arc::clone(backend)));
        let directory = entity::Directory::new(backends.collect(), HashMap::new());
        let deployment = &self.deployment;
        Ok(Entities {
            service: Arc::new(entity::Service {
                name: id(&deployment.service_name, "contoso"),
                id: id(&deployment.service_id, "contoso"),
                region: id(&deployment.region, "local"),
                gateway_id: id(&deployment.gateway_id, "managed"),
                gateway_is_managed: deployment.gateway_id.as_deref().is_none_or(|gateway| gateway == "managed"),
                directory,
                ..entity::Service::default()
            }),
            workspace: self.workspace.as_ref().map(|workspace| {
                let group = named(workspace);
                Arc::new(entity::Workspace { id: group.id, name: group.name, ..entity::Workspace::default() })
            }),
            operation: Some(Arc::new(entity::Operation {
                id: id(&self.operation.id, "operation"),
                name: id(&self.operation.name, self.operation.id.as_deref().unwrap_or("Operation")),
                method: id(&self.operation.method, "*"),
                url_template: id(&self.operation.url_template, "/*"),
                ..entity::Operation::default()
            })),
            api: Some(api),
            product: product.map(Arc::new),
            subscription: subscription.transpose()?.map(Arc::new),
            user: user.transpose()?.map(Arc::new),
            secondary_key: false,
        })
    }

    fn api(&self) -> Result<entity::Api, String> {
        let api = &self.api;
        let url = api.service_url.as_deref().unwrap_or("http://backend.example");
        let service_url = Url::parse(url).ok_or_else(|| format!("Api.ServiceUrl: \"{url}\" is no absolute URL"))?;
        let header = api.subscription_key_parameter_names.header.as_deref().unwrap_or("Ocp-Apim-Subscription-Key");
        if HeaderName::parse(header).is_none() {
            return Err(format!("Api.SubscriptionKeyParameterNames.Header: \"{header}\" is no header name"));
        }
        let id = api.id.as_deref().unwrap_or("api");
        Ok(entity::Api {
            id: id.into(),
            name: api.name.as_deref().unwrap_or(id).into(),
            path: self.api_path().into(),
            protocols: match &api.protocols {
                Some(protocols) => protocols.iter().map(|one| one.as_str().into()).collect(),
                None => ["https".into()].into(),
            },
            service_url: Some(service_url),
            key_header: header.into(),
            key_query: api.subscription_key_parameter_names.query.as_deref().unwrap_or("subscription-key").into(),
            subscription_required: api.subscription_required.unwrap_or(true),
            is_current_revision: api.is_current_revision.unwrap_or(true),
            revision: api.revision.as_deref().unwrap_or("1").into(),
            version: api.version.as_deref().unwrap_or_default().into(),
            grpc: false,
        })
    }

    /// The variables with their values. A text `@(…)` is what the expression gives; objects and lists are `JObject` and
    /// `JArray`.
    pub fn variables(&self, surface: &Arc<Surface>) -> Result<Vec<(Arc<str>, csharp::Value)>, String> {
        let made = self.variables.iter().map(|(name, value)| {
            let value = value_of(value, surface).map_err(|error| format!("Variables.{name}: {error}"))?;
            Ok((name.as_str().into(), value))
        });
        made.collect()
    }
}

fn value_of(value: &Json, surface: &Arc<Surface>) -> Result<csharp::Value, String> {
    let quoted = |text: &str| format!("@\"{}\"", text.replace('"', "\"\""));
    let code = match value {
        Json::Null => return Ok(csharp::Value::Null),
        Json::Bool(flag) => return Ok(csharp::Value::Bool(*flag)),
        Json::String(text) => match policy::policy_xml::whole(text) {
            policy::policy_xml::Whole::Expression { form: policy::policy_xml::Form::Expression, inner } => {
                text.get(inner).unwrap_or_default().to_owned()
            }
            _ => return Ok(csharp::Value::str(text.as_str())),
        },
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => match i32::try_from(whole) {
                Ok(small) => return Ok(csharp::Value::Int(small)),
                Err(_) => format!("{whole}L"),
            },
            (None, real) => format!("{}d", real.unwrap_or_default()),
        },
        Json::Object(_) => format!("JObject.Parse({})", quoted(&value.to_string())),
        Json::Array(_) => format!("JArray.Parse({})", quoted(&value.to_string())),
    };
    let compiled = csharp::compile(&code, Form::Expression, surface, &Options::default());
    let wrong = || compiled.diagnostics.iter().map(|found| found.message.clone()).collect::<Vec<_>>().join("; ");
    let program = compiled.program.as_ref().ok_or_else(wrong)?;
    program.run(&mut Nobody, &Limits::default()).map_err(|failure| match failure {
        csharp::Failure::Exception(exception) => exception.message.to_text().into_owned(),
        other => format!("{other:?}"),
    })
}

/// A C# value as JSON: texts, numbers and Newtonsoft's objects as such, everything else as its text.
pub(crate) fn json_of(value: &csharp::Value, surface: &Arc<Surface>) -> Json {
    let text = |value: &csharp::Value| {
        let mut host = Nobody;
        let mut cx = csharp::Cx::new(&mut host, surface, Meter::new(&Limits::default()));
        cx.text(value).map_or_else(|_| String::new(), |text| text.to_text().into_owned())
    };
    match value {
        csharp::Value::Null => Json::Null,
        csharp::Value::Bool(flag) => (*flag).into(),
        csharp::Value::Str(text) => text.to_text().into_owned().into(),
        other => {
            let (ty, text) = (other.ty().full_name(), text(other));
            let is_number = matches!(
                ty.as_str(),
                "System.Byte"
                    | "System.Int16"
                    | "System.Int32"
                    | "System.Int64"
                    | "System.UInt32"
                    | "System.UInt64"
                    | "System.Single"
                    | "System.Double"
                    | "System.Decimal"
            );
            let is_json = is_number || ty.starts_with("Newtonsoft.Json.Linq.");
            if is_json { serde_json::from_str(&text).unwrap_or(Json::String(text)) } else { text.into() }
        }
    }
}

/// The host of expressions that make variables: there is no exchange yet.
struct Nobody;

impl Host for Nobody {
    fn now(&self) -> Timestamp {
        Timestamp::default()
    }

    fn entropy(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// Reads an instant: `2024-05-17T12:34:56Z`.
pub(crate) fn time(what: &str, text: Option<&str>) -> Result<Option<Timestamp>, String> {
    let Some(text) = text else { return Ok(None) };
    let read = telemetry::instant(text);
    read.map(Some).ok_or_else(|| format!("{what}: \"{text}\" is no instant such as 2024-05-17T12:34:56Z"))
}

/// The parameters that a template such as `/orders/{id}` finds in a path.
fn template_parameters(template: &str, path: &str) -> Vec<(Arc<str>, String)> {
    let template = template.split('?').next().unwrap_or_default();
    let (names, values): (Vec<&str>, Vec<&str>) =
        (template.trim_matches('/').split('/').collect(), path.trim_matches('/').split('/').collect());
    let mut matched = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let rest = || values.get(at..).unwrap_or_default().join("/");
        let decode = |text: &str| policy::exchange::url::decode(&text.replace('+', "%2B"));
        match name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) if name.starts_with('*') => matched.push((name.trim_start_matches('*').into(), decode(&rest()))),
            Some(name) => {
                let Some(value) = values.get(at).filter(|value| !value.is_empty()) else { continue };
                matched.push((name.into(), decode(value)));
            }
            None if *name == "*" => matched.push(("*".into(), decode(&rest()))),
            None => {}
        }
    }
    matched
}
