//! Filters that take a text.

use std::sync::OnceLock;

use dotformat::{html_decode, html_encode, to_lower_invariant, to_upper_invariant, url_decode, url_encode};
use dotregex::{Limits, Options, Regex, Replacement, Text};

use super::{Arguments, Filter};
use crate::{
    Value,
    convert::{Wrong, text_argument},
    render::{Run, Stop},
};

pub(crate) fn apply<'a>(
    filter: Filter,
    input: &Value<'a>,
    arguments: &Arguments<'_, 'a>,
    run: &mut Run<'_, 'a>,
) -> Result<Value<'a>, Stop> {
    let nil = matches!(input, Value::Nil);
    let text = text_argument(input)?;
    let blank = text.trim().is_empty();
    let result = match filter {
        // These make a text of nothing.
        Filter::Append => text + &arguments.text(0, "string")?,
        Filter::Prepend => arguments.text(0, "string")? + &text,
        Filter::Default => {
            let default = arguments.text(0, "defaultValue")?;
            if blank { default } else { text }
        }
        _ if nil => return Ok(Value::Nil),
        Filter::Split => return split(&text, &arguments.text(0, "pattern")?, run),
        Filter::Capitalize => capitalize(&text),
        Filter::Downcase => to_lower_invariant(&text),
        Filter::Upcase => to_upper_invariant(&text),
        Filter::Escape | Filter::H => html_encode(&text),
        Filter::EscapeOnce => html_encode(&html_decode(&text)),
        Filter::UrlEncode => url_encode(&text),
        Filter::UrlDecode => url_decode(&text),
        Filter::Strip => text.trim().to_owned(),
        Filter::Lstrip => text.trim_start().to_owned(),
        Filter::Rstrip => text.trim_end().to_owned(),
        Filter::StripHtml => strip_html(&text)?,
        Filter::StripNewlines if blank => text,
        Filter::StripNewlines => text.replace("\r\n", "").replace('\n', ""),
        Filter::NewlineToBr if blank => text,
        Filter::NewlineToBr => text.replace('\n', "<br />\n").replace("\r<br />\n", "<br />\r\n"),
        Filter::Remove => {
            let part = arguments.text(0, "string")?;
            match part.as_str() {
                _ if blank => text,
                "" => return Err("String cannot be of zero length. (Parameter 'oldValue')".to_owned().into()),
                part => text.replace(part, ""),
            }
        }
        Filter::RemoveFirst if blank => text,
        Filter::RemoveFirst => replaced(&text, arguments, Some(""))?,
        Filter::Replace | Filter::ReplaceFirst if text.is_empty() => text,
        Filter::Replace => replaced(&text, arguments, None)?,
        Filter::ReplaceFirst => replaced(&text, arguments, Some(&arguments.text_or(1, "")?))?,
        Filter::Truncate => truncate(&text, arguments.integer_or(0, 50)?, &arguments.text_or(1, "...")?),
        Filter::TruncateWords => truncate_words(&text, arguments.integer_or(0, 15)?, &arguments.text_or(1, "...")?),
        _ => text,
    };
    Ok(Value::str(result))
}

pub(super) fn regex(pattern: &str) -> Result<Regex, Wrong> {
    Regex::new(pattern, Options::NONE).map_err(|error| error.message.clone())
}

/// Every match of the first argument by the second; or the first match by `first`, as it is written.
fn replaced(text: &str, arguments: &Arguments<'_, '_>, first: Option<&str>) -> Result<String, Stop> {
    let pattern = arguments.text(0, "string")?;
    if pattern.is_empty() {
        return Ok(text.to_owned());
    }
    let regex = match arguments.pattern {
        Some(regex) => regex.clone()?,
        None => regex(&pattern)?,
    };
    let too_long = |_| "The regular expression takes too long.".to_owned();
    let limits = Limits::default();
    if let Some(replacement) = first {
        let input = Text::new(text);
        let matches = regex.find_all(&input, 1, &limits).map_err(too_long)?;
        return Ok(regex.replace_matches(&input, &matches, |_, out| out.push_str(replacement)));
    }
    let replacement = Replacement::new(&arguments.text_or(1, "")?, &regex);
    Ok(regex.replace(text, &replacement, usize::MAX, &limits).map_err(too_long)?)
}

/// Each word begins with a capital; the rest stays.
fn capitalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        let word = c.is_alphanumeric() || c == '_';
        if word && !inside {
            out.push(dotformat::to_upper(c));
        } else {
            out.push(c);
        }
        inside = word;
    }
    out
}

fn strip_html(text: &str) -> Result<String, Stop> {
    static PATTERNS: OnceLock<Result<[Regex; 2], Wrong>> = OnceLock::new();
    let patterns = PATTERNS.get_or_init(|| {
        let new = |pattern| {
            Regex::new(pattern, Options(Options::SINGLELINE.0 | Options::IGNORE_CASE.0))
                .map_err(|error| error.message.clone())
        };
        Ok([new("<script.*?</script>|<!--.*?-->|<style.*?</style>")?, new("<.*?>")?])
    });
    let mut text = text.to_owned();
    for pattern in patterns.as_ref().map_err(Clone::clone)? {
        let nothing = Replacement::new("", pattern);
        let replaced = pattern.replace(&text, &nothing, usize::MAX, &Limits::default());
        text = replaced.map_err(|_| "The text takes too long to strip.".to_owned())?;
    }
    Ok(text)
}

fn split<'a>(text: &str, pattern: &str, run: &mut Run<'_, 'a>) -> Result<Value<'a>, Stop> {
    run.spend(text.len())?;
    let pieces: Vec<Value<'a>> = if text.trim().is_empty() {
        vec![Value::str(text)]
    } else if pattern.is_empty() {
        text.chars().map(|c| Value::str(c.to_string())).collect()
    } else {
        text.split(pattern).filter(|piece| !piece.is_empty()).map(Value::str).collect()
    };
    run.step(pieces.len())?;
    Ok(Value::list(pieces))
}

/// Lengths count UTF-16 units, as in .NET.
fn truncate(text: &str, length: i64, end: &str) -> String {
    let Ok(length) = usize::try_from(length) else { return end.to_owned() };
    if text.is_empty() || text.encode_utf16().count() <= length {
        return text.to_owned();
    }
    let kept = length.saturating_sub(end.encode_utf16().count());
    String::from_utf16_lossy(&text.encode_utf16().take(kept).collect::<Vec<_>>()) + end
}

fn truncate_words(text: &str, words: i64, end: &str) -> String {
    let Some(words) = usize::try_from(words).ok().filter(|words| *words > 0) else {
        return if text.is_empty() { String::new() } else { end.to_owned() };
    };
    match text.match_indices(' ').nth(words - 1) {
        Some((at, _)) => text[..at].to_owned() + end,
        None => text.to_owned(),
    }
}
