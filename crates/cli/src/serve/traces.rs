//! Where management and gateway meet about traces: management gives out credentials, the gateway keeps traces.

use std::{sync::Arc, time::Duration};

use control::Debugging;
use serde_json::Value;
use telemetry::{DebugApi, TraceStore};

/// The store of this process.
pub(crate) struct Traces(pub(crate) Arc<TraceStore>);

impl Debugging for Traces {
    fn issue(&self, service: &str, workspace: Option<&str>, api: &str, lifetime: Duration) -> String {
        self.0.issue(DebugApi::new(service, workspace, api), lifetime)
    }

    fn revoke(&self, service: &str) {
        self.0.revoke(service);
    }

    fn trace(&self, service: &str, id: &str) -> Option<Value> {
        self.0.find(service, id)
    }
}
