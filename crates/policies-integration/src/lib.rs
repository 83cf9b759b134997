//! Policies that reach other services.

policy::policies! {
    forward_request,
    proxy,
    send_one_way_request,
    send_request,
    set_backend_service,
}
