//! The ARM wire: HTTP in front of [`control`].
//!
//! [`router`] is a plain tower service, so the portal can be merged with it on one origin; [`serve`] runs it.

mod admin;
mod codec;
mod gateways;
mod oauth;
mod router;
mod serve;
mod wire;

pub use admin::{Node, admin_router};
pub use router::{Limits, router};
pub use serve::serve;
