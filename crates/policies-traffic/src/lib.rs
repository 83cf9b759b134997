//! Policies that limit and cache traffic.

policy::policies! {
    rate_limit,
}
