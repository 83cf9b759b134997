//! Policies that change a message.

mod media;

policy::policies! {
    cors,
    mock_response,
    return_response,
    rewrite_uri,
    set_body,
    set_header,
    set_method,
    set_query_parameter,
    set_status,
}
