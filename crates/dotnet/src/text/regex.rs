//! `System.Text.RegularExpressions.Regex`, `RegexOptions` and `MatchEvaluator`.

use std::{
    cell::Cell,
    collections::HashMap,
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
};

use csharp::{
    Args, Const, Cx, Prepared, Raise, Result, Str, Ty, Value, exception,
    limits::Limit,
    surface::{EnumDef, Kind, TypeDef, acts, pure},
    ty::Def,
    value::Object,
};
use dotregex::{Limits, Match, MatchError, Options, Replacement};

use super::regex_match::{Subject, match_value, matches_value};
use crate::system::exceptions::REGEX_PARSE;

pub(crate) static DEF: TypeDef = TypeDef {
    name: "System.Text.RegularExpressions.Regex",
    members: &[
        pure(
            "static readonly TimeSpan InfiniteMatchTimeout",
            |_, _| Ok(no_timeout()),
            "-1 ms: no time limit of its own.",
        ),
        pure("Regex(string pattern)", new, "Compiles a pattern.").prepared(literal),
        pure("Regex(string pattern, RegexOptions options)", new, "Compiles a pattern.").prepared(literal),
        pure(
            "Regex(string pattern, RegexOptions options, TimeSpan matchTimeout)",
            new,
            "Compiles a pattern; steps are limited, not time.",
        ),
        pure("bool IsMatch(string input)", |cx, args| is_match(cx, &own(&args)?), "Whether there is a match."),
        pure(
            "bool IsMatch(string input, int startat)",
            |cx, args| is_match(cx, &own(&args)?),
            "Whether there is a match from an index on.",
        ),
        pure(
            "static bool IsMatch(string input, string pattern)",
            |cx, args| is_match(cx, &given(&args, 1)?),
            "Whether there is a match.",
        )
        .prepared(literal),
        pure(
            "static bool IsMatch(string input, string pattern, RegexOptions options)",
            |cx, args| is_match(cx, &given(&args, 1)?),
            "Whether there is a match.",
        )
        .prepared(literal),
        pure(
            "static bool IsMatch(string input, string pattern, RegexOptions options, TimeSpan matchTimeout)",
            |cx, args| is_match(cx, &given(&args, 1)?),
            "Whether there is a match.",
        )
        .prepared(literal),
        pure("Match Match(string input)", |cx, args| first(cx, own(&args)?), "The first match."),
        pure(
            "Match Match(string input, int startat)",
            |cx, args| first(cx, own(&args)?),
            "The first match from an index on.",
        ),
        pure(
            "static Match Match(string input, string pattern)",
            |cx, args| first(cx, given(&args, 1)?),
            "The first match.",
        )
        .prepared(literal),
        pure(
            "static Match Match(string input, string pattern, RegexOptions options)",
            |cx, args| first(cx, given(&args, 1)?),
            "The first match.",
        )
        .prepared(literal),
        pure(
            "static Match Match(string input, string pattern, RegexOptions options, TimeSpan matchTimeout)",
            |cx, args| first(cx, given(&args, 1)?),
            "The first match.",
        )
        .prepared(literal),
        pure("MatchCollection Matches(string input)", |cx, args| all(cx, own(&args)?), "All matches."),
        pure(
            "MatchCollection Matches(string input, int startat)",
            |cx, args| all(cx, own(&args)?),
            "All matches from an index on.",
        ),
        pure(
            "static MatchCollection Matches(string input, string pattern)",
            |cx, args| all(cx, given(&args, 1)?),
            "All matches.",
        )
        .prepared(literal),
        pure(
            "static MatchCollection Matches(string input, string pattern, RegexOptions options)",
            |cx, args| all(cx, given(&args, 1)?),
            "All matches.",
        )
        .prepared(literal),
        pure(
            "static MatchCollection Matches(string input, string pattern, RegexOptions options, TimeSpan matchTimeout)",
            |cx, args| all(cx, given(&args, 1)?),
            "All matches.",
        )
        .prepared(literal),
        pure(
            "string Replace(string input, string replacement)",
            |cx, args| replace(cx, own_replace(&args)?, args.value(2)),
            "Each match replaced by a pattern.",
        ),
        pure(
            "string Replace(string input, string replacement, int count)",
            |cx, args| replace(cx, own_replace(&args)?, args.value(2)),
            "The first matches replaced by a pattern.",
        ),
        pure(
            "string Replace(string input, string replacement, int count, int startat)",
            |cx, args| replace(cx, own_replace(&args)?, args.value(2)),
            "The first matches from an index on replaced by a pattern.",
        ),
        pure(
            "static string Replace(string input, string pattern, string replacement)",
            |cx, args| replace(cx, given(&args, 1)?, args.value(2)),
            "Each match replaced by a pattern.",
        )
        .prepared(literal),
        pure(
            "static string Replace(string input, string pattern, string replacement, RegexOptions options)",
            |cx, args| replace(cx, given(&args, 2)?, args.value(2)),
            "Each match replaced by a pattern.",
        )
        .prepared(literal),
        pure(
            "static string Replace(string input, string pattern, string replacement, RegexOptions options, TimeSpan matchTimeout)",
            |cx, args| replace(cx, given(&args, 2)?, args.value(2)),
            "Each match replaced by a pattern.",
        )
        .prepared(literal),
        acts(
            "string Replace(string input, MatchEvaluator evaluator)",
            |cx, args| replace(cx, own_replace(&args)?, args.value(2)),
            "Each match replaced by what a delegate gives.",
        ),
        acts(
            "string Replace(string input, MatchEvaluator evaluator, int count)",
            |cx, args| replace(cx, own_replace(&args)?, args.value(2)),
            "The first matches replaced by what a delegate gives.",
        ),
        acts(
            "string Replace(string input, MatchEvaluator evaluator, int count, int startat)",
            |cx, args| replace(cx, own_replace(&args)?, args.value(2)),
            "The first matches from an index on replaced by what a delegate gives.",
        ),
        acts(
            "static string Replace(string input, string pattern, MatchEvaluator evaluator)",
            |cx, args| replace(cx, given(&args, 1)?, args.value(2)),
            "Each match replaced by what a delegate gives.",
        )
        .prepared(literal),
        acts(
            "static string Replace(string input, string pattern, MatchEvaluator evaluator, RegexOptions options)",
            |cx, args| replace(cx, given(&args, 2)?, args.value(2)),
            "Each match replaced by what a delegate gives.",
        )
        .prepared(literal),
        acts(
            "static string Replace(string input, string pattern, MatchEvaluator evaluator, RegexOptions options, TimeSpan matchTimeout)",
            |cx, args| replace(cx, given(&args, 2)?, args.value(2)),
            "Each match replaced by what a delegate gives.",
        )
        .prepared(literal),
        pure(
            "string[] Split(string input)",
            |cx, args| split(cx, &own(&args)?, 0),
            "The text between the matches, and what groups captured.",
        ),
        pure(
            "string[] Split(string input, int count)",
            |cx, args| split(cx, &own_from(&args, false)?, args.int(2)),
            "At most so many pieces.",
        ),
        pure(
            "static string[] Split(string input, string pattern)",
            |cx, args| split(cx, &given(&args, 1)?, 0),
            "The text between the matches, and what groups captured.",
        )
        .prepared(literal),
        pure(
            "static string[] Split(string input, string pattern, RegexOptions options)",
            |cx, args| split(cx, &given(&args, 1)?, 0),
            "The text between the matches, and what groups captured.",
        )
        .prepared(literal),
        pure(
            "static string[] Split(string input, string pattern, RegexOptions options, TimeSpan matchTimeout)",
            |cx, args| split(cx, &given(&args, 1)?, 0),
            "The text between the matches, and what groups captured.",
        )
        .prepared(literal),
        pure(
            "static string Escape(string str)",
            |_, args| Ok(Value::str(dotregex::escape(&args.str(0, "str")?.to_text()))),
            "A pattern that matches just this text.",
        ),
        pure("static string Unescape(string str)", unescape, "A pattern's escapes replaced by what they stand for."),
        pure(
            "RegexOptions Options { get; }",
            |_, args| Ok(Value::enumeration(&OPTIONS, i64::from(this(&args)?.options().0))),
            "The options.",
        ),
        pure(
            "bool RightToLeft { get; }",
            |_, args| Ok(Value::Bool(this(&args)?.is_right_to_left())),
            "Whether it searches from the end.",
        ),
        pure(
            "TimeSpan MatchTimeout { get; }",
            |_, args| Ok(args.this::<Regex>()?.1.clone()),
            "As it was given. Steps are limited, not time.",
        ),
        pure("static int CacheSize { get; }", |_, _| Ok(Value::Int(15)), "Patterns that the runtime would keep."),
        pure(
            "string[] GetGroupNames()",
            |_, args| Ok(Value::strings(this(&args)?.group_names())),
            "The names of all groups.",
        ),
        pure("int[] GetGroupNumbers()", group_numbers, "The numbers of all groups."),
        pure("string GroupNameFromNumber(int i)", group_name, "A group's name; empty if there is none."),
        pure("int GroupNumberFromName(string name)", group_number, "A group's number, or -1."),
        pure("string ToString()", crate::system::to_string, "The pattern."),
    ],
    doc: "A regular expression.",
    ..TypeDef::CLASS
};

pub(crate) static OPTIONS: TypeDef = TypeDef {
    name: "System.Text.RegularExpressions.RegexOptions",
    kind: EnumDef::flags(&[
        ("None", 0),
        ("IgnoreCase", 1),
        ("Multiline", 2),
        ("ExplicitCapture", 4),
        ("Compiled", 8),
        ("Singleline", 16),
        ("IgnorePatternWhitespace", 32),
        ("RightToLeft", 64),
        ("ECMAScript", 256),
        ("CultureInvariant", 512),
    ]),
    doc: "How a pattern is read and matched.",
    ..TypeDef::CLASS
};

pub(crate) static MATCH_EVALUATOR: TypeDef = TypeDef {
    name: "System.Text.RegularExpressions.MatchEvaluator",
    kind: Kind::Delegate("string Invoke(Match match)"),
    doc: "Gives the replacement of a match.",
    ..TypeDef::CLASS
};

struct Regex(dotregex::Regex, Value);

impl Object for Regex {
    fn ty(&self) -> Ty {
        Ty::named(&DEF)
    }

    fn text(&self, _cx: &mut Cx<'_>) -> Result<Str> {
        Ok(self.0.pattern().into())
    }
}

/// What is searched, with what, from where, and how often.
struct Search {
    regex: dotregex::Regex,
    subject: Rc<Subject>,
    from: usize,
    most: usize,
}

/// A bound of the work of one search; the evaluation's own limits come on top.
const LIMITS: Limits<'static> = Limits { steps: 10_000_000, stack: 2_000_000, timed_out: None };

/// How many compiled patterns a process keeps.
const KEPT: usize = 1000;

/// The compiled pattern. Patterns are kept: even those that are no literals of a policy are few, and compiling costs more
/// than a short match.
pub(crate) fn kept(pattern: &str, options: Options) -> std::result::Result<dotregex::Regex, dotregex::Error> {
    static CACHE: Mutex<Option<HashMap<(String, u32), dotregex::Regex>>> = Mutex::new(None);
    let key = (pattern.to_owned(), options.0);
    let known =
        CACHE.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|cache| cache.get(&key).cloned());
    if let Some(regex) = known {
        return Ok(regex);
    }
    let regex = dotregex::Regex::new(pattern, options)?;
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    let cache = cache.get_or_insert_default();
    if cache.len() >= KEPT {
        cache.clear();
    }
    cache.insert(key, regex.clone());
    Ok(regex)
}

fn compiled(pattern: &str, options: Options) -> Result<dotregex::Regex> {
    if !options.is_valid() {
        return Err(exception::out_of_range("", "options"));
    }
    kept(pattern, options).map_err(|error| exception::raise(&REGEX_PARSE, error.message))
}

/// A pattern that is a literal is compiled with the policy. It is the first string after the input, or the first of a
/// constructor; the overloads take their options as the only enum.
fn literal(constants: &[Option<Const>]) -> Option<Prepared> {
    let is_new = matches!(constants, [_] | [_, Some(Const::Word(..))]);
    let Some(Const::Str(pattern)) = constants.get(usize::from(!is_new))? else { return None };
    let options = constants.iter().flatten().find_map(|value| match value {
        Const::Word(def, bits) if *def == Def(&OPTIONS) => Some(Options(*bits as u32)),
        _ => None,
    });
    Some(Arc::new(dotregex::Regex::new(&pattern.to_text(), options.unwrap_or_default()).ok()?))
}

/// The pattern at `index`, from the policy if it is a literal and these are the options it was compiled with.
fn pattern(args: &Args<'_>, index: usize, options: Options) -> Result<dotregex::Regex> {
    match args.prepared::<dotregex::Regex>().filter(|regex| regex.options() == options) {
        Some(regex) => Ok(regex.clone()),
        None => compiled(&args.str(index, "pattern")?.to_text(), options),
    }
}

/// A search that was given up is the expression's fault, not the process's.
pub(super) fn gave_up(_: MatchError) -> Raise {
    Raise::Limit(Limit::Regex)
}

/// Searches within the bound of one search, and for as long as the evaluation may go on.
fn within<T>(cx: &Cx<'_>, search: impl FnOnce(&Limits<'_>) -> std::result::Result<T, MatchError>) -> Result<T> {
    let watch = cx.meter.watch();
    let passed = Cell::new(Limit::Regex);
    let timed_out = || match watch.map(|watch| watch.goes_on(0)) {
        Some(Err(limit)) => {
            passed.set(limit);
            true
        }
        _ => false,
    };
    search(&Limits { timed_out: Some(&timed_out), ..LIMITS }).map_err(|_| Raise::Limit(passed.get()))
}

/// The next match after `before`.
pub(super) fn after(regex: &dotregex::Regex, subject: &Subject, before: &Match) -> Result<Option<Match>> {
    regex.find_after(&subject.text(), before, &LIMITS).map_err(gave_up)
}

fn no_timeout() -> Value {
    crate::system::time_span(dotformat::TimeSpan::from_ticks(-dotformat::TICKS_PER_MILLISECOND))
}

fn new(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let regex = pattern(&args, 0, Options(args.word(1) as u32))?;
    let timeout = if args.len() > 2 { args.value(2).clone() } else { no_timeout() };
    Ok(Value::object(Regex(regex, timeout)))
}

fn this<'a>(args: &'a Args<'_>) -> Result<&'a dotregex::Regex> {
    Ok(&args.this::<Regex>()?.0)
}

/// From the receiver, the text at 1 and perhaps where to start at 2.
fn own(args: &Args<'_>) -> Result<Search> {
    own_from(args, args.len() > 2)
}

fn own_from(args: &Args<'_>, starts: bool) -> Result<Search> {
    search(this(args)?.clone(), args.str(1, "input")?, starts.then(|| args.int(2)))
}

/// From the receiver, the text at 1, perhaps a count at 3 and where to start at 4.
fn own_replace(args: &Args<'_>) -> Result<Search> {
    let count = if args.len() > 3 { args.int(3) } else { -1 };
    if count < -1 {
        return Err(exception::out_of_range("Count cannot be less than -1.", "count"));
    }
    let search = search(this(args)?.clone(), args.str(1, "input")?, (args.len() > 4).then(|| args.int(4)))?;
    Ok(Search { most: usize::try_from(count).unwrap_or(usize::MAX), ..search })
}

/// From the text at 0, the pattern at 1 and the options behind argument `last`.
fn given(args: &Args<'_>, last: usize) -> Result<Search> {
    let regex = pattern(args, 1, Options(args.word(last + 1) as u32))?;
    search(regex, args.str(0, "input")?, None)
}

fn search(regex: dotregex::Regex, input: &Str, from: Option<i32>) -> Result<Search> {
    let subject = Rc::new(Subject::new(input));
    let length = subject.text().len();
    let from = match from {
        None if regex.is_right_to_left() => length,
        None => 0,
        Some(from) => usize::try_from(from).ok().filter(|from| *from <= length).ok_or_else(|| {
            exception::out_of_range("Start index cannot be less than 0 or greater than input length.", "startat")
        })?,
    };
    Ok(Search { regex, subject, from, most: usize::MAX })
}

impl Search {
    fn first(&self, cx: &mut Cx<'_>) -> Result<Option<Match>> {
        self.pay(cx)?;
        within(cx, |limits| self.regex.find_at(&self.subject.text(), self.from, limits))
    }

    fn all(&self, cx: &mut Cx<'_>) -> Result<Vec<Match>> {
        self.pay(cx)?;
        let found = within(cx, |limits| self.regex.find_all_at(&self.subject.text(), self.from, self.most, limits))?;
        cx.meter.allocate(found.len() * size_of::<Match>())?;
        Ok(found)
    }

    fn pay(&self, cx: &mut Cx<'_>) -> Result<()> {
        cx.meter.steps(1 + self.subject.text().len() as u64 / 64)
    }
}

fn is_match(cx: &mut Cx<'_>, search: &Search) -> Result<Value> {
    Ok(Value::Bool(search.first(cx)?.is_some()))
}

fn first(cx: &mut Cx<'_>, search: Search) -> Result<Value> {
    let found = search.first(cx)?;
    Ok(match_value(search.regex, search.subject, found))
}

fn all(cx: &mut Cx<'_>, search: Search) -> Result<Value> {
    let found = search.all(cx)?;
    Ok(matches_value(&search.regex, &search.subject, found))
}

fn replace(cx: &mut Cx<'_>, search: Search, by: &Value) -> Result<Value> {
    let found = search.all(cx)?;
    let text = search.subject.text();
    let mut pieces = Vec::with_capacity(found.len());
    match by {
        Value::Null => return Err(exception::argument_null("replacement")),
        Value::Str(pattern) => {
            let replacement = Replacement::new(&pattern.to_text(), &search.regex);
            for one in &found {
                let mut piece = String::new();
                replacement.expand(one, &text, &mut piece);
                cx.meter.text(piece.len())?;
                pieces.push(piece);
            }
        }
        evaluator => {
            for one in &found {
                let one = match_value(search.regex.clone(), search.subject.clone(), Some(one.clone()));
                let piece = cx.call(evaluator, &mut [one])?;
                pieces.push(cx.text(&piece)?.to_text().into_owned());
            }
        }
    }
    let mut pieces = pieces.into_iter();
    let replaced =
        search.regex.replace_matches(&text, &found, |_, out| out.push_str(&pieces.next().unwrap_or_default()));
    cx.meter.text(replaced.len())?;
    Ok(Value::str(replaced))
}

fn split(cx: &mut Cx<'_>, search: &Search, count: i32) -> Result<Value> {
    let Ok(most) = usize::try_from(count) else {
        return Err(exception::out_of_range("Count cannot be less than -1.", "count"));
    };
    search.pay(cx)?;
    let text = search.subject.text();
    let pieces = within(cx, |limits| search.regex.split(&text.slice(0, text.len()), most, limits))?;
    cx.meter.allocate(pieces.len() * size_of::<Value>())?;
    Ok(Value::strings(pieces))
}

fn unescape(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let text = dotregex::unescape(&args.str(0, "str")?.to_text());
    text.map(Value::str).map_err(|error| exception::raise(&REGEX_PARSE, error.message))
}

fn group_numbers(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let numbers = this(&args)?.group_numbers().iter().map(|number| Value::Int(*number as i32)).collect();
    Ok(Value::array(Ty::INT, numbers))
}

fn group_name(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let regex = this(&args)?;
    let index = u32::try_from(args.int(1)).ok().and_then(|number| regex.group_by_number(number));
    let name = index.and_then(|index| regex.group_names().into_iter().nth(index));
    Ok(Value::str(name.unwrap_or_default()))
}

fn group_number(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let regex = this(&args)?;
    let index = regex.group_by_name(&args.str(1, "name")?.to_text());
    let number = index.and_then(|index| regex.group_numbers().get(index).copied());
    Ok(Value::Int(number.map_or(-1, |number| number as i32)))
}
