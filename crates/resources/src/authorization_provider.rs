//! `service/authorizationProviders`: who gives out tokens for calls of backends (the credential manager).

use crate::{Field, NameRule, ResourceDef, Rule, Secret, Shown};

pub(crate) static DEF: ResourceDef = ResourceDef {
    segment: "authorizationProviders",
    title: "Authorization provider",
    workspaces: false,
    name: NameRule::plain(256),
    fields: &[
        Field::new("displayName", Rule::Text(1, 300)),
        Field::required("identityProvider", Rule::Text(1, 300)),
        Field::new("oauth2", Rule::Object),
        Field::new("oauth2.redirectUrl", Rule::Url(&["http", "https"])),
        Field::new("oauth2.grantTypes", Rule::Object),
        Field::new("oauth2.grantTypes.authorizationCode", Rule::Object),
        Field::new("oauth2.grantTypes.authorizationCode{}", Rule::Text(0, 4096)),
        Field::new("oauth2.grantTypes.clientCredentials", Rule::Object),
        Field::new("oauth2.grantTypes.clientCredentials{}", Rule::Text(0, 4096)),
    ],
    secrets: &[
        Secret { path: "oauth2.grantTypes.authorizationCode.clientSecret", shown: Shown::Never },
        Secret { path: "oauth2.grantTypes.clientCredentials.clientSecret", shown: Shown::Never },
    ],
    ..ResourceDef::BASE
};
