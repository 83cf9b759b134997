//! What the nodes of a cluster share: counters, cache, leases. Traits and the in-memory driver.
