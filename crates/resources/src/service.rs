//! `service`: an API Management instance.

use crate::{Field, NameRule, ResourceDef, Rule, Secret, Shown};

const HOSTS: &[&str] = &["Proxy", "Portal", "Management", "Scm", "DeveloperPortal", "ConfigurationApi"];
const SKUS: &[&str] =
    &["Developer", "Standard", "Premium", "Basic", "Consumption", "Isolated", "BasicV2", "StandardV2", "PremiumV2"];

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "service",
    title: "Service",
    parents: &[],
    workspaces: false,
    name: NameRule::dns(50),
    fields: &[
        Field::required("^location", Rule::Text(1, 100)),
        Field::required("^sku", Rule::Object),
        Field::required("^sku.name", Rule::Words(SKUS)),
        Field::required("^sku.capacity", Rule::Int(0, 10_000)),
        Field::new("^tags", Rule::Object),
        Field::new("^identity", Rule::Object),
        Field::new("^zones", Rule::List(0, 16)),
        Field::required("publisherEmail", Rule::Text(1, 100)),
        Field::required("publisherName", Rule::Text(1, 100)),
        Field::new("notificationSenderEmail", Rule::Text(0, 100)),
        Field::new("virtualNetworkType", Rule::Words(&["None", "External", "Internal"])),
        Field::new("publicNetworkAccess", Rule::Words(&["Enabled", "Disabled"])),
        Field::new("developerPortalStatus", Rule::Words(&["Enabled", "Disabled"])),
        Field::new("customProperties", Rule::Object),
        Field::new("enableClientCertificate", Rule::Bool),
        Field::new("disableGateway", Rule::Bool),
        Field::new("restore", Rule::Bool),
        Field::new("certificates", Rule::List(0, 100)),
        Field::required("certificates[].storeName", Rule::Words(&["CertificateAuthority", "Root"])),
        Field::new("hostnameConfigurations", Rule::List(0, 100)),
        Field::required("hostnameConfigurations[].type", Rule::Words(HOSTS)),
        Field::required("hostnameConfigurations[].hostName", Rule::Text(1, 253)),
        Field::new("hostnameConfigurations[].negotiateClientCertificate", Rule::Bool),
        Field::new("hostnameConfigurations[].defaultSslBinding", Rule::Bool),
    ],
    defaults: &[
        ("^sku.capacity", "1"),
        ("notificationSenderEmail", "\"apimgmt-noreply@mail.windowsazure.com\""),
        ("virtualNetworkType", "\"None\""),
        ("publicNetworkAccess", "\"Enabled\""),
        // Terraform's provider reads this map unconditionally.
        ("customProperties", "{}"),
        ("apiVersionConstraint", "{}"),
        ("disableGateway", "false"),
        ("developerPortalStatus", "\"Enabled\""),
    ],
    read_only: &[
        "provisioningState",
        "targetProvisioningState",
        "createdAtUtc",
        "gatewayUrl",
        "gatewayRegionalUrl",
        "portalUrl",
        "developerPortalUrl",
        "managementApiUrl",
        "scmUrl",
        "publicIPAddresses",
        "privateIPAddresses",
        "outboundPublicIPAddresses",
        "platformVersion",
        // An order given once, not a state.
        "restore",
    ],
    secrets: &[
        Secret { path: "certificates[].encodedCertificate", shown: Shown::Never },
        Secret { path: "certificates[].certificatePassword", shown: Shown::Never },
        Secret { path: "hostnameConfigurations[].encodedCertificate", shown: Shown::Never },
        Secret { path: "hostnameConfigurations[].certificatePassword", shown: Shown::Never },
    ],
    ..ResourceDef::BASE
};
