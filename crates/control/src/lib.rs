//! What a management call does, without HTTP: operation, right, condition, admission, sealing, commit, publication.
//!
//! [`Control::call`] answers the management API, [`Control::sign_in`] the token endpoint. A call that writes is answered
//! once the local gateway serves what it wrote.

mod actions;
mod call;
mod commit;
mod control;
mod crud;
mod gateways;
mod identity;
mod kinds;
mod links;
mod manager;
mod operation_results;
mod ports;
mod reseal;
mod route;
mod secrets;
mod settings;

pub use call::{Answer, Call, Caller};
pub use commit::told;
pub use control::{Control, Parts};
pub use gateways::{GatewayCaller, Seen};
pub use identity::{NewPrincipal, OWNER, role_id, role_names};
pub use ports::{
    Checked, Connections, Debugging, Fetch, Known, Later, NoConnections, NoDebugging, PolicyCheck, PolicyDescription,
    PolicyPlace, PolicyText, Publication,
};
pub use route::served;
pub use settings::Settings;
