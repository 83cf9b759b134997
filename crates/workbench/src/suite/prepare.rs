//! From what a test file says to what a stage needs.

use std::{collections::BTreeMap, rc::Rc, sync::Arc, time::Duration};

use engine::http_text;
use policy::{Catalogue, NamedValue, Scope, Url, entity::Backend};
use serde_json::Value as Json;

use super::{
    Files,
    file::{AnswerEntry, BackendEntry, NamedEntry, TestFile, duration},
};
use crate::{
    check::excerpt,
    place::{Kind, kind_of, scope},
    stage::{Answer, Context, Finding, Pattern, Play, Reply, Script, Text},
};

/// What named values make of a file's documents: a play, or why there is none.
type Compiled = (BTreeMap<String, String>, Rc<Script>, Result<Rc<Play>, String>);

/// The documents of a file, compiled once for each set of named values.
pub(super) struct Prepared {
    script: Rc<Script>,
    plays: Vec<Compiled>,
}

impl Prepared {
    /// Reads all that the file names.
    pub(super) fn new(_: &Catalogue, files: &dyn Files, from: &Text, file: &TestFile) -> Result<Self, String> {
        let mut script = Script::default();
        if let Some(policy) = &file.policy {
            let text = text(files, &from.path, policy)?;
            let of_path = match kind_of(&text.path, false) {
                Kind::Policies(scope) => scope,
                Kind::Fragment(_) => None,
            };
            let said = file.scope.as_deref().map(scope_of).transpose()?;
            script.documents.insert(said.or(of_path).unwrap_or(Scope::Api), text);
        }
        for (word, policy) in &file.policies {
            script.documents.insert(scope_of(word)?, text(files, &from.path, policy)?);
        }
        if script.documents.is_empty() {
            return Err("the file names no document: add `policy: orders.xml`".into());
        }
        script.fragments.extend(files.fragments().iter().cloned());
        for (id, fragment) in &file.fragments {
            script.fragments.insert(id.to_ascii_lowercase(), text(files, &from.path, fragment)?);
        }
        for (id, entry) in &file.backends {
            let (BackendEntry::Url(url) | BackendEntry::Entity { url }) = entry;
            let address = Url::parse(url).ok_or_else(|| format!("backends.{id}: \"{url}\" is no absolute URL"))?;
            let backend = Backend { id: id.as_str().into(), url: Some(address), ..Backend::default() };
            script.backends.insert(id.to_ascii_lowercase(), Arc::new(backend));
        }
        name_values(&mut script, &file.named_values);
        Ok(Self { script: Rc::new(script), plays: Vec::new() })
    }

    /// The documents with these named values besides those of the file.
    pub(super) fn play(
        &mut self,
        catalogue: &Catalogue,
        own: &BTreeMap<String, NamedEntry>,
    ) -> Result<(Rc<Script>, Rc<Play>), String> {
        let key: BTreeMap<String, String> =
            own.iter().map(|(name, entry)| (name.clone(), format!("{entry:?}"))).collect();
        let at = match self.plays.iter().position(|(known, ..)| *known == key) {
            Some(at) => at,
            None => {
                let mut script = (*self.script).clone();
                name_values(&mut script, own);
                let play = Play::compile(catalogue, &script).map(Rc::new).map_err(|found| findings(&found));
                self.plays.push((key, Rc::new(script), play));
                self.plays.len() - 1
            }
        };
        match self.plays.get(at) {
            Some((_, script, Ok(play))) => Ok((Rc::clone(script), Rc::clone(play))),
            Some((.., Err(error))) => Err(error.clone()),
            None => Err("the documents were not compiled".into()),
        }
    }
}

/// Findings with their places.
pub(crate) fn findings(found: &[Finding]) -> String {
    let all = found.iter().map(|found| excerpt(&found.text.path, &found.text.text, &found.diagnostic, false));
    format!("the documents do not compile:\n{}", all.collect::<Vec<_>>().join("\n\n"))
}

fn name_values(script: &mut Script, entries: &BTreeMap<String, NamedEntry>) {
    for (name, entry) in entries {
        let (value, secret) = match entry {
            NamedEntry::Value(value) => (value, false),
            NamedEntry::Full { value, secret } => (value, *secret),
        };
        let named = NamedValue { value: value.text().into(), secret };
        script.named_values.insert(name.to_ascii_lowercase(), named);
    }
}

fn scope_of(word: &str) -> Result<Scope, String> {
    scope(word)
        .ok_or_else(|| format!("\"{word}\" is no scope; the scopes are global, workspace, product, api, operation"))
}

/// A document that is written out, or lies beside the test file.
fn text(files: &dyn Files, from: &str, said: &str) -> Result<Text, String> {
    if said.trim_start().starts_with('<') {
        return Ok(Text { path: String::new(), text: said.into() });
    }
    files.read(from, said.trim())
}

/// A message that is written out, or lies beside the test file.
pub(super) fn message(files: &dyn Files, from: &str, said: &str) -> Result<String, String> {
    let is_path = !said.trim().contains([' ', '\n']);
    if is_path { files.read(from, said.trim()).map(|text| text.text.to_string()) } else { Ok(said.to_owned()) }
}

/// What a service answers.
pub(super) fn answer(files: &dyn Files, from: &str, entry: &AnswerEntry) -> Result<Answer, String> {
    let what = |error: String| format!("answers, {}: {error}", entry.to);
    let reply = match (&entry.respond, entry.fail.as_deref()) {
        (Some(_), Some(_)) => return Err(what("it has either `respond` or `fail`".into())),
        (None, Some("connection")) => Reply::ConnectionFailure("the test has it refused".into()),
        (None, Some("timeout")) => Reply::Silence,
        (None, Some(other)) => return Err(what(format!("\"{other}\" is no failure; say connection or timeout"))),
        (Some(text), None) => {
            let message = message(files, from, text).and_then(|text| http_text::read(&text)).map_err(what)?;
            Reply::of(message).map_err(what)?
        }
        (None, None) => http_text::read("HTTP/1.1 200 OK").and_then(Reply::of)?,
    };
    let delay = entry.delay.as_deref().map_or(Ok(Duration::ZERO), duration).map_err(what)?;
    Ok(Answer { to: Pattern::parse(&entry.to), reply, delay, times: entry.times })
}

/// The context of a file with that of a test laid over it.
pub(super) fn context(of_file: Option<&Json>, of_test: Option<&Json>) -> Result<Context, String> {
    let mut whole = of_file.cloned().unwrap_or_else(|| Json::Object(serde_json::Map::new()));
    if let Some(own) = of_test {
        overlay(&mut whole, own);
    }
    serde_json::from_value(whole).map_err(|error| format!("context: {error}"))
}

fn overlay(below: &mut Json, above: &Json) {
    match (below, above) {
        (Json::Object(below), Json::Object(above)) => {
            for (name, value) in above {
                overlay(below.entry(name.clone()).or_insert(Json::Null), value);
            }
        }
        (below, above) => *below = above.clone(),
    }
}
