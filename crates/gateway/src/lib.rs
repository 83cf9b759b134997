//! Listeners, TLS and protocols of the data plane: accept, engine, respond.
