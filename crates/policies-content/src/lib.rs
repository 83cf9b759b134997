//! Policies that check messages against what the API declares, and rewrite them by their content.

mod validation;

policy::policies! {
    validate_content,
    validate_graphql_request,
    validate_headers,
    validate_odata_request,
    validate_parameters,
    validate_status_code,
    xsl_transform,
}
