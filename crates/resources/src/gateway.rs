//! `service/gateways`: a self-hosted gateway, the APIs assigned to it, its host names and the authorities that it trusts.

use arm::Error;

use crate::{Field, NameRule, Reference, ResourceDef, Rule, Secret, Shown, api_link};

/// The name that the service's own gateway goes by in actions; no resource may have it.
const MANAGED: &str = "managed";

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "gateways",
    title: "Gateway",
    workspaces: false,
    name: NameRule::plain(80),
    fields: &[
        Field::new("description", Rule::Text(0, 1000)),
        Field::new("locationData", Rule::Object),
        Field::required("locationData.name", Rule::Text(1, 256)),
        Field::new("locationData.city", Rule::Text(0, 256)),
        Field::new("locationData.district", Rule::Text(0, 256)),
        Field::new("locationData.countryOrRegion", Rule::Text(0, 256)),
        // They sign tokens, so a short one would be one to guess.
        Field::new("primaryKey", Rule::Text(32, 256)),
        Field::new("secondaryKey", Rule::Text(32, 256)),
    ],
    secrets: &[
        Secret { path: "primaryKey", shown: Shown::Never },
        Secret { path: "secondaryKey", shown: Shown::Never },
    ],
    admit: |gateway| {
        if gateway.id.name().eq_ignore_ascii_case(MANAGED) {
            return Err(Error::invalid("name", "'managed' is the name of the service's own gateway; choose another."));
        }
        Ok(())
    },
    ..ResourceDef::BASE
};

/// `service/gateways/apis`: that a gateway serves an API, with all its revisions.
pub(crate) static API: ResourceDef =
    ResourceDef { workspaces: false, ..api_link::link("apis", "API", &["service/gateways"]) };

/// `service/gateways/hostnameConfigurations`: a host name at which a gateway answers.
pub(crate) static HOSTNAME_CONFIGURATION: ResourceDef = ResourceDef {
    segment: "hostnameConfigurations",
    title: "Hostname configuration",
    parents: &["service/gateways"],
    workspaces: false,
    fields: &[
        Field::required("hostname", Rule::Text(1, 253)),
        Field::required("certificateId", Rule::Text(1, 1000)),
        Field::new("negotiateClientCertificate", Rule::Bool),
        Field::new("tls10Enabled", Rule::Bool),
        Field::new("tls11Enabled", Rule::Bool),
        Field::new("http2Enabled", Rule::Bool),
    ],
    defaults: &[
        ("negotiateClientCertificate", "false"),
        ("tls10Enabled", "false"),
        ("tls11Enabled", "false"),
        ("http2Enabled", "true"),
    ],
    references: &[Reference {
        path: "certificateId",
        to: &["certificates"],
        collections: false,
        index: "hostname-certificate",
    }],
    admit: |host| {
        for old in ["tls10Enabled", "tls11Enabled"] {
            if host.get(old) == true {
                let message = format!("'{old}' must be false: this server speaks TLS 1.2 and 1.3 only.");
                return Err(Error::invalid(old, message));
            }
        }
        Ok(())
    },
    ..ResourceDef::BASE
};

/// `service/gateways/certificateAuthorities`: that a gateway trusts what a certificate of the service has signed. It goes by the name
/// of that certificate.
pub(crate) static CERTIFICATE_AUTHORITY: ResourceDef = ResourceDef {
    segment: "certificateAuthorities",
    title: "Certificate authority",
    parents: &["service/gateways"],
    workspaces: false,
    fields: &[Field::new("isTrusted", Rule::Bool)],
    defaults: &[("isTrusted", "false")],
    ..ResourceDef::BASE
};
