//! What must hold for every text, however it was made: one function per target. `cargo test -p tollgate-dotnet` calls
//! them with each file of `corpus/`, the programs in `bin/` with what libFuzzer comes up with.

use base::Timestamp;
use csharp::{
    Form, Options, compile,
    host::{Body, Host, Part, Side},
    lexer,
    limits::Limits,
    parser,
};

/// Longer inputs only make a round slower.
const LONGEST: usize = 4096;

/// The text that an input stands for, unless it is too long.
fn text(bytes: &[u8]) -> Option<std::borrow::Cow<'_, str>> {
    (bytes.len() <= LONGEST).then(|| String::from_utf8_lossy(bytes))
}

/// Tokens lie in the text, one after the other.
pub fn lexer(bytes: &[u8]) {
    let Some(source) = text(bytes) else { return };
    let tokens = lexer::tokenize(&source);
    let mut end = 0;
    for token in &tokens.list {
        assert!(token.span.start >= end, "a token begins before the one before it ends");
        assert!(
            source.get(token.span.start as usize..token.span.end as usize).is_some(),
            "a token is no part of the text"
        );
        end = token.span.end;
    }
    for found in &tokens.diagnostics {
        assert!(found.span.end as usize <= source.len(), "a diagnostic lies outside of the text");
    }
}

/// Every text is parsed, in both forms, and what is wrong with it has a place.
pub fn parser(bytes: &[u8]) {
    let Some(source) = text(bytes) else { return };
    let (_, mut found) = parser::parse_expression(&source);
    found.extend(parser::parse_block(&source).1);
    for found in found {
        assert!(found.span.end as usize <= source.len() + 1, "a diagnostic lies outside of the text");
    }
}

/// Every text is compiled or refused with a reason.
pub fn binder(bytes: &[u8]) {
    let Some(source) = text(bytes) else { return };
    let Ok(surface) = dotnet::surface() else { return };
    for form in [Form::Expression, Form::Block] {
        let compiled = compile(&source, form, &surface, &Options::default());
        assert!(compiled.program.is_some() || !compiled.diagnostics.is_empty(), "refused without a reason");
    }
}

/// Every program ends within its limits, with a value or a failure.
pub fn execute(bytes: &[u8]) {
    let Some(source) = text(bytes) else { return };
    let Ok(surface) = dotnet::surface() else { return };
    let limits = Limits { steps: 100_000, memory: 8 << 20, output: 1 << 20, ..Limits::default() };
    for form in [Form::Expression, Form::Block] {
        let Some(program) = compile(&source, form, &surface, &Options::default()).program else { continue };
        let _ =
            program.run_with(&mut Bare, &limits, None, |cx: &mut csharp::Cx<'_>, value: csharp::Value| cx.text(&value));
    }
}

/// A host that knows the time and has a body.
struct Bare;

impl Host for Bare {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1_767_225_600)
    }

    fn entropy(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }

    fn has(&self, _part: Part) -> bool {
        true
    }

    fn body(&mut self, _side: Side, _preserve: bool) -> Body {
        Body::Bytes(br#"{"a":[1,{"b":"<x/>"}],"c":null}"#.as_slice().into())
    }
}
