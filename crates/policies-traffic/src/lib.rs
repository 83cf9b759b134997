//! Policies that limit and cache traffic.

mod limits;

policy::policies! {
    limit_concurrency,
    quota,
    quota_by_key,
    rate_limit,
    rate_limit_by_key,
}
