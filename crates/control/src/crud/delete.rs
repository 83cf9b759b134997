//! DELETE of one resource.

use arm::{ETag, Result};
use resources::ResourceDef;
use store::{Delete, Precondition};

use crate::{Answer, Control, control::Context, kinds, operation_results};

impl Control {
    pub(crate) async fn delete_resource(&self, cx: &Context<'_>, _: &'static ResourceDef) -> Result<Answer> {
        let Some(document) = self.read(&cx.id).await? else {
            return Ok(Answer::status(204));
        };
        cx.call.condition.check(Some(&ETag(document.etag.to_string())))?;
        let mut batch = self.batch();
        kinds::before_delete(self, cx, &document, &mut batch).await?;
        batch = batch.write(Delete::tree(document.key.clone()).when(Precondition::Etag(document.etag)));
        // Where the specification leaves no 200, it wants to be asked again: 2024-05-01 on for APIs and users.
        if cx.version.deletes_take_time() && !cx.operation.success.contains(&200) {
            let headers = operation_results::succeeded(self, cx, &mut batch).await?;
            return self.commit(batch, |_| Answer { headers, ..Answer::status(202) }).await;
        }
        self.commit(batch, |_| Answer::status(200)).await
    }
}
