//! `tollgate eval`: what a policy expression gives.

use std::{fs, sync::Arc};

use base::{Clock, Diagnostic, LineIndex, Severity};
use csharp::{Failure, Form, Options, compile, limits::Limits, surface::Surface};
use policy::policy_xml::{self, Whole};
use serde_json::json;

use crate::{arguments::Eval, fixture::Fixtures, host::SystemClock, output::Failed};

/// Compiles and evaluates; the value goes to standard output, warnings and errors to standard error.
pub(crate) fn run(arguments: &Eval) -> Result<(), Failed> {
    let surface = dotnet::surface().map_err(|errors| Failed::new(errors.join("; ")))?;
    let source = arguments.expression.trim();
    let (form, range) = match policy_xml::whole(source) {
        Whole::Expression { form: policy_xml::Form::Expression, inner } => (Form::Expression, inner),
        Whole::Expression { form: policy_xml::Form::Statements, inner } => (Form::Block, inner),
        _ => {
            return Err(Failed::usage(
                "an expression is written @(…) or @{…}; quote it for the shell with single quotes",
            ));
        }
    };
    let code = source.get(range.clone()).unwrap_or_default();
    let compiled = compile(code, form, &surface, &Options::default());
    for diagnostic in &compiled.diagnostics {
        eprintln!("{}", rendered(source, &diagnostic.clone().shifted(range.start as u32)));
    }
    let Some(program) = compiled.program else { return Err(Failed::new("the expression does not compile")) };
    let fixtures = fixtures(arguments, &surface)?;
    let mut host = fixtures.host("default");
    let seen = program.run_with(&mut host, &Limits::default(), None, |cx, value| {
        Ok((value.ty().full_name(), value.is_null(), cx.text(&value)?.to_text().into_owned()))
    });
    let traces = std::mem::take(&mut host.traces);
    if !arguments.json {
        for trace in &traces {
            eprintln!("trace: {trace}");
        }
    }
    match seen {
        Ok((ty, null, text)) if arguments.json => {
            let value = if null { serde_json::Value::Null } else { text.into() };
            println!("{}", json!({ "type": if null { "null" } else { &ty }, "value": value, "traces": traces }));
            Ok(())
        }
        Ok((_, null, text)) => {
            println!("{}", if null { "null" } else { &text });
            Ok(())
        }
        Err(failure) => {
            let (kind, message) = described(&failure);
            if arguments.json {
                println!("{}", json!({ "throws": kind, "message": message, "traces": traces }));
            }
            Err(Failed::new(format!("{kind}: {message}")))
        }
    }
}

fn fixtures(arguments: &Eval, surface: &Arc<Surface>) -> Result<Fixtures, Failed> {
    let Some(file) = &arguments.context else {
        // Without a context there is only the time.
        let now = arm::rfc3339(SystemClock.now());
        return Fixtures::read(&json!({ "Timestamp": now }).to_string(), surface).map_err(Failed::new);
    };
    let name = file.display();
    let text = fs::read_to_string(file).map_err(|error| Failed::usage(format!("cannot read {name}: {error}")))?;
    Fixtures::read(&text, surface).map_err(|error| Failed::usage(format!("{name}: {error}")))
}

fn described(failure: &Failure) -> (&str, String) {
    match failure {
        Failure::Exception(exception) => (exception.def.name, exception.message.to_text().into_owned()),
        Failure::Limit(limit) => ("limit", limit.to_string()),
        Failure::BodyNeeded(side) => {
            ("body", format!("the {side:?} body was asked for, and a context file has none that can be read twice"))
        }
    }
}

/// A finding with its line and a mark below the place.
fn rendered(source: &str, diagnostic: &Diagnostic) -> String {
    let index = LineIndex::new(source);
    let at = index.position(source, diagnostic.span.start);
    let line = source.lines().nth(at.line as usize - 1).unwrap_or_default();
    let length = diagnostic.span.of(source).lines().next().map_or(1, |text| text.chars().count().max(1));
    let word = if diagnostic.severity == Severity::Error { "error" } else { "warning" };
    let mark = format!("{}{}", " ".repeat(at.column as usize - 1), "^".repeat(length));
    let notes: String = diagnostic.notes.iter().map(|note| format!("\n  = {note}")).collect();
    format!(
        "{word}[{}]: {} (line {}, column {})\n  {line}\n  {mark}{notes}",
        diagnostic.code, diagnostic.message, at.line, at.column
    )
}
