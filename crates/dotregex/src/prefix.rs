//! Where a match can begin: what lets a search skip most of the text.

use memchr::memmem;

use crate::machine::fits;
use crate::node::{Assertion, Node, Unit};
use crate::text::Input;

/// The places worth trying.
#[derive(Clone, Debug)]
pub(crate) enum Start {
    Anywhere,
    /// Only at the beginning of the text.
    Beginning,
    /// Only where the search begins.
    Origin,
    /// Where this text is.
    Literal {
        units: Vec<u16>,
        ascii: Option<Box<memmem::Finder<'static>>>,
    },
    /// Where one of these ASCII units is, or any other if `wide`.
    Unit {
        ascii: u128,
        wide: bool,
    },
}

impl Start {
    pub(crate) fn of(node: &Node) -> Self {
        match leading_assertion(node) {
            Some(Assertion::Start) => return Self::Beginning,
            Some(Assertion::Continue) => return Self::Origin,
            _ => {}
        }
        let mut units = Vec::new();
        literal(node, &mut units);
        if units.len() > 1 {
            let bytes: Option<Vec<u8>> = units.iter().map(|unit| u8::try_from(*unit).ok()).collect();
            let bytes = bytes.filter(|bytes| bytes.is_ascii());
            let ascii = bytes.map(|bytes| Box::new(memmem::Finder::new(&bytes).into_owned()));
            return Self::Literal { units, ascii };
        }
        match first(node) {
            First { nullable: true, .. } => Self::Anywhere,
            First { ascii, wide, .. } => Self::Unit { ascii, wide },
        }
    }

    /// The first place at or after `from` worth trying.
    pub(crate) fn next<I: Input>(&self, input: I, from: usize, origin: usize) -> Option<usize> {
        match self {
            Self::Anywhere => Some(from),
            Self::Beginning => (from == 0).then_some(0),
            Self::Origin => (from == origin).then_some(from),
            Self::Literal { units, ascii } => match (input.bytes(), ascii) {
                (Some(bytes), Some(finder)) => finder.find(bytes.get(from..)?).map(|at| from + at),
                // ASCII text does not hold what is not ASCII.
                (Some(_), None) => None,
                (None, _) => {
                    let last = input.len().checked_sub(units.len())?;
                    let fits = |at: usize| units.iter().enumerate().all(|(i, unit)| input.at(at + i) == *unit);
                    (from..=last).find(|at| fits(*at))
                }
            },
            Self::Unit { ascii, wide } => (from..input.len()).find(|at| {
                let unit = input.at(*at);
                if unit < 128 { ascii >> unit & 1 == 1 } else { *wide }
            }),
        }
    }
}

fn leading_assertion(node: &Node) -> Option<Assertion> {
    match node {
        Node::Assertion(assertion) => Some(*assertion),
        Node::Concat(nodes) => nodes.first().and_then(leading_assertion),
        Node::Capture { body, .. } | Node::Atomic(body) => leading_assertion(body),
        _ => None,
    }
}

/// Appends the text every match begins with; true if that is all the node matches.
fn literal(node: &Node, units: &mut Vec<u16>) -> bool {
    match node {
        Node::Empty => true,
        Node::Unit(Unit::One { unit, fold: false }) => {
            units.push(*unit);
            true
        }
        Node::Concat(nodes) => nodes.iter().all(|node| literal(node, units)),
        Node::Capture { body, .. } | Node::Atomic(body) => literal(body, units),
        _ => false,
    }
}

/// The units a match can begin with.
#[derive(Clone, Copy)]
struct First {
    ascii: u128,
    wide: bool,
    /// The node can match nothing at all.
    nullable: bool,
}

const NOTHING: First = First { ascii: 0, wide: false, nullable: true };
const ANYTHING: First = First { ascii: u128::MAX, wide: true, nullable: true };

impl First {
    fn or(self, other: Self) -> Self {
        Self { ascii: self.ascii | other.ascii, wide: self.wide | other.wide, nullable: self.nullable | other.nullable }
    }
}

fn first(node: &Node) -> First {
    match node {
        Node::Empty | Node::Assertion(_) | Node::Look { .. } => NOTHING,
        Node::Unit(unit) => {
            let ascii = (0..128).filter(|found| fits(unit, *found)).fold(0, |bits, found| bits | 1u128 << found);
            let wide = !matches!(unit, Unit::One { unit: 0..128, fold: false });
            First { ascii, wide, nullable: false }
        }
        Node::Concat(nodes) => {
            let mut all = NOTHING;
            for node in nodes {
                let found = first(node);
                all = First { nullable: found.nullable, ..all.or(found) };
                if !found.nullable {
                    break;
                }
            }
            all
        }
        Node::Either(nodes) => nodes.iter().map(first).reduce(First::or).unwrap_or(NOTHING),
        Node::Loop { min, body, .. } => {
            let found = first(body);
            First { nullable: found.nullable || *min == 0, ..found }
        }
        Node::Capture { body, .. } | Node::Atomic(body) => first(body),
        Node::Reference { .. } => ANYTHING,
        // .NET forgets that without a second branch nothing may match at all; the search shows it.
        Node::IfGroup { yes, no, .. } | Node::IfMatch { yes, no, .. } if matches!(**no, Node::Empty) => first(yes),
        Node::IfGroup { yes, no, .. } | Node::IfMatch { yes, no, .. } => first(yes).or(first(no)),
    }
}
