//! What a management node and its self-hosted gateways say to each other, and what a gateway keeps of it.

mod token;

pub use token::Token;
