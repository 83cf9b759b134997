//! What the system lets a process have.

use rustix::process::{Resource, getrlimit, setrlimit};

/// More than this many files nobody needs, and some systems allow a thousand million.
const MOST_FILES: u64 = 1 << 20;

/// Lets this process have as many open files as it may: each connection is one, and the usual limit is made for programs that have few.
/// How many it may have open then; `None` for any number.
pub(crate) fn raise_open_files() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(MOST_FILES, |maximum| maximum.min(MOST_FILES));
    if limit.current.is_some_and(|current| current < wanted) {
        let before = limit.current;
        limit.current = Some(wanted);
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "the limit of open files stays as it is");
            return before;
        }
    }
    limit.current
}

/// Makes the calling thread one of those that run when others have nothing to do. Elsewhere than on Linux this cannot be asked for
/// one thread alone.
pub(crate) fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, 10) {
        tracing::warn!(%error, "a thread for long work keeps its priority");
    }
}
