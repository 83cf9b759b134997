//! Where access tokens come from.

use std::sync::Arc;

use base::Secret;

use crate::Url;

/// Where tokens of the machine's own identity come from (`authentication-managed-identity`).
#[derive(Clone, Debug)]
pub enum TokenEndpoint {
    /// As on a virtual machine: whoever reaches it gets them.
    InstanceMetadata(Url),
    /// As in App Service, Functions and Container Apps: a header holds a secret.
    AppService {
        /// `IDENTITY_ENDPOINT`.
        url: Url,
        /// `IDENTITY_HEADER`.
        secret: Secret<Arc<str>>,
    },
}
