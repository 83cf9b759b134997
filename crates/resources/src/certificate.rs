//! `service/certificates`: a certificate with its private key, for policies and backends.

use arm::{Error, ResourceId};
use serde_json::Value;

use crate::{Field, Index, ResourceDef, Rule, Secret, Shown};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "certificates",
    title: "Certificate",
    fields: &[
        Field::new("data", Rule::Text(1, 1_000_000)),
        Field::new("password", Rule::Text(0, 1000)),
        Field::new("keyVault", Rule::Object),
    ],
    read_only: &["subject", "thumbprint", "expirationDate"],
    secrets: &[Secret { path: "data", shown: Shown::Never }, Secret { path: "password", shown: Shown::Never }],
    admit: |certificate| {
        if !certificate.get("keyVault").is_null() {
            return Err(Error::invalid(
                "keyVault",
                "Certificates from a key vault are not supported yet. Give the PFX in 'data' and its 'password'.",
            ));
        }
        Ok(())
    },
    indexes,
    ..ResourceDef::BASE
};

/// Policies find a certificate by its thumbprint too.
fn indexes(id: &ResourceId, body: &Value) -> Vec<Index> {
    let thumbprint = body["properties"]["thumbprint"].as_str();
    thumbprint.map(|text| Index::many("certificate-thumbprint", Index::scoped(id, text))).into_iter().collect()
}
