//! The ARM wire: HTTP in front of `control`.
