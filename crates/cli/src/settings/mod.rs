//! What `tollgate serve` can be told: defaults, then a TOML file, then the environment, then flags.

mod layer;
mod listen;

use std::{path::PathBuf, time::Duration};

use base::Secret;
use gateway::{GatewaySettings, Timeouts};
use outbound::PoolSettings;
use policy::{Url, offload, tokens::TokenEndpoint};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use self::{layer::Layer, listen::Listen};

/// Everything that can be set, with its default. The keys of the file are these names in kebab case.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// The folder of the database, the keys and the certificates.
    pub data: PathBuf,
    /// The data plane.
    pub gateway: Gateway,
    /// Connections to backends.
    pub backends: Backends,
    /// The management API and sign-in.
    pub management: Management,
    /// The management node of a self-hosted gateway.
    pub config_service: ConfigService,
    /// Status and metrics, for whoever runs the node.
    pub admin: Admin,
    /// Tokens that sign-in gives out.
    pub sign_in: SignIn,
    /// Where the gateway gets tokens of the machine's own identity.
    pub managed_identity: ManagedIdentity,
    /// How strictly policies are taken.
    pub policies: Policies,
    /// How long policies may compute, and where.
    pub budget: Budget,
    /// What is written about it all.
    pub log: Log,
}

/// `[gateway]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Gateway {
    /// Where plain HTTP is served.
    pub http: Listen,
    /// Where HTTPS is served.
    pub https: Listen,
    /// Worker threads; 0 means one per core.
    pub workers: usize,
    /// The largest request body in bytes that is taken at all.
    pub max_body_bytes: u64,
    /// How much the cache of responses and values holds, in bytes; 0 turns it off.
    pub cache_bytes: u64,
    /// Open connections of clients, in all; fewer, where the process may not have so many open files.
    pub max_connections: usize,
    /// Seconds from the first byte of a request to the end of its head; from connecting, for the first one and for a TLS handshake.
    pub request_head_seconds: u64,
    /// Seconds between two pieces of a request body.
    pub request_body_seconds: u64,
    /// Seconds in which a client must take something of its response.
    pub response_write_seconds: u64,
    /// Seconds between a response and the next request.
    pub idle_seconds: u64,
    /// Seconds that requests under way have to finish when the process is asked to stop.
    pub drain_seconds: u64,
    /// Seconds that requests under way have to finish when a successor has taken over.
    pub hand_over_seconds: u64,
}

/// `[backends]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Backends {
    /// Connections of the process to one host and port.
    pub connections: usize,
    /// Requests that may wait for one of them; more are refused with 503.
    pub waiting: usize,
    /// Seconds that opening a connection may take, and the wait for one.
    pub connect_seconds: u64,
    /// Seconds that a connection may be idle.
    pub idle_seconds: u64,
    /// Seconds after which a connection takes no further request.
    pub oldest_seconds: u64,
}

/// `[management]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Management {
    /// Where management and sign-in are served over HTTPS, on one origin.
    pub https: Listen,
    /// Host names and addresses, between commas, that the certificate bears besides `localhost`: for gateways on other machines.
    pub host_names: String,
}

/// `[config-service]`: what `tollgate gateway` needs and nothing else looks at.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ConfigService {
    /// The node's management address, such as `https://node.example:9443`.
    pub endpoint: String,
    /// The gateway's token, `GatewayKey …`.
    pub auth: Hidden,
    /// A file with the token, which is read again when the node refuses it; empty for none.
    pub auth_file: String,
    /// A file with the certificates (PEM) that may vouch for the node; empty for those of the system.
    pub ca: String,
    /// A file with the secret that seals what is kept on disk, made if it is not there; empty to seal with the token.
    pub seal_file: String,
}

/// `[admin]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Admin {
    /// Where `/status` and `/metrics` are served over plain HTTP. Neither holds a secret.
    pub http: Listen,
}

/// `[sign-in]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SignIn {
    /// How many seconds a token is valid.
    pub token_seconds: u64,
}

/// `[managed-identity]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ManagedIdentity {
    /// The token endpoint, or `off`.
    pub endpoint: String,
    /// The secret that an endpoint in the style of App Service wants in `X-IDENTITY-HEADER`; empty for the style of a
    /// virtual machine.
    pub header: Hidden,
}

/// A text that does not show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hidden(pub Secret<String>);

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(Secret::new(String::deserialize(from)?)))
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

/// `[policies]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Policies {
    /// What happens to a policy that is valid and cannot run here yet.
    pub unsupported: Unsupported,
    /// Whether a .NET member beyond the published list is an error instead of a warning.
    pub strict_surface: bool,
}

/// `[budget]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Budget {
    /// Milliseconds that a policy may keep a worker from its other connections. What takes longer runs on a thread of its
    /// own; 0 sends everything there that may take long. As much as `max-ms` or more keeps all on the workers.
    pub turn_ms: u64,
    /// Milliseconds after which an expression fails.
    pub max_ms: u64,
    /// Threads for what takes longer than its turn; 0 means one per core.
    pub threads: usize,
    /// How much of it may wait for a thread; beyond, it is refused with 503.
    pub queue: usize,
}

/// What happens to a policy that cannot run yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unsupported {
    /// Its document is refused when it is saved.
    Refuse,
    /// Its document is saved, and a request that reaches it is answered with 501.
    FailRequest,
}

/// `[log]`
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Log {
    /// The least important events that are written.
    pub level: Level,
    /// How events are written to standard error.
    pub format: Format,
    /// How each exchange is written to standard output.
    pub access: Access,
}

/// How important an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something failed.
    Error,
    /// Something may fail.
    Warn,
    /// Something happened.
    Info,
    /// Details for whoever looks for a fault.
    Debug,
}

/// How events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A line for people.
    Text,
    /// A JSON object a line.
    Json,
}

/// How exchanges are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// Not at all.
    Off,
    /// A line for people.
    Text,
    /// A JSON object a line.
    Json,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data: PathBuf::from("tollgate-data"),
            gateway: Gateway::default(),
            backends: Backends::default(),
            management: Management::default(),
            config_service: ConfigService::default(),
            admin: Admin::default(),
            sign_in: SignIn::default(),
            managed_identity: ManagedIdentity::default(),
            policies: Policies::default(),
            budget: Budget::default(),
            log: Log::default(),
        }
    }
}

impl Default for Gateway {
    fn default() -> Self {
        let GatewaySettings { limits, timeouts, .. } = GatewaySettings::default();
        Self {
            http: Listen::loopback(8080),
            https: Listen::loopback(8443),
            workers: 0,
            max_body_bytes: 1 << 30,
            cache_bytes: kv::DEFAULT_CACHE_SIZE,
            max_connections: limits.connections,
            request_head_seconds: timeouts.request_head.as_secs(),
            request_body_seconds: timeouts.request_body.as_secs(),
            response_write_seconds: timeouts.response_write.as_secs(),
            idle_seconds: timeouts.idle.as_secs(),
            drain_seconds: 20,
            hand_over_seconds: 600,
        }
    }
}

impl Gateway {
    /// The same for the data plane, in a process that may have so many open files.
    pub(crate) fn listeners(&self, files: Option<u64>) -> GatewaySettings {
        let mut gateway = GatewaySettings {
            http: self.http.0,
            https: self.https.0,
            workers: self.workers,
            timeouts: Timeouts {
                request_head: Duration::from_secs(self.request_head_seconds),
                request_body: Duration::from_secs(self.request_body_seconds),
                response_write: Duration::from_secs(self.response_write_seconds),
                idle: Duration::from_secs(self.idle_seconds),
            },
            ..GatewaySettings::default()
        };
        gateway.limits.body = Some(self.max_body_bytes);
        // A quarter is for backends, the store and whatever else is open. Most clients are idle, and an idle one needs no backend.
        let room = files.map_or(u64::MAX, |files| files - files / 4);
        gateway.limits.connections = self.max_connections.min(usize::try_from(room).unwrap_or(usize::MAX));
        gateway
    }
}

impl Default for Backends {
    fn default() -> Self {
        let pool = PoolSettings::default();
        Self {
            connections: pool.most,
            waiting: pool.longest_line,
            connect_seconds: 30,
            idle_seconds: pool.idle_for.as_secs(),
            oldest_seconds: pool.oldest.as_secs(),
        }
    }
}

impl Backends {
    /// The same for the client.
    pub(crate) fn pool(&self) -> PoolSettings {
        PoolSettings {
            most: self.connections,
            longest_line: self.waiting,
            idle_for: Duration::from_secs(self.idle_seconds),
            oldest: Duration::from_secs(self.oldest_seconds),
            ..PoolSettings::default()
        }
    }
}

impl Default for Management {
    fn default() -> Self {
        Self { https: Listen::loopback(9443), host_names: String::new() }
    }
}

impl Default for Admin {
    fn default() -> Self {
        Self { http: Listen::loopback(9180) }
    }
}

impl Default for SignIn {
    fn default() -> Self {
        Self { token_seconds: 3600 }
    }
}

impl Default for ManagedIdentity {
    fn default() -> Self {
        Self { endpoint: policy::login::INSTANCE_METADATA.to_owned(), header: Hidden::default() }
    }
}

impl ManagedIdentity {
    /// The endpoint; none where it is off.
    ///
    /// # Errors
    /// What is wrong with the address.
    pub fn endpoint(&self) -> Result<Option<TokenEndpoint>, String> {
        if self.endpoint.eq_ignore_ascii_case("off") {
            return Ok(None);
        }
        let url = Url::parse(&self.endpoint)
            .ok_or_else(|| format!("`{}` is not an absolute URL; name a token endpoint, or off", self.endpoint))?;
        let secret = self.header.0.expose();
        Ok(Some(match secret.as_str() {
            "" => TokenEndpoint::InstanceMetadata(url),
            secret => TokenEndpoint::AppService { url, secret: Secret::new(secret.into()) },
        }))
    }
}

impl Default for Policies {
    fn default() -> Self {
        Self { unsupported: Unsupported::Refuse, strict_surface: false }
    }
}

impl Policies {
    /// Whether a document with a policy that cannot run yet is taken all the same.
    pub(crate) fn fail_unsupported(&self) -> bool {
        self.unsupported == Unsupported::FailRequest
    }
}

impl Default for Budget {
    fn default() -> Self {
        let offload::Budget { turn, most, waiting, .. } = offload::Budget::default();
        let milliseconds = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self { turn_ms: turn.map_or(u64::MAX, milliseconds), max_ms: milliseconds(most), threads: 0, queue: waiting }
    }
}

impl Budget {
    /// As the gateway takes it.
    pub(crate) fn offload(&self) -> offload::Budget {
        let default = offload::Budget::default();
        offload::Budget {
            turn: (self.turn_ms < self.max_ms).then_some(Duration::from_millis(self.turn_ms)),
            most: Duration::from_millis(self.max_ms),
            threads: if self.threads == 0 { default.threads } else { self.threads },
            waiting: self.queue,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: Level::Info, format: Format::Text, access: Access::Text }
    }
}
