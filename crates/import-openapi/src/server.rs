//! Where the backend is: `servers` of OpenAPI 3, `schemes`, `host` and `basePath` of OpenAPI 2.

use serde_json::Value;

/// The service URL: the first HTTPS server, else the first absolute one. Variables take their defaults.
pub(crate) fn service_url(document: &Value) -> Option<String> {
    let urls = match document.get("servers").and_then(Value::as_array) {
        Some(servers) => servers.iter().filter_map(expanded).collect(),
        None => swagger_urls(document),
    };
    let absolute = |url: &&String| url.contains("://");
    let secure = urls.iter().find(|url| url.to_ascii_lowercase().starts_with("https://"));
    secure.or_else(|| urls.iter().find(absolute)).map(|url| url.trim_end_matches('/').to_owned())
}

fn expanded(server: &Value) -> Option<String> {
    let mut url = server.get("url")?.as_str()?.to_owned();
    for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten() {
        if let Some(default) = variable.get("default").and_then(Value::as_str) {
            url = url.replace(&format!("{{{name}}}"), default);
        }
    }
    (!url.contains('{')).then_some(url)
}

fn swagger_urls(document: &Value) -> Vec<String> {
    let Some(host) = document.get("host").and_then(Value::as_str) else { return Vec::new() };
    let base = document.get("basePath").and_then(Value::as_str).unwrap_or_default();
    let schemes = document.get("schemes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut schemes: Vec<&str> =
        schemes.iter().filter_map(Value::as_str).filter(|scheme| scheme.starts_with("http")).collect();
    if schemes.is_empty() {
        schemes.push("https");
    }
    schemes.iter().map(|scheme| format!("{scheme}://{host}{base}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_secure_server_wins() {
        let document =
            json!({ "servers": [{ "url": "http://a" }, { "url": "https://b/v1/" }, { "url": "https://c" }] });
        assert_eq!(service_url(&document).as_deref(), Some("https://b/v1"));
    }

    #[test]
    fn variables_take_their_defaults_and_a_relative_url_is_none() {
        let server = json!({ "url": "https://{env}.x/{v}", "variables": { "env": { "default": "prod" }, "v": { "default": "2" } } });
        assert_eq!(service_url(&json!({ "servers": [server] })).as_deref(), Some("https://prod.x/2"));
        assert_eq!(service_url(&json!({ "servers": [{ "url": "/v1" }] })), None);
    }

    #[test]
    fn openapi_2_joins_scheme_host_and_base_path() {
        let document = json!({ "host": "a.example", "basePath": "/v2", "schemes": ["http"] });
        assert_eq!(service_url(&document).as_deref(), Some("http://a.example/v2"));
        assert_eq!(service_url(&json!({ "host": "a.example" })).as_deref(), Some("https://a.example"));
    }
}
