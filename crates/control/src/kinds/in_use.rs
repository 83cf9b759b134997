//! Deletes that others would feel: refused where they are needed, followed where they only link.

use arm::{Error, Result};
use resources::Uses;
use store::{Batch, Delete, Document, Query};

use crate::{
    Control,
    commit::{id_of, key, users_of},
    control::Context,
};

/// Refuses the delete of what a policy or another resource mentions by name, and says where.
pub(super) async fn mentioned(control: &Control, document: &Document, batch: &mut Batch) -> Result<()> {
    let id = id_of(document)?;
    let (what, name) = match id.segment() {
        "namedValues" => (Uses::NamedValue, document.properties()["displayName"].as_str().unwrap_or(id.name())),
        "backends" => (Uses::Backend, id.name()),
        "policyFragments" => (Uses::Fragment, id.name()),
        "certificates" => (Uses::Certificate, id.name()),
        "schemas" => (Uses::Schema, id.name()),
        _ => (Uses::Logger, id.name()),
    };
    let users = users_of(&id, what.value(&id, name));
    refuse(document, found(control, users, batch).await?)
}

/// Refuses the delete of a version set that APIs belong to.
pub(super) async fn version_set(control: &Control, document: &Document, batch: &mut Batch) -> Result<()> {
    let id = id_of(document)?;
    let scope = id.scope().unwrap_or_else(|| id.clone());
    let users = Query::default().under(&key(&scope)).index("version-set", id.key());
    refuse(document, found(control, users, batch).await?)
}

/// A product goes with its subscriptions only if the caller says so.
pub(super) async fn product(control: &Control, cx: &Context<'_>, document: &Document, batch: &mut Batch) -> Result<()> {
    let subscriptions = subscriptions(control, document, "subscription-scope", batch).await?;
    if !subscriptions.is_empty() && !cx.call.flag("deleteSubscriptions") {
        return Err(Error::invalid(
            "deleteSubscriptions",
            format!(
                "Product '{}' has {} subscription(s), such as '{}'. Delete them first, or pass deleteSubscriptions=true.",
                document.name(),
                subscriptions.len(),
                subscriptions.first().map(Document::name).unwrap_or_default()
            ),
        ));
    }
    remove(batch, subscriptions);
    unlink(control, document, batch).await
}

/// A built-in group stays; another goes with the links to it.
pub(super) async fn group(control: &Control, document: &Document, batch: &mut Batch) -> Result<()> {
    if document.properties()["builtIn"] == true {
        let message = format!("The built-in group '{}' cannot be deleted.", document.name());
        return Err(Error::invalid("name", message));
    }
    unlink(control, document, batch).await
}

/// Removes every link to a resource.
pub(super) async fn unlink(control: &Control, document: &Document, batch: &mut Batch) -> Result<()> {
    let id = id_of(document)?;
    let scope = id.service().unwrap_or_else(|| id.clone());
    let links = found(control, Query::default().under(&key(&scope)).index("target", id.key()), batch).await?;
    remove(batch, links);
    Ok(())
}

/// The subscriptions that an index finds for a resource.
pub(super) async fn subscriptions(
    control: &Control,
    document: &Document,
    index: &str,
    batch: &mut Batch,
) -> Result<Vec<Document>> {
    let id = id_of(document)?;
    let scope = id.service().unwrap_or_else(|| id.clone());
    found(control, Query::default().under(&key(&scope)).index(index, id.key()), batch).await
}

/// What a query finds now. Whatever it would find besides when the batch is applied refuses the batch, so that nothing
/// begins to refer to what is being deleted.
pub(super) async fn found(control: &Control, query: Query, batch: &mut Batch) -> Result<Vec<Document>> {
    batch.leaves_none.push(query.clone());
    control.list(query).await
}

/// Adds deletes to a batch.
pub(super) fn remove(batch: &mut Batch, documents: Vec<Document>) {
    batch.writes.extend(documents.into_iter().map(|document| Delete::tree(document.key).into()));
}

fn refuse(document: &Document, users: Vec<Document>) -> Result<()> {
    let places: Vec<String> = users
        .iter()
        .filter(|user| user.key != document.key)
        .filter_map(|user| id_of(user).ok())
        .map(|user| user.relative().to_owned())
        .collect();
    if places.is_empty() {
        return Ok(());
    }
    let title = resources::def(&document.kind).map_or("Resource", |def| def.title);
    let shown = places.iter().take(10).map(|place| format!("'{place}'")).collect::<Vec<_>>().join(", ");
    let more = if places.len() > 10 { format!(" and {} more", places.len() - 10) } else { String::new() };
    let message = format!("{title} '{}' cannot be deleted because it is used by {shown}{more}.", document.name());
    Err(Error::invalid("name", message))
}
