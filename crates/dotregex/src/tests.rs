//! Patterns and texts in, matches out; the expected ones are the reference runtime's.

use proptest::prelude::*;

use super::*;

fn regex(pattern: &str, options: Options) -> Regex {
    Regex::new(pattern, options).unwrap()
}

/// Every match as `whole|group|…`, every group as all its captures.
fn matches(pattern: &str, options: Options, text: &str) -> Vec<String> {
    let text = Text::new(text);
    let found = regex(pattern, options).find_all(&text, usize::MAX, &Limits::default()).unwrap();
    let group = |found: &Match, index: usize| {
        let captures = found.captures(index).iter().map(|capture| text.slice(capture.start, capture.end()));
        captures.collect::<Vec<_>>().join(",")
    };
    found.iter().map(|found| (0..found.len()).map(|index| group(found, index)).collect::<Vec<_>>().join("|")).collect()
}

fn all(pattern: &str, text: &str) -> Vec<String> {
    matches(pattern, Options::NONE, text)
}

fn replaced(text: &str, pattern: &str, replacement: &str) -> String {
    let regex = regex(pattern, Options::NONE);
    let replacement = Replacement::new(replacement, &regex);
    regex.replace(text, &replacement, usize::MAX, &Limits::default()).unwrap()
}

#[test]
fn groups_keep_all_their_captures() {
    assert_eq!(all(r"(?:(\w)X)+", "aXbXc"), ["aXbX|a,b"]);
    assert_eq!(all(r"(?<y>\d{4})-(?<m>\d\d)", "2024-03"), ["2024-03|2024|03"]);
    assert_eq!(all("(a)(b)?(x)?", "abc"), ["ab|a|b|"]);
    assert_eq!(all("(?:(a)|b)*", "abab"), ["abab|a,a", "|"]);
}

#[test]
fn numbers_go_to_unnamed_groups_first() {
    let regex = regex("(?<n>a)|(b)(?<5>c)(d)", Options::NONE);
    assert_eq!(regex.group_numbers(), [0, 1, 2, 3, 5]);
    assert_eq!(regex.group_names(), ["0", "1", "2", "n", "5"]);
    assert_eq!(
        (regex.group_by_name("n"), regex.group_by_name("5"), regex.group_by_name("4")),
        (Some(3), Some(4), None)
    );
}

#[test]
fn looking_behind_reads_from_right_to_left() {
    assert_eq!(all(r"(?<=\$)\d+", "price: $45"), ["45"]);
    assert_eq!(all(r"(?<=(\d)(\d))x", "12x"), ["x|1|2"]);
    assert_eq!(all(r"(?<=(a+))b", "aab"), ["b|aa"]);
    assert_eq!(all(r"(?<!x)\b\w*46", "x45 y46"), ["y46"]);
    assert_eq!(replaced("1234567", r"(?<=\d)(?=(\d{3})+$)", ","), "1,234,567");
}

#[test]
fn balancing_groups_count_parentheses() {
    let balanced = r"^(?:[^()]|(?<o>\()|(?<-o>\)))*(?(o)(?!))$";
    assert_eq!(all(balanced, "((a)(b))").len(), 1);
    assert!(all(balanced, "((a)(b)").is_empty());
    assert_eq!(all("(?<A>a).(?<B-A>b)", "axb"), ["axb||x"]);
}

#[test]
fn conditions_atoms_and_lazy_loops() {
    assert_eq!(all("(?(?=a)aa|b)", "aab"), ["aa", "b"]);
    assert_eq!(all("(a)?(?(1)b|c)", "abc"), ["ab|a", "c|"]);
    assert!(all("(?>a|ab)c", "abc").is_empty());
    assert_eq!(all("<.*?>", "<a><b>"), ["<a>", "<b>"]);
    assert_eq!(all("(ab){2,3}?c", "abababc"), ["abababc|ab,ab,ab"]);
    assert_eq!(all("(|a)+", "aa"), ["|", "|", "|"]);
}

#[test]
fn classes_subtract_and_know_unicode() {
    assert_eq!(all("[b-e-[cd]]+", "abcdef"), ["b", "e"]);
    assert_eq!(all(r"\p{IsGreek}+", "Ωαβ x"), ["Ωαβ"]);
    assert_eq!(all(r"^\d$", "٣"), ["٣"]);
    assert!(matches(r"^\d$", Options::ECMA_SCRIPT, "٣").is_empty());
    assert_eq!(matches(r"[\p{Lu}]+", Options::IGNORE_CASE, "aB1"), ["aB"]);
    assert_eq!(matches("É", Options::IGNORE_CASE, "é"), ["é"]);
}

#[test]
fn positions_are_utf16_units() {
    let text = Text::new("😀a");
    let found = regex("a", Options::NONE).find(&text, &Limits::default()).unwrap().unwrap();
    assert_eq!(found.whole(), Capture { start: 2, length: 1 });
}

#[test]
fn right_to_left_starts_at_the_end() {
    assert_eq!(matches(r"\d+", Options::RIGHT_TO_LEFT, "1 22"), ["22", "1"]);
    let regex = regex("a", Options::RIGHT_TO_LEFT);
    let limits = Limits::default();
    assert_eq!(regex.replace("aaa", &Replacement::new("b", &regex), 2, &limits).unwrap(), "abb");
    assert_eq!(regex.split("1a2a3", 2, &limits).unwrap(), ["1a2", "3"]);
}

#[test]
fn replacements_know_all_substitutions() {
    assert_eq!(replaced("abc", "(?<n>b)", "[$1${n}${x}$9$$$&$`$'$+$_$"), "a[bb${x}$9$bacbabc$c");
    assert_eq!(replaced("ab", "(a)(b)?", "$10|$1|${1}0|$2"), "$10|a|a0|b");
    assert_eq!(replaced("abc", "", "-"), "-a-b-c-");
    assert_eq!(replaced("John Smith", r"(\w+) (\w+)", "$2, $1"), "Smith, John");
}

#[test]
fn splitting_keeps_captures() {
    let split =
        |text: &str, pattern: &str, most| regex(pattern, Options::NONE).split(text, most, &Limits::default()).unwrap();
    assert_eq!(split("a,b,c", "(,)", 0), ["a", ",", "b", ",", "c"]);
    assert_eq!(split("a,b,c", ",", 2), ["a", "b,c"]);
    assert_eq!(split("abc", "", 0), ["", "a", "b", "c", ""]);
}

#[test]
fn refusals_have_the_words_of_dotnet() {
    for (pattern, offset, reason) in [
        ("(", 1, "Not enough )'s."),
        (")", 1, "Too many )'s."),
        ("a**", 3, "Nested quantifier '*'."),
        ("*a", 1, "Quantifier {x,y} following nothing."),
        ("[a", 2, "Unterminated [] set."),
        ("[z-a]", 4, "[x-y] range in reverse order."),
        (r"\p{Foo}", 7, "Unknown property 'Foo'."),
        (r"(?<n>a)\k<m>", 12, "Reference to undefined group name 'm'."),
        (r"\1", 2, "Reference to undefined group number 1."),
        ("(?z)", 3, "Unrecognized grouping construct."),
        ("a{2,1}", 6, "Illegal {x,y} with x > y."),
        ("(?(1)a|b|c)", 5, "(?(1) ) reference to undefined group."),
        (r"\xZ", 2, "Insufficient hexadecimal digits."),
        ("[a-z-[b]c]", 8, "A subtraction must be the last element in a character class."),
        (r"\_", 2, r"Unrecognized escape sequence \\_."),
        ("\\", 1, r"Illegal \\ at end of pattern."),
    ] {
        let message = format!("Invalid pattern '{pattern}' at offset {offset}. {reason}");
        assert_eq!(Regex::new(pattern, Options::NONE).unwrap_err().message, message);
    }
}

#[test]
fn a_hopeless_search_ends() {
    let hopeless = regex(r"^(a+)+$", Options::NONE);
    let text = Text::new("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
    let few = Limits { steps: 100_000, ..Limits::default() };
    assert_eq!(hopeless.find(&text, &few), Err(MatchError::Budget));
    let timed_out: &dyn Fn() -> bool = &|| true;
    let late = Limits { timed_out: Some(timed_out), ..Limits::default() };
    assert_eq!(hopeless.find(&text, &late), Err(MatchError::Timeout));
}

#[test]
fn deep_patterns_are_refused_and_long_texts_are_not() {
    let deep = "(".repeat(100_000) + &")".repeat(100_000);
    assert!(Regex::new(&deep, Options::NONE).is_err());
    let long = "ab".repeat(100_000);
    assert_eq!(all("(?:ab)*", &long)[0].len(), 200_000);
}

#[test]
fn escaping_comes_back() {
    let text = "a b\t\n[]{}()*+?.^$|#\\-é";
    assert_eq!(escape(text), "a\\ b\\t\\n\\[]\\{}\\(\\)\\*\\+\\?\\.\\^\\$\\|\\#\\\\-é");
    assert_eq!(unescape(&escape(text)).as_deref(), Ok(text));
    assert_eq!(unescape(r"\x41\u0042\e").as_deref(), Ok("AB\u{1b}"));
}

proptest! {
    #[test]
    fn nothing_panics(
        pattern in r"([ab.^$|?*+(){}\[\]\\<>=!:'#, 0-9-]|\(\?|\\k<|\(\?<|\[\^|\\[wdsbBAGZzpkxuc]|é){0,14}|\PC{0,12}",
        text in "[abé \n0-9]{0,12}",
        replacement in r"[$\{\}0-9a&_`'+]{0,9}",
        options in 0u32..0x400,
    ) {
        let limits = Limits { steps: 20_000, ..Limits::default() };
        let _ = unescape(&pattern);
        if let Ok(regex) = Regex::new(&pattern, Options(options)) {
            let replacement = Replacement::new(&replacement, &regex);
            let _ = regex.replace(&text, &replacement, usize::MAX, &limits);
            let _ = regex.split(&text, 0, &limits);
            let _ = regex.group_names();
        }
    }

    #[test]
    fn escaped_text_matches_itself(text in "\\PC{1,12}") {
        let regex = Regex::new(&escape(&text), Options::NONE).unwrap();
        let found = regex.find(&Text::new(&text), &Limits::default()).unwrap().unwrap();
        prop_assert_eq!(found.whole().length, text.encode_utf16().count());
    }
}
