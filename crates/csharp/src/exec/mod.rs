//! The executor.

use base::Timestamp;

use crate::host::Host;

/// A host for what is computed when a text is compiled: nothing pure asks it.
pub(crate) struct NoHost;

impl Host for NoHost {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    fn entropy(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}
