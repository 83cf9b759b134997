//! Which policies and which branches of expressions the tests of a run reached, file by file.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use base::{LineIndex, Span};
use policy::{
    Place,
    coverage::{Coverage, Inventory, Origin},
};
use serde_json::{Value, json};

use crate::stage::Script;

/// What was reached in one file.
#[derive(Clone, Debug, Default)]
struct Reached {
    text: Arc<str>,
    /// Policies: where they stand, with their names, the paths to them, and how often they ran.
    policies: BTreeMap<Span, (&'static str, Arc<str>, u64)>,
    /// Conditions: how often they were true and false.
    branches: BTreeMap<Span, (u64, u64)>,
}

/// What all tests reached.
#[derive(Clone, Debug, Default)]
pub struct Covered {
    files: BTreeMap<String, Reached>,
}

/// The sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Policies that ran.
    pub policies: usize,
    /// Policies there are.
    pub all_policies: usize,
    /// Outcomes of conditions that came.
    pub branches: usize,
    /// Outcomes of conditions there are: two for each.
    pub all_branches: usize,
}

/// The text that a policy stands in, if it is a file.
fn file<'s>(script: &'s Script, origin: &Origin) -> Option<(&'s str, &'s Arc<str>)> {
    let text = match &origin.fragment {
        Some(id) => script.fragments.get(&**id)?,
        None => script.documents.get(&origin.scope)?,
    };
    Some((text.path.as_str(), &text.text)).filter(|(path, _)| !path.is_empty())
}

fn origin(place: &Place) -> Origin {
    Origin { scope: place.scope, fragment: place.fragment.clone() }
}

impl Covered {
    /// Takes in what there is to reach.
    pub fn expect(&mut self, script: &Script, inventory: &Inventory) {
        for place in &inventory.steps {
            if let Some(reached) = self.reached(script, &origin(place)) {
                reached.policies.entry(place.span).or_insert_with(|| (place.name, Arc::clone(&place.path), 0));
            }
        }
        for (origin, span) in &inventory.conditions {
            if let Some(reached) = self.reached(script, origin) {
                reached.branches.entry(*span).or_default();
            }
        }
    }

    /// Takes in what a request reached.
    pub fn add(&mut self, script: &Script, coverage: &Coverage) {
        for place in &coverage.steps {
            if let Some(entry) =
                self.reached(script, &origin(place)).and_then(|file| file.policies.get_mut(&place.span))
            {
                entry.2 += 1;
            }
        }
        for (origin, span, taken) in &coverage.conditions {
            if let Some(entry) = self.reached(script, origin).and_then(|file| file.branches.get_mut(span)) {
                if *taken {
                    entry.0 += 1;
                } else {
                    entry.1 += 1;
                }
            }
        }
    }

    /// Takes in what others reached.
    pub fn merge(&mut self, other: Self) {
        for (path, theirs) in other.files {
            let ours = self
                .files
                .entry(path)
                .or_insert_with(|| Reached { text: Arc::clone(&theirs.text), ..Reached::default() });
            for (span, (name, path, count)) in theirs.policies {
                ours.policies.entry(span).or_insert((name, path, 0)).2 += count;
            }
            for (span, (yes, no)) in theirs.branches {
                let entry = ours.branches.entry(span).or_default();
                *entry = (entry.0 + yes, entry.1 + no);
            }
        }
    }

    fn reached(&mut self, script: &Script, origin: &Origin) -> Option<&mut Reached> {
        let (path, text) = file(script, origin)?;
        Some(
            self.files
                .entry(path.to_owned())
                .or_insert_with(|| Reached { text: Arc::clone(text), ..Reached::default() }),
        )
    }

    /// The sums over all files.
    pub fn sums(&self) -> Sums {
        let mut sums = Sums::default();
        for file in self.files.values() {
            sums.all_policies += file.policies.len();
            sums.policies += file.policies.values().filter(|(_, _, count)| *count > 0).count();
            sums.all_branches += 2 * file.branches.len();
            sums.branches +=
                file.branches.values().map(|(yes, no)| usize::from(*yes > 0) + usize::from(*no > 0)).sum::<usize>();
        }
        sums
    }

    /// A line for each policy that never ran, and for each condition that never was both.
    pub fn gaps(&self) -> Vec<String> {
        let mut gaps = Vec::new();
        for (path, file) in &self.files {
            let index = LineIndex::new(&file.text);
            let line = |span: &Span| index.position(&file.text, span.start).line;
            for (span, (name, place, _)) in file.policies.iter().filter(|(_, (_, _, count))| *count == 0) {
                gaps.push(format!("{path}:{} {name} never ran ({place})", line(span)));
            }
            for (span, (yes, no)) in &file.branches {
                let code: String = span.of(&file.text).split_whitespace().collect::<Vec<_>>().join(" ");
                let missing = match (yes, no) {
                    (0, 0) => "never decided",
                    (0, _) => "never true",
                    (_, 0) => "never false",
                    _ => continue,
                };
                gaps.push(format!("{path}:{} {missing}: {}", line(span), shortened(&code)));
            }
        }
        gaps
    }

    /// In the tracefile format of lcov, which editors and code hosts read.
    pub fn lcov(&self) -> String {
        let mut text = String::new();
        for (path, file) in &self.files {
            let index = LineIndex::new(&file.text);
            let line = |span: &Span| index.position(&file.text, span.start).line;
            text.push_str(&format!("TN:\nSF:{path}\n"));
            let mut lines: BTreeMap<u32, u64> = BTreeMap::new();
            for (span, (_, _, count)) in &file.policies {
                *lines.entry(line(span)).or_default() += count;
            }
            let mut blocks: BTreeMap<u32, usize> = BTreeMap::new();
            let mut hit = 0;
            for (span, (yes, no)) in &file.branches {
                let line = line(span);
                let block = blocks.entry(line).or_default();
                for (branch, count) in [yes, no].into_iter().enumerate() {
                    let taken = if *yes + *no == 0 { "-".to_owned() } else { count.to_string() };
                    text.push_str(&format!("BRDA:{line},{block},{branch},{taken}\n"));
                    hit += usize::from(*count > 0);
                }
                *block += 1;
                lines.entry(line).and_modify(|count| *count = (*count).max(*yes + *no)).or_insert(*yes + *no);
            }
            text.push_str(&format!("BRF:{}\nBRH:{hit}\n", 2 * file.branches.len()));
            for (line, count) in &lines {
                text.push_str(&format!("DA:{line},{count}\n"));
            }
            let ran = lines.values().filter(|count| **count > 0).count();
            text.push_str(&format!("LF:{}\nLH:{ran}\nend_of_record\n", lines.len()));
        }
        text
    }

    /// As JSON, with lines and columns.
    pub fn json(&self) -> Value {
        let files = self.files.iter().map(|(path, file)| {
            let index = LineIndex::new(&file.text);
            let at = |span: &Span| index.position(&file.text, span.start);
            let policies: Vec<Value> = file
                .policies
                .iter()
                .map(|(span, (name, path, count))| {
                    let at = at(span);
                    json!({ "line": at.line, "column": at.column, "policy": name, "path": &**path, "count": count })
                })
                .collect();
            let branches: Vec<Value> = file
                .branches
                .iter()
                .map(|(span, (yes, no))| {
                    let at = at(span);
                    let code = span.of(&file.text);
                    json!({ "line": at.line, "column": at.column, "condition": code, "true": yes, "false": no })
                })
                .collect();
            json!({ "path": path, "policies": policies, "branches": branches })
        });
        let files: Vec<Value> = files.collect();
        let sums = self.sums();
        json!({
            "files": files,
            "policies": { "ran": sums.policies, "all": sums.all_policies },
            "branches": { "taken": sums.branches, "all": sums.all_branches },
        })
    }

    /// The files that were looked at.
    pub fn files(&self) -> BTreeSet<&str> {
        self.files.keys().map(String::as_str).collect()
    }
}

fn shortened(code: &str) -> String {
    const MOST: usize = 60;
    if code.chars().count() <= MOST {
        return code.to_owned();
    }
    code.chars().take(MOST).chain(['…']).collect()
}
