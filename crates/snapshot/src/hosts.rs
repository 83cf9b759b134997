//! The host names at which a service's gateway answers, and the certificates that it shows there.

use std::{fmt, sync::Arc};

use base::Secret;

use crate::service::ServiceSnapshot;

/// A host name that the owner of a service has configured for its gateway.
#[derive(Debug)]
pub struct HostName {
    /// The name, in lower case.
    pub name: Box<str>,
    /// Whether clients are asked for a certificate here.
    pub asks_for_certificate: bool,
    /// Whether clients that name no host are taken for its clients.
    pub is_default: bool,
    /// Its certificate. Without one the process vouches for the name itself.
    pub certificate: Option<Arc<HostCertificate>>,
}

/// A certificate with its key. While its file stays the same, it is the same value in every snapshot.
pub struct HostCertificate {
    /// The chain in DER, leaf first.
    pub chain: Vec<Vec<u8>>,
    /// The key of the leaf, PKCS #8 in DER.
    pub key: Secret<Vec<u8>>,
    /// File and password, to tell whether they have changed.
    source: (Secret<String>, Secret<String>),
}

impl fmt::Debug for HostCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostCertificate").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

impl HostCertificate {
    /// Opens a PFX file in Base64.
    pub(crate) fn open(file: &str, password: &str) -> Result<Self, String> {
        let data: String = file.split_ascii_whitespace().collect();
        let data = crypto::text::from_base64(&data).map_err(|error| error.to_string())?;
        let pfx = crypto::pfx::read(&data, password).map_err(|error| error.to_string())?;
        let key = pfx.key.ok_or("it holds no private key")?;
        if pfx.certificates.is_empty() {
            return Err("it holds no certificate".to_owned());
        }
        let source = (Secret::new(file.to_owned()), Secret::new(password.to_owned()));
        Ok(Self { chain: pfx.certificates, key, source })
    }

    /// Whether it is what this file and password give. Opening them anew is slow.
    pub(crate) fn is_from(&self, file: &str, password: &str) -> bool {
        self.source.0.expose() == file && self.source.1.expose() == password
    }
}

impl ServiceSnapshot {
    /// The configuration of a host name, which is in lower case.
    pub fn host(&self, name: &str) -> Option<&HostName> {
        self.hosts.iter().map(|host| &**host).find(|host| &*host.name == name)
    }

    /// The host name for clients that name none.
    pub fn default_host(&self) -> Option<&HostName> {
        self.hosts.iter().map(|host| &**host).find(|host| host.is_default)
    }
}
