//! Circuit breakers and pools of backend entities: which member a call may go to, and when none.

use std::{collections::HashMap, ops::RangeInclusive, sync::Arc, time::Duration};

use policy::{
    HeaderName, Status, Url,
    breaker::BreakerRule,
    entity::{Backend, Pool, PoolMember},
};
use serde_json::Value;
use store::Key;

/// Where the entity does not say.
const MINUTE: Duration = Duration::from_mins(1);
/// What a server's own failure looks like.
const SERVER_ERRORS: RangeInclusive<u16> = 500..=599;

/// The members of a pool, with the backends of its scope; `None` without a pool.
pub(crate) fn pool(value: &Value, backends: &HashMap<Box<str>, Arc<Backend>>) -> Result<Option<Pool>, String> {
    let Some(services) = value["services"].as_array().filter(|services| !services.is_empty()) else { return Ok(None) };
    let mut members = services.iter().map(|service| member(service, backends)).collect::<Result<Vec<_>, _>>()?;
    // The order within a priority is that of the entity.
    members.sort_by_key(|member| member.priority);
    let affinity = match value["sessionAffinity"]["sessionId"]["name"].as_str() {
        Some(name) if HeaderName::parse(name).is_some() => Some(name.into()),
        Some(name) => return Err(format!("its session affinity's `{name}` is no name of a cookie")),
        None => None,
    };
    Ok(Some(Pool { members: members.into(), affinity, failure_status: status(&value["failureResponse"])? }))
}

fn member(service: &Value, backends: &HashMap<Box<str>, Arc<Backend>>) -> Result<PoolMember, String> {
    let id = service["id"].as_str().unwrap_or_default();
    let backend = backends.get(Key::new(id).name()).ok_or_else(|| format!("its member `{id}` is not there"))?;
    if backend.pool.is_some() {
        return Err(format!("its member `{id}` is a pool itself"));
    }
    if backend.url.is_none() {
        return Err(format!("its member `{id}` has no URL"));
    }
    let digest = crypto::hash::sha256(backend.key.as_bytes());
    Ok(PoolMember {
        backend: Arc::clone(backend),
        token: crypto::text::hex(digest.get(..8).unwrap_or_default()).into(),
        priority: number(&service["priority"]).unwrap_or(0),
        weight: number(&service["weight"]).unwrap_or(1),
    })
}

/// What a request for the pool is aimed at until a member is chosen.
pub(crate) fn address(pool: &Pool) -> Option<Url> {
    let first = pool.members.first()?.backend.url.clone()?;
    Some(Url { path: "/".into(), query: None, ..first })
}

/// The rule of a circuit breaker, if there is one.
pub(crate) fn breaker(value: &Value) -> Result<Option<Arc<BreakerRule>>, String> {
    let Some(rule) = value["rules"].as_array().and_then(|rules| rules.first()) else { return Ok(None) };
    let condition = &rule["failureCondition"];
    let count = number(&condition["count"]);
    let percentage = number(&condition["percentage"]);
    if count.is_none() && percentage.is_none() {
        return Err("the rule of its circuit breaker has neither a count nor a percentage".into());
    }
    let list = |name: &str| condition[name].as_array().into_iter().flatten();
    let mut statuses: Vec<RangeInclusive<u16>> = list("statusCodeRanges")
        .map(|range| {
            let bound = |name: &str, or| number(&range[name]).and_then(|n| u16::try_from(n).ok()).unwrap_or(or);
            bound("min", 200)..=bound("max", 599)
        })
        .collect();
    let reasons: Vec<&str> = list("errorReasons").filter_map(Value::as_str).collect();
    let named = |reason: &str| reasons.iter().any(|known| known.trim().eq_ignore_ascii_case(reason));
    let any_server_error = named("Server errors");
    if statuses.is_empty() && (reasons.is_empty() || any_server_error) {
        statuses.push(SERVER_ERRORS);
    }
    // Without an answer of the backend the caller reads 500.
    let counts_unanswered = any_server_error || statuses.iter().any(|range| range.contains(&500));
    Ok(Some(Arc::new(BreakerRule {
        count,
        percentage,
        interval: duration(&condition["interval"])?,
        statuses: statuses.into(),
        timeouts: counts_unanswered || named("Timeout"),
        connections: counts_unanswered || named("BackendConnectionFailure"),
        trip: duration(&rule["tripDuration"])?,
        accept_retry_after: rule["acceptRetryAfter"].as_bool().unwrap_or(false),
        failure_status: status(&rule["failureResponse"])?,
    })))
}

/// A whole number, which templates may write as a text.
fn number(value: &Value) -> Option<u32> {
    match value {
        Value::String(text) => text.parse().ok(),
        value => u32::try_from(value.as_u64()?).ok(),
    }
}

fn duration(value: &Value) -> Result<Duration, String> {
    let Some(text) = value.as_str() else { return Ok(MINUTE) };
    let duration = arm::parse_duration(text).filter(|duration| !duration.is_zero());
    duration.ok_or_else(|| format!("`{text}` is no duration that a circuit breaker can have"))
}

fn status(value: &Value) -> Result<Option<Status>, String> {
    let Some(code) = number(&value["statusCode"]) else { return Ok(None) };
    let status = u16::try_from(code).ok().and_then(Status::new);
    status.map(Some).ok_or_else(|| format!("{code} is no status"))
}
