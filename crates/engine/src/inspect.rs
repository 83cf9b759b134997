//! What a trace says around the policies: who asked for what, which API that is, and what went back.

use policy::{
    Exchange, Url,
    exchange::{Detail, Effect, Severity},
};

/// Notes what came in and what it was matched to. Called when routing is done, for a traced exchange.
pub fn inspect(exchange: &mut Exchange) {
    exchange.note_as("api-inspector", Severity::Information, |exchange| {
        let request = &exchange.request;
        Effect::new("")
            .with("request", Detail::request(&exchange.client_method, &exchange.original_url, &request.headers))
    });
    exchange.note_as("api-inspector", Severity::Information, |exchange| {
        Effect::new("").with("configuration", configuration(exchange))
    });
}

/// Notes what goes back. Called when the policies are done, for a traced exchange.
pub fn transferred(exchange: &mut Exchange) {
    exchange.trace_reset();
    exchange.note_as("transfer-response", Severity::Information, |exchange| {
        let response = &exchange.response;
        let response = Detail::response(response.status, response.reason(), &response.headers);
        Effect::new("The response is sent to the caller.").with("response", response)
    });
}

fn configuration(exchange: &Exchange) -> Detail {
    let entities = &exchange.entities;
    let nothing = || Detail::from("-");
    let api = entities.api.as_ref().map_or_else(nothing, |api| {
        let version = if api.version.is_empty() { "-" } else { &*api.version };
        Detail::Fields(vec![
            ("id", (&*api.id).into()),
            ("from", format!("/{}", api.path).into()),
            ("to", api.service_url.as_ref().map_or_else(nothing, url)),
            ("version", version.into()),
            ("revision", (&*api.revision).into()),
        ])
    });
    let operation = entities.operation.as_ref().map_or_else(nothing, |operation| {
        Detail::Fields(vec![
            ("id", (&*operation.id).into()),
            ("method", (&*operation.method).into()),
            ("uriTemplate", (&*operation.url_template).into()),
        ])
    });
    let id = |id: Option<&str>| id.map_or_else(nothing, |id| Detail::Fields(vec![("id", id.into())]));
    Detail::Fields(vec![
        ("api", api),
        ("operation", operation),
        ("user", id(entities.user.as_ref().map(|user| &*user.id))),
        ("product", id(entities.product.as_ref().map(|product| &*product.id))),
        ("subscription", id(entities.subscription.as_ref().map(|subscription| &*subscription.id))),
    ])
}

fn url(url: &Url) -> Detail {
    let query = url.query.as_deref().map(|query| format!("?{query}")).unwrap_or_default();
    Detail::Fields(vec![
        ("scheme", url.scheme.as_str().into()),
        ("host", (&*url.host).into()),
        ("port", i64::from(url.port).into()),
        ("path", (&*url.path).into()),
        ("queryString", query.into()),
    ])
}
