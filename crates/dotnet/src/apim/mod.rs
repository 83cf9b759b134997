//! `context` and what it leads to, one file per type. Most of it are handles: a word that says which fact to ask the
//! host for, so that naming a part of `context` costs nothing.

mod api;
mod authorization;
mod backend;
mod basic;
mod body;
pub(crate) mod context;
mod deployment;
mod extensions;
mod form;
mod graphql;
mod jwt;
mod last_error;
mod operation;
mod pairs;
mod product;
mod request;
mod response;
mod subscription;
mod url;
mod user;
mod variables;
mod workspace;

use csharp::{
    Cx, Result, Value,
    host::{Flag, Instant, Listing, Part, Text},
    surface::TypeDef,
    ty::Def,
};

pub use authorization::Authorization;
pub use jwt::Jwt;
pub use response::Response;

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[
    &context::DEF,
    &api::DEF,
    &api::KEY_NAMES,
    &authorization::DEF,
    &backend::DEF,
    &backend::TYPE,
    &basic::DEF,
    &body::DEF,
    &deployment::DEF,
    &deployment::GATEWAY,
    &deployment::SUSTAINABILITY,
    &deployment::CARBON_INTENSITY,
    &extensions::DEF,
    &form::DEF,
    &graphql::DEF,
    &graphql::DATA,
    &jwt::DEF,
    &last_error::DEF,
    &operation::DEF,
    &product::DEF,
    &product::STATE,
    &request::DEF,
    &request::PRIVATE_ENDPOINT,
    &response::DEF,
    &subscription::DEF,
    &url::DEF,
    &user::DEF,
    &user::GROUP,
    &user::IDENTITY,
    &workspace::DEF,
];

/// A handle.
fn handle(def: &'static TypeDef, word: u64) -> Value {
    Value::Word(Def(def), word)
}

/// A handle to a part, or null where the host has none.
fn part(cx: &Cx<'_>, part: Part, def: &'static TypeDef) -> Result<Value> {
    Ok(if cx.host.has(part) { handle(def, 0) } else { Value::Null })
}

fn text(cx: &Cx<'_>, what: Text) -> Result<Value> {
    Ok(Value::str_or_null(cx.host.text(what)))
}

fn flag(cx: &Cx<'_>, what: Flag) -> Result<Value> {
    Ok(Value::Bool(cx.host.flag(what)))
}

/// A `DateTime`, or null.
fn instant(cx: &Cx<'_>, what: Instant) -> Result<Value> {
    Ok(cx.host.instant(what).map_or(Value::Null, |at| crate::system::date_time(crate::system::of_timestamp(at))))
}

/// A sequence of handles.
fn handles(cx: &Cx<'_>, listing: &Listing) -> Result<Value> {
    let items = (0..).map_while(|at| listing.item(&*cx.host, at)).collect();
    Ok(crate::linq::sequence(csharp::Ty::named(listing.def), items))
}

/// The index in a handle of a list.
fn index(word: u64) -> usize {
    (word & 0xffff_ffff) as usize
}
