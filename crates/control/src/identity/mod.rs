//! Who calls and what they may do: principals, tokens, signing keys, roles.

pub(crate) mod keys;
mod principals;
mod roles;
mod sign_in;
mod tokens;

pub(crate) use keys::SigningKeys;
pub use principals::NewPrincipal;
pub(crate) use roles::{ASSIGNMENTS, BUILT_IN, Role, assignment};
pub use roles::{OWNER, role_id, role_names};
