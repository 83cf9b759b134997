//! Policies that change a message.

mod media;

policy::policies! {
    cors,
    cross_domain,
    find_and_replace,
    json_to_xml,
    jsonp,
    mock_response,
    redirect_content_urls,
    return_response,
    rewrite_uri,
    set_body,
    set_header,
    set_method,
    set_query_parameter,
    set_status,
    xml_to_json,
}
