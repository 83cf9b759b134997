//! Policies and fragments: fetched where given as a link, checked before they are stored, shown in either format.

use arm::{Error, ResourceId, Result};
use base::{Diagnostic, LineIndex, Severity};
use policy_xml::{FRAGMENT_LIMIT, Format};
use resources::{Uses, uses};
use serde_json::{Map, Value};
use store::{Batch, Document, Query};

use crate::{
    Checked, Control, Known, PolicyPlace, PolicyText,
    commit::{id_of, key, rely, users_of},
    crud::Draft,
};

pub(super) async fn prepare(control: &Control, draft: &mut Draft, batch: &mut Batch) -> Result<()> {
    let format = draft.text("format").to_ascii_lowercase();
    if let Some(inline) = format.strip_suffix("-link") {
        let url = draft.text("value").to_owned();
        let limit = control.settings().fetch_limit;
        let fetched = control.parts.fetch.fetch(&url, limit).await;
        let fetched = fetched.map_err(|why| Error::invalid("value", format!("'{url}' could not be fetched: {why}")))?;
        let text = String::from_utf8(fetched)
            .map_err(|_| Error::invalid("value", format!("What '{url}' answers is not UTF-8 text.")))?;
        draft.set("value", text.trim_start_matches('\u{feff}'));
        draft.set("format", inline);
    }
    check(control, &draft.id, &draft.body, None, batch).await?;
    if draft.def.segment == "policyFragments" {
        return check_users(control, draft, batch).await;
    }
    Ok(())
}

/// Refuses the body of a policy or fragment that would not run. `overlay` is about to be written with it. The batch relies
/// on what the body mentions: it must still be there, and say the same, when the body is stored.
pub(super) async fn check(
    control: &Control,
    id: &ResourceId,
    body: &Value,
    overlay: Option<&Draft>,
    batch: &mut Batch,
) -> Result<()> {
    let text = body["properties"]["value"].as_str().unwrap_or_default();
    let is_policy = matches!(id.segment(), "policies" | "policyFragments");
    // What is empty or too long breaks the kind's own rules, which tell so.
    if !is_policy || text.is_empty() || text.len() > FRAGMENT_LIMIT {
        return Ok(());
    }
    let known = known(control, id, body, overlay, batch).await?;
    let format = body["properties"]["format"].as_str().filter(|format| !format.is_empty()).unwrap_or("xml");
    let policy = PolicyText { text, format, place: place(id) };
    refuse(text, &control.parts.policies.check(&policy, &known))
}

/// Makes sure that the policies that mention a named value or a fragment still compile with its new content.
pub(super) async fn check_users(control: &Control, draft: &Draft, batch: &mut Batch) -> Result<()> {
    let (what, name) = match draft.def.segment {
        "policyFragments" => (Uses::Fragment, draft.id.name()),
        _ => (Uses::NamedValue, draft.text("displayName")),
    };
    for user in control.list(users_of(&draft.id, what.value(&draft.id, name))).await? {
        if user.key == key(&draft.id) {
            continue;
        }
        let id = id_of(&user)?;
        check(control, &id, &user.body, Some(draft), batch).await.map_err(|error| {
            let message = format!("'{}' would no longer compile.", id.relative());
            Error { details: error.details, ..Error::validation() }.at("value", message)
        })?;
    }
    Ok(())
}

/// Turns the text of a shown policy into the format that was asked for. Without one, a policy comes back as it was
/// written.
pub(crate) fn convert(id: &ResourceId, format: Option<&str>, shown: &mut Map<String, Value>) -> Result<()> {
    if !matches!(id.segment(), "policies" | "policyFragments") {
        return Ok(());
    }
    let Some(format) = format else { return Ok(()) };
    let Some(wanted) = ["xml", "rawxml"].into_iter().find(|known| known.eq_ignore_ascii_case(format)) else {
        return Err(Error::invalid("format", format!("'{format}' is not one of xml, rawxml.")));
    };
    let Some(properties) = shown.get_mut("properties").and_then(Value::as_object_mut) else { return Ok(()) };
    let stored = properties.get("format").and_then(Value::as_str).unwrap_or("xml").to_owned();
    if stored == wanted {
        return Ok(());
    }
    let text = properties.get("value").and_then(Value::as_str).unwrap_or_default();
    let (Some(from), Some(to)) = (Format::parse(&stored), Format::parse(wanted)) else { return Ok(()) };
    // What cannot be read any more is shown as it was written, under its own format.
    if let Ok(text) = policy_xml::convert(text, from, to) {
        properties.insert("value".to_owned(), text.into());
        properties.insert("format".to_owned(), wanted.into());
    }
    Ok(())
}

/// Where the policy of this id stands.
fn place(id: &ResourceId) -> PolicyPlace {
    let parent = id.parent().map(|parent| parent.segment().to_ascii_lowercase()).unwrap_or_default();
    match (id.segment(), parent.as_str()) {
        ("policyFragments", _) => PolicyPlace::Fragment,
        (_, "workspaces") => PolicyPlace::Workspace,
        (_, "products") => PolicyPlace::Product,
        (_, "apis") => PolicyPlace::Api,
        (_, "operations") => PolicyPlace::Operation,
        _ => PolicyPlace::Global,
    }
}

/// What exists of the things that a policy mentions, and that its fragments mention. `overlay` is about to be written.
async fn known(
    control: &Control,
    id: &ResourceId,
    body: &Value,
    overlay: Option<&Draft>,
    batch: &mut Batch,
) -> Result<Known> {
    let mut known = Known { url_template: url_template(control, id).await?, ..Known::default() };
    let mut todo: Vec<String> = mentions(id, body);
    let mut seen: Vec<String> = Vec::new();
    while let Some(mention) = todo.pop() {
        if seen.contains(&mention) {
            continue;
        }
        seen.push(mention.clone());
        let Some((word, name)) = mention.split_once(':') else { continue };
        let Some((body, opened)) = mentioned(control, id, word, name, overlay, batch).await? else { continue };
        let name = name.to_owned();
        match word {
            "namedvalue" => {
                known.named_values.insert(name, opened["properties"]["value"].as_str().unwrap_or_default().to_owned());
            }
            "fragment" => {
                let field = |field: &str| opened["properties"][field].as_str().unwrap_or_default().to_owned();
                todo.extend(mentions(&id.scope().unwrap_or_else(|| id.clone()).child("policyFragments", &name), &body));
                known.fragments.insert(name, (field("value"), field("format")));
            }
            "backend" => known.backends.push(name),
            "certificate" => known.certificates.push(name),
            "schema" => drop(known.schemas.insert(name, opened["properties"].clone())),
            _ => known.loggers.push(name),
        }
    }
    Ok(known)
}

/// The URL template of the operation that the policy belongs to. The batch does not rely on it: an operation may change
/// without its policy, and then the policy fails when it runs.
async fn url_template(control: &Control, id: &ResourceId) -> Result<Option<String>> {
    let Some(parent) = id.parent().filter(|_| place(id) == PolicyPlace::Operation) else { return Ok(None) };
    let operation = control.read(&parent).await?;
    Ok(operation.and_then(|found| found.body["properties"]["urlTemplate"].as_str().map(str::to_owned)))
}

/// What a body mentions: `namedvalue:key`.
fn mentions(id: &ResourceId, body: &Value) -> Vec<String> {
    let values = uses(id, body).into_iter().map(|index| index.value);
    values.filter_map(|value| value.split_once('|').map(|(_, mention)| mention.to_owned())).collect()
}

/// The stored and the opened body of what a mention means.
async fn mentioned(
    control: &Control,
    id: &ResourceId,
    word: &str,
    name: &str,
    overlay: Option<&Draft>,
    batch: &mut Batch,
) -> Result<Option<(Value, Value)>> {
    let Some(scope) = id.scope() else { return Ok(None) };
    let segment = match word {
        "namedvalue" => "namedValues",
        "fragment" => "policyFragments",
        "backend" => "backends",
        "certificate" => "certificates",
        "schema" => "schemas",
        _ => "loggers",
    };
    if let Some(draft) = overlay.filter(|draft| draft.def.segment == segment) {
        let known_as = if segment == "namedValues" { draft.text("displayName") } else { draft.id.name() };
        if known_as.eq_ignore_ascii_case(name) {
            return Ok(Some((draft.body.clone(), draft.body.clone())));
        }
    }
    let document: Option<Document> = if segment == "namedValues" {
        let value = resources::Index::scoped(id, name);
        let found = control.list(Query::default().under(&key(&scope)).index("named-value", value).top(1)).await?;
        // One that is being renamed is known by its new name only.
        found.into_iter().find(|found| overlay.is_none_or(|draft| found.key != key(&draft.id)))
    } else {
        control.read(&scope.child(segment, name)).await?
    };
    let Some((document, def)) = document.and_then(|found| resources::def(&found.kind).map(|def| (found, def))) else {
        return Ok(None);
    };
    rely(batch, &document);
    let opened = control.opened(def, &document)?;
    Ok(Some((document.body, opened)))
}

/// Tells what refuses a policy, in the form that the service has: element, line and column.
fn refuse(text: &str, checked: &Checked) -> Result<()> {
    let lines = LineIndex::new(text);
    let mut wrong = Error::validation();
    for diagnostic in checked.diagnostics.iter().filter(|found| found.severity == Severity::Error) {
        let place = lines.position(text, diagnostic.span.start);
        let element = element(text, diagnostic);
        let notes = diagnostic.notes.iter().fold(String::new(), |all, note| format!("{all} {note}"));
        // Messages of the C# compiler end without a full stop.
        let stop = if notes.is_empty() || diagnostic.message.ends_with(['.', '?', '!']) { "" } else { "." };
        wrong = wrong.at(
            element.clone(),
            format!(
                "Error in element '{element}' on line {}, column {}: {}{stop}{notes} ({})",
                place.line, place.column, diagnostic.message, diagnostic.code
            ),
        );
    }
    if wrong.details.is_empty() { Ok(()) } else { Err(wrong) }
}

/// The name of the element that a finding lies in: the last one that opens before it.
fn element(text: &str, diagnostic: &Diagnostic) -> String {
    let mut end = (diagnostic.span.start as usize + 1).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let name = |rest: &str| {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(rest.len());
        rest[..end].to_owned()
    };
    let mut names = text[..end].rmatch_indices('<').map(|(at, _)| name(&text[at + 1..]));
    names.find(|name| !name.is_empty()).unwrap_or_else(|| "policies".to_owned())
}
