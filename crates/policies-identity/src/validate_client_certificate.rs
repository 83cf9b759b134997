//! `validate-client-certificate`: lets a request pass only if the client showed a certificate that will do.

use crypto::x509::{self, Certificate};
use policy::{
    base::Timestamp,
    entity::{Authority, ClientCertificate},
    prelude::*,
};

pub(crate) static DEF: PolicyDef = PolicyDef {
    name: "validate-client-certificate",
    summary: "Lets a request pass only if the client showed a certificate that is valid and, where identities are listed, is one of them.",
    notes: "A certificate is trusted if it leads to one of the root certificates that the service holds (`certificates` of the \
            service, store `Root`); those of the operating system do not count, because they vouch for servers. Revocation is \
            not looked up: `validate-revocation` is accepted and has no effect. Distinguished names are compared part by part, \
            in either order.",
    sections: Sections::INBOUND,
    attrs: &[
        Attr::or("validate-revocation", Kind::Bool, "true", "Accepted; revocation is not looked up."),
        Attr::or("validate-trust", Kind::Bool, "true", "Whether it must lead to a trusted root."),
        Attr::or("validate-not-before", Kind::Bool, "true", "Whether it must be valid already."),
        Attr::or("validate-not-after", Kind::Bool, "true", "Whether it must still be valid."),
        Attr::or("ignore-error", Kind::Bool, "false", "Whether the request passes all the same."),
    ],
    children: &[Child {
        name: "identities",
        count: (0, 1),
        children: &[Child {
            name: "identity",
            count: (1, 10),
            attrs: &[
                Attr::optional("thumbprint", Kind::Name, "SHA-1 of the certificate."),
                Attr::optional("serial-number", Kind::Name, "Its serial number in hexadecimal."),
                Attr::optional("common-name", Kind::Name, "The common name of its subject."),
                Attr::optional("subject", Kind::Name, "Its subject."),
                Attr::optional("dns-name", Kind::Name, "A host name of its subject alternative names."),
                Attr::optional("issuer-subject", Kind::Name, "The subject of its issuer."),
                Attr::optional("issuer-thumbprint", Kind::Name, "SHA-1 of its issuer's certificate."),
                Attr::optional("issuer-certificate-id", Kind::Name, "Certificate of the service that issued it."),
            ],
            doc: "A certificate; all that it says must match.",
            ..Child::BASE
        }],
        doc: "Certificates that may call.",
        ..Child::BASE
    }],
    examples: &[
        Example {
            title: "No certificate",
            policy: r#"<validate-client-certificate><identities><identity subject="C=US, O="Contoso, Ltd.", CN=client" /></identities></validate-client-certificate>"#,
            then: "HTTP/1.1 401 Unauthorized\nContent-Type: application/json\n\n{ \"statusCode\": 401, \"message\": \"Client certificate not present. Access denied.\" }",
            ..Example::BASE
        },
        Example {
            title: "Only to look",
            policy: r#"<validate-client-certificate ignore-error="true" />"#,
            then: "GET / HTTP/1.1",
            ..Example::BASE
        },
    ],
    compile: |element, cx| {
        let trust = cx.literal_or(element, "validate-trust", true);
        let not_before = cx.literal_or(element, "validate-not-before", true);
        let not_after = cx.literal_or(element, "validate-not-after", true);
        let ignore_error = cx.literal_or(element, "ignore-error", false);
        let listed = element.elements().flat_map(Element::elements);
        let identities: Vec<Option<Identity>> = listed.map(|identity| Identity::compile(identity, cx)).collect();
        Some(Step::now(ValidateClientCertificate {
            trust: trust?,
            not_before: not_before?,
            not_after: not_after?,
            ignore_error: ignore_error?,
            identities: identities.into_iter().collect::<Option<_>>()?,
        }))
    },
    ..PolicyDef::BASE
};

struct ValidateClientCertificate {
    trust: bool,
    not_before: bool,
    not_after: bool,
    ignore_error: bool,
    identities: Box<[Identity]>,
}

/// How many certificates a chain may have.
const LONGEST: usize = 8;

impl Policy for ValidateClientCertificate {
    fn run(&self, exchange: &mut Exchange) -> Result<Flow, Fault> {
        match self.judge(exchange) {
            Err((reason, message)) if !self.ignore_error => {
                let message = format!("{message} Access denied.");
                Err(Fault::new(DEF.name, reason, message.clone()).with_status(Status::UNAUTHORIZED).shown(message))
            }
            Err((reason, message)) => {
                exchange.note(|_| format!("The request passes all the same: {reason}: {message}"));
                Ok(Flow::Continue)
            }
            Ok(()) => {
                exchange.note(|_| "The certificate of the client is valid.");
                Ok(Flow::Continue)
            }
        }
    }
}

impl ValidateClientCertificate {
    fn judge(&self, exchange: &Exchange) -> Result<(), (&'static str, &'static str)> {
        let Some(der) = &exchange.client.certificate else {
            return Err(("ClientCertificateNotPresent", "Client certificate not present."));
        };
        let certificate = x509::parse(der)
            .map_err(|_| ("ClientCertificateInvalid", "Client certificate cannot be read."))?;
        let now = exchange.host.clock.now();
        if self.not_before && now < certificate.not_before {
            return Err(("ClientCertificateNotYetValid", "Client certificate is not valid yet."));
        }
        if self.not_after && now > certificate.not_after {
            return Err(("ClientCertificateExpired", "Client certificate is expired."));
        }
        let authorities = &exchange.entities.service.authorities;
        if self.trust && !is_trusted(&certificate, authorities, now, LONGEST) {
            return Err(("ClientCertificateNotTrusted", "Client certificate is not issued by a trusted authority."));
        }
        if self.identities.is_empty() || self.identities.iter().any(|one| one.is(&certificate, authorities)) {
            return Ok(());
        }
        Err(("ClientCertificateIdentityNotMatched", "Client certificate is not one of those that are allowed."))
    }
}

/// Whether a chain of authorities that are valid leads to a root.
fn is_trusted(certificate: &Certificate, authorities: &[Authority], now: Timestamp, left: usize) -> bool {
    authorities.iter().any(|authority| {
        let issuer = &authority.certificate;
        if authority.is_root && issuer.der == certificate.der {
            return true;
        }
        left > 1
            && issuer.is_authority
            && issuer.is_in_force(now)
            && certificate.is_issued_by(issuer)
            && (authority.is_root || (issuer.der != certificate.der && is_trusted(issuer, authorities, now, left - 1)))
    })
}

/// What is known of a certificate that may call.
#[derive(Default)]
struct Identity {
    thumbprint: Option<Hex>,
    serial: Option<Hex>,
    common_name: Option<String>,
    subject: Option<Name>,
    dns_name: Option<String>,
    issuer: Option<Name>,
    issuer_thumbprint: Option<Hex>,
    /// Empty for a certificate of which only the name is known: it issues nothing.
    issuer_certificate: Option<Vec<Certificate>>,
}

impl Identity {
    fn compile(element: &Element, cx: &mut Compiler<'_>) -> Option<Self> {
        let issuer_certificate = match cx.optional_literal::<String>(element, "issuer-certificate-id")? {
            Some(name) => Some(read(&*cx.certificate(&name, element.span)?).into_iter().collect()),
            None => None,
        };
        let identity = Self {
            thumbprint: cx.optional_literal(element, "thumbprint")?,
            serial: cx.optional_literal(element, "serial-number")?,
            common_name: cx.optional_literal(element, "common-name")?,
            subject: cx.optional_literal(element, "subject")?,
            dns_name: cx.optional_literal(element, "dns-name")?,
            issuer: cx.optional_literal(element, "issuer-subject")?,
            issuer_thumbprint: cx.optional_literal(element, "issuer-thumbprint")?,
            issuer_certificate,
        };
        let issuers = [
            identity.issuer.is_some() || identity.issuer_thumbprint.is_some(),
            identity.issuer_certificate.is_some(),
        ];
        if issuers == [true, true] {
            let message = "An <identity> with issuer-certificate-id may not have issuer-subject or issuer-thumbprint.";
            cx.error("PX0108", message, element.name_span);
            return None;
        }
        if element.attributes.is_empty() {
            cx.error("PX0105", "An <identity> must have an attribute.", element.name_span);
            return None;
        }
        Some(identity)
    }

    /// Whether all that it says is true of `certificate`.
    fn is(&self, certificate: &Certificate, authorities: &[Authority]) -> bool {
        let subject = || Name::parse(&certificate.subject);
        let mut issuers = authorities.iter().map(|authority| &authority.certificate);
        holds(self.thumbprint.as_ref(), |wanted| *wanted == Hex::of(&certificate.thumbprint))
            && holds(self.serial.as_ref(), |wanted| *wanted == Hex::of(&certificate.serial))
            && holds(self.common_name.as_ref(), |wanted| subject().has("CN", wanted))
            && holds(self.subject.as_ref(), |wanted| wanted.is(&subject()))
            && holds(self.dns_name.as_ref(), |wanted| {
                certificate.names.iter().any(|name| name.eq_ignore_ascii_case(wanted.trim()))
            })
            && holds(self.issuer.as_ref(), |wanted| wanted.is(&Name::parse(&certificate.issuer)))
            && holds(self.issuer_thumbprint.as_ref(), |wanted| {
                issuers.any(|issuer| *wanted == Hex::of(&issuer.thumbprint) && certificate.is_issued_by(issuer))
            })
            && holds(self.issuer_certificate.as_ref(), |issuers| {
                issuers.iter().any(|issuer| certificate.is_issued_by(issuer))
            })
    }
}

fn holds<T>(wanted: Option<&T>, is: impl FnOnce(&T) -> bool) -> bool {
    wanted.is_none_or(is)
}

fn read(certificate: &ClientCertificate) -> Option<Certificate> {
    x509::parse(certificate.chain.first()?).ok()
}

/// Hexadecimal digits, whatever stands between them, and whatever zeros before.
#[derive(Clone, PartialEq)]
struct Hex(String);

impl Hex {
    fn of(text: &str) -> Self {
        let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
        Self(digits.trim_start_matches('0').to_ascii_uppercase())
    }
}

impl FromText for Hex {
    fn from_text(text: &str) -> Result<Self, String> {
        let is_digit = |letter: char| letter.is_ascii_hexdigit() || letter.is_whitespace() || letter == ':';
        if text.chars().all(is_digit) && text.chars().any(|letter| letter.is_ascii_hexdigit()) {
            Ok(Self::of(text))
        } else {
            Err(format!("\"{text}\" is not hexadecimal"))
        }
    }
}

/// A distinguished name: types, in one spelling, with their values.
#[derive(Clone, Debug, PartialEq)]
struct Name(Vec<(String, String)>);

impl Name {
    /// Reads what .NET, OpenSSL and people write; a value in quotes may hold commas.
    fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut part = String::new();
        let mut letters = text.chars().peekable();
        let mut is_quoted = false;
        while let Some(letter) = letters.next() {
            match letter {
                '"' if is_quoted && letters.peek() == Some(&'"') => {
                    letters.next();
                    part.push('"');
                }
                '"' => is_quoted = !is_quoted,
                '\\' if !is_quoted => part.extend(letters.next()),
                ',' | ';' if !is_quoted => parts.push(std::mem::take(&mut part)),
                letter => part.push(letter),
            }
        }
        parts.push(part);
        let pair = |part: &String| {
            let (kind, value) = part.split_once('=')?;
            let kind = kind.trim().to_ascii_uppercase();
            let kind = match kind.as_str() {
                "ST" => "S",
                "EMAILADDRESS" => "E",
                "GN" | "GIVENNAME" => "G",
                "SURNAME" => "SN",
                "TITLE" => "T",
                other => other,
            };
            Some((kind.to_owned(), value.trim().to_owned()))
        };
        Self(parts.iter().filter_map(pair).collect())
    }

    /// Whether both are the same name: most specific part first, or last.
    fn is(&self, other: &Self) -> bool {
        self == other || self.0.iter().eq(other.0.iter().rev())
    }

    fn has(&self, kind: &str, value: &str) -> bool {
        self.0.iter().any(|(known, own)| known == kind && own == value.trim())
    }
}

impl FromText for Name {
    fn from_text(text: &str) -> Result<Self, String> {
        let name = Self::parse(text);
        if name.0.is_empty() { Err(format!("\"{text}\" is no distinguished name")) } else { Ok(name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_however_they_are_written() {
        let one = Name::parse(r#"CN=client, O="Contoso, ""Ltd.""", S=WA, C=US"#);
        for other in [
            r#"C=US, ST=WA, O="Contoso, ""Ltd.""", CN=client"#,
            r#"cn = client,o=Contoso\, \"Ltd.\",S=WA,C=US"#,
        ] {
            assert!(one.is(&Name::parse(other)), "{other}");
        }
        for other in ["CN=client, S=WA, C=US", r#"CN=Client, O="Contoso, ""Ltd.""", S=WA, C=US"#, ""] {
            assert!(!one.is(&Name::parse(other)), "{other}");
        }
    }
}
