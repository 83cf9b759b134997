//! [`EffectivePolicy`]: the documents of an operation, joined along `<base />` once, when they are published.

use std::sync::Arc;

use policy::{Block, Part, Section};

use crate::Document;

/// What runs for an operation: for each section, blocks in order. Blocks are shared between operations.
#[derive(Default)]
pub struct EffectivePolicy {
    sections: [Box<[Arc<Block>]>; 4],
    secrets: Box<[Arc<str>]>,
}

impl EffectivePolicy {
    /// Joins documents from narrow to broad: operation, API, product, workspace, global. Scopes without a document are
    /// left out of `chain`. `<base />` in the broadest says nothing.
    pub fn join(chain: &[Arc<Document>]) -> Self {
        Self {
            sections: Section::ALL.map(|section| {
                let mut blocks = Vec::new();
                add(section, chain, &mut blocks);
                blocks.into()
            }),
            secrets: chain.iter().flat_map(|document| document.secrets()).cloned().collect(),
        }
    }

    /// The secret named values that its documents hold: traces do not show them.
    pub fn secrets(&self) -> &[Arc<str>] {
        &self.secrets
    }

    /// The blocks of a section.
    pub fn section(&self, section: Section) -> &[Arc<Block>] {
        &self.sections[section as usize]
    }

    /// Whether both run the very same blocks: then one of them is enough.
    pub fn is_same(&self, other: &Self) -> bool {
        self.sections.iter().zip(&other.sections).all(|(left, right)| {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| Arc::ptr_eq(left, right))
        })
    }
}

fn add(section: Section, chain: &[Arc<Document>], blocks: &mut Vec<Arc<Block>>) {
    let Some((document, broader)) = chain.split_first() else { return };
    for part in document.section(section) {
        match part {
            Part::Steps(block) => blocks.push(Arc::clone(block)),
            Part::Base => add(section, broader, blocks),
        }
    }
}
