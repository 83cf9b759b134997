//! The .NET surface of policy expressions: one file per type, one table row per member.
