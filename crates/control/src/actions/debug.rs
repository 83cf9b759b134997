//! `listDebugCredentials`, `invalidateDebugCredentials`, `listTrace`: traces of single calls of the service's own gateway.

use std::time::Duration;

use arm::{Error, ResourceId, Result};
use serde_json::json;

use crate::{Answer, Control, commit::missing, control::Context};

/// The longest that a credential is good for, and how long it is where nothing is said.
const LONGEST: Duration = Duration::from_hours(1);

pub(super) async fn credentials(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let service = service(cx)?;
    let body = cx.call.json()?;
    let purposes = body["purposes"].as_array().into_iter().flatten();
    if !purposes.filter_map(|purpose| purpose.as_str()).any(|purpose| purpose.eq_ignore_ascii_case("tracing")) {
        return Err(Error::invalid("purposes", "'purposes' must hold 'tracing'."));
    }
    let lifetime = match &body["credentialsExpireAfter"] {
        serde_json::Value::Null => LONGEST,
        value => {
            let wrong = "'credentialsExpireAfter' must be an ISO 8601 duration such as PT30M, of at most PT1H.";
            let lifetime =
                value.as_str().and_then(duration).filter(|lifetime| !lifetime.is_zero() && *lifetime <= LONGEST);
            lifetime.ok_or_else(|| Error::invalid("credentialsExpireAfter", wrong))?
        }
    };
    let wrong = "'apiId' must be the id of an API of this service.";
    let id = body["apiId"].as_str().and_then(ResourceId::parse).ok_or_else(|| Error::invalid("apiId", wrong))?;
    let owner = cx.id.parent().unwrap_or_else(|| cx.id.clone());
    if !id.segment().eq_ignore_ascii_case("apis") || !owner.contains(&id) {
        return Err(Error::invalid("apiId", wrong));
    }
    if control.read(&control.current_revision(id.clone()).await?).await?.is_none() {
        return Err(Error::invalid("apiId", "There is no API with this id."));
    }
    let parent = id.parent().filter(|parent| parent.segment().eq_ignore_ascii_case("workspaces"));
    let workspace = parent.as_ref().map(ResourceId::name);
    let token = control.parts.debugging.issue(service, workspace, id.name(), lifetime);
    Ok(Answer::json(200, json!({ "token": token })))
}

pub(super) fn invalidate(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    control.parts.debugging.revoke(service(cx)?);
    Ok(Answer::status(204))
}

pub(super) fn trace(control: &Control, cx: &Context<'_>) -> Result<Answer> {
    let service = service(cx)?;
    let body = cx.call.json()?;
    let Some(id) = body["traceId"].as_str() else { return Err(Error::invalid("traceId", "'traceId' is required.")) };
    let mut trace = control.parts.debugging.trace(service, id).ok_or_else(|| missing(&cx.id.child("traces", id)))?;
    // The caller knows the trace by the id that it asked for; the trace itself by the one of the request.
    trace["traceId"] = id.into();
    Ok(Answer::json(200, trace))
}

/// The service's name. Only its own gateway is here: others keep their traces themselves.
fn service<'a>(cx: &'a Context<'_>) -> Result<&'a str> {
    match cx.id.name_of("service") {
        Some(service) if cx.id.name().eq_ignore_ascii_case("managed") => Ok(service),
        _ => Err(missing(&cx.id)),
    }
}

/// Reads hours, minutes and seconds of an ISO 8601 duration: `PT1H`, `PT30M`, `PT1M30S`.
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix("PT")?;
    let mut seconds = 0_u64;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, unit) = rest.split_at(end);
        let worth = match unit.chars().next()? {
            'H' => 3600,
            'M' => 60,
            'S' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(worth)?)?;
        rest = unit.get(1..)?;
    }
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_the_contract() {
        assert_eq!(duration("PT1H"), Some(Duration::from_hours(1)));
        assert_eq!(duration("PT1M30S"), Some(Duration::from_secs(90)));
        assert_eq!(duration("PT"), Some(Duration::ZERO));
        for wrong in ["", "1h", "P1D", "PTH", "PT1X", "PT99999999999999999999H"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }
}
