//! Runs compiled policies over an exchange: sections, on-error, body stages. Opens no socket.
