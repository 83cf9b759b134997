//! JSONPath: `SelectToken`, `SelectTokens`, and the regular expressions in their filters.

use csharp::{Args, Cx, Result, Ty, Value, exception};
use dotregex::{Limits, Options, Regex};
use json::{Error, ErrorKind, JPath, MatchRegex, RegexFlags};

use super::{
    exceptions::checked,
    sequence::sequence,
    token::{self, this, wrap},
};

/// The policy's regular expressions, in paths.
struct Regexes;

impl MatchRegex for Regexes {
    fn is_match(&self, input: &str, pattern: &str, flags: RegexFlags) -> json::Result<bool> {
        let options = [
            (flags.ignore_case, Options::IGNORE_CASE),
            (flags.multiline, Options::MULTILINE),
            (flags.singleline, Options::SINGLELINE),
            (flags.explicit_capture, Options::EXPLICIT_CAPTURE),
        ];
        let bits = options.iter().filter(|(is_set, _)| *is_set).fold(0, |bits, (_, option)| bits | option.0);
        let regex =
            Regex::new(pattern, Options(bits)).map_err(|error| Error::new(ErrorKind::Argument, error.to_string()))?;
        regex
            .is_match(input, &Limits::default())
            .map_err(|error| Error::new(ErrorKind::RegexTimeout, error.to_string()))
    }
}

fn path(args: &Args<'_>) -> Result<JPath> {
    let path = args.opt_str(1).ok_or_else(|| exception::argument_null("path"))?;
    checked(JPath::parse(&path.to_text()))
}

/// `SelectToken(path, errorWhenNoMatch)`.
pub(super) fn select_token(_cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = checked(path(&args)?.select_one(this(&args)?, args.bool(2), &Regexes))?;
    Ok(found.map_or(Value::Null, wrap))
}

/// `SelectTokens(path, errorWhenNoMatch)`. The path is read when it is called, errors in it come then too.
pub(super) fn select_tokens(cx: &mut Cx<'_>, args: Args<'_>) -> Result<Value> {
    let found = checked(path(&args)?.select(this(&args)?, args.bool(2), &Regexes))?;
    cx.meter.steps(found.len() as u64)?;
    sequence(cx, Ty::named(&token::DEF), found.into_iter().map(wrap).collect())
}
