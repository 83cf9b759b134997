//! Where services of a Service Fabric cluster live, as its naming service tells over REST.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use policy::{
    Method, OutboundError, OutboundRequest, Url,
    exchange::url::encode,
    fabric::{FabricCluster, FabricPartition},
    outbound::OutboundErrorKind,
};
use serde_json::Value;

use crate::{client::Parts, request::failed};

/// How long the naming service may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// An answer of it is asked for anew after this.
const OLDEST: Duration = Duration::from_mins(1);
/// The largest answer of it.
const LARGEST: u64 = 1024 * 1024;
/// Partitions that are remembered; past it the memory starts again.
const MOST: usize = 10_000;

/// What the process has found, by cluster, service and key.
#[derive(Default)]
pub(crate) struct Partitions(RwLock<HashMap<String, Arc<Replicas>>>);

/// The replicas of a partition.
struct Replicas {
    /// Names this answer to the naming service, which then knows what has not served.
    version: String,
    replicas: Vec<Replica>,
    /// Whose turn it is.
    turn: AtomicUsize,
    /// From when on it is asked for anew, in milliseconds of the monotonic clock.
    due: AtomicU64,
}

struct Replica {
    kind: Kind,
    listeners: Vec<(String, Url)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Stateless,
    Primary,
    Secondary,
}

impl Parts {
    pub(crate) async fn locate(
        &self,
        cluster: &FabricCluster,
        partition: &FabricPartition,
        again: bool,
    ) -> Result<Url, OutboundError> {
        if partition.service.is_empty() {
            return Err(failed(
                OutboundErrorKind::Address,
                "No service of the Service Fabric cluster is named.".into(),
            ));
        }
        let key = key(cluster, partition);
        let partitions = &self.backends.partitions;
        let known = partitions.known(&key);
        if let Some(known) = known.as_ref().filter(|known| !again && !known.is_due(self.deadlines.now())) {
            return known.choose(partition);
        }
        let found = match (self.ask(cluster, partition, known.as_ref().map(|known| &*known.version)).await, known) {
            (Ok(found), _) => Arc::new(found),
            // It may well live where it did: nobody has said anything else.
            (Err(Refused::Now(_)), Some(known)) if !again => return known.choose(partition),
            (Err(Refused::For(why) | Refused::Now(why)), _) => return Err(unresolved(partition, &why)),
        };
        found.due.store(millis(self.deadlines.now() + OLDEST), Ordering::Relaxed);
        let chosen = found.choose(partition);
        partitions.learn(key, found);
        chosen
    }

    /// Asks the endpoints in turn, until one has answered or all have failed often enough.
    async fn ask(
        &self,
        cluster: &FabricCluster,
        partition: &FabricPartition,
        previous: Option<&str>,
    ) -> Result<Replicas, Refused> {
        let mut last = None;
        // 1 is no key, 2 a number in a range, 3 a name: a name may look like a number.
        let mut kind = match &partition.key {
            None => 1,
            Some(key) if key.parse::<i64>().is_ok() => 2,
            Some(_) => 3,
        };
        let endpoints = cluster.endpoints.iter().cycle();
        // Each endpoint once at least.
        for endpoint in endpoints.take((cluster.retries as usize + 1).max(cluster.endpoints.len())) {
            let mut found = self.ask_one(cluster, endpoint, partition, kind, previous).await;
            if kind == 2 && matches!(found, Err(Refused::For(_))) {
                kind = 3;
                found = self.ask_one(cluster, endpoint, partition, kind, previous).await;
            }
            match found {
                Ok(found) => return Ok(found),
                // Another endpoint would say the same.
                Err(refused @ Refused::For(_)) => return Err(refused),
                Err(Refused::Now(why)) => last = Some(why),
            }
        }
        Err(Refused::Now(last.unwrap_or_default()))
    }

    async fn ask_one(
        &self,
        cluster: &FabricCluster,
        endpoint: &Url,
        partition: &FabricPartition,
        kind: u8,
        previous: Option<&str>,
    ) -> Result<Replicas, Refused> {
        let path =
            format!("Services/{}/$/ResolvePartition", encode(&partition.service.replace('/', "~")).replace("%7E", "~"));
        let mut query = format!("api-version=6.0&PartitionKeyType={kind}");
        if let Some(key) = &partition.key {
            query += &format!("&PartitionKeyValue={}", encode(key));
        }
        if let Some(previous) = previous {
            query += &format!("&PreviousRspVersion={}", encode(previous));
        }
        let request = OutboundRequest {
            backend: Some(Arc::clone(&cluster.management)),
            connect_timeout: Some(PATIENCE),
            ..OutboundRequest::new(
                Method::GET,
                Url { path: endpoint.joined(&path), query: Some(query.into()), ..endpoint.clone() },
                PATIENCE,
            )
        };
        let mut answer = self.send(request).await.map_err(|error| Refused::Now(error.message))?;
        let work = self.deadlines.within(PATIENCE, answer.body.collect(LARGEST)).await;
        let body = match work {
            Ok(Ok(body)) => body,
            Ok(Err(error)) => {
                return Err(Refused::Now(format!("what {} says cannot be read: {error}", endpoint.authority())));
            }
            Err(_) => return Err(Refused::Now(format!("{} did not say all of it in time", endpoint.authority()))),
        };
        let status = answer.status.code();
        let said: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status == 200 {
            return Replicas::read(&said)
                .ok_or_else(|| Refused::Now(format!("{} answered with no partition", endpoint.authority())));
        }
        let code = said["Error"]["Code"].as_str().unwrap_or_default();
        let why = format!("{} answered {status} {code}", endpoint.authority());
        Err(if matches!(status, 400 | 404) { Refused::For(why) } else { Refused::Now(why) })
    }
}

/// What a partition is remembered by.
fn key(cluster: &FabricCluster, partition: &FabricPartition) -> String {
    let at = cluster.endpoints.first().map(Url::authority).unwrap_or_default();
    format!("{at}\n{}\n{}", partition.service, partition.key.as_deref().unwrap_or_default())
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Why an endpoint has not resolved a partition.
enum Refused {
    /// There is none.
    For(String),
    /// It could not at the moment.
    Now(String),
}

fn unresolved(partition: &FabricPartition, why: &str) -> OutboundError {
    let key = partition.key.as_deref().map(|key| format!(" (partition {key})")).unwrap_or_default();
    let message =
        format!("The service fabric:/{}{key} cannot be resolved: {}.", partition.service, why.trim_end_matches('.'));
    failed(OutboundErrorKind::Connection, message)
}

impl Partitions {
    fn known(&self, key: &str) -> Option<Arc<Replicas>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Has the next request ask anew.
    pub(crate) fn doubt(&self, cluster: &FabricCluster, partition: &FabricPartition) {
        if let Some(known) = self.known(&key(cluster, partition)) {
            known.due.store(0, Ordering::Relaxed);
        }
    }

    fn learn(&self, key: String, found: Arc<Replicas>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, found);
    }
}

impl Replicas {
    /// A `ResolvedServicePartition`.
    fn read(said: &Value) -> Option<Self> {
        let replicas = said["Endpoints"].as_array()?.iter().filter_map(Replica::read).collect();
        let version = said["Version"].as_str().unwrap_or_default().to_owned();
        Some(Self { version, replicas, turn: AtomicUsize::new(0), due: AtomicU64::new(0) })
    }

    /// Whether the caller must ask anew. One must; the others use what is known in the meantime.
    fn is_due(&self, now: Duration) -> bool {
        let (due, next) = (self.due.load(Ordering::Relaxed), millis(now + PATIENCE));
        due <= millis(now) && self.due.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// The listener of the replica whose turn it is.
    fn choose(&self, wanted: &FabricPartition) -> Result<Url, OutboundError> {
        let stateful = if wanted.secondary { Kind::Secondary } else { Kind::Primary };
        let fit: Vec<&Url> = self
            .replicas
            .iter()
            .filter(|replica| replica.kind == Kind::Stateless || replica.kind == stateful)
            .filter_map(|replica| replica.listener(wanted.listener.as_deref()))
            .collect();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed).checked_rem(fit.len());
        match turn.and_then(|turn| fit.get(turn)) {
            Some(url) => Ok((*url).clone()),
            None => Err(unresolved(wanted, "no replica has such a listener")),
        }
    }
}

impl Replica {
    fn read(said: &Value) -> Option<Self> {
        let kind = match said["Kind"].as_str()? {
            "Stateless" => Kind::Stateless,
            "StatefulPrimary" => Kind::Primary,
            "StatefulSecondary" => Kind::Secondary,
            _ => return None,
        };
        let address = said["Address"].as_str()?;
        // Reliable Services write their listeners as JSON; others may write an address alone.
        let listeners = match serde_json::from_str::<Value>(address) {
            Ok(Value::Object(named)) => {
                let named = named.get("Endpoints").and_then(Value::as_object)?;
                let url = |url: &Value| Url::parse(url.as_str()?);
                named.iter().filter_map(|(name, address)| Some((name.clone(), url(address)?))).collect()
            }
            _ => Url::parse(address).map(|url| (String::new(), url)).into_iter().collect(),
        };
        Some(Self { kind, listeners })
    }

    fn listener(&self, name: Option<&str>) -> Option<&Url> {
        let mut listeners = self.listeners.iter();
        let found = match name {
            Some(name) => listeners.find(|(known, _)| known == name),
            None => listeners.next(),
        };
        found.map(|(_, url)| url)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_answer_of_a_naming_service_makes_it_panic(address in "\\PC{0,40}", kind in "(Stateful)?(Stateless|Primary|\\PC{0,5})") {
            let said = serde_json::json!({ "Endpoints": [{ "Kind": kind, "Address": address }], "Version": 1 });
            let wanted = FabricPartition { service: "a/b".into(), key: None, listener: None, secondary: false };
            if let Some(replicas) = Replicas::read(&said) {
                let _ = replicas.choose(&wanted);
            }
        }
    }
}
