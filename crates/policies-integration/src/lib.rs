//! Policies that reach other services.

policy::policies! {
    forward_request,
    set_backend_service,
}
