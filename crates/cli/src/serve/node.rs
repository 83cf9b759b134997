//! A running node: store, snapshot, gateway, management, admin.

use std::{
    fs::File,
    io::{self, Write},
    net::TcpListener,
    os::fd::OwnedFd,
    path::Path,
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use base::{Clock, Entropy, Secret};
use control::{Control, Later, Publication};
use crypto::Keyring;
use handover::Handed;
use outbound::{Fetcher, PublicAddress};
use rustls::ServerConfig;
use serde_json::{Value, json};
use snapshot::Publisher;
use store::{Position, Store};
use store_sqlite::Sqlite;
use tokio::{
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
    gateways,
    policies::Check,
    traces::Traces,
};
use crate::{
    host::{SystemClock, SystemEntropy},
    output::Failed,
    plane::{self, Parts, Plane, Source},
    settings::Settings,
    succession::{Inheritance, Serving, copy, handed, listen},
};

/// The names of what is handed over besides the gateway's sockets.
const MANAGEMENT: &str = "management.https";
const ADMIN: &str = "admin.http";
const STORE: &str = "store.lock";

/// What lies in the data folder, opened: enough for commands that work on a stopped node.
pub(crate) struct Storage {
    pub(crate) folder: DataFolder,
    pub(crate) store: Arc<dyn Store>,
    /// Held by each process that works on the store; it closes with the last of them.
    pub(crate) lock: File,
    pub(crate) keyring: Arc<ArcSwap<Keyring>>,
    pub(crate) identity: Identity,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
}

impl Storage {
    /// Opens the folder and takes its lock; together with a predecessor, where that gave it.
    pub(crate) async fn open(path: &Path, lock: Option<File>) -> Result<Self, Failed> {
        let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let folder = DataFolder::open(path)?;
        let keyring = folder.keyring(&*entropy)?;
        let store = match lock {
            Some(lock) => Sqlite::open_beside(&folder.store(), lock),
            None => Sqlite::open(&folder.store()),
        };
        let store = store.map_err(|error| Failed::new(format!("{}: {error}", folder.path().display())))?;
        let lock = store.lock().map_err(Failed::new)?;
        let identity = Identity::of(&store, &*clock, &*entropy).await?;
        Ok(Self {
            folder,
            store: Arc::new(store),
            lock,
            keyring: Arc::new(ArcSwap::from_pointee(keyring)),
            identity,
            clock,
            entropy,
        })
    }
}

/// Everything that runs.
pub(crate) struct Node {
    gateway: plane::Serving,
    /// Where management is served. Whoever connects while it is not waits in the queue of the socket.
    management: TcpListener,
    admin: Option<TcpListener>,
    management_tls: Arc<ServerConfig>,
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
    /// Starts all of it. When this returns, the gateway accepts; the other listeners do once it is told to go on.
    pub(crate) async fn start(settings: &Settings, inheritance: &mut Inheritance) -> Result<Self, Failed> {
        let began = Instant::now();
        let lock = inheritance.take(STORE).next().map(File::from);
        let storage = Storage::open(&settings.data, lock).await?;
        let Storage { folder, store, lock: _, keyring, identity, clock, entropy } = &storage;
        let authority = || folder.authority(clock.now());
        let admin_token = folder.admin_token(&**entropy)?;
        let management_tls = management(&authority()?, &settings.management.host_names, &**clock)?;

        let source = Source {
            store: Arc::clone(store),
            keyring: Arc::clone(keyring),
            default_service: Some(identity.default_service()),
            self_hosted: false,
            authority: authority()?,
            clock: Arc::clone(clock),
            entropy: Arc::clone(entropy),
        };
        // Before the gateway accepts anybody: a successor that fails now has nobody to let down.
        let listener = listen(settings.management.https.0, inheritance, MANAGEMENT, "--management")?;
        let listener = listener
            .ok_or_else(|| Failed::usage("the management API cannot be off; name an address with --management"))?;
        let management_url = format!("https://localhost:{}", listener.local_addr().map_err(Failed::new)?.port());
        let admin_listener = listen(settings.admin.http.0, inheritance, ADMIN, "--admin")?;
        let admin_url = admin_listener
            .as_ref()
            .and_then(|listener| listener.local_addr().ok())
            .map(|address| format!("http://{address}"));

        let Plane { gateway, parts: plane } = Plane::start(settings, source, inheritance).await?;
        let (control, first) = match manage(settings, &storage, &plane, &management_url).await {
            Ok(managed) => managed,
            Err(error) => {
                gateway.stop().await;
                return Err(error);
            }
        };
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
        Ok(Self {
            gateway,
            management: listener,
            admin: admin_listener,
            management_tls,
            stop: watch::Sender::new(false),
            listeners: Vec::new(),
            running,
            first,
        })
    }

    /// Serves management and the admin address.
    fn open(&mut self) -> io::Result<()> {
        self.stop = watch::Sender::new(false);
        self.running.control.release_gateways(false);
        let asked = || asked(self.stop.subscribe());
        let drain = self.gateway.drain();
        let router = management::router(Arc::clone(&self.running.control), management::Limits::default());
        let tls = Some(Arc::clone(&self.management_tls));
        self.listeners.push(tokio::spawn(management::serve(copy(&self.management)?, tls, router, asked(), drain)));
        if let Some(admin) = &self.admin {
            let router = management::admin_router(Arc::clone(&self.running) as Arc<dyn management::Node>);
            self.listeners.push(tokio::spawn(management::serve(copy(admin)?, None, router, asked(), drain)));
        }
        Ok(())
    }

    /// Finishes what management has under way.
    async fn close(&mut self) {
        self.running.control.release_gateways(true);
        self.stop.send_replace(true);
        for listener in self.listeners.drain(..) {
            // A listener that panicked has nothing left to finish.
            let _ = listener.await;
        }
    }

    /// What the start prints.
    fn banner(&self) -> String {
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
}

impl Serving for Node {
    async fn give_way(&mut self) -> io::Result<Vec<Handed>> {
        // Both could write. Whoever has something to write waits in the queue of the socket for either.
        self.close().await;
        let mut all = self.gateway.handed()?;
        let lock = self.running.storage.lock.try_clone()?;
        all.push(Handed { name: STORE.to_owned(), fd: OwnedFd::from(lock) });
        all.push(handed(MANAGEMENT, &self.management)?);
        if let Some(admin) = &self.admin {
            all.push(handed(ADMIN, admin)?);
        }
        Ok(all)
    }

    fn go_on(&mut self) {
        if let Err(error) = self.open() {
            tracing::error!(%error, "management cannot be served");
        }
    }

    fn announce(&self) {
        // Whoever does not read it is served all the same.
        let _ = io::stdout().write_all(self.banner().as_bytes());
    }

    async fn leave(self, kept: &[String], hurry: impl Future<Output = ()>) {
        let Self { gateway, management, admin, running, .. } = self;
        // The store with its lock, and everything that knows it: what is under way needs the last snapshot and nothing else.
        drop((management, admin, running));
        gateway.leave(kept, hurry).await;
    }

    async fn stop(mut self) {
        self.running.control.release_gateways(true);
        self.stop.send_replace(true);
        let listeners = std::mem::take(&mut self.listeners);
        self.gateway.stop().await;
        for listener in listeners {
            // A listener that panicked has nothing left to finish.
            let _ = listener.await;
        }
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
                "pid": std::process::id(),
                "uptimeSeconds": self.began.elapsed().as_secs(),
                "gateway": self.plane.url,
                "management": self.management,
                "stored": stored.map(|position| position.0).ok(),
                "published": self.plane.publisher.current().position.0,
                "gateways": gateways::seen(&self.control),
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

/// What management calls reach; and what a first start makes.
async fn manage(
    settings: &Settings,
    storage: &Storage,
    plane: &Parts,
    management_url: &str,
) -> Result<(Arc<Control>, Option<First>), Failed> {
    let Storage { store, keyring, identity, clock, entropy, .. } = storage;
    let url_of_service =
        plane.url.as_deref().unwrap_or("http://localhost").replacen("localhost", "{name}.localhost", 1);
    let mut control_settings = control::Settings::new(management_url, &*identity.tenant, url_of_service);
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
    gateways::metrics(&plane.telemetry, &control);
    let first = match &identity.administrator {
        Some(_) => None,
        None => Some(seed(identity, &control, store, &**clock).await?),
    };
    Ok((control, first))
}

/// What control waits for after a write.
struct Published(Arc<Publisher>);

impl Publication for Published {
    fn published(&self, position: Position) -> Later<'_, ()> {
        Box::pin(self.0.published(position))
    }
}

pub(crate) async fn asked(mut stopped: watch::Receiver<bool>) {
    // An error says that the node is gone: then it is time to stop as well.
    let _ = stopped.wait_for(|stop| *stop).await;
}
