//! Policies that limit and cache traffic.

mod cached;
mod limits;

policy::policies! {
    cache_lookup,
    cache_lookup_value,
    cache_remove_value,
    cache_store,
    cache_store_value,
    limit_concurrency,
    quota,
    quota_by_key,
    rate_limit,
    rate_limit_by_key,
}
