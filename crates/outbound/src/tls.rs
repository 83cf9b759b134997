//! TLS to backends: what is checked, what is shown, and the client configuration that follows from it.

use std::{
    cell::RefCell,
    collections::HashMap,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use base::Timestamp;
use policy::{
    entity::{BackendTls, ClientCertificate},
    outbound::HttpVersion,
    trust::Anchors,
};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    server::ParsedCertificate,
};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};

/// A certificate that we show to a backend. Two are equal if their certificates are: the leaf names the key.
#[derive(Clone, Debug)]
pub(crate) struct Identity(pub(crate) Arc<ClientCertificate>);

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.chain == other.0.chain
    }
}

impl Eq for Identity {}

impl Hash for Identity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.thumbprint.hash(state);
    }
}

/// Everything about TLS that two connections must share to be interchangeable.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TlsProfile {
    /// How the backend's certificate is judged.
    pub(crate) judged: BackendTls,
    /// Who vouches for it besides the operating system's authorities.
    pub(crate) anchors: Option<Arc<Anchors>>,
    /// The client certificate, if there is one.
    pub(crate) identity: Option<Identity>,
    /// The protocols offered.
    pub(crate) offered: HttpVersion,
}

/// The trust anchors of the operating system. Unreadable ones are left out and told to the log.
pub fn native_roots() -> Arc<RootCertStore> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a root certificate of the system cannot be read");
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    Arc::new(roots)
}

/// Makes client configurations once per profile, so that sessions resume.
pub(crate) struct TlsConfigs {
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
    made: RefCell<HashMap<TlsProfile, Arc<ClientConfig>>>,
}

/// Past this many profiles the cache starts again: profiles come from entities, whose old versions would stay for ever.
const MOST_PROFILES: usize = 4096;

impl TlsConfigs {
    pub(crate) fn new(roots: Arc<RootCertStore>) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        Self { roots, provider, made: RefCell::default() }
    }

    pub(crate) fn config(&self, profile: &TlsProfile) -> Result<Arc<ClientConfig>, Error> {
        if let Some(config) = self.made.borrow().get(profile) {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(self.make(profile)?);
        let mut made = self.made.borrow_mut();
        if made.len() >= MOST_PROFILES {
            made.clear();
        }
        made.insert(profile.clone(), Arc::clone(&config));
        Ok(config)
    }

    fn make(&self, profile: &TlsProfile) -> Result<ClientConfig, Error> {
        let builder =
            ClientConfig::builder_with_provider(Arc::clone(&self.provider)).with_safe_default_protocol_versions()?;
        let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(self.verifier(profile)));
        let mut config = match &profile.identity {
            None => builder.with_no_client_auth(),
            Some(Identity(certificate)) => {
                let chain = certificate.chain.iter().map(|der| CertificateDer::from(der.to_vec())).collect();
                let key = PrivatePkcs8KeyDer::from(certificate.key.expose().to_vec());
                builder.with_client_auth_cert(chain, key.into())?
            }
        };
        config.alpn_protocols = match profile.offered {
            HttpVersion::One => vec![b"http/1.1".to_vec()],
            HttpVersion::Two => vec![b"h2".to_vec()],
            HttpVersion::TwoOrOne => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        };
        Ok(config)
    }

    fn verifier(&self, profile: &TlsProfile) -> Judge {
        let der = |bytes: &bytes::Bytes| CertificateDer::from(bytes.to_vec());
        let (mut roots, mut intermediates) = (Arc::clone(&self.roots), Vec::new());
        if let Some(anchors) = &profile.anchors {
            let mut more = RootCertStore::clone(&roots);
            more.add_parsable_certificates(anchors.roots().iter().map(der));
            roots = Arc::new(more);
            intermediates = anchors.intermediates().iter().map(der).collect();
        }
        // Without any anchor there is no chain to check, and every certificate that must be checked is refused.
        let chain = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&self.provider)).build().ok();
        Judge { chain, intermediates, judged: profile.judged.clone(), provider: Arc::clone(&self.provider) }
    }
}

/// A server shows none of the certificates that its entity names.
struct Unknown;

impl fmt::Debug for Unknown {
    /// Its text: that is how rustls prints the errors of others.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server shows none of the certificates that its entity names")
    }
}

impl std::error::Error for Unknown {}

/// Checks the certificate of a backend as far as its entity asks for it. Possession of the key is always proven.
#[derive(Debug)]
struct Judge {
    chain: Option<Arc<WebPkiServerVerifier>>,
    /// Certificates that servers need not send, because the service holds them.
    intermediates: Vec<CertificateDer<'static>>,
    judged: BackendTls,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(pins) = &self.judged.pins {
            let shown: Vec<&[u8]> = std::iter::once(leaf).chain(intermediates).map(|der| &**der).collect();
            let seconds = i64::try_from(now.as_secs()).unwrap_or_default();
            if !pins.fit(&shown, Timestamp::from_secs(seconds)) {
                return Err(Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Unknown)))));
            }
        }
        if !self.judged.validate_chain || self.judged.pins.is_some() {
            if self.judged.validate_name {
                verify_server_name(&ParsedCertificate::try_from(leaf)?, name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        let more: Vec<CertificateDer<'_>>;
        let intermediates = if self.intermediates.is_empty() {
            intermediates
        } else {
            more = intermediates.iter().chain(&self.intermediates).cloned().collect();
            &more
        };
        let chain = self.chain.as_ref().ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))?;
        match chain.verify_server_cert(leaf, intermediates, name, ocsp, now) {
            // The name is judged after the chain, so a chain that fails never arrives here.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.judged.validate_name => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
