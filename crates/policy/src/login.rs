//! The addresses that stand for Microsoft Entra where a document names none: the one table of them.
//!
//! Tokens are trusted because of these, so no other place may spell one, and a test pins each letter: published copies of
//! the reference hold a look-alike of the first.

/// Where tenants sign in: the default of `authentication-endpoint`, and of `loginUri`.
pub const ENDPOINT: &str = "https://login.microsoftonline.com";

/// The issuer of tokens of version 1.0; `{tenantid}` stands for the tenant's id.
pub const ISSUER_V1: &str = "https://sts.windows.net/{tenantid}/";

/// The tenant of accounts that belong to no organization.
pub const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// The audience of a token that proves who asks for an authorization, where `identity-type` is `jwt`.
pub const AUTHORIZATION_MANAGER: &str = "https://azure-api.net/authorization-manager";

/// Where an Azure machine gets tokens of its own identity.
pub const INSTANCE_METADATA: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_are_exactly_these() {
        assert_eq!(ENDPOINT, "https://login.microsoftonline.com");
        assert_eq!(ISSUER_V1, "https://sts.windows.net/{tenantid}/");
        assert_eq!(CONSUMERS, "9188040d-6c67-4c5b-b112-36a304b66dad");
        assert_eq!(AUTHORIZATION_MANAGER, "https://azure-api.net/authorization-manager");
        assert_eq!(INSTANCE_METADATA, "http://169.254.169.254/metadata/identity/oauth2/token");
    }
}
