//! Concatenates the policy and .NET tables; nothing else.
