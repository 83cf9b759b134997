//! Policies that decide who may call.

mod credentials;
mod provider;
mod remote;
mod token;

policy::policies! {
    authentication_basic,
    authentication_certificate,
    authentication_managed_identity,
    check_header,
    get_authorization_context,
    ip_filter,
    validate_azure_ad_token,
    validate_client_certificate,
    validate_jwt,
}
