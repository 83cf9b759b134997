//! The kinds of ARM resources: one file and one line each.
//!
//! A kind is data: where it lives, what its names and fields must look like, what the service fills in, what is secret,
//! what it refers to and under which values it can be found. Bodies stay JSON, so that a GET returns what the PUT sent,
//! unknown properties included.

mod def;
mod field;
mod name;
mod path;
mod registry;
mod uses;

mod api;
mod api_link;
mod api_operation;
mod api_release;
mod api_schema;
mod api_version_set;
mod authorization;
mod authorization_access_policy;
mod authorization_provider;
mod backend;
mod certificate;
mod gateway;
mod global_schema;
mod group;
mod logger;
mod named_value;
mod policy;
mod policy_fragment;
mod product;
mod service;
mod subscription;
mod tag;
mod user;
mod workspace;

pub use api::{base_name, revision_of};
pub use api_link::{LINK_VIEWS, LinkView};
pub use def::{Admission, Index, Link, Reference, ResourceDef, Secret, Shown};
pub use field::{Field, Rule};
pub use name::NameRule;
pub use path::{each_text, pointers};
pub use registry::{Located, def, kinds, locate};
pub use uses::{USES, Uses, uses};

/// Every kind: the one line that a new file needs.
static RESOURCES: &[&ResourceDef] = &[
    &service::DEF,
    &workspace::DEF,
    &api::DEF,
    &api_operation::DEF,
    &api_schema::DEF,
    &api_release::DEF,
    &api_version_set::DEF,
    &policy::DEF,
    &policy_fragment::DEF,
    &product::DEF,
    &api_link::PRODUCT_API,
    &api_link::PRODUCT_GROUP,
    &subscription::DEF,
    &named_value::DEF,
    &backend::DEF,
    &tag::DEF,
    &api_link::TAG,
    &group::DEF,
    &api_link::GROUP_USER,
    &user::DEF,
    &certificate::DEF,
    &logger::DEF,
    &global_schema::DEF,
    &authorization_provider::DEF,
    &authorization::DEF,
    &authorization_access_policy::DEF,
    &gateway::DEF,
    &gateway::API,
    &gateway::HOSTNAME_CONFIGURATION,
    &gateway::CERTIFICATE_AUTHORITY,
];
