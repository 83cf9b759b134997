//! `apiLinks`, `groupLinks`, `operationLinks`, `productLinks`: links under names of their own.
//!
//! They are another view of the link documents; see [`LinkView`]. A link that was made without a name (through
//! `products/{p}/apis/{a}`) goes by the name of what it links.

use arm::{Error, Method, ResourceId, Result};
use resources::{LinkView, ResourceDef, base_name};
use serde_json::{Value, json};
use store::{Document, IndexEntry, Precondition, Query};

use crate::{
    Answer, Control,
    commit::{id_of, key, missing, put},
    control::Context,
    secrets::PRIVATE,
};

pub(crate) async fn run(control: &Control, cx: &Context<'_>, view: &LinkView) -> Result<Answer> {
    if !cx.operation.names_one {
        control.read(&cx.id).await?.ok_or_else(|| missing(&cx.id))?;
        let links = control.links(&cx.id, view).await?;
        let shown = links.iter().map(|link| show(&cx.id, view, link)).collect::<Result<Vec<_>>>()?;
        return control.page_of(cx.call, shown);
    }
    let owner = cx.id.parent().ok_or_else(|| missing(&cx.id))?;
    let name = cx.id.name();
    match cx.call.method {
        Method::Put => control.put_link(cx, view, &owner).await,
        Method::Delete => {
            let Some(link) = control.link(&owner, view, name).await? else { return Ok(Answer::status(204)) };
            let batch = control.batch().write(store::Delete::one(link.key));
            control.commit(batch, |_| Answer::status(200)).await
        }
        _ => {
            let link = control.link(&owner, view, name).await?.ok_or_else(|| missing(&cx.id))?;
            Ok(Answer::json(200, show(&owner, view, &link)?).etag(link.etag))
        }
    }
}

impl Control {
    async fn put_link(&self, cx: &Context<'_>, view: &LinkView, owner: &ResourceId) -> Result<Answer> {
        let mut batch = self.batch();
        self.require(owner, &mut batch).await?;
        let body = cx.call.json()?;
        let text = body["properties"][view.field].as_str().unwrap_or_default();
        let scope = owner.scope().ok_or_else(|| missing(owner))?;
        let target = scope.refer(text).filter(|target| {
            target
                .relative()
                .to_lowercase()
                .starts_with(&format!("/{}/", view.to.split('/').next().unwrap_or_default()))
                && target.segment().eq_ignore_ascii_case(view.to.rsplit('/').next().unwrap_or_default())
        });
        let wrong = || Error::invalid(view.field, format!("'{}' must name an existing resource.", view.field));
        let target = self.current_revision(target.ok_or_else(wrong)?).await?;
        self.require(&target, &mut batch).await.map_err(|_| wrong())?;
        let (id, def) = stored(owner, view, &target)?;
        let existing = self.read(&id).await?;
        if let Some(other) = self.link(owner, view, cx.id.name()).await?.filter(|other| other.key != key(&id)) {
            // The name moves on to another target.
            batch = batch.write(store::Delete::one(other.key));
        }
        let body = json!({ "properties": {}, (PRIVATE): { "link": cx.id.name() } });
        let entry = IndexEntry::new("link-name", link_name(owner, cx.id.name()));
        let write = put(def, &id, &body, body.clone()).index(entry);
        let condition = existing.as_ref().map_or(Precondition::Absent, |existing| Precondition::Etag(existing.etag));
        let status = if existing.is_some() { 200 } else { 201 };
        let shown = arm::envelope(&cx.id, &as_object(json!({ "properties": { (view.field): target.as_str() } })));
        self.commit(batch.write(write.when(condition)), |commit| {
            let answer = Answer::json(status, shown);
            match commit.etags.last().copied().flatten() {
                Some(etag) => answer.etag(etag),
                None => answer,
            }
        })
        .await
    }

    /// All links of an owner that a view shows.
    async fn links(&self, owner: &ResourceId, view: &LinkView) -> Result<Vec<Document>> {
        if !view.inverted {
            return self.children(owner, view.to).await;
        }
        let scope = owner.scope().ok_or_else(|| missing(owner))?;
        let kind = format!("{}/{}/{}", scope.kind(), view.to, owner.segment().to_lowercase());
        self.list(Query::kind(kind).under(&key(&scope)).index("target", owner.key())).await
    }

    async fn link(&self, owner: &ResourceId, view: &LinkView, name: &str) -> Result<Option<Document>> {
        let links = self.links(owner, view).await?;
        Ok(links.into_iter().find(|link| name_of(view, link).is_some_and(|known| known.eq_ignore_ascii_case(name))))
    }
}

fn show(owner: &ResourceId, view: &LinkView, link: &Document) -> Result<Value> {
    let id = id_of(link)?;
    let target = if view.inverted {
        id.parent().ok_or_else(|| Error::internal("a link without a parent"))?
    } else {
        let scope = id.scope().ok_or_else(|| Error::internal("a link outside of a service"))?;
        scope.child(view.to, id.name())
    };
    let name = name_of(view, link).unwrap_or_default();
    let body = as_object(json!({ "properties": { (view.field): target.as_str() } }));
    Ok(arm::envelope(&owner.child(view.segment, &name), &body).into())
}

/// The name of a link in a view: its own, or that of what it links.
fn name_of(view: &LinkView, link: &Document) -> Option<String> {
    if let Some(name) = link.body[PRIVATE]["link"].as_str() {
        return Some(name.to_owned());
    }
    let id = id_of(link).ok()?;
    let linked = if view.inverted { id.parent()?.name().to_owned() } else { id.name().to_owned() };
    Some(base_name(&linked).to_owned())
}

/// Where a link is stored.
fn stored(owner: &ResourceId, view: &LinkView, target: &ResourceId) -> Result<(ResourceId, &'static ResourceDef)> {
    let id =
        if view.inverted { target.child(owner.segment(), owner.name()) } else { owner.child(view.to, target.name()) };
    let def = resources::def(&id.kind()).ok_or_else(|| Error::internal(format!("no kind for the link '{id}'")))?;
    Ok((id, def))
}

fn link_name(owner: &ResourceId, name: &str) -> String {
    format!("{}|{}", owner.key(), name.to_lowercase())
}

fn as_object(value: Value) -> serde_json::Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => serde_json::Map::new(),
    }
}
