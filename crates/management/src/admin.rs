//! Status, metrics and key rotation on plain HTTP, for whoever runs the node. Nothing here shows a secret.

use std::{pin::Pin, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::Value;

/// What the node tells about itself.
pub trait Node: Send + Sync {
    /// The state as JSON; `healthy` says whether everything is as it should be.
    fn status(&self) -> Pin<Box<dyn Future<Output = Value> + Send + '_>>;

    /// The metrics in the OpenMetrics text format.
    fn metrics(&self) -> String;

    /// Whether `token` is the node's admin token.
    fn admits(&self, token: &str) -> bool;

    /// Makes a new key and seals every secret with it; how many secrets that were.
    fn rotate_keys(&self) -> Pin<Box<dyn Future<Output = Result<usize, String>> + Send + '_>>;
}

/// The admin address as one service.
pub fn admin_router(node: Arc<dyn Node>) -> Router {
    Router::new()
        .route("/status", get(status))
        .route("/metrics", get(metrics))
        .route("/keys/rotate", post(rotate_keys))
        .with_state(node)
}

async fn status(State(node): State<Arc<dyn Node>>) -> Response {
    json(StatusCode::OK, &node.status().await)
}

async fn metrics(State(node): State<Arc<dyn Node>>) -> Response {
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    // It waits for the thread that reads the records.
    match tokio::task::spawn_blocking(move || node.metrics()).await {
        Ok(metrics) => ([(header::CONTENT_TYPE, content_type)], metrics).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn rotate_keys(State(node): State<Arc<dyn Node>>, headers: HeaderMap) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if !token.is_some_and(|token| node.admits(token)) {
        let body = serde_json::json!({ "error": "the admin token in the data folder must be sent as a bearer token" });
        return json(StatusCode::UNAUTHORIZED, &body);
    }
    match node.rotate_keys().await {
        Ok(sealed) => json(StatusCode::OK, &serde_json::json!({ "resealed": sealed })),
        Err(message) => json(StatusCode::INTERNAL_SERVER_ERROR, &serde_json::json!({ "error": message })),
    }
}

fn json(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
