//! Policies that decide who may call.

mod provider;
mod remote;
mod token;

policy::policies! {
    check_header,
    ip_filter,
    validate_jwt,
}
