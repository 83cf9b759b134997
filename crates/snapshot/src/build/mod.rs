//! Documents of one kind become the entities that a request sees: one file per kind.

mod api;
mod authorization;
mod backend;
mod fabric;
mod gateway;
mod operation;
mod people;
mod product;
mod sample;
mod schema;
mod service;
mod traffic;

pub(crate) use api::{api, base_key, version};
pub(crate) use authorization::authorizations;
pub(crate) use backend::{Wrong, certificates, directory};
pub(crate) use gateway::{hosts_of_gateway, of_gateway};
pub(crate) use operation::{Operations, operations};
pub(crate) use people::{group, referred, subscription, user};
pub(crate) use product::product;
pub use schema::global_schema;
use service::{anchors, covered};
pub(crate) use service::{hosts, service, workspace};
