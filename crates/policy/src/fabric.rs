//! Services of a Service Fabric cluster: which one a request is for, and whom to ask where it lives.

use std::{fmt, sync::Arc};

use crate::{Url, Value, entity::Backend};

/// The cluster of a backend entity.
#[derive(Clone, Debug)]
pub struct FabricCluster {
    /// Where its naming service answers, one after the other.
    pub endpoints: Box<[Url]>,
    /// The service that the entity's URL names, without `fabric:/`; empty if it names none.
    pub service: Arc<str>,
    /// How the naming service is called: certificates and proxy.
    pub management: Arc<Backend>,
    /// How often a failed resolution is tried again, and a request is sent to a newly resolved place.
    pub retries: u32,
}

/// The service instance and the partition that a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FabricPartition {
    /// The service without `fabric:/`.
    pub service: Arc<str>,
    /// The key of the partition; none for a service with only one.
    pub key: Option<Arc<str>>,
    /// The listener of the replica; the first one without a name.
    pub listener: Option<Arc<str>>,
    /// Whether a secondary replica is wanted instead of the primary one.
    pub secondary: bool,
}

/// What `set-backend-service` has said of a request for such a service.
#[derive(Clone)]
pub struct FabricTarget {
    /// Its cluster.
    pub cluster: Arc<FabricCluster>,
    /// Its place there.
    pub partition: FabricPartition,
    /// Whether it must be resolved anew, and the request sent again, after a call.
    pub again: Option<Arc<Value<bool>>>,
}

impl FabricCluster {
    /// The service in `fabric:/application/service`.
    pub fn service_in(url: &str) -> Option<&str> {
        let (scheme, rest) = url.split_once(':')?;
        let service = rest.trim_matches('/');
        (scheme.eq_ignore_ascii_case("fabric") && !service.is_empty()).then_some(service)
    }

    /// What a request is aimed at until its service is resolved.
    pub fn place(&self) -> Option<Url> {
        Some(Url { path: "/".into(), query: None, ..self.endpoints.first()?.clone() })
    }
}

impl fmt::Debug for FabricTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FabricTarget").field("partition", &self.partition).finish_non_exhaustive()
    }
}
