//! `authentication-certificate`: shows the backend a client certificate.

use std::sync::{Mutex, PoisonError};

use policy::{Bytes, base::Secret, entity::ClientCertificate, prelude::*};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "authentication-certificate",
    summary: "Shows the backend a client certificate; inside of `send-request`, the service that it calls.",
    notes: "The certificate is one of the service's or workspace's, by `certificate-id` or by `thumbprint`, or a PFX file that an \
            expression gives: `body`, as `byte[]` or as Base64, with its `password`. It goes before the certificate of a backend entity.",
    sections: Sections::INBOUND,
    also: Sections::BACKEND,
    attrs: &[
        Attr::optional("thumbprint", Kind::Text, "The SHA-1 thumbprint of a certificate.").expr(),
        Attr::optional("certificate-id", Kind::Text, "The resource name of a certificate.").expr(),
        Attr::optional("body", Kind::Text, "A PFX file.").expr(),
        Attr::optional("password", Kind::Text, "The password of the file.").expr(),
    ],
    examples: &[Example {
        title: "A certificate of the service",
        policy: r#"<authentication-certificate certificate-id="signer" />"#,
        given: "GET /resource/1 HTTP/1.1",
        then: "GET http://backend.example/resource/1 HTTP/1.1",
        ..Example::BASE
    }],
    compile: |element, cx| {
        let thumbprint = cx.optional(element, "thumbprint");
        let id: Option<Option<Value<String>>> = cx.optional(element, "certificate-id");
        let body = cx.optional(element, "body");
        let password = cx.optional(element, "password");
        let which = match (thumbprint?, id?, body?) {
            (Some(thumbprint), None, None) => Which::Thumbprint(thumbprint),
            (None, Some(Value::Literal(id)), None) => {
                let span = element.attribute("certificate-id").map_or(element.span, |attribute| attribute.value.span);
                Which::Known(cx.certificate(id.trim(), span)?)
            }
            (None, Some(id), None) => Which::Named(id),
            (None, None, Some(body)) => Which::File { body, password: password?, last: Mutex::default() },
            (None, None, None) => {
                cx.error("PX0105", "<authentication-certificate> needs thumbprint, certificate-id or body.", element.name_span);
                return None;
            }
            _ => {
                cx.error("PX0108", "thumbprint, certificate-id and body exclude each other.", element.name_span);
                return None;
            }
        };
        Some(Step::now(AuthenticationCertificate(which)))
    },
    ..PolicyDef::BASE
};

struct AuthenticationCertificate(Which);

enum Which {
    /// Found when the policy was published; a change of the certificate publishes it again.
    Known(Arc<ClientCertificate>),
    Thumbprint(Value<String>),
    Named(Value<String>),
    File { body: Value<Bytes>, password: Option<Value<String>>, last: Mutex<Option<Opened>> },
}

/// The file that was opened last: opening one is slow on purpose, and mostly it is the same.
struct Opened {
    digest: [u8; 32],
    certificate: Arc<ClientCertificate>,
}

impl Policy for AuthenticationCertificate {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        let certificate = match &self.0 {
            Which::Thumbprint(thumbprint) => {
                let text = thumbprint.get(exchange)?;
                // As people copy it out of certificate viewers.
                let wanted: String = text.chars().filter(char::is_ascii_hexdigit).collect();
                find(exchange, |certificate| certificate.thumbprint.eq_ignore_ascii_case(&wanted))
                    .ok_or_else(|| missing(format!("There is no certificate with the thumbprint {wanted}.")))?
            }
            Which::Known(certificate) => Arc::clone(certificate),
            Which::Named(id) => {
                let id = id.get(exchange)?;
                find(exchange, |certificate| certificate.id.eq_ignore_ascii_case(&id))
                    .ok_or_else(|| missing(format!("There is no certificate \"{id}\".")))?
            }
            Which::File { body, password, last } => {
                let body = body.get(exchange)?;
                let password = Value::optional(password, exchange)?.unwrap_or_default();
                open(&body, &password, last)?
            }
        };
        *exchange.client_certificate_mut() = Some(certificate);
        Ok(Flow::Continue)
    }
}

/// A workspace's own certificates come before those of the service. They are few.
fn find(exchange: &Exchange, is_it: impl Fn(&ClientCertificate) -> bool) -> Option<Arc<ClientCertificate>> {
    let workspace = exchange.entities.workspace.as_ref().map(|workspace| &workspace.directory);
    let directories = workspace.into_iter().chain([&exchange.entities.service.directory]);
    let mut all = directories.flat_map(|directory| directory.certificates.values());
    all.find(|certificate| is_it(certificate)).cloned()
}

fn open(body: &Bytes, password: &str, last: &Mutex<Option<Opened>>) -> Result<Arc<ClientCertificate>, Fault> {
    let digest = crypto::hash::sha256(&[body, password.as_bytes()].concat());
    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(opened) = last.as_ref().filter(|opened| opened.digest == digest) {
        return Ok(Arc::clone(&opened.certificate));
    }
    let wrong = |why: &dyn std::fmt::Display| missing(format!("The body is no certificate with its key: {why}."));
    let text = std::str::from_utf8(body).ok().and_then(|text| {
        crypto::text::from_base64(&text.split_ascii_whitespace().collect::<String>()).ok()
    });
    let pfx = crypto::pfx::read(text.as_deref().unwrap_or(body), password).map_err(|error| wrong(&error))?;
    let own = pfx.certificates.first().ok_or_else(|| wrong(&"there is none in it"))?;
    let key = pfx.key.ok_or_else(|| wrong(&"there is no key in it"))?;
    let certificate = Arc::new(ClientCertificate {
        id: Arc::default(),
        thumbprint: crypto::text::hex_upper(&crypto::hash::sha1(own)).into(),
        chain: pfx.certificates.into_iter().map(Bytes::from).collect(),
        key: Secret::new(key.into_exposed().into()),
    });
    *last = Some(Opened { digest, certificate: Arc::clone(&certificate) });
    Ok(certificate)
}

fn missing(message: String) -> Fault {
    Fault::new(DEF.name, "CertificateNotFound", message)
}
