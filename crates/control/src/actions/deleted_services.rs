//! Deleted services: there are none, because a delete is final here. `backup` is the way back.

use arm::{Code, Error, Result};

use crate::{Answer, Control, control::Context};

pub(super) fn list(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    control.page_of(cx.call, Vec::new())
}

pub(super) fn get(_: &Control, cx: &Context<'_>) -> Result<Answer> {
    let name = cx.call.path.last().map_or("", String::as_str);
    Err(Error::new(Code::ResourceNotFound, format!("Deleted service '{name}' was not found.")))
}

pub(super) fn purge(_: &Control, _: &Context<'_>) -> Result<Answer> {
    Ok(Answer::status(204))
}
