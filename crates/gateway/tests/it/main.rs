//! The gateway over real sockets, as text.

mod apis;
mod lifetime;
mod limits;
mod policies;
mod proxy;
mod secure;
