//! `/metadata/endpoints`: where clients find everything. It needs no sign-in.

use serde_json::{Value, json};

use crate::Control;

impl Control {
    /// The endpoints of this cloud, in the two layouts that clients know: that of 2015, and the newer one.
    pub fn metadata(&self, api_version: Option<&str>) -> Value {
        let settings = self.settings();
        let origin = &settings.origin;
        let slashed = format!("{origin}/");
        let host = origin.split_once("://").map_or(origin.as_str(), |(_, host)| host);
        if api_version.is_some_and(|version| version < "2018") {
            return json!({
                "galleryEndpoint": slashed, "graphEndpoint": slashed, "portalEndpoint": slashed,
                "authentication": { "loginEndpoint": slashed, "audiences": [slashed] },
            });
        }
        json!({
            "name": "Tollgate",
            "portal": origin,
            "resourceManager": slashed,
            "gallery": slashed,
            "graph": slashed,
            "graphAudience": slashed,
            "microsoftGraphResourceId": slashed,
            "batch": slashed,
            "media": slashed,
            "sqlManagement": slashed,
            "activeDirectoryDataLake": slashed,
            "vmImageAliasDoc": "",
            "activeDirectory": origin,
            "authentication": {
                "loginEndpoint": origin,
                "audiences": [slashed, "https://management.azure.com/", "https://management.core.windows.net/"],
                "tenant": settings.tenant,
                "identityProvider": "AAD",
            },
            "suffixes": {
                "storage": host, "keyVaultDns": host, "sqlServerHostname": host, "acrLoginServer": host,
                "azureDataLakeStoreFileSystem": host, "azureDataLakeAnalyticsCatalogAndJob": host,
                "mhsmDns": host, "mysqlServerEndpoint": host, "postgresqlServerEndpoint": host,
                "mariadbServerEndpoint": host, "synapseAnalytics": host, "attestationEndpoint": host,
            },
        })
    }
}
