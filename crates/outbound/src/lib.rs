//! The HTTP client of a worker: connection pool, timeouts, TLS profiles, address policy.
//!
//! One [`Client`] lives on one worker and has connections of its own. What the process knows of backends (how many connections are open,
//! circuit breakers, turns of pools, resolved partitions) is shared in [`Backends`]. It implements [`policy::Outbound`], which is how
//! policies reach other services.

mod address;
mod backends;
mod client;
mod connect;
mod deadline;
mod executor;
mod expect;
mod fabric;
mod failure;
mod fetch;
mod http1;
mod http2;
mod pool;
mod redirect;
mod request;
mod resolve;
mod stream;
mod tls;
mod tunnel;
mod way;
pub mod wire;

pub use address::{AddressPolicy, AnyAddress, PublicAddress};
pub use backends::Backends;
pub use client::{Client, ClientSettings};
pub use deadline::{Deadlines, Elapsed, TICK};
pub use executor::LocalExecutor;
pub use fetch::{Fetch, FetchError, Fetched, Fetcher};
pub use pool::PoolSettings;
pub use resolve::{Lookup, Names, SystemNames};
pub use stream::Stream;
pub use tls::native_roots;
