//! What differs between two texts, line by line.

/// Lines longer than this in sum are not compared one by one: the answer would take too long to find.
const MOST: usize = 2_000_000;

/// The lines of both texts, those only in `wanted` with `-`, those only in `got` with `+`, others with a space.
pub fn lines(wanted: &str, got: &str) -> String {
    let (left, right): (Vec<&str>, Vec<&str>) = (wanted.lines().collect(), got.lines().collect());
    let mut text = String::new();
    let mut line = |mark: char, line: &str| text.push_str(&format!("{mark} {line}\n"));
    if left.len().saturating_mul(right.len()) > MOST {
        for one in left {
            line('-', one);
        }
        for one in right {
            line('+', one);
        }
        return text;
    }
    // The longest common run of lines, from the end: `length(i, j)` of what is left behind i and j.
    let width = right.len() + 1;
    let mut length = vec![0_usize; (left.len() + 1) * width];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            length[i * width + j] = if left[i] == right[j] {
                length[(i + 1) * width + j + 1] + 1
            } else {
                length[(i + 1) * width + j].max(length[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        if i < left.len() && j < right.len() && left[i] == right[j] {
            line(' ', left[i]);
            (i, j) = (i + 1, j + 1);
        } else if i < left.len() && (j == right.len() || length[(i + 1) * width + j] >= length[i * width + j + 1]) {
            line('-', left[i]);
            i += 1;
        } else {
            line('+', right[j]);
            j += 1;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_lines_stay_together() {
        assert_eq!(lines("a\nb\nc", "a\nx\nc\nd"), "  a\n- b\n+ x\n  c\n+ d\n");
        assert_eq!(lines("", "x"), "+ x\n");
        assert_eq!(lines("same", "same"), "  same\n");
    }
}
