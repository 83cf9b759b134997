//! What a management node and its self-hosted gateways say to each other, and what a gateway keeps of it.
//!
//! A gateway shows a [`Token`], tells what it [holds](Held) and gets [`Changes`]; from then on it asks for what follows its [`Place`].
//! [`follow`] does that for as long as the process runs, into a [`Replica`]: a [`store::Store`] that the snapshot builder reads like any
//! other, and that keeps everything in a sealed file, so that a gateway starts without its node.

mod follow;
mod journal;
mod message;
mod replica;
mod token;

pub use follow::{Follower, Later, Link, Trouble, Upstream, follow};
pub use message::{Changes, Heartbeat, Held, Place, Sent, Version};
pub use replica::{Found, Replica};
pub use token::Token;
