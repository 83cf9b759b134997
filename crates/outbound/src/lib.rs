//! The HTTP client: connection pool, timeouts, TLS profiles, address policy.
