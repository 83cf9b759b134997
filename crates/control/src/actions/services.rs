//! The services of a subscription or of a resource group.

use arm::Result;
use store::{Key, Query};

use crate::{Answer, Control, commit::missing, control::Context};

pub(super) async fn list(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let owner = cx.id.resource_group().unwrap_or_else(|| cx.id.clone());
    control.read(&owner).await?.ok_or_else(|| missing(&owner))?;
    let def = resources::def("service").ok_or_else(|| missing(&owner))?;
    let found = control.list(Query::kind("service").under(&Key::new(owner.as_str()))).await?;
    control.page(cx.call, def, found).await
}
