//! Certificates of the node's own authority: for the management listener, and for each host name the gateway answers to.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use base::Clock;
use crypto::{Authority, Issued};
use gateway::{Identities, ServerIdentity};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use snapshot::{HostCertificate, Snapshot};

use crate::output::Failed;

/// Names that every certificate of this node bears besides its own.
const LOCAL: &[&str] = &["localhost", "*.localhost", "127.0.0.1", "::1"];

/// Certificates made for names past this many are refused, so that nobody can fill the memory with names.
const MOST_NAMES: usize = 1024;

/// TLS of the management listener, which goes by these names, between commas, besides the local ones.
pub(crate) fn management(authority: &Authority, names: &str, clock: &dyn Clock) -> Result<Arc<ServerConfig>, Failed> {
    let own = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    let names: Vec<&str> = own.chain(LOCAL.iter().copied()).collect();
    let identity = issue(authority, &names, clock)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(Failed::new)?
        .with_no_client_auth()
        .with_single_cert(identity.chain, identity.key)
        .map_err(Failed::new)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The certificates that services have for their host names; for `localhost`, `<service>.localhost` and host names without one, the
/// node's own, each made when a client first asks for it.
///
/// Which of them ask clients for a certificate is the service's to say.
pub(crate) struct HostIdentities {
    authority: Authority,
    clock: Arc<dyn Clock>,
    snapshot: Arc<ArcSwap<Snapshot>>,
    /// Without and with asking.
    default: [Arc<ServerIdentity>; 2],
    made: Mutex<HashMap<(String, bool), Arc<ServerIdentity>>>,
    /// By the address of the certificate, which is kept beside, so that the address cannot come to mean another one.
    given: Mutex<HashMap<(usize, bool), Given>>,
}

type Given = (Arc<HostCertificate>, Arc<ServerIdentity>);

impl HostIdentities {
    pub(crate) fn new(
        authority: Authority,
        clock: Arc<dyn Clock>,
        snapshot: Arc<ArcSwap<Snapshot>>,
    ) -> Result<Self, Failed> {
        let silent = issue(&authority, LOCAL, &*clock)?;
        let asking =
            ServerIdentity { chain: silent.chain.clone(), key: silent.key.clone_key(), asks_for_certificate: true };
        let default = [silent, asking].map(Arc::new);
        Ok(Self { authority, clock, snapshot, default, made: Mutex::default(), given: Mutex::default() })
    }

    fn default(&self, asks: bool) -> Arc<ServerIdentity> {
        let [silent, asking] = &self.default;
        Arc::clone(if asks { asking } else { silent })
    }

    /// A certificate that a service has. A new one takes effect with the next handshake, and the old one goes with the last snapshot
    /// that had it.
    fn given(&self, certificate: &Arc<HostCertificate>, asks: bool) -> Arc<ServerIdentity> {
        let place = (Arc::as_ptr(certificate) as usize, asks);
        // A handshake is rare beside a request, and an entry is whole whatever happened to others.
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, identity)) = given.get(&place) {
            return Arc::clone(identity);
        }
        given.retain(|_, (known, _)| Arc::strong_count(known) > 1);
        let chain = certificate.chain.iter().map(|der| CertificateDer::from(der.clone())).collect();
        let key = PrivatePkcs8KeyDer::from(certificate.key.expose().clone()).into();
        let identity = Arc::new(ServerIdentity { chain, key, asks_for_certificate: asks });
        given.insert(place, (Arc::clone(certificate), Arc::clone(&identity)));
        identity
    }

    /// A certificate of the node's own for a name.
    fn own(&self, name: String, asks: bool) -> Option<Arc<ServerIdentity>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (name, asks);
        if let Some(identity) = made.get(&place) {
            return Some(Arc::clone(identity));
        }
        if made.len() >= MOST_NAMES {
            return Some(self.default(asks));
        }
        let (name, _) = &place;
        // OpenSSL does not match `*.localhost`, so the name itself must be in the certificate.
        let identity = issue(&self.authority, &[&[name.as_str()], LOCAL].concat(), &*self.clock);
        let identity =
            identity.inspect_err(|error| tracing::error!(%error, name, "a certificate cannot be made")).ok()?;
        let identity = Arc::new(ServerIdentity { asks_for_certificate: asks, ..identity });
        made.insert(place, Arc::clone(&identity));
        Some(identity)
    }
}

impl Identities for HostIdentities {
    fn identity(&self, name: Option<&str>) -> Option<Arc<ServerIdentity>> {
        let snapshot = self.snapshot.load();
        let named = name.map(str::to_ascii_lowercase);
        let service = snapshot.by_host(named.as_deref().unwrap_or_default());
        let host = service.and_then(|service| match &named {
            Some(name) => service.host(name),
            None => service.default_host(),
        });
        let asks = service.is_some_and(|service| service.entity.asks_for_certificate)
            || host.is_some_and(|host| host.asks_for_certificate);
        if let Some(certificate) = host.and_then(|host| host.certificate.as_ref()) {
            return Some(self.given(certificate, asks));
        }
        let is_own = |name: &String| {
            let service = name.strip_suffix(".localhost");
            service.is_some_and(|service| !service.is_empty() && !service.contains('.'))
        };
        match named.filter(|name| host.is_some() || is_own(name)) {
            Some(name) => self.own(name, asks),
            None => Some(self.default(asks)),
        }
    }
}

fn issue(authority: &Authority, names: &[&str], clock: &dyn Clock) -> Result<ServerIdentity, Failed> {
    let Issued { certificate_pem, key_pem } = authority.issue(names, clock.now()).map_err(Failed::new)?;
    let chain = [certificate_pem.as_str(), authority.certificate_pem()]
        .map(|pem| CertificateDer::from_pem_slice(pem.as_bytes()));
    let chain = chain.into_iter().collect::<Result<_, _>>().map_err(Failed::new)?;
    let key = PrivateKeyDer::from_pem_slice(key_pem.expose().as_bytes()).map_err(Failed::new)?;
    Ok(ServerIdentity { chain, key, asks_for_certificate: false })
}
