//! The data plane with what it needs: what `tollgate serve` and `tollgate gateway` both run.

use std::{io, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use base::{Clock, Entropy};
use crypto::{Authority, Keyring};
use gateway::{Handle, Host, Kept, Sockets};
use handover::Handed;
use kv::Counters;
use outbound::{AddressPolicy, Backends, ClientSettings, native_roots};
use policy::{Catalogue, offload::Offload};
use serde_json::{Value, json};
use snapshot::{Compiler, Publisher};
use store::{Key, Store};
use telemetry::{AccessLogSettings, Telemetry, TraceStore};

use crate::{
    limits::{lower_priority, raise_open_files},
    output::Failed,
    serve::HostIdentities,
    settings::{Access, Settings},
    succession::{Inheritance, handed},
};

/// The names of the gateway's sockets, where they are handed over.
const HTTP: &str = "gateway.http";
const HTTPS: &str = "gateway.https";

/// Where the data plane gets its documents from, and who it is.
pub(crate) struct Source {
    /// The documents.
    pub(crate) store: Arc<dyn Store>,
    /// What opens their secrets.
    pub(crate) keyring: Arc<ArcSwap<Keyring>>,
    /// The service that answers for hosts that nobody has.
    pub(crate) default_service: Option<Key>,
    /// Whether they are those of one self-hosted gateway.
    pub(crate) self_hosted: bool,
    /// What vouches for host names without a certificate of their own.
    pub(crate) authority: Authority,
    /// Time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Randomness.
    pub(crate) entropy: Arc<dyn Entropy>,
}

/// A running data plane.
pub(crate) struct Plane {
    pub(crate) gateway: Serving,
    pub(crate) parts: Parts,
}

/// What others see and use of a data plane.
pub(crate) struct Parts {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) publisher: Arc<Publisher>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) backends: Arc<Backends>,
    pub(crate) traces: Arc<TraceStore>,
    pub(crate) counters: Arc<dyn Counters>,
    /// Where the gateway is called.
    pub(crate) url: Option<String>,
    /// How the gateway calls backends.
    outbound: ClientSettings,
    clock: Arc<dyn Clock>,
}

impl Plane {
    /// Publishes what is there and starts the gateway, on the sockets of a predecessor where there is one. When this returns, it
    /// accepts.
    pub(crate) async fn start(
        settings: &Settings,
        source: Source,
        inheritance: &mut Inheritance,
    ) -> Result<Self, Failed> {
        let Source { store, keyring, default_service, self_hosted, authority, clock, entropy } = source;
        let surface = dotnet::surface()
            .map_err(|errors| Failed::new(format!("the .NET surface does not build: {}", errors.join("; "))))?;
        let catalogue = Arc::new(catalogue::catalogue(surface));
        let compiler = Compiler {
            catalogue: Arc::clone(&catalogue),
            strict_surface: settings.policies.strict_surface,
            fail_unsupported: settings.policies.fail_unsupported(),
        };
        let parts =
            snapshot::Parts { store, keyring, compiler, clock: Arc::clone(&clock), default_service, self_hosted };
        let publisher = Arc::new(Publisher::start(parts).await.map_err(Failed::new)?);

        let backends = Arc::<Backends>::default();
        let outbound = ClientSettings {
            pool: settings.backends.pool(),
            connect_timeout: Duration::from_secs(settings.backends.connect_seconds),
            roots: native_roots(),
            backends: Arc::clone(&backends),
            ..ClientSettings::default()
        };
        let telemetry = Arc::new(Telemetry::start(access_log(settings.log.access)));
        let traces = Arc::new(TraceStore::new(Arc::clone(&clock), Arc::clone(&entropy)));
        let stores = kv::Stores::in_memory(Arc::clone(&clock), settings.gateway.cache_bytes);
        let counters = Arc::clone(&stores.counters);
        let identities = HostIdentities::new(authority, Arc::clone(&clock), publisher.shared())?;
        let offload = Arc::new(Offload::new(settings.budget.offload(), lower_priority));
        let counted = Arc::clone(&offload);
        telemetry.add(move |text| counted.moved().render(text));
        let host = Host {
            snapshot: publisher.shared(),
            clock: Arc::clone(&clock),
            entropy,
            stores,
            shared: Arc::default(),
            traces: Arc::clone(&traces),
            token_endpoint: settings.managed_identity.endpoint().map_err(Failed::usage)?,
            offload: Some(offload),
            outbound: outbound.clone(),
            identities: Some(Arc::new(identities)),
        };
        let gateway_settings = settings.gateway.listeners(raise_open_files());
        let inherited = Sockets {
            http: inheritance.sockets(HTTP, gateway_settings.http),
            https: inheritance.sockets(HTTPS, gateway_settings.https),
        };
        let gateway = gateway::serve_on(gateway_settings, inherited, host, &telemetry)
            .map_err(|error| listening("the gateway", "--gateway-http and --gateway-https", &error))?;
        let addresses = gateway.addresses();
        let plain = addresses.http.map(|address| format!("http://localhost:{}", address.port()));
        let url = plain.or_else(|| addresses.https.map(|address| format!("https://localhost:{}", address.port())));
        let parts = Parts { catalogue, publisher, telemetry, backends, traces, counters, url, outbound, clock };
        let gateway = Serving {
            gateway,
            telemetry: Arc::clone(&parts.telemetry),
            drain: Duration::from_secs(settings.gateway.drain_seconds),
            hand_over: Duration::from_secs(settings.gateway.hand_over_seconds),
        };
        Ok(Self { gateway, parts })
    }
}

/// The gateway's workers, until they stop.
pub(crate) struct Serving {
    gateway: Handle,
    telemetry: Arc<Telemetry>,
    /// How long requests under way may take when the process stops, and when a successor has taken over.
    drain: Duration,
    hand_over: Duration,
}

impl Serving {
    /// How long what is under way may take when the process stops.
    pub(crate) fn drain(&self) -> Duration {
        self.drain
    }

    /// Copies of the sockets, for a successor.
    pub(crate) fn handed(&self) -> io::Result<Vec<Handed>> {
        let Sockets { http, https } = self.gateway.sockets();
        let http = http.iter().map(|socket| handed(HTTP, socket));
        http.chain(https.iter().map(|socket| handed(HTTPS, socket))).collect()
    }

    /// Finishes what is under way, where a successor serves what `kept` names. Once `hurry` completes, that must not take longer than
    /// when the process stops.
    pub(crate) async fn leave(self, kept: &[String], hurry: impl Future<Output = ()>) {
        let kept = |name: &str| kept.iter().any(|kept| kept == name);
        let mut leaving = self.gateway.hand_over(Kept { http: kept(HTTP), https: kept(HTTPS) }, self.hand_over);
        let is_finished = tokio::select! {
            () = leaving.finished() => true,
            () = hurry => false,
        };
        if !is_finished {
            leaving.hurry(self.drain);
            leaving.finished().await;
        }
        flush(self.telemetry).await;
    }

    /// Takes nothing new and finishes what is under way.
    pub(crate) async fn stop(self) {
        self.gateway.shutdown(self.drain).await;
        flush(self.telemetry).await;
    }
}

/// The log gets its last lines before the process ends.
async fn flush(telemetry: Arc<Telemetry>) {
    let _ = tokio::task::spawn_blocking(move || telemetry.flush()).await;
}

impl Parts {
    /// How others call out, beside the gateway: with its trust, under an address policy of their own.
    pub(crate) fn client(&self, addresses: Arc<dyn AddressPolicy>) -> ClientSettings {
        ClientSettings { addresses, ..self.outbound.clone() }
    }

    /// What could not be used of the configuration, for the status.
    pub(crate) fn faults(&self) -> Vec<Value> {
        let snapshot = self.publisher.current();
        let faults = snapshot.problems();
        faults.map(|problem| json!({ "id": problem.key.as_str(), "message": problem.message })).collect()
    }

    /// The names of the services that are served.
    pub(crate) fn services(&self) -> Vec<String> {
        self.publisher.current().services().iter().map(|service| service.entity.name.to_string()).collect()
    }

    /// The backends that are left alone at the moment, for the status.
    pub(crate) fn open_breakers(&self) -> Vec<Value> {
        let open = self.backends.open(self.clock.monotonic()).into_iter();
        open.map(|(id, left)| json!({ "id": &*id, "retryAfterSeconds": left.as_secs() + 1 })).collect()
    }
}

fn access_log(access: Access) -> Option<AccessLogSettings> {
    let format = match access {
        Access::Off => return None,
        Access::Text => telemetry::Format::Text,
        Access::Json => telemetry::Format::Json,
    };
    Some(AccessLogSettings { format, output: Box::new(io::stdout()) })
}

/// That an address cannot be listened on, and what to do about it.
pub(crate) fn listening(what: &str, flag: &str, error: &io::Error) -> Failed {
    Failed::new(format!("{what} cannot listen: {error}; choose another address with {flag}"))
}
