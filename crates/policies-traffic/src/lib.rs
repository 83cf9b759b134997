//! Policies that limit and cache traffic.
