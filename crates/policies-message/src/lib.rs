//! Policies that change a message.
