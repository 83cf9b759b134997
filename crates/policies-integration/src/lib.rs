//! Policies that reach other services.

mod fabric;

policy::policies! {
    cosmosdb_data_source,
    forward_request,
    http_data_source,
    invoke_dapr_binding,
    log_to_eventhub,
    proxy,
    publish_event,
    publish_to_dapr,
    send_one_way_request,
    send_request,
    send_service_bus_message,
    set_backend_service,
    sql_data_source,
}
