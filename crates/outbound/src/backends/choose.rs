//! Which member of a pool a call goes to: the one that the client's cookie names, else the next in turn among the best that may be called.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use policy::{
    HeaderValue, Headers, OutboundError, OutboundRequest, Url,
    entity::{Backend, Pool, PoolMember},
};

use super::{Backends, breaker::unavailable, lock};

/// How far each member is behind its share: who is furthest goes next. One per member, in the pool's order.
#[derive(Default)]
pub(super) struct Rotation(Mutex<Vec<i64>>);

/// Settles the member of the pool that `request` is for, if it is for one.
pub(crate) fn choose(
    backends: &Backends,
    now: Duration,
    request: &mut OutboundRequest,
) -> Result<Option<HeaderValue>, OutboundError> {
    let Some(backend) = request.backend.clone() else { return Ok(None) };
    let Some(pool) = &backend.pool else { return Ok(None) };
    let may_be_called = |member: &PoolMember| backends.closed_for(&member.backend, now).is_none();
    let met = pool.affinity.as_ref().and_then(|name| {
        let token = cookie(&request.headers, name)?;
        pool.members.iter().find(|member| *member.token == *token)
    });
    if let Some(member) = met.filter(|member| may_be_called(member)) {
        aim(request, &member.backend);
        return Ok(None);
    }
    let Some(member) = next(backends, &backend, pool, may_be_called) else {
        let first = pool.members.iter().filter_map(|member| backends.closed_for(&member.backend, now)).min();
        let message = format!("The circuit breakers of all members of the pool \"{}\" are open.", backend.id);
        return Err(unavailable(pool.failure_status, first.unwrap_or_default(), message));
    };
    aim(request, &member.backend);
    let cookie = pool.affinity.as_ref().map(|name| format!("{name}={}; Path=/; HttpOnly", member.token));
    Ok(cookie.and_then(|cookie| HeaderValue::parse(&cookie)))
}

/// The next in turn of the first priority that has anyone to call.
fn next<'a>(
    backends: &Backends,
    backend: &Backend,
    pool: &'a Pool,
    may_be_called: impl Fn(&PoolMember) -> bool,
) -> Option<&'a PoolMember> {
    let mut from = 0;
    for group in pool.members.chunk_by(|one, other| one.priority == other.priority) {
        let fit: Vec<(usize, &PoolMember)> = (from..).zip(group).filter(|(_, member)| may_be_called(member)).collect();
        from += group.len();
        match fit.as_slice() {
            [] => {}
            [(_, only)] => return Some(only),
            fit => return in_turn(&mut lock(&backends.rotation(backend)?.0), fit, pool.members.len()),
        }
    }
    None
}

/// Everyone gains their weight, and who has the most pays what all gained together: each gets their share, evenly spread.
fn in_turn<'a>(credits: &mut Vec<i64>, fit: &[(usize, &'a PoolMember)], members: usize) -> Option<&'a PoolMember> {
    if credits.len() != members {
        *credits = vec![0; members];
    }
    // A weight of zero is a stand-in, for when nobody else is there.
    let all_stand_in = fit.iter().all(|(_, member)| member.weight == 0);
    let weight = |member: &PoolMember| if all_stand_in { 1 } else { i64::from(member.weight) };
    let mut best: Option<(usize, &PoolMember)> = None;
    let mut most = i64::MIN;
    let mut total = 0;
    for &(at, member) in fit.iter().filter(|(_, member)| weight(member) > 0) {
        let credit = credits.get_mut(at)?;
        *credit += weight(member);
        total += weight(member);
        if *credit > most {
            most = *credit;
            best = Some((at, member));
        }
    }
    let (at, member) = best?;
    *credits.get_mut(at)? -= total;
    Some(member)
}

/// Aims a request for a pool at one of its members.
fn aim(request: &mut OutboundRequest, member: &Arc<Backend>) {
    if let Some(base) = &member.url {
        let path = base.joined(&request.url.path);
        request.url = Url { path, query: request.url.query.take(), ..base.clone() };
    }
    request.backend = Some(Arc::clone(member));
}

/// The value of a cookie that the client sent.
fn cookie<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    let lines = headers.all("cookie").filter_map(|line| std::str::from_utf8(line.as_bytes()).ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(weights: &[u32], count: usize) -> Vec<usize> {
        let members: Vec<PoolMember> =
            weights.iter().map(|weight| PoolMember { weight: *weight, ..PoolMember::default() }).collect();
        let fit: Vec<_> = members.iter().enumerate().collect();
        let mut credits = Vec::new();
        let at = |member: &PoolMember| members.iter().position(|known| std::ptr::eq(known, member)).unwrap();
        (0..count).map(|_| at(in_turn(&mut credits, &fit, members.len()).unwrap())).collect()
    }

    #[test]
    fn shares_follow_weights_and_are_evenly_spread() {
        assert_eq!(turns(&[1, 1, 1], 6), [0, 1, 2, 0, 1, 2]);
        assert_eq!(turns(&[3, 1], 8), [0, 0, 1, 0, 0, 0, 1, 0]);
        assert_eq!(turns(&[0, 5, 0], 3), [1, 1, 1]);
        assert_eq!(turns(&[0, 0], 4), [0, 1, 0, 1]);
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let headers: Headers = [("Cookie", "a=1; sid=x y; b"), ("cookie", "SID=2;sid2=\"q\"")].into_iter().collect();
        assert_eq!(cookie(&headers, "sid"), Some("x y"));
        assert_eq!(cookie(&headers, "sid2"), Some("q"));
        assert_eq!(cookie(&headers, "c"), None);
    }
}
