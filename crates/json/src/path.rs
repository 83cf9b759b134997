//! Paths: how a place in a document is written, for `JToken.Path` and the reader's errors.

use crate::Text;
use crate::grove::NONE;
use crate::token::{Content, JToken};
use crate::write::escape_into;

/// One step of a path.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// In an object, before its first name.
    Nowhere,
    Name(Text),
    /// -1 before the first item.
    Index(i64),
}

const SPECIAL: [char; 18] = [
    '.', ' ', '\'', '/', '"', '[', ']', '(', ')', '\t', '\n', '\r', '\u{c}', '\u{8}', '\\', '\u{85}', '\u{2028}',
    '\u{2029}',
];

pub(crate) fn append_step(path: &mut String, step: &Step) {
    match step {
        Step::Nowhere | Step::Index(-1) => {}
        Step::Index(index) => path.push_str(&format!("[{index}]")),
        Step::Name(name) => append_name(path, name),
    }
}

fn append_name(path: &mut String, name: &str) {
    if name.contains(SPECIAL) {
        path.push_str("['");
        escape_into(path, name, '\'');
        path.push_str("']");
    } else {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
    }
}

impl JToken {
    /// `JToken.Path`: empty for the root.
    pub fn path(&self) -> String {
        self.read(|nodes, id| {
            let mut steps = Vec::new();
            let mut at = id;
            loop {
                let parent = nodes[at as usize].parent;
                if let Content::Property(name, _) = &nodes[at as usize].content {
                    steps.push(Step::Name(name.clone()));
                }
                if parent == NONE {
                    break;
                }
                if let Content::Array(items) | Content::Constructor(_, items) = &nodes[parent as usize].content {
                    let index = items.iter().position(|item| *item == at).unwrap_or_default();
                    steps.push(Step::Index(index as i64));
                }
                at = parent;
            }
            let mut path = String::new();
            steps.iter().rev().for_each(|step| append_step(&mut path, step));
            path
        })
    }
}
