//! Documents become an immutable compiled configuration: routes, effective policies, keys.
#![allow(dead_code)]
mod addresses;
mod path;
mod routes;
mod template;
