//! The driver that all kinds share: read, list, put, patch, delete.

mod admit;
mod delete;
mod expand;
mod list;
mod put;
mod read;

use arm::{Method, Result};
use resources::ResourceDef;

use crate::{Answer, Control, control::Context};

pub(crate) use admit::Draft;

/// Answers an operation of a kind.
pub(crate) async fn run(control: &Control, cx: &Context<'_>, def: &'static ResourceDef) -> Result<Answer> {
    match cx.call.method {
        Method::Get if !cx.operation.names_one => control.list_resources(cx, def).await,
        Method::Get => control.read_resource(cx, def).await,
        Method::Head => control.check_resource(cx).await,
        Method::Put => control.put_resource(cx, def).await,
        Method::Patch => control.patch_resource(cx, def).await,
        Method::Delete | Method::Post => control.delete_resource(cx, def).await,
    }
}
