//! Suggestions for misspelt names.

/// The known name that `name` was most likely meant to be, if one is near enough.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    let limit = (name.len() / 3).clamp(1, 3);
    let near = known.map(|word| (distance(&name, word, limit), word)).filter(|(distance, _)| *distance <= limit);
    near.min().map(|(_, word)| word)
}

/// How many characters must be added, removed, replaced or swapped; more than `limit` is as good as any.
fn distance(left: &str, right: &str, limit: usize) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if left.len().abs_diff(right.len()) > limit {
        return limit + 1;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, a) in left.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, b) in right.iter().enumerate() {
            let mut least = (last[column] + usize::from(a != b)).min(last[column + 1] + 1).min(next[column] + 1);
            if row > 0 && column > 0 && *a == right[column - 1] && left[row - 1] == *b {
                least = least.min(before_last[column - 1] + 1);
            }
            next.push(least);
        }
        before_last = std::mem::replace(&mut last, next);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_none() {
        let known = || ["set-header", "set-status", "cors", "choose"].into_iter();
        assert_eq!(nearest("set-heder", known()), Some("set-header"));
        assert_eq!(nearest("Cros", known()), Some("cors"));
        assert_eq!(nearest("shazam", known()), None);
    }
}
