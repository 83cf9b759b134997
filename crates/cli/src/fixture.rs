//! A [`Host`] whose `context` is read from JSON: for `tollgate eval`, and for recorded cases.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use base::Timestamp;
use csharp::{
    Form, Options, Program, Str, Value, compile,
    host::{Body, Certificate, Flag, Host, Instant, Number, Pairs, Part, Side, Text, Url},
    limits::Limits,
    surface::Surface,
};
use serde_json::Value as Json;

/// What `context` holds, under names. A text is either an object of `fixtures`, which may build on each other with
/// `extends` and `set`, or one fixture by itself, whose name is `default`.
pub struct Fixtures {
    by_name: BTreeMap<String, Fixture>,
}

struct Fixture {
    data: Json,
    /// What makes each variable that is no plain JSON value.
    variables: HashMap<String, Variable>,
}

enum Variable {
    /// What C# makes.
    Made(Program),
    /// A response, as `send-request` keeps it.
    Response(Json),
}

impl Fixtures {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong with it, or which variable cannot be made.
    pub fn read(text: &str, surface: &Arc<Surface>) -> Result<Self, String> {
        let whole: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let alone = || serde_json::Map::from_iter([("default".to_owned(), whole.clone())]);
        let all = &whole.get("fixtures").and_then(Json::as_object).cloned().unwrap_or_else(alone);
        let mut by_name = BTreeMap::new();
        for (name, own) in all {
            let data = resolve(all, own);
            let mut variables = HashMap::new();
            for (name, variable) in data.get("Variables").and_then(Json::as_object).into_iter().flatten() {
                let made = variable_of(variable, surface);
                let made =
                    made.ok_or_else(|| format!("the variable `{name}` cannot be made: its type is not known"))?;
                variables.insert(name.clone(), made);
            }
            by_name.insert(name.clone(), Fixture { data, variables });
        }
        Ok(Self { by_name })
    }

    /// A fresh exchange.
    pub fn host(&self, name: &str) -> FixtureHost<'_> {
        FixtureHost {
            fixture: self.by_name.get(name),
            made: RefCell::default(),
            consumed: Vec::new(),
            traces: Vec::new(),
            turn: Cell::new(0),
        }
    }
}

/// A fixture with what it takes over from others.
fn resolve(all: &serde_json::Map<String, Json>, own: &Json) -> Json {
    let Some(base) = own.get("extends").and_then(Json::as_str).and_then(|name| all.get(name)) else {
        return own.clone();
    };
    let mut data = resolve(all, base);
    for (path, value) in own.get("set").and_then(Json::as_object).into_iter().flatten() {
        let pointer = format!("/{}", path.replace('.', "/"));
        if let Some(place) = data.pointer_mut(&pointer) {
            *place = value.clone();
        } else if let Some((parent, last)) = pointer.rsplit_once('/')
            && let Some(Json::Object(parent)) = data.pointer_mut(parent)
        {
            parent.insert(last.into(), value.clone());
        }
    }
    data
}

fn variable_of(variable: &Json, surface: &Arc<Surface>) -> Option<Variable> {
    if variable.get("type")?.as_str()? == "IResponse" {
        return variable.get("value").cloned().map(Variable::Response);
    }
    let compiled = compile(&source(variable)?, Form::Expression, surface, &Options::default());
    compiled.program.map(Variable::Made)
}

/// A response that a variable holds.
fn response(value: &Json) -> Value {
    let text = |name| value.get(name).and_then(Json::as_str).unwrap_or_default();
    let headers = value.get("Headers").and_then(Json::as_object).into_iter().flatten();
    let values = |all: &Json| all.as_array().into_iter().flatten().filter_map(Json::as_str).map(Str::from).collect();
    Value::object(dotnet::Response {
        status: value
            .get("StatusCode")
            .and_then(Json::as_u64)
            .and_then(|code| code.try_into().ok())
            .unwrap_or_default(),
        reason: text("StatusReason").into(),
        headers: headers.map(|(name, all)| (name.as_str().into(), values(all))).collect(),
        body: text("Body").as_bytes().into(),
    })
}

/// The C# that makes a variable.
fn source(variable: &Json) -> Option<String> {
    let value = variable.get("value").unwrap_or(&Json::Null);
    let text = value.as_str().unwrap_or_default();
    let quote = |text: &str| format!("@\"{}\"", text.replace('"', "\"\""));
    let strings = || {
        let items: Vec<_> = value.as_array().into_iter().flatten().filter_map(Json::as_str).map(quote).collect();
        items.join(", ")
    };
    Some(match variable.get("type")?.as_str()? {
        "null" => "null".into(),
        "string" => quote(text),
        "int" | "bool" => value.to_string(),
        "long" => format!("{value}L"),
        "double" => format!("{value}d"),
        "decimal" => format!("{text}m"),
        "DateTime" => format!("DateTimeOffset.Parse({}).UtcDateTime", quote(text)),
        "Guid" => format!("Guid.Parse({})", quote(text)),
        "byte[]" => format!("Convert.FromBase64String({})", quote(text)),
        "List<string>" => format!("new List<string> {{ {} }}", strings()),
        "string[]" => format!("new string[] {{ {} }}", strings()),
        "JObject" => format!("JObject.Parse({})", quote(&value.to_string())),
        "JArray" => format!("JArray.Parse({})", quote(&value.to_string())),
        "Jwt" => format!("{}.AsJwt()", quote(text)),
        _ => return None,
    })
}

/// One exchange over a fixture.
pub struct FixtureHost<'f> {
    fixture: Option<&'f Fixture>,
    /// Variables that were asked for: each keeps its identity.
    made: RefCell<HashMap<String, Value>>,
    consumed: Vec<Side>,
    /// What `context.Trace` was given.
    pub traces: Vec<String>,
    /// How often entropy was asked for.
    turn: Cell<usize>,
}

impl FixtureHost<'_> {
    fn at(&self, pointer: &str) -> Option<&Json> {
        self.fixture?.data.pointer(pointer).filter(|value| !value.is_null())
    }

    fn pairs(&self, pairs: Pairs) -> impl Iterator<Item = (&String, &Json)> {
        let pointer = match pairs {
            Pairs::Headers(Side::Request) => "/Request/Headers".into(),
            Pairs::Headers(Side::Response) => "/Response/Headers".into(),
            Pairs::Query(which) => format!("{}/Query", url(which)),
            Pairs::MatchedParameters => "/Request/MatchedParameters".into(),
        };
        self.at(&pointer).and_then(Json::as_object).into_iter().flatten()
    }
}

fn url(url: Url) -> &'static str {
    match url {
        Url::Request => "/Request/Url",
        Url::Original => "/Request/OriginalUrl",
        Url::Service => "/Api/ServiceUrl",
    }
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Request => "/Request/Body",
        Side::Response => "/Response/Body",
    }
}

/// Where a text stands in the file.
fn pointer(text: Text) -> Cow<'static, str> {
    match text {
        Text::ApiId => "/Api/Id".into(),
        Text::ApiName => "/Api/Name".into(),
        Text::ApiPath => "/Api/Path".into(),
        Text::ApiRevision => "/Api/Revision".into(),
        Text::ApiVersion => "/Api/Version".into(),
        Text::ApiProtocol(at) => format!("/Api/Protocols/{at}").into(),
        Text::SubscriptionKeyHeader => "/Api/SubscriptionKeyParameterNames/Header".into(),
        Text::SubscriptionKeyQuery => "/Api/SubscriptionKeyParameterNames/Query".into(),
        Text::BackendId => "/Backend/Id".into(),
        Text::BackendRegion => "/Backend/AzureRegion".into(),
        Text::BackendType => "/Backend/Type".into(),
        Text::DeploymentGatewayId => "/Deployment/GatewayId".into(),
        Text::DeploymentRegion => "/Deployment/Region".into(),
        Text::DeploymentServiceId => "/Deployment/ServiceId".into(),
        Text::DeploymentServiceName => "/Deployment/ServiceName".into(),
        Text::GatewayId => "/Deployment/Gateway/Id".into(),
        Text::GatewayInstanceId => "/Deployment/Gateway/InstanceId".into(),
        Text::ErrorSource => "/LastError/Source".into(),
        Text::ErrorReason => "/LastError/Reason".into(),
        Text::ErrorMessage => "/LastError/Message".into(),
        Text::ErrorScope => "/LastError/Scope".into(),
        Text::ErrorSection => "/LastError/Section".into(),
        Text::ErrorPath => "/LastError/Path".into(),
        Text::ErrorPolicyId => "/LastError/PolicyId".into(),
        Text::OperationId => "/Operation/Id".into(),
        Text::OperationMethod => "/Operation/Method".into(),
        Text::OperationName => "/Operation/Name".into(),
        Text::OperationUrlTemplate => "/Operation/UrlTemplate".into(),
        Text::ProductId => "/Product/Id".into(),
        Text::ProductName => "/Product/Name".into(),
        Text::ProductState => "/Product/State".into(),
        Text::ProductGroupId(at) => format!("/Product/Groups/{at}/Id").into(),
        Text::ProductGroupName(at) => format!("/Product/Groups/{at}/Name").into(),
        Text::ProductApiId(at) => format!("/Product/Apis/{at}/Id").into(),
        Text::ProductApiName(at) => format!("/Product/Apis/{at}/Name").into(),
        Text::ProductApiPath(at) => format!("/Product/Apis/{at}/Path").into(),
        Text::RequestMethod => "/Request/Method".into(),
        Text::RequestIpAddress => "/Request/IpAddress".into(),
        Text::PrivateEndpointName => "/Request/PrivateEndpointConnection/Name".into(),
        Text::PrivateEndpointGroupId => "/Request/PrivateEndpointConnection/GroupId".into(),
        Text::PrivateEndpointMemberName => "/Request/PrivateEndpointConnection/MemberName".into(),
        Text::ResponseStatusReason => "/Response/StatusReason".into(),
        Text::SubscriptionId => "/Subscription/Id".into(),
        Text::SubscriptionKey => "/Subscription/Key".into(),
        Text::SubscriptionName => "/Subscription/Name".into(),
        Text::SubscriptionPrimaryKey => "/Subscription/PrimaryKey".into(),
        Text::SubscriptionSecondaryKey => "/Subscription/SecondaryKey".into(),
        Text::UserId => "/User/Id".into(),
        Text::UserEmail => "/User/Email".into(),
        Text::UserFirstName => "/User/FirstName".into(),
        Text::UserLastName => "/User/LastName".into(),
        Text::UserNote => "/User/Note".into(),
        Text::UserGroupId(at) => format!("/User/Groups/{at}/Id").into(),
        Text::UserGroupName(at) => format!("/User/Groups/{at}/Name").into(),
        Text::UserIdentityId(at) => format!("/User/Identities/{at}/Id").into(),
        Text::UserIdentityProvider(at) => format!("/User/Identities/{at}/Provider").into(),
        Text::WorkspaceId => "/Workspace/Id".into(),
        Text::WorkspaceName => "/Workspace/Name".into(),
        Text::UrlScheme(which) => format!("{}/Scheme", url(which)).into(),
        Text::UrlHost(which) => format!("{}/Host", url(which)).into(),
        Text::UrlPath(which) => format!("{}/Path", url(which)).into(),
        Text::UrlQueryString(which) => format!("{}/QueryString", url(which)).into(),
    }
}

/// RFC 3339 in UTC, as the file writes instants.
fn instant(text: &str) -> Option<Timestamp> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.split('-').map(str::parse::<i64>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let seconds = clock.split(':').try_fold(0, |sum, part| Some(sum * 60 + part.parse::<i64>().ok()?))?;
    let nanos: i64 = format!("{fraction:0<9}").parse().ok()?;
    // Days of the proleptic calendar: the year begins in March, so that the leap day is its last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469;
    Some(Timestamp((days * 86_400 + seconds) * 1_000_000_000 + nanos))
}

impl Host for FixtureHost<'_> {
    /// Half a second after the request came in.
    fn now(&self) -> Timestamp {
        self.instant(Instant::Timestamp).unwrap_or_default().plus(Duration::from_millis(500))
    }

    fn entropy(&self, bytes: &mut [u8]) {
        // The same in each run, and other bytes each time within one.
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        bytes.iter_mut().enumerate().for_each(|(at, byte)| *byte = (at * 37 + turn * 101 + 11) as u8);
    }

    fn request_id(&self) -> [u8; 16] {
        let text = self.at("/RequestId").and_then(Json::as_str).unwrap_or_default().replace('-', "");
        u128::from_str_radix(&text, 16).unwrap_or_default().to_be_bytes()
    }

    fn elapsed(&self) -> Duration {
        let text = self.at("/Elapsed").and_then(Json::as_str).unwrap_or_default();
        let seconds = text.split(':').try_fold(0.0, |sum, part| Some(sum * 60.0 + part.parse::<f64>().ok()?));
        Duration::from_secs_f64(seconds.unwrap_or_default())
    }

    fn has(&self, part: Part) -> bool {
        let pointer = match part {
            Part::Api => "/Api",
            Part::Backend => "/Backend",
            Part::LastError => "/LastError",
            Part::Operation => "/Operation",
            Part::PrivateEndpoint => "/Request/PrivateEndpointConnection",
            Part::Product => "/Product",
            Part::RequestBody => "/Request/Body",
            Part::Response => "/Response",
            Part::ResponseBody => "/Response/Body",
            Part::ServiceUrl => "/Api/ServiceUrl",
            Part::Subscription => "/Subscription",
            Part::User => "/User",
            Part::Workspace => "/Workspace",
        };
        self.at(pointer).is_some()
    }

    fn text(&self, text: Text) -> Option<Cow<'_, str>> {
        self.at(&pointer(text))?.as_str().map(Cow::Borrowed)
    }

    fn flag(&self, flag: Flag) -> bool {
        let pointer = match flag {
            Flag::Tracing => "/Tracing",
            Flag::ApiIsCurrentRevision => "/Api/IsCurrentRevision",
            Flag::GatewayIsManaged => "/Deployment/Gateway/IsManaged",
            Flag::ProductApprovalRequired => "/Product/ApprovalRequired",
            Flag::ProductSubscriptionRequired => "/Product/SubscriptionRequired",
        };
        self.at(pointer).and_then(Json::as_bool).unwrap_or_default()
    }

    fn number(&self, number: Number) -> Option<i64> {
        match number {
            Number::ResponseStatusCode => self.at("/Response/StatusCode"),
            Number::UrlPort(which) => self.at(&format!("{}/Port", url(which))),
            Number::ProductSubscriptionsLimit => self.at("/Product/SubscriptionLimit"),
        }?
        .as_i64()
    }

    fn instant(&self, which: Instant) -> Option<Timestamp> {
        let pointer = match which {
            Instant::Timestamp => "/Timestamp",
            Instant::SubscriptionCreated => "/Subscription/CreatedDate",
            Instant::SubscriptionStart => "/Subscription/StartDate",
            Instant::SubscriptionEnd => "/Subscription/EndDate",
            Instant::UserRegistration => "/User/RegistrationDate",
        };
        instant(self.at(pointer)?.as_str()?)
    }

    fn pair_values(&self, pairs: Pairs, name: &str) -> Option<Vec<Str>> {
        let (_, values) = self.pairs(pairs).find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(match values {
            Json::Array(values) => values.iter().filter_map(Json::as_str).map(Str::from).collect(),
            value => value.as_str().map(Str::from).into_iter().collect(),
        })
    }

    fn pair_names(&self, pairs: Pairs) -> Vec<Str> {
        self.pairs(pairs).map(|(name, _)| name.as_str().into()).collect()
    }

    fn variable(&self, name: &str) -> Option<Value> {
        if let Some(value) = self.made.borrow().get(name) {
            return Some(value.clone());
        }
        let value = match self.fixture?.variables.get(name)? {
            Variable::Made(program) => program.run(&mut Nobody, &Limits::default()).ok()?,
            Variable::Response(value) => response(value),
        };
        self.made.borrow_mut().insert(name.into(), value.clone());
        Some(value)
    }

    fn variable_names(&self) -> Vec<Str> {
        self.at("/Variables")
            .and_then(Json::as_object)
            .into_iter()
            .flatten()
            .map(|(name, _)| name.as_str().into())
            .collect()
    }

    fn body(&mut self, which: Side, preserve: bool) -> Body {
        if self.consumed.contains(&which) {
            return Body::Consumed;
        }
        let bytes: Rc<[u8]> = match self.at(side(which)).and_then(Json::as_str) {
            Some(text) => text.as_bytes().into(),
            None => Rc::from([]),
        };
        if !preserve {
            self.consumed.push(which);
        }
        Body::Bytes(bytes)
    }

    fn certificate(&self, certificate: Certificate<'_>) -> Option<(Vec<u8>, Option<String>)> {
        let found = match certificate {
            Certificate::Client => self.at("/Request/Certificate"),
            Certificate::Deployment(id) => self.at("/Deployment/Certificates")?.get(id),
        }?;
        let bytes = crypto::text::from_base64(found.get("base64")?.as_str()?).ok()?;
        Some((bytes, found.get("password").and_then(Json::as_str).map(Into::into)))
    }

    fn certificate_ids(&self) -> Vec<Str> {
        let all = self.at("/Deployment/Certificates").and_then(Json::as_object);
        all.into_iter().flatten().map(|(name, _)| name.as_str().into()).collect()
    }

    fn trace(&mut self, message: &str) {
        self.traces.push(message.into());
    }
}

/// The host of the expressions that make variables: they need none.
struct Nobody;

impl Host for Nobody {
    fn now(&self) -> Timestamp {
        Timestamp::default()
    }

    fn entropy(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}
