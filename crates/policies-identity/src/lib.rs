//! Policies that decide who may call.
