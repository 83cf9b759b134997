//! One recorded case: what it says, and whether our evaluation agrees.

use std::sync::Arc;

use csharp::{
    Args, Compiled, Cx, Failure, Form, Options, Ty, Value, compile,
    limits::Limits,
    surface::{MemberId, Surface},
};
use serde::Deserialize;

use cli::fixture::Fixtures;

/// A line of a `*.jsonl` file; fields that nobody compares are left out.
#[derive(Deserialize)]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) category: String,
    kind: Kind,
    pub(super) code: String,
    fixture: Option<String>,
    #[serde(rename = "type")]
    ty: Option<String>,
    value: Option<String>,
    json: Option<String>,
    throws: Option<Throws>,
    compile_error: Option<String>,
    #[serde(default)]
    opaque_type: bool,
    #[serde(default)]
    traces: Vec<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Expression,
    Block,
}

#[derive(Deserialize)]
struct Throws {
    #[serde(rename = "type")]
    ty: String,
    #[serde(default)]
    bases: Vec<String>,
}

/// How a case went.
pub(super) enum Outcome {
    Passed,
    Failed { expected: String, actual: String },
}

/// What an evaluation gave, as far as cases tell.
struct Seen {
    ty: String,
    value: Option<String>,
    json: Option<String>,
}

impl Case {
    pub(super) fn run(&self, surface: &Arc<Surface>, fixtures: &Fixtures) -> Outcome {
        let form = match self.kind {
            Kind::Expression => Form::Expression,
            Kind::Block => Form::Block,
        };
        let Compiled { program, diagnostics } = compile(&self.code, form, surface, &Options::default());
        let Some(program) = program else {
            let first = diagnostics.iter().find(|found| found.severity == base::Severity::Error);
            let actual = first.map_or("no program".into(), |error| format!("{}: {}", error.code, error.message));
            let code = first.map(|error| error.code.to_string());
            return self.judge(self.compile_error.is_some() && code == self.compile_error, actual);
        };
        if self.compile_error.is_some() {
            return self.judge(false, "compiles".into());
        }
        let mut host = fixtures.host(self.fixture.as_deref().unwrap_or("default"));
        let wants_json = self.json.is_some();
        let seen = program.run_with(&mut host, &Limits::default(), None, |cx, value| self.look(cx, &value, wants_json));
        match seen {
            Err(Failure::Exception(exception)) => {
                let name = exception.def.name.replace('+', ".");
                let passed = self.throws.as_ref().is_some_and(|throws| {
                    throws.ty.replace('+', ".") == name
                        || throws.bases.iter().any(|base| base.replace('+', ".") == name)
                });
                self.judge(passed, format!("throws {name}: {}", exception.message))
            }
            Err(failure) => self.judge(false, format!("{failure:?}")),
            Ok(seen) => {
                let agrees = self.throws.is_none()
                    && self.ty.as_ref().is_some_and(|ty| ty.replace('+', ".") == seen.ty.replace('+', "."))
                    && (self.opaque_type || self.value == seen.value)
                    && (self.json.is_none() || self.json == seen.json)
                    && (self.traces.is_empty() || self.traces == host.traces);
                let traces =
                    if self.traces == host.traces { String::new() } else { format!(", traces {:?}", host.traces) };
                self.judge(agrees, format!("{} {:?}, json {:?}{traces}", seen.ty, seen.value, seen.json))
            }
        }
    }

    fn judge(&self, passed: bool, actual: String) -> Outcome {
        if passed {
            return Outcome::Passed;
        }
        let expected = match (&self.compile_error, &self.throws) {
            (Some(code), _) => code.clone(),
            (_, Some(throws)) => format!("throws {}", throws.ty),
            _ => {
                let ty = self.ty.as_deref().unwrap_or("?");
                let traces = if self.traces.is_empty() { String::new() } else { format!(", traces {:?}", self.traces) };
                format!("{ty} {:?}, json {:?}{traces}", self.value, self.json)
            }
        };
        Outcome::Failed { expected, actual }
    }

    fn look(&self, cx: &mut Cx<'_>, value: &Value, wants_json: bool) -> csharp::Result<Seen> {
        let ty = match value.ty() {
            Ty::Null => "null".into(),
            ty if self.opaque_type => sequence_type(cx.surface, &ty),
            ty => ty.full_name(),
        };
        if self.opaque_type || self.throws.is_some() {
            let is_lazy = matches!(value, Value::Object(object) if object.clone().iterate().is_some());
            if is_lazy {
                cx.collect(value)?;
            }
        }
        let json = if wants_json { Some(json(cx, value)?) } else { None };
        let text = if value.is_null() { None } else { Some(cx.text(value)?.to_text().into_owned()) };
        Ok(Seen { ty, value: text, json })
    }
}

/// How cases name the type of what is enumerated lazily: by its `IEnumerable<T>`.
fn sequence_type(surface: &Surface, ty: &Ty) -> String {
    match surface.element_type(ty) {
        Some(element) => format!("System.Collections.Generic.IEnumerable<{}>", element.full_name()),
        None => ty.full_name(),
    }
}

/// What `JsonConvert.SerializeObject` makes of it.
fn json(cx: &mut Cx<'_>, value: &Value) -> csharp::Result<String> {
    let Some(member) = serialize_object(cx.surface) else { return Ok("JsonConvert.SerializeObject is missing".into()) };
    let run = cx.surface.member(member).row.run;
    let text = run(cx, Args::new(&mut [value.clone()], &[]))?;
    Ok(text.as_str().map(|text| text.to_text().into_owned()).unwrap_or_default())
}

fn serialize_object(surface: &Surface) -> Option<MemberId> {
    let info = surface.type_named("Newtonsoft.Json.JsonConvert", 0)?;
    let named = info.by_name.get("SerializeObject")?;
    named.iter().copied().find(|id| surface.member(*id).params.len() == 1)
}
