//! Where `quota-by-key` counts, and how those counters are found again by whoever looks after them.

use std::time::Duration;

use base::Timestamp;

use crate::Window;

const MARK: &str = "#quota-by-key/";

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Calls.
    Calls,
    /// Bytes of bodies.
    Bytes,
}

/// The space of the counters of a service or workspace for periods of one sort.
pub fn space(owner: &str, anchor: Timestamp, period: Duration, counted: Counted) -> String {
    let what = match counted {
        Counted::Calls => "calls",
        Counted::Bytes => "bandwidth",
    };
    format!("{owner}{MARK}{}/{}/{what}", period.as_secs(), anchor.secs())
}

/// How the spaces of a service or workspace begin.
pub fn prefix(owner: &str) -> String {
    format!("{owner}{MARK}")
}

/// The periods, and what is counted, of a space that begins with `prefix`.
pub fn read(space: &str, prefix: &str) -> Option<(Window, Counted)> {
    let mut parts = space.strip_prefix(prefix)?.split('/');
    let period = Duration::from_secs(parts.next()?.parse().ok()?);
    let anchor = Timestamp::from_secs(parts.next()?.parse().ok()?);
    let counted = match parts.next()? {
        "calls" => Counted::Calls,
        "bandwidth" => Counted::Bytes,
        _ => return None,
    };
    Some((Window::Fixed { anchor, period }, counted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_says_what_it_was_made_of() {
        let (anchor, period) = (Timestamp::from_secs(70), Duration::from_mins(5));
        for counted in [Counted::Calls, Counted::Bytes] {
            let space = space("/service/s", anchor, period, counted);
            assert_eq!(read(&space, &prefix("/service/s")), Some((Window::Fixed { anchor, period }, counted)));
            assert_eq!(read(&space, &prefix("/service/t")), None);
        }
    }
}
