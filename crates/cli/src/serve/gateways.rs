//! What the node tells about its self-hosted gateways.

use std::{fmt::Write, sync::Arc};

use control::{Control, Seen};
use replication::Heartbeat;
use serde_json::{Value, json};
use telemetry::Telemetry;

/// The processes of self-hosted gateways, for the status.
pub(super) fn seen(control: &Control) -> Vec<Value> {
    let seen = control.gateways_seen().into_iter();
    let shown = seen.map(|seen| {
        let Heartbeat { instance, version, position, uptime_seconds, open_connections, faults } = seen.heartbeat;
        json!({
            "id": seen.key.as_str(), "name": seen.gateway, "instance": instance, "version": version,
            "position": position, "uptimeSeconds": uptime_seconds, "openConnections": open_connections,
            "faults": faults, "secondsSinceHeartbeat": seen.ago.as_secs(),
        })
    });
    shown.collect()
}

/// Adds what is known of self-hosted gateways to the metrics.
pub(super) fn metrics(telemetry: &Telemetry, control: &Arc<Control>) {
    type Number = fn(&Seen) -> u64;
    const FAMILIES: &[(&str, &str, Number)] = &[
        ("heartbeat_age_seconds", "Seconds since a self-hosted gateway was heard of", |seen| seen.ago.as_secs()),
        ("position", "Position of the feed that a self-hosted gateway serves", |seen| seen.heartbeat.position),
        ("connections", "Open connections of a self-hosted gateway", |seen| seen.heartbeat.open_connections),
        ("faults", "Documents that a self-hosted gateway cannot use", |seen| seen.heartbeat.faults),
    ];
    let weak = Arc::downgrade(control);
    telemetry.add(move |text| {
        let Some(control) = weak.upgrade() else { return };
        let all = control.gateways_seen();
        for (name, help, value) in FAMILIES {
            let name = format!("tollgate_self_hosted_gateway_{name}");
            // Writing to a string cannot fail.
            let _ = write!(text, "# HELP {name} {help}.\n# TYPE {name} gauge\n");
            for seen in &all {
                let label = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
                let (gateway, instance) = (label(seen.key.as_str()), label(&seen.heartbeat.instance));
                let _ = writeln!(text, "{name}{{gateway=\"{gateway}\",instance=\"{instance}\"}} {}", value(seen));
            }
        }
    });
}
