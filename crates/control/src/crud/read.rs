//! GET and HEAD of one resource.

use arm::{ETag, Result};
use resources::ResourceDef;
use serde_json::{Map, Value};
use store::Document;

use crate::{
    Answer, Control,
    commit::{id_of, link_target, missing},
    control::Context,
    kinds,
};

impl Control {
    pub(crate) async fn read_resource(&self, cx: &Context<'_>, def: &'static ResourceDef) -> Result<Answer> {
        let document = self.read(&cx.id).await?.ok_or_else(|| missing(&cx.id))?;
        if cx.call.condition.is_unchanged(&ETag(document.etag.to_string())) {
            return Ok(Answer::status(304).etag(document.etag));
        }
        let mut shown = self.linked(def, &document).await?;
        kinds::policy::convert(&cx.id, cx.call.param("format"), &mut shown)?;
        Ok(Answer::json(200, shown).etag(document.etag))
    }

    /// HEAD: 200 for a resource, 204 for a link, 404 where there is none.
    pub(crate) async fn check_resource(&self, cx: &Context<'_>) -> Result<Answer> {
        let document = self.read(&cx.id).await?.ok_or_else(|| missing(&cx.id))?;
        let status = cx.operation.success.first().copied().unwrap_or(200);
        Ok(Answer::status(status).etag(document.etag))
    }

    /// A document as a GET shows it; a link shows what it links.
    pub(crate) async fn linked(&self, def: &'static ResourceDef, document: &Document) -> Result<Map<String, Value>> {
        let Some(link) = &def.link else { return self.shown(def, document) };
        let id = id_of(document)?;
        let target = match link_target(&id, link.to) {
            Some(target) => self.read(&target).await?,
            None => None,
        };
        let target_def = target.as_ref().and_then(|target| resources::def(&target.kind));
        match target.zip(target_def) {
            Some((target, def)) => Ok(arm::envelope(&id, &self.shown(def, &target)?)),
            None => self.shown(def, document),
        }
    }
}
