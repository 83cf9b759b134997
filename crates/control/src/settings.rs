//! What the composition root decides about the management plane.

use std::time::Duration;

/// Settings of [`Control`](crate::Control).
#[derive(Clone, Debug)]
pub struct Settings {
    /// Scheme, host and port that clients use, without a slash at the end: `https://localhost:9443`.
    pub origin: String,
    /// The tenant, as a UUID.
    pub tenant: String,
    /// What `gatewayUrl` of a service is; `{name}` stands for the service's name: `http://{name}.localhost:8080`.
    pub gateway_url: String,
    /// The locations that are offered, by their short names. A deployment of one's own has only one place, and clients
    /// insist on naming one.
    pub locations: Vec<String>,
    /// How long a write waits for its publication before the answer says that it is still under way.
    pub publish_wait: Duration,
    /// How long a token is valid.
    pub token_lifetime: Duration,
    /// How old a signing key becomes before another one takes its place.
    pub signing_key_lifetime: Duration,
    /// The largest document that is fetched on behalf of a caller, in bytes.
    pub fetch_limit: usize,
}

impl Settings {
    /// The defaults for one origin and tenant.
    pub fn new(origin: impl Into<String>, tenant: impl Into<String>, gateway_url: impl Into<String>) -> Self {
        Self {
            origin: origin.into(),
            tenant: tenant.into(),
            gateway_url: gateway_url.into(),
            locations: ["local", "westus", "westus2", "eastus", "eastus2", "westeurope", "northeurope"]
                .map(str::to_owned)
                .to_vec(),
            publish_wait: Duration::from_secs(10),
            token_lifetime: Duration::from_hours(1),
            signing_key_lifetime: Duration::from_hours(30 * 24),
            fetch_limit: 4 * 1024 * 1024,
        }
    }
}
