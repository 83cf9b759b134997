//! What a start prints: where everything is, and, the first time, every command that a user needs next.

use std::{fmt::Write, path::Path};

use base::Secret;

/// What is known once the node runs.
pub(crate) struct Banner<'a> {
    /// The data folder.
    pub(crate) folder: &'a Path,
    /// The gateway's base URL on plain HTTP, or else HTTPS.
    pub(crate) gateway: Option<&'a str>,
    /// The management API's origin.
    pub(crate) management: &'a str,
    /// The admin address.
    pub(crate) admin: Option<&'a str>,
    /// The tenant to sign in to.
    pub(crate) tenant: &'a str,
    /// What only the first start knows.
    pub(crate) first: Option<&'a First>,
}

/// Secrets that are shown once.
pub(crate) struct First {
    /// The administrator's client id.
    pub(crate) client: String,
    /// The administrator's secret.
    pub(crate) secret: Secret<String>,
    /// A key of the sample API.
    pub(crate) key: Secret<String>,
}

impl Banner<'_> {
    pub(crate) fn text(&self) -> String {
        let mut out = format!("Tollgate {}\n\n", env!("CARGO_PKG_VERSION"));
        let mut line = |name: &str, value: &str| {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "  {name:<11} {value}");
        };
        line("data", &self.folder.display().to_string());
        line("gateway", self.gateway.unwrap_or("off"));
        line("management", self.management);
        line("admin", self.admin.unwrap_or("off"));
        out.push('\n');
        match self.first {
            Some(first) => out.push_str(&self.first_commands(first)),
            None => out.push_str("The administrator's secret was printed at the first start; `tollgate credential reset` makes a new one.\n"),
        }
        out.push_str("\nReady. Ctrl-C stops it.\n");
        out
    }

    fn first_commands(&self, first: &First) -> String {
        let ca = self.folder.join("ca.pem");
        let mut out = String::new();
        if let Some(gateway) = self.gateway {
            let _ = write!(
                out,
                "Call the sample API:\n\n  curl -H \"Ocp-Apim-Subscription-Key: {}\" \"{gateway}/echo/resource?param1=sample\"\n\n",
                first.key.expose()
            );
        }
        let _ = write!(
            out,
            "Use it with the Azure CLI. This secret is shown only now:\n\n  \
             export REQUESTS_CA_BUNDLE={}\n  \
             export AZURE_CORE_INSTANCE_DISCOVERY=false\n  \
             az cloud register -n Tollgate --endpoint-resource-manager {}/\n  \
             az cloud set -n Tollgate\n  \
             az login --service-principal -u {} -p {} --tenant {}\n",
            ca.display(),
            self.management,
            first.client,
            first.secret.expose(),
            self.tenant,
        );
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn banner(first: Option<&First>) -> String {
        let folder = Path::new("/data");
        let (gateway, admin) = (Some("http://localhost:8080"), Some("http://127.0.0.1:9180"));
        Banner { folder, gateway, management: "https://localhost:9443", admin, tenant: "t", first }.text()
    }

    #[test]
    fn the_first_start_prints_every_command_and_later_ones_no_secret() {
        let first = First { client: "id".into(), secret: Secret::new("s3".into()), key: Secret::new("k3".into()) };
        let text = banner(Some(&first));
        for line in [
            "curl -H \"Ocp-Apim-Subscription-Key: k3\" \"http://localhost:8080/echo/resource?param1=sample\"",
            "export REQUESTS_CA_BUNDLE=/data/ca.pem",
            "az cloud register -n Tollgate --endpoint-resource-manager https://localhost:9443/",
            "az login --service-principal -u id -p s3 --tenant t",
        ] {
            assert!(text.contains(line), "{text}");
        }
        let later = banner(None);
        assert!(!later.contains("s3") && !later.contains("k3") && later.contains("credential reset"), "{later}");
    }
}
