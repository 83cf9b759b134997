//! A running self-hosted gateway: what it was told, the data plane over it, and the link to its node.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    net::TcpListener,
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use base::{Clock, Entropy};
use crypto::Keyring;
use handover::Handed;
use replication::{Follower, Found, Link, Replica, follow};
use store::{Position, Store};
use tokio::{sync::watch, task::JoinHandle};

use super::{
    auth::{Auth, seal_file},
    status::{Running, metrics},
    upstream::Node,
};
use crate::{
    host::{SystemClock, SystemEntropy},
    output::Failed,
    plane::{self, Plane, Source},
    serve::{DataFolder, asked},
    settings::Settings,
    succession::{Inheritance, Serving, copy, handed, listen},
};

/// The names of what is handed over, besides the gateway's sockets.
const ADMIN: &str = "admin.http";
const LOCK: &str = "gateway.lock";

/// How often the node is told how this process is.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Everything that runs.
pub(super) struct Edge {
    gateway: plane::Serving,
    admin: Option<TcpListener>,
    /// That no other process works on the folder.
    lock: File,
    follower: Follower,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    running: Arc<Running>,
}

impl Edge {
    /// Starts the data plane on what is kept on disk; where nothing is, as soon as the node has told it. When this returns, the gateway
    /// accepts.
    pub(super) async fn start(settings: &Settings, inheritance: &mut Inheritance) -> Result<Self, Failed> {
        let began = Instant::now();
        let (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let config = &settings.config_service;
        let auth = Arc::new(Auth::of(config)?);
        let folder = DataFolder::open(&settings.data)?;
        let lock = lock(&folder, inheritance)?;
        let by_token = config.seal_file.is_empty();
        let secret = if by_token { auth.secret() } else { seal_file(&config.seal_file, &*entropy)? };
        let (replica, found) = Replica::open(&folder.documents(), secret, Arc::clone(&entropy));
        let replica = Arc::new(replica);
        let resealing = (Arc::clone(&replica), Arc::clone(&auth));
        let renewed = move |_| {
            if by_token {
                let (replica, auth) = resealing.clone();
                // Writing everything takes its time, and the token is good at once.
                tokio::task::spawn_blocking(move || replica.reseal(auth.secret()));
            }
        };
        let node = Arc::new(Node::of(config, auth, Arc::clone(&clock), Box::new(renewed))?);
        match found {
            Found::Documents(count) => {
                tracing::info!(documents = count, "serving what is kept here until the node tells more");
            }
            Found::Nothing => {}
            Found::Unusable(why) => {
                let file = folder.documents().display().to_string();
                tracing::error!(
                    why,
                    file,
                    "what is kept here cannot be used, or not all of it; the node has to tell it again"
                );
            }
        }
        let follower = Follower {
            replica: Arc::clone(&replica),
            upstream: Arc::clone(&node) as Arc<_>,
            link: watch::Sender::default(),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
        };
        if replica.place().is_none() {
            first(&follower, node.endpoint()).await?;
        }
        let source = Source {
            store: Arc::clone(&replica) as Arc<dyn Store>,
            // Nothing here is sealed value by value.
            keyring: Arc::new(ArcSwap::from_pointee(Keyring::generate(&*entropy))),
            default_service: None,
            self_hosted: true,
            authority: folder.authority(clock.now())?,
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
        };
        // Before the gateway accepts anybody: a successor that fails now has nobody to let down.
        let admin = listen(settings.admin.http.0, inheritance, ADMIN, "--admin")?;
        let Plane { gateway, parts: plane } = Plane::start(settings, source, inheritance).await?;
        let admin_url = admin.as_ref().and_then(|listener| listener.local_addr().ok());
        let running = Arc::new(Running {
            folder: folder.path().to_owned(),
            instance: crypto::random::uuid(&*entropy),
            replica,
            node,
            plane,
            link: follower.link.subscribe(),
            began,
            served: std::sync::atomic::AtomicU64::new(0),
            admin: admin_url.map(|address| format!("http://{address}")),
        });
        metrics(&running);
        Ok(Self { gateway, admin, lock, follower, stop: watch::Sender::new(false), tasks: Vec::new(), running })
    }

    /// Ends everything but the gateway.
    async fn close(&mut self) {
        self.stop.send_replace(true);
        for task in self.tasks.drain(..) {
            // A task that panicked has nothing left to finish.
            let _ = task.await;
        }
    }
}

/// Waits for the first documents: without any there is nothing to serve.
async fn first(follower: &Follower, endpoint: &str) -> Result<(), Failed> {
    tracing::info!(endpoint, "nothing is kept here; waiting for the node to tell the configuration");
    let (stop, stopped) = watch::channel(false);
    let following = tokio::spawn(follow(follower.clone(), stopped));
    follower.replica.changed(Position(0)).await.map_err(Failed::new)?;
    stop.send_replace(true);
    following.await.map_err(Failed::new)
}

/// The lock of the folder: the predecessor's, or a new one.
fn lock(folder: &DataFolder, inheritance: &mut Inheritance) -> Result<File, Failed> {
    if let Some(inherited) = inheritance.take(LOCK).next() {
        return Ok(File::from(inherited));
    }
    let path = folder.path().join("lock");
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(Failed::new)?;
    file.try_lock().map_err(|_| {
        let name = folder.path().display();
        Failed::new(format!(
            "{name} is in use by another process; stop it, or give this one another folder with --data"
        ))
    })?;
    Ok(file)
}

impl Serving for Edge {
    async fn give_way(&mut self) -> io::Result<Vec<Handed>> {
        // Both would write the file.
        self.close().await;
        let mut all = self.gateway.handed()?;
        all.push(Handed { name: LOCK.to_owned(), fd: self.lock.try_clone()?.into() });
        if let Some(admin) = &self.admin {
            all.push(handed(ADMIN, admin)?);
        }
        Ok(all)
    }

    fn go_on(&mut self) {
        self.stop = watch::Sender::new(false);
        self.tasks.push(tokio::spawn(follow(self.follower.clone(), self.stop.subscribe())));
        self.tasks.push(tokio::spawn(beat(Arc::clone(&self.running), self.stop.subscribe())));
        match self.admin.as_ref().map(copy) {
            Some(Ok(admin)) => {
                let running = Arc::clone(&self.running) as Arc<dyn management::Node>;
                let (router, stop) = (management::admin_router(running), asked(self.stop.subscribe()));
                self.tasks.push(tokio::spawn(management::serve(admin, None, router, stop, self.gateway.drain())));
            }
            Some(Err(error)) => tracing::error!(%error, "the admin address cannot be served"),
            None => {}
        }
    }

    fn announce(&self) {
        // Whoever does not read it is served all the same.
        let _ = io::stdout().write_all(self.running.banner().as_bytes());
    }

    async fn leave(self, kept: &[String], hurry: impl Future<Output = ()>) {
        let Self { gateway, admin, lock, follower, running, .. } = self;
        drop((admin, lock, follower, running));
        gateway.leave(kept, hurry).await;
    }

    async fn stop(mut self) {
        self.stop.send_replace(true);
        let tasks = std::mem::take(&mut self.tasks);
        self.gateway.stop().await;
        for task in tasks {
            let _ = task.await;
        }
    }
}

/// Tells the node now and then how this process is.
async fn beat(running: Arc<Running>, mut stop: watch::Receiver<bool>) {
    let mut link = running.link.clone();
    loop {
        // Whether the node answers is the follower's to find out.
        if *link.borrow_and_update() == Link::Connected {
            let heartbeat = running.heartbeat();
            tokio::select! {
                beaten = running.node.heartbeat(&heartbeat) => if let Err(trouble) = beaten {
                    tracing::debug!(?trouble, "a heartbeat was not taken");
                },
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
        tokio::select! {
            () = tokio::time::sleep(HEARTBEAT) => {}
            // A node that is back learns at once who is there.
            _ = link.changed() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}
