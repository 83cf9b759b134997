//! Policies that reach other services.
