//! A running node: store, snapshot, gateway, management, admin.

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use base::{Clock, Entropy, Secret};
use control::{Control, Later, Publication};
use crypto::Keyring;
use outbound::{Fetcher, PublicAddress};
use serde_json::{Value, json};
use snapshot::Publisher;
use store::{Position, Store};
use store_sqlite::Sqlite;
use tokio::{
    net::TcpListener,
    sync::{Mutex, watch},
    task::JoinHandle,
};

use super::{
    DataFolder,
    backends::Kept,
    banner::{Banner, First},
    certificates::management,
    fetch::Links,
    first_start::{Identity, seed},
    policies::Check,
    traces::Traces,
};
use crate::{
    host::{SystemClock, SystemEntropy},
    output::Failed,
    plane::{Parts, Plane, Source, listening},
    settings::Settings,
};

/// What lies in the data folder, opened: enough for commands that work on a stopped node.
pub(crate) struct Storage {
    pub(crate) folder: DataFolder,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keyring: Arc<ArcSwap<Keyring>>,
    pub(crate) identity: Identity,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
}

impl Storage {
    /// Opens the folder and takes its lock.
    pub(crate) async fn open(path: &std::path::Path) -> Result<Self, Failed> {
        let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let folder = DataFolder::open(path)?;
        let keyring = folder.keyring(&*entropy)?;
        let store = Sqlite::open(&folder.store())
            .map_err(|error| Failed::new(format!("{}: {error}", folder.path().display())))?;
        let identity = Identity::of(&store, &*clock, &*entropy).await?;
        Ok(Self {
            folder,
            store: Arc::new(store),
            keyring: Arc::new(ArcSwap::from_pointee(keyring)),
            identity,
            clock,
            entropy,
        })
    }
}

/// Everything that runs.
pub(crate) struct Node {
    gateway: gateway::Handle,
    drain: Duration,
    stop: watch::Sender<bool>,
    listeners: Vec<JoinHandle<()>>,
    running: Arc<Running>,
    first: Option<First>,
}

/// What the admin address tells and does.
struct Running {
    storage: Storage,
    control: Arc<Control>,
    plane: Parts,
    admin_token: Secret<String>,
    /// Held while keys rotate: one rotation must not retire the key that another has just made.
    rotating: Mutex<()>,
    began: Instant,
    management: String,
    admin: Option<String>,
}

impl Node {
    /// Starts all of it. When this returns, every listener accepts.
    pub(crate) async fn start(settings: &Settings) -> Result<Self, Failed> {
        let began = Instant::now();
        let storage = Storage::open(&settings.data).await?;
        let Storage { folder, store, keyring, identity, clock, entropy } = &storage;
        let authority = || folder.authority(clock.now());
        let admin_token = folder.admin_token(&**entropy)?;
        let management_tls = management(&authority()?, &**clock)?;

        let source = Source {
            store: Arc::clone(store),
            keyring: Arc::clone(keyring),
            default_service: Some(identity.default_service()),
            authority: authority()?,
            clock: Arc::clone(clock),
            entropy: Arc::clone(entropy),
        };
        let Plane { gateway, parts: plane } = Plane::start(settings, source).await?;

        let listener = bind(settings.management.https.0, "management", "--management").await?;
        let listener = listener
            .ok_or_else(|| Failed::usage("the management API cannot be off; name an address with --management"))?;
        let management_url = format!("https://localhost:{}", listener.local_addr().map_err(Failed::new)?.port());
        let admin_listener = bind(settings.admin.http.0, "the admin address", "--admin").await?;
        let admin_url = admin_listener
            .as_ref()
            .and_then(|listener| listener.local_addr().ok())
            .map(|address| format!("http://{address}"));

        let url_of_service =
            plane.url.as_deref().unwrap_or("http://localhost").replacen("localhost", "{name}.localhost", 1);
        let mut control_settings = control::Settings::new(&*management_url, &*identity.tenant, url_of_service);
        control_settings.token_lifetime = Duration::from_secs(settings.sign_in.token_seconds);
        let fetcher = Fetcher::start(plane.client(Arc::new(PublicAddress)), Arc::clone(clock)).map_err(Failed::new)?;
        let control = Arc::new(Control::new(control::Parts {
            store: Arc::clone(store),
            keyring: Arc::clone(keyring),
            publication: Arc::new(Published(Arc::clone(&plane.publisher))),
            policies: Arc::new(Check {
                catalogue: Arc::clone(&plane.catalogue),
                strict_surface: settings.policies.strict_surface,
                fail_unsupported: settings.policies.fail_unsupported(),
            }),
            debugging: Arc::new(Traces(Arc::clone(&plane.traces))),
            counters: Arc::clone(&plane.counters),
            connections: Arc::new(Kept {
                publisher: Arc::clone(&plane.publisher),
                backends: Arc::clone(&plane.backends),
                clock: Arc::clone(clock),
            }),
            fetch: Arc::new(Links(fetcher)),
            clock: Arc::clone(clock),
            entropy: Arc::clone(entropy),
            settings: control_settings,
        }));
        let first = match &identity.administrator {
            Some(_) => None,
            None => Some(seed(identity, &control, store, &**clock).await?),
        };

        let (stop, stopped) = watch::channel(false);
        let router = management::router(Arc::clone(&control), management::Limits::default());
        let drain = Duration::from_secs(settings.gateway.drain_seconds);
        let mut listeners =
            vec![tokio::spawn(management::serve(listener, management_tls, router, asked(stopped.clone()), drain))];
        let running = Arc::new(Running {
            control,
            plane,
            admin_token,
            rotating: Mutex::default(),
            began,
            management: management_url,
            admin: admin_url,
            storage,
        });
        if let Some(listener) = admin_listener {
            listeners.push(tokio::spawn(management::serve_admin(
                listener,
                Arc::clone(&running) as Arc<dyn management::Node>,
                asked(stopped),
            )));
        }
        Ok(Self { gateway, drain, stop, listeners, running, first })
    }

    /// What the start prints.
    pub(crate) fn banner(&self) -> String {
        let Running { storage, plane, management, admin, .. } = &*self.running;
        let banner = Banner {
            folder: storage.folder.path(),
            gateway: plane.url.as_deref(),
            management,
            admin: admin.as_deref(),
            tenant: &storage.identity.tenant,
            first: self.first.as_ref(),
        };
        banner.text()
    }

    /// Takes nothing new and lets what is under way finish.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        self.gateway.shutdown(self.drain).await;
        for listener in self.listeners {
            // A listener that panicked has nothing left to finish.
            let _ = listener.await;
        }
        let running = self.running;
        // The log gets its last lines before the process ends.
        let _ = tokio::task::spawn_blocking(move || running.plane.telemetry.flush()).await;
    }
}

impl management::Node for Running {
    fn status(&self) -> Pin<Box<dyn Future<Output = Value> + Send + '_>> {
        Box::pin(async move {
            let stored = self.storage.store.position().await;
            let faults = self.plane.faults();
            json!({
                "healthy": faults.is_empty() && stored.is_ok(),
                "version": env!("CARGO_PKG_VERSION"),
                "uptimeSeconds": self.began.elapsed().as_secs(),
                "gateway": self.plane.url,
                "management": self.management,
                "stored": stored.map(|position| position.0).ok(),
                "published": self.plane.publisher.current().position.0,
                "services": self.plane.services(),
                "openBreakers": self.plane.open_breakers(),
                "faults": faults,
            })
        })
    }

    fn metrics(&self) -> String {
        self.plane.telemetry.snapshot_published(self.plane.publisher.current().position.0);
        self.plane.telemetry.render()
    }

    fn admits(&self, token: &str) -> bool {
        crypto::equal(token.as_bytes(), self.admin_token.expose().as_bytes())
    }

    fn rotate_keys(&self) -> Pin<Box<dyn Future<Output = Result<usize, String>> + Send + '_>> {
        Box::pin(async move {
            let _rotating = self.rotating.lock().await;
            let Storage { folder, keyring, entropy, .. } = &self.storage;
            let rotated = |change: &dyn Fn(&mut Keyring)| {
                let mut next =
                    Keyring::from_text(keyring.load().to_text().expose()).map_err(|error| error.to_string())?;
                change(&mut next);
                // On disk before the first value is sealed with it.
                folder.write_keyring(&next).map_err(|error| error.to_string())?;
                keyring.store(Arc::new(next));
                Ok::<_, String>(())
            };
            rotated(&|next| next.rotate(&**entropy))?;
            let sealed = self.control.reseal().await.map_err(|error| match &error.cause {
                // Whoever may rotate keys may read why it failed.
                Some(cause) => cause.to_string(),
                None => error.to_string(),
            })?;
            rotated(&Keyring::retire)?;
            Ok(sealed)
        })
    }
}

/// What control waits for after a write.
struct Published(Arc<Publisher>);

impl Publication for Published {
    fn published(&self, position: Position) -> Later<'_, ()> {
        Box::pin(self.0.published(position))
    }
}

pub(crate) async fn bind(address: Option<SocketAddr>, what: &str, flag: &str) -> Result<Option<TcpListener>, Failed> {
    let Some(address) = address else { return Ok(None) };
    TcpListener::bind(address).await.map(Some).map_err(|error| listening(&format!("{what} ({address})"), flag, &error))
}

pub(crate) async fn asked(mut stopped: watch::Receiver<bool>) {
    // An error says that the node is gone: then it is time to stop as well.
    let _ = stopped.wait_for(|stop| *stop).await;
}
