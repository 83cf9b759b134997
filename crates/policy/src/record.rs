//! [`ExchangeRecord`]: what is known of an exchange when it is over. Log, metrics, traces and analytics read it.

use std::{net::IpAddr, sync::Arc, time::Duration};

use base::Timestamp;

use crate::{Method, Status, exchange::Version};

/// How an exchange ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The whole response was handed to the client.
    #[default]
    Complete,
    /// The client went away first.
    ClientAbort,
    /// The response broke off in the middle.
    Broken,
}

/// What a cache did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CacheUse {
    /// No cache policy ran.
    #[default]
    None,
    /// The response came from the cache.
    Hit,
    /// The cache had none.
    Miss,
}

/// `context.LastError` for the record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of LastError")]
pub struct LastErrorRecord {
    pub source: String,
    pub reason: String,
    pub message: String,
    pub scope: Option<&'static str>,
    pub section: Option<&'static str>,
    pub path: Option<String>,
    pub policy_id: Option<String>,
    /// Time from the start of the exchange to the fault.
    pub elapsed: Duration,
}

/// One exchange: the fields of the service's `GatewayLogs`. Sizes are in bytes, of bodies.
#[derive(Clone, Debug, Default)]
pub struct ExchangeRecord {
    /// `CorrelationId`, the id of the request: 128 bits, big-endian.
    pub id: [u8; 16],
    /// When the head of the request was there.
    pub started: Timestamp,
    /// `TotalTime`: to the last byte of the response.
    pub total: Duration,
    /// `BackendTime`: the sum over backend calls, to the last byte of their responses where that is known.
    pub backend: Duration,
    /// `ClientTime`: reading from and writing to the client.
    pub client: Duration,
    /// The service.
    pub service: Option<Arc<str>>,
    /// `WorkspaceId`.
    pub workspace: Option<Arc<str>>,
    /// `ApiId`.
    pub api: Option<Arc<str>>,
    /// `ApiRevision`.
    pub api_revision: Option<Arc<str>>,
    /// `OperationId`.
    pub operation: Option<Arc<str>>,
    /// `ProductId`.
    pub product: Option<Arc<str>>,
    /// `ApimSubscriptionId`.
    pub subscription: Option<Arc<str>>,
    /// `UserId`.
    pub user: Option<Arc<str>>,
    /// `CallerIpAddress`.
    pub client_address: Option<IpAddr>,
    /// `ClientProtocol`.
    pub client_protocol: Version,
    /// `ClientTlsVersion`, as `1.2` or `1.3`; none for plain text.
    pub client_tls: Option<&'static str>,
    /// `Method`.
    pub method: Method,
    /// `Url`, as the client wrote it, without the values of key parameters.
    pub url: String,
    /// `RequestSize`.
    pub request_size: u64,
    /// `ResponseCode`.
    pub status: Status,
    /// `ResponseSize`.
    pub response_size: u64,
    /// `BackendId`.
    pub backend_id: Option<Arc<str>>,
    /// `BackendMethod`.
    pub backend_method: Option<Method>,
    /// `BackendUrl`.
    pub backend_url: Option<String>,
    /// `BackendProtocol`.
    pub backend_protocol: Option<Version>,
    /// `BackendResponseCode`.
    pub backend_status: Option<Status>,
    /// How often a backend was called.
    pub backend_calls: u32,
    /// `Cache`.
    pub cache: CacheUse,
    /// `LastError…`.
    pub last_error: Option<LastErrorRecord>,
    /// How it ended.
    pub ending: Ending,
}
