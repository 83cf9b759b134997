//! What a self-hosted gateway tells about itself: at its admin address, in its metrics, to its node, and when it starts.

use std::{
    fmt::Write,
    future::Future,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use replication::{Heartbeat, Link, Replica};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::upstream::Node;
use crate::plane::Parts;

/// What is told about.
pub(super) struct Running {
    pub(super) folder: PathBuf,
    /// Tells processes of one gateway apart.
    pub(super) instance: String,
    pub(super) replica: Arc<Replica>,
    pub(super) node: Arc<Node>,
    pub(super) plane: Parts,
    pub(super) link: watch::Receiver<Link>,
    pub(super) began: Instant,
    /// The newest position of the node that was seen to be served.
    pub(super) served: AtomicU64,
    pub(super) admin: Option<String>,
}

impl Running {
    /// The newest position of the node that is served.
    fn served(&self) -> u64 {
        let (newest, place) = self.replica.newest();
        if self.plane.publisher.current().position >= newest {
            self.served.store(place.map_or(0, |place| place.position), Ordering::Relaxed);
        }
        self.served.load(Ordering::Relaxed)
    }

    /// The gateway's name, as its resource has it.
    fn name(&self) -> Option<String> {
        let snapshot = self.plane.publisher.current();
        snapshot.services().first().map(|service| service.entity.gateway_id.to_string())
    }

    /// What the node is told.
    pub(super) fn heartbeat(&self) -> Heartbeat {
        Heartbeat {
            instance: self.instance.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            position: self.served(),
            uptime_seconds: self.began.elapsed().as_secs(),
            open_connections: self.plane.telemetry.connections(),
            faults: self.plane.faults().len() as u64,
        }
    }

    /// What a start prints.
    pub(super) fn banner(&self) -> String {
        let mut out = format!("Tollgate {}, self-hosted gateway\n\n", env!("CARGO_PKG_VERSION"));
        let documents = self.replica.len();
        for (name, value) in [
            ("name", self.name().unwrap_or_default().as_str()),
            ("node", self.node.endpoint()),
            ("data", &self.folder.display().to_string()),
            ("documents", &documents.to_string()),
            ("gateway", self.plane.url.as_deref().unwrap_or("off")),
            ("admin", self.admin.as_deref().unwrap_or("off")),
        ] {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "  {name:<11} {value}");
        }
        out.push_str("\nReady. Ctrl-C stops it.\n");
        out
    }
}

/// How the link is called, and why it is not better.
fn told(link: &Link) -> (&'static str, Option<&str>) {
    match link {
        Link::Starting => ("starting", None),
        Link::Connected => ("connected", None),
        Link::Away(why) => ("away", Some(why)),
        Link::Refused(why) => ("refused", Some(why)),
    }
}

/// Adds the gateway's own metrics to those of the data plane.
pub(super) fn metrics(running: &Arc<Running>) {
    let weak = Arc::downgrade(running);
    running.plane.telemetry.add(move |text| {
        let Some(running) = weak.upgrade() else { return };
        let connected = u8::from(*running.link.borrow() == Link::Connected);
        let unsaved = u8::from(running.replica.unsaved().is_some());
        let position = running.replica.place().map_or(0, |place| place.position);
        let mut gauge = |name: &str, help: &str, value: u64| {
            let _ = write!(text, "# HELP {name} {help}.\n# TYPE {name} gauge\n{name} {value}\n");
        };
        gauge(
            "tollgate_gateway_connected",
            "Whether the management node answers and takes the token",
            connected.into(),
        );
        gauge("tollgate_gateway_position", "Position of the node's feed that the gateway has", position);
        gauge("tollgate_gateway_documents", "Documents that the gateway has", running.replica.len() as u64);
        gauge("tollgate_gateway_unsaved", "Whether the disk lacks what is served", unsaved.into());
    });
}

impl management::Node for Running {
    fn status(&self) -> Pin<Box<dyn Future<Output = Value> + Send + '_>> {
        let faults = self.plane.faults();
        let (state, why) = {
            let link = self.link.borrow();
            let (state, why) = told(&link);
            (state, why.map(str::to_owned))
        };
        let unsaved = self.replica.unsaved();
        let place = self.replica.place().unwrap_or_default();
        let status = json!({
            "healthy": faults.is_empty() && state == "connected" && unsaved.is_none(),
            "version": env!("CARGO_PKG_VERSION"),
            "pid": std::process::id(),
            "uptimeSeconds": self.began.elapsed().as_secs(),
            "name": self.name(),
            "instance": self.instance,
            "gateway": self.plane.url,
            "node": {
                "endpoint": self.node.endpoint(),
                "state": state,
                "message": why,
                "database": place.database,
                "position": place.position,
            },
            "published": self.served(),
            "documents": self.replica.len(),
            "unsaved": unsaved,
            "services": self.plane.services(),
            "openBreakers": self.plane.open_breakers(),
            "faults": faults,
        });
        Box::pin(std::future::ready(status))
    }

    fn metrics(&self) -> String {
        self.plane.telemetry.snapshot_published(self.served());
        self.plane.telemetry.render()
    }

    fn admits(&self, _: &str) -> bool {
        false
    }

    fn rotate_keys(&self) -> Pin<Box<dyn Future<Output = Result<usize, String>> + Send + '_>> {
        Box::pin(std::future::ready(Err("a self-hosted gateway has no keys to rotate; its node has".to_owned())))
    }
}
