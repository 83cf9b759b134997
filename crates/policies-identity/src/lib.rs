//! Policies that decide who may call.

policy::policies! {
    check_header,
    ip_filter,
}
