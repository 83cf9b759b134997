//! The gateway over real sockets, as text.

mod gateway_under_test;
mod lifetime;
mod limits;
mod proxy;
mod secure;
