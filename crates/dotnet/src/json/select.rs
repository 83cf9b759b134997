//! JSONPath: `SelectToken`, `SelectTokens`, and the regular expressions in their filters.

use std::{borrow::Cow, sync::Arc};

use csharp::{Args, Const, Cx, Prepared, Result, Ty, Value, exception};
use dotregex::{Limits, Options};
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
        let regex = crate::text::kept_regex(pattern, Options(bits))
            .map_err(|error| Error::new(ErrorKind::Argument, error.to_string()))?;
        regex
            .is_match(input, &Limits::default())
            .map_err(|error| Error::new(ErrorKind::RegexTimeout, error.to_string()))
    }
}

/// A path that is a literal is read with the policy; one that is wrong says so when it is used.
pub(super) fn literal(constants: &[Option<Const>]) -> Option<Prepared> {
    let Some(Const::Str(path)) = constants.get(1)? else { return None };
    Some(Arc::new(JPath::parse(&path.to_text()).ok()?))
}

fn path<'a>(args: &Args<'a>) -> Result<Cow<'a, JPath>> {
    if let Some(path) = args.prepared() {
        return Ok(Cow::Borrowed(path));
    }
    let path = args.opt_str(1).ok_or_else(|| exception::argument_null("path"))?;
    checked(JPath::parse(&path.to_text())).map(Cow::Owned)
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
