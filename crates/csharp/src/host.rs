//! [`Host`]: the narrow door between a running expression and the gateway. Everything is asked for one fact at a time,
//! so that an expression pays only for what it names.

use std::{borrow::Cow, time::Duration};

use base::Timestamp;

use crate::{surface::TypeDef, text::Str, ty::Def, value::Value};

/// One of the two messages of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// What the client sent, as policies have changed it so far.
    Request,
    /// What goes back.
    Response,
}

/// One of the URLs that `context` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Url {
    /// `context.Request.Url`.
    Request,
    /// `context.Request.OriginalUrl`.
    Original,
    /// `context.Api.ServiceUrl`.
    Service,
}

/// A text of `context`, one per property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of `context`")]
pub enum Text {
    ApiId,
    ApiName,
    ApiPath,
    ApiRevision,
    ApiVersion,
    /// `context.Api.Protocols`, by index; `None` ends the list.
    ApiProtocol(usize),
    SubscriptionKeyHeader,
    SubscriptionKeyQuery,
    BackendId,
    BackendRegion,
    /// `Single` or `Pool`.
    BackendType,
    DeploymentGatewayId,
    DeploymentRegion,
    DeploymentServiceId,
    DeploymentServiceName,
    GatewayId,
    GatewayInstanceId,
    ErrorSource,
    ErrorReason,
    ErrorMessage,
    ErrorScope,
    ErrorSection,
    ErrorPath,
    ErrorPolicyId,
    OperationId,
    OperationMethod,
    OperationName,
    OperationUrlTemplate,
    ProductId,
    ProductName,
    /// `NotPublished` or `Published`.
    ProductState,
    /// A group of the product, by index; `None` ends the list.
    ProductGroupId(usize),
    ProductGroupName(usize),
    /// An API of the product, by index; `None` ends the list.
    ProductApiId(usize),
    ProductApiName(usize),
    ProductApiPath(usize),
    RequestMethod,
    RequestIpAddress,
    PrivateEndpointName,
    PrivateEndpointGroupId,
    PrivateEndpointMemberName,
    ResponseStatusReason,
    SubscriptionId,
    SubscriptionKey,
    SubscriptionName,
    SubscriptionPrimaryKey,
    SubscriptionSecondaryKey,
    UserId,
    UserEmail,
    UserFirstName,
    UserLastName,
    UserNote,
    /// A group of the user, by index; `None` ends the list.
    UserGroupId(usize),
    UserGroupName(usize),
    /// An identity of the user, by index; `None` ends the list.
    UserIdentityId(usize),
    UserIdentityProvider(usize),
    WorkspaceId,
    WorkspaceName,
    UrlScheme(Url),
    UrlHost(Url),
    UrlPath(Url),
    /// With its `?`; empty without a query.
    UrlQueryString(Url),
}

/// A yes or no of `context`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of `context`")]
pub enum Flag {
    Tracing,
    ApiIsCurrentRevision,
    GatewayIsManaged,
    ProductApprovalRequired,
    ProductSubscriptionRequired,
}

/// A number of `context`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of `context`")]
pub enum Number {
    ResponseStatusCode,
    UrlPort(Url),
    ProductSubscriptionsLimit,
}

/// An instant of `context`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of `context`")]
pub enum Instant {
    /// When the gateway got the request.
    Timestamp,
    SubscriptionCreated,
    SubscriptionStart,
    SubscriptionEnd,
    UserRegistration,
}

/// A part of `context` that may be `null`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of `context`")]
pub enum Part {
    Api,
    Backend,
    LastError,
    Operation,
    PrivateEndpoint,
    Product,
    RequestBody,
    Response,
    ResponseBody,
    ServiceUrl,
    Subscription,
    User,
    Workspace,
}

/// A list of names and values of `context`, for those who enumerate it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pairs {
    /// The headers of a message; names are case-insensitive.
    Headers(Side),
    /// The query of a URL; names are case-insensitive.
    Query(Url),
    /// `context.Request.MatchedParameters`; each name has one value.
    MatchedParameters,
}

/// Where a member of `context` leads. Whoever compiles a text that names it in full asks the host straight away, without
/// the objects in between.
#[derive(Clone, Copy)]
pub enum Ask {
    /// To a part, whose handle is zero; `null` where it is missing.
    Part(Part),
    /// To a text; `null` where it is missing.
    Text(Text),
    /// To a dictionary of the host.
    Pairs(Pairs),
    /// To a list of handles.
    List(&'static Listing),
    /// To the variables of the exchange.
    Variables,
}

/// A list of handles: it is as long as the host has a text for the index.
pub struct Listing {
    /// What each handle is.
    pub def: &'static TypeDef,
    /// The text that says whether there is one more.
    pub text: fn(usize) -> Text,
    /// The upper half of each handle's word; the lower is the index.
    pub kind: u64,
}

impl Listing {
    /// The handle at `index`.
    pub fn item(&self, host: &dyn Host, index: usize) -> Option<Value> {
        let index = u32::try_from(index).ok()?;
        host.text((self.text)(index as usize))?;
        Some(Value::Word(Def(self.def), (self.kind << 32) | u64::from(index)))
    }
}

impl From<Text> for Ask {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

/// What a member looks up in a dictionary that [`Ask`] leads to, under its second argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Find {
    /// A variable; `KeyNotFoundException` without.
    Item,
    /// A variable, or the third argument; `InvalidCastException` where it is not of the last type argument, if there is
    /// one.
    ItemOr,
    /// The values of a header or the like, joined; or the third argument.
    Joined,
}

/// A message body, as the host has it.
#[derive(Clone, Debug)]
pub enum Body {
    /// All of it.
    Bytes(std::rc::Rc<[u8]>),
    /// Not read yet: the evaluation ends with [`crate::Failure::BodyNeeded`].
    NotBuffered,
    /// Read before without `preserveContent`.
    Consumed,
}

/// A certificate that `context` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate<'a> {
    /// `context.Request.Certificate`.
    Client,
    /// `context.Deployment.Certificates[id]`.
    Deployment(&'a str),
}

/// What `context` needs of the gateway. Every method but the clock and the entropy has a default that says "not there".
pub trait Host {
    /// The wall clock.
    fn now(&self) -> Timestamp;

    /// Unpredictable bytes.
    fn entropy(&self, bytes: &mut [u8]);

    /// `context.RequestId`, big-endian.
    fn request_id(&self) -> [u8; 16] {
        [0; 16]
    }

    /// `context.Elapsed`.
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    /// Whether a part is there at all.
    fn has(&self, _part: Part) -> bool {
        false
    }

    /// A text.
    fn text(&self, _text: Text) -> Option<Cow<'_, str>> {
        None
    }

    /// A yes or no.
    fn flag(&self, _flag: Flag) -> bool {
        false
    }

    /// A number.
    fn number(&self, _number: Number) -> Option<i64> {
        None
    }

    /// An instant.
    fn instant(&self, _instant: Instant) -> Option<Timestamp> {
        None
    }

    /// The values under one name, joined with `,`; `None` where the name does not occur. This is what
    /// `GetValueOrDefault` asks: no map is built.
    fn pair(&self, pairs: Pairs, name: &str) -> Option<Cow<'_, str>> {
        let values = self.pair_values(pairs, name)?;
        Some(values.iter().map(|value| value.to_text()).collect::<Vec<_>>().join(",").into())
    }

    /// The values under one name, apart.
    fn pair_values(&self, _pairs: Pairs, _name: &str) -> Option<Vec<Str>> {
        None
    }

    /// All names, in order.
    fn pair_names(&self, _pairs: Pairs) -> Vec<Str> {
        Vec::new()
    }

    /// A variable of the exchange. An evaluation may change the object it holds: a host that answers
    /// [`Body::NotBuffered`] keeps a copy ([`crate::value::Object::snapshot`]) and puts it back.
    fn variable(&self, _name: &str) -> Option<Value> {
        None
    }

    /// The names of all variables, in order.
    fn variable_names(&self) -> Vec<Str> {
        Vec::new()
    }

    /// A body. Without `preserve` it is consumed, but only once the evaluation has ended well: until then the host
    /// answers as before.
    fn body(&mut self, _side: Side, _preserve: bool) -> Body {
        Body::NotBuffered
    }

    /// A certificate, DER or PKCS #12 with its password.
    fn certificate(&self, _certificate: Certificate<'_>) -> Option<(Vec<u8>, Option<String>)> {
        None
    }

    /// The ids of `context.Deployment.Certificates`.
    fn certificate_ids(&self) -> Vec<Str> {
        Vec::new()
    }

    /// `context.Trace(message)`. Called after the evaluation has ended well, in order.
    fn trace(&mut self, _message: &str) {}
}

/// A host for what is computed when a text is compiled: nothing pure asks it.
pub(crate) struct NoHost;

impl Host for NoHost {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    fn entropy(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}
