//! Tells systemd how the service is, where systemd started it (sd_notify).

use std::os::unix::{ffi::OsStrExt, net::UnixDatagram};

/// Sends `state` to the socket that `NOTIFY_SOCKET` names, if any.
pub(super) fn notify(state: &str) {
    let Some(name) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let sent = UnixDatagram::unbound().and_then(|socket| match name.as_bytes() {
        #[cfg(target_os = "linux")]
        [b'@', name @ ..] => {
            use std::os::linux::net::SocketAddrExt;
            socket.send_to_addr(state.as_bytes(), &std::os::unix::net::SocketAddr::from_abstract_name(name)?)
        }
        _ => socket.send_to(state.as_bytes(), &name),
    });
    if let Err(error) = sent {
        tracing::warn!(%error, state, "the service manager cannot be told");
    }
}
