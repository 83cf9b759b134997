//! Replays the corpus of the fuzz targets (`fuzz/`): what they found once must not come back.

use std::{fs, path::Path};

#[path = "../../../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "the fuzzer's programs call the same functions from outside")]
mod targets;

/// Calls `target` with every file of its corpus.
fn replay(name: &'static str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() > 20, "the corpus of {name} is not there");
    for file in files {
        target(&fs::read(&file).unwrap());
    }
}

#[test]
fn lexer() {
    replay("lexer", targets::lexer);
}

#[test]
fn parser() {
    replay("parser", targets::parser);
}

#[test]
fn binder() {
    replay("binder", targets::binder);
}

#[test]
fn execute() {
    replay("execute", targets::execute);
}
