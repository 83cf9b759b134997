//! The contract of a policy: definition, compile context, exchange, step, fault, and the `context` host.
