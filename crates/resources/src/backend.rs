//! `service/backends`: where requests go, how to sign in there, and when to stop trying.

use arm::{Error, Result};
use serde_json::Value;

use crate::{Admission, Field, NameRule, ResourceDef, Rule, Secret, Shown};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "backends",
    title: "Backend",
    name: NameRule::any(80),
    fields: &[
        Field::new("type", Rule::Words(&["Single", "Pool"])),
        Field::new("url", Rule::Url(&["http", "https", "ws", "wss", "fabric"])),
        Field::new("protocol", Rule::Words(&["http", "soap"])),
        Field::new("title", Rule::Text(0, 300)),
        Field::new("description", Rule::Text(0, 2000)),
        Field::new("resourceId", Rule::Text(0, 2000)),
        Field::new("credentials", Rule::Object),
        Field::new("credentials.certificate", Rule::List(0, 32)),
        Field::new("credentials.certificateIds", Rule::List(0, 32)),
        Field::new("credentials.header", Rule::Object),
        Field::new("credentials.query", Rule::Object),
        Field::new("credentials.header{}", Rule::List(0, 100)),
        Field::new("credentials.query{}", Rule::List(0, 100)),
        Field::required("credentials.authorization.scheme", Rule::Text(1, 100)),
        Field::required("credentials.authorization.parameter", Rule::Text(1, 300)),
        Field::new("proxy", Rule::Object),
        Field::required("proxy.url", Rule::Url(&["http", "https"])),
        Field::new("tls", Rule::Object),
        Field::new("tls.validateCertificateChain", Rule::Bool),
        Field::new("tls.validateCertificateName", Rule::Bool),
        Field::new("tls.serverCertificateThumbprints", Rule::List(0, 32)),
        Field::new("tls.serverX509Names", Rule::List(0, 32)),
        Field::required("tls.serverX509Names[].name", Rule::Text(1, 300)),
        Field::required("tls.serverX509Names[].issuerCertificateThumbprint", Rule::Text(1, 300)),
        Field::new("properties", Rule::Object),
        Field::new("properties.serviceFabricCluster", Rule::Object),
        Field::required("properties.serviceFabricCluster.managementEndpoints", Rule::List(1, 32)),
        Field::new("properties.serviceFabricCluster.maxPartitionResolutionRetries", Rule::Int(0, 100)),
        Field::new("properties.serviceFabricCluster.serverCertificateThumbprints", Rule::List(0, 32)),
        Field::new("properties.serviceFabricCluster.serverX509Names", Rule::List(0, 32)),
        Field::required("properties.serviceFabricCluster.serverX509Names[].name", Rule::Text(1, 300)),
        Field::required(
            "properties.serviceFabricCluster.serverX509Names[].issuerCertificateThumbprint",
            Rule::Text(1, 300),
        ),
        Field::new("pool", Rule::Object),
        Field::required("pool.services", Rule::List(1, 30)),
        Field::required("pool.services[].id", Rule::Text(1, 1000)),
        Field::new("pool.services[].weight", Rule::Int(0, 100)),
        Field::new("pool.services[].priority", Rule::Int(0, 100)),
        Field::new("pool.sessionAffinity.sessionId.source", Rule::Words(&["cookie"])),
        Field::new("pool.sessionAffinity.sessionId.name", Rule::Text(1, 100)),
        Field::new("pool.failureResponse.statusCode", Rule::Int(200, 599)),
        // More than one rule is refused by the service too.
        Field::new("circuitBreaker.rules", Rule::List(0, 1)),
        Field::new("circuitBreaker.rules[].name", Rule::Text(0, 300)),
        Field::new("circuitBreaker.rules[].tripDuration", Rule::Duration),
        Field::new("circuitBreaker.rules[].acceptRetryAfter", Rule::Bool),
        Field::new("circuitBreaker.rules[].failureResponse.statusCode", Rule::Int(200, 599)),
        Field::new("circuitBreaker.rules[].failureCondition.interval", Rule::Duration),
        Field::new("circuitBreaker.rules[].failureCondition.count", Rule::Int(1, 10_000)),
        Field::new("circuitBreaker.rules[].failureCondition.percentage", Rule::Int(1, 100)),
        Field::new("circuitBreaker.rules[].failureCondition.errorReasons", Rule::List(0, 10)),
        Field::new("circuitBreaker.rules[].failureCondition.statusCodeRanges", Rule::List(0, 10)),
        Field::new("circuitBreaker.rules[].failureCondition.statusCodeRanges[].min", Rule::Int(200, 599)),
        Field::new("circuitBreaker.rules[].failureCondition.statusCodeRanges[].max", Rule::Int(200, 599)),
    ],
    defaults: &[("type", "\"Single\"")],
    // Terraform compares what it reads with what it wrote, so these come back.
    secrets: &[
        Secret { path: "credentials.header{}[]", shown: Shown::Always },
        Secret { path: "credentials.query{}[]", shown: Shown::Always },
        Secret { path: "credentials.authorization.parameter", shown: Shown::Always },
        Secret { path: "proxy.password", shown: Shown::Always },
    ],
    admit,
    ..ResourceDef::BASE
};

fn admit(backend: &mut Admission<'_>) -> Result<()> {
    let mut wrong = Error::validation();
    if backend.text("type") == "Pool" {
        // A breaker belongs to a server: those of the members count.
        for forbidden in ["url", "protocol", "circuitBreaker", "properties.serviceFabricCluster"] {
            let given = at(backend, forbidden);
            if !given.is_null() && given["rules"].as_array().is_none_or(|rules| !rules.is_empty()) {
                wrong = wrong.at(forbidden, format!("'{forbidden}' must not be given for a backend of type Pool."));
            }
        }
        if backend.get("pool").is_null() {
            wrong = wrong.at("pool", "'pool' is required for a backend of type Pool.");
        }
    } else {
        for required in ["url", "protocol"] {
            if backend.text(required).is_empty() {
                wrong = wrong.at(required, format!("'{required}' is required and must not be empty."));
            }
        }
        let rules = backend.get("circuitBreaker")["rules"].as_array();
        for condition in rules.into_iter().flatten().map(|rule| &rule["failureCondition"]) {
            if condition["count"].is_null() && condition["percentage"].is_null() {
                let place = "circuitBreaker.rules[0].failureCondition";
                wrong = wrong.at(place, format!("'{place}' needs a 'count' or a 'percentage'."));
            }
        }
        let cluster = at(backend, "properties.serviceFabricCluster");
        if is_fabric(backend.text("url")) && cluster.is_null() {
            let place = "properties.serviceFabricCluster";
            wrong = wrong.at(place, format!("'{place}' is required for a URL of Service Fabric."));
        }
        for endpoint in cluster["managementEndpoints"].as_array().into_iter().flatten() {
            let is_url = endpoint.as_str().is_some_and(|url| url.starts_with("https://") || url.starts_with("http://"));
            if !is_url {
                let place = "properties.serviceFabricCluster.managementEndpoints";
                wrong = wrong.at(place, format!("'{place}' must hold absolute URLs of http or https."));
            }
        }
        if backend.text("url").contains(['?', '#']) {
            wrong = wrong.at("url", "'url' must not have a query string or a fragment.");
        }
    }
    if wrong.details.is_empty() { Ok(()) } else { Err(wrong) }
}

fn at<'a>(backend: &'a Admission<'_>, path: &str) -> &'a Value {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    if rest.is_empty() { backend.get(first) } else { &backend.get(first)[rest] }
}

fn is_fabric(url: &str) -> bool {
    url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("fabric:"))
}
