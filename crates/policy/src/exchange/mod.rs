//! [`Exchange`]: one request and its response, with all that policies may see and change.

mod away;
mod body;
mod call;
mod coding;
mod counted;
mod headers;
mod message;
mod over;
mod tasks;
pub(crate) mod trace;
mod twin;
mod upgrade;
pub mod url;
mod variables;

use std::{net::IpAddr, rc::Rc, sync::Arc, time::Duration};

use base::{Clock, Entropy, Timestamp};
use kv::Stores;

pub(crate) use away::{Arrived, Errand, Found, Site};
pub use body::{Body, BodyError, Frame, Observe, Source, Transform};
pub use call::{Call, Mode};
pub use coding::Coding;
pub use counted::Counted;
pub use csharp::host::Side;
pub use headers::{HeaderName, HeaderValue, Headers};
pub use message::{Method, Request, Response, Status, Version};
pub use over::{Over, Postponed, Settlements};
pub use tasks::{LeftBehind, Tasks};
pub use trace::{Detail, Effect, Severity, TraceEntry, describe};
pub(crate) use twin::Twin;
pub use upgrade::{Switched, Tunnel, Upgrade};
pub use url::{Scheme, Url};
pub use variables::Variables;

use coding::Decoding;

use crate::{
    Fault, Outbound, Scope, Section, Shared,
    entity::{Api, Backend, ClientCertificate, Operation, Product, Proxy, Service, Subscription, User, Workspace},
    fabric::FabricTarget,
    metrics::Metrics,
    offload::Offload,
    record::CacheUse,
    tokens::TokenEndpoint,
};

/// The largest body that policies have in memory when the service sets no other limit: 100 MiB.
pub const DEFAULT_BODY_LIMIT: u64 = 100 << 20;

/// The message that a policy changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum On {
    /// `Exchange::request`.
    Request,
    /// `Exchange::response`.
    Response,
    /// `Exchange::draft`: a response in the making.
    Draft,
    /// `Exchange::call`: a request in the making.
    Call,
}

impl On {
    /// The message that expressions know under this name.
    pub fn side(self) -> Side {
        match self {
            Self::Request | Self::Call => Side::Request,
            Self::Response | Self::Draft => Side::Response,
        }
    }
}

/// What a worker lends to every exchange on it.
pub struct HostParts {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The way to other services.
    pub outbound: Box<dyn Outbound>,
    /// Counters, cache and slots, which all workers share.
    pub stores: Stores,
    /// What policies keep for the whole process.
    pub shared: Arc<Shared>,
    /// Work that outlives an exchange.
    pub tasks: Box<dyn Tasks>,
    /// Numbers that policies emit.
    pub metrics: Box<dyn Metrics>,
    /// Where tokens of the machine's own identity come from; nowhere without one.
    pub token_endpoint: Option<TokenEndpoint>,
    /// Where work goes that takes longer than a worker may; without one it stays.
    pub offload: Option<Arc<Offload>>,
}

/// What the configuration says of this exchange. Filled by routing, before the first policy.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the names are those of `context`")]
pub struct Entities {
    pub service: Arc<Service>,
    pub workspace: Option<Arc<Workspace>>,
    pub api: Option<Arc<Api>>,
    pub operation: Option<Arc<Operation>>,
    pub product: Option<Arc<Product>>,
    pub subscription: Option<Arc<Subscription>>,
    pub user: Option<Arc<User>>,
    /// Whether the caller used the secondary key.
    pub secondary_key: bool,
}

thread_local! {
    /// What every exchange begins with, made once.
    static NOTHING_YET: Entities = Entities::default();
}

/// Who calls.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Their address.
    pub address: Option<IpAddr>,
    /// The version of HTTP they speak.
    pub version: Version,
    /// The TLS version, as `1.3`; none for plain text.
    pub tls: Option<&'static str>,
    /// Their certificate, DER, trusted or not.
    pub certificate: Option<bytes::Bytes>,
}

/// Where the request will go, before path and query are put together into `Request::url`.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// The base, without a query: the API's service URL, or what `set-backend-service` says.
    pub base: Option<Url>,
    /// The backend entity, if it is one.
    pub backend: Option<Arc<Backend>>,
    /// Whose policy chose the backend entity, if one did.
    pub chosen_at: Option<Scope>,
    /// The path below the base, as on the wire; it begins with `/`.
    pub path: Arc<str>,
    /// The service of a Service Fabric cluster that it is, if it is one; the base is settled when it is called.
    pub fabric: Option<Box<FabricTarget>>,
}

/// What backend calls took, for the record.
#[derive(Clone, Debug, Default)]
pub struct BackendUse {
    /// How often a backend was called by `forward-request`.
    pub calls: u32,
    /// The sum of the waits for their responses' heads.
    pub time: Duration,
    /// The last method and URL.
    pub sent: Option<(Method, Url)>,
    /// The last answer.
    pub answer: Option<(Version, Status)>,
}

/// A response that was looked for in the cache and not found.
#[derive(Clone, Debug)]
pub struct CacheMiss {
    /// The service and workspace whose cache it is.
    pub space: Arc<str>,
    /// What tells the request from others.
    pub subject: Vec<u8>,
    /// Whether what is private may be kept.
    pub allow_private: bool,
    /// Which caches between here and the client may keep the response, too: the words of `Cache-Control` before and after
    /// the age.
    pub downstream: Option<(&'static str, &'static str)>,
}

/// What a client sent, to begin an exchange with.
pub struct Arrival {
    /// The method.
    pub method: Method,
    /// The URL as the client wrote it, with the scheme and host it used.
    pub url: Url,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Body,
    /// Who calls.
    pub client: Client,
}

/// One request and its response. Lives on one worker.
pub struct Exchange {
    /// `context.RequestId`.
    pub id: [u8; 16],
    /// `context.Timestamp`: when the request's head was there.
    pub timestamp: Timestamp,
    /// The same moment on the clock that never goes back.
    pub began: Duration,
    /// The request, as changed so far.
    pub request: Request,
    /// The response, as far as there is one. `context.Response` is null until [`Exchange::has_response`].
    pub response: Response,
    /// Whether the backend, a policy or a fault has made the response.
    pub has_response: bool,
    /// A response in the making (`return-response`), which its children change.
    pub draft: Option<Response>,
    /// A request in the making (`send-request`), which its children change.
    pub call: Option<Box<Call>>,
    /// What the client wrote.
    pub original_url: Url,
    /// The method that the client used.
    pub client_method: Method,
    /// Who calls.
    pub client: Client,
    /// The protocol that the client would rather speak, if it is one that the API speaks, too.
    pub upgrade: Option<Upgrade>,
    /// The configuration around it.
    pub entities: Entities,
    /// `context.Request.MatchedParameters`, decoded.
    pub matched: Vec<(Arc<str>, String)>,
    /// `context.Variables`.
    pub variables: Variables,
    /// `context.LastError`.
    pub last_error: Option<Fault>,
    /// When the last error came, since the beginning.
    pub last_error_at: Duration,
    /// Where the request goes.
    pub target: Target,
    /// A certificate for the backend that a policy chose.
    pub client_certificate: Option<Arc<ClientCertificate>>,
    /// A proxy that a policy chose.
    pub proxy: Option<Arc<Proxy>>,
    /// The section that runs.
    pub section: Section,
    /// What backend calls took.
    pub backend_use: BackendUse,
    /// Headers that limits put on the response when the exchange ends, whatever response that is.
    pub late_headers: Headers,
    /// What this request has counted already, of what counts it only once.
    pub counted: Counted,
    /// What response caching has done.
    pub cache_use: CacheUse,
    /// What `cache-lookup` leaves for `cache-store`.
    pub cache_miss: Option<Box<CacheMiss>>,
    /// What the worker lends.
    pub host: Rc<HostParts>,
    pub(crate) trace: Option<Box<trace::Trace>>,
    away: Option<Box<away::Away>>,
    postponed: Vec<over::Waiting>,
    settlements: Settlements,
}

impl Exchange {
    /// Begins an exchange. Routing then fills `entities`, `matched` and calls [`Exchange::aim`].
    pub fn new(host: Rc<HostParts>, arrival: Arrival) -> Self {
        let began = host.clock.monotonic();
        Self::arrived(host, arrival, began)
    }

    /// An exchange that began at this moment of the clock that never goes back.
    pub fn arrived(host: Rc<HostParts>, arrival: Arrival, began: Duration) -> Self {
        let (id, timestamp) = (host.entropy.uuid(), host.clock.now());
        Self::begun(host, arrival, id, timestamp, began)
    }

    /// An exchange that began before.
    fn begun(host: Rc<HostParts>, arrival: Arrival, id: [u8; 16], timestamp: Timestamp, began: Duration) -> Self {
        let Arrival { method, url, headers, body, client } = arrival;
        Self {
            id,
            timestamp,
            began,
            target: Target { path: Arc::clone(&url.path), ..Target::default() },
            client_method: method.clone(),
            request: Request { method, url: url.clone(), headers, body, consumed: false, streamed: false },
            response: Response::default(),
            has_response: false,
            draft: None,
            call: None,
            original_url: url,
            client,
            upgrade: None,
            entities: NOTHING_YET.with(Entities::clone),
            matched: Vec::new(),
            variables: Variables::default(),
            last_error: None,
            last_error_at: Duration::ZERO,
            client_certificate: None,
            proxy: None,
            section: Section::Inbound,
            backend_use: BackendUse::default(),
            late_headers: Headers::new(),
            counted: Counted::default(),
            cache_use: CacheUse::None,
            cache_miss: None,
            host,
            trace: None,
            away: None,
            postponed: Vec::new(),
            settlements: Settlements::default(),
        }
    }

    /// The headers of a message.
    pub fn headers(&self, on: On) -> &Headers {
        match on {
            On::Request => &self.request.headers,
            On::Response => &self.response.headers,
            On::Draft => &self.draft.as_ref().unwrap_or(&self.response).headers,
            On::Call => self.call.as_ref().map_or(&self.request.headers, |call| &call.headers),
        }
    }

    /// The headers of a message, to change them.
    pub fn headers_mut(&mut self, on: On) -> &mut Headers {
        match on {
            On::Request => &mut self.request.headers,
            On::Response | On::Draft => &mut self.response_mut(on).headers,
            On::Call => match &mut self.call {
                Some(call) => &mut call.headers,
                None => &mut self.request.headers,
            },
        }
    }

    /// The response that policies change: the one in the making, or the one that stands.
    pub fn response_mut(&mut self, on: On) -> &mut Response {
        match (on, &mut self.draft) {
            (On::Draft, Some(draft)) => draft,
            _ => &mut self.response,
        }
    }

    /// Replaces the body of a message. How the old one was encoded says nothing of the new one.
    pub fn set_body(&mut self, on: On, body: Body) {
        self.headers_mut(on).remove("Content-Encoding");
        match on {
            On::Request => {
                self.request.body = body;
                self.request.consumed = false;
                self.request.streamed = false;
            }
            On::Call => {
                if let Some(call) = &mut self.call {
                    call.body = Some(body);
                }
            }
            On::Response | On::Draft => {
                let response = self.response_mut(on);
                response.body = body;
                response.consumed = false;
            }
        }
    }

    /// Makes `response` what goes back.
    pub fn respond(&mut self, response: Response) {
        self.response = response;
        self.has_response = true;
    }

    /// Time since it began: `context.Elapsed`.
    pub fn elapsed(&self) -> Duration {
        self.host.clock.monotonic().saturating_sub(self.began)
    }

    /// The backend entity whose URL `url` lies below; a workspace's own come before those of the service.
    pub fn backend_of(&self, url: &Url) -> Option<&Arc<Backend>> {
        let workspace = self.entities.workspace.as_ref();
        let own = workspace.and_then(|workspace| workspace.directory.backend_of(url));
        own.or_else(|| self.entities.service.directory.backend_of(url))
    }

    /// Sends the request to `base` (a service URL), with `path` below it.
    pub fn aim(&mut self, base: Option<Url>, path: impl Into<Arc<str>>) {
        self.target.path = path.into();
        match base {
            Some(base) => self.aim_at(base, None),
            None => self.retarget(),
        }
    }

    /// Replaces the base: a service URL, or that of a backend entity. A query of the base goes before the request's.
    pub fn aim_at(&mut self, mut base: Url, backend: Option<Arc<Backend>>) {
        if let Some(query) = base.query.take() {
            self.request.url.query = Some(match &self.request.url.query {
                Some(own) => format!("{query}&{own}").into(),
                None => query,
            });
        }
        self.target.base = Some(base);
        self.target.backend = backend;
        self.target.fabric = None;
        self.retarget();
    }

    /// Replaces the base by the place where the service that the request is for turned out to live.
    pub fn settle_at(&mut self, base: Url) {
        self.target.base = Some(base);
        self.retarget();
    }

    /// Replaces the path below the base; it begins with `/`.
    pub fn set_path(&mut self, path: impl Into<Arc<str>>) {
        self.target.path = path.into();
        self.retarget();
    }

    fn retarget(&mut self) {
        let query = self.request.url.query.take();
        self.request.url = match &self.target.base {
            Some(base) => base.at(base.joined_shared(&self.target.path), query),
            None => self.original_url.at(Arc::clone(&self.target.path), query),
        };
    }

    /// How large a body may be that policies have in memory, in bytes.
    pub fn body_limit(&self) -> u64 {
        match self.entities.service.body_limit {
            0 => DEFAULT_BODY_LIMIT,
            limit => limit,
        }
    }

    /// The body of `side` as policies read it, if it is in memory and not coded. [`Fault::body_needed`] makes it so.
    pub fn readable(&self, side: Side) -> Option<&[u8]> {
        let body = match side {
            Side::Request => &self.request.body,
            Side::Response => &self.response.body,
        };
        body.bytes().filter(|bytes| bytes.is_empty() || self.coding(side).is_none())
    }

    /// The coding of a body, where it is one that we read. A part of a body cannot be read without the others.
    fn coding(&self, side: Side) -> Option<Coding> {
        match side {
            Side::Request => Coding::of(&self.request.headers),
            Side::Response if self.response.status.code() == 206 => None,
            Side::Response => Coding::of(&self.response.headers),
        }
    }

    /// Takes the content coding off the request or the response, where it is one that we read: at once if the body is in
    /// memory, else as it passes. `Content-Encoding` goes with it.
    pub fn decode(&mut self, side: Side) {
        let Some(coding) = self.coding(side) else { return };
        let limit = self.body_limit();
        let (headers, body) = match side {
            Side::Request => (&mut self.request.headers, &mut self.request.body),
            Side::Response => (&mut self.response.headers, &mut self.response.body),
        };
        if body.is_empty() {
            return;
        }
        headers.remove("Content-Encoding");
        body.transform(Decoding::new(coding, limit));
        // A copy of the request that is being made has its headers already, and will have its body.
        if let Some(copy) = self.call.as_mut().filter(|call| side == Side::Request && call.body.is_none()) {
            copy.headers.remove("Content-Encoding");
        }
    }

    /// Reads the body of `side` into memory, without its content coding, up to the service's limit.
    pub async fn buffer(&mut self, side: Option<Side>) -> Result<(), Fault> {
        if let Some(side) = side {
            self.decode(side);
            self.buffer_coded(side).await?;
        }
        Ok(())
    }

    /// Reads the body of `side` into memory, as it came, up to the service's limit.
    pub async fn buffer_coded(&mut self, side: Side) -> Result<(), Fault> {
        let limit = self.body_limit();
        let (body, what, too_large, unreadable) = match side {
            Side::Request => (&mut self.request.body, "request", Status::PAYLOAD_TOO_LARGE, Status::BAD_REQUEST),
            Side::Response => (&mut self.response.body, "response", Status::BAD_GATEWAY, Status::BAD_GATEWAY),
        };
        let refused = |reason, status, error: BodyError| {
            let message = format!("The {what} cannot be read by a policy: {error}.");
            Err(Fault::new("", reason, message.clone()).with_status(status).shown(message))
        };
        match body.collect(limit).await {
            Ok(_) => Ok(()),
            Err(error @ BodyError::TooLarge { .. }) => refused("BodyTooLarge", too_large, error),
            Err(error @ BodyError::Transform(_)) => refused("BodyNotReadable", unreadable, error),
            Err(error) if side == Side::Request => {
                let fault =
                    Fault::new("client", "ClientConnectionFailure", format!("The request body broke off: {error}."));
                Err(fault.with_status(Status::CLIENT_CLOSED))
            }
            Err(error) => {
                Err(Fault::new("", "BackendConnectionFailure", format!("The response body broke off: {error}.")))
            }
        }
    }
}
