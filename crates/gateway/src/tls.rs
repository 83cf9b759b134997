//! TLS of the listeners: a configuration per certificate, chosen by the name that the client asks for.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, aws_lc_rs::Ticketer, verify_tls12_signature, verify_tls13_signature},
    server::{
        ProducesTickets,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};

/// A certificate that we serve.
pub struct ServerIdentity {
    /// The chain in DER, leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The key of the leaf.
    pub key: PrivateKeyDer<'static>,
    /// Whether clients are asked for a certificate. Whatever they show goes to the policies, trusted or not.
    pub asks_for_certificate: bool,
}

impl fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerIdentity")
            .field("certificates", &self.chain.len())
            .field("asks_for_certificate", &self.asks_for_certificate)
            .finish_non_exhaustive()
    }
}

/// Knows the certificate of each host name. A new answer for a name takes effect with the next handshake.
pub trait Identities: Send + Sync {
    /// The certificate for `name`, or the default one where the client names nobody or nobody we know.
    ///
    /// The same certificate must come back as the same `Arc`: its configuration is made once.
    fn identity(&self, name: Option<&str>) -> Option<Arc<ServerIdentity>>;
}

/// One certificate for every name.
impl Identities for Arc<ServerIdentity> {
    fn identity(&self, _: Option<&str>) -> Option<Arc<ServerIdentity>> {
        Some(Arc::clone(self))
    }
}

/// The configurations of all workers: a client resumes its session on whichever worker it meets. The lock is taken once per handshake.
pub(crate) struct TlsConfigs {
    identities: Arc<dyn Identities>,
    provider: Arc<CryptoProvider>,
    /// Seals session tickets. Its keys are made at start and turn over by themselves.
    ticketer: Arc<dyn ProducesTickets>,
    /// By the address of the identity, which is kept beside its configuration, so that the address cannot come to mean another one.
    made: Mutex<HashMap<usize, Made>>,
}

struct Made {
    _identity: Arc<ServerIdentity>,
    config: Arc<ServerConfig>,
}

/// Past this many certificates the cache starts again, so that replaced ones do not stay for ever.
const MOST_CONFIGS: usize = 1024;

impl TlsConfigs {
    pub(crate) fn new(identities: Arc<dyn Identities>) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        Ok(Self { identities, provider, ticketer: Ticketer::new()?, made: Mutex::default() })
    }

    pub(crate) fn config(&self, name: Option<&str>) -> Result<Arc<ServerConfig>, Error> {
        let identity = self.identities.identity(name).ok_or(Error::NoCertificatesPresented)?;
        let address = Arc::as_ptr(&identity) as usize;
        // Each entry is whole whatever happened to another one, so a poisoned lock does no harm.
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = made.get(&address) {
            return Ok(Arc::clone(&made.config));
        }
        let config = Arc::new(self.make(&identity)?);
        if made.len() >= MOST_CONFIGS {
            made.clear();
        }
        made.insert(address, Made { _identity: identity, config: Arc::clone(&config) });
        Ok(config)
    }

    fn make(&self, identity: &ServerIdentity) -> Result<ServerConfig, Error> {
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&self.provider)).with_safe_default_protocol_versions()?;
        let builder = if identity.asks_for_certificate {
            builder.with_client_cert_verifier(Arc::new(AnyClient(Arc::clone(&self.provider))))
        } else {
            builder.with_no_client_auth()
        };
        let mut config = builder.with_single_cert(identity.chain.clone(), identity.key.clone_key())?;
        config.ticketer = Arc::clone(&self.ticketer);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// Asks for a certificate and takes any whose key the client holds: policies judge it.
#[derive(Debug)]
struct AnyClient(Arc<CryptoProvider>);

impl ClientCertVerifier for AnyClient {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
