//! The feed for self-hosted gateways, below `/gateway/v1` of the management listener.
//!
//! A gateway sends its token as `Authorization: GatewayKey …` and JSON as [`replication`] has it:
//!
//! | request | answer |
//! |---|---|
//! | `POST documents`, what it holds | 200, what differs, and the place where it stands then |
//! | `GET changes?database=D&position=N&wait=S` | 200, what follows its place, after up to `S` seconds; 409 `PositionUnknown`: start again with `documents` |
//! | `POST heartbeat`, how it is | 204 |
//!
//! A token that is not good is answered with 401 in the words of any other ARM error.

use std::time::Duration;

use arm::{Code, Error, Result};
use axum::{
    body::Body,
    http::{header, request::Parts},
};
use control::{Answer, Control};
use replication::{Heartbeat, Held, Place};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::wire;

/// The first segment of every path.
pub(crate) const ROOT: &str = "gateway";

/// How large the list of what a gateway holds may be, in bytes: some 600,000 documents.
const HELD_LIMIT: usize = 64 * 1024 * 1024;

const HEARTBEAT_LIMIT: usize = 64 * 1024;

/// The longest that a request waits for a change.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

pub(crate) async fn answer(control: &Control, parts: &Parts, path: &[&str], body: Body) -> Result<Answer> {
    // Nobody's body is read before it is known who sends it.
    let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let caller = control.gateway(authorization).await?;
    match (parts.method.as_str(), path) {
        ("POST", [_, "v1", "documents"]) => {
            let held: Held = read(body, HELD_LIMIT).await?;
            told(&control.gateway_documents(&caller, &held).await?)
        }
        ("GET", [_, "v1", "changes"]) => {
            let query = wire::query(&parts.uri);
            let param = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
            let number = |name: &str| {
                let value = param(name).and_then(|value| value.parse::<u64>().ok());
                value.ok_or_else(|| Error::new(Code::InvalidParameters, format!("'{name}' must be a whole number.")))
            };
            let place =
                Place { database: param("database").unwrap_or_default().to_owned(), position: number("position")? };
            let wait = Duration::from_secs(number("wait")?).min(LONGEST_WAIT);
            match control.gateway_changes(&caller, &place, wait).await? {
                Some(changes) => told(&changes),
                None => {
                    let message = "This node does not know what the gateway has there. Start again with what it holds.";
                    let error = json!({ "error": { "code": "PositionUnknown", "message": message } });
                    Ok(Answer::json(409, error))
                }
            }
        }
        ("POST", [_, "v1", "heartbeat"]) => {
            let heartbeat: Heartbeat = read(body, HEARTBEAT_LIMIT).await?;
            control.gateway_heartbeat(&caller, heartbeat);
            Ok(Answer::status(204))
        }
        _ => Err(Error::new(Code::ResourceNotFound, format!("Nothing is at '{}'.", parts.uri.path()))),
    }
}

fn told(message: &impl Serialize) -> Result<Answer> {
    // Secrets are in it.
    Ok(Answer::json(200, serde_json::to_value(message).map_err(Error::internal)?).header("cache-control", "no-store"))
}

async fn read<T: DeserializeOwned>(body: Body, limit: usize) -> Result<T> {
    let body = wire::body(body, limit).await?;
    let wrong = |error| Error::new(Code::InvalidRequestContent, format!("The request body cannot be read: {error}."));
    serde_json::from_slice(&body).map_err(wrong)
}
